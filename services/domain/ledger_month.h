/* ledger_month.h - a month of a ledger gone through member by member: for its sums, and for those who freeze
 * it as packed bytes (month_pack.h). Part of the ledger's files.
 *
 * Most members owe what their neighbours of the same segment and class owe. They are counted by kind and
 * multiplied afterwards, and whoever packs them keeps the kind's numbers with it: so a member costs some
 * nanoseconds. Wage workers owe amounts of their own.
 */
#ifndef DOMAIN_LEDGER_MONTH_H
#define DOMAIN_LEDGER_MONTH_H

#include "ledger_state.h"

/* Members of one segment, class and kelurahan, vulnerable or not. */
struct month_kind {
    uint32_t people; /* who don't owe by wage */
    /* For the listener alone, zeros at first: what it calls the kind. */
    uint32_t charge_term, roster_term;
    uint8_t payers;  /* bit 1 << enum payer */
    uint8_t charges; /* a member's: one for each payer */
    bool named, by_wage, in_roster;
};

/* A member for whom somebody may owe something. */
struct month_due {
    const struct run *run;
    const struct tariff_row *row;
    struct month_kind *kind;
    const struct dues *dues; /* by wage; NULL: as all of the kind */
    uint32_t index;          /* of the member */
};

/* Members are gone through in blocks, each block in steps that do one thing for all: what a member is can't
 * be foreseen, and a processor that guesses wrongly at each of them loses most of its time. */
#define MONTH_BLOCK 256u
struct month_block {
    const struct ledger *ledger;
    month_t month;
    uint32_t count;
    struct month_due due[MONTH_BLOCK];
};
static inline struct dues month_dues(const struct month_block *block, const struct month_due *due) {
    return due->dues ? *due->dues : dues_of(due->run, due->row, &block->ledger->places);
}

/* Called for block after block, by members' numbers ascending. */
typedef void month_on_block(void *context, const struct month_block *block);

/* Adds what all members owe in `month`: the close's, the preview's and the forecast's only way to do so. In a
 * `forecast` months of grace end. `on_block` may be NULL. Returns the last month with which some member's run
 * begins. */
month_t ledger_count_month(const struct ledger *ledger, month_t month, bool forecast,
                           struct ledger_sums *sums, month_on_block *on_block, void *context);
/* ledger_close, told by member. */
MUST_USE enum result ledger_close_month(struct ledger *ledger, month_t month, struct ledger_sums *sums,
                                        month_on_block *on_block, void *context, struct failure *why);

#endif
