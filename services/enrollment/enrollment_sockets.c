/* enrollment_sockets.c - moves messages between the sockets and the intake, the feed server and control. */
#include "enrollment_internal.h"

#include "runtime/feed_pack.h"
#include "runtime/log.h"
#include "runtime/router.h"
#include "wire/wire_door.h"
#include "wire/wire_event.h"

#include <stdlib.h>
#include <string.h>

#define FEED_REQUESTS_A_TURN    16
#define CONTROL_REQUESTS_A_TURN 16
#define INTAKE_FRAMES_A_TURN    8192u
#define DOOR_LOOKS_A_TURN       2u

/* A longer routing id than libzmq gives was chosen by the peer: it gets no answer, its message is none. */
static struct intake_peer peer_of(struct router_message *message) {
    struct intake_peer peer = {.size = 0};
    message->malformed |= message->peer_size > INTAKE_PEER_MAX;
    if (message->peer_size <= INTAKE_PEER_MAX) {
        peer.size = message->peer_size;
        memcpy(peer.id, message->peer, peer.size);
    }
    return peer;
}

/* The device number that the ZAP handler gave to the connection. libzmq tells it on the body frame only. */
static uint32_t device_of(zmq_msg_t *body) {
    const char *user_id = zmq_msg_gets(body, "User-Id");
    return user_id ? (uint32_t)strtoul(user_id, NULL, 10) : 0;
}

void enrollment_take_frames(struct enrollment *enrollment, const struct intake_time *time) {
    void *socket = zsock_resolve(enrollment->events);
    struct router_message message;
    size_t taken_bytes = 0;
    /* Also what is refused unread takes time: who floods must not keep the loop from its commit. */
    for (uint32_t i = 0; i < INTAKE_FRAMES_A_TURN && taken_bytes < INTAKE_BATCH_BYTES &&
                         intake_has_room(enrollment->intake) && router_receive(socket, &message);
         i++) {
        struct intake_peer peer = peer_of(&message);
        uint32_t device = device_of(&message.body);
        taken_bytes += zmq_msg_size(&message.body);
        if (message.malformed || zmq_msg_size(&message.body) > FRAME_MAX_BYTES)
            intake_malformed(enrollment->intake, &peer, device, time);
        else if (device != 0)
            intake_frame(enrollment->intake, &peer, device, zmq_msg_data(&message.body),
                         zmq_msg_size(&message.body), time, enrollment->busy);
        zmq_msg_close(&message.body);
        enrollment->active_ms = time->monotonic_ms;
    }
}

static struct control control_of(struct enrollment *enrollment, const struct intake_time *time) {
    return (struct control){
        .intake = enrollment->intake,
        .registry = enrollment->registry,
        .journal = enrollment->journal,
        .snapshotter = &enrollment->snapshotter,
        .arena = &enrollment->control_arena,
        .pairings = enrollment->pairings,
        .commit = &enrollment->commit,
        .ack = &enrollment->ack,
        .started_ms = enrollment->started_us / 1000,
        .startup_ms = enrollment->startup_ms,
        .disk_free_bytes = enrollment->disk_free_bytes,
        .busy = enrollment->busy,
        .time = *time,
    };
}

