/* kader_socket.c - the device's socket to enrollment (kader_socket.h). */
#include "kader_socket.h"

#include "runtime/require.h"
#include "runtime/socket.h"

#include <pthread.h>

/* An ack of 4,096 refusals with sentences is larger than the frame that it answers. */
#define ACK_MAX_BYTES (4 << 20)

struct kader_socket {
    zsock_t *dealer;
    void *handle; /* libzmq's */
    zmq_msg_t message;
    bool arrived; /* `message` came while it was waited for, and nobody has taken it yet */
};

static pthread_once_t set_up = PTHREAD_ONCE_INIT;

enum result kader_socket_open(struct kader_socket **out, const struct kader_pairing *pairing,
                              const char *endpoint, int high_water, struct failure *why) {
    pthread_once(&set_up, socket_setup);
    struct curve_keys keys;
    memcpy(keys.public_key, pairing->public_key, sizeof keys.public_key);
    memcpy(keys.secret_key, pairing->secret_key, sizeof keys.secret_key);
    struct socket_options options = {.keys = &keys,
                                     .server_key = pairing->server_key,
                                     .high_water = high_water,
                                     .max_message_bytes = ACK_MAX_BYTES};
    zsock_t *dealer = NULL;
    enum result result = socket_connect(&dealer, ZMQ_DEALER, endpoint, &options, why);
    explicit_bzero(&keys, sizeof keys);
    if (result != RESULT_OK)
        return result;
    struct kader_socket *socket = calloc(1, sizeof *socket);
    require(socket, "out of memory");
    socket->dealer = dealer;
    socket->handle = zsock_resolve(dealer);
    zmq_msg_init(&socket->message);
    *out = socket;
    return RESULT_OK;
}

void kader_socket_close(struct kader_socket **socket) {
    if (!*socket)
        return;
    zmq_msg_close(&(*socket)->message);
    zsock_destroy(&(*socket)->dealer);
    free(*socket);
    *socket = NULL;
}

bool kader_socket_send(struct kader_socket *socket, const void *data, size_t size) {
    return zmq_send(socket->handle, data, size, ZMQ_DONTWAIT) >= 0;
}

const uint8_t *kader_socket_receive(struct kader_socket *socket, size_t *size) {
    if (!socket->arrived && zmq_msg_recv(&socket->message, socket->handle, ZMQ_DONTWAIT) < 0)
        return NULL;
    socket->arrived = false;
    *size = zmq_msg_size(&socket->message);
    return zmq_msg_data(&socket->message);
}

/* A receive that waits makes one system call before it sleeps, where zmq_poll makes five: on a processor that
 * both share they would hold up libzmq's thread, which has the frame to send. */
void kader_socket_wait(struct kader_socket *socket, bool to_send, int timeout_ms) {
    zmq_pollitem_t item = {.socket = socket->handle, .events = ZMQ_POLLIN | ZMQ_POLLOUT};
    if (socket->arrived)
        return;
    if (!to_send) {
        zmq_setsockopt(socket->handle, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
        socket->arrived = zmq_msg_recv(&socket->message, socket->handle, 0) >= 0;
        return;
    }
    zmq_poll(&item, 1, timeout_ms);
}

int kader_socket_descriptor(const struct kader_socket *socket) {
    int descriptor = -1;
    size_t size = sizeof descriptor;
    int got = zmq_getsockopt(socket->handle, ZMQ_FD, &descriptor, &size);
    require(got == 0, "the socket has no descriptor");
    return descriptor;
}
