/* parking.h - failures that wait for a person: stored as decisions, shown by status, settled by hand or by
 * being over. One and the same is parked once. */
#ifndef BILLING_PARKING_H
#define BILLING_PARKING_H

#include "books.h"

#define PARKING_NO_PARTITION UINT32_MAX

struct parking {
    const struct failure *failure;
    month_t month;      /* what it keeps from being closed; MONTH_NONE: any */
    uint32_t partition; /* which failed; PARKING_NO_PARTITION: none in particular */
    int64_t time_ms;    /* business time */
    day_t today;
};
/* `*failure_id`: what it is called, also where it waits already; 0 where it could not be stored, since the
 * disk is full or too many wait. RESULT_IO: stop. */
MUST_USE enum result parking_park(struct books *books, const struct parking *parking, uint64_t *failure_id,
                                  struct failure *why);
/* It is over by itself. Nothing where it is settled already. RESULT_IO: stop. */
MUST_USE enum result parking_settle(struct books *books, uint64_t failure_id, int64_t time_ms, day_t today,
                                    struct failure *why);

#endif
