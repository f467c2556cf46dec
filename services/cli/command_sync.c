/* command_sync.c - `cakupan sync`: BPJS's master list against our registry, and its differences as events. */
#include "commands.h"

#include "control_client.h"
#include "csv_file.h"
#include "desk.h"
#include "instance_info.h"
#include "journal_follow.h"
#include "progress.h"
#include "runtime/clock.h"
#include "store/city.h"
#include "sync_report.h"
#include "totals_print.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { APPLY_EVENTS = 5000 };

struct sync {
    const char *state, *path, *author;
    bool json;
    struct city city;
    struct registry *registry;
    struct sync_compare compare;
    struct sync_report report;
    struct progress progress;
};

static enum result on_record(void *context, const struct batch_header *batch, const struct record *record,
                             struct failure *why) {
    (void)batch;
    return registry_apply(((struct sync *)context)->registry, record, why);
}

static enum result registry_build(struct sync *sync, struct failure *why) {
    Cakupan__ControlReply *status;
    struct instance_info info;
    struct journal_follow *follow = NULL;
    enum result result = instance_info_load(sync->state, &info, why);
    if (result == RESULT_OK)
        result = city_load(&sync->city, info.city, why);
    if (result == RESULT_OK)
        result = control_status(sync->state, &status, why);
    if (result != RESULT_OK)
        return result;
    uint64_t head = status->status->head;
    control_reply_free(&status);
    sync->registry = registry_new(&sync->city.regions, &sync->city.policy);
    result = journal_follow_open(&follow, sync->state, on_record, sync, why);
    if (result == RESULT_OK)
        result = journal_follow_until(follow, head, "Reading the registry", why);
    journal_follow_close(&follow);
    return result;
}

enum column { COLUMN_NIK, COLUMN_SEGMENT, COLUMN_CLASS, COLUMN_STATUS };
static const struct csv_column columns[] = {[COLUMN_NIK] = {"nik", true},
                                            [COLUMN_SEGMENT] = {"segment", true},
                                            [COLUMN_CLASS] = {"class", true},
                                            [COLUMN_STATUS] = {"status", true},
                                            {NULL, false}};

static enum result on_row(void *context, const struct csv_row *csv, struct failure *why) {
    struct sync *sync = context;
    struct sync_row row = {0};
    enum sync_finding finding = SYNC_BAD_ROW;
    struct sync_example example = {.line = csv->line};
    (void)why;
    if (csv->complete && sync_row_read(csv->values[COLUMN_NIK], csv->values[COLUMN_SEGMENT],
                                       csv->values[COLUMN_CLASS], csv->values[COLUMN_STATUS], &row)) {
        const struct member *member = registry_find(sync->registry, row.identity, NULL);
        example = (struct sync_example){row.identity, csv->line, member ? member->segment : SEGMENT_NONE,
                                        row.segment};
        finding = sync_compare_row(&sync->compare, &row);
    } else {
        sync->compare.counts[SYNC_BAD_ROW]++;
    }
    sync_report_example(&sync->report, finding, example);
    if ((++sync->report.rows & 1023) == 0)
        progress_show(&sync->progress, csv->bytes >> 10, clock_monotonic_us());
    return RESULT_OK;
}

static enum result list_compare(struct sync *sync, struct failure *why) {
    struct stat file = {0};
    uint32_t id = 1;
    const struct member *gone;
    if (strcmp(sync->path, "-") != 0 && stat(sync->path, &file) != 0)
        file.st_size = 0; /* opening it will say why */
    progress_begin(&sync->progress, stderr, "Comparing the list", "KiB", 0, (uint64_t)file.st_size >> 10,
                   clock_monotonic_us());
    enum result result = csv_read_file(sync->path, columns, on_row, sync, why);
    if (sync->progress.shown)
        progress_end(&sync->progress, result == RESULT_OK ? sync->progress.total : 0, clock_monotonic_us());
    if (result != RESULT_OK)
        return result;
    while ((gone = sync_compare_gone(&sync->compare, &id)))
        sync_report_example(&sync->report, SYNC_GONE,
                            (struct sync_example){gone->identity, 0, gone->segment, SEGMENT_NONE});
    return RESULT_OK;
}

