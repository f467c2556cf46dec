/* coordinator_sockets.c - moves messages between the sockets and roll or inquiry (coordinator_internal.h). */
#include "coordinator_internal.h"

#include "runtime/router.h"

#include <stdlib.h>
#include <string.h>

#define REPORTS_A_TURN  256
#define REQUESTS_A_TURN 16

/* The device behind a connection over tcp, as it is now: NULL where it is none or was revoked. */
static const struct device *device_of(const struct coordinator *coordinator, zmq_msg_t *body) {
    const char *user_id = zmq_msg_gets(body, "User-Id"); /* on the body frame only */
    const struct device *device =
        user_id ? books_device(coordinator->books, (uint32_t)strtoul(user_id, NULL, 10)) : NULL;
    return device && !device->revoked ? device : NULL;
}

static enum result take_reports_of(struct coordinator *coordinator, zsock_t *socket, bool tcp, int64_t now_ms,
                                   struct failure *why) {
    struct router_message message;
    enum result result = RESULT_OK;
    for (int count = 0; socket && result == RESULT_OK && count < REPORTS_A_TURN; count++) {
        if (!router_receive(zsock_resolve(socket), &message))
            return RESULT_OK;
        const struct device *device = tcp ? device_of(coordinator, &message.body) : NULL;
        bool may = !tcp || (device && device->role == ROLE_SERVICE);
        struct worker_peer peer = {.size = message.peer_size, .tcp = tcp};
        memcpy(peer.id, message.peer, message.peer_size);
        if (!message.malformed && may)
            result = roll_report(coordinator->roll, &peer, zmq_msg_data(&message.body),
                                 zmq_msg_size(&message.body), now_ms, why);
        zmq_msg_close(&message.body);
    }
    return result;
}

enum result coordinator_take_reports(struct coordinator *coordinator, int64_t now_ms, struct failure *why) {
    enum result result = take_reports_of(coordinator, coordinator->workers, false, now_ms, why);
    if (result == RESULT_OK)
        result = take_reports_of(coordinator, coordinator->workers_tcp, true, now_ms, why);
    return result;
}

static enum result take_requests_of(struct coordinator *coordinator, zsock_t *socket, bool tcp,
                                    const struct inquiry_time *time, struct failure *why) {
    struct router_message message;
    enum result result = RESULT_OK;
    for (int count = 0; socket && result == RESULT_OK && count < REQUESTS_A_TURN; count++) {
        if (!router_receive(zsock_resolve(socket), &message))
            return RESULT_OK;
        const struct device *device = tcp ? device_of(coordinator, &message.body) : NULL;
        struct asker asker = {.operator_here = !tcp};
        if (device) {
            asker.device = device->id;
            asker.role = device->role;
        }
        struct inquiry_peer peer = {.size = message.peer_size, .tcp = tcp};
        memcpy(peer.id, message.peer, message.peer_size);
        if (!message.malformed)
            result = inquiry_request(coordinator->inquiry, &peer, &asker, zmq_msg_data(&message.body),
                                     zmq_msg_size(&message.body), time, why);
        zmq_msg_close(&message.body);
    }
    return result;
}

enum result coordinator_take_requests(struct coordinator *coordinator, const struct inquiry_time *time,
                                      struct failure *why) {
    enum result result = take_requests_of(coordinator, coordinator->tools, false, time, why);
    if (result == RESULT_OK)
        result = take_requests_of(coordinator, coordinator->tools_tcp, true, time, why);
    return result;
}

/* False where the peer is gone or its queue is full: it asks, or reports, again. */
static bool post(zsock_t *socket, const uint8_t *peer, size_t peer_size, const uint8_t *data, size_t size) {
    void *router = socket ? zsock_resolve(socket) : NULL;
    return router && zmq_send(router, peer, peer_size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
           zmq_send(router, data, size, ZMQ_DONTWAIT) >= 0;
}

bool coordinator_send_orders(void *context, const struct worker_peer *peer, const uint8_t *orders,
                             size_t size) {
    struct coordinator *coordinator = context;
    return post(peer->tcp ? coordinator->workers_tcp : coordinator->workers, peer->id, peer->size, orders,
                size);
}

void coordinator_send_reply(void *context, const struct inquiry_peer *peer, const uint8_t *data,
                            size_t size) {
    struct coordinator *coordinator = context;
    (void)post(peer->tcp ? coordinator->tools_tcp : coordinator->tools, peer->id, peer->size, data, size);
}
