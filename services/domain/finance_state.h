/* finance_state.h - what finance holds; shared by the files finance*.c alone. */
#ifndef DOMAIN_FINANCE_STATE_H
#define DOMAIN_FINANCE_STATE_H

#include "cakupan/finance.h"

/* A ceiling or a payment above a thousand trillion rupiah is a slip of the pen; so sums of a year fit 64
 * bits. */
#define FINANCE_AMOUNT_MAX INT64_C(1000000000000000)

struct closed_month {
    uint64_t as_of_offset, sequence;
    int64_t owed_rupiah[PAYER_COUNT], paid_rupiah[PAYER_COUNT];
    day_t due_day, last_paid_day;
};
struct payment { /* or the reversal of one */
    struct decision decision;
    char author[TEXT_MAX], reason[TEXT_MAX];
    bool reversed; /* by a later one of the list */
};
struct ceiling {
    uint16_t year;
    int64_t rupiah[PAYER_COUNT];
};
/* Grows by doubling; `items` is an array of one of the structures above, or of decisions. */
struct grown {
    void *items;
    uint32_t count, capacity;
};

struct finance {
    const struct payment_terms *terms; /* borrowed */
    const struct policy *policy;       /* borrowed */
    month_t first_month;               /* MONTH_NONE: not begun */
    struct grown closed;               /* struct closed_month, from the first month on without gaps */
    struct grown payments;             /* struct payment, in the order of decisions */
    struct grown ceilings;             /* struct ceiling, one a year */
    struct grown failures;             /* struct decision, not settled, oldest first */
};

/* NULL where the month is not closed. */
struct closed_month *finance_closed(const struct finance *finance, month_t month);
/* The payment that stands under this number; NULL where none does, or none any more. */
const struct payment *finance_payment_by(const struct finance *finance, const char *sp2d);
/* Small and capital letters are one. */
bool finance_sp2d_same(const char *one, const char *other);
/* As it was stored, with its texts. */
struct decision finance_payment_told(const struct payment *payment);
const struct ceiling *finance_ceiling(const struct finance *finance, unsigned year);
/* Letters, digits and . / - alone, 1 to SP2D_MAX of them. */
bool finance_sp2d_valid(const char *sp2d);
MUST_USE enum result finance_sp2d_check(const char *sp2d, struct failure *why);
/* What the city owes still on one line, or on both: below zero where BPJS owes it. */
int64_t finance_rest(const struct closed_month *month, enum payer line);
int64_t finance_rest_both(const struct closed_month *month);
/* Why these parts of a payment can't be taken for that month; NULL where they can. */
const char *finance_parts_problem(const struct closed_month *month, const int64_t parts[PAYER_COUNT]);
/* Why these ceilings can't be; NULL where they can. */
const char *finance_ceiling_problem(const int64_t ceiling_rupiah[PAYER_COUNT]);

static inline unsigned finance_year_of(month_t month) {
    return 1900u + (month - 1u) / FINANCE_YEAR_MONTHS;
}
static inline month_t finance_january(unsigned year) {
    return (month_t)((year - 1900u) * FINANCE_YEAR_MONTHS + 1u);
}
#define FINANCE_YEAR_LAST 2078u /* the last whole year of the calendar */

#endif
