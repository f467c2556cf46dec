/* connections.c - the times that connections have (connections.h). */
#include "connections.h"

#include "problem.h"
#include "runtime/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LOOK_EVERY_MS 500
/* The kernel would keep up to 4 MiB of messages for each watcher that never reads. */
#define STREAM_SEND_BUFFER 65536

struct connections {
    struct connection *first;
    int64_t looked_ms;
};

struct connections *connections_new(void) {
    struct connections *connections = calloc(1, sizeof *connections);
    if (!connections)
        abort();
    return connections;
}

void connections_destroy(struct connections **connections) {
    free(*connections);
    *connections = NULL;
}

static void address_take(struct connection *connection, const struct sockaddr *address) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
    if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        connection->address_size = 4;
        memcpy(connection->address, v6->sin6_addr.s6_addr + 12, 4);
    } else if (address->sa_family == AF_INET6) {
        connection->address_size = 8;
        memcpy(connection->address, v6->sin6_addr.s6_addr, 8);
        connection->local = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
        return;
    } else if (address->sa_family == AF_INET) {
        connection->address_size = 4;
        memcpy(connection->address, &v4->sin_addr, 4);
    }
    connection->local = connection->address_size == 4 && connection->address[0] == 127;
}

struct connection *connections_add(struct connections *connections, int fd, const struct sockaddr *address,
                                   bool tls, int64_t now_ms) {
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        abort();
    connection->fd = fd;
    connection->tls = tls;
    address_take(connection, address);
    connection->next = connections->first;
    connection->slot = &connections->first;
    if (connection->next)
        connection->next->slot = &connection->next;
    connections->first = connection;
    connection_enter(connection, CONNECTION_HEADERS, 0, now_ms);
    return connection;
}

void connections_remove(struct connection **connection) {
    if (!*connection)
        return;
    *(*connection)->slot = (*connection)->next;
    if ((*connection)->next)
        (*connection)->next->slot = (*connection)->slot;
    free(*connection);
    *connection = NULL;
}

static void send_buffer_bound(const struct connection *connection) {
    const int size = STREAM_SEND_BUFFER;
    if (setsockopt(connection->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0)
        log_warning("a stream's send buffer can't be bounded: %s", strerror(errno));
}

void connection_enter(struct connection *connection, enum connection_stage stage, uint64_t bytes,
                      int64_t now_ms) {
    static const int64_t allowed_ms[] = {
        [CONNECTION_HEADERS] = CONNECTION_HEADERS_MS,
        [CONNECTION_IDLE] = CONNECTION_IDLE_MS + CONNECTION_HEADERS_MS,
        [CONNECTION_BODY] = CONNECTION_IDLE_MS,
        [CONNECTION_ANSWER] = CONNECTION_REQUEST_MS,
        [CONNECTION_STREAM] = INT64_MAX / 2,
    };
    if (stage == CONNECTION_STREAM)
        send_buffer_bound(connection);
    connection->stage = stage;
    connection->begun_ms = now_ms;
    connection->deadline_ms = now_ms + allowed_ms[stage] + (int64_t)(bytes * 1000 / CONNECTION_BYTES_S_MIN);
}

void connection_progress(struct connection *connection, int64_t now_ms) {
    int64_t end_ms = connection->begun_ms + CONNECTION_REQUEST_MS;
    connection->deadline_ms = now_ms + CONNECTION_IDLE_MS < end_ms ? now_ms + CONNECTION_IDLE_MS : end_ms;
}

/* Nothing of an answer was sent: this is the whole of it. libmicrohttpd can't answer in the middle of a
 * request, and within TLS only it could write. */
static void slow_tell(const struct connection *connection) {
    char answer[1024];
    json_t *body = problem_json("REQUEST_SLOW", LANGUAGE_INDONESIAN, NULL, NULL, "", NULL);
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (!text)
        abort();
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: "
                        "application/problem+json\r\nContent-Length: %zu\r\n\r\n%s",
                        strlen(text), text);
    free(text);
    if (size > 0 && (size_t)size < sizeof answer)
        (void)!send(connection->fd, answer, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void connection_cut(struct connection *connection) {
    shutdown(connection->fd, SHUT_RDWR);
    connection->deadline_ms = INT64_MAX / 2; /* once is enough */
}

void connections_work(struct connections *connections, int64_t now_ms) {
    if (now_ms - connections->looked_ms < LOOK_EVERY_MS)
        return;
    connections->looked_ms = now_ms;
    for (struct connection *connection = connections->first; connection; connection = connection->next) {
        if (connection->deadline_ms > now_ms)
            continue;
        bool receiving = connection->stage == CONNECTION_HEADERS || connection->stage == CONNECTION_BODY;
        if (receiving && !connection->tls)
            slow_tell(connection);
        connection_cut(connection);
    }
}
