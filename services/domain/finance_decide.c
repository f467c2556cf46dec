/* finance_decide.c - may a month be closed, a payment taken, a ceiling set? Decides and changes nothing
 * (finance.h). */
#include "finance_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { RUPIAH_SHOW = 40 }; /* the longest: -Rp and 19 digits in groups */

/* The first day on which the month may be closed: of the payment terms, else the policy's cut-off day, after
 * which changes count for later months. Above UINT16_MAX where the calendar ends. */
static unsigned close_from(const struct finance *finance, month_t month) {
    const struct payment_terms_row *terms = payment_terms_at(finance->terms, month);
    day_t first = calendar_first_day(month);
    unsigned day =
        terms->close_from_day ? terms->close_from_day : policy_at(finance->policy, first)->cut_off_day;
    return first == DAY_NONE ? UINT16_MAX + 1u : first + day - 1u;
}

static enum result not_begun(struct failure *why) {
    return fail(why, RESULT_AGAIN, "BILLING_NOT_BEGUN",
                "Billing has not begun: enrollment's journal is empty; enrol somebody, then ask again.");
}

static enum result before_state(const struct finance *finance, month_t month, struct failure *why) {
    char asked[CALENDAR_TEXT], first[CALENDAR_TEXT];
    calendar_format_month(month, asked);
    calendar_format_month(finance->first_month, first);
    return fail(why, RESULT_INVALID, "BILL_MONTH_BEFORE_STATE",
                "%s is before this state, whose first month is %s: ask for that one or a later one.", asked,
                first);
}

static enum result check_failures(const struct finance *finance, month_t month, struct failure *why) {
    const struct decision *failures = finance->failures.items;
    char asked[CALENDAR_TEXT];
    calendar_format_month(month, asked);
    for (uint32_t i = 0; i < finance->failures.count; i++)
        if (failures[i].month == month || failures[i].month == MONTH_NONE)
            return fail(why, RESULT_CONFLICT, "BILL_FAILURE_PARKED",
                        "%s can't be closed while failure %" PRIu64
                        " (%.31s) is parked: %.160s Settle it first.",
                        asked, failures[i].failure_id, failures[i].code, failures[i].sentence);
    return RESULT_OK;
}

enum result finance_decide_close(const struct finance *finance, month_t month, day_t today, bool *closed,
                                 struct failure *why) {
    *closed = false;
    if (finance->first_month == MONTH_NONE)
        return not_begun(why);
    if (month < finance->first_month)
        return before_state(finance, month, why);
    *closed = finance_closed(finance, month) != NULL;
    if (*closed)
        return RESULT_OK;
    char asked[CALENDAR_TEXT], open[CALENDAR_TEXT];
    calendar_format_month(month, asked);
    calendar_format_month(finance_open_month(finance), open);
    if (month != finance_open_month(finance))
        return fail(
            why, RESULT_CONFLICT, "BILL_MONTH_NOT_OPEN",
            "%s can't be closed yet: months close in order, and the open one is %s; close that first.", asked,
            open);
    unsigned from = close_from(finance, month);
    if (today < from) {
        char first_day[CALENDAR_TEXT] = "-";
        if (from <= UINT16_MAX)
            calendar_format((day_t)from, first_day);
        return fail(why, RESULT_CONFLICT, "BILL_TOO_EARLY",
                    "%s can be closed from %s on, not before: until then `bill preview` shows what it costs.",
                    asked, first_day);
    }
    return check_failures(finance, month, why);
}

bool finance_sp2d_valid(const char *sp2d) {
    size_t size = sp2d ? strnlen(sp2d, SP2D_MAX + 1) : 0;
    for (size_t i = 0; i < size; i++) {
        char c = sp2d[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '/' && c != '-')
            return false;
    }
    return size >= 1 && size <= SP2D_MAX;
}

enum result finance_sp2d_check(const char *sp2d, struct failure *why) {
    if (finance_sp2d_valid(sp2d))
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "SP2D_INVALID",
                "An SP2D number has 1 to %d letters, digits, dots, slashes and hyphens: give it as printed.",
                SP2D_MAX);
}

