/* request.h - one HTTP request as its handler sees it: what was asked, who asks, and how to answer.
 *
 * A handler is called when the whole body is there and the caller may do this. It answers at once, or says
 * request_wait and answers later: exactly once, always (every wait has a deadline of its own). A request that
 * waits can't vanish, also where its client went: libmicrohttpd does not look at suspended connections. What
 * getters return lives as long as the request. Loop thread only.
 */
#ifndef GATEWAY_REQUEST_H
#define GATEWAY_REQUEST_H

#include "cakupan/refusal.h"
#include "caller.h"
#include "spool.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gateway;
struct page;
struct request;

/* Who sees what: the public gets no cells of fewer than five people. */
enum audience { AUDIENCE_PUBLIC = 0, AUDIENCE_OFFICER, AUDIENCE_COUNT };

/* What was asked. Texts are UTF-8 without NUL, checked; NULL where absent. */
struct gateway *request_gateway(const struct request *request);
const char *request_path(const struct request *request);                 /* percent-decoded; may hold a NIK */
const char *request_part(const struct request *request, unsigned index); /* of "/v1/jobs/{}": 0 is the id */
const char *request_parameter(const struct request *request, const char *name);
const char *request_header(const struct request *request, const char *name);
const uint8_t *request_body(const struct request *request, size_t *size); /* NULL: none, or in a file */
const char *
request_spool(const struct request *request); /* ROUTE_BODY_SPOOLED: the file that holds the body */
/* The file is the caller's from then on; else the request removes it. False: there is none. */
bool request_spool_take(struct request *request, char path[SPOOL_PATH]);
/* The other way round: the file is the request's from then on, which removes it at its end. */
void request_spool_give(struct request *request, char path[SPOOL_PATH]);
/* Who asks; `known` is false where no token came (open routes only). */
const struct caller *request_caller(const struct request *request);
enum audience request_audience(const struct request *request);
/* ?language=, else Accept-Language, else Indonesian. */
enum language request_language(const struct request *request);

/* Answers. Each may be called once, in the handler or after request_wait. */
void request_wait(struct request *request);
void request_page(struct request *request, struct page *page); /* 200 or 304; takes a reference of its own */
void request_json(struct request *request, unsigned status, json_t *body); /* takes the reference; no-store */
/* `bytes` were allocated by malloc and become the request's. */
void request_bytes(struct request *request, unsigned status, const char *type, char *bytes, size_t size);
/* `location` for 201 and 202. */
void request_json_at(struct request *request, unsigned status, const char *location, json_t *body);
/* Sends the file from its beginning as an attachment and closes `fd`. */
void request_file(struct request *request, int fd, uint64_t size, const char *type, const char *name);
/* problem.h's sentence for `code` with `value` (NULL: none), or `sentence` where the owner made one. */
void request_problem(struct request *request, const char *code, const char *value);
void request_problem_said(struct request *request, const char *code, const char *sentence, json_t *members);

/* An answer without end. `read` writes what there is: 0 nothing now (it is asked again after request_ready),
 * -1 the end. `closed` is called once, also where the client went. */
struct request_stream {
    ssize_t (*read)(void *context, char *out, size_t capacity);
    void (*closed)(void *context);
    void *context;
};
void request_stream(struct request *request, const char *type, const struct request_stream *stream);
void request_ready(struct request *request);

#endif
