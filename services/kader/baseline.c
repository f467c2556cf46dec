/* baseline.c - streams the generator's events through a kader without an outbox (baseline.h). */
#include "baseline.h"

#include "runtime/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define FRAME_EVENTS_DEFAULT 1000
#define PATIENCE_MS_DEFAULT  30000
#define PROGRESS_US          100000
#define WAIT_MS              20

struct load {
    const struct generator *generator;
    const struct baseline_options *options;
    struct kader *kader;
    struct baseline_progress *progress;
    uint64_t next_event; /* of the stream, to be queued */
    int64_t began_us, heard_us, shown_us;
};

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    struct baseline_progress *progress = context;
    progress->done++;
    if (outcome->refusal == REFUSAL_NONE) {
        progress->accepted++;
        return;
    }
    if (progress->refused++ == 0) {
        progress->first_refusal = outcome->refusal;
        snprintf(progress->first_sentence, sizeof progress->first_sentence, "%s", outcome->sentence);
    }
}

static void measure(struct load *load, int64_t now_us) {
    struct baseline_progress *progress = load->progress;
    struct kader_counts counts;
    kader_count(load->kader, &counts);
    int64_t took_us = now_us - load->began_us;
    progress->resent_frames = counts.resent;
    progress->elapsed_ms = took_us / 1000;
    if (took_us > 0)
        progress->events_per_second =
            (uint32_t)((progress->done - progress->resumed_from) * UINT64_C(1000000) / (uint64_t)took_us);
}

/* Once greeted: where the stream goes on. */
static enum result find_place(struct load *load, struct failure *why) {
    uint64_t sequence = kader_next_sequence(load->kader);
    struct baseline_progress *progress = load->progress;
    if (sequence - 1 > progress->total)
        return fail(
            why, RESULT_CONFLICT, "BASELINE_OTHER",
            "The baseline's device has sent %" PRIu64 " events already, this city's baseline has %" PRIu64
            ": it was loaded from other data or with another seed. Use the same, or begin with a new state.",
            sequence - 1, progress->total);
    load->next_event = progress->done = progress->resumed_from = sequence - 1;
    load->began_us = load->heard_us = clock_monotonic_us();
    return RESULT_OK;
}

/* Queues about one frame; `*full` where the window takes no more or the stream has ended. */
static enum result queue_some(struct load *load, bool *full, struct failure *why) {
    uint32_t count = load->options->frame_events ? load->options->frame_events : FRAME_EVENTS_DEFAULT;
    *full = true;
    for (uint32_t i = 0; i < count; i++) {
        if (load->next_event == load->progress->total)
            return RESULT_OK;
        struct generator_person person;
        struct event event;
        generator_event(load->generator, load->next_event, load->options->captured_at_ms, &person, &event);
        enum result result = kader_queue(load->kader, &event, NULL, why);
        if (result == RESULT_FULL)
            return RESULT_OK;
        if (result != RESULT_OK)
            return result;
        load->next_event++;
    }
    *full = false;
    return RESULT_OK;
}

/* Tells the progress when it is due; false: the caller wants to stop. */
static bool show(struct load *load, baseline_on_progress *on_progress, void *context, int64_t now_us) {
    if (now_us - load->shown_us < PROGRESS_US)
        return true;
    load->shown_us = now_us;
    measure(load, now_us);
    return !on_progress || on_progress(context, load->progress);
}

static enum result no_answer(const struct load *load, uint32_t patience_ms, struct failure *why) {
    return fail(why, RESULT_AGAIN, "NO_ANSWER",
                "Enrollment gave no answer for %u ms, after %" PRIu64 " of %" PRIu64
                " events: see whether it runs, then load again; it goes on from there.",
                patience_ms, load->progress->done, load->progress->total);
}

static enum result run(struct load *load, baseline_on_progress *on_progress, void *context,
                       struct failure *why) {
    uint32_t patience_ms = load->options->patience_ms ? load->options->patience_ms : PATIENCE_MS_DEFAULT;
    bool placed = false;
    while (!placed || load->progress->done < load->progress->total) {
        uint64_t done = load->progress->done;
        bool full = true;
        enum result result = placed ? queue_some(load, &full, why) : RESULT_OK;
        if (result == RESULT_OK)
            result = kader_step(load->kader, full ? WAIT_MS : 0, why);
        if (result != RESULT_OK && result != RESULT_AGAIN)
            return result;
        if (!placed && kader_next_sequence(load->kader) != 0) {
            result = find_place(load, why);
            if (result != RESULT_OK)
                return result;
            placed = true;
        }
        int64_t now_us = clock_monotonic_us();
        if (load->progress->done != done)
            load->heard_us = now_us;
        if (now_us - load->heard_us > patience_ms * INT64_C(1000))
            return no_answer(load, patience_ms, why);
        if (!show(load, on_progress, context, now_us))
            return fail(why, RESULT_AGAIN, "STOPPED", "Stopped after %" PRIu64 " of %" PRIu64 " events.",
                        load->progress->done, load->progress->total);
    }
    return RESULT_OK;
}

enum result baseline_load(const struct generator *generator, const struct baseline_options *options,
                          baseline_on_progress *on_progress, void *context,
                          struct baseline_progress *progress, struct failure *why) {
    uint32_t frame_events = options->frame_events ? options->frame_events : FRAME_EVENTS_DEFAULT;
    struct kader_config config = {.device_file = options->device_file,
                                  .endpoint = options->endpoint,
                                  .frame_events = frame_events,
                                  .window_events = options->window_events,
                                  .language = LANGUAGE_ENGLISH};
    struct load load = {.generator = generator, .options = options, .progress = progress};
    *progress = (struct baseline_progress){.total = generator_events(generator)};
    enum result result = kader_open(&load.kader, &config, on_outcome, progress, why);
    if (result != RESULT_OK)
        return result;
    load.began_us = load.heard_us = load.shown_us = clock_monotonic_us();
    result = run(&load, on_progress, context, why);
    measure(&load, clock_monotonic_us());
    if (on_progress)
        on_progress(context, progress);
    kader_close(&load.kader);
    return result;
}
