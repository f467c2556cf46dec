/* coverage_link.c - watches coverage's totals (coverage_link.h). */
#include "coverage_link.h"

#include <stdlib.h>
#include <string.h>

#define REPLIES_A_TURN     64
#define ARENA_BUDGET_BYTES (16u << 20)

struct coverage_link {
    zsock_t *dealer;
    struct arena arena;
    bool known;        /* `view` holds a picture */
    bool whole_wanted; /* updates do not continue it: the whole is asked for */
    int64_t asked_ms;  /* INT64_MIN: never */
    int64_t heard_ms;
    struct coverage_view view, update;
};

enum result coverage_link_open(struct coverage_link **out, const char *endpoint, struct failure *why) {
    struct coverage_link *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    struct socket_options options = {.max_message_bytes = TOTALS_REPLY_MAX_BYTES};
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

void coverage_link_close(struct coverage_link **link) {
    if (!*link)
        return;
    zsock_destroy(&(*link)->dealer);
    arena_free(&(*link)->arena);
    free(*link);
    *link = NULL;
}

void *coverage_link_socket(struct coverage_link *link) {
    return zsock_resolve(link->dealer);
}

const struct coverage_view *coverage_link_view(const struct coverage_link *link) {
    return link->known ? &link->view : NULL;
}

bool coverage_link_away(const struct coverage_link *link, int64_t now_ms) {
    return !link->known || now_ms - link->heard_ms >= COVERAGE_SILENCE_MS;
}

int64_t coverage_link_heard_ms(const struct coverage_link *link) {
    return link->heard_ms;
}

/* Offset 0 asks for the whole picture; else it is a sign of life. Where nobody is connected nothing is queued
 * (ZMQ_IMMEDIATE): it is asked again a second later. */
static void ask(struct coverage_link *link, int64_t now_ms) {
    struct wire_totals_request request = {
        .watch = true, .since_offset = link->known && !link->whole_wanted ? link->view.offset : 0};
    uint8_t bytes[TOTALS_REQUEST_MAX_BYTES];
    size_t size = wire_totals_request_encode(&request, bytes, sizeof bytes);
    if (size == 0)
        abort(); /* the bound holds every request */
    (void)!zmq_send(coverage_link_socket(link), bytes, size, ZMQ_DONTWAIT);
    link->asked_ms = now_ms;
}

static bool whole_take(struct coverage_link *link) {
    /* Bytes between members may differ where no figure does: then a page is made once too often. */
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    bool changed = !link->known || memcmp(&link->view, &link->update, sizeof link->view) != 0;
    link->view = link->update;
    link->known = true;
    link->whole_wanted = false;
    return changed;
}

/* True where the picture changed. An update that does not continue ours asks for the whole one; until that
 * comes, the old picture stands. */
static bool take(struct coverage_link *link, const uint8_t *data, size_t size, int64_t now_ms) {
    struct wire_totals_reply reply;
    arena_reset(&link->arena);
    if (wire_totals_reply_decode(data, size, &link->arena, &reply) != RESULT_OK || reply.refusal)
        return false;
    link->heard_ms = now_ms;
    coverage_view_take(&link->update, &reply);
    if (reply.since_offset == 0)
        return whole_take(link);
    if (!link->known || link->whole_wanted)
        return false;
    bool news = link->update.count > 0 || link->update.offset != link->view.offset ||
                coverage_view_news(&link->view, &link->update);
    if (coverage_view_update(&link->view, &link->update))
        return news;
    link->whole_wanted = true;
    ask(link, now_ms);
    return false;
}

bool coverage_link_work(struct coverage_link *link, int64_t now_ms) {
    bool changed = false;
    for (int count = 0; count < REPLIES_A_TURN; count++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        bool came = zmq_msg_recv(&message, coverage_link_socket(link), ZMQ_DONTWAIT) >= 0;
        if (came)
            changed |= take(link, zmq_msg_data(&message), zmq_msg_size(&message), now_ms);
        zmq_msg_close(&message);
        if (!came)
            break;
    }
    int64_t pause_ms = coverage_link_away(link, now_ms) ? COVERAGE_RETRY_MS : COVERAGE_ALIVE_MS;
    if (link->asked_ms == INT64_MIN || now_ms - link->asked_ms >= pause_ms)
        ask(link, now_ms);
    return changed;
}
