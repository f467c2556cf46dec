/* kader_check.c - dry runs: what enrollment would say to events, without storing any (kader.h). */
#include "kader_state.h"

#include "runtime/clock.h"
#include "runtime/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MAX_MS 100 /* of one wait: a repeat may be due */

static struct kader_answer *answer_of(struct kader_dry_run *dry_run, uint64_t sequence) {
    uint64_t index = sequence - dry_run->first_sequence;
    return sequence >= dry_run->first_sequence && index < dry_run->count ? &dry_run->answers[index] : NULL;
}

static void fill_answer(struct kader_answer *answer, const struct wire_outcome *said) {
    answer->refusal = (enum refusal)said->refusal;
    answer->warning = (enum refusal)said->warning;
    snprintf(answer->sentence, sizeof answer->sentence, "%s", said->sentence ? said->sentence : "");
    snprintf(answer->value, sizeof answer->value, "%s", said->value ? said->value : "");
}

void kader_dry_run_answered(struct kader *kader, const struct wire_ack *ack) {
    struct kader_dry_run *dry_run = &kader->dry_run;
    if (dry_run->first_sequence == 0 || ack->first_sequence != dry_run->first_sequence ||
        ack->count != dry_run->count)
        return; /* of a dry run that was given up */
    dry_run->answered = true;
    if (ack->refusal != REFUSAL_NONE) {
        bool later = ack->refusal == REFUSAL_BUSY || ack->refusal == REFUSAL_DOOR_CLOSED;
        const char *name = refusal_name((enum refusal)ack->refusal);
        dry_run->result = fail(&dry_run->failure, later ? RESULT_AGAIN : RESULT_INVALID,
                               name ? name : "REFUSED", "%s", ack->sentence ? ack->sentence : "");
        return;
    }
    memset(dry_run->answers, 0, dry_run->count * sizeof *dry_run->answers);
    for (uint32_t i = 0; i < ack->range_count; i++)
        for (uint32_t j = 0; j < ack->ranges[i].outcome_count; j++) {
            struct kader_answer *answer = answer_of(dry_run, ack->ranges[i].outcomes[j].sequence);
            if (answer)
                fill_answer(answer, &ack->ranges[i].outcomes[j]);
        }
    dry_run->result = RESULT_OK;
}

/* Serializes as many of the events as one frame holds. */
static uint32_t pack(struct kader *kader, uint8_t *contents, const struct event *events, size_t count) {
    size_t used = 0;
    uint32_t packed = 0;
    while (packed < count && packed < kader->frame_events &&
           kader->contents_bytes - used >= KADER_EVENT_BYTES) {
        struct event event = events[packed];
        if (event.captured_at_ms == 0)
            event.captured_at_ms = clock_now_ms();
        size_t size = wire_event_encode(&event, contents + used, KADER_EVENT_BYTES);
        if (size == 0)
            break;
        kader->events[packed++] = (struct text_bytes){contents + used, size};
        used += size;
    }
    return packed;
}

/* Sends the frame, and again after silence; what comes for queued events meanwhile is told as always. */
static enum result ask(struct kader *kader, uint8_t *contents, const struct event *events, int64_t end_us,
                       struct failure *why) {
    struct kader_dry_run *dry_run = &kader->dry_run;
    int64_t due_us = 0;
    while (!dry_run->answered) {
        int64_t now_us = clock_monotonic_us();
        if (now_us >= due_us) {
            uint32_t count = pack(kader, contents, events, dry_run->count);
            if (kader_send_frame(kader, dry_run->first_sequence, count, true))
                due_us = now_us + kader->resend_us;
        }
        bool received = false;
        enum result result = kader_exchange(kader, &received, why);
        if (result != RESULT_OK && result != RESULT_AGAIN)
            return result;
        if (dry_run->answered || received)
            continue;
        if (now_us >= end_us)
            return fail(why, RESULT_AGAIN, "NOT_ANSWERED",
                        "%s has not answered: check again when there is a network.", kader->endpoint);
        int64_t left_ms = (end_us - now_us + 999) / 1000;
        kader_socket_wait(kader->socket, now_us >= due_us,
                          left_ms < WAIT_MAX_MS ? (int)left_ms : WAIT_MAX_MS);
    }
    return dry_run->result == RESULT_OK
               ? RESULT_OK
               : fail(why, dry_run->result, dry_run->failure.code, "%s", dry_run->failure.sentence);
}

enum result kader_check(struct kader *kader, const struct event *events, size_t count,
                        struct kader_answer *answers, int timeout_ms, struct failure *why) {
    int64_t end_us = clock_monotonic_us() + timeout_ms * INT64_C(1000);
    uint8_t *contents = malloc(kader->contents_bytes);
    require(contents, "out of memory");
    enum result result = RESULT_OK;
    for (size_t done = 0; done < count && result == RESULT_OK;) {
        uint32_t packed = pack(kader, contents, events + done, count - done);
        if (packed == 0) {
            result = fail(why, RESULT_INVALID, "EVENT_TOO_LONG",
                          "Event %zu takes more than %d bytes: shorten its texts to %d bytes each.", done + 1,
                          KADER_EVENT_BYTES, TEXT_MAX);
            break;
        }
        kader->dry_run = (struct kader_dry_run){.first_sequence = kader->dry_runs++ * FRAME_MAX_EVENTS + 1,
                                                .count = packed,
                                                .answers = answers + done};
        result = ask(kader, contents, events + done, end_us, why);
        done += packed;
    }
    kader->dry_run = (struct kader_dry_run){0};
    free(contents);
    return result;
}
