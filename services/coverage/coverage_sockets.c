/* coverage_sockets.c - moves messages between the query socket and those who answer. */
#include "coverage_internal.h"

#include "runtime/router.h"

#include <errno.h>
#include <string.h>

#define REQUESTS_A_TURN 64

enum watchers_sent coverage_send(void *context, const struct watcher_peer *peer, const uint8_t *data,
                                 size_t size) {
    struct coverage *coverage = context;
    void *socket = zsock_resolve(coverage->query_socket);
    if (zmq_send(socket, peer->id, peer->size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return errno == EAGAIN ? SENT_NOT_NOW : SENT_TO_NOBODY;
    return zmq_send(socket, data, size, ZMQ_DONTWAIT) < 0 ? SENT_TO_NOBODY : SENT;
}

void coverage_answer(struct coverage *coverage, int64_t now_ms) {
    struct router_message message;
    for (int count = 0; count < REQUESTS_A_TURN; count++) {
        if (!router_receive(zsock_resolve(coverage->query_socket), &message))
            return;
        struct watcher_peer peer = {.size = message.peer_size};
        memcpy(peer.id, message.peer, peer.size);
        query_answer(coverage->query, &peer, message.malformed ? NULL : zmq_msg_data(&message.body),
                     zmq_msg_size(&message.body), now_ms);
        zmq_msg_close(&message.body);
    }
}
