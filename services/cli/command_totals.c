/* command_totals.c - `cakupan totals`: live coverage of the city or a part of it. */
#include "commands.h"

#include "runtime/clock.h"
#include "terminal.h"
#include "totals_client.h"
#include "totals_print.h"

enum { SIGN_OF_LIFE_US = 10000000 };

struct view_options {
    const char *region;
    bool json, watch;
};

static enum result view_print(const struct view_options *options, const struct coverage_view *view,
                              struct failure *why) {
    const struct coverage_region *region;
    enum result result = coverage_view_find(view, options->region, &region, why);
    if (result != RESULT_OK)
        return result;
    if (options->json) {
        json_print(stdout, totals_json(view, region), options->watch);
        return RESULT_OK;
    }
    if (options->watch && terminal_redraws(stdout))
        terminal_clear(stdout);
    totals_print(stdout, view, region, terminal_colours(stdout));
    if (options->watch)
        printf("%s\n", terminal_redraws(stdout) ? "Watching; Ctrl-C ends." : "");
    fflush(stdout);
    return RESULT_OK;
}

/* Whether an update says anything about the region asked for, or a part of it; the bill is the city's. */
static bool update_concerns(const struct view_options *options, const struct coverage_view *view,
                            const struct coverage_view *update, bool news) {
    const struct coverage_region *shown;
    struct failure why;
    if (coverage_view_find(view, options->region, &shown, &why) != RESULT_OK)
        return true; /* printing it will say so */
    if (news && shown->code < 10000)
        return true;
    for (size_t i = 0; i < update->count; i++)
        if (totals_within(update->regions[i].code, shown->code))
            return true;
    return false;
}

/* One update into the picture; where it does not fit, a whole one is asked for. */
static enum result view_renew(struct totals_client *client, struct coverage_view *view,
                              const struct coverage_view *update, struct failure *why) {
    if (update->since_offset != 0 && coverage_view_update(view, update))
        return RESULT_OK;
    if (update->since_offset != 0)
        return totals_client_ask(client, 0, true, 0, view, why);
    *view = *update;
    return RESULT_OK;
}

static enum result watch(struct totals_client *client, const struct view_options *options,
                         struct coverage_view *view, struct failure *why) {
    static struct coverage_view update; /* too big for a stack */
    int64_t alive_us = clock_monotonic_us();
    for (;;) {
        enum result result = totals_client_next(client, 1000, &update, why);
        bool news = result == RESULT_OK && coverage_view_news(view, &update);
        if (result == RESULT_OK && (update.count > 0 || update.offset != view->offset || news)) {
            result = view_renew(client, view, &update, why);
            if (result == RESULT_OK && update_concerns(options, view, &update, news))
                result = view_print(options, view, why);
        }
        if (result != RESULT_OK && result != RESULT_AGAIN)
            return result;
        if (clock_monotonic_us() - alive_us < SIGN_OF_LIFE_US)
            continue;
        alive_us = clock_monotonic_us();
        result = totals_client_alive(client, 0, view->offset, why);
        if (result != RESULT_OK)
            return result;
    }
}

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT;
    struct view_options options = {0};
    const struct option_row rows[] = {
        {"region", OPTION_TEXT, &options.region, "R", "code or name; default: the city", 0, 0},
        {"json", OPTION_FLAG, &options.json, NULL, "JSON for programs (with --watch: one line an update)", 0,
         0},
        {"watch", OPTION_FLAG, &options.watch, NULL, "print again whenever something changes", 0, 0},
        OPTION_STATE(&state),
        {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct totals_client *client;
    static struct coverage_view view; /* too big for a stack */
    struct failure why;
    enum result result = totals_client_open(&client, state, &why);
    if (result != RESULT_OK)
        return report_failure(command->name, &why, EXIT_FAILED);
    result = totals_client_ask(client, 0, options.watch, 0, &view, &why);
    if (result == RESULT_OK)
        result = view_print(&options, &view, &why);
    if (result == RESULT_OK && options.watch)
        result = watch(client, &options, &view, &why);
    totals_client_close(&client);
    if (result == RESULT_OK)
        return EXIT_FINE;
    bool no_region = result == RESULT_NOT_FOUND || result == RESULT_CONFLICT;
    return report_failure(command->name, &why, no_region ? EXIT_REFUSED : EXIT_FAILED);
}

const struct command command_totals = {
    .name = "totals",
    .arguments = "",
    .summary = "live coverage: registered, active, city-paid",
    .details =
        "Figures of the city, a kecamatan or a kelurahan, of the parts below it and of the six segments.\n"
        "Percentages are of the population, whose date and source are printed below; they may exceed 100.\n"
        "For the city also the bill: of the open month and of the one after as things stand, arrears, and "
        "in\n"
        "which month the grace of how many laid-off people ends.\n"
        "JSON: population registered active city_paid registered_percent active_percent offset as_of and "
        "more,\n"
        "with `regions` (those directly below), `segments`, `statuses`, `flows_today`, and for the city\n"
        "`billing` (null where billing was never heard) and `grace_windows`.\n",
    .examples = "cakupan totals\n"
                "cakupan totals --region Cipondoh\n"
                "cakupan totals --region Cipondoh/Gondrong --watch\n"
                "cakupan totals --region 367105 --json | jq .active_percent",
    .exit_codes = "0  printed\n1  no such region\n2  the command line is wrong\n3  coverage can't be asked",
    .run = run,
};
