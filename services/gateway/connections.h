/* connections.h - every open connection and until when it must have come further: libmicrohttpd knows
 * idle times alone, and who sends a byte now and then is never idle. */
#ifndef GATEWAY_CONNECTIONS_H
#define GATEWAY_CONNECTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTION_HEADERS_MS  10000  /* from the connection to the end of the first headers */
#define CONNECTION_IDLE_MS     30000  /* without progress; between two requests */
#define CONNECTION_REQUEST_MS  120000 /* from the headers to the answer; from there to its last byte */
#define CONNECTION_BYTES_S_MIN 16384  /* its sending may take longer by what its size needs at this pace */
#define CONNECTION_ADDRESS_MAX 16

struct connections;

/* What a connection does. */
enum connection_stage {
    CONNECTION_HEADERS, /* the first request's headers come */
    CONNECTION_IDLE,    /* the next request, or nothing, comes */
    CONNECTION_BODY,
    CONNECTION_ANSWER, /* it is made or sent */
    CONNECTION_STREAM, /* without end; libmicrohttpd watches that it is read */
};

struct connection {
    int fd;
    bool tls;
    enum connection_stage stage;
    int64_t begun_ms, deadline_ms;
    uint8_t
        address[CONNECTION_ADDRESS_MAX]; /* four bytes, or the first eight of IPv6: a household's network */
    uint8_t address_size;
    bool local; /* the other end is on this machine */
    struct connection *next, **slot;
};

struct connections *connections_new(void);
void connections_destroy(struct connections **connections);
struct connection *connections_add(struct connections *connections, int fd, const struct sockaddr *address,
                                   bool tls, int64_t now_ms);
void connections_remove(struct connection **connection);
/* One function moves a connection on: `bytes` is the answer's size, for CONNECTION_ANSWER. */
void connection_enter(struct connection *connection, enum connection_stage stage, uint64_t bytes,
                      int64_t now_ms);
/* A piece of the body came. */
void connection_progress(struct connection *connection, int64_t now_ms);
/* Ends it: libmicrohttpd sees the end of its socket, and closes. */
void connection_cut(struct connection *connection);
/* Tells those that are too slow so (REQUEST_SLOW, where no answer was begun) and shuts them down, so that
 * libmicrohttpd closes them. */
void connections_work(struct connections *connections, int64_t now_ms);

#endif
