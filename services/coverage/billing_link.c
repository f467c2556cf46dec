/* billing_link.c - asks billing's coordinator for its summary (billing_link.h). */
#include "billing_link.h"

#include "wire/wire_billing.h"

#include <stdlib.h>

#define ANSWERS_A_CALL     4
#define ARENA_BUDGET_BYTES (1u << 20)

struct billing_link {
    zsock_t *dealer;
    uint64_t id; /* of the question asked last */
    bool waiting;
    bool moved;            /* the last answer said something new */
    int64_t asked_ms;      /* INT64_MIN: never */
    int64_t heard_ms;      /* monotonic */
    uint64_t asked_offset; /* counted by the owner when it was asked last */
    int64_t heard_time_ms; /* business time */
    struct billing_heard heard;
    struct arena arena;
};

enum result billing_link_open(struct billing_link **out, const char *endpoint, struct failure *why) {
    struct billing_link *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    struct socket_options options = {.max_message_bytes = BILLING_REPLY_MAX_BYTES};
    enum result result = socket_connect(&link->dealer, ZMQ_DEALER, endpoint, &options, why);
    if (result != RESULT_OK) {
        free(link);
        return result;
    }
    link->asked_ms = INT64_MIN;
    arena_init(&link->arena, ARENA_BUDGET_BYTES);
    *out = link;
    return RESULT_OK;
}

void billing_link_close(struct billing_link **link) {
    if (!*link)
        return;
    zsock_destroy(&(*link)->dealer);
    arena_free(&(*link)->arena);
    free(*link);
    *link = NULL;
}

void *billing_link_socket(struct billing_link *link) {
    return zsock_resolve(link->dealer);
}

const struct billing_heard *billing_link_heard(const struct billing_link *link) {
    return &link->heard;
}

/* A coordinator whose state has not begun refuses: it runs, and there is nothing to tell. */
static void take_answer(struct billing_link *link, const uint8_t *data, size_t size, int64_t now_ms,
                        int64_t time_ms) {
    Cakupan__BillingReply *reply;
    struct billing_heard heard = {.known = true, .running = true, .as_of_ms = time_ms};
    arena_reset(&link->arena);
    if (wire_billing_reply_decode(data, size, &link->arena, &reply, NULL) != RESULT_OK ||
        reply->id != link->id)
        return;
    link->waiting = false;
    if (reply->refusal || !reply->summary ||
        wire_billing_summary_take(reply->summary, &heard.summary, NULL) != RESULT_OK)
        return;
    link->heard_ms = now_ms;
    link->heard_time_ms = time_ms;
    link->moved = !billing_heard_same(&heard, &link->heard);
    if (link->moved)
        link->heard = heard;
}

static void receive(struct billing_link *link, int64_t now_ms, int64_t time_ms) {
    for (int count = 0; count < ANSWERS_A_CALL; count++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, billing_link_socket(link), ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&message);
            return;
        }
        take_answer(link, zmq_msg_data(&message), zmq_msg_size(&message), now_ms, time_ms);
        zmq_msg_close(&message);
    }
}

/* A partition without an owner stands still; that is no reason to ask more often. */
static bool is_moving(const struct billing_link *link, uint64_t offset) {
    const struct billing_summary *summary = &link->heard.summary;
    return link->moved || offset != link->asked_offset || (summary->complete && summary->offset < offset);
}

int64_t billing_link_wake_ms(const struct billing_link *link, uint64_t offset) {
    if (link->asked_ms == INT64_MIN)
        return INT64_MIN;
    bool soon = !link->waiting && link->heard.running && is_moving(link, offset);
    return link->asked_ms + (soon ? BILLING_ASK_MS : BILLING_ASK_REST_MS);
}

static void ask(struct billing_link *link, uint64_t offset, int64_t now_ms) {
    Cakupan__BillingSummaryRequest summary = CAKUPAN__BILLING_SUMMARY_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    uint8_t bytes[64];
    request.version = BILLING_VERSION;
    request.id = ++link->id;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_SUMMARY;
    request.summary = &summary;
    size_t size = cakupan__billing_request__pack(&request, bytes);
    /* Where nobody is connected nothing is queued (ZMQ_IMMEDIATE): it is asked again a second later. */
    (void)!zmq_send(billing_link_socket(link), bytes, size, ZMQ_DONTWAIT);
    link->waiting = true;
    link->asked_ms = now_ms;
    link->asked_offset = offset;
}

void billing_link_work(struct billing_link *link, uint64_t offset, int64_t now_ms, int64_t time_ms) {
    receive(link, now_ms, time_ms);
    if (link->heard.running && now_ms - link->heard_ms >= BILLING_SILENCE_MS) {
        link->heard.running = false;
        link->heard.as_of_ms = link->heard_time_ms;
    }
    if (now_ms >= billing_link_wake_ms(link, offset))
        ask(link, offset, now_ms);
}
