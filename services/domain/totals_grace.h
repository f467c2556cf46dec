/* totals_grace.h - people in grace by the month in which their window ends. Part of the files totals*.c. */
#ifndef DOMAIN_TOTALS_GRACE_H
#define DOMAIN_TOTALS_GRACE_H

#include "cakupan/totals.h"

/* The month of the last day without premium; MONTH_NONE for who is not in grace, or has no place in the
 * city. */
month_t grace_month(const struct member *member);
uint32_t grace_people(const struct totals *totals, month_t month);
/* Whether another person of that month can be counted; MONTH_NONE: nobody is to be. */
bool grace_has_room(const struct totals *totals, month_t month);
/* Both change nothing for MONTH_NONE. Taking one out needs one that was counted. */
void grace_add(struct totals *totals, month_t month);
void grace_remove(struct totals *totals, month_t month);

#endif
