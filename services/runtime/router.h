/* router.h - takes whole messages from a ROUTER socket: who sent it, and its one body frame. */
#ifndef RUNTIME_ROUTER_H
#define RUNTIME_ROUTER_H

#include "socket.h"

#define ROUTER_PEER_MAX 255 /* a routing id's longest (ZeroMQ RFC 37) */

struct router_message {
    uint8_t peer_size;
    uint8_t peer[ROUTER_PEER_MAX];
    bool malformed; /* other than exactly one body frame */
    zmq_msg_t body; /* the first, empty where there is none; the receiver closes it */
};

/* Takes the next message and all of its frames, without waiting. False where none waits: then nothing is to
 * be closed. `socket` is libzmq's. */
bool router_receive(void *socket, struct router_message *message);
/* Takes the rest of a message that has more frames than the protocol knows; after a frame that said so. */
void router_skip_rest(void *socket);

#endif
