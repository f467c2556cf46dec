/* ledger_journal.h - where a partition's postings become durable: entries in order, chained by hash, fenced
 * by epoch.
 *
 * One journal a partition. An entry holds, in one write and one sync, what was posted and the feed offset
 * reached: RECORDS (corrections), CLOSE (a month's charges, roster and control totals) or RETARIFF. Entries
 * are numbered 1, 2, 3 ... and chained: hash = BLAKE2b-256(hash before, sequence, epoch, offset, time_ms,
 * size, month, kind as little-endian 8, 8, 8, 8, 8, 2, 1 bytes, payload); before the first one 32 zero bytes.
 *
 * Fencing: every lease has an epoch above all before it, and writes a segment of its own, which begins by
 * saying after which entry of which older segment it goes on. The segment of the highest epoch says what is
 * valid; what an older owner still writes after that entry is void, for ever, to everybody. So nobody waits
 * for a lock that a stopped process holds, and a file has one writer in its life (a successor only writes the
 * last valid entry once more, the same bytes, to be sure that they are durable). Implementations:
 * services/store/ledger_journal_files.c, and tests/support/ledger_journal_memory.c with faults. All must
 * pass tests/contract/ledger_journal.c.
 */
#ifndef CAKUPAN_LEDGER_JOURNAL_H
#define CAKUPAN_LEDGER_JOURNAL_H

#include "cakupan/calendar.h"
#include "cakupan/journal.h"
#include "cakupan/result.h"

#define LEDGER_ENTRY_MAX_BYTES (64u << 20)
/* Failure code of append and of a take-over: written, and not synced. It waits for a person. */
#define LEDGER_JOURNAL_SYNC   "JOURNAL_SYNC"
#define LEDGER_PARTITIONS_MAX 64u /* of a state; the number is fixed when it is created */

/* Numbers are stored: only add. */
enum ledger_entry_kind {
    LEDGER_ENTRY_RECORDS = 1, /* payload: charge_pack.h, corrections caused by records up to `offset`       */
    LEDGER_ENTRY_CLOSE = 2, /* payload: partition.h, packed sums, charges and roster of `month` at `offset` */
    LEDGER_ENTRY_RETARIFF =
        3 /* payload: partition.h, packed tariff and corrections, at `offset`             */
};

struct ledger_entry {
    uint64_t sequence; /* given by append                                                      */
    uint64_t epoch;    /* of the lease that wrote it                                           */
    uint64_t offset;   /* the ledger has taken all records of its partition up to this one     */
    int64_t time_ms;   /* business time of the commit, for people                              */
    month_t month;     /* CLOSE: the month closed; else MONTH_NONE                             */
    uint8_t kind;      /* enum ledger_entry_kind                                               */
    const uint8_t *payload;
    size_t size;
    uint8_t hash[JOURNAL_HASH_SIZE]; /* filled by append */
};

struct ledger_journal;

struct ledger_journal_operations {
    /* Makes the entry durable, all or nothing; fills its sequence, epoch and hash. The caller keeps
     * ownership. Blocks for the disk. RESULT_CONFLICT (FENCED): a later epoch has taken over, nothing more
     * can be written, ever: drop the partition. RESULT_FULL: certainly not stored. RESULT_IO: unknown; close,
     * drop the partition. */
    enum result (*append)(struct ledger_journal *journal, struct ledger_entry *entry, struct failure *why);
    /* The valid entry `sequence`, checked against its hash; `payload` is lent until the next call.
     * RESULT_NOT_FOUND past the last one, RESULT_CORRUPT where the chain is broken. May be repeated. */
    enum result (*read)(struct ledger_journal *journal, uint64_t sequence, struct ledger_entry *entry,
                        struct failure *why);
    /* The last valid entry without its payload; sequence 0 and a hash of zeros where there is none. */
    enum result (*head)(struct ledger_journal *journal, struct ledger_entry *entry, struct failure *why);
    /* Whether a later epoch has taken over (a look at the directory, some microseconds). */
    bool (*fenced)(struct ledger_journal *journal);
    /* Closes and frees; NULLs the pointer. */
    void (*close)(struct ledger_journal **journal);
};

/* Every implementation's structure begins with this. */
struct ledger_journal {
    const struct ledger_journal_operations *operations;
};

/* The hash that chains `entry` to `previous`. In services/store/ledger_journal_hash.c (libsodium). */
void ledger_journal_hash(const uint8_t previous[JOURNAL_HASH_SIZE], const struct ledger_entry *entry,
                         uint8_t out[JOURNAL_HASH_SIZE]);

#endif
