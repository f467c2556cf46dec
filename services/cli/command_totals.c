/* command_totals.c - `cakupan totals`: live coverage of the city or a part of it. */
#include "commands.h"

#include "runtime/clock.h"
#include "terminal.h"
#include "totals_client.h"
#include "totals_print.h"

enum { SIGN_OF_LIFE_US = 10000000 };

struct totals_view {
    const char *region;
    bool json, watch;
};

static enum result view_print(const struct totals_view *view, const Cakupan__TotalsReply *picture,
                              struct failure *why) {
    const Cakupan__TotalsLine *region;
    enum result result = totals_picture_find(picture, view->region, &region, why);
    if (result != RESULT_OK)
        return result;
    if (view->json) {
        json_print(stdout, totals_json(picture, region), view->watch);
        return RESULT_OK;
    }
    if (view->watch && terminal_redraws(stdout))
        terminal_clear(stdout);
    totals_print(stdout, picture, region, terminal_colours(stdout));
    if (view->watch)
        printf("%s\n", terminal_redraws(stdout) ? "Watching; Ctrl-C ends." : "");
    fflush(stdout);
    return RESULT_OK;
}

/* One update into the picture; where it does not fit, a whole picture is asked for. */
static enum result picture_renew(struct totals_client *client, Cakupan__TotalsReply **picture,
                                 Cakupan__TotalsReply *update, struct failure *why) {
    if (update->since_offset == 0) {
        totals_reply_free(picture);
        *picture = update;
        return RESULT_OK;
    }
    bool continues = totals_picture_update(*picture, update);
    totals_reply_free(&update);
    if (continues)
        return RESULT_OK;
    totals_reply_free(picture);
    return totals_client_ask(client, 0, true, 0, picture, why);
}

static enum result watch(struct totals_client *client, const struct totals_view *view,
                         Cakupan__TotalsReply **picture, struct failure *why) {
    int64_t alive_us = clock_monotonic_us();
    for (;;) {
        Cakupan__TotalsReply *update = NULL;
        enum result result = totals_client_next(client, 1000, &update, why);
        if (result == RESULT_OK && (update->n_lines > 0 || update->offset != (*picture)->offset)) {
            result = picture_renew(client, picture, update, why);
            if (result == RESULT_OK)
                result = view_print(view, *picture, why);
        } else if (result == RESULT_OK) {
            totals_reply_free(&update);
        }
        if (result != RESULT_OK && result != RESULT_AGAIN)
            return result;
        if (clock_monotonic_us() - alive_us >= SIGN_OF_LIFE_US) {
            alive_us = clock_monotonic_us();
            result = totals_client_alive(client, 0, (*picture)->offset, why);
            if (result != RESULT_OK)
                return result;
        }
    }
}

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT;
    struct totals_view view = {0};
    const struct option_row rows[] = {
        {"region", OPTION_TEXT, &view.region, "R", "code or name; default: the city", 0, 0},
        {"json", OPTION_FLAG, &view.json, NULL, "JSON for programs (with --watch: one line an update)", 0, 0},
        {"watch", OPTION_FLAG, &view.watch, NULL, "print again whenever something changes", 0, 0},
        OPTION_STATE(&state),
        {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct totals_client *client;
    Cakupan__TotalsReply *picture = NULL;
    struct failure why;
    enum result result = totals_client_open(&client, state, &why);
    if (result != RESULT_OK)
        return report_failure(command->name, &why, EXIT_FAILED);
    result = totals_client_ask(client, 0, view.watch, 0, &picture, &why);
    if (result == RESULT_OK)
        result = view_print(&view, picture, &why);
    if (result == RESULT_OK && view.watch)
        result = watch(client, &view, &picture, &why);
    totals_reply_free(&picture);
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
        "Percentages are of the population, whose date and source are printed below; they may exceed 100.\n",
    .examples = "cakupan totals\n"
                "cakupan totals --region Cipondoh\n"
                "cakupan totals --region Cipondoh/Gondrong --watch\n"
                "cakupan totals --region 367105 --json | jq .active_percent",
    .exit_codes = "0  printed\n1  no such region\n2  the command line is wrong\n3  coverage can't be asked",
    .run = run,
};
