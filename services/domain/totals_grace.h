/* totals_grace.h - people in grace by the month in which their window ends. Part of the files totals*.c. */
#ifndef DOMAIN_TOTALS_GRACE_H
#define DOMAIN_TOTALS_GRACE_H

#include "cakupan/totals.h"

/* The month of the last day without premium, or last month where that is over (a layoff may be learnt years
 * late, and its window ends with the next business day): so no list of layoffs makes more months than there
 * is room for. MONTH_NONE for who is not in grace, or has no place in the city. */
month_t grace_month(const struct member *member, day_t today);
/* Months that are over by `today` become one, as grace_month says from that day on. */
void grace_turn_to(struct totals *totals, day_t today);
uint32_t grace_people(const struct totals *totals, month_t month);
/* Whether another person of that month can be counted; MONTH_NONE: nobody is to be. */
bool grace_has_room(const struct totals *totals, month_t month);
/* Both change nothing for MONTH_NONE. Taking one out needs one that was counted. */
void grace_add(struct totals *totals, month_t month);
void grace_remove(struct totals *totals, month_t month);

#endif
