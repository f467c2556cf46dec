/* command_simulate.c - `cakupan simulate`: many devices at work on the running city, and what they got
 * back. */
#include "commands.h"

#include "city_people.h"
#include "control_client.h"
#include "instance_info.h"
#include "progress.h"
#include "runtime/clock.h"
#include "runtime/file.h"
#include "simulate_fleet.h"
#include "simulate_report.h"
#include "simulate_surge.h"
#include "store/city.h"
#include "terminal.h"
#include "totals_print.h"

#include <signal.h>
#include <string.h>

enum {
    DEVICES_DEFAULT = 500,
    SECONDS_DEFAULT = 20,
    RATE_DEFAULT = 2000,
    MISTAKES_DEFAULT = 30,
    LAYOFFS_DEFAULT = 10000
};

enum scenario_number { SCENARIO_DAY, SCENARIO_SURGE, SCENARIO_FLOOD, SCENARIO_COUNT };

typedef enum result simulator(const struct simulator_options *options, simulator_on_progress *on_progress,
                              void *context, struct simulator_summary *summary, struct failure *why);

static const struct {
    const char *name;
    simulator *run;
    const char *groups[SIMULATOR_GROUPS]; /* what each group is in this scenario */
} scenarios[SCENARIO_COUNT] = {
    [SCENARIO_DAY] = {"day", simulator_day, {"kaders", "labour office", NULL}},
    [SCENARIO_SURGE] = {"surge", simulator_surge, {"kaders", "labour office", NULL}},
    [SCENARIO_FLOOD] = {"flood", simulator_flood, {"kaders, during it", "who floods", "kaders, before"}},
};

