/* closing_state.h - the queue of askers and the barrier that answers the first of them. For closing*.c
 * alone. */
#ifndef BILLING_CLOSING_STATE_H
#define BILLING_CLOSING_STATE_H

#include "closing.h"

#define PREVIEW_MONTHS_MAX 24

/* One who asked. */
struct waiting {
    struct closing_ask ask;
    struct tariff tariff; /* the ask's own */
    char author[TEXT_MAX];
    int64_t since_ms; /* business time; 0: not seen by closing_work yet */
    bool marked;      /* the feed's head was asked for after this ask   */
    bool joined;      /* the barrier that runs is for it, too           */
};

struct closing {
    struct books *books;
    const struct region_table *regions;
    closing_on_answer *answer;
    void *context;
    struct barrier *barrier; /* NULL: the state has not begun */
    uint32_t partitions;
    uint64_t last_id;
    struct waiting *waiting[CLOSING_WAITING_MAX]; /* oldest first */
    uint32_t count;
    enum barrier_phase shown;     /* in the orders that were sent last */
    bool overtaken;               /* a partition is beyond a preview's offset: the preview begins anew */
    struct failure contradiction; /* of answers; code "" where there is none */
    struct failure stuck;         /* what a partition says it can't go on for; code "" where none does */
    uint32_t stuck_partition;
    uint64_t parked;  /* failure that keeps a close from its end; 0 none */
    int64_t retry_ms; /* business time before which the end is not tried again */
    uint8_t *bytes;   /* room for an invoice */
};

/* closing_answer.c: tells askers, who leave the queue then. */
void closing_tell_failure(struct closing *closing, uint32_t index, const struct failure *why);
void closing_tell_joined_failure(struct closing *closing, const struct failure *why);
void closing_tell_joined(struct closing *closing, const struct closing_answer *answer);
/* The frozen invoice of a month that is closed; `*result` is that of reading it. */
MUST_USE enum result closing_tell_closed(struct closing *closing, const struct closing_asker *asker,
                                         month_t month, bool repeated, struct failure *why);
void closing_leave(struct closing *closing, uint32_t index);
bool closing_anybody_joined(const struct closing *closing);

/* closing_end.c: all partitions have answered. `*done`: the barrier is over. */
MUST_USE enum result closing_end(struct closing *closing, int64_t time_ms, day_t today, bool *done,
                                 struct failure *why);
/* The failure waits for a person: closing->parked; 0 where it could not be stored. */
MUST_USE enum result closing_park(struct closing *closing, const struct failure *failure, month_t month,
                                  int64_t time_ms, day_t today, struct failure *why);

/* closing.c: whether an ask can be answered by a barrier now; `*closed`: it needs none. */
MUST_USE enum result closing_check(const struct closing *closing, const struct partition_order *order,
                                   day_t today, bool *closed, struct failure *why);

#endif
