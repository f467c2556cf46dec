/* bill_roster.c - `cakupan bill roster`: a closed month's roster by name, as CSV or XLSX. */
#include "commands.h"

#include "bill_command.h"
#include "bill_files.h"
#include "view/format.h"
#include "instance_info.h"
#include "member_names.h"
#include "output_file.h"
#include "store/city.h"
#include "wire/wire_billing.h"

#include <stdlib.h>
#include <string.h>

struct roster {
    const char *state, *csv, *xlsx;
    bool finance;
    month_t month;
    struct city city;
    struct bill_view bill;
    struct roster_entry *entries;
    size_t count, capacity;
    int64_t sum_rupiah;
};

static void on_entry(void *context, const struct roster_entry *entry) {
    struct roster *roster = context;
    if (roster->count == roster->capacity) {
        roster->capacity += roster->capacity / 2 + 1024;
        roster->entries = reallocarray(roster->entries, roster->capacity, sizeof *roster->entries);
        if (!roster->entries)
            abort();
    }
    roster->entries[roster->count++] = *entry;
    roster->sum_rupiah += entry->amount_rupiah;
}

/* By kelurahan, as an office files it, those outside the city first. */
static int entry_order(const void *one, const void *other) {
    const struct roster_entry *a = one, *b = other;
    if (a->kelurahan != b->kelurahan)
        return a->kelurahan < b->kelurahan ? -1 : 1;
    return a->member_id < b->member_id ? -1 : a->member_id > b->member_id;
}

static enum result entries_read(struct roster *roster, struct failure *why) {
    struct billing_client *client;
    enum result result = billing_open(&client, roster->state, roster->finance, why);
    if (result == RESULT_OK)
        result = bill_ask_invoice(client, roster->month, &roster->bill, NULL, why);
    if (result == RESULT_OK)
        result = billing_roster(client, wire_month_number(roster->month), on_entry, roster, why);
    billing_close(&client);
    if (result == RESULT_OK && roster->sum_rupiah != roster->bill.city.amount_rupiah)
        return fail(why, RESULT_CORRUPT, "ROSTER_DIFFERS",
                    "The roster adds up to %lld rupiah and its invoice to %lld: see `cakupan verify`.",
                    (long long)roster->sum_rupiah, (long long)roster->bill.city.amount_rupiah);
    if (roster->count)
        qsort(roster->entries, roster->count, sizeof *roster->entries, entry_order);
    return result;
}

static enum result file_write(const struct roster *roster, const struct member_names *names, const char *path,
                              enum roster_format format, struct failure *why) {
    struct roster_file *file;
    enum result result =
        roster_file_open(&file, path, format, &roster->city.regions, roster->finance, &roster->bill, why);
    for (size_t i = 0; i < roster->count && result == RESULT_OK; i++) {
        struct roster_row row = {roster->entries[i], member_names_of(names, roster->entries[i].member_id)};
        result = roster_file_row(file, &row, why);
    }
    if (result == RESULT_OK)
        return roster_file_close(&file, why);
    roster_file_abandon(&file);
    return result;
}

static enum result roster_run(struct roster *roster, struct failure *why) {
    struct instance_info info;
    struct member_names *names = member_names_new();
    enum result result = roster->csv ? output_check(roster->csv, why) : RESULT_OK;
    if (result == RESULT_OK && roster->xlsx)
        result = output_check(roster->xlsx, why);
    if (result == RESULT_OK)
        result = instance_info_load(roster->state, &info, why);
    if (result == RESULT_OK)
        result = city_load(&roster->city, info.city, why);
    if (result == RESULT_OK)
        result = entries_read(roster, why);
    if (result == RESULT_OK)
        result = member_names_read(names, roster->state, roster->bill.as_of_offset, why);
    if (result == RESULT_OK && roster->csv)
        result = file_write(roster, names, roster->csv, ROSTER_CSV, why);
    if (result == RESULT_OK && roster->xlsx)
        result = file_write(roster, names, roster->xlsx, ROSTER_XLSX, why);
    member_names_destroy(&names);
    return result;
}

static void done_print(const struct roster *roster) {
    char count[FORMAT_TEXT], sum[RUPIAH_TEXT];
    printf("%s people, %s of the city, as the invoice says; NIKs are %s.\n",
           format_count(roster->count, count), format_rupiah(roster->sum_rupiah, sum),
           roster->finance ? "whole" : "left out (--finance: whole)");
    if (roster->csv)
        printf("Written: %s\n", roster->csv);
    if (roster->xlsx)
        printf("Written: %s\n", roster->xlsx);
}

static int run(const struct command *command, int argc, char **argv) {
    static struct roster roster = {.state = STATE_DEFAULT};
    const char *values[argc];
    const struct option_row rows[] = {
        {"csv", OPTION_TEXT, &roster.csv, "FILE", "write a CSV file", 0, 0},
        {"xlsx", OPTION_TEXT, &roster.xlsx, "FILE", "write a workbook", 0, 0},
        {"finance", OPTION_FLAG, &roster.finance, NULL, "as the finance office: NIKs whole", 0, 0},
        OPTION_STATE(&roster.state),
        {0}};
    struct failure why;
    options_read(command, rows, argc, argv, values);
    roster.month = bill_month_argument(command, values[0]);
    if (!roster.csv && !roster.xlsx) {
        fail(&why, RESULT_INVALID, "ARGUMENT_MISSING",
             "`cakupan bill roster` needs --csv FILE or --xlsx FILE.");
        return report_failure(command->name, &why, EXIT_USAGE);
    }
    enum result result = roster_run(&roster, &why);
    if (result == RESULT_OK)
        done_print(&roster);
    bill_view_free(&roster.bill);
    free(roster.entries);
    return result == RESULT_OK ? EXIT_FINE : bill_failed(command, &why);
}

const struct command command_bill_roster = {
    .name = "bill roster",
    .arguments = "MONTH",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "a closed month's roster by name, as CSV or XLSX",
    .details =
        "Everybody for whom the city pays in that month, as frozen by its close, by kelurahan. Files are of\n"
        "mode 0600 and replace what had their name. Whole NIKs are the finance office's alone; each reading\n"
        "is logged. `bill reconcile` reads the CSV's form, too.\n",
    .examples = "cakupan bill roster 2026-12 --xlsx roster-2026-12.xlsx --finance\n"
                "cakupan bill roster 2026-12 --csv roster-2026-12.csv",
    .exit_codes =
        "0  written\n1  the month is not closed, or the role may not\n2  the command line is wrong\n"
        "3  billing can't be asked, or the file can't be written",
    .run = run,
};
