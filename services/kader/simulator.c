/* simulator.c - drives a fleet by scenarios and gathers what came back (simulator.h). */
#include "simulator.h"

#include "fleet.h"
#include "generator_state.h"
#include "scenario.h"

#include "runtime/clock.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS_DEFAULT 30000
#define LAYOFFS_DEFAULT     10000
#define BURST_MAX           8  /* events that a kader brings home from one street */
#define BURSTS_PER_TURN     64 /* then answers are looked at */
#define PROGRESS_US         100000
#define OFFICE_SHARE        20 /* an ordinary day: one event of the office for so many of kaders */
#define BULK_FRAME_EVENTS   500
#define OTHER_TURN_EVENTS   100

struct simulation {
    const struct simulator_options *options;
    struct simulator_summary *summary;
    simulator_on_progress *on_progress;
    void *context;
    struct scenario scenario;
    struct fleet *fleet;
    enum simulator_group kaders; /* where the kaders' outcomes are counted now */
    uint64_t *made;              /* events made for each device */
    uint64_t turns;              /* bursts so far: chooses the next device */
    uint64_t office_made;
    uint32_t company, rank, layoffs_left; /* surge: who is laid off next */
    int64_t began_us, shown_us, heard_us;
    uint64_t answered; /* when last looked at */
};

static void on_outcome(void *context, uint8_t group, const struct kader_outcome *outcome) {
    struct simulation *simulation = context;
    enum simulator_group counted =
        group == SIMULATOR_KADERS ? simulation->kaders : (enum simulator_group)group;
    struct simulator_figures *figures = &simulation->summary->groups[counted];
    histogram_add(&figures->ack, outcome->ack_us);
    if (outcome->refusal == REFUSAL_NONE)
        figures->accepted++;
    else
        figures->refused++;
    if ((unsigned)outcome->refusal < SIMULATOR_CODES && outcome->refusal != REFUSAL_NONE)
        figures->by_code[outcome->refusal]++;
    if ((unsigned)outcome->warning < SIMULATOR_CODES && outcome->warning != REFUSAL_NONE) {
        figures->warned++;
        figures->by_code[outcome->warning]++;
    }
}

/* What the devices count themselves; of the kaders' second phase the first is taken off. */
static void take_counts(struct simulation *simulation) {
    for (unsigned group = 0; group <= SIMULATOR_OTHER; group++) {
        struct fleet_counts counts = fleet_count(simulation->fleet, (uint8_t)group);
        bool kaders = group == SIMULATOR_KADERS;
        struct simulator_figures *figures = &simulation->summary->groups[kaders ? simulation->kaders : group];
        const struct simulator_figures *before = &simulation->summary->groups[SIMULATOR_BEFORE];
        bool second = kaders && simulation->kaders == SIMULATOR_KADERS;
        figures->devices = counts.devices;
        figures->refused_devices = counts.refused_devices;
        figures->sent = counts.sent - (second ? before->sent : 0);
        figures->busy_frames = counts.busy - (second ? before->busy_frames : 0);
        figures->resent_frames = counts.resent - (second ? before->resent_frames : 0);
    }
}

static uint64_t answered_by(const struct simulator_summary *summary) {
    uint64_t answered = 0;
    for (unsigned group = 0; group < SIMULATOR_GROUPS; group++)
        answered += summary->groups[group].accepted + summary->groups[group].refused;
    return answered;
}

/* False: the caller wants to stop. */
static bool show(struct simulation *simulation, int64_t now_us) {
    if (now_us - simulation->shown_us < PROGRESS_US)
        return true;
    simulation->shown_us = now_us;
    simulation->summary->elapsed_ms = (now_us - simulation->began_us) / 1000;
    simulation->summary->unanswered = fleet_waiting(simulation->fleet);
    take_counts(simulation);
    if (simulation->on_progress && !simulation->on_progress(simulation->context, simulation->summary))
        simulation->summary->stopped = true;
    return !simulation->summary->stopped;
}