struct simulate {
    const char *state;
    uint64_t devices, rate, events, seconds, layoffs, mistakes, seed;
    bool json;
    enum scenario_number scenario;
    struct city city;
    struct generator *generator;
    struct simulate_fleet fleet;
    struct simulator_summary summary;
    struct progress progress;
    struct surge surge;
    bool watched;  /* billing runs: a surge shows what it does to the bill */
    uint64_t head; /* of the journal, before */
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

static uint64_t answered(const struct simulator_summary *summary) {
    uint64_t count = 0;
    for (int group = 0; group < SIMULATOR_GROUPS; group++)
        count += summary->groups[group].accepted + summary->groups[group].refused;
    return count;
}

static bool on_progress(void *context, const struct simulator_summary *summary) {
    struct simulate *simulate = context;
    int64_t now_us = clock_monotonic_us();
    if (simulate->watched)
        simulate->watched = surge_look(&simulate->surge, now_us);
    if (!simulate->watched || !simulate->surge.redraws)
        progress_show(&simulate->progress, answered(summary), now_us);
    return !interrupted;
}

/* The simulated people are the baseline's: without it nearly everything would be refused. */
static enum result baseline_check(const char *state, struct failure *why) {
    char path[INSTANCE_PATH], words[128];
    instance_path(path, state, "baseline.done");
    if (file_read(path, false, words, sizeof words, NULL) == RESULT_OK && strncmp(words, "people", 6) == 0)
        return RESULT_OK;
    return fail(
        why, RESULT_CONFLICT, "NO_BASELINE",
        "The city with the state %s was begun without its people, and simulations are about them; start one "
        "without --no-baseline.",
        state);
}

static enum result prepare(struct simulate *simulate, struct instance_info *info, struct failure *why) {
    Cakupan__ControlReply *status;
    enum result result = instance_info_load(simulate->state, info, why);
    if (result == RESULT_OK)
        result = control_status(simulate->state, &status, why);
    if (result != RESULT_OK)
        return result;
    simulate->head = status->status->head;
    if (simulate->seed == 0)
        simulate->seed =
            simulate->head + 1; /* another day each time, and yet repeatable from the same state */
    control_reply_free(&status);
    result = baseline_check(simulate->state, why);
    if (result == RESULT_OK)
        result = control_clock(simulate->state, why);
    if (result == RESULT_OK)
        result = city_load(&simulate->city, info->city, why);
    if (result == RESULT_OK)
        result = city_people(&simulate->generator, info->city, &simulate->city.regions, why);
    if (result == RESULT_OK)
        result = simulate_fleet_prepare(&simulate->fleet, simulate->state, info->endpoint,
                                        &simulate->city.regions, simulate->devices, why);
    return result;
}

/* A city whose billing does not run is simulated all the same. */
static void watch_begin(struct simulate *simulate) {
    struct failure why;
    if (simulate->scenario != SCENARIO_SURGE)
        return;
    simulate->watched = surge_open(&simulate->surge, simulate->state, &simulate->city.regions, simulate->head,
                                   &why) == RESULT_OK;
    if (!simulate->watched)
        fprintf(stderr, "What it does to the bill is not shown: %s\n", why.sentence);
}

static enum result watch_end(struct simulate *simulate, struct failure *why) {
    Cakupan__ControlReply *status;
    if (!simulate->watched)
        return RESULT_OK;
    enum result result = control_status(simulate->state, &status, why);
    if (result != RESULT_OK)
        return result;
    uint64_t head = status->status->head;
    control_reply_free(&status);
    return surge_finish(&simulate->surge, head, why);
}

static enum result simulate_run(struct simulate *simulate, struct failure *why) {
    struct instance_info info;
    enum result result = prepare(simulate, &info, why);
    if (result != RESULT_OK)
        return result;
    struct simulator_options options = {.generator = simulate->generator,
                                        .devices = simulate->fleet.devices,
                                        .device_count = simulate->fleet.count,
                                        .office_file = simulate->fleet.office,
                                        .flooder_file = simulate->fleet.flooder,
                                        .endpoint = info.endpoint,
                                        .events_per_second = (uint32_t)simulate->rate,
                                        .events = simulate->events,
                                        .seconds = (uint32_t)simulate->seconds,
                                        .layoffs = (uint32_t)simulate->layoffs,
                                        .mistakes_permille = (uint32_t)simulate->mistakes,
                                        .seed = simulate->seed};
    watch_begin(simulate);
    progress_begin(&simulate->progress, stderr, "Answered", "events", 0, 0, clock_monotonic_us());
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
    result = scenarios[simulate->scenario].run(&options, on_progress, simulate, &simulate->summary, why);
    if (simulate->progress.shown)
        progress_end(&simulate->progress, answered(&simulate->summary), clock_monotonic_us());
    return result == RESULT_OK ? watch_end(simulate, why) : result;
}

static void report(const struct simulate *simulate) {
    const char *const *groups = scenarios[simulate->scenario].groups;
    if (simulate->json) {
        json_t *object = simulate_report_json(&simulate->summary, groups);
        if (simulate->watched)
            json_object_set_new(object, "billing", surge_json(&simulate->surge));
        json_print(stdout, object, false);
        return;
    }
    simulate_report_print(&simulate->summary, groups);
    if (simulate->watched)
        surge_print(&simulate->surge, stdout, terminal_colours(stdout));
}

static enum result scenario_read(const char *name, enum scenario_number *out, struct failure *why) {
    for (int i = 0; i < SCENARIO_COUNT; i++) {
        *out = (enum scenario_number)i;
        if (strcmp(name, scenarios[i].name) == 0)
            return RESULT_OK;
    }
    return fail(why, RESULT_INVALID, "ARGUMENT_UNKNOWN",
                "`cakupan simulate` knows day, surge and flood, not '%.40s'.", name);
}

static int run(const struct command *command, int argc, char **argv) {
    static struct simulate simulate = {.state = STATE_DEFAULT,
                                       .devices = DEVICES_DEFAULT,
                                       .rate = RATE_DEFAULT,
                                       .seconds = SECONDS_DEFAULT,
                                       .layoffs = LAYOFFS_DEFAULT,
                                       .mistakes = MISTAKES_DEFAULT};
    const struct option_row rows[] = {
        {"devices", OPTION_NUMBER, &simulate.devices, "N", "kaders at work (default 500)", 1, 20000},
        {"rate", OPTION_NUMBER, &simulate.rate, "N",
         "events/s of all kaders (default 2,000; 0: as fast as it goes)", 0, 10000000},
        {"seconds", OPTION_NUMBER, &simulate.seconds, "N", "how long (default 20; flood: of each half)", 1,
         86400},
        {"events", OPTION_NUMBER, &simulate.events, "N", "stop after so many events of kaders", 1,
         UINT32_MAX},
        {"layoffs", OPTION_NUMBER, &simulate.layoffs, "N", "surge: workers laid off (default 10,000)", 1,
         10000000},
        {"mistakes", OPTION_NUMBER, &simulate.mistakes, "PERMILLE", "of the kaders' events (default 30)", 0,
         1000},
        {"seed", OPTION_NUMBER, &simulate.seed, "N",
         "another seed, other events (default: from the journal's head)", 1, 0},
        {"json", OPTION_FLAG, &simulate.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&simulate.state),
        {0}};
    const char *values[argc];
    struct failure why;
    options_read(command, rows, argc, argv, values);
    if (scenario_read(values[0], &simulate.scenario, &why) != RESULT_OK)
        return report_failure(command->name, &why, EXIT_USAGE);
    enum result result = simulate_run(&simulate, &why);
    if (result == RESULT_OK)
        report(&simulate);
    surge_close(&simulate.surge);
    simulate_fleet_free(&simulate.fleet);
    generator_destroy(&simulate.generator);
    if (result != RESULT_OK)
        return report_failure(command->name, &why, EXIT_FAILED);
    return simulate.summary.unanswered ? EXIT_REFUSED : EXIT_FINE;
}

const struct command command_simulate = {
    .name = "simulate",
    .arguments = "day|surge|flood",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "let many devices work on the city",
    .details = "day    kaders and the labour office report an ordinary day, mistakes included\n"
               "surge  companies close: layoffs in bulk while the kaders go on; who moves to city-paid and "
               "from when,\n"
               "       how the bill grows, and until when the budget lasts\n"
               "flood  one device sends as fast as it can; the others are measured before and during it\n"
               "\n"
               "What they report is real to this city: its totals change. Missing devices are paired first\n"
               "(some 90 a second). In the table Sent counts repeats, too, and Busy the frames put off for a "
               "while.\n",
    .examples = "cakupan simulate day\n"
                "cakupan simulate surge --layoffs 50000\n"
                "cakupan simulate flood --devices 1000 --seconds 10 --json",
    .exit_codes = "0  every event was answered\n1  some were not\n2  the command line is wrong\n3  it could "
                  "not be done",
    .run = run,
};
