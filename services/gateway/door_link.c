/* door_link.c - questions to enrollment's door (door_link.h).
 *
 * A question has a slot of a table; its id is the slot's number and how often the slot was used, so
 * that a late answer finds nobody instead of somebody else. All have the same time, so those open are
 * a queue by age.
 */
#include "door_link.h"

#include "request.h"
#include "runtime/require.h"
#include "wire/wire_door.h"

#include <stdlib.h>

#define REPLIES_A_TURN 256
/* A reply's bytes and its decoded messages. */
#define ARENA_BUDGET_BYTES (32u << 20)
#define NOBODY             UINT32_MAX

struct question {
    uint32_t uses;           /* of this slot */
    uint32_t older, newer;   /* among those open; a free slot's `newer` is the next free one */
    door_on_reply *on_reply; /* NULL: the slot is free */
    void *context;
    int64_t asked_ms;
};

struct door_link {
    zsock_t *dealer;
    struct arena arena;
    uint32_t oldest, newest, free;
    struct question questions[DOOR_ASKS_MAX];
};

enum result door_link_open(struct door_link **out, const char *endpoint, struct failure *why) {
    struct door_link *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    struct socket_options options = {.max_message_bytes = DOOR_REPLY_MAX_BYTES, .high_water = DOOR_ASKS_MAX};
    enum result result = socket_connect(&link->dealer, ZMQ_DEALER, endpoint, &options, why);
    if (result != RESULT_OK) {
        free(link);
        return result;
    }
    arena_init(&link->arena, ARENA_BUDGET_BYTES);
    link->oldest = link->newest = NOBODY;
    for (uint32_t i = 0; i < DOOR_ASKS_MAX; i++)
        link->questions[i].newer = i + 1 < DOOR_ASKS_MAX ? i + 1 : NOBODY;
    *out = link;
    return RESULT_OK;
}

void *door_link_socket(struct door_link *link) {
    return zsock_resolve(link->dealer);
}

/* Takes the question off the table, so that its slot is free before anybody is told. */
static struct question question_end(struct door_link *link, uint32_t index) {
    struct question *question = &link->questions[index], ended = *question;
    *(ended.older == NOBODY ? &link->oldest : &link->questions[ended.older].newer) = ended.newer;
    *(ended.newer == NOBODY ? &link->newest : &link->questions[ended.newer].older) = ended.older;
    question->on_reply = NULL;
    question->uses++;
    question->newer = link->free;
    link->free = index;
    return ended;
}

static uint64_t question_begin(struct door_link *link, door_on_reply *on_reply, void *context,
                               int64_t now_ms) {
    uint32_t index = link->free;
    struct question *question = &link->questions[index];
    link->free = question->newer;
    *question = (struct question){question->uses, link->newest, NOBODY, on_reply, context, now_ms};
    *(link->newest == NOBODY ? &link->oldest : &link->questions[link->newest].newer) = index;
    link->newest = index;
    return (uint64_t)question->uses * DOOR_ASKS_MAX + index;
}

static void question_fail(struct door_link *link, uint32_t index, const struct failure *why) {
    struct question ended = question_end(link, index);
    ended.on_reply(ended.context, NULL, why);
}

void door_link_close(struct door_link **link) {
    struct failure why;
    if (!*link)
        return;
    (void)!fail(&why, RESULT_AGAIN, "STOPPING", "The gateway is stopping: ask again in a moment.");
    while ((*link)->oldest != NOBODY)
        question_fail(*link, (*link)->oldest, &why);
    zsock_destroy(&(*link)->dealer);
    arena_free(&(*link)->arena);
    free(*link);
    *link = NULL;
}

static enum result away(struct failure *why) {
    return fail(why, RESULT_AGAIN, "ENROLLMENT_AWAY",
                "Enrollment does not answer: ask again in a moment; nothing that was accepted is lost.");
}

enum result door_ask(struct door_link *link, Cakupan__DoorRequest *ask, int64_t now_ms,
                     door_on_reply *on_reply, void *context, struct failure *why) {
    if (link->free == NOBODY)
        return fail(why, RESULT_FULL, "BUSY",
                    "Too many questions wait for enrollment: ask again in a moment.");
    zmq_msg_t message;
    uint32_t index = link->free;
    ask->version = DOOR_VERSION;
    ask->id = question_begin(link, on_reply, context, now_ms);
    require(zmq_msg_init_size(&message, cakupan__door_request__get_packed_size(ask)) == 0,
            "there is memory for a question");
    cakupan__door_request__pack(ask, zmq_msg_data(&message));
    if (zmq_msg_send(&message, door_link_socket(link), ZMQ_DONTWAIT) >= 0)
        return RESULT_OK;
    zmq_msg_close(&message);
    (void)question_end(link, index);
    return away(why);
}

static void reply_take(struct door_link *link, const uint8_t *data, size_t size) {
    struct failure why;
    Cakupan__DoorReply *reply;
    arena_reset(&link->arena);
    enum result result = wire_door_reply_decode(data, size, &link->arena, &reply, &why);
    if (result != RESULT_OK)
        return; /* whose answer it is can't be said: their time will be over */
    uint32_t index = (uint32_t)(reply->id % DOOR_ASKS_MAX);
    const struct question *question = &link->questions[index];
    if (!question->on_reply || question->uses != reply->id / DOOR_ASKS_MAX)
        return; /* late: it was told that nobody answers */
    struct question ended = question_end(link, index);
    ended.on_reply(ended.context, reply, NULL);
}

void door_link_work(struct door_link *link, int64_t now_ms) {
    for (int count = 0; count < REPLIES_A_TURN; count++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        bool came = zmq_msg_recv(&message, door_link_socket(link), ZMQ_DONTWAIT) >= 0;
        if (came)
            reply_take(link, zmq_msg_data(&message), zmq_msg_size(&message));
        zmq_msg_close(&message);
        if (!came)
            break;
    }
    struct failure why;
    (void)!away(&why);
    while (door_link_wake_ms(link) <= now_ms)
        question_fail(link, link->oldest, &why);
}

int64_t door_link_wake_ms(const struct door_link *link) {
    return link->oldest == NOBODY ? INT64_MAX : link->questions[link->oldest].asked_ms + DOOR_DEADLINE_MS;
}

/* Refusals of the door are told by their codes: the sentences of problems are in the client's language. */
void door_problem(struct request *request, const Cakupan__DoorReply *reply, const struct failure *why) {
    request_problem(request, reply ? reply->code : why->code, NULL);
}
