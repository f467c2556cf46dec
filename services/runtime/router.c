/* router.c - takes whole messages from a ROUTER socket (router.h). */
#include "router.h"

#include <string.h>

void router_skip_rest(void *socket) {
    for (bool more = true; more;) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        more = zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&frame);
        zmq_msg_close(&frame);
    }
}

bool router_receive(void *socket, struct router_message *message) {
    zmq_msg_t id;
    zmq_msg_init(&id);
    if (zmq_msg_recv(&id, socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&id);
        return false;
    }
    message->peer_size = (uint8_t)zmq_msg_size(&id);
    memcpy(message->peer, zmq_msg_data(&id), message->peer_size);
    bool has_body = zmq_msg_more(&id);
    zmq_msg_close(&id);
    zmq_msg_init(&message->body);
    message->malformed = !has_body || zmq_msg_recv(&message->body, socket, ZMQ_DONTWAIT) < 0;
    if (zmq_msg_more(&message->body)) {
        message->malformed = true;
        router_skip_rest(socket);
    }
    return true;
}
