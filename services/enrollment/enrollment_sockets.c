/* enrollment_sockets.c - moves messages between the sockets and the intake, the feed server and control. */
#include "enrollment_internal.h"

#include "runtime/log.h"
#include "wire/wire_event.h"

#include <stdlib.h>
#include <string.h>

#define FEED_REQUESTS_A_TURN    16
#define CONTROL_REQUESTS_A_TURN 16
#define INTAKE_FRAMES_A_TURN    8192u

/* Takes the rest of a message that has more parts than the protocol knows. */
static void drain(void *socket) {
    int more = 1;
    size_t size = sizeof more;
    while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        if (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) < 0)
            more = 0;
        zmq_msg_close(&part);
    }
}

/* A message of a ROUTER: the peer, and its one body frame. */
struct message {
    struct intake_peer peer;
    zmq_msg_t body;
    bool malformed; /* other than exactly one body frame */
};

static bool receive(void *socket, struct message *message) {
    zmq_msg_t id;
    zmq_msg_init(&id);
    if (zmq_msg_recv(&id, socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&id);
        return false;
    }
    size_t size = zmq_msg_size(&id);
    message->malformed = size > INTAKE_PEER_MAX || !zmq_msg_more(&id);
    message->peer.size = message->malformed ? 0 : (uint8_t)size;
    memcpy(message->peer.id, zmq_msg_data(&id), message->peer.size);
    bool more = zmq_msg_more(&id);
    zmq_msg_close(&id);
    zmq_msg_init(&message->body);
    if (more && zmq_msg_recv(&message->body, socket, ZMQ_DONTWAIT) < 0)
        message->malformed = true;
    if (zmq_msg_more(&message->body)) {
        message->malformed = true;
        drain(socket);
    }
    return true;
}

/* The device number that the ZAP handler gave to the connection. libzmq tells it on the body frame only. */
static uint32_t device_of(zmq_msg_t *body) {
    const char *user_id = zmq_msg_gets(body, "User-Id");
    return user_id ? (uint32_t)strtoul(user_id, NULL, 10) : 0;
}

void enrollment_take_frames(struct enrollment *enrollment, const struct intake_time *time) {
    void *socket = zsock_resolve(enrollment->events);
    struct message message;
    size_t taken_bytes = 0;
    /* Also what is refused unread takes time: who floods must not keep the loop from its commit. */
    for (uint32_t i = 0; i < INTAKE_FRAMES_A_TURN && taken_bytes < INTAKE_BATCH_BYTES &&
                         intake_has_room(enrollment->intake) && receive(socket, &message);
         i++) {
        uint32_t device = device_of(&message.body);
        taken_bytes += zmq_msg_size(&message.body);
        if (message.malformed || zmq_msg_size(&message.body) > FRAME_MAX_BYTES)
            intake_malformed(enrollment->intake, &message.peer, device, time);
        else if (device != 0)
            intake_frame(enrollment->intake, &message.peer, device, zmq_msg_data(&message.body),
                         zmq_msg_size(&message.body), time, enrollment->busy);
        zmq_msg_close(&message.body);
        enrollment->active_ms = time->monotonic_ms;
    }
}

/* False where the peer is gone or its queue is full: it asks again. */
static bool send_to(void *socket, const struct intake_peer *peer, const void *data, size_t size) {
    return zmq_send(socket, peer->id, peer->size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
           zmq_send(socket, data, size, ZMQ_DONTWAIT) >= 0;
}

void enrollment_send_ack(void *context, const struct intake_peer *peer, const uint8_t *ack, size_t size) {
    struct enrollment *enrollment = context;
    (void)send_to(zsock_resolve(enrollment->events), peer, ack, size);
}

struct feed_answer {
    void *socket;
    const struct intake_peer *peer;
    bool begun, dropped;
};

static void emit_feed(void *context, const uint8_t *data, size_t size, bool more) {
    struct feed_answer *answer = context;
    if (answer->dropped)
        return;
    if (!answer->begun)
        answer->dropped =
            zmq_send(answer->socket, answer->peer->id, answer->peer->size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0;
    answer->begun = true;
    if (!answer->dropped)
        answer->dropped = zmq_send(answer->socket, data, size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) < 0;
}

/* On its unix socket (mode 0600) the feed is for the operator's account. Over the network it needs a key, and
 * not any device's: a kader's key would open everybody's data. */
static bool may_follow(const struct enrollment *enrollment, zmq_msg_t *body) {
    if (strncmp(enrollment->config->feed, "tcp://", 6) != 0)
        return true;
    const struct device *device = registry_device(enrollment->registry, device_of(body));
    return device && !device->revoked && device->role == ROLE_SERVICE;
}

enum result enrollment_serve_feed(struct enrollment *enrollment, struct failure *why) {
    void *socket = zsock_resolve(enrollment->feed);
    struct message message;
    enum result result = RESULT_OK;
    for (int i = 0; result == RESULT_OK && i < FEED_REQUESTS_A_TURN && receive(socket, &message); i++) {
        struct feed_answer answer = {.socket = socket, .peer = &message.peer};
        if (!message.malformed && may_follow(enrollment, &message.body))
            result = feed_server_answer(enrollment->feed_server, zmq_msg_data(&message.body),
                                        zmq_msg_size(&message.body), emit_feed, &answer, why);
        zmq_msg_close(&message.body);
        /* Old bytes that rotted are no reason to refuse new events. To end here would only mean to start
         * again, as often as somebody asks for them. */
        if (result == RESULT_CORRUPT) {
            log_alarm("%s: %s The feed was refused there; events are still taken.", why->code, why->sentence);
            result = RESULT_OK;
        }
    }
    return result;
}

static enum result answer_control(struct enrollment *enrollment, struct message *message,
                                  const struct intake_time *time, struct failure *why) {
    struct control control = {
        .intake = enrollment->intake,
        .registry = enrollment->registry,
        .journal = enrollment->journal,
        .snapshotter = &enrollment->snapshotter,
        .arena = &enrollment->control_arena,
        .started_ms = enrollment->started_us / 1000,
        .startup_ms = enrollment->startup_ms,
        .disk_free_bytes = enrollment->disk_free_bytes,
        .busy = enrollment->busy,
        .time = *time,
    };
    uint8_t *reply = NULL;
    size_t size = 0;
    bool staged = false;
    enum result result = control_answer(&control, zmq_msg_data(&message->body), zmq_msg_size(&message->body),
                                        &reply, &size, &staged, why);
    if (result == RESULT_OK && staged)
        result = enrollment_commit(enrollment, why);
    if (result == RESULT_OK)
        (void)send_to(zsock_resolve(enrollment->control), &message->peer, reply, size);
    free(reply);
    return result;
}

enum result enrollment_serve_control(struct enrollment *enrollment, const struct intake_time *time,
                                     struct failure *why) {
    void *socket = zsock_resolve(enrollment->control);
    struct message message;
    enum result result = RESULT_OK;
    for (int i = 0; result == RESULT_OK && i < CONTROL_REQUESTS_A_TURN && receive(socket, &message); i++) {
        if (!message.malformed)
            result = answer_control(enrollment, &message, time, why);
        zmq_msg_close(&message.body);
    }
    return result;
}

void enrollment_ring(struct enrollment *enrollment) {
    uint64_t head = feed_server_head(enrollment->feed_server);
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(head >> (8 * i));
    zmq_send(zsock_resolve(enrollment->doorbell), bytes, sizeof bytes, ZMQ_DONTWAIT);
}
