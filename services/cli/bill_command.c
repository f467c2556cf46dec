/* bill_command.c - what the commands about bills share (bill_command.h). */
#include "bill_command.h"

#include "table.h"
#include "view/format.h"
#include "wire/wire_billing.h"

#include <stdlib.h>
#include <string.h>

enum { YEAR_FIRST = 2000, YEAR_LAST = 2078 }; /* the calendar's */

month_t bill_month_argument(const struct command *command, const char *text) {
    month_t month;
    struct failure why;
    if (calendar_parse_month(text, strlen(text), &month))
        return month;
    fail(&why, RESULT_INVALID, "MONTH_INVALID", "'%.40s' is no month; write it as 2026-12.", text);
    exit(report_failure(command->name, &why, EXIT_USAGE));
}

uint32_t budget_year_argument(const struct command *command, const char *text) {
    uint32_t year = 0;
    struct failure why;
    if (strlen(text) == 4 && strspn(text, "0123456789") == 4)
        year = (uint32_t)strtoul(text, NULL, 10);
    if (year >= YEAR_FIRST && year <= YEAR_LAST)
        return year;
    fail(&why, RESULT_INVALID, "YEAR_INVALID", "'%.40s' is no year from %d to %d.", text, YEAR_FIRST,
         YEAR_LAST);
    exit(report_failure(command->name, &why, EXIT_USAGE));
}

const char *bill_author_default(void) {
    const char *user = getenv("USER");
    return user && user[0] ? user : "operator";
}

int bill_failed(const struct command *command, const struct failure *why) {
    return report_failure(command->name, why, why->result == RESULT_INVALID ? EXIT_REFUSED : EXIT_FAILED);
}

enum result bill_ask(struct billing_client *client, Cakupan__BillingRequest *request, struct bill_view *view,
                     const Cakupan__BillingReply **reply, struct failure *why) {
    const Cakupan__BillingReply *answer;
    *view = (struct bill_view){0};
    enum result result = billing_ask(client, request, BILLING_PATIENCE_MS, &answer, why);
    if (result != RESULT_OK)
        return result;
    if (reply)
        *reply = answer;
    return bill_view_read(view, answer->invoice.data, answer->invoice.len, why);
}

enum result bill_ask_invoice(struct billing_client *client, month_t month, struct bill_view *view,
                             const Cakupan__BillingReply **reply, struct failure *why) {
    Cakupan__InvoiceRequest invoice = CAKUPAN__INVOICE_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    invoice.month = wire_month_number(month);
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_INVOICE;
    request.invoice = &invoice;
    return bill_ask(client, &request, view, reply, why);
}

static json_t *payers_json(const int64_t *by_payer, size_t count) {
    json_t *object = json_object();
    for (size_t payer = 0; payer < count; payer++)
        if (payer_is_city((enum payer)payer))
            json_object_set_new(object, bill_budget_line((enum payer)payer),
                                json_integer((json_int_t)by_payer[payer]));
    return object;
}

static json_t *payments_json(const Cakupan__MonthReply *month) {
    json_t *list = json_array();
    char date[FORMAT_TEXT];
    for (size_t i = 0; i < month->n_payments; i++) {
        const Cakupan__BookedPayment *payment = month->payments[i];
        json_t *object = json_pack("{s:I, s:s, s:s, s:o}", "decision", (json_int_t)payment->decision, "sp2d",
                                   payment->sp2d, "date", format_date(payment->date, date), "amount",
                                   payers_json(payment->amount_rupiah, payment->n_amount_rupiah));
        json_object_set_new(object, "reverses",
                            payment->reverses ? json_integer((json_int_t)payment->reverses) : json_null());
        json_object_set_new(object, "reason", payment->reverses ? json_string(payment->reason) : json_null());
        json_array_append_new(list, object);
    }
    return list;
}

json_t *bill_month_json(const Cakupan__MonthReply *month) {
    char text[CALENDAR_TEXT], due[FORMAT_TEXT];
    calendar_format_month(wire_month(month->month), text);
    return json_pack("{s:s, s:o, s:o, s:s, s:b, s:I, s:o}", "month", text, "owed",
                     payers_json(month->owed_rupiah, month->n_owed_rupiah), "paid",
                     payers_json(month->paid_rupiah, month->n_paid_rupiah), "due_date",
                     format_date(month->due_date, due), "overdue", month->overdue, "arrears_amount",
                     (json_int_t)month->arrears_rupiah, "payments", payments_json(month));
}

static int64_t city_sum(const int64_t *by_payer, size_t count) {
    int64_t sum = 0;
    for (size_t payer = 0; payer < count; payer++)
        sum += payer_is_city((enum payer)payer) ? by_payer[payer] : 0;
    return sum;
}

void bill_month_print(const Cakupan__MonthReply *month, FILE *out) {
    char owed[RUPIAH_TEXT], paid[RUPIAH_TEXT], open[RUPIAH_TEXT], arrears[RUPIAH_TEXT], due[FORMAT_TEXT];
    int64_t owed_rupiah = city_sum(month->owed_rupiah, month->n_owed_rupiah);
    int64_t paid_rupiah = city_sum(month->paid_rupiah, month->n_paid_rupiah);
    fprintf(out, "The city owes %s for it and has paid %s; %s is open, due %s%s.\n",
            format_rupiah(owed_rupiah, owed), format_rupiah(paid_rupiah, paid),
            format_rupiah(owed_rupiah - paid_rupiah, open), format_date(month->due_date, due),
            month->overdue ? ": OVERDUE" : "");
    if (month->arrears_rupiah)
        fprintf(out, "Arrears of the city over all months: %s.\n",
                format_rupiah(month->arrears_rupiah, arrears));
}

void bill_payments_print(const Cakupan__MonthReply *month, FILE *out, bool colours) {
    static const struct table_column columns[] = {
        {"Payment", TABLE_LEFT}, {"Date", TABLE_LEFT}, {"Amount", TABLE_RIGHT}, {"Remark", TABLE_LEFT}};
    char date[FORMAT_TEXT], amount[RUPIAH_TEXT];
    if (month->n_payments == 0)
        return;
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < month->n_payments; i++) {
        const Cakupan__BookedPayment *payment = month->payments[i];
        table_text(table, "%s", payment->sp2d);
        table_text(table, "%s", format_date(payment->date, date));
        table_text(table, "%s",
                   format_rupiah(city_sum(payment->amount_rupiah, payment->n_amount_rupiah), amount));
        table_text(table, payment->reverses ? "reversal: %s" : "%s", payment->reason);
    }
    table_print(table, out, colours);
    table_destroy(&table);
    fputc('\n', out);
}