/* False where the peer is gone or its queue is full: it asks again. */
static bool send_to(void *socket, const struct intake_peer *peer, const void *data, size_t size) {
    return zmq_send(socket, peer->id, peer->size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
           zmq_send(socket, data, size, ZMQ_DONTWAIT) >= 0;
}

static void send_door_ack(struct enrollment *enrollment, const struct intake_peer *peer, const uint8_t *ack,
                          size_t size) {
    uint8_t *reply = malloc(size + DOOR_ACK_HEAD);
    if (!reply)
        abort();
    size = wire_door_ack_encode(peer->ask, enrollment->busy, ack, size, reply, size + DOOR_ACK_HEAD);
    (void)send_to(zsock_resolve(enrollment->door), peer, reply, size);
    free(reply);
}

void enrollment_send_ack(void *context, const struct intake_peer *peer, const uint8_t *ack, size_t size) {
    struct enrollment *enrollment = context;
    enrollment->acks++;
    if (peer->door)
        send_door_ack(enrollment, peer, ack, size);
    else
        (void)send_to(zsock_resolve(enrollment->events), peer, ack, size);
}

void enrollment_take_door(struct enrollment *enrollment, const struct intake_time *time) {
    void *socket = zsock_resolve(enrollment->door);
    struct door_questions *questions = &enrollment->questions;
    struct control control = control_of(enrollment, time);
    struct router_message *message = questions->at;
    size_t taken_bytes = 0;
    /* Questions that read the journal end the turn's: events wait for them. */
    for (uint32_t looks = 0; looks < DOOR_LOOKS_A_TURN && questions->count < DOOR_QUESTIONS_A_TURN &&
                             taken_bytes < INTAKE_BATCH_BYTES && intake_has_room(enrollment->intake) &&
                             router_receive(socket, message);) {
        struct intake_peer peer = peer_of(message);
        size_t size = zmq_msg_size(&message->body);
        enum door_take taken = DOOR_STAGED; /* what is no message is only taken */
        taken_bytes += size;
        if (!message->malformed)
            taken = door_take(&control, peer, zmq_msg_data(&message->body), size);
        /* A gateway asks how we are every second: only a frame ends our rest. */
        if (taken == DOOR_STAGED && !message->malformed)
            enrollment->active_ms = time->monotonic_ms;
        looks += taken == DOOR_LOOK;
        if (taken == DOOR_STAGED)
            zmq_msg_close(&message->body);
        else
            message = &questions->at[++questions->count];
    }
}

static enum result answer_question(struct enrollment *enrollment, struct router_message *message,
                                   const struct intake_time *time, struct failure *why) {
    struct control control = control_of(enrollment, time);
    struct intake_peer peer = peer_of(message);
    uint8_t *reply = NULL;
    size_t size = 0;
    bool staged = false;
    enum result result = door_answer(&control, zmq_msg_data(&message->body), zmq_msg_size(&message->body),
                                     &reply, &size, &staged, why);
    if (result == RESULT_OK && staged)
        result = enrollment_commit(enrollment, why);
    if (result == RESULT_OK)
        (void)send_to(zsock_resolve(enrollment->door), &peer, reply, size);
    free(reply);
    return result;
}

enum result enrollment_answer_door(struct enrollment *enrollment, const struct intake_time *time,
                                   struct failure *why) {
    enum result result = RESULT_OK;
    for (uint32_t i = 0; i < enrollment->questions.count; i++) {
        struct router_message *message = &enrollment->questions.at[i];
        if (result == RESULT_OK)
            result = answer_question(enrollment, message, time, why);
        zmq_msg_close(&message->body);
    }
    enrollment->questions.count = 0;
    return result;
}

struct feed_answer {
    void *socket;
    const struct intake_peer *peer;
    struct feed_pack pack;
};

static void emit_feed(void *context, const uint8_t *data, size_t size, bool more) {
    struct feed_answer *answer = context;
    feed_pack_add(&answer->pack, data, size);
    if (more)
        return;
    if (zmq_send(answer->socket, answer->peer->id, answer->peer->size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
        (void)feed_pack_send(&answer->pack, answer->socket);
    free(answer->pack.bytes); /* of who is gone or has a full queue: it asks again */
    answer->pack = (struct feed_pack){0};
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
    struct router_message message;
    enum result result = RESULT_OK;
    for (int i = 0; result == RESULT_OK && i < FEED_REQUESTS_A_TURN && router_receive(socket, &message);
         i++) {
        struct intake_peer peer = peer_of(&message);
        struct feed_answer answer = {.socket = socket, .peer = &peer};
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

static enum result answer_control(struct enrollment *enrollment, const struct intake_peer *peer,
                                  zmq_msg_t *body, const struct intake_time *time, struct failure *why) {
    struct control control = control_of(enrollment, time);
    uint8_t *reply = NULL;
    size_t size = 0;
    bool staged = false;
    enum result result =
        control_answer(&control, zmq_msg_data(body), zmq_msg_size(body), &reply, &size, &staged, why);
    if (result == RESULT_OK && staged)
        result = enrollment_commit(enrollment, why);
    if (result == RESULT_OK)
        (void)send_to(zsock_resolve(enrollment->control), peer, reply, size);
    free(reply);
    return result;
}

enum result enrollment_serve_control(struct enrollment *enrollment, const struct intake_time *time,
                                     struct failure *why) {
    void *socket = zsock_resolve(enrollment->control);
    struct router_message message;
    enum result result = RESULT_OK;
    for (int i = 0; result == RESULT_OK && i < CONTROL_REQUESTS_A_TURN && router_receive(socket, &message);
         i++) {
        struct intake_peer peer = peer_of(&message);
        if (!message.malformed)
            result = answer_control(enrollment, &peer, &message.body, time, why);
        zmq_msg_close(&message.body);
    }
    return result;
}

void enrollment_ring(struct enrollment *enrollment, enum doorbell_bell bell, uint64_t head) {
    uint8_t ring[DOORBELL_RING_SIZE];
    doorbell_write(bell, head, ring);
    zmq_send(zsock_resolve(enrollment->doorbell), ring, sizeof ring, ZMQ_DONTWAIT);
}
