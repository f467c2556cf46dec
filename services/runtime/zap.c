/* zap.c - the ZAP handler (zap.h): ZeroMQ RFC 27 over a REP socket on inproc://zeromq.zap.01.
 *
 * Requests come from libzmq in this process: version, request id, domain, address, identity, mechanism,
 * and for CURVE the client's 32-byte key. Whatever is not exactly that is refused.
 */
#include "zap.h"

#include "require.h"

#include <string.h>

#define ZAP_ENDPOINT      "inproc://zeromq.zap.01"
#define ZAP_VERSION       "1.0"
#define REQUEST_FRAMES    7
#define REQUESTS_PER_CALL 64

struct zap {
    zsock_t *socket;
    zap_lookup *lookup;
    void *context;
};

enum result zap_open(struct zap **out, zap_lookup *lookup, void *context, struct failure *why) {
    struct zap *zap = calloc(1, sizeof *zap);
    require(zap, "out of memory");
    zap->lookup = lookup;
    zap->context = context;
    zap->socket = zsock_new(ZMQ_REP);
    if (!zap->socket || zmq_bind(zsock_resolve(zap->socket), ZAP_ENDPOINT) < 0) {
        enum result result = fail(why, RESULT_CONFLICT, "ZAP_TAKEN",
                                  "Could not answer key look-ups in this process: %s.", zmq_strerror(errno));
        zap_close(&zap);
        return result;
    }
    *out = zap;
    return RESULT_OK;
}

void zap_close(struct zap **zap) {
    if (!zap || !*zap)
        return;
    /* Closing alone frees the name some time later, in libzmq's own thread. */
    if ((*zap)->socket)
        zmq_unbind(zsock_resolve((*zap)->socket), ZAP_ENDPOINT);
    zsock_destroy(&(*zap)->socket);
    free(*zap);
    *zap = NULL;
}

void *zap_socket(struct zap *zap) {
    return zsock_resolve(zap->socket);
}

/* Receives one request; frames beyond REQUEST_FRAMES are read and dropped. Returns their number, 0:
 * nothing waits. */
static size_t receive(void *socket, zmq_msg_t frames[REQUEST_FRAMES]) {
    size_t count = 0;
    zmq_msg_t surplus;
    zmq_msg_init(&surplus);
    for (bool more = true; more; count++) {
        zmq_msg_t *frame = count < REQUEST_FRAMES ? &frames[count] : &surplus;
        if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0)
            break;
        more = zmq_msg_more(frame);
    }
    zmq_msg_close(&surplus);
    return count;
}

static bool frame_is(zmq_msg_t *frame, const char *text) {
    return zmq_msg_size(frame) == strlen(text) && memcmp(zmq_msg_data(frame), text, strlen(text)) == 0;
}

static bool admit(struct zap *zap, zmq_msg_t frames[REQUEST_FRAMES], size_t count, char user_id[32]) {
    if (count != REQUEST_FRAMES || !frame_is(&frames[0], ZAP_VERSION) || !frame_is(&frames[2], ZAP_DOMAIN) ||
        !frame_is(&frames[5], "CURVE") || zmq_msg_size(&frames[6]) != 32)
        return false;
    return zap->lookup(zap->context, zmq_msg_data(&frames[6]), user_id);
}

static void send_text(void *socket, const char *text, int flags) {
    /* libzmq waits for this answer in the same process: the pipe has room, or the asker is gone. */
    if (zmq_send(socket, text, strlen(text), flags | ZMQ_DONTWAIT) < 0)
        log_warning("A key look-up could not be answered: %s.", zmq_strerror(errno));
}

static void answer(struct zap *zap, zmq_msg_t frames[REQUEST_FRAMES], size_t count) {
    void *socket = zap_socket(zap);
    char user_id[32] = "";
    bool admitted = admit(zap, frames, count, user_id);
    user_id[31] = 0;
    send_text(socket, ZAP_VERSION, ZMQ_SNDMORE);
    if (zmq_send(socket, zmq_msg_data(&frames[1]), zmq_msg_size(&frames[1]), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        log_warning("A key look-up could not be answered: %s.", zmq_strerror(errno));
    send_text(socket, admitted ? "200" : "400", ZMQ_SNDMORE);
    send_text(socket, admitted ? "OK" : "Key not known", ZMQ_SNDMORE);
    send_text(socket, admitted ? user_id : "", ZMQ_SNDMORE);
    send_text(socket, "", 0);
}

void zap_handle(struct zap *zap) {
    for (int i = 0; i < REQUESTS_PER_CALL; i++) {
        zmq_msg_t frames[REQUEST_FRAMES];
        for (size_t frame = 0; frame < REQUEST_FRAMES; frame++)
            zmq_msg_init(&frames[frame]);
        size_t count = receive(zap_socket(zap), frames);
        if (count)
            answer(zap, frames, count);
        for (size_t frame = 0; frame < REQUEST_FRAMES; frame++)
            zmq_msg_close(&frames[frame]);
        if (!count)
            return;
    }
}
