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
/* Some 15 ms for 120,000 members. Nothing may wait to be committed. */
MUST_USE enum result snapshots_write(const struct partition *partition, const char *directory, uint64_t epoch,
                                     struct failure *why);

#endif
