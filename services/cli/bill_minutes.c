/* bill_minutes.c - `cakupan bill minutes`: a closed month's Berita Acara as a printable document. */
#include "commands.h"

#include "bill_command.h"
#include "bill_files.h"
#include "instance_info.h"
#include "store/city.h"

struct minutes_options {
    const char *state, *out, *city_officer, *bpjs_officer;
};

/* The month's last self-audit before its invoice, as the trail has it: the same minutes ever again. */
struct audited {
    month_t month;
    bool found, invoiced;
    uint64_t offset, counts[FINDING_COUNT];
};

static enum result on_decision(void *context, const struct decision *decision, struct failure *why) {
    struct audited *audited = context;
    (void)why;
    if (decision->month != audited->month)
        return RESULT_OK;
    audited->invoiced |= decision->kind == DECISION_INVOICE;
    if (decision->kind != DECISION_AUDITED || audited->invoiced)
        return RESULT_OK;
    audited->found = true;
    audited->offset = decision->offset;
    for (size_t i = 0; i < FINDING_COUNT; i++) { /* 64 bits each, little-endian; kinds that came later: 0 */
        audited->counts[i] = 0;
        for (size_t at = 8 * i; at < 8 * i + 8 && at < decision->size; at++)
            audited->counts[i] |= (uint64_t)decision->bytes[at] << 8 * (at % 8);
    }
    return RESULT_OK;
}

static enum result minutes_run(const struct minutes_options *options, month_t month, struct failure *why) {
    static struct city city; /* too big for a stack */
    struct instance_info info;
    struct bill_view view = {0};
    struct audited audited = {.month = month};
    struct billing_client *client = NULL;
    enum result result = instance_info_load(options->state, &info, why);
    if (result == RESULT_OK)
        result = city_load(&city, info.city, why);
    if (result == RESULT_OK)
        result = billing_open(&client, options->state, false, why);
    if (result == RESULT_OK)
        result = billing_decisions(client, on_decision, &audited, why);
    if (result == RESULT_OK)
        result = bill_ask_invoice(client, month, &view, NULL, why);
    struct minutes minutes = {.bill = &view,
                              .regions = &city.regions,
                              .audit_counts = audited.found ? audited.counts : NULL,
                              .audit_offset = audited.offset,
                              .city_officer = options->city_officer,
                              .bpjs_officer = options->bpjs_officer};
    if (result == RESULT_OK)
        result = minutes_write(&minutes, options->out, why);
    billing_close(&client);
    bill_view_free(&view);
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    struct minutes_options options = {.state = STATE_DEFAULT, .city_officer = "", .bpjs_officer = ""};
    const char *values[argc];
    const struct option_row rows[] = {
        {"out", OPTION_TEXT, &options.out, "FILE.pdf", "where to write it", 0, 0},
        {"city-officer", OPTION_TEXT, &options.city_officer, "NAME", "who signs for the city", 0, 0},
        {"bpjs-officer", OPTION_TEXT, &options.bpjs_officer, "NAME", "who signs for BPJS", 0, 0},
        OPTION_STATE(&options.state),
        {0}};
    struct failure why;
    options_read(command, rows, argc, argv, values);
    month_t month = bill_month_argument(command, values[0]);
    if (!options.out) {
        fail(&why, RESULT_INVALID, "ARGUMENT_MISSING", "`cakupan bill minutes` needs --out FILE.pdf.");
        return report_failure(command->name, &why, EXIT_USAGE);
    }
    if (minutes_run(&options, month, &why) != RESULT_OK)
        return bill_failed(command, &why);
    printf("Written: %s\n", options.out);
    return EXIT_FINE;
}

const struct command command_bill_minutes = {
    .name = "bill minutes",
    .arguments = "MONTH",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "a closed month's minutes (Berita Acara) as a PDF",
    .details =
        "In Indonesian, A4: lines by budget line, segment, class and kecamatan, the total in words, the\n"
        "self-audit's counts, the invoice's hash, and room for two signatures. The same invoice gives the\n"
        "same document.\n",
    .examples = "cakupan bill minutes 2026-12 --out berita-acara-2026-12.pdf --city-officer 'Kepala BPKD'",
    .exit_codes = "0  written\n1  the month is not closed\n2  the command line is wrong\n"
                  "3  billing can't be asked, or the file can't be written",
    .run = run,
};
