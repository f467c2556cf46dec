/* ledger_journal_files.h - a partition's journal as append-only segment files, one an epoch.
 *
 * DIRECTORY/segment-EPOCH (twenty digits): a head (magic, version, partition, count, first month, epoch; the
 * older segment's epoch, and sequence and hash of the entry after which this one goes on; BLAKE2b of all
 * that), then entries as ledger_journal.h has them, each with its size and hash. One write and one
 * fdatasync an entry; the directory is synced when a segment is made. A torn entry at the end is no entry.
 * Closed with its last entry whole, a segment is never changed again: what a successor writes once more
 * (ledger_journal.h) are the same bytes. No file is ever locked.
 */
#ifndef STORE_LEDGER_JOURNAL_FILES_H
#define STORE_LEDGER_JOURNAL_FILES_H

#include "cakupan/ledger_journal.h"

struct ledger_journal_place {
    const char *directory; /* STATE/billing/partition-NN; made (0700) where there is none */
    uint32_t partition, count;
    month_t first_month;
};

/* Takes the partition over for `epoch`: finds the segment of the highest epoch, walks back through what is
 * valid, and makes its own segment, which is durable when this returns: from then on older owners are
 * fenced. RESULT_CONFLICT: FENCED where a segment of this or a later epoch exists, JOURNAL_FOREIGN where
 * it is another state's. RESULT_CORRUPT where a valid entry fails its check. */
MUST_USE enum result ledger_journal_files_open(struct ledger_journal **out,
                                               const struct ledger_journal_place *place, uint64_t epoch,
                                               struct failure *why);
/* To read beside its owner (projector, the coordinator's frozen parts, verify): changes nothing. Entries that
 * come later are found by calling `head` again. RESULT_CONFLICT (JOURNAL_TURNED) from `read` or `head`
 * where a take-over made entries void that were given out already: open anew and go back to the entry
 * after which the chain differs. `append` aborts. RESULT_NOT_FOUND where nobody ever owned the partition. */
MUST_USE enum result ledger_journal_files_read(struct ledger_journal **out,
                                               const struct ledger_journal_place *place, struct failure *why);

#endif
