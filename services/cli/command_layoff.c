/* command_layoff.c - `cakupan layoff`: takes a labour office's list of laid-off workers. */
#include "commands.h"

#include "view/format.h"
#include "layoff_files.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 40, LIST_MAX = 10000 };

struct layoff_options {
    const char *state, *author, *out, *refused;
    enum language language;
    uint64_t list;
    bool dry_run, json, all;
};

/* Sends those rows that `outcome` says to enrollment (or asks what it would say) and takes the answers. */
static enum result rows_answer(struct desk *desk, struct layoff_list *list, enum layoff_outcome outcome,
                               bool dry_run, struct failure *why) {
    struct event *events = calloc(list->count + 1, sizeof *events);
    struct layoff_row **rows = calloc(list->count + 1, sizeof *rows);
    struct desk_answer *answers = calloc(list->count + 1, sizeof *answers);
    size_t count = 0;
    if (!events || !rows || !answers)
        abort();
    for (size_t i = 0; i < list->count; i++) {
        if (list->rows[i].outcome != outcome)
            continue;
        rows[count] = &list->rows[i];
        events[count++] = list->rows[i].event;
    }
    enum result result = RESULT_OK;
    if (count)
        result = dry_run ? desk_check(desk, events, count, answers, why)
                         : desk_send(desk, events, count, answers, why);
    for (size_t i = 0; i < count && result == RESULT_OK; i++)
        layoff_row_answer(rows[i], &answers[i], dry_run);
    free(events);
    free(rows);
    free(answers);
    return result;
}

static enum result list_work(const struct layoff_options *options, struct layoff_list *list,
                             struct failure *why) {
    struct desk *desk;
    for (size_t i = 0; i < list->count; i++)
        list->rows[i].event.author =
            (struct text){options->author, (uint16_t)strnlen(options->author, TEXT_MAX)};
    enum result result = desk_open(&desk, options->state, LOCAL_LABOUR, options->language, why);
    if (result == RESULT_OK)
        result = rows_answer(desk, list, LAYOFF_OPEN, true, why);
    if (result == RESULT_OK && !options->dry_run)
        result = rows_answer(desk, list, LAYOFF_WILL_DO, false, why);
    desk_close(&desk);
    return result;
}

static void row_print(struct table *table, const struct layoff_row *row) {
    char masked[24], date[CALENDAR_TEXT] = "-";
    if (row->event.day != DAY_NONE)
        calendar_format(row->event.day, date);
    table_count(table, row->line);
    table_text(table, "%s", layoff_identity_text(row, masked));
    table_text(table, row->event.employer ? "%u" : "-", row->event.employer);
    table_text(table, "%s", date);
    table_text(table, "%s", layoff_outcome_name(row->outcome));
    table_text(table, "%s%s%s", row->code, row->code[0] && row->sentence[0] ? ": " : "", row->sentence);
}

