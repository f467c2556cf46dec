/* command_sync.c - `cakupan sync`: BPJS's master list against our registry, and its differences as events. */
#include "commands.h"

#include "cakupan/nik.h"
#include "control_client.h"
#include "csv_file.h"
#include "desk.h"
#include "format.h"
#include "instance_info.h"
#include "journal_follow.h"
#include "progress.h"
#include "runtime/clock.h"
#include "store/city.h"
#include "sync_compare.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EXAMPLES_MAX = 1000, APPLY_EVENTS = 5000, REFUSAL_KINDS_MAX = 32 };

struct example {
    identity_t identity;
    uint64_t line;       /* 0: not in the list */
    uint8_t here, there; /* segments; 0 none */
};

struct sync {
    const char *state, *path, *author;
    uint64_t list;
    bool apply, json;
    struct city city;
    struct registry *registry;
    struct sync_compare compare;
    struct example *examples; /* SYNC_FINDINGS times `list` */
    size_t example_counts[SYNC_FINDINGS];
    struct progress progress;
    uint64_t rows, applied, refused;
    struct {
        enum refusal code;
        uint64_t count;
    } refusals[REFUSAL_KINDS_MAX];
};

static const struct {
    const char *name, *title;
} findings[SYNC_FINDINGS] = {
    [SYNC_EMPLOYER_COVERS] = {"employer_covers", "an employer covers them, yet the city or the centre pays"},
    [SYNC_OTHER_SEGMENT] = {"other_segment", "in another segment"},
    [SYNC_OTHER_CLASS] = {"other_class", "in another class"},
    [SYNC_SUSPENDED_THERE] = {"suspended_there", "covered here, not active at BPJS"},
    [SYNC_ACTIVE_THERE] = {"active_there", "suspended here, active at BPJS"},
    [SYNC_LAID_OFF_HERE] = {"laid_off_here",
                            "laid off here, still employed in the list: ask the labour office"},
    [SYNC_LEFT_HERE] = {"left_here", "deceased, moved or merged here, still in the list"},
    [SYNC_NEW] = {"new", "new: needs a kader (no birth date, no place in the list)"},
    [SYNC_GONE] = {"gone", "gone: registered here, not in the list"},
    [SYNC_TWICE] = {"twice", "twice in the list"},
    [SYNC_BAD_ROW] = {"bad_row", "rows that can't be read"},
    [SYNC_SAME] = {"same", "as here"},
};

static void example_keep(struct sync *sync, enum sync_finding finding, struct example example) {
    if (finding == SYNC_SAME || sync->example_counts[finding] >= sync->list)
        return;
    sync->examples[finding * sync->list + sync->example_counts[finding]++] = example;
}

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
    struct example example = {.line = csv->line};
    (void)why;
    if (csv->complete && sync_row_read(csv->values[COLUMN_NIK], csv->values[COLUMN_SEGMENT],
                                       csv->values[COLUMN_CLASS], csv->values[COLUMN_STATUS], &row)) {
        const struct member *member = registry_find(sync->registry, row.identity, NULL);
        example =
            (struct example){row.identity, csv->line, member ? member->segment : SEGMENT_NONE, row.segment};
        finding = sync_compare_row(&sync->compare, &row);
    } else {
        sync->compare.counts[SYNC_BAD_ROW]++;
    }
    example_keep(sync, finding, example);
    if ((++sync->rows & 1023) == 0)
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
        example_keep(sync, SYNC_GONE, (struct example){gone->identity, 0, gone->segment, SEGMENT_NONE});
    return RESULT_OK;
}

static void refusal_count(struct sync *sync, enum refusal code) {
    sync->refused++;
    for (int i = 0; i < REFUSAL_KINDS_MAX; i++) {
        if (sync->refusals[i].code != code && sync->refusals[i].code != REFUSAL_NONE)
            continue;
        sync->refusals[i].code = code;
        sync->refusals[i].count++;
        return;
    }
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
                refusal_count(sync, answers[i].refusal);
            else
                sync->applied++;
        }
        progress_show(&progress, first + count, clock_monotonic_us());
    }
    if (progress.shown && result == RESULT_OK)
        progress_end(&progress, sync->compare.change_count, clock_monotonic_us());
    desk_close(&desk);
    return result;
}

static const char *segment_text(uint8_t segment) {
    return segment == SEGMENT_NONE ? "-" : segment_name((enum segment)segment);
}

