/* request.c - what a handler reads of a request, and its answers (request.h). */
#include "request_internal.h"

#include "headers.h"
#include "page.h"
#include "problem.h"
#include "rights.h"
#include "runtime/require.h"
#include "view/totals_json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STREAM_BLOCK_BYTES 16384

struct gateway *request_gateway(const struct request *request) {
    return request->gateway;
}
const char *request_part(const struct request *request, unsigned index) {
    return index < ROUTE_PARTS_MAX && request->parts[index][0] ? request->parts[index] : NULL;
}
const char *request_parameter(const struct request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}
const char *request_header(const struct request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}
const uint8_t *request_body(const struct request *request, size_t *size) {
    *size = request->body_size;
    return request->body;
}
const struct caller *request_caller(const struct request *request) {
    return &request->caller;
}
enum audience request_audience(const struct request *request) {
    bool officer = request->caller.known && (ROLE_BIT(request->caller.role) & ROLES_OFFICERS);
    return officer ? AUDIENCE_OFFICER : AUDIENCE_PUBLIC;
}

enum language request_language(const struct request *request) {
    const char *wish = request_parameter(request, "language");
    if (!wish)
        wish = request_header(request, MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
    return wish && strncmp(wish, "en", 2) == 0 ? LANGUAGE_ENGLISH : LANGUAGE_INDONESIAN;
}

void request_list(struct request *request, struct request **head) {
    request->next = *head;
    request->slot = head;
    if (*head)
        (*head)->slot = &request->next;
    *head = request;
}

void request_wait(struct request *request) {
    require(request->state == REQUEST_HANDLED, "a request waits once, in its handler");
    request->state = REQUEST_WAITING;
}

void request_suspend(struct request *request) {
    request->suspended = true;
    MHD_suspend_connection(request->connection);
}

void request_answer(struct request *request, unsigned status, struct MHD_Response *response) {
    require(response, "there is memory for an answer");
    require(request->state == REQUEST_HANDLED || request->state == REQUEST_WAITING,
            "a request is answered once");
    request->state = REQUEST_ANSWERED;
    request->status = status;
    request->response = response;
    if (request->suspended) {
        request->suspended = false;
        MHD_resume_connection(request->connection);
    }
}

static struct MHD_Response *response_make(char *bytes, size_t size, const char *type) {
    struct MHD_Response *response = MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE);
    require(response, "there is memory for an answer");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    headers_secure(response);
    return response;
}

void request_bytes(struct request *request, unsigned status, const char *type, char *bytes, size_t size) {
    request_answer(request, status, response_make(bytes, size, type));
}

void request_json_at(struct request *request, unsigned status, const char *location, json_t *body) {
    char *text = json_dumps(body, JSON_COMPACT | JSON_TEXT_FLAGS);
    json_decref(body);
    require(text, "an answer of ours is JSON");
    struct MHD_Response *response = response_make(text, strlen(text), "application/json");
    if (location)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, location);
    request_answer(request, status, response);
}

void request_json(struct request *request, unsigned status, json_t *body) {
    request_json_at(request, status, NULL, body);
}

static void problem_answer(struct request *request, const char *code, const char *value, const char *sentence,
                           json_t *members) {
    unsigned status = problem_kind(code)->status;
    json_t *body = problem_json(code, request_language(request), value, sentence, request->path, members);
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    require(text, "a problem is JSON");
    struct MHD_Response *response = response_make(text, strlen(text), "application/problem+json");
    if (status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED && value)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, value);
    request_answer(request, status, response);
}

void request_problem(struct request *request, const char *code, const char *value) {
    problem_answer(request, code, value, NULL, NULL);
}

void request_problem_said(struct request *request, const char *code, const char *sentence, json_t *members) {
    problem_answer(request, code, NULL, sentence, members);
}

/* Every answer owns one reference: the page's response gets another one by being queued, so ours is given
 * back at once, and the page keeps its own. */
void request_page(struct request *request, struct page *page) {
    unsigned status;
    struct MHD_Response *response =
        page_response(page, request_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING),
                      request_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH), &status);
    require(request->state == REQUEST_HANDLED && !request->suspended, "a page answers at once");
    require(MHD_queue_response(request->connection, status, response) == MHD_YES, "an answer can be queued");
    request->state = REQUEST_QUEUED;
}

void request_file(struct request *request, int fd, uint64_t size, const char *type, const char *name) {
    char disposition[160];
    struct MHD_Response *response = MHD_create_response_from_fd64(size, fd);
    require(response, "there is memory for an answer");
    snprintf(disposition, sizeof disposition, "attachment; filename=\"%.100s\"", name);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, disposition);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    headers_secure(response);
    request_answer(request, MHD_HTTP_OK, response);
}

/* A reader that has nothing suspends itself: one that returns 0 otherwise is called again at once, for
 * ever. */
static ssize_t stream_read(void *context, uint64_t position, char *out, size_t capacity) {
    struct request *request = context;
    (void)position;
    ssize_t size = request->stream.read(request->stream.context, out, capacity);
    if (size < 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (size == 0)
        request_suspend(request);
    return size;
}

void request_stream(struct request *request, const char *type, const struct request_stream *stream) {
    request->stream = *stream;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_read, request, NULL);
    require(response, "there is memory for an answer");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    headers_secure(response);
    request_answer(request, MHD_HTTP_OK, response);
}

void request_ready(struct request *request) {
    if (!request->suspended)
        return;
    request->suspended = false;
    MHD_resume_connection(request->connection);
}
