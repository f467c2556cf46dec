/* payment_terms.h - by when the city pays its invoice, and which days are no working days.
 *
 * Rows come from deploy/tangerang/payment.json, days from deploy/tangerang/holidays.json: data that an
 * officer can read. The row that holds for a month is the last one whose `valid_from` is not after its
 * first day. Read-only after loading: thread-safe.
 */
#ifndef CAKUPAN_PAYMENT_TERMS_H
#define CAKUPAN_PAYMENT_TERMS_H

#include "cakupan/calendar.h"

#define PAYMENT_TERMS_MAX 16
#define HOLIDAYS_MAX      512

struct payment_terms_row {
    day_t valid_from;
    uint8_t due_day_of_month; /* 10, Perpres 82/2018 art. 39 (for a city its agreement with BPJS: setting) */
    int8_t due_month;         /* 0: of the month billed; 1: of the month after                             */
    bool due_moves;           /* a day that is none of work moves it to the next one that is               */
    uint8_t close_from_day;   /* the month may be closed from this day on; 0: the policy's cut_off_day     */
};
struct payment_terms {
    uint16_t count;
    struct payment_terms_row rows[PAYMENT_TERMS_MAX];
    uint16_t holiday_count;
    day_t holidays[HOLIDAYS_MAX]; /* ascending; Saturdays and Sundays need not be listed */
    day_t holidays_until;         /* the list is complete up to this day; later due dates are marked so */
};

const struct payment_terms_row *payment_terms_at(const struct payment_terms *terms, month_t month);
bool payment_working_day(const struct payment_terms *terms, day_t day);
/* The day by which the invoice of `month` is due. `provisional` (may be NULL): it moves with holidays and
 * lies beyond the days whose holidays are known. */
day_t payment_due(const struct payment_terms *terms, month_t month, bool *provisional);

#endif