/* Whether something waits for an answer for too long. */
static enum result check_patience(struct simulation *simulation, int64_t now_us, struct failure *why) {
    uint64_t answered = answered_by(simulation->summary);
    uint32_t patience_ms =
        simulation->options->patience_ms ? simulation->options->patience_ms : PATIENCE_MS_DEFAULT;
    if (answered != simulation->answered || fleet_waiting(simulation->fleet) == 0) {
        simulation->answered = answered;
        simulation->heard_us = now_us;
    }
    if (now_us - simulation->heard_us <= patience_ms * INT64_C(1000))
        return RESULT_OK;
    return fail(why, RESULT_AGAIN, "NO_ANSWER",
                "Enrollment gave no answer for %u ms, %" PRIu64 " events wait: see whether it runs.",
                patience_ms, fleet_waiting(simulation->fleet));
}

/* A kader comes home and sends the visits of one street, `*made` of them, at most `most`. */
static enum result send_burst(struct simulation *simulation, uint64_t most, uint64_t *made,
                              struct failure *why) {
    uint64_t hash = generator_hash(simulation->options->seed ^ 'B', simulation->turns++);
    size_t index = hash % simulation->options->device_count;
    uint64_t size = 1 + (hash >> 40) % BURST_MAX;
    struct scenario_sender sender = {.device = fleet_device_number(simulation->fleet, index),
                                     .area = fleet_device_area(simulation->fleet, index)};
    enum result result = RESULT_OK;
    *made = 0;
    while (result == RESULT_OK && *made < size && *made < most) {
        struct scenario_event event;
        scenario_kader(&simulation->scenario, &sender, simulation->made[index], clock_now_ms(), &event);
        result = fleet_queue(simulation->fleet, index, &event.event, why);
        if (result == RESULT_OK) {
            simulation->made[index]++;
            ++*made;
        }
    }
    simulation->summary->groups[simulation->kaders].queued += *made;
    if (result != RESULT_OK && result != RESULT_FULL)
        return result;
    return fleet_send(simulation->fleet, index, why);
}

/* The events that are due by now, some of them: the rest in the next turn. */
static enum result send_kaders(struct simulation *simulation, int64_t began_us, bool *over,
                               struct failure *why) {
    const struct simulator_options *options = simulation->options;
    uint64_t *queued = &simulation->summary->groups[simulation->kaders].queued;
    int64_t elapsed_us = clock_monotonic_us() - began_us;
    uint64_t limit = options->events ? options->events : UINT64_MAX;
    uint64_t due =
        options->events_per_second ? (uint64_t)elapsed_us * options->events_per_second / 1000000 : limit;
    if (due > limit)
        due = limit;
    for (int i = 0; i < BURSTS_PER_TURN && *queued < due; i++) {
        uint64_t made;
        enum result result = send_burst(simulation, due - *queued, &made, why);
        if (result != RESULT_OK)
            return result;
    }
    bool time_over = options->seconds && elapsed_us >= options->seconds * INT64_C(1000000);
    *over = time_over || *queued >= limit;
    return RESULT_OK;
}

/* The device beside the kaders. */
struct other {
    const char *device_file; /* NULL: none */
    bool needed;
    uint32_t frame_events; /* 0: as a kader */
};

/* An event of the labour office or of the device that floods; RESULT_FULL: later. */
typedef enum result make_other(struct simulation *simulation, size_t index, struct failure *why);

static enum result queue_other(struct simulation *simulation, size_t index,
                               const struct scenario_event *event, struct failure *why) {
    enum result result = fleet_queue(simulation->fleet, index, &event->event, why);
    if (result == RESULT_OK)
        simulation->summary->groups[SIMULATOR_OTHER].queued++;
    return result;
}

static enum result make_office_day(struct simulation *simulation, size_t index, struct failure *why) {
    struct scenario_event event;
    if (simulation->office_made * OFFICE_SHARE >= simulation->summary->groups[SIMULATOR_KADERS].queued)
        return RESULT_FULL;
    scenario_office(&simulation->scenario, simulation->office_made, clock_now_ms(), &event);
    enum result result = queue_other(simulation, index, &event, why);
    simulation->office_made += result == RESULT_OK;
    return result;
}

