/* bill_reconcile.c - `cakupan bill reconcile`: BPJS's list of a month against our frozen roster,
 * streaming. */
#include "commands.h"

#include "bill_command.h"
#include "bpjs_list.h"
#include "view/format.h"
#include "newborns.h"
#include "output_file.h"
#include "person.h"
#include "progress.h"
#include "runtime/clock.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"
#include "wire/wire_billing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROSTER_HINT = 400000, LIST_DEFAULT = 20, LIST_MAX = 1000 };

static const char *const reasons[DIFFERENCE_COUNT] = {
    [DIFFERENCE_ONLY_BPJS] = "billed, not in our roster",
    [DIFFERENCE_ONLY_OURS] = "in our roster, not billed",
    [DIFFERENCE_AMOUNT] = "another amount",
    [DIFFERENCE_SEGMENT] = "another segment or class",
    [DIFFERENCE_TWICE] = "billed again for the same person",
    [DIFFERENCE_NIK_INVALID] = "billed for a number that is no NIK",
};

struct work {
    const char *state, *path, *out_path;
    month_t month;
    uint64_t list;
    bool json, whole_nik;
    struct reconcile *reconcile;
    struct newborns *newborns;
    uint64_t roster, without_identity;
    char begun[OUTPUT_PATH];
    FILE *out; /* every difference as CSV; NULL: not wanted */
    struct reconcile_difference *shown;
    size_t shown_count;
    struct progress progress; /* through the file */
    uint64_t rows;
};

static void on_difference(void *context, const struct reconcile_difference *difference) {
    struct work *work = context;
    char nik[24];
    if (work->shown_count < work->list)
        work->shown[work->shown_count++] = *difference;
    if (work->out)
        fprintf(work->out, "%s,%llu,%s,%u,%lld,%lld,%lld\n",
                difference_name((enum difference)difference->difference),
                (unsigned long long)difference->line,
                person_name_identity(difference->identity, work->whole_nik, nik), difference->member_id,
                (long long)difference->bpjs_rupiah, (long long)difference->our_rupiah,
                (long long)(difference->bpjs_rupiah - difference->our_rupiah));
}

static enum result on_row(void *context, const struct csv_row *csv, struct failure *why) {
    struct work *work = context;
    struct bpjs_row row;
    struct reconcile_difference difference;
    enum result result = bpjs_row_read(csv, &row, why);
    if (result == RESULT_OK && reconcile_row(work->reconcile, &row, &difference))
        on_difference(work, &difference);
    if ((++work->rows & 1023) == 0)
        progress_show(&work->progress, csv->bytes >> 10, clock_monotonic_us());
    return result;
}

static void on_entry(void *context, const struct roster_entry *entry) {
    struct work *work = context;
    if (entry->identity & IDENTITY_TEMPORARY)
        newborns_add(work->newborns, (uint32_t)work->roster, entry->identity);
    work->roster++;
    work->without_identity += entry->identity == 0;
    reconcile_entry(work->reconcile, entry);
}

/* As the finance office: without whole NIKs nobody could be compared. */
static enum result roster_read(struct work *work, struct failure *why) {
    struct billing_client *client;
    enum result result = billing_open(&client, work->state, true, why);
    if (result == RESULT_OK)
        result = billing_roster(client, wire_month_number(work->month), on_entry, work, why);
    billing_close(&client);
    if (result == RESULT_OK && work->without_identity)
        return fail(
            why, RESULT_INVALID, "ROLE_NOT_ALLOWED",
            "Billing left the NIKs out: the finance device of this state is no longer allowed to see them.");
    return result == RESULT_OK ? newborns_name(work->newborns, work->state, work->reconcile, why) : result;
}