const char *finance_parts_problem(const struct closed_month *month, const int64_t parts[PAYER_COUNT]) {
    int64_t sum_rupiah = 0;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++) {
        if (parts[payer] == 0)
            continue;
        if (!payer_is_city((enum payer)payer))
            return "only the city's budget lines are paid here";
        if (parts[payer] < 0 || parts[payer] > finance_rest(month, (enum payer)payer))
            return "a part is below zero or above what its budget line owes still";
        sum_rupiah += parts[payer];
    }
    if (sum_rupiah < 1)
        return "a payment is 1 rupiah or more";
    return sum_rupiah > finance_rest_both(month) ? "it is above what the city owes still" : NULL;
}

/* Iuran first: it is the larger line, and what a city pays late is told by it. */
static void divide(const struct closed_month *month, int64_t whole_rupiah, int64_t parts[PAYER_COUNT]) {
    int64_t iuran = finance_rest(month, PAYER_CITY_IURAN);
    int64_t first = iuran < 0 ? 0 : whole_rupiah < iuran ? whole_rupiah : iuran;
    parts[PAYER_CITY_IURAN] = first;
    parts[PAYER_CITY_BANTUAN] = whole_rupiah - first;
}

/* Does the ask say what was paid under its SP2D number already? */
static bool says_the_same(const struct payment_ask *ask, const struct decision *known) {
    if (ask->month != known->month || (ask->day != DAY_NONE && ask->day != known->due_day))
        return false;
    if (ask->whole_rupiah != 0)
        return ask->whole_rupiah ==
               known->amount_rupiah[PAYER_CITY_IURAN] + known->amount_rupiah[PAYER_CITY_BANTUAN];
    return memcmp(ask->amount_rupiah, known->amount_rupiah, sizeof ask->amount_rupiah) == 0;
}