static void examples_print(const struct sync *sync, enum sync_finding finding) {
    static const struct table_column example_columns[] = {
        {"Line", TABLE_RIGHT}, {"NIK", TABLE_LEFT}, {"Here", TABLE_LEFT}, {"At BPJS", TABLE_LEFT}};
    struct table *table = table_new(example_columns, sizeof example_columns / sizeof example_columns[0]);
    if (sync->example_counts[finding] == 0) {
        table_destroy(&table);
        return;
    }
    for (size_t i = 0; i < sync->example_counts[finding]; i++) {
        const struct example *example = &sync->examples[finding * sync->list + i];
        char masked[24] = "-", line[FORMAT_TEXT] = "-";
        if (example->identity)
            identity_mask(example->identity, masked);
        table_text(table, "%s", example->line ? format_count(example->line, line) : "-");
        table_text(table, "%s", masked);
        table_text(table, "%s", segment_text(example->here));
        table_text(table, "%s", segment_text(example->there));
    }
    printf("\n%s:\n", findings[finding].title);
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
}

static void applied_print(const struct sync *sync) {
    char count[FORMAT_TEXT];
    if (!sync->apply) {
        printf("\n%s events would be sent; --apply sends them.\n",
               format_count(sync->compare.change_count, count));
        return;
    }
    printf("\nSent: %s accepted, ", format_count(sync->applied, count));
    printf("%s refused.\n", format_count(sync->refused, count));
    for (int i = 0; i < REFUSAL_KINDS_MAX && sync->refusals[i].code; i++)
        printf("  %-24s %12s\n", refusal_name(sync->refusals[i].code),
               format_count(sync->refusals[i].count, count));
}

static void sync_print(const struct sync *sync) {
    static const struct table_column finding_columns[] = {{"People", TABLE_RIGHT}, {"Finding", TABLE_LEFT}};
    struct table *table = table_new(finding_columns, sizeof finding_columns / sizeof finding_columns[0]);
    for (int f = 0; f < SYNC_FINDINGS; f++) {
        table_count(table, sync->compare.counts[f]);
        table_text(table, "%s", findings[f].title);
        if (f == SYNC_EMPLOYER_COVERS && sync->compare.counts[f])
            table_emphasise(table);
    }
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
    for (int f = 0; f < SYNC_FINDINGS; f++)
        examples_print(sync, (enum sync_finding)f);
    applied_print(sync);
}

static json_t *sync_json(const struct sync *sync) {
    json_t *counts = json_object(), *refusals = json_object();
    for (int f = 0; f < SYNC_FINDINGS; f++)
        json_object_set_new(counts, findings[f].name, json_integer((json_int_t)sync->compare.counts[f]));
    for (int i = 0; i < REFUSAL_KINDS_MAX && sync->refusals[i].code; i++)
        json_object_set_new(refusals, refusal_name(sync->refusals[i].code),
                            json_integer((json_int_t)sync->refusals[i].count));
    return json_pack("{s:I, s:I, s:b, s:I, s:I, s:o, s:o}", "rows", (json_int_t)sync->rows, "changes",
                     (json_int_t)sync->compare.change_count, "applied", sync->apply, "accepted",
                     (json_int_t)sync->applied, "refused", (json_int_t)sync->refused, "findings", counts,
                     "refusals", refusals);
}

static enum result sync_run(struct sync *sync, struct failure *why) {
    sync->examples = calloc(SYNC_FINDINGS * sync->list + 1, sizeof *sync->examples);
    if (!sync->examples)
        abort();
    enum result result = registry_build(sync, why);
    if (result == RESULT_OK) {
        sync_compare_init(&sync->compare, sync->registry);
        result = list_compare(sync, why);
    }
    if (result == RESULT_OK && sync->apply)
        result = apply(sync, why);
    if (result == RESULT_OK && sync->json)
        json_print(stdout, sync_json(sync), false);
    else if (result == RESULT_OK)
        sync_print(sync);
    sync_compare_free(&sync->compare);
    registry_destroy(&sync->registry);
    free(sync->examples);
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    static struct sync sync = {.state = STATE_DEFAULT};
    sync.author = getenv("USER") ? getenv("USER") : "bpjs";
    const struct option_row rows[] = {
        {"list", OPTION_NUMBER, &sync.list, "N", "show N people of each finding, masked", 0, EXAMPLES_MAX},
        {"apply", OPTION_FLAG, &sync.apply, NULL, "send the differences as events of BPJS's role", 0, 0},
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
    return sync.refused ? EXIT_REFUSED : EXIT_FINE;
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
