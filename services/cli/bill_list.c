/* bill_list.c - `cakupan bill list`: the closed months, what is owed and paid of each, and the open month. */
#include "commands.h"

#include "bill_command.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"
#include "view/format.h"
#include "wire/wire_billing.h"

#include <string.h>

struct list_row {
    char month[CALENDAR_TEXT], due[FORMAT_TEXT], hash[65];
    int64_t owed_rupiah, paid_rupiah;
    bool overdue;
};

static int64_t sum(const int64_t *by_payer, size_t count) {
    int64_t both = 0;
    for (size_t payer = 0; payer < count; payer++)
        both += payer_is_city((enum payer)payer) ? by_payer[payer] : 0;
    return both;
}

static enum result row_read(struct billing_client *client, month_t month, struct list_row *row,
                            struct failure *why) {
    struct bill_view view = {0};
    const Cakupan__BillingReply *reply;
    enum result result = bill_ask_invoice(client, month, &view, &reply, why);
    if (result == RESULT_OK && !reply->month)
        result = fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Billing's answer says nothing of the month.");
    if (result == RESULT_OK) {
        const Cakupan__MonthReply *paid = reply->month;
        *row = (struct list_row){.owed_rupiah = sum(paid->owed_rupiah, paid->n_owed_rupiah),
                                 .paid_rupiah = sum(paid->paid_rupiah, paid->n_paid_rupiah),
                                 .overdue = paid->overdue};
        calendar_format_month(month, row->month);
        format_date(paid->due_date, row->due);
        memcpy(row->hash, view.hash, sizeof row->hash);
    }
    bill_view_free(&view);
    return result;
}

static json_t *row_json(const struct list_row *row) {
    return json_pack("{s:s, s:b, s:I, s:I, s:s, s:b, s:s}", "month", row->month, "closed", 1, "owed",
                     (json_int_t)row->owed_rupiah, "paid", (json_int_t)row->paid_rupiah, "due_date", row->due,
                     "overdue", row->overdue, "invoice_hash", row->hash);
}

static void row_print(struct table *table, const struct list_row *row) {
    char amount[RUPIAH_TEXT];
    table_text(table, "%s", row->month);
    table_text(table, "%s", format_rupiah(row->owed_rupiah, amount));
    table_text(table, "%s", format_rupiah(row->paid_rupiah, amount));
    table_text(table, "%s%s", row->due, row->overdue ? " OVERDUE" : "");
    table_text(table, "%.16s", row->hash);
}

static enum result status_ask(struct billing_client *client, month_t *first, month_t *open,
                              struct failure *why) {
    Cakupan__BillingStatusRequest status = CAKUPAN__BILLING_STATUS_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_STATUS;
    request.status = &status;
    enum result result = billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, why);
    if (result != RESULT_OK)
        return result;
    if (!reply->status)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Billing's answer holds no status.");
    if (!reply->status->open_month)
        return fail(why, RESULT_INVALID, "BILLING_NOT_BEGUN",
                    "Nothing was enrolled yet: billing begins with the first event.");
    *first = wire_month(reply->status->first_month);
    *open = wire_month(reply->status->open_month);
    return RESULT_OK;
}

/* Newest first. */
static enum result list_show(struct billing_client *client, bool json, struct failure *why) {
    static const struct table_column columns[] = {{"Month", TABLE_LEFT},
                                                  {"Owed by the city", TABLE_RIGHT},
                                                  {"Paid", TABLE_RIGHT},
                                                  {"Due", TABLE_LEFT},
                                                  {"Invoice", TABLE_LEFT}};
    month_t first = 0, open = 0;
    struct list_row row;
    char open_month[CALENDAR_TEXT];
    enum result result = status_ask(client, &first, &open, why);
    if (result != RESULT_OK)
        return result;
    json_t *list = json_array();
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    for (month_t month = open; month-- > first && result == RESULT_OK;) {
        result = row_read(client, month, &row, why);
        if (result == RESULT_OK && json)
            json_array_append_new(list, row_json(&row));
        else if (result == RESULT_OK)
            row_print(table, &row);
    }
    calendar_format_month(open, open_month);
    json_t *object = json_pack("{s:s, s:o}", "open_month", open_month, "bills", list);
    if (result == RESULT_OK && json)
        json_print(stdout, json_incref(object), false);
    else if (result == RESULT_OK) {
        if (open > first)
            table_print(table, stdout, terminal_colours(stdout));
        printf("The open month is %s.\n", open_month);
    }
    json_decref(object);
    table_destroy(&table);
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT, *values[argc];
    bool json = false;
    const struct option_row rows[] = {
        {"json", OPTION_FLAG, &json, NULL, "JSON for programs", 0, 0}, OPTION_STATE(&state), {0}};
    struct failure why;
    struct billing_client *client;
    options_read(command, rows, argc, argv, values);
    enum result result = billing_open(&client, state, false, &why);
    if (result == RESULT_OK)
        result = list_show(client, json, &why);
    billing_close(&client);
    return result == RESULT_OK ? EXIT_FINE : bill_failed(command, &why);
}

const struct command command_bill_list = {
    .name = "bill list",
    .arguments = "",
    .summary = "closed months with what is owed and paid, and the open one",
    .details = "Newest first. `cakupan bill show MONTH` has a month's lines.\n",
    .examples = "cakupan bill list\ncakupan bill list --json | jq '.bills[] | select(.overdue)'",
    .exit_codes = "0  printed\n1  billing says no (nothing is enrolled yet)\n2  the command line is wrong\n"
                  "3  billing can't be asked",
    .run = run,
};