static enum result make_layoff(struct simulation *simulation, size_t index, struct failure *why) {
    const struct generator *generator = simulation->options->generator;
    struct scenario_event event;
    if (simulation->layoffs_left == 0)
        return RESULT_FULL;
    scenario_layoff(&simulation->scenario, simulation->company, simulation->rank, clock_now_ms(), &event);
    enum result result = queue_other(simulation, index, &event, why);
    if (result != RESULT_OK)
        return result;
    simulation->layoffs_left--;
    if (++simulation->rank == generator_workers(generator, simulation->company)) {
        simulation->rank = 0;
        simulation->company = (simulation->company + 1) % generator_employers(generator);
    }
    return RESULT_OK;
}

static enum result make_flood(struct simulation *simulation, size_t index, struct failure *why) {
    struct scenario_event event;
    struct scenario_sender sender = {.device = fleet_device_number(simulation->fleet, index),
                                     .area = fleet_device_area(simulation->fleet, index)};
    scenario_kader(&simulation->scenario, &sender, simulation->office_made, clock_now_ms(), &event);
    enum result result = queue_other(simulation, index, &event, why);
    simulation->office_made += result == RESULT_OK;
    return result;
}

static enum result send_other(struct simulation *simulation, make_other *make, struct failure *why) {
    size_t index = simulation->options->device_count; /* the kaders come first in the fleet */
    enum result result = RESULT_OK;
    for (int i = 0; result == RESULT_OK && i < OTHER_TURN_EVENTS; i++)
        result = make(simulation, index, why);
    if (result != RESULT_OK && result != RESULT_FULL)
        return result;
    return fleet_send(simulation->fleet, index, why);
}

/* Kaders, and the other one where `make` says so, until the kaders are through and everything is answered. */
static enum result run(struct simulation *simulation, make_other *make, struct failure *why) {
    int64_t began_us = clock_monotonic_us();
    bool over = simulation->options->device_count == 0;
    simulation->heard_us = began_us;
    for (bool done = false; !done;) {
        enum result result = RESULT_OK;
        uint64_t waiting = fleet_waiting(simulation->fleet);
        if (!over)
            result = send_kaders(simulation, began_us, &over, why);
        bool other_goes_on = make && (!over || simulation->layoffs_left > 0);
        if (result == RESULT_OK && other_goes_on)
            result = send_other(simulation, make, why);
        if (result == RESULT_OK)
            result = fleet_round(simulation->fleet, fleet_waiting(simulation->fleet) > waiting ? 0 : 1, why);
        int64_t now_us = clock_monotonic_us();
        if (result == RESULT_OK)
            result = check_patience(simulation, now_us, why);
        if (result != RESULT_OK)
            return result;
        done = over && !other_goes_on && fleet_waiting(simulation->fleet) == 0;
        if (!show(simulation, now_us))
            done = true;
    }
    int64_t elapsed_ms = (clock_monotonic_us() - began_us) / 1000;
    simulation->summary->groups[simulation->kaders].elapsed_ms = elapsed_ms;
    simulation->summary->groups[SIMULATOR_OTHER].elapsed_ms = make ? elapsed_ms : 0;
    take_counts(simulation);
    return RESULT_OK;
}

static enum result check_options(const struct simulator_options *options, const struct other *other,
                                 struct failure *why) {
    if (options->device_count == 0)
        return fail(why, RESULT_INVALID, "NO_DEVICES",
                    "A simulation needs at least one paired kader device.");
    if (options->events == 0 && options->seconds == 0)
        return fail(why, RESULT_INVALID, "NO_END",
                    "Say how many events or how many seconds the simulation lasts.");
    if (other->needed && !other->device_file)
        return fail(
            why, RESULT_INVALID, "NO_DEVICES",
            "This simulation needs one more device: the labour office's (surge) or the one that floods.");
    return RESULT_OK;
}

