/* up_baseline.c - loads the city's people at the first start of `cakupan up` (up.h).
 *
 * STATE/baseline.done says that it was done (or that the state began without). Where it is missing,
 * loading goes on from what enrollment has of the baseline's device, so an interrupted load needs no
 * memory of its own.
 */
#include "up.h"

#include "city_people.h"
#include "view/format.h"
#include "kader/baseline.h"
#include "local_device.h"
#include "progress.h"
#include "runtime/clock.h"
#include "runtime/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct loading {
    struct up *up;
    struct progress progress;
    bool begun;
};

static bool on_progress(void *context, const struct baseline_progress *done) {
    struct loading *loading = context;
    int64_t now_us = clock_monotonic_us();
    if (!loading->begun)
        progress_begin(&loading->progress, stdout, "Loading the city's people", "events", done->resumed_from,
                       done->total, now_us);
    loading->begun = true;
    progress_show(&loading->progress, done->done, now_us);
    return supervisor_step(loading->up->supervisor, 0);
}

static void result_print(const struct baseline_progress *done, const struct generator *generator) {
    char people[FORMAT_TEXT], events[FORMAT_TEXT], took[FORMAT_TEXT], rate[FORMAT_TEXT], refused[FORMAT_TEXT];
    printf("Loaded %s people (%s events) in %s, %s events/s.\n",
           format_count(generator_people(generator), people),
           format_count(done->done - done->resumed_from, events), format_duration(done->elapsed_ms, took),
           format_count(done->events_per_second, rate));
    if (done->refused)
        printf("%s of them were refused; the first: %s See `cakupan refusals`.\n",
               format_count(done->refused, refused), done->first_sentence);
    fflush(stdout);
}

static enum result load(struct up *up, const struct generator *generator, struct failure *why) {
    char device[INSTANCE_PATH];
    struct loading loading = {.up = up};
    struct baseline_progress done = {0};
    local_device_path(device, up->state, LOCAL_BASELINE);
    /* The figures hold as of a day in the past: that is when these people were registered. */
    int64_t as_of_ms = calendar_time_of_day(generator_as_of(generator)), now_ms = clock_now_ms();
    struct baseline_options options = {.device_file = device,
                                       .endpoint = up->info.endpoint,
                                       .captured_at_ms = as_of_ms < now_ms ? as_of_ms : now_ms};
    enum result result = baseline_load(generator, &options, on_progress, &loading, &done, why);
    if (loading.begun && loading.progress.shown)
        progress_end(&loading.progress, done.done, clock_monotonic_us());
    if (result == RESULT_OK)
        result_print(&done, generator);
    return result;
}

static enum result done_write(const struct up *up, const char *words, struct failure *why) {
    char path[INSTANCE_PATH];
    instance_path(path, up->state, "baseline.done");
    return file_replace(path, words, strlen(words), why);
}

enum result up_baseline_load(struct up *up, struct failure *why) {
    char path[INSTANCE_PATH], words[128];
    struct generator *generator = NULL;
    instance_path(path, up->state, "baseline.done");
    if (access(path, F_OK) == 0)
        return RESULT_OK;
    if (up->options.no_baseline)
        return done_write(up, "begun without a baseline\n", why);
    enum result result = city_people(&generator, up->info.city, &up->city.regions, why);
    if (result == RESULT_OK)
        result = load(up, generator, why);
    if (result == RESULT_OK) {
        snprintf(words, sizeof words, "people %u, seed %d\n", generator_people(generator), CITY_PEOPLE_SEED);
        result = done_write(up, words, why);
    }
    generator_destroy(&generator);
    return result;
}
