/* http_access.c - the way of a request through the daemon: line, headers, body, handler, answer, end.
 *
 * libmicrohttpd calls http_target with the request line, then http_access once for the headers (again,
 * where they made it wait), once for each piece of the body, once at its end, and again after a suspended
 * request was answered.
 */
#include "http_internal.h"

#include "gateway_internal.h"
#include "page.h"
#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/require.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_FIRST     4096u
#define BODY_IN_MEMORY (256u << 20) /* of all requests */
#define BODY_DROPPED_MAX                                                                                     \
    (32u << 20) /* of a body that is refused: read, so that its sender reads the answer */

void *http_target(void *context, const char *target, struct MHD_Connection *connection) {
    struct http *http = context;
    struct request *request = calloc(1, sizeof *request);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (!request)
        abort();
    request->gateway = http->gateway;
    request->connection = connection;
    request->peer = info->socket_context;
    request->spool_fd = -1;
    request->started_us = clock_monotonic_us();
    request->target_wrong = target_decode(target, &request->target);
    request_list(request, &http->open);
    return request;
}

static void body_forget(struct http *http, struct request *request) {
    http->body_bytes -= request->body_capacity;
    free(request->body);
    request->body = NULL;
    request->body_size = request->body_capacity = 0;
    if (request->spool_fd >= 0)
        close(request->spool_fd);
    request->spool_fd = -1;
    if (request->spool_path[0])
        spool_remove(http->gateway->spool, request->spool_path);
    request->spool_path[0] = '\0';
}

static void response_forget(struct request *request) {
    if (request->page)
        page_release(&request->page);
    else if (request->response)
        MHD_destroy_response(request->response);
    request->response = NULL;
}

void http_completed(void *context, struct MHD_Connection *connection, void **slot,
                    enum MHD_RequestTerminationCode code) {
    struct http *http = context;
    struct request *request = *slot;
    (void)connection;
    (void)code;
    if (!request)
        return;
    *slot = NULL;
    metrics_request(http->gateway->metrics, request->route, request->status,
                    clock_monotonic_us() - request->started_us);
    if (request->stream.closed)
        request->stream.closed(request->stream.context);
    response_forget(request);
    *request->slot = request->next;
    if (request->next)
        request->next->slot = request->slot;
    connection_enter(request->peer, CONNECTION_IDLE, 0, http->gateway->now_ms);
    body_forget(http, request);
    free(request);
}

/* The request is in our hands: it is answered with a problem, and what still comes of its body is dropped. */
static void body_refuse(struct http *http, struct request *request, const char *code, const char *value) {
    body_forget(http, request);
    request->state = REQUEST_HANDLED;
    request_problem(request, code, value);
}

static void body_keep(struct http *http, struct request *request, const char *data, size_t size) {
    if (request->body_size + size > request->body_capacity) {
        size_t wanted = request->body_capacity ? request->body_capacity * 2 : BODY_FIRST;
        while (wanted < request->body_size + size)
            wanted *= 2;
        if (http->body_bytes - request->body_capacity + wanted > BODY_IN_MEMORY) {
            body_refuse(http, request, "BUSY", NULL);
            return;
        }
        request->body = realloc(request->body, wanted);
        if (!request->body)
            abort();
        http->body_bytes += wanted - request->body_capacity;
        request->body_capacity = wanted;
    }
    memcpy(request->body + request->body_size, data, size);
}

static void body_spool(struct http *http, struct request *request, const char *data, size_t size) {
    struct failure why;
    uint64_t expected =
        request->body_said == ROUTE_BODY_UNKNOWN ? request->route->body_max : request->body_said;
    if (request->spool_fd < 0 && spool_file(http->gateway->spool, expected, request->spool_path,
                                            &request->spool_fd, &why) != RESULT_OK) {
        request->spool_path[0] = '\0';
        request->spool_fd = -1;
        body_refuse(http, request, why.code, NULL);
        return;
    }
    for (size_t done = 0; done < size;) {
        ssize_t written = write(request->spool_fd, data + done, size - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            log_alarm("DISK_FULL: an upload can't be kept: %s.", strerror(errno));
            body_refuse(http, request, "DISK_FULL", NULL);
            return;
        }
        done += (size_t)written;
    }
}

static void body_take(struct http *http, struct request *request, const char *data, size_t size) {
    connection_progress(request->peer, http->gateway->now_ms);
    if (request->state == REQUEST_RECEIVING && request->body_size + size > request->route->body_max) {
        char most[16];
        snprintf(most, sizeof most, "%u", request->route->body_max);
        body_refuse(http, request, "BODY_TOO_LARGE", most);
    }
    if (request->state == REQUEST_RECEIVING && (request->route->flags & ROUTE_BODY_SPOOLED))
        body_spool(http, request, data, size);
    else if (request->state == REQUEST_RECEIVING)
        body_keep(http, request, data, size);
    request->body_size += size;
    if (request->state != REQUEST_RECEIVING && request->body_size > BODY_DROPPED_MAX)
        connection_cut(request->peer);
}

static enum MHD_Result queue(struct request *request) {
    enum MHD_Result result = MHD_queue_response(request->connection, request->status, request->response);
    response_forget(request);
    request->state = REQUEST_QUEUED;
    return result;
}

/* An answer before the body closes the connection, so it is given only where the sender waits for our
 * word (Expect), means to send more than we would read, or where nobody can tell the body's end. Else
 * what comes is dropped first: who is still sending when the connection closes never reads the answer. */
static bool answers_at_headers(const struct request *request) {
    bool endless = request->body_said != ROUTE_BODY_UNKNOWN && request->body_said > BODY_DROPPED_MAX;
    bool expects = request->has_body && request_header(request, MHD_HTTP_HEADER_EXPECT);
    return request->state == REQUEST_ANSWERED && (endless || expects || request->unframed);
}

static enum MHD_Result headers_taken(struct http *http, struct request *request) {
    request->phase = PHASE_BODY;
    if (answers_at_headers(request))
        return queue(request);
    if (request->has_body)
        connection_enter(request->peer, CONNECTION_BODY, 0, http->gateway->now_ms);
    return MHD_YES;
}

static void handle(struct http *http, struct request *request) {
    if (request->peer->stage == CONNECTION_BODY)
        connection_enter(request->peer, CONNECTION_ANSWER, 0, http->gateway->now_ms);
    request->state = REQUEST_HANDLED;
    if (request->gateway->stopping) /* its body came to its end since */
        request_problem(request, "STOPPING", NULL);
    else
        request->route->handle(request);
    require(request->state != REQUEST_HANDLED, "a handler answers or waits");
}

enum MHD_Result http_access(void *context, struct MHD_Connection *connection, const char *path,
                            const char *method, const char *version, const char *data, size_t *size,
                            void **slot) {
    struct http *http = context;
    struct request *request = *slot;
    (void)connection;
    (void)path;
    if (*size > 0) {
        body_take(http, request, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (request->phase == PHASE_LINE) {
        request->phase = PHASE_HEADERS;
        connection_enter(request->peer, CONNECTION_ANSWER, 0, http->gateway->now_ms);
        request_admit(request, method, version);
        if (request->state == REQUEST_WAITING) {
            request_suspend(request);
            return MHD_YES;
        }
    }
    if (request->phase == PHASE_HEADERS)
        return headers_taken(http, request);
    if (request->state == REQUEST_RECEIVING)
        handle(http, request);
    if (request->state == REQUEST_WAITING)
        request_suspend(request);
    return request->state == REQUEST_ANSWERED ? queue(request) : MHD_YES;
}
