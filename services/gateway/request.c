/* request.c - what a handler reads of a request, and its answers (request.h). */
#include "request_internal.h"

#include "gateway_internal.h"
#include "headers.h"
#include "page.h"
#include "problem.h"
#include "rights.h"
#include "runtime/require.h"
#include "view/totals_json.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STREAM_BLOCK_BYTES 16384

struct gateway *request_gateway(const struct request *request) {
    return request->gateway;
}
const char *request_path(const struct request *request) {
    return request->target.path;
}
const char *request_part(const struct request *request, unsigned index) {
    return index < ROUTE_PARTS_MAX && request->parts[index][0] ? request->parts[index] : NULL;
}
const char *request_parameter(const struct request *request, const char *name) {
    return target_parameter(&request->target, name);
}
const char *request_header(const struct request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}
const uint8_t *request_body(const struct request *request, size_t *size) {
    *size = request->body_size;
    return request->body;
}
const char *request_spool(const struct request *request) {
    return request->spool_path[0] ? request->spool_path : NULL;
}
bool request_spool_take(struct request *request, char path[SPOOL_PATH]) {
    memcpy(path, request->spool_path, SPOOL_PATH);
    request->spool_path[0] = '\0';
    return path[0] != '\0';
}
void request_spool_give(struct request *request, char path[SPOOL_PATH]) {
    require(!request->spool_path[0], "a request has one file");
    memcpy(request->spool_path, path, SPOOL_PATH);
    path[0] = '\0';
}
const struct caller *request_caller(const struct request *request) {
    return &request->caller;
}
enum audience request_audience(const struct request *request) {
    bool officer = request->caller.known && (ROLE_BIT(request->caller.role) & ROLES_OFFICERS);
    return officer ? AUDIENCE_OFFICER : AUDIENCE_PUBLIC;
}

/* The first of the two languages that a list names ("en-US,en;q=0.9,id;q=0.8"); who reads neither reads
 * English rather. */
static enum language language_of_list(const char *list) {
    for (const char *at = list; *at; at += strspn(at, ", ")) {
        if (strncasecmp(at, "id", 2) == 0)
            return LANGUAGE_INDONESIAN;
        if (strncasecmp(at, "en", 2) == 0)
            return LANGUAGE_ENGLISH;
        at += strcspn(at, ",");
    }
    return LANGUAGE_ENGLISH;
}

enum language request_language(const struct request *request) {
    const char *wish = request_parameter(request, "language");
    if (!wish)
        wish = request_header(request, MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
    return wish && *wish ? language_of_list(wish) : LANGUAGE_INDONESIAN;
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

void request_ready(struct request *request) {
    if (!request->suspended)
        return;
    request->suspended = false;
    MHD_resume_connection(request->connection);
}

static void state_leave(struct request *request, enum request_state state) {
    require(request->state == REQUEST_HANDLED || request->state == REQUEST_WAITING,
            "a request is answered once");
    request->state = state;
    request_ready(request);
}

void request_receive(struct request *request) {
    state_leave(request, REQUEST_RECEIVING);
}

void request_answer(struct request *request, unsigned status, struct MHD_Response *response) {
    require(response, "there is memory for an answer");
    request->status = status;
    request->response = response;
    state_leave(request, REQUEST_ANSWERED);
}

static struct MHD_Response *response_make(char *bytes, size_t size, const char *type) {
    struct MHD_Response *response = MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE);
    require(response, "there is memory for an answer");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    headers_secure(response);
    return response;
}

/* Problems keep the time that their request has: they may come while its body does. */
static void answer_sized(struct request *request, unsigned status, struct MHD_Response *response,
                         uint64_t size) {
    connection_enter(request->peer, CONNECTION_ANSWER, size, request->gateway->now_ms);
    request_answer(request, status, response);
}

void request_bytes(struct request *request, unsigned status, const char *type, char *bytes, size_t size) {
    answer_sized(request, status, response_make(bytes, size, type), size);
}

void request_json_at(struct request *request, unsigned status, const char *location, json_t *body) {
    char *text = json_dumps(body, JSON_COMPACT | JSON_TEXT_FLAGS);
    json_decref(body);
    require(text, "an answer of ours is JSON");
    size_t size = strlen(text);
    struct MHD_Response *response = response_make(text, size, "application/json");
    if (location)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, location);
    answer_sized(request, status, response, size);
}

void request_json(struct request *request, unsigned status, json_t *body) {
    request_json_at(request, status, NULL, body);
}

static void problem_answer(struct request *request, const char *code, const char *value, const char *sentence,
                           json_t *members) {
    unsigned status = problem_kind(code)->status;
    char retry_after[24];
    json_int_t retry_ms = json_integer_value(json_object_get(members, "retry_after_ms"));
    snprintf(retry_after, sizeof retry_after, "%lld", retry_ms > 0 ? (retry_ms + 999) / 1000 : 1LL);
    json_t *body = problem_json(code, request_language(request), value, sentence, request->path, members);
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    require(text, "a problem is JSON");
    struct MHD_Response *response = response_make(text, strlen(text), "application/problem+json");
    if (status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE || status == MHD_HTTP_TOO_MANY_REQUESTS)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, retry_after);
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

void request_limited(struct request *request, const char *code, uint32_t retry_ms) {
    char seconds[16];
    snprintf(seconds, sizeof seconds, "%u", (retry_ms + 999) / 1000);
    problem_answer(request, code, seconds, NULL, json_pack("{s:I}", "retry_after_ms", (json_int_t)retry_ms));
}

void request_page(struct request *request, struct page *page) {
    unsigned status;
    struct MHD_Response *response =
        page_response(page, request_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING),
                      request_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH), &status);
    request->page = page_reference(page);
    answer_sized(request, status, response, page_size(page));
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
    answer_sized(request, MHD_HTTP_OK, response, size);
}

/* A reader that has nothing suspends itself: one that returns 0 otherwise is called again at once, for
 * ever. */
static ssize_t stream_read(void *context, uint64_t position, char *out, size_t capacity) {
    struct request *request = context;
    (void)position;
    ssize_t size = request->stream.read(request->stream.context, out, capacity);
    if (size < 0 || (size == 0 && request->gateway->stopping))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (size == 0)
        request_suspend(request);
    return size;
}

void request_stream(struct request *request, const char *type, const struct request_stream *stream) {
    request->stream = *stream;
    connection_enter(request->peer, CONNECTION_STREAM, 0, request->gateway->now_ms);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_read, request, NULL);
    require(response, "there is memory for an answer");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    headers_secure(response);
    request_answer(request, MHD_HTTP_OK, response);
}
