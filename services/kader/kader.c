/* kader.c - the client library's doors (include/cakupan/kader.h): opening, queueing, counting. */
#include "kader_state.h"

#include "runtime/clock.h"
#include "runtime/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_EVENTS_DEFAULT 50
#define WINDOW_FRAMES        20
#define RESEND_MS_DEFAULT    5000
#define FRAME_SPARE_BYTES    64 /* a frame's own fields */
#define ENTRY_SPARE_BYTES    4  /* tag and length of an event in a frame */
#define ARENA_BASE_BYTES     (256u << 10)
#define ARENA_EVENT_BYTES    1024u /* an outcome with its sentence, decoded */

static enum result check_config(const struct kader_config *config, uint32_t *frame_events,
                                uint32_t *window_events, struct failure *why) {
    *frame_events = config->frame_events ? config->frame_events : FRAME_EVENTS_DEFAULT;
    *window_events = config->window_events ? config->window_events : *frame_events * WINDOW_FRAMES;
    if (*frame_events > FRAME_MAX_EVENTS)
        return fail(why, RESULT_INVALID, "FRAME_EVENTS", "frame_events is %u: a frame holds 1 to %u events.",
                    *frame_events, FRAME_MAX_EVENTS);
    if (*window_events < *frame_events)
        return fail(why, RESULT_INVALID, "WINDOW_EVENTS",
                    "window_events is %u, less than one frame of %u events: give at least that.",
                    *window_events, *frame_events);
    return RESULT_OK;
}

static void take_memory(struct kader *kader) {
    uint32_t count = kader->frame_events;
    size_t contents = (size_t)count * KADER_EVENT_BYTES;
    size_t frame = contents + (size_t)count * ENTRY_SPARE_BYTES + FRAME_SPARE_BYTES;
    kader->frame_bytes = frame < FRAME_MAX_BYTES ? frame : FRAME_MAX_BYTES;
    kader->contents_bytes = kader->frame_bytes - (size_t)count * ENTRY_SPARE_BYTES - FRAME_SPARE_BYTES;
    kader->events = calloc(count, sizeof *kader->events);
    kader->contents = kader->outbox ? malloc(kader->contents_bytes) : NULL;
    kader->frame = malloc(kader->frame_bytes);
    require(kader->events && kader->frame && (kader->contents || !kader->outbox), "out of memory");
    arena_init(&kader->arena, ARENA_BASE_BYTES + (size_t)count * ARENA_EVENT_BYTES);
}

static enum result open_store(struct kader *kader, const struct kader_config *config,
                              const struct kader_pairing *pairing, uint32_t window_events,
                              struct failure *why) {
    struct link_config link = {
        .frame_events = kader->frame_events, .window_events = window_events, .resend_us = kader->resend_us};
    if (config->outbox) {
        enum result result = outbox_open(&kader->outbox, config->outbox, pairing->public_key, why);
        if (result != RESULT_OK)
            return result;
        link.oldest = outbox_oldest(kader->outbox);
        link.end = outbox_end(kader->outbox);
    } else {
        kader->memory = memory_new(2 * window_events); /* while one window is on the way the next is made */
    }
    kader->link = link_new(&link);
    return RESULT_OK;
}

static enum result open_all(struct kader *kader, const struct kader_config *config, struct failure *why) {
    uint32_t window_events;
    struct kader_pairing pairing;
    enum result result = check_config(config, &kader->frame_events, &window_events, why);
    if (result == RESULT_OK)
        result = kader_pairing_load(&pairing, config->device_file, why);
    if (result != RESULT_OK)
        return result;
    const char *endpoint = config->endpoint ? config->endpoint : pairing.endpoint;
    kader->device = pairing.device;
    snprintf(kader->endpoint, sizeof kader->endpoint, "%s", endpoint);
    kader->language = config->language;
    kader->resend_us = (config->resend_ms ? config->resend_ms : RESEND_MS_DEFAULT) * INT64_C(1000);
    result = open_store(kader, config, &pairing, window_events, why);
    if (result == RESULT_OK) {
        take_memory(kader);
        int high_water = (int)(window_events / kader->frame_events) + 64; /* and hellos, and dry runs */
        result = kader_socket_open(&kader->socket, &pairing, endpoint, high_water, why);
    }
    explicit_bzero(&pairing, sizeof pairing);
    return result;
}

enum result kader_open(struct kader **out, const struct kader_config *config, kader_on_outcome *on_outcome,
                       void *context, struct failure *why) {
    struct kader *kader = calloc(1, sizeof *kader);
    require(kader, "out of memory");
    kader->on_outcome = on_outcome;
    kader->context = context;
    enum result result = open_all(kader, config, why);
    if (result != RESULT_OK) {
        kader_close(&kader);
        return result;
    }
    *out = kader;
    return RESULT_OK;
}

