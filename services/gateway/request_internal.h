/* request_internal.h - a request between the daemon (http.c) and its handler (request.c). For those two
 * alone. */
#ifndef GATEWAY_REQUEST_INTERNAL_H
#define GATEWAY_REQUEST_INTERNAL_H

#include "routes.h"

#include <microhttpd.h>

/* new -> (body) -> handled -> waiting -> answered -> queued; each is entered once, `waiting` may be left
 * out. */
enum request_state { REQUEST_BODY, REQUEST_HANDLED, REQUEST_WAITING, REQUEST_ANSWERED, REQUEST_QUEUED };

struct request {
    struct gateway *gateway;
    struct MHD_Connection *connection;
    const struct route *route; /* NULL: none was found */
    enum request_state state;
    bool suspended;
    char path[128]; /* for problems: the route's where there is one, never a NIK */
    char parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX];
    struct caller caller;
    uint8_t *body;
    size_t body_size, body_capacity;
    struct MHD_Response *response; /* ours until it is queued */
    unsigned status;
    struct request_stream stream;
    struct request *next, **slot; /* of those that wait, for the stop */
};

/* Takes over the response. */
void request_answer(struct request *request, unsigned status, struct MHD_Response *response);
/* Suspends what waits; called by http.c alone, in the access handler. */
void request_suspend(struct request *request);
void request_list(struct request *request, struct request **head);

#endif