static enum result list_read(struct work *work, struct failure *why) {
    if (work->out_path) {
        enum result result = output_begin(work->out_path, work->begun, why);
        if (result != RESULT_OK)
            return result;
        work->out = fopen(work->begun, "we");
        if (!work->out)
            return fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written: %s.", work->out_path,
                        strerror(errno));
        fputs("difference,line,nik,member_id,bpjs_amount,our_amount,bpjs_minus_ours\n", work->out);
    }
    struct stat file = {0};
    if ((strcmp(work->path, "-") == 0 ? fstat(STDIN_FILENO, &file) : stat(work->path, &file)) != 0)
        file.st_size = 0; /* opening it will say why */
    progress_begin(&work->progress, stderr, "Comparing the list", "KiB", 0, (uint64_t)file.st_size >> 10,
                   clock_monotonic_us());
    enum result result = csv_read_file(work->path, bpjs_columns, on_row, work, why);
    if (work->progress.shown)
        progress_end(&work->progress, result == RESULT_OK ? work->progress.total : 0, clock_monotonic_us());
    if (result == RESULT_OK)
        reconcile_end(work->reconcile, on_difference, work);
    return result;
}

static enum result out_end(struct work *work, enum result result, struct failure *why) {
    if (!work->out)
        return result;
    bool written = !ferror(work->out);
    written = fclose(work->out) == 0 && written;
    if (result == RESULT_OK && written)
        return output_end(work->out_path, work->begun, why);
    output_abandon(work->begun);
    return result != RESULT_OK
               ? result
               : fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written whole.", work->out_path);
}

static void differences_print(const struct work *work) {
    static const struct table_column columns[] = {{"Line", TABLE_RIGHT},   {"NIK", TABLE_LEFT},
                                                  {"Member", TABLE_RIGHT}, {"Difference", TABLE_LEFT},
                                                  {"BPJS", TABLE_RIGHT},   {"Ours", TABLE_RIGHT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < work->shown_count; i++) {
        const struct reconcile_difference *row = &work->shown[i];
        char nik[24], amount[RUPIAH_TEXT];
        table_text(table, row->line ? "%llu" : "-", (unsigned long long)row->line);
        table_text(table, "%s", person_name_identity(row->identity, false, nik));
        table_text(table, row->member_id ? "%u" : "-", row->member_id);
        table_text(table, "%s", reasons[row->difference]);
        table_text(table, "%s", format_rupiah(row->bpjs_rupiah, amount));
        table_text(table, "%s", format_rupiah(row->our_rupiah, amount));
    }
    putchar('\n');
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
}

static void sums_print(const struct work *work, const struct reconcile_sums *sums) {
    static const struct table_column columns[] = {{"Difference", TABLE_LEFT},
                                                  {"Rows", TABLE_RIGHT},
                                                  {"BPJS minus ours", TABLE_RIGHT},
                                                  {"", TABLE_LEFT}};
    char rows[FORMAT_TEXT], agreed[FORMAT_TEXT], bpjs[RUPIAH_TEXT], ours[RUPIAH_TEXT], amount[RUPIAH_TEXT];
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    printf("%s rows of BPJS (%s) against %s people of ours (%s): %s agree.\n", format_count(sums->rows, rows),
           format_rupiah(sums->bpjs_rupiah, bpjs), format_count(work->roster, amount),
           format_rupiah(sums->our_rupiah, ours), format_count(sums->agreed, agreed));
    bool any = false;
    for (int i = DIFFERENCE_NONE + 1; i < DIFFERENCE_COUNT; i++) {
        if (!sums->differences[i])
            continue;
        any = true;
        table_text(table, "%s", difference_name((enum difference)i));
        table_count(table, sums->differences[i]);
        table_text(table, "%s", format_rupiah(sums->difference_rupiah[i], amount));
        table_text(table, "%s", reasons[i]);
    }
    if (any) {
        putchar('\n');
        table_print(table, stdout, terminal_colours(stdout));
    }
    table_destroy(&table);
}

static json_t *work_json(const struct work *work, const struct reconcile_sums *sums) {
    json_t *kinds = json_object(), *rows = json_array();
    char month[CALENDAR_TEXT], nik[24];
    for (int i = DIFFERENCE_NONE + 1; i < DIFFERENCE_COUNT; i++)
        json_object_set_new(kinds, difference_name((enum difference)i),
                            json_pack("{s:I, s:I}", "rows", (json_int_t)sums->differences[i], "amount",
                                      (json_int_t)sums->difference_rupiah[i]));
    for (size_t i = 0; i < work->shown_count; i++) {
        const struct reconcile_difference *row = &work->shown[i];
        json_array_append_new(
            rows, json_pack("{s:s, s:I, s:s, s:I, s:I, s:I}", "difference",
                            difference_name((enum difference)row->difference), "line", (json_int_t)row->line,
                            "nik", person_name_identity(row->identity, false, nik), "member",
                            (json_int_t)row->member_id, "bpjs_amount", (json_int_t)row->bpjs_rupiah,
                            "our_amount", (json_int_t)row->our_rupiah));
    }
    calendar_format_month(work->month, month);
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "month", month, "rows",
                     (json_int_t)sums->rows, "roster", (json_int_t)work->roster, "agreed",
                     (json_int_t)sums->agreed, "bpjs_amount", (json_int_t)sums->bpjs_rupiah, "our_amount",
                     (json_int_t)sums->our_rupiah, "differences", kinds, "examples", rows);
}

