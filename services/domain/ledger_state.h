/* ledger_state.h - what a ledger holds; shared by the files ledger*.c alone. */
#ifndef DOMAIN_LEDGER_STATE_H
#define DOMAIN_LEDGER_STATE_H

#include "cakupan/ledger.h"

#include "ledger_dues.h"
#include "ledger_runs.h"

struct ledger_member {
    identity_t identity;
    uint64_t last_offset; /* of the member's last record */
    struct run newest;
};
_Static_assert(sizeof(struct ledger_member) == 40, "a member has 64 bytes, with the number and older runs");

struct ledger {
    const struct region_table *regions; /* borrowed */
    const struct tariff *tariff;        /* borrowed */
    month_t first_month, open_month;
    uint64_t last_offset;
    uint32_t count, capacity;
    uint32_t *ids;                 /* ascending: members come in order of their numbers */
    struct ledger_member *members; /* of the same index */
    struct run_pool pool;
    struct places places;
    struct rates open_rates, next_rates;
    int64_t debit_rupiah[PAYER_COUNT]; /* what the payers owe ...                 */
    int64_t premium_rupiah;            /* ... and BPJS is owed: never above zero  */
    struct ledger_sums projected;      /* of the open month, with its corrections */
    struct ledger_sums projected_next; /* of the month after it                   */
};

/* The index of the member, `count` where there is none. */
uint32_t ledger_find(const struct ledger *ledger, uint32_t member_id);
/* Adds a member after all others; aborts where memory is out. */
struct ledger_member *ledger_add(struct ledger *ledger, uint32_t member_id);
/* Posts a correction: books it on both sides, sums it up for the open month's invoice and tells about it.
 * The charge comes with member, month, payer, cause, offset and amount; the rest is filled from `dues`. */
void ledger_post(struct ledger *ledger, const struct dues *dues, struct charge *charge,
                 ledger_on_charge *on_charge, void *context);
/* Counts the running sums of the open month and the next anew, by their tariffs; corrections stay. */
void ledger_project(struct ledger *ledger);

#endif
