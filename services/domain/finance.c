/* finance.c - takes decisions into the state of finance and tells what is owed, paid and late (finance.h). */
#include "finance_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct finance *finance_new(const struct payment_terms *terms, const struct policy *policy) {
    struct finance *finance = calloc(1, sizeof *finance);
    assert(finance && "no memory for finance");
    finance->terms = terms;
    finance->policy = policy;
    return finance;
}

void finance_destroy(struct finance **finance) {
    if (!*finance)
        return;
    free((*finance)->closed.items);
    free((*finance)->payments.items);
    free((*finance)->ceilings.items);
    free((*finance)->failures.items);
    free(*finance);
    *finance = NULL;
}

/* A zeroed item behind the last one. */
static void *grow(struct grown *grown, size_t item_size) {
    if (grown->count == grown->capacity) {
        assert(grown->capacity < UINT32_MAX / 2 && "more items than numbers");
        grown->capacity = grown->capacity ? 2 * grown->capacity : 16;
        grown->items = realloc(grown->items, grown->capacity * item_size);
        assert(grown->items && "no memory for decisions");
    }
    void *item = (char *)grown->items + grown->count++ * item_size;
    return memset(item, 0, item_size);
}

struct closed_month *finance_closed(const struct finance *finance, month_t month) {
    uint32_t index = (uint32_t)month - finance->first_month;
    bool known = finance->first_month != MONTH_NONE && month >= finance->first_month;
    return known && index < finance->closed.count ? &((struct closed_month *)finance->closed.items)[index]
                                                  : NULL;
}

static char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool finance_sp2d_same(const char *one, const char *other) {
    size_t at = 0;
    while (one[at] && lower(one[at]) == lower(other[at]))
        at++;
    return lower(one[at]) == lower(other[at]);
}

static bool stands(const struct payment *payment) {
    return payment->decision.kind == DECISION_PAYMENT && !payment->reversed;
}

/* Some dozens a year: looked through. */
const struct payment *finance_payment_by(const struct finance *finance, const char *sp2d) {
    const struct payment *payments = finance->payments.items;
    for (uint32_t i = 0; i < finance->payments.count; i++)
        if (stands(&payments[i]) && finance_sp2d_same(payments[i].decision.sp2d, sp2d))
            return &payments[i];
    return NULL;
}

const struct ceiling *finance_ceiling(const struct finance *finance, unsigned year) {
    const struct ceiling *ceilings = finance->ceilings.items;
    for (uint32_t i = 0; i < finance->ceilings.count; i++)
        if (ceilings[i].year == year)
            return &ceilings[i];
    return NULL;
}

static const char *begun_problem(const struct finance *finance, const struct decision *decision) {
    if (finance->first_month != MONTH_NONE)
        return "the state has begun before";
    return decision->month == MONTH_NONE ? "it has no first month" : NULL;
}

static const char *invoice_problem(const struct finance *finance, const struct decision *decision) {
    bool next = finance->first_month != MONTH_NONE && decision->month == finance_open_month(finance);
    if (!next)
        return "months close in order, and this one is not the next";
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        if (decision->amount_rupiah[payer] > FINANCE_AMOUNT_MAX ||
            decision->amount_rupiah[payer] < -FINANCE_AMOUNT_MAX)
            return "its amount is beyond all bounds";
    return NULL;
}

static const char *payment_problem(const struct finance *finance, const struct decision *decision) {
    const struct closed_month *month = finance_closed(finance, decision->month);
    if (!month)
        return "it pays for a month that is not closed";
    if (!finance_sp2d_valid(decision->sp2d) || finance_payment_by(finance, decision->sp2d))
        return "its SP2D number is none, or was used before";
    return finance_parts_problem(month, decision->amount_rupiah);
}

static const char *reversal_problem(const struct finance *finance, const struct decision *decision) {
    const struct payment *payment = finance_payment_by(finance, decision->sp2d);
    if (!payment || payment->decision.sequence != decision->reverses ||
        payment->decision.month != decision->month)
        return "no such payment stands that it could take back";
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        if (decision->amount_rupiah[payer] != -payment->decision.amount_rupiah[payer])
            return "it takes back another amount than was paid";
    return decision->reason.size == 0 || decision->reason.size > TEXT_MAX ? "it has no reason" : NULL;
}