void kader_close(struct kader **kader) {
    if (!*kader)
        return;
    require(!(*kader)->telling, "kader_close was called from an outcome");
    kader_socket_close(&(*kader)->socket);
    link_destroy(&(*kader)->link);
    memory_destroy(&(*kader)->memory);
    outbox_close(&(*kader)->outbox);
    arena_free(&(*kader)->arena);
    free((*kader)->events);
    free((*kader)->contents);
    free((*kader)->frame);
    free(*kader);
    *kader = NULL;
}

static enum result refuse_long(struct failure *why) {
    return fail(why, RESULT_INVALID, "EVENT_TOO_LONG",
                "The event takes more than %d bytes: shorten its texts to %d bytes each.", KADER_EVENT_BYTES,
                TEXT_MAX);
}

static enum result queue_in_memory(struct kader *kader, const struct event *event, uint64_t *sequence,
                                   struct failure *why) {
    if (!link_knows_sequence(kader->link))
        return fail(
            why, RESULT_FULL, "NOT_GREETED",
            "Enrollment has not said yet which number comes next: call kader_step, then queue again.");
    uint8_t *room = memory_reserve(kader->memory, KADER_EVENT_BYTES);
    if (!room)
        return fail(why, RESULT_FULL, "WINDOW_FULL",
                    "The events on the way fill the window: call kader_step, then queue again.");
    size_t size = wire_event_encode(event, room, KADER_EVENT_BYTES);
    if (size == 0)
        return refuse_long(why);
    *sequence = memory_append(kader->memory, size);
    link_extend(kader->link, *sequence + 1);
    return RESULT_OK;
}

static enum result queue_in_outbox(struct kader *kader, const struct event *event, uint64_t *sequence,
                                   struct failure *why) {
    uint8_t bytes[KADER_EVENT_BYTES];
    size_t size = wire_event_encode(event, bytes, sizeof bytes);
    if (size == 0)
        return refuse_long(why);
    enum result result = outbox_append(kader->outbox, bytes, size, sequence, why);
    if (result == RESULT_OK)
        link_extend(kader->link, outbox_end(kader->outbox));
    return result;
}

enum result kader_queue(struct kader *kader, const struct event *event, uint64_t *sequence,
                        struct failure *why) {
    require(!kader->telling, "kader_queue was called from an outcome");
    struct event stamped;
    uint64_t given;
    if (event->captured_at_ms == 0) {
        stamped = *event;
        stamped.captured_at_ms = clock_now_ms();
        event = &stamped;
    }
    if (!sequence)
        sequence = &given;
    return kader->outbox ? queue_in_outbox(kader, event, sequence, why)
                         : queue_in_memory(kader, event, sequence, why);
}

uint64_t kader_next_sequence(const struct kader *kader) {
    if (kader->outbox)
        return outbox_end(kader->outbox);
    return link_knows_sequence(kader->link) ? link_end(kader->link) : 0;
}

enum result kader_begin(struct kader *kader, struct failure *why) {
    return kader->outbox ? outbox_begin(kader->outbox, why) : RESULT_OK;
}

enum result kader_commit(struct kader *kader, struct failure *why) {
    if (!kader->outbox)
        return RESULT_OK;
    enum result result = outbox_commit(kader->outbox, why);
    if (result == RESULT_OK)
        link_extend(kader->link, outbox_end(kader->outbox));
    return result;
}

enum result kader_temporary_id(struct kader *kader, identity_t *out, struct failure *why) {
    if (!kader->outbox)
        return fail(why, RESULT_INVALID, "NO_OUTBOX",
                    "Temporary ids need an outbox: without one the same id could be made twice.");
    uint32_t counter;
    enum result result = outbox_temporary(kader->outbox, &counter, why);
    if (result == RESULT_OK)
        *out = IDENTITY_TEMPORARY | (identity_t)kader->device << 32 | counter;
    return result;
}

void kader_count(const struct kader *kader, struct kader_counts *out) {
    const struct link_counts *link = link_count(kader->link);
    *out = (struct kader_counts){.queued = link_end(kader->link) - link_oldest(kader->link),
                                 .sent = link->sent,
                                 .accepted = kader->accepted,
                                 .refused = kader->refused,
                                 .busy = link->busy,
                                 .resent = link->resent};
}

int kader_descriptor(const struct kader *kader) {
    return kader_socket_descriptor(kader->socket);
}
