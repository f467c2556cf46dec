/* portfolio_owner.h - a billing worker without sockets, for tests: a portfolio, the orders it has, and a
 * feed out of an array of records.
 *
 * The feed does what a follower does: from portfolio_next on, what is wanted, never beyond the bound.
 * Its time is a number.
 */
#ifndef SUPPORT_PORTFOLIO_OWNER_H
#define SUPPORT_PORTFOLIO_OWNER_H

#include "billing/portfolio_internal.h"

/* Enrollment's journal, as far as it reaches; any number of owners follow it. */
struct owner_feed {
    const struct record *records; /* by offset - 1 */
    uint64_t head;
};

struct owner {
    struct portfolio *portfolio;
    struct wire_worker_orders orders;
    const struct owner_feed *feed;
    bool wanted[LEDGER_PARTITIONS_MAX];
    uint32_t partition_count;
    uint64_t next; /* of the feed; 0: not followed */
    int64_t now_ms;
    bool more; /* the last turn left work */
    uint8_t first_tariff[TARIFF_PACKED_MAX], order_tariff[TARIFF_PACKED_MAX];
};

/* `state` has the partitions' journals; all borrowed but the portfolio. */
void owner_begin(struct owner *owner, const char *state, const struct region_table *regions,
                 const struct tariff *first_tariff, uint32_t partitions, month_t first_month,
                 const struct owner_feed *feed);
/* Like a kill: whatever is not in a file is gone. */
void owner_end(struct owner *owner);
/* Changes the orders; they are obeyed in the next turn. */
void owner_grant(struct owner *owner, uint32_t partition, uint64_t epoch);
void owner_take_back(struct owner *owner, uint32_t partition);
void owner_barrier(struct owner *owner, uint64_t id, bool run, const struct partition_order *order);
/* As the loop of a worker goes round: at most `records` of the feed, settle and work, obey. */
void owner_turn(struct owner *owner, uint64_t records);
/* Turns until all that the feed has is counted, nothing is due and nothing more is to be opened. */
void owner_rest(struct owner *owner);
/* What the report says of the partition; NULL: nothing. */
const struct wire_held *owner_held(struct owner *owner, uint32_t partition);

#endif