static const char *failed_problem(const struct finance *finance, const struct decision *decision) {
    if (decision->failure_id == 0)
        return "it has no number";
    return finance_failure(finance, decision->failure_id) ? "its number was given before" : NULL;
}

static const char *budget_problem(const struct decision *decision) {
    if (decision->year < 1900 || decision->year > FINANCE_YEAR_LAST)
        return "there is no such year";
    return finance_ceiling_problem(decision->amount_rupiah);
}

enum result finance_check(const struct finance *finance, const struct decision *decision,
                          struct failure *why) {
    const char *problem = NULL;
    switch (decision->kind) {
    case DECISION_BEGUN:
        problem = begun_problem(finance, decision);
        break;
    case DECISION_INVOICE:
        problem = invoice_problem(finance, decision);
        break;
    case DECISION_PAYMENT:
        problem = payment_problem(finance, decision);
        break;
    case DECISION_PAYMENT_REVERSED:
        problem = reversal_problem(finance, decision);
        break;
    case DECISION_BUDGET:
        problem = budget_problem(decision);
        break;
    case DECISION_FAILED:
        problem = failed_problem(finance, decision);
        break;
    default:
        break;
    }
    if (!problem)
        return RESULT_OK;
    return fail(why, RESULT_CORRUPT, "FINANCE_CONTRADICTS", "Decision %" PRIu64 " (%s): %s.",
                decision->sequence, decision_name(decision->kind), problem);
}

static void take_invoice(struct finance *finance, const struct decision *decision) {
    struct closed_month *month = grow(&finance->closed, sizeof *month);
    month->as_of_offset = decision->offset;
    month->sequence = decision->sequence;
    month->due_day = decision->due_day;
    memcpy(month->owed_rupiah, decision->amount_rupiah, sizeof month->owed_rupiah);
}

/* Bytes and texts of a decision end with the call; of payments the texts are kept beside it. */
static struct decision kept(const struct decision *decision) {
    struct decision copy = *decision;
    copy.author = copy.reason = (struct text){NULL, 0};
    copy.bytes = NULL;
    copy.size = 0;
    copy.new_device = NULL;
    return copy;
}

static uint16_t keep_text(struct text text, char out[TEXT_MAX]) {
    uint16_t size = text.size < TEXT_MAX ? text.size : TEXT_MAX;
    if (size > 0)
        memcpy(out, text.data, size);
    return size;
}

static void set_last_paid_day(struct finance *finance, month_t month) {
    struct closed_month *closed = finance_closed(finance, month);
    const struct payment *payments = finance->payments.items;
    closed->last_paid_day = DAY_NONE;
    for (uint32_t i = 0; i < finance->payments.count; i++)
        if (stands(&payments[i]) && payments[i].decision.month == month &&
            payments[i].decision.due_day > closed->last_paid_day)
            closed->last_paid_day = payments[i].decision.due_day;
}

/* A payment, or the reversal of one, whose amounts are below zero. */
static void take_payment(struct finance *finance, const struct decision *decision) {
    struct closed_month *month = finance_closed(finance, decision->month);
    struct payment *payment = grow(&finance->payments, sizeof *payment);
    payment->decision = kept(decision);
    payment->decision.author.size = keep_text(decision->author, payment->author);
    payment->decision.reason.size = keep_text(decision->reason, payment->reason);
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        month->paid_rupiah[payer] += decision->amount_rupiah[payer];
    set_last_paid_day(finance, decision->month);
}

static void take_reversal(struct finance *finance, const struct decision *decision) {
    ((struct payment *)finance_payment_by(finance, decision->sp2d))->reversed = true;
    take_payment(finance, decision);
}

static void take_budget(struct finance *finance, const struct decision *decision) {
    struct ceiling *ceiling = (struct ceiling *)finance_ceiling(finance, decision->year);
    if (!ceiling)
        ceiling = grow(&finance->ceilings, sizeof *ceiling);
    ceiling->year = decision->year;
    memcpy(ceiling->rupiah, decision->amount_rupiah, sizeof ceiling->rupiah);
}

static void settle(struct finance *finance, uint64_t failure_id) {
    struct decision *failures = finance->failures.items;
    uint32_t left = 0;
    for (uint32_t i = 0; i < finance->failures.count; i++)
        if (failures[i].failure_id != failure_id)
            failures[left++] = failures[i];
    finance->failures.count = left;
}

