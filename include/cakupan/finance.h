/* finance.h - the fold of what the city owes and has paid: invoices, payments, arrears, the year's budget.
 *
 * Pure. Like the registry: `finance_decide_...` says yes or why not and changes nothing, `finance_apply`
 * takes a decision into the state, when it was just stored as when it is replayed. Amounts are whole
 * rupiah and checked against overflow. One thread.
 */
#ifndef CAKUPAN_FINANCE_H
#define CAKUPAN_FINANCE_H

#include "cakupan/decision.h"
#include "cakupan/ledger.h"
#include "cakupan/payment_terms.h"
#include "cakupan/policy.h"

#define FINANCE_YEAR_MONTHS  12
#define FINANCE_FAILURES_MAX 256

struct finance;
struct finance *finance_new(const struct payment_terms *terms, const struct policy *policy); /* borrowed */
void finance_destroy(struct finance **finance);
/* Decisions that are none of finance's change nothing. RESULT_CORRUPT where one contradicts the state: then
 * nothing has changed, and finance_check says so beforehand. */
MUST_USE enum result finance_apply(struct finance *finance, const struct decision *decision,
                                   struct failure *why);
MUST_USE enum result finance_check(const struct finance *finance, const struct decision *decision,
                                   struct failure *why);

/* May the month be closed on `today`? RESULT_CONFLICT: BILL_MONTH_NOT_OPEN (months close in order),
 * BILL_TOO_EARLY (the policy's cut-off day; the sentence names the first day), BILL_FAILURE_PARKED (of this
 * month, or of none in particular). RESULT_INVALID: BILL_MONTH_BEFORE_STATE. RESULT_AGAIN:
 * BILLING_NOT_BEGUN. RESULT_NOT_FOUND is never given; an already closed month is RESULT_OK with
 * `*closed`. */
MUST_USE enum result finance_decide_close(const struct finance *finance, month_t month, day_t today,
                                          bool *closed, struct failure *why);
/* Fills `out` from what was asked; who and when is the caller's. A payment with an SP2D number that stands
 * already and says the same is RESULT_OK with `*repeated` and `out` as it was stored; another amount, day or
 * month under it is RESULT_CONFLICT (SP2D_TAKEN); small and capital letters are one. Payments of months that
 * are not closed, of days to come, of amounts below 1 or above what is owed: RESULT_INVALID. Divided over the
 * two budget lines: iuran first, unless `amount_rupiah` names both. */
struct payment_ask {
    month_t month;
    int64_t amount_rupiah[PAYER_COUNT]; /* by line; with `whole_rupiah` all zero */
    int64_t whole_rupiah;
    const char *sp2d;
    day_t day; /* DAY_NONE: today */
};
MUST_USE enum result finance_decide_payment(const struct finance *finance, const struct payment_ask *ask,
                                            day_t today, struct decision *out, bool *repeated,
                                            struct failure *why);
/* Takes a payment back that was booked wrongly: it counts no more, and its SP2D number is free again. The
 * same month, number and reason again are RESULT_OK with `*repeated` and `out` as it was stored; where the
 * number was booked for that month again since, RESULT_CONFLICT (SP2D_REVERSED), as is another reason for a
 * payment that is reversed. SP2D_OTHER_MONTH: RESULT_CONFLICT; SP2D_UNKNOWN, REASON_MISSING: RESULT_INVALID.
 */
struct reversal_ask {
    month_t month;
    const char *sp2d, *reason;
};
MUST_USE enum result finance_decide_reversal(const struct finance *finance, const struct reversal_ask *ask,
                                             struct decision *out, bool *repeated, struct failure *why);
/* The year's ceiling per budget line; a later one replaces an earlier one, 0 takes it away. A state that
 * began within the year knows the months from then on only: its ceiling is what was left then. */
MUST_USE enum result finance_decide_budget(const struct finance *finance, uint16_t year,
                                           const int64_t ceiling_rupiah[PAYER_COUNT], struct decision *out,
                                           struct failure *why);

month_t finance_first_month(const struct finance *finance); /* MONTH_NONE: the state has not begun */
month_t finance_open_month(const struct finance *finance);
/* By when the invoice of any month is to be paid (payment_terms.h); a closed one's is in finance_month. */
day_t finance_due(const struct finance *finance, month_t month, bool *provisional);

/* One closed month. False where it is not closed. */
struct finance_month {
    month_t month;
    uint64_t as_of_offset, invoice_sequence; /* of the decision that has the bytes */
    int64_t owed_rupiah[PAYER_COUNT], paid_rupiah[PAYER_COUNT];
    day_t due_day, last_paid_day;
    bool overdue; /* on `today` */
};
bool finance_month(const struct finance *finance, month_t month, day_t today, struct finance_month *out);
/* Owed, due and not paid on `today`, the city's two lines; and how many months. */
int64_t finance_arrears(const struct finance *finance, day_t today, uint32_t *months);
/* Payments and reversals of payments, in the order of decisions. */
typedef void finance_on_payment(void *context, const struct decision *payment);
void finance_payments(const struct finance *finance, month_t month, finance_on_payment *on_payment,
                      void *context);
/* Parked failures that are not settled, oldest first; the count is of all, also of those beyond `out` (may be
 * NULL). */
uint32_t finance_failures(const struct finance *finance, struct decision out[FINANCE_FAILURES_MAX]);
/* One of them by its id; NULL where there is none. */
const struct decision *finance_failure(const struct finance *finance, uint64_t failure_id);

/* The budget of a year: what is closed, and what the rest will cost. */
struct budget_ask {
    uint16_t year;
    const struct ledger_sums
        *forecast; /* one a month from `forecast_month` on, of the open month and later */
    month_t forecast_month;
    uint16_t forecast_count;
    /* NULL: as forecast. Else people of the forecast at this tariff, and corrections as they are; shares of
     * wages stay as forecast, since sums know no wages. */
    const struct tariff *what_if_tariff;
    uint32_t what_if_layoffs;    /* so many more city-paid people, from the month after the open one */
    const struct tariff *tariff; /* in force: prices the layoffs where there is no what-if */
};
struct budget_month {
    month_t month;
    bool closed;
    int64_t amount_rupiah[PAYER_COUNT]; /* the city's two lines: invoiced, or forecast */
    int64_t paid_rupiah[PAYER_COUNT];
};
struct budget_line {
    int64_t ceiling_rupiah;   /* 0: none was set */
    int64_t spent_rupiah;     /* paid                                          */
    int64_t committed_rupiah; /* invoiced in closed months and not paid        */
    int64_t forecast_rupiah;  /* months of the year that are not closed        */
    month_t runs_out;         /* the first month that the ceiling does not cover; MONTH_NONE: it lasts */
    day_t runs_out_day;       /* the first day of it not covered, as a share of its amount */
};
struct budget {
    uint16_t year, month_count; /* from January, or from the state's first month */
    struct budget_month months[FINANCE_YEAR_MONTHS];
    struct budget_line line[PAYER_COUNT]; /* of the two lines of the city */
    struct budget_line both;              /* ceiling 0 unless both lines have one */
};
/* RESULT_INVALID where the forecast does not reach the year's end (BUDGET_FORECAST), the year is before the
 * state (BUDGET_YEAR) or an amount is beyond all bounds (BUDGET_RANGE). */
MUST_USE enum result finance_budget(const struct finance *finance, const struct budget_ask *ask,
                                    struct budget *out, struct failure *why);

#endif