/* "Rp 14,976,731,000", as people read sums. */
static const char *rupiah_text(int64_t rupiah, char out[RUPIAH_SHOW]) {
    char digits[24];
    uint64_t magnitude = rupiah < 0 ? -(uint64_t)rupiah : (uint64_t)rupiah;
    int count = snprintf(digits, sizeof digits, "%" PRIu64, magnitude);
    char *at = out + snprintf(out, RUPIAH_SHOW, "%sRp ", rupiah < 0 ? "-" : "");
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

static enum result decide_repeated(const struct payment *known, const struct payment_ask *ask,
                                   struct decision *out, struct failure *why) {
    *out = finance_payment_told(known);
    if (says_the_same(ask, &known->decision))
        return RESULT_OK;
    char month[CALENDAR_TEXT], day[CALENDAR_TEXT], amount[RUPIAH_SHOW];
    calendar_format_month(known->decision.month, month);
    calendar_format(known->decision.due_day, day);
    int64_t rupiah =
        known->decision.amount_rupiah[PAYER_CITY_IURAN] + known->decision.amount_rupiah[PAYER_CITY_BANTUAN];
    return fail(
        why, RESULT_CONFLICT, "SP2D_TAKEN",
        "SP2D %s has paid %s for %s on %s already: correct the number, repeat just that, or reverse it "
        "first (`pay --reverse`).",
        known->decision.sp2d, rupiah_text(rupiah, amount), month, day);
}

static enum result find_month(const struct finance *finance, month_t month, const struct closed_month **out,
                              struct failure *why) {
    if (finance->first_month == MONTH_NONE)
        return not_begun(why);
    if (month < finance->first_month)
        return before_state(finance, month, why);
    *out = finance_closed(finance, month);
    if (*out)
        return RESULT_OK;
    char asked[CALENDAR_TEXT];
    calendar_format_month(month, asked);
    return fail(why, RESULT_INVALID, "BILL_MONTH_NOT_CLOSED",
                "%s is not closed, so there is no invoice to pay: close it first.", asked);
}

static enum result check_amounts(const struct payment_ask *ask, const struct closed_month *month,
                                 struct decision *out, struct failure *why) {
    char asked[CALENDAR_TEXT];
    calendar_format_month(ask->month, asked);
    bool by_line = false;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        by_line = by_line || ask->amount_rupiah[payer] != 0;
    if (by_line && ask->whole_rupiah != 0)
        return fail(why, RESULT_INVALID, "PAYMENT_RANGE",
                    "The payment of %s names both a whole amount and parts: give one of them.", asked);
    memcpy(out->amount_rupiah, ask->amount_rupiah, sizeof out->amount_rupiah);
    bool whole_fits = ask->whole_rupiah >= 0 && ask->whole_rupiah <= FINANCE_AMOUNT_MAX;
    if (!by_line && whole_fits)
        divide(month, ask->whole_rupiah, out->amount_rupiah);
    const char *problem =
        whole_fits ? finance_parts_problem(month, out->amount_rupiah) : "its amount is out of all bounds";
    if (!problem)
        return RESULT_OK;
    char iuran[RUPIAH_SHOW], bantuan[RUPIAH_SHOW];
    return fail(why, RESULT_INVALID, "PAYMENT_RANGE",
                "The payment of %s can't be taken: %s. Owed still: iuran %s, bantuan iuran %s.", asked,
                problem, rupiah_text(finance_rest(month, PAYER_CITY_IURAN), iuran),
                rupiah_text(finance_rest(month, PAYER_CITY_BANTUAN), bantuan));
}

enum result finance_decide_payment(const struct finance *finance, const struct payment_ask *ask, day_t today,
                                   struct decision *out, bool *repeated, struct failure *why) {
    const struct closed_month *month = NULL;
    *repeated = false;
    enum result result = finance_sp2d_check(ask->sp2d, why);
    if (result != RESULT_OK)
        return result;
    const struct payment *known = finance_payment_by(finance, ask->sp2d);
    if (known) {
        *repeated = true;
        return decide_repeated(known, ask, out, why);
    }
    result = find_month(finance, ask->month, &month, why);
    if (result != RESULT_OK)
        return result;
    day_t day = ask->day == DAY_NONE ? today : ask->day;
    char text[CALENDAR_TEXT];
    calendar_format(day, text);
    if (day > today || day < calendar_first_day(ask->month))
        return fail(why, RESULT_INVALID, "PAYMENT_RANGE",
                    "A payment on %s lies in the future or before the month it pays for: correct its day.",
                    text);
    *out = (struct decision){.kind = DECISION_PAYMENT, .month = ask->month, .due_day = day};
    memcpy(out->sp2d, ask->sp2d, strlen(ask->sp2d) + 1);
    return check_amounts(ask, month, out, why);
}

const char *finance_ceiling_problem(const int64_t ceiling_rupiah[PAYER_COUNT]) {
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++) {
        if (ceiling_rupiah[payer] != 0 && !payer_is_city((enum payer)payer))
            return "only the city's budget lines have a ceiling";
        if (ceiling_rupiah[payer] < 0 || ceiling_rupiah[payer] > FINANCE_AMOUNT_MAX)
            return "a ceiling is from 0 to 1,000,000,000,000,000 rupiah";
    }
    return NULL;
}

enum result finance_decide_budget(const struct finance *finance, uint16_t year,
                                  const int64_t ceiling_rupiah[PAYER_COUNT], struct decision *out,
                                  struct failure *why) {
    if (finance->first_month == MONTH_NONE)
        return not_begun(why);
    unsigned first = finance_year_of(finance->first_month);
    if (year < first || year > FINANCE_YEAR_LAST)
        return fail(why, RESULT_INVALID, "BUDGET_YEAR",
                    "%u has no budget here: give a year from %u, in which this state began, to %u.", year,
                    first, FINANCE_YEAR_LAST);
    const char *problem = finance_ceiling_problem(ceiling_rupiah);
    if (problem)
        return fail(why, RESULT_INVALID, "BUDGET_RANGE", "The budget of %u can't be set: %s.", year, problem);
    *out = (struct decision){.kind = DECISION_BUDGET, .year = year};
    memcpy(out->amount_rupiah, ceiling_rupiah, sizeof out->amount_rupiah);
    return RESULT_OK;
}