static enum result open_fleet(struct simulation *simulation, const struct other *other, struct failure *why) {
    const struct simulator_options *options = simulation->options;
    struct fleet_options fleet_options = {
        .endpoint = options->endpoint,
        .patience_ms = options->patience_ms ? options->patience_ms : PATIENCE_MS_DEFAULT,
        .on_outcome = on_outcome,
        .context = simulation,
    };
    enum result result = fleet_new(&simulation->fleet, &fleet_options, why);
    if (result != RESULT_OK)
        return result;
    struct fleet_device *devices = calloc(options->device_count + 1, sizeof *devices);
    simulation->made = calloc(options->device_count, sizeof *simulation->made);
    require(devices && simulation->made, "out of memory");
    size_t count = 0;
    for (; count < options->device_count; count++)
        devices[count] = (struct fleet_device){.device_file = options->devices[count].device_file,
                                               .area = options->devices[count].area,
                                               .group = SIMULATOR_KADERS};
    if (other->device_file)
        devices[count++] = (struct fleet_device){.device_file = other->device_file,
                                                 .area = generator_city(options->generator),
                                                 .group = SIMULATOR_OTHER,
                                                 .frame_events = other->frame_events};
    result = fleet_add(simulation->fleet, devices, count, why);
    free(devices);
    return result;
}

/* Devices and tables for one run; `simulation` is handed back by finish. */
static enum result begin(struct simulation *simulation, const struct simulator_options *options,
                         const struct other *other, struct failure *why) {
    memset(simulation->summary, 0, sizeof *simulation->summary);
    simulation->options = options;
    simulation->scenario = (struct scenario){.generator = options->generator,
                                             .seed = options->seed,
                                             .today = calendar_day_of_time(clock_now_ms()),
                                             .mistakes_permille = options->mistakes_permille};
    enum result result = check_options(options, other, why);
    if (result == RESULT_OK)
        result = open_fleet(simulation, other, why);
    simulation->began_us = simulation->shown_us = clock_monotonic_us();
    return result;
}

static enum result finish(struct simulation *simulation, enum result result) {
    if (simulation->fleet) {
        simulation->summary->elapsed_ms = (clock_monotonic_us() - simulation->began_us) / 1000;
        simulation->summary->unanswered = fleet_waiting(simulation->fleet);
    }
    fleet_destroy(&simulation->fleet);
    free(simulation->made);
    return result;
}

enum result simulator_day(const struct simulator_options *options, simulator_on_progress *on_progress,
                          void *context, struct simulator_summary *summary, struct failure *why) {
    struct simulation simulation = {.summary = summary, .on_progress = on_progress, .context = context};
    struct other office = {.device_file = options->office_file};
    enum result result = begin(&simulation, options, &office, why);
    if (result == RESULT_OK)
        result = run(&simulation, options->office_file ? make_office_day : NULL, why);
    return finish(&simulation, result);
}

enum result simulator_surge(const struct simulator_options *options, simulator_on_progress *on_progress,
                            void *context, struct simulator_summary *summary, struct failure *why) {
    struct simulation simulation = {.summary = summary, .on_progress = on_progress, .context = context};
    struct other office = {
        .device_file = options->office_file, .needed = true, .frame_events = BULK_FRAME_EVENTS};
    enum result result = begin(&simulation, options, &office, why);
    if (result == RESULT_OK) {
        uint64_t hash = generator_hash(options->seed, 'L');
        uint32_t large =
            generator_employers(options->generator) / 100 + 1; /* companies come from large to small */
        simulation.company = (uint32_t)(hash % large);
        simulation.layoffs_left = options->layoffs ? options->layoffs : LAYOFFS_DEFAULT;
        result = run(&simulation, make_layoff, why);
    }
    return finish(&simulation, result);
}

enum result simulator_flood(const struct simulator_options *options, simulator_on_progress *on_progress,
                            void *context, struct simulator_summary *summary, struct failure *why) {
    struct simulation simulation = {.summary = summary, .on_progress = on_progress, .context = context};
    struct other flooder = {.device_file = options->flooder_file, .needed = true};
    enum result result = begin(&simulation, options, &flooder, why);
    simulation.kaders = SIMULATOR_BEFORE;
    if (result == RESULT_OK)
        result = run(&simulation, NULL, why);
    simulation.kaders = SIMULATOR_KADERS;
    if (result == RESULT_OK && !summary->stopped)
        result = run(&simulation, make_flood, why);
    return finish(&simulation, result);
}
