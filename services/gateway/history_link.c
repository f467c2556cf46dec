/* history_link.c - asks coverage for past days (history_link.h). */
#include "history_link.h"

#include "runtime/require.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BUDGET_BYTES (32u << 20) /* of a year of all kecamatan, decoded */

struct history_link {
    zsock_t *dealer;
    char endpoint[160];
    struct arena arena;
    history_on_reply *on_reply;
    void *context;
    bool busy;
    int64_t deadline_ms;
};

static enum result connect_anew(struct history_link *link, struct failure *why) {
    struct socket_options options = {.max_message_bytes = TOTALS_REPLY_MAX_BYTES};
    zsock_destroy(&link->dealer);
    return socket_connect(&link->dealer, ZMQ_DEALER, link->endpoint, &options, why);
}

enum result history_link_open(struct history_link **out, const char *endpoint, history_on_reply *on_reply,
                              void *context, struct failure *why) {
    struct history_link *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    snprintf(link->endpoint, sizeof link->endpoint, "%s", endpoint);
    link->on_reply = on_reply;
    link->context = context;
    enum result result = connect_anew(link, why);
    if (result != RESULT_OK) {
        free(link);
        return result;
    }
    arena_init(&link->arena, ARENA_BUDGET_BYTES);
    *out = link;
    return RESULT_OK;
}

void history_link_close(struct history_link **link) {
    if (!*link)
        return;
    zsock_destroy(&(*link)->dealer);
    arena_free(&(*link)->arena);
    free(*link);
    *link = NULL;
}

void *history_link_socket(struct history_link *link) {
    return zsock_resolve(link->dealer);
}

bool history_link_busy(const struct history_link *link) {
    return link->busy;
}

void history_link_ask(struct history_link *link, day_t from, day_t to, int64_t now_ms) {
    const struct wire_totals_request request = {.history = true, .from_day = from, .to_day = to};
    uint8_t bytes[TOTALS_REQUEST_MAX_BYTES];
    require(!link->busy, "one question at a time, so that an answer is known to be its own");
    size_t size = wire_totals_request_encode(&request, bytes, sizeof bytes);
    require(size > 0, "the bound holds every request");
    (void)!zmq_send(history_link_socket(link), bytes, size, ZMQ_DONTWAIT);
    link->busy = true;
    link->deadline_ms = now_ms + HISTORY_DEADLINE_MS;
}

static void answer(struct history_link *link, const struct wire_totals_reply *reply) {
    link->busy = false;
    link->on_reply(link->context, reply);
}

static void take(struct history_link *link, const uint8_t *data, size_t size) {
    struct wire_totals_reply reply;
    arena_reset(&link->arena);
    bool fine = wire_totals_reply_decode(data, size, &link->arena, &reply) == RESULT_OK && !reply.refusal;
    if (link->busy)
        answer(link, fine ? &reply : NULL);
}

/* An answer that comes after its time would be taken for the next one's: it goes with its socket. */
void history_link_work(struct history_link *link, int64_t now_ms) {
    struct failure why;
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, history_link_socket(link), ZMQ_DONTWAIT) >= 0)
        take(link, zmq_msg_data(&message), zmq_msg_size(&message));
    zmq_msg_close(&message);
    if (!link->busy || now_ms < link->deadline_ms)
        return;
    require(connect_anew(link, &why) == RESULT_OK, "an address that was good is good");
    answer(link, NULL);
}
