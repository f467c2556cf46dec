/* coverage_sockets.c - moves messages between the query socket and those who answer. */
#include "coverage_internal.h"

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

/* Receives one frame into `message`, which the caller closes. False where none waits. */
static bool receive(void *socket, zmq_msg_t *message) {
    zmq_msg_init(message);
    if (zmq_msg_recv(message, socket, ZMQ_DONTWAIT) >= 0)
        return true;
    zmq_msg_close(message);
    return false;
}

/* Takes a whole message: the peer, and its body where it is exactly one frame (`*has_body`). */
static bool receive_request(void *socket, struct watcher_peer *peer, zmq_msg_t *body, bool *has_body) {
    zmq_msg_t frame;
    if (!receive(socket, &frame))
        return false;
    peer->size = (uint8_t)zmq_msg_size(&frame); /* libzmq: at most 255 bytes */
    memcpy(peer->id, zmq_msg_data(&frame), peer->size);
    bool more = zmq_msg_more(&frame);
    zmq_msg_close(&frame);
    zmq_msg_init(body);
    *has_body = more && zmq_msg_recv(body, socket, ZMQ_DONTWAIT) >= 0;
    for (more = *has_body && zmq_msg_more(body); more;) {
        *has_body = false;
        if (!receive(socket, &frame))
            break;
        more = zmq_msg_more(&frame);
        zmq_msg_close(&frame);
    }
    return true;
}

void coverage_answer(struct coverage *coverage, int64_t now_ms) {
    struct watcher_peer peer;
    zmq_msg_t body;
    bool has_body;
    for (int count = 0; count < REQUESTS_A_TURN; count++) {
        if (!receive_request(zsock_resolve(coverage->query_socket), &peer, &body, &has_body))
            return;
        query_answer(coverage->query, &peer, has_body ? zmq_msg_data(&body) : NULL, zmq_msg_size(&body),
                     now_ms);
        zmq_msg_close(&body);
    }
}
