/* request_internal.h - a request between the daemon (http*.c) and its handler (request.c). For those
 * alone. */
#ifndef GATEWAY_REQUEST_INTERNAL_H
#define GATEWAY_REQUEST_INTERNAL_H

#include "connections.h"
#include "routes.h"
#include "spool.h"
#include "target.h"

#include <microhttpd.h>

/* What was read of it so far. */
enum request_phase {
    PHASE_LINE,    /* the request line */
    PHASE_HEADERS, /* all headers, looked at; enrollment may be asked whose the token is */
    PHASE_BODY,
};
/* receiving -> handled -> (waiting) -> answered -> queued. It is in a handler's hands (handled, waiting)
 * twice where enrollment is asked first: after the headers, and with its body. */
enum request_state { REQUEST_RECEIVING, REQUEST_HANDLED, REQUEST_WAITING, REQUEST_ANSWERED, REQUEST_QUEUED };

struct request {
    struct gateway *gateway;
    struct MHD_Connection *connection;
    struct connection *peer;
    const struct route *route; /* NULL: none was found */
    enum request_phase phase;
    enum request_state state;
    bool suspended, has_body;
    bool unframed; /* nobody can tell where it ends */
    int64_t started_us;
    char path[128]; /* for problems: the route's where there is one, never a NIK */
    char parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX];
    const char *target_wrong; /* code, NULL: the target is fine */
    struct target target;
    struct caller caller;
    uint8_t *body;
    uint64_t body_said; /* Content-Length; ROUTE_BODY_UNKNOWN where it comes in chunks */
    size_t body_size, body_capacity;
    char spool_path[SPOOL_PATH]; /* "": none */
    int spool_fd;
    struct MHD_Response *response; /* ours until it is queued, or `page`'s */
    struct page *page;             /* a reference; NULL: the response is the request's own */
    unsigned status;
    struct request_stream stream;
    struct request *next, **slot; /* of all that are not completed */
};

/* Out of the hands of who looked at the headers: the body may come. */
void request_receive(struct request *request);
/* Takes over the response. */
void request_answer(struct request *request, unsigned status, struct MHD_Response *response);
/* RATE_LIMITED and its kin. */
void request_limited(struct request *request, const char *code, uint32_t retry_ms);
/* Suspends what waits; called by the access handler and by readers of streams alone. */
void request_suspend(struct request *request);
void request_list(struct request *request, struct request **head);

#endif
