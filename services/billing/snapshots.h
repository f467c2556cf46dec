/* snapshots.h - snapshots of one partition beside its journal: partition-NN/snapshot-EPOCH.
 *
 * A name an epoch, so that a worker that lost its lease never writes over its successor's; which one fits
 * the journal is found out by partition_fits. The newest two are kept.
 */
#ifndef BILLING_SNAPSHOTS_H
#define BILLING_SNAPSHOTS_H

#include "cakupan/partition.h"

/* A new partition from the newest snapshot that fits `journal`, with all later entries recalled; without one
 * from the beginning. `*out` is the caller's. RESULT_CORRUPT, RESULT_IO as the journal has it. */
MUST_USE enum result snapshots_restore(struct partition **out, const struct partition_config *config,
                                       const char *directory, struct ledger_journal *journal,
                                       struct failure *why);
/* The same for a partition that must not be beyond `position_max`: the offset of a barrier that runs and
 * has no answer of this partition yet. A worker that lost its lease before the barrier may have gone on
 * beyond it and have written a snapshot there, which nothing in the journal contradicts as long as the
 * barrier's entry is not written. */
MUST_USE enum result snapshots_restore_until(struct partition **out, const struct partition_config *config,
                                             const char *directory, struct ledger_journal *journal,
                                             uint64_t position_max, struct failure *why);
/* Some 15 ms for 120,000 members. RESULT_AGAIN as partition_save: later. */
MUST_USE enum result snapshots_write(const struct partition *partition, const char *directory, uint64_t epoch,
                                     struct failure *why);

#endif