static void result_print(const struct work *work, const struct reconcile_sums *sums) {
    if (work->json) {
        json_print(stdout, work_json(work, sums), false);
        return;
    }
    sums_print(work, sums);
    if (work->shown_count)
        differences_print(work);
    if (work->out_path)
        printf("\nWritten: %s\n", work->out_path);
}

static int work_run(struct work *work, const struct command *command) {
    struct reconcile_sums sums;
    struct failure why;
    work->reconcile = reconcile_new(ROSTER_HINT);
    work->newborns = newborns_new();
    work->shown = calloc(work->list + 1, sizeof *work->shown);
    if (!work->shown)
        abort();
    enum result result = roster_read(work, &why);
    int code = result == RESULT_OK ? EXIT_FINE : bill_failed(command, &why);
    if (result == RESULT_OK) {
        result = out_end(work, list_read(work, &why), &why);
        if (result != RESULT_OK)
            code = report_failure(command->name, &why, EXIT_FAILED);
    }
    if (result == RESULT_OK) {
        reconcile_sums(work->reconcile, &sums);
        result_print(work, &sums);
        code = sums.agreed == sums.rows && !sums.differences[DIFFERENCE_ONLY_OURS] ? EXIT_FINE : EXIT_REFUSED;
    }
    reconcile_destroy(&work->reconcile);
    newborns_destroy(&work->newborns);
    free(work->shown);
    return code;
}

static int run(const struct command *command, int argc, char **argv) {
    static struct work work = {.state = STATE_DEFAULT, .list = LIST_DEFAULT};
    const char *values[argc];
    const struct option_row rows[] = {
        {"list", OPTION_NUMBER, &work.list, "N", "show the first N differences, masked (default 20)", 0,
         LIST_MAX},
        {"out", OPTION_TEXT, &work.out_path, "FILE", "write every difference as CSV", 0, 0},
        {"finance", OPTION_FLAG, &work.whole_nik, NULL, "as the finance office: NIKs whole in the file", 0,
         0},
        {"json", OPTION_FLAG, &work.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&work.state),
        {0}};
    options_read(command, rows, argc, argv, values);
    work.month = bill_month_argument(command, values[0]);
    work.path = values[1];
    return work_run(&work, command);
}

const struct command command_bill_reconcile = {
    .name = "bill reconcile",
    .arguments = "MONTH BPJS.csv",
    .argument_minimum = 2,
    .argument_maximum = 2,
    .summary = "BPJS's list against the month's frozen roster",
    .details =
        "The file has a header with the columns nik and amount, and may have segment and class; "
        "further columns\n"
        "are ignored (`-`: standard input). Amounts are those that BPJS bills the city for the person "
        "and month.\n"
        "Each row is answered at once, so a file of any length takes little memory. A newborn who stands "
        "in the\n"
        "roster by the temporary id is found by the NIK, too, once enrollment has heard of it.\n",
    .examples = "cakupan bill reconcile 2026-12 bpjs-2026-12.csv\n"
                "cakupan bill reconcile 2026-12 bpjs-2026-12.csv --out differences.csv --finance\n"
                "zcat bpjs.csv.gz | cakupan bill reconcile 2026-12 - --json | jq .differences",
    .exit_codes = "0  both agree in every row\n1  differences, or the month is not closed\n"
                  "2  the command line is wrong\n3  the file, billing or enrollment can't be read",
    .run = run,
};