static void event_fill(const struct sync *sync, const struct sync_change *change, struct event *event) {
    bool switches = change->kind == CHANGE_SWITCH_SEGMENT;
    *event = (struct event){.kind = change->kind,
                            .identity = change->identity,
                            .segment = switches ? change->segment : 0,
                            .care_class = switches ? change->care_class : 0,
                            .author = {sync->author, (uint16_t)strnlen(sync->author, TEXT_MAX)}};
}

static enum result apply(struct sync *sync, struct failure *why) {
    static struct event events[APPLY_EVENTS];
    static struct desk_answer answers[APPLY_EVENTS];
    struct progress progress;
    struct desk *desk;
    enum result result = desk_open(&desk, sync->state, LOCAL_BPJS, LANGUAGE_ENGLISH, why);
    progress_begin(&progress, stderr, "Sending the differences", "events", 0, sync->compare.change_count,
                   clock_monotonic_us());
    for (size_t first = 0; first < sync->compare.change_count && result == RESULT_OK; first += APPLY_EVENTS) {
        size_t left = sync->compare.change_count - first, count = left < APPLY_EVENTS ? left : APPLY_EVENTS;
        for (size_t i = 0; i < count; i++)
            event_fill(sync, &sync->compare.changes[first + i], &events[i]);
        result = desk_send(desk, events, count, answers, why);
        for (size_t i = 0; i < count && result == RESULT_OK; i++) {
            if (answers[i].refusal)
                sync_report_refusal(&sync->report, answers[i].refusal);
            else
                sync->report.accepted++;
        }
        progress_show(&progress, first + count, clock_monotonic_us());
    }
    if (progress.shown && result == RESULT_OK)
        progress_end(&progress, sync->compare.change_count, clock_monotonic_us());
    desk_close(&desk);
    return result;
}

static enum result sync_run(struct sync *sync, struct failure *why) {
    sync_report_begin(&sync->report);
    enum result result = csv_check_header(sync->path, columns, why);
    if (result == RESULT_OK)
        result = registry_build(sync, why);
    if (result == RESULT_OK) {
        sync_compare_init(&sync->compare, sync->registry);
        result = list_compare(sync, why);
    }
    if (result == RESULT_OK && sync->report.apply)
        result = apply(sync, why);
    if (result == RESULT_OK && sync->json)
        json_print(stdout, sync_report_json(&sync->report, &sync->compare), false);
    else if (result == RESULT_OK)
        sync_report_print(&sync->report, &sync->compare);
    sync_compare_free(&sync->compare);
    registry_destroy(&sync->registry);
    sync_report_free(&sync->report);
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    static struct sync sync = {.state = STATE_DEFAULT};
    sync.author = getenv("USER") ? getenv("USER") : "bpjs";
    const struct option_row rows[] = {
        {"list", OPTION_NUMBER, &sync.report.list, "N", "show N people of each finding, masked", 0,
         SYNC_EXAMPLES_MAX},
        {"apply", OPTION_FLAG, &sync.report.apply, NULL, "send the differences as events of BPJS's role", 0,
         0},
        {"author", OPTION_TEXT, &sync.author, "TEXT", "who takes the list over (default: $USER)", 0, 0},
        {"json", OPTION_FLAG, &sync.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&sync.state),
        {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct failure why;
    sync.path = values[0];
    if (sync_run(&sync, &why) != RESULT_OK)
        return report_failure(command->name, &why, EXIT_FAILED);
    return sync.report.refused ? EXIT_REFUSED : EXIT_FINE;
}

const struct command command_sync = {
    .name = "sync",
    .arguments = "FILE.csv",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "compare BPJS's master list with the registry",
    .details =
        "The file has a header with the columns nik, segment, class, status, and may have millions of "
        "rows (`-`:\n"
        "standard input). Those whom an employer covers while the city or the centre pays come first. "
        "--apply\n"
        "sends what differs in segment, class or status; who is new, gone or laid off here is only shown.\n",
    .examples = "cakupan sync master.csv --list 5\n"
                "cakupan sync master.csv --apply\n"
                "zcat master.csv.gz | cakupan sync - --json | jq .findings.employer_covers",
    .exit_codes = "0  compared (and applied)\n1  some changes were refused\n2  the command line is wrong\n"
                  "3  the file or enrollment can't be read",
    .run = run,
};
