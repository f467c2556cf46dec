/* ledger_runs.h - a member's runs: from which month on which segment, class, wage and place hold, and who is
 * excused.
 *
 * The newest run lies in the member's row, older ones in a pool, linked from newer to older; most members
 * have one. A record changes some of a run's three tracks (terms, place, state) from a month on, in all runs
 * from there: a move reported today leaves alone the segment that begins next month.
 */
#ifndef DOMAIN_LEDGER_RUNS_H
#define DOMAIN_LEDGER_RUNS_H

#include "cakupan/record.h"
#include "cakupan/region.h"

enum run_state {
    RUN_OWES = 0,  /* what the terms cost                                              */
    RUN_SUSPENDED, /* not covered, nothing to pay                                      */
    RUN_GRACE,     /* months without premium after a layoff (Perpres 82/2018 art. 27) */
    RUN_ENDED      /* deceased, moved out or a duplicate                               */
};

struct run {
    uint64_t cause_offset; /* of the record that began it                                        */
    uint32_t wage_rupiah;
    uint32_t older; /* the pool's number of the run before, 0: none                       */
    month_t from;
    month_t grace_end;   /* RUN_GRACE: from this month the city will pay; else MONTH_NONE      */
    uint16_t kelurahan;  /* index in the table of regions, REGION_NOWHERE outside              */
    uint8_t segment : 4; /* enum segment; SEGMENT_NONE: not a member yet                       */
    uint8_t care_class : 2;
    uint8_t state : 2; /* enum run_state */
    uint8_t flags;     /* enum member_flag: MEMBER_VULNERABLE and MEMBER_LAID_OFF */
};
_Static_assert(sizeof(struct run) == 24, "a member has 64 bytes");
#define RUN_FLAGS (MEMBER_VULNERABLE | MEMBER_LAID_OFF)

/* Older runs of all members of a ledger, by number from 1; freed ones are used again, last freed first. */
struct run_pool {
    struct run *runs;
    uint32_t used, capacity; /* slot 0 stands for "none" */
    uint32_t first_free;     /* linked by `older` */
};
void run_pool_clear(struct run_pool *pool);

/* What a record changes, from which month on. */
enum run_track { TRACK_TERMS = 1, TRACK_PLACE = 2, TRACK_STATE = 4, TRACK_ALL = 7 };
struct run_change {
    month_t from;
    uint8_t tracks;     /* enum run_track, or-ed: which fields of `value` count */
    bool only_in_grace; /* months in grace only */
    struct run value;
};

/* The run that holds in `month`. A member's first run begins with the ledger's first month (of no segment
 * where the member joined later), so NULL only before that. */
const struct run *run_at_older(const struct run_pool *pool, const struct run *newest, month_t month);
static inline const struct run *run_at(const struct run_pool *pool, const struct run *newest, month_t month) {
    return newest->from <= month ? newest : run_at_older(pool, newest, month);
}
const struct run *run_older(const struct run_pool *pool, const struct run *run);
/* The run as the change leaves it; `from` and the link stay. */
struct run run_changed(const struct run *run, const struct run_change *change);
/* Cuts the runs so that one begins with `month`; nothing owed changes. */
void runs_cut(struct run_pool *pool, struct run *newest, month_t month);
/* Changes all runs from that month on, and joins neighbours that have become equal. */
void runs_change(struct run_pool *pool, struct run *newest, const struct run_change *change);
/* Puts an older run at the end of the list, whose last run has the pool's number `last` (0: it is `newest`).
 * Returns the number of the new last one. */
uint32_t run_append(struct run_pool *pool, struct run *newest, uint32_t last, const struct run *oldest);

/* From a record of a member to what it changes. False where it changes nothing of what is owed. The months
 * never begin before `first_month`. */
bool run_change_of(const struct record *record, const struct region_table *regions, month_t first_month,
                   struct run_change *out);
enum run_state run_state_of(enum status status);

#endif
