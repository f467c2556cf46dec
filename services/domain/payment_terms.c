/* payment_terms.c - working days and the day by which an invoice is due (payment_terms.h). */
#include "cakupan/payment_terms.h"

#include <assert.h>

#define DAYS_OF_WEEK 7
#define SATURDAY     5 /* counted from Monday; day 1, 1900-01-01, was a Monday */

const struct payment_terms_row *payment_terms_at(const struct payment_terms *terms, month_t month) {
    assert(terms->count > 0 && terms->count <= PAYMENT_TERMS_MAX && "payment terms have 1 to 16 rows");
    day_t first = calendar_first_day(month);
    unsigned row = terms->count - 1u;
    while (row > 0 && terms->rows[row].valid_from > first)
        row--;
    return &terms->rows[row];
}

bool payment_working_day(const struct payment_terms *terms, day_t day) {
    if (day == DAY_NONE || (day - 1) % DAYS_OF_WEEK >= SATURDAY)
        return false;
    unsigned low = 0, high = terms->holiday_count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (terms->holidays[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low == terms->holiday_count || terms->holidays[low] != day;
}

day_t payment_due(const struct payment_terms *terms, month_t month, bool *provisional) {
    const struct payment_terms_row *row = payment_terms_at(terms, month);
    day_t first = calendar_add_months(calendar_first_day(month), row->due_month);
    unsigned day = first == DAY_NONE ? UINT16_MAX + 1u : first + row->due_day_of_month - 1u;
    while (row->due_moves && day <= UINT16_MAX && !payment_working_day(terms, (day_t)day))
        day++;
    day_t due = day <= UINT16_MAX ? (day_t)day : DAY_NONE; /* the calendar ends in 2079 */
    if (provisional)
        *provisional = row->due_moves && due > terms->holidays_until;
    return due;
}