enum result finance_apply(struct finance *finance, const struct decision *decision, struct failure *why) {
    enum result result = finance_check(finance, decision, why);
    if (result != RESULT_OK)
        return result;
    switch (decision->kind) {
    case DECISION_BEGUN:
        finance->first_month = decision->month;
        break;
    case DECISION_INVOICE:
        take_invoice(finance, decision);
        break;
    case DECISION_PAYMENT:
        take_payment(finance, decision);
        break;
    case DECISION_PAYMENT_REVERSED:
        take_reversal(finance, decision);
        break;
    case DECISION_BUDGET:
        take_budget(finance, decision);
        break;
    case DECISION_FAILED:
        *(struct decision *)grow(&finance->failures, sizeof *decision) = kept(decision);
        break;
    case DECISION_SETTLED:
        settle(finance, decision->failure_id);
        break;
    default:
        break;
    }
    return RESULT_OK;
}

month_t finance_first_month(const struct finance *finance) {
    return finance->first_month;
}

month_t finance_open_month(const struct finance *finance) {
    return finance->first_month == MONTH_NONE ? MONTH_NONE
                                              : (month_t)(finance->first_month + finance->closed.count);
}

day_t finance_due(const struct finance *finance, month_t month, bool *provisional) {
    return payment_due(finance->terms, month, provisional);
}

int64_t finance_rest(const struct closed_month *month, enum payer line) {
    return month->owed_rupiah[line] - month->paid_rupiah[line];
}

int64_t finance_rest_both(const struct closed_month *month) {
    return finance_rest(month, PAYER_CITY_IURAN) + finance_rest(month, PAYER_CITY_BANTUAN);
}

static bool is_overdue(const struct closed_month *month, day_t today) {
    return finance_rest_both(month) > 0 && today > month->due_day;
}

bool finance_month(const struct finance *finance, month_t month, day_t today, struct finance_month *out) {
    const struct closed_month *closed = finance_closed(finance, month);
    if (!closed)
        return false;
    *out = (struct finance_month){.month = month,
                                  .as_of_offset = closed->as_of_offset,
                                  .invoice_sequence = closed->sequence,
                                  .due_day = closed->due_day,
                                  .last_paid_day = closed->last_paid_day,
                                  .overdue = is_overdue(closed, today)};
    memcpy(out->owed_rupiah, closed->owed_rupiah, sizeof out->owed_rupiah);
    memcpy(out->paid_rupiah, closed->paid_rupiah, sizeof out->paid_rupiah);
    return true;
}

int64_t finance_arrears(const struct finance *finance, day_t today, uint32_t *months) {
    const struct closed_month *closed = finance->closed.items;
    int64_t arrears_rupiah = 0;
    *months = 0;
    for (uint32_t i = 0; i < finance->closed.count; i++) {
        if (!is_overdue(&closed[i], today))
            continue;
        arrears_rupiah += finance_rest_both(&closed[i]);
        ++*months;
    }
    return arrears_rupiah;
}

struct decision finance_payment_told(const struct payment *payment) {
    struct decision told = payment->decision;
    told.author.data = payment->author;
    told.reason.data = payment->reason;
    return told;
}

void finance_payments(const struct finance *finance, month_t month, finance_on_payment *on_payment,
                      void *context) {
    const struct payment *payments = finance->payments.items;
    for (uint32_t i = 0; i < finance->payments.count; i++) {
        struct decision payment = finance_payment_told(&payments[i]);
        if (payment.month == month)
            on_payment(context, &payment);
    }
}

uint32_t finance_failures(const struct finance *finance, struct decision out[FINANCE_FAILURES_MAX]) {
    uint32_t count = finance->failures.count;
    uint32_t given = count < FINANCE_FAILURES_MAX ? count : FINANCE_FAILURES_MAX;
    if (out && given > 0)
        memcpy(out, finance->failures.items, given * sizeof *out);
    return count;
}

const struct decision *finance_failure(const struct finance *finance, uint64_t failure_id) {
    const struct decision *failures = finance->failures.items;
    for (uint32_t i = 0; i < finance->failures.count; i++)
        if (failures[i].failure_id == failure_id)
            return &failures[i];
    return NULL;
}
