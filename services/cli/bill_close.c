/* bill_close.c - `cakupan bill close`: audits the roster, then freezes the month. */
#include "commands.h"

#include "bill_audit_run.h"
#include "bill_command.h"
#include "instance.h"
#include "terminal.h"
#include "totals_print.h"
#include "wire/wire_billing.h"

#include <string.h>

struct close_options {
    const char *state, *author, *audit_file;
    bool json, by_kecamatan;
};

/* The counts go into the trail, and into the minutes. */
static enum result counts_send(struct billing_client *client, const struct bill_audit *audit,
                               const char *author, struct failure *why) {
    Cakupan__AuditedRequest audited = CAKUPAN__AUDITED_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    uint64_t counts[FINDING_COUNT];
    memcpy(counts, audit->counts, sizeof counts);
    audited.month = wire_month_number(audit->month);
    audited.offset = audit->offset;
    audited.counts = counts;
    audited.n_counts = FINDING_COUNT;
    request.author = (char *)author;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_AUDITED;
    request.audited = &audited;
    return billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, why);
}

/* What is said about the audit goes to stderr: stdout holds the invoice, the same ever again. */
static enum result audit_first(struct billing_client *client, const struct close_options *options,
                               month_t month, struct failure *why) {
    static struct bill_audit audit;
    char path[INSTANCE_PATH], text[CALENDAR_TEXT];
    calendar_format_month(month, text);
    instance_path(path, options->state, "billing/audit-%s.csv", text);
    const char *file = options->audit_file ? options->audit_file : path;
    enum result result = bill_audit_run(&audit, options->state, month, false, why);
    if (result == RESULT_OK)
        result = bill_audit_write(&audit, file, false, why);
    if (result == RESULT_OK)
        result = counts_send(client, &audit, options->author, why);
    if (result == RESULT_OK) {
        bill_audit_print(&audit, 0, stderr, terminal_colours(stderr));
        if (audit.count)
            fprintf(stderr, "Who they are: %s (`cakupan bill audit %s` shows them, too).\n\n", file, text);
    }
    bill_audit_free(&audit);
    return result;
}

static enum result close_ask(struct billing_client *client, const struct close_options *options,
                             month_t month, Cakupan__CloseRequest *close, struct bill_view *view,
                             const Cakupan__BillingReply **reply, struct failure *why) {
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    close->month = wire_month_number(month);
    request.author = (char *)options->author;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_CLOSE;
    request.close = close;
    return close->check ? billing_ask(client, &request, BILLING_PATIENCE_MS, reply, why)
                        : bill_ask(client, &request, view, reply, why);
}

/* What can't be closed is refused before the audit, which reads the whole journal and leaves its counts. */
static enum result check_first(struct billing_client *client, const struct close_options *options,
                               month_t month, bool *before, struct failure *why) {
    Cakupan__CloseRequest close = CAKUPAN__CLOSE_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    close.check = true;
    enum result result = close_ask(client, options, month, &close, NULL, &reply, why);
    *before = result == RESULT_OK && reply->month && reply->month->repeated_ask;
    return result;
}

static enum result close_month(struct billing_client *client, const struct close_options *options,
                               month_t month, struct bill_view *view, const Cakupan__BillingReply **reply,
                               struct failure *why) {
    Cakupan__CloseRequest close = CAKUPAN__CLOSE_REQUEST__INIT;
    return close_ask(client, options, month, &close, view, reply, why);
}

static void result_print(const struct close_options *options, const struct bill_view *view,
                         const Cakupan__MonthReply *month, bool before) {
    if (options->json) {
        json_print(stdout, bill_view_json(view, options->by_kecamatan), false);
        return;
    }
    bill_view_print(view, options->by_kecamatan, stdout, terminal_colours(stdout));
    printf("\nInvoice %s\n", view->hash);
    if (before)
        fprintf(stderr, "It was closed before: this is the same invoice.\n");
    if (month)
        bill_month_print(month, stderr);
}

static int run(const struct command *command, int argc, char **argv) {
    struct close_options options = {.state = STATE_DEFAULT, .author = bill_author_default()};
    const char *values[argc];
    const struct option_row rows[] = {
        OPTION_AUTHOR(&options.author),
        {"audit-file", OPTION_TEXT, &options.audit_file, "FILE",
         "where the self-audit's findings go (default: STATE/billing/audit-MONTH.csv)", 0, 0},
        {"by-kecamatan", OPTION_FLAG, &options.by_kecamatan, NULL, "a line for each kecamatan", 0, 0},
        {"json", OPTION_FLAG, &options.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&options.state),
        {0}};
    options_read(command, rows, argc, argv, values);
    month_t month = bill_month_argument(command, values[0]);
    struct billing_client *client;
    struct bill_view view = {0};
    const Cakupan__BillingReply *reply;
    struct failure why;
    enum result result = billing_open(&client, options.state, false, &why);
    if (result != RESULT_OK)
        return bill_failed(command, &why);
    bool before = false;
    result = check_first(client, &options, month, &before, &why);
    if (result == RESULT_OK && !before)
        result = audit_first(client, &options, month, &why);
    if (result == RESULT_OK)
        result = close_month(client, &options, month, &view, &reply, &why);
    if (result == RESULT_OK)
        result_print(&options, &view, reply->month, before);
    billing_close(&client);
    bill_view_free(&view);
    return result == RESULT_OK ? EXIT_FINE : bill_failed(command, &why);
}

const struct command command_bill_close = {
    .name = "bill close",
    .arguments = "MONTH",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "freeze the month: invoice, roster, control totals",
    .details = "Runs the self-audit first and lists what it finds on stderr; findings block nothing. Months "
               "close in\n"
               "order, each from the policy's cut-off day on. Closing again returns the same invoice, byte "
               "for byte.\n"
               "What is learnt later goes into the next month's invoice as named corrections.\n",
    .examples = "cakupan bill close 2026-12\n"
                "cakupan bill close 2026-12 --json >invoice-2026-12.json",
    .exit_codes =
        "0  closed (now or before)\n1  billing says no: too early, not the open month, a failure is parked\n"
        "2  the command line is wrong\n3  billing can't be asked",
    .run = run,
};
