/* rebuild.h - counts one partition anew from enrollment's journal: its journal is lost or damaged.
 *
 * The ledger is a fold of the feed and of what the books say was done at which offset, so the same postings
 * come out, and each close is compared with the control totals that its invoice froze. Only numbers and
 * hashes of entries are others than before (an entry chains its time and epoch): the books are told them
 * (DECISION_REBUILT) when everything is there. The old journal is set aside, never removed. No socket in
 * here: the owner hands in the partition's records. Only while no worker has the partition.
 */
#ifndef BILLING_REBUILD_H
#define BILLING_REBUILD_H

#include "books.h"

struct rebuild;

struct rebuild_config {
    const char *state;
    const struct region_table *regions; /* borrowed */
    uint32_t partition;
    int64_t time_ms; /* business time, of the entries */
    day_t today;
};
/* Sets the old journal aside, as partition-NN.EPOCH, and begins a new one. `books` is borrowed. */
MUST_USE enum result rebuild_begin(struct rebuild **out, struct books *books,
                                   const struct rebuild_config *config, struct failure *why);
void rebuild_destroy(struct rebuild **rebuild);
/* Up to which offset the feed is to be followed now; 0: everything is done, call rebuild_end. */
uint64_t rebuild_until(const struct rebuild *rebuild);
/* A record of the partition: a feed_on_record with the rebuild as its context. */
enum result rebuild_record(void *rebuild, const struct batch_header *batch, const struct record *record,
                           struct failure *why);
/* The feed has settled everything up to `offset`, at most rebuild_until: what was done there is done again.
 * RESULT_CORRUPT (REBUILD_DIFFERS) where a close gives other totals than its invoice has. */
MUST_USE enum result rebuild_settled(struct rebuild *rebuild, uint64_t offset, struct failure *why);
/* Tells the books. */
MUST_USE enum result rebuild_end(struct rebuild *rebuild, struct failure *why);

#endif
