/* desk.c - an office of this command line that reports events (desk.h). */
#include "desk.h"

#include "view/format.h"
#include "instance_info.h"
#include "progress.h"
#include "runtime/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { FRAME_EVENTS = 500, SILENCE_MS = 30000, CHECK_EVENTS = 1000 };

struct desk {
    struct kader *kader;
    struct desk_answer *answers; /* of the events being sent */
    uint64_t first_sequence;
    size_t count, answered;
    struct progress progress;
};

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    struct desk *desk = context;
    uint64_t index = outcome->sequence - desk->first_sequence;
    if (!desk->answers || outcome->sequence < desk->first_sequence || index >= desk->count)
        return; /* of an earlier command */
    struct desk_answer *answer = &desk->answers[index];
    answer->refusal = outcome->refusal;
    answer->warning = outcome->warning;
    answer->offset = outcome->offset;
    snprintf(answer->sentence, sizeof answer->sentence, "%s", outcome->sentence);
    desk->answered++;
    progress_show(&desk->progress, desk->answered, clock_monotonic_us());
}

static void progress_start(struct desk *desk, const char *label, const char *unit, size_t count) {
    progress_begin(&desk->progress, stderr, label, unit, 0, count, clock_monotonic_us());
}

static void progress_stop(struct desk *desk, size_t done) {
    if (desk->progress.shown)
        progress_end(&desk->progress, done, clock_monotonic_us());
}

/* Waits as long as answers keep coming. */
static enum result sync_all(struct desk *desk, struct failure *why) {
    struct kader_counts before, after;
    enum result result;
    do {
        kader_count(desk->kader, &before);
        result = kader_sync(desk->kader, SILENCE_MS, why);
        kader_count(desk->kader, &after);
    } while (result == RESULT_AGAIN && after.queued < before.queued);
    if (result != RESULT_AGAIN)
        return result;
    char count[FORMAT_THINGS];
    return fail(why, RESULT_AGAIN, "NOT_ANSWERED",
                "Enrollment does not answer; the outbox keeps %s for the next such command to send.",
                format_things(after.queued, "event", count));
}

static enum result leftovers_send(struct desk *desk, struct failure *why) {
    struct kader_counts counts;
    char count[FORMAT_THINGS];
    kader_count(desk->kader, &counts);
    if (counts.queued)
        fprintf(stderr, "Sending %s that an interrupted command left in the outbox.\n",
                format_things(counts.queued, "event", count));
    return sync_all(desk, why);
}

enum result desk_open(struct desk **out, const char *state, enum local_device office, enum language language,
                      struct failure *why) {
    char device[INSTANCE_PATH], outbox[INSTANCE_PATH];
    struct instance_info info;
    *out = NULL;
    enum result result = instance_info_load(state, &info, why);
    if (result == RESULT_OK)
        result = control_clock(state, why);
    if (result != RESULT_OK)
        return result;
    local_device_path(device, state, office);
    local_device_outbox(outbox, state, office);
    struct kader_config config = {.device_file = device,
                                  .outbox = outbox,
                                  .endpoint = info.endpoint,
                                  .frame_events = FRAME_EVENTS,
                                  .language = language};
    struct desk *desk = calloc(1, sizeof *desk);
    if (!desk)
        abort();
    result = kader_open(&desk->kader, &config, on_outcome, desk, why);
    if (result == RESULT_OK)
        result = leftovers_send(desk, why);
    if (result != RESULT_OK)
        desk_close(&desk);
    *out = desk;
    return result;
}

void desk_close(struct desk **desk) {
    if (!desk || !*desk)
        return;
    kader_close(&(*desk)->kader);
    free(*desk);
    *desk = NULL;
}

enum result desk_check(struct desk *desk, const struct event *events, size_t count,
                       struct desk_answer *answers, struct failure *why) {
    struct kader_answer *said = calloc(CHECK_EVENTS, sizeof *said);
    enum result result = RESULT_OK;
    if (!said)
        abort();
    progress_start(desk, "Checking", "checked", count);
    for (size_t first = 0; first < count && result == RESULT_OK; first += CHECK_EVENTS) {
        size_t part = count - first < CHECK_EVENTS ? count - first : CHECK_EVENTS;
        result = kader_check(desk->kader, events + first, part, said, SILENCE_MS, why);
        for (size_t i = 0; i < part && result == RESULT_OK; i++) {
            struct desk_answer *answer = &answers[first + i];
            *answer = (struct desk_answer){.refusal = said[i].refusal, .warning = said[i].warning};
            snprintf(answer->sentence, sizeof answer->sentence, "%s", said[i].sentence);
        }
        progress_show(&desk->progress, first + part, clock_monotonic_us());
    }
    progress_stop(desk, count);
    free(said);
    return result;
}

enum result desk_send(struct desk *desk, const struct event *events, size_t count,
                      struct desk_answer *answers, struct failure *why) {
    desk->answers = answers;
    desk->count = count;
    desk->answered = 0;
    progress_start(desk, "Sending", "sent", count);
    enum result result = kader_begin(desk->kader, why);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        uint64_t sequence;
        result = kader_queue(desk->kader, &events[i], &sequence, why);
        if (i == 0)
            desk->first_sequence = sequence;
    }
    if (result == RESULT_OK)
        result = kader_commit(desk->kader, why);
    if (result == RESULT_OK)
        result = sync_all(desk, why);
    desk->answers = NULL;
    progress_stop(desk, desk->answered);
    if (result == RESULT_OK && desk->answered != count)
        return fail(why, RESULT_CORRUPT, "ANSWERS_MISSING",
                    "Only %zu of %zu events were answered; run the command again.", desk->answered, count);
    return result;
}
