/* partition.h - the fold of one partition in billing: records and orders in, entries of its journal out.
 *
 * Pure. Wraps the ledger with what makes it safe to restart: it knows which postings the journal holds
 * already, closes and changes tariffs at exactly the offsets where the journal says so, and proves while it
 * replays that it comes to the same sums. So (snapshot or nothing) + journal + feed give the same ledger and
 * the same bytes on any worker.
 *
 * A life: new -> [load a snapshot] -> recall each entry of the journal after the snapshot, in order ->
 * step records from partition_position + 1 on -> whenever there is something to commit: take the entry,
 * append it, say committed. Between take and committed nothing else may be called.
 */
#ifndef CAKUPAN_PARTITION_H
#define CAKUPAN_PARTITION_H

#include "cakupan/charge_pack.h"
#include "cakupan/ledger_journal.h"

struct partition;

struct partition_config {
    uint32_t number, count;
    month_t first_month;                /* of the state */
    const struct region_table *regions; /* borrowed, must outlive the partition */
    const struct tariff *tariff;        /* the state's first one; copied */
};

struct partition *partition_new(const struct partition_config *config);
void partition_destroy(struct partition **partition);

/* Tells of a stored entry, in order, before the first step past its offset: its postings will not be
 * written again; a close or a change of the tariff is repeated when the records up to its offset were taken.
 * RESULT_CORRUPT where it does not follow the one before, or where its payload can't be read. */
MUST_USE enum result partition_recall(struct partition *partition, const struct ledger_entry *entry,
                                      struct failure *why);

/* Takes a record of this partition; those at or below the position are skipped. RESULT_CORRUPT: the record
 * contradicts the ledger, or a repeated close gave other sums than the journal has: stop, park it. */
MUST_USE enum result partition_step(struct partition *partition, const struct record *record,
                                    struct failure *why);
/* All records up to `offset` that are this partition's were handed in (the feed settles offsets in between).
 * Applies recalled entries up to there. */
MUST_USE enum result partition_settle(struct partition *partition, uint64_t offset, struct failure *why);
uint64_t partition_position(const struct partition *partition);

/* Orders at a barrier (barrier.h): the position is exactly `offset`. */
enum partition_act { PARTITION_PREVIEW = 1, PARTITION_CLOSE = 2, PARTITION_RETARIFF = 3 };
struct partition_order {
    uint8_t act; /* enum partition_act */
    uint64_t offset;
    month_t month;               /* PREVIEW: the first of `months`; CLOSE: the one to close */
    uint16_t months;             /* PREVIEW: how many, 1..24                          */
    const struct tariff *tariff; /* RETARIFF                                         */
};
/* Carries the order out. CLOSE and RETARIFF leave an entry to commit (behind one of waiting postings,
 * where there are any: partition_take until it says false) and count only once it is committed. The last
 * close or change that the journal holds changes nothing when it is ordered again and gives the same
 * answer, also beyond its offset; a close of the same month at another offset is RESULT_CORRUPT. `sums`:
 * for each month of a PREVIEW, or one for a CLOSE; none for a RETARIFF. `time_ms` goes into the entry. */
MUST_USE enum result partition_act(struct partition *partition, const struct partition_order *order,
                                   int64_t time_ms, struct ledger_sums *sums, struct failure *why);

/* Postings that wait to be written: charges, not bytes. */
uint64_t partition_waiting(const struct partition *partition);
/* The entry to append now. False where nothing is worth one. The payload is lent until
 * partition_committed; until then the same entry may be taken again (append said RESULT_FULL). */
bool partition_take(struct partition *partition, int64_t time_ms, struct ledger_entry *entry);
/* It was appended: with its sequence and hash. Where append failed: destroy the partition. */
void partition_committed(struct partition *partition, const struct ledger_entry *entry);

/* The parts of entries' payloads, for those who read journals (projector, invoice, verify). */
struct partition_close {
    const uint8_t *sums, *charges, *roster; /* packed: charge_pack.h; borrowed from the payload */
    size_t sums_size, charges_size, roster_size;
    uint64_t tariff_digest;
};
MUST_USE enum result partition_close_read(const struct ledger_entry *entry, struct partition_close *out,
                                          struct failure *why);
struct partition_retariff {
    const uint8_t *tariff, *charges;
    size_t tariff_size, charges_size;
};
MUST_USE enum result partition_retariff_read(const struct ledger_entry *entry, struct partition_retariff *out,
                                             struct failure *why);

const struct ledger *partition_ledger(const struct partition *partition);
month_t partition_open_month(const struct partition *partition);
uint64_t partition_tariff_digest(const struct partition *partition); /* of the tariff in force */
/* The last entry known: what a snapshot is bound to, and what the invoice names. */
uint64_t partition_sequence(const struct partition *partition);
const uint8_t *partition_hash(const struct partition *partition); /* JOURNAL_HASH_SIZE bytes */

/* Snapshot, as ledger.h has it, with the tariff in force, the position and the last entry's sequence and
 * hash. RESULT_AGAIN where something waits to be committed, or stored entries are still to be reached. */
MUST_USE enum result partition_save(const struct partition *partition, ledger_write *write, void *context);
/* Into a new partition. RESULT_CONFLICT where it is of another partition, count, first month or tariff than
 * the journal has at that sequence. After a failure only partition_destroy. */
MUST_USE enum result partition_load(struct partition *partition, ledger_read *read, void *context,
                                    struct failure *why);
/* Whether the snapshot just loaded belongs to this journal: entry `partition_sequence` has its hash, and the
 * next entry, if any, was made at or after its position. A zombie's snapshot fails here. `next` NULL:
 * none. */
bool partition_fits(const struct partition *partition, const struct ledger_entry *at,
                    const struct ledger_entry *next);

#endif