/* Every row of a short list; of a long one those that need a look. */
static void list_print(const struct layoff_list *list, const struct layoff_options *options) {
    static const struct table_column columns[] = {{"Line", TABLE_RIGHT},     {"NIK", TABLE_LEFT},
                                                  {"Employer", TABLE_RIGHT}, {"Date", TABLE_LEFT},
                                                  {"Outcome", TABLE_LEFT},   {"Why", TABLE_LEFT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    bool all = options->all || list->count <= ROWS_SHOWN;
    size_t hidden = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct layoff_row *row = &list->rows[i];
        if (all || !layoff_row_plain(row))
            row_print(table, row);
        else
            hidden++;
    }
    if (hidden < list->count)
        table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
    char count[FORMAT_THINGS];
    if (hidden)
        printf("Not shown: %s without a remark; see --all.\n", format_things(hidden, "row", count));
}

static void summary_print(const struct layoff_list *list, bool dry_run) {
    char total[FORMAT_THINGS], done[FORMAT_TEXT], unchanged[FORMAT_TEXT], refused[FORMAT_TEXT];
    printf("%s: %s %s, %s unchanged, %s refused.%s\n", format_things(list->count, "row", total),
           format_count(layoff_count(list, dry_run ? LAYOFF_WILL_DO : LAYOFF_DONE), done),
           layoff_outcome_name(dry_run ? LAYOFF_WILL_DO : LAYOFF_DONE),
           format_count(layoff_count(list, LAYOFF_UNCHANGED), unchanged),
           format_count(layoff_count(list, LAYOFF_REFUSED), refused),
           dry_run ? " Dry run: nothing was sent." : "");
}

static enum result files_write(const struct layoff_options *options, const struct layoff_list *list,
                               struct failure *why) {
    enum result result = RESULT_OK;
    if (options->refused)
        result = layoff_refused_write(list, options->refused, why);
    if (result == RESULT_OK && options->out)
        result = layoff_json_write(list, options->dry_run, options->out, why);
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    struct layoff_options options = {
        .state = STATE_DEFAULT, .author = getenv("USER"), .language = LANGUAGE_ENGLISH};
    const struct option_row rows[] = {
        {"dry-run", OPTION_FLAG, &options.dry_run, NULL, "check every row, send nothing", 0, 0},
        {"all", OPTION_FLAG, &options.all, NULL, "show every row, also of a long list", 0, 0},
        {"author", OPTION_TEXT, &options.author, "TEXT", "who made the list (default: $USER)", 0, 0},
        OPTION_LANGUAGE_ROW(&options.language),
        {"json", OPTION_FLAG, &options.json, NULL, "JSON for programs, every row", 0, 0},
        {"list", OPTION_NUMBER, &options.list, "N",
         "with --json: only rows refused or with a remark, at most N", 1, LIST_MAX},
        {"out", OPTION_TEXT, &options.out, "FILE", "write the JSON of every row", 0, 0},
        {"refused", OPTION_TEXT, &options.refused, "FILE",
         "write the refused rows as they were sent, with code and sentence, as CSV", 0, 0},
        OPTION_STATE(&options.state),
        {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct failure why;
    struct layoff_list list;
    if (!options.author)
        options.author = "labour office";
    enum result result = layoff_list_read(values[0], options.language, &list, &why);
    if (result == RESULT_OK)
        result = list_work(&options, &list, &why);
    if (result == RESULT_OK)
        result = files_write(&options, &list, &why);
    if (result != RESULT_OK) {
        layoff_list_free(&list);
        return report_failure(command->name, &why, EXIT_FAILED);
    }
    if (options.json) {
        json_print(stdout, layoff_json(&list, options.dry_run, options.list), false);
    } else {
        list_print(&list, &options);
        summary_print(&list, options.dry_run);
    }
    bool refused = layoff_count(&list, LAYOFF_REFUSED) > 0;
    layoff_list_free(&list);
    return refused ? EXIT_REFUSED : EXIT_FINE;
}

const struct command command_layoff = {
    .name = "layoff",
    .arguments = "FILE.csv",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "take a labour office's list of laid-off workers",
    .details =
        "The file has a header with the columns nik, employer, date, proof, dispute (`-`: standard input):\n"
        "date as 2026-11-22; proof is notice, agreement, court or none; dispute is yes or no.\n"
        "All rows are checked first, then those that pass are sent. Sending the same file again changes "
        "nothing,\nalso after a rehire: a layoff older than the last known one or than a rehire is "
        "unchanged.\n",
    .examples = "cakupan layoff november.csv --dry-run\n"
                "cakupan layoff november.csv\n"
                "cakupan layoff november.csv --refused to-correct.csv\n"
                "cakupan layoff november.csv --json | jq '.rows[] | select(.outcome == \"refused\")'",
    .exit_codes =
        "0  every row is laid off, or was before\n1  some rows were refused\n2  the command line is wrong\n"
        "3  the file or enrollment can't be read",
    .run = run,
};
