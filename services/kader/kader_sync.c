/* kader_sync.c - one round with enrollment: acks in, outcomes to the app, frames out (kader.h). */
#include "kader_state.h"

#include "runtime/clock.h"
#include "runtime/require.h"

#include <inttypes.h>

#define ACKS_PER_ROUND 64   /* then they are forgotten together, in one commit */
#define WAIT_MAX_MS    1000 /* of one wait: deadlines are looked at again */

static void tell(struct kader *kader, const struct kader_outcome *outcome) {
    if (outcome->refusal == REFUSAL_NONE)
        kader->accepted++;
    else
        kader->refused++;
    if (!kader->on_outcome)
        return;
    kader->telling = true;
    kader->on_outcome(kader->context, outcome);
    kader->telling = false;
}

/* A range names only the events about which there is something to say. */
static void tell_range(struct kader *kader, const struct wire_ack_range *range, uint32_t ack_us) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < range->count; i++) {
        struct kader_outcome outcome = {.sequence = range->first_sequence + i,
                                        .offset = range->first_offset + i,
                                        .sentence = "",
                                        .value = "",
                                        .ack_us = ack_us};
        if (next < range->outcome_count && range->outcomes[next].sequence == outcome.sequence) {
            const struct wire_outcome *said = &range->outcomes[next++];
            outcome.refusal = (enum refusal)said->refusal;
            outcome.warning = (enum refusal)said->warning;
            outcome.sentence = said->sentence ? said->sentence : "";
            outcome.value = said->value ? said->value : "";
        }
        tell(kader, &outcome);
    }
}

static void receive_ack(struct kader *kader, const uint8_t *data, size_t size, int64_t now_us) {
    struct wire_ack ack;
    struct link_answer answer;
    arena_reset(&kader->arena);
    if (wire_ack_decode(data, size, &kader->arena, &ack) != RESULT_OK)
        return; /* as good as lost: the frame is sent again after the silence */
    if (ack.check_only) {
        kader_dry_run_answered(kader, &ack);
        return;
    }
    bool knew = link_knows_sequence(kader->link);
    link_receive(kader->link, &ack, now_us, &answer);
    if (!knew && link_knows_sequence(kader->link))
        memory_start(kader->memory, link_oldest(kader->link));
    if (answer.count == 0)
        return;
    int64_t took_us = now_us - answer.sent_us;
    uint32_t ack_us = took_us < 0 ? 0 : took_us > UINT32_MAX ? UINT32_MAX : (uint32_t)took_us;
    for (uint32_t i = 0; i < ack.range_count; i++)
        tell_range(kader, &ack.ranges[i], ack_us);
}

/* Only now that the app was told: a crash before this asks enrollment again, and it answers the same. */
static enum result forget(struct kader *kader, uint64_t told, struct failure *why) {
    if (kader->outbox)
        return outbox_forget(kader->outbox, told, why);
    memory_forget(kader->memory, told);
    return RESULT_OK;
}

static enum result receive_all(struct kader *kader, bool *received, struct failure *why) {
    uint64_t before = link_oldest(kader->link);
    bool knew = link_knows_sequence(kader->link);
    for (int i = 0; i < ACKS_PER_ROUND; i++) {
        size_t size;
        const uint8_t *data = kader_socket_receive(kader->socket, &size);
        if (!data)
            break;
        *received = true;
        receive_ack(kader, data, size, clock_monotonic_us());
    }
    if (!knew || link_oldest(kader->link) == before)
        return RESULT_OK;
    return forget(kader, link_oldest(kader->link), why);
}

bool kader_send_frame(struct kader *kader, uint64_t first_sequence, uint32_t count, bool check_only) {
    struct wire_frame frame = {.first_sequence = first_sequence,
                               .language = kader->language,
                               .check_only = check_only,
                               .count = count,
                               .events = kader->events};
    size_t size = wire_frame_encode(&frame, kader->frame, kader->frame_bytes);
    require(size > 0 || count == 0, "a frame grew beyond its bound");
    return kader_socket_send(kader->socket, kader->frame, size);
}

static enum result load(struct kader *kader, const struct link_send *send, uint32_t *count,
                        struct failure *why) {
    *count = 0;
    if (send->what == LINK_SEND_HELLO)
        return RESULT_OK;
    if (kader->outbox)
        return outbox_read(kader->outbox, send->first_sequence, send->count, kader->contents,
                           kader->contents_bytes, kader->events, count, why);
    *count =
        memory_read(kader->memory, send->first_sequence, send->count, kader->contents_bytes, kader->events);
    return RESULT_OK;
}

static enum result send_all(struct kader *kader, struct failure *why) {
    kader->blocked = false;
    for (;;) {
        int64_t now_us = clock_monotonic_us();
        struct link_send send = link_next(kader->link, now_us);
        if (send.what == LINK_SEND_NOTHING)
            return RESULT_OK;
        uint32_t count;
        enum result result = load(kader, &send, &count, why);
        if (result != RESULT_OK)
            return result;
        if (!kader_send_frame(kader, send.first_sequence, count, false)) {
            kader->blocked = true;
            return RESULT_OK;
        }
        link_sent(kader->link, &send, count, now_us);
    }
}

enum result kader_exchange(struct kader *kader, bool *received, struct failure *why) {
    require(!kader->telling, "kader_step was called from an outcome");
    if (kader->outbox && outbox_is_begun(kader->outbox))
        return fail(why, RESULT_CONFLICT, "BATCH_OPEN",
                    "Events are queued between kader_begin and kader_commit: commit before kader_step.");
    enum result result = receive_all(kader, received, why);
    if (result == RESULT_OK)
        result = send_all(kader, why);
    if (result != RESULT_OK)
        return result;
    const struct failure *failure = link_failure(kader->link);
    if (failure)
        return fail(why, RESULT_INVALID, failure->code, "%s", failure->sentence);
    return link_is_idle(kader->link) ? RESULT_OK : RESULT_AGAIN;
}

/* Whole milliseconds until something is due, rounded up so that no wait ends just before it. */
static int wait_ms_until_due(const struct kader *kader, int wait_ms) {
    int64_t now_us = clock_monotonic_us(), due_us = link_due_us(kader->link, now_us);
    if (wait_ms > WAIT_MAX_MS)
        wait_ms = WAIT_MAX_MS;
    if (kader->blocked || due_us - now_us >= wait_ms * INT64_C(1000))
        return wait_ms;
    return due_us <= now_us ? 0 : (int)((due_us - now_us + 999) / 1000);
}

enum result kader_step(struct kader *kader, int wait_ms, struct failure *why) {
    bool received = false;
    enum result result = kader_exchange(kader, &received, why);
    if (result != RESULT_AGAIN || received || wait_ms <= 0)
        return result;
    kader_socket_wait(kader->socket, kader->blocked, wait_ms_until_due(kader, wait_ms));
    return kader_exchange(kader, &received, why);
}

enum result kader_sync(struct kader *kader, int timeout_ms, struct failure *why) {
    int64_t end_us = clock_monotonic_us() + timeout_ms * INT64_C(1000);
    for (;;) {
        int64_t left_us = end_us - clock_monotonic_us();
        enum result result = kader_step(kader, left_us > 0 ? (int)((left_us + 999) / 1000) : 0, why);
        if (result != RESULT_AGAIN)
            return result;
        if (left_us <= 0)
            return fail(why, RESULT_AGAIN, "NOT_ANSWERED",
                        "%" PRIu64
                        " events still wait for an answer from %s: sync again when there is a network.",
                        link_end(kader->link) - link_oldest(kader->link), kader->endpoint);
    }
}
