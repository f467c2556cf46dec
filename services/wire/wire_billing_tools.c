/* wire_billing_tools.c - what tools ask of billing and what it answers: the validators behind the generated
 * messages (wire_billing.h). */
#include "wire_billing.h"

#include "wire_billing_sums.h"
#include "wire_bytes.h"
#include "wire_message.h"

#include <string.h>

#define FORECAST_MONTHS_MAX 24u
#define FROZEN_PIECE_MAX    (4u << 20)
#define DECISIONS_LIMIT_MAX 1000u
#define AUDIT_COUNTS_MAX    64u
#define LAYOFFS_MAX         10000000u
#define REPLY_TEXT_MAX      319u
#define STATUS_WORKERS_MAX  32u
#define STATUS_FAILURES_MAX 256u
#define YEAR_FIRST          1900u
#define YEAR_LAST           2078u

static enum result no_request(struct failure *why, const char *problem) {
    return fail(why, RESULT_INVALID, "REQUEST_MALFORMED",
                "A request to billing %s; see proto/billing.proto, and use programs of one release.",
                problem);
}

static bool amounts_fine(const int64_t *amounts_rupiah, size_t count) {
    if (count > PAYER_COUNT)
        return false;
    for (size_t index = 0; index < count; index++)
        if (!wire_amount_fine(amounts_rupiah[index]))
            return false;
    return true;
}

static bool month_fine(uint32_t yyyymm) {
    return wire_month(yyyymm) != MONTH_NONE;
}

static bool month_or_none(uint32_t yyyymm) {
    return yyyymm == 0 || month_fine(yyyymm);
}

static bool date_or_none(uint32_t yyyymmdd) {
    return yyyymmdd == 0 || calendar_from_number(yyyymmdd) != DAY_NONE;
}

static bool year_fine(uint32_t year) {
    return year >= YEAR_FIRST && year <= YEAR_LAST;
}

/* NULL where all is well, else what is wrong with a month or a payment. */
static const char *problem_of_month(const Cakupan__BillingRequest *request) {
    switch (request->ask_case) {
    case CAKUPAN__BILLING_REQUEST__ASK_PREVIEW:
        if (!month_fine(request->preview->month))
            return "names a month that there is not";
        return request->preview->months > FORECAST_MONTHS_MAX ? "wants more than 24 months" : NULL;
    case CAKUPAN__BILLING_REQUEST__ASK_CLOSE:
        return month_fine(request->close->month) ? NULL : "names a month that there is not";
    case CAKUPAN__BILLING_REQUEST__ASK_INVOICE:
        return month_fine(request->invoice->month) ? NULL : "names a month that there is not";
    case CAKUPAN__BILLING_REQUEST__ASK_FROZEN:
        if (!month_fine(request->frozen->month))
            return "names a month that there is not";
        return request->frozen->max_bytes == 0 || request->frozen->max_bytes > FROZEN_PIECE_MAX ||
                       request->frozen->partition >= LEDGER_PARTITIONS_MAX
                   ? "wants a piece that there is not"
                   : NULL;
    case CAKUPAN__BILLING_REQUEST__ASK_AUDITED:
        if (!month_fine(request->audited->month))
            return "names a month that there is not";
        return request->audited->n_counts > AUDIT_COUNTS_MAX ? "counts more than there are kinds" : NULL;
    case CAKUPAN__BILLING_REQUEST__ASK_PAY:
        if (!month_fine(request->pay->month) || calendar_from_number(request->pay->date) == DAY_NONE)
            return "names a month or a day that there is not";
        return !wire_amount_fine(request->pay->amount_rupiah) ||
                       !amounts_fine(request->pay->line_rupiah, request->pay->n_line_rupiah)
                   ? "pays an amount that can't be"
                   : NULL;
    case CAKUPAN__BILLING_REQUEST__ASK_REVERSE:
        return month_fine(request->reverse->month) ? NULL : "names a month that there is not";
    default:
        return NULL;
    }
}

static const char *problem_of_other(const Cakupan__BillingRequest *request) {
    switch (request->ask_case) {
    case CAKUPAN__BILLING_REQUEST__ASK_BUDGET_SET:
        return !year_fine(request->budget_set->year) || !amounts_fine(request->budget_set->ceiling_rupiah,
                                                                      request->budget_set->n_ceiling_rupiah)
                   ? "sets a year or a ceiling that can't be"
                   : NULL;
    case CAKUPAN__BILLING_REQUEST__ASK_BUDGET:
        return (request->budget->year != 0 && !year_fine(request->budget->year)) ||
                       request->budget->what_if_tariff.len > TARIFF_PACKED_MAX ||
                       request->budget->what_if_layoffs > LAYOFFS_MAX
                   ? "asks for a budget of a year, tariff or number that can't be"
                   : NULL;
    case CAKUPAN__BILLING_REQUEST__ASK_DECISIONS:
        return request->decisions->limit == 0 || request->decisions->limit > DECISIONS_LIMIT_MAX
                   ? "wants no decision, or more than 1,000"
                   : NULL;
    case CAKUPAN__BILLING_REQUEST__ASK_RETARIFF:
        return request->retariff->tariff.len == 0 || request->retariff->tariff.len > TARIFF_PACKED_MAX
                   ? "brings no tariff"
                   : NULL;
    default:
        return NULL;
    }
}

enum result wire_billing_request_decode(const uint8_t *data, size_t size, struct arena *arena,
                                        Cakupan__BillingRequest **out, struct failure *why) {
    *out = NULL;
    Cakupan__BillingRequest *request = size <= BILLING_REQUEST_MAX_BYTES
                                           ? cakupan__billing_request__unpack(&arena->allocator, size, data)
                                           : NULL;
    if (!request)
        return no_request(why, "is no such message");
    if (request->version != BILLING_VERSION)
        return no_request(why, "is of another version");
    if (request->ask_case == CAKUPAN__BILLING_REQUEST__ASK__NOT_SET)
        return fail(why, RESULT_INVALID, "ASK_UNKNOWN",
                    "Billing does not know what is asked: use tools of the same release.");
    if (!wire_message_once(request->base.descriptor, data, size))
        return no_request(why, "asks or says something twice");
    if (!wire_message_clean(&request->base, TEXT_MAX))
        return no_request(why, "holds unknown fields, or a text that is unclean or too long");
    const char *problem = problem_of_month(request);
    if (!problem)
        problem = problem_of_other(request);
    if (problem)
        return no_request(why, problem);
    *out = request;
    return RESULT_OK;
}

/* -- replies ------------------------------------------------------------------------------------------- */

static bool status_fine(const Cakupan__BillingStatus *status) {
    for (size_t index = 0; index < status->n_failures; index++)
        if (!month_or_none(status->failures[index]->month))
            return false;
    for (size_t index = 0; index < status->n_partitions; index++)
        if (status->partitions[index]->partition >= LEDGER_PARTITIONS_MAX)
            return false;
    return status->n_workers <= STATUS_WORKERS_MAX && status->n_partitions <= LEDGER_PARTITIONS_MAX &&
           status->n_failures <= STATUS_FAILURES_MAX && month_or_none(status->first_month) &&
           month_or_none(status->open_month) && month_or_none(status->barrier_month);
}

static bool month_reply_fine(const Cakupan__MonthReply *month) {
    for (size_t index = 0; index < month->n_payments; index++) {
        const Cakupan__BookedPayment *payment = month->payments[index];
        if (!date_or_none(payment->date) || !amounts_fine(payment->amount_rupiah, payment->n_amount_rupiah))
            return false;
    }
    return month->n_payments <= BOOKED_PAYMENTS_MAX && month_or_none(month->month) &&
           date_or_none(month->due_date) && amounts_fine(month->owed_rupiah, month->n_owed_rupiah) &&
           amounts_fine(month->paid_rupiah, month->n_paid_rupiah) && wire_amount_fine(month->arrears_rupiah);
}

static bool budget_fine(const Cakupan__BudgetReply *budget) {
    if (budget->n_months > FINANCE_YEAR_MONTHS || budget->n_lines > PAYER_COUNT || !year_fine(budget->year))
        return false;
    for (size_t index = 0; index < budget->n_months; index++) {
        const Cakupan__BudgetMonth *month = budget->months[index];
        if (!month_fine(month->month) || !amounts_fine(month->amount_rupiah, month->n_amount_rupiah) ||
            !amounts_fine(month->paid_rupiah, month->n_paid_rupiah))
            return false;
    }
    for (size_t index = 0; index < budget->n_lines; index++) {
        const Cakupan__BudgetLine *line = budget->lines[index];
        if (line->payer >= PAYER_COUNT || !month_or_none(line->runs_out_month) ||
            !date_or_none(line->runs_out_date))
            return false;
    }
    return true;
}

static bool reply_fine(const Cakupan__BillingReply *reply, struct failure *why) {
    struct billing_summary summary;
    return reply->refusal <= UINT16_MAX && reply->n_forecast <= FORECAST_MONTHS_MAX &&
           reply->n_decisions <= DECISIONS_LIMIT_MAX && (!reply->status || status_fine(reply->status)) &&
           (!reply->summary || wire_billing_summary_take(reply->summary, &summary, why) == RESULT_OK) &&
           (!reply->frozen || reply->frozen->partitions <= LEDGER_PARTITIONS_MAX) &&
           (!reply->month || month_reply_fine(reply->month)) &&
           (!reply->budget || budget_fine(reply->budget));
}

enum result wire_billing_reply_decode(const uint8_t *data, size_t size, struct arena *arena,
                                      Cakupan__BillingReply **out, struct failure *why) {
    *out = NULL;
    Cakupan__BillingReply *reply = size <= BILLING_REPLY_MAX_BYTES
                                       ? cakupan__billing_reply__unpack(&arena->allocator, size, data)
                                       : NULL;
    if (!reply || !wire_message_clean(&reply->base, REPLY_TEXT_MAX) || !reply_fine(reply, why))
        return fail(why, RESULT_INVALID, "REPLY_MALFORMED",
                    "Billing's answer of %zu bytes can't be read; use programs of one release.", size);
    *out = reply;
    return RESULT_OK;
}
