/* ledger_segment.h - one segment file of a partition's journal: its head, and its entries one after the
 * other.
 *
 * Head, little-endian: magic 8, version 4, partition 4, count 4, first month 2, zero 2, epoch 8, the older
 * segment's epoch 8, sequence 8 and hash 32 of the entry after which this one goes on, BLAKE2b-256 of all
 * that 32. An entry: magic 4, kind 1, zero 1, month 2, sequence 8, epoch 8, offset 8, time 8, size 8, hash
 * 32, payload. For ledger_journal_files*.c alone.
 */
#ifndef STORE_LEDGER_SEGMENT_H
#define STORE_LEDGER_SEGMENT_H

#include "ledger_journal_files.h"

#include <stdbool.h>
#include <sys/uio.h>

#define SEGMENT_PREFIX      "segment"
#define SEGMENT_HEAD_BYTES  112u
#define SEGMENT_ENTRY_BYTES 80u /* without the payload */

struct ledger_segment_head {
    uint64_t epoch;
    uint64_t older_epoch; /* of the segment that holds the entry below; 0: there is none before */
    uint64_t sequence;    /* the entry after which this segment goes on; 0: from the beginning */
    uint8_t hash[JOURNAL_HASH_SIZE];
};

/* A segment being read, from its first entry on. */
struct ledger_segment {
    int descriptor; /* -1: none */
    struct ledger_segment_head head;
    uint64_t sequence; /* of the entry read last, at first the head's */
    uint8_t hash[JOURNAL_HASH_SIZE];
    uint64_t at; /* of the next entry in the file */
    uint8_t *payload;
    size_t capacity;
};

/* Writes all of the two parts at that place; false, and errno, where it could not. */
bool ledger_segment_write(int descriptor, struct iovec parts[2], uint64_t at);
/* Whether that errno says that there is no room, so that nothing was stored beyond what can be cut off. */
bool ledger_segment_is_full(int error);
/* Makes durable what was written. RESULT_IO (JOURNAL_SYNC): nobody knows what the disk has; that a later sync
 * succeeds says nothing, for Linux tells of a failed write once and takes its pages for clean then. */
MUST_USE enum result ledger_segment_sync(int descriptor, const char *where, struct failure *why);
/* Writes and syncs the head of a new file. */
MUST_USE enum result ledger_segment_begin(int descriptor, const struct ledger_journal_place *place,
                                          const struct ledger_segment_head *head, struct failure *why);
/* The bytes in front of an entry's payload. */
void ledger_segment_entry(const struct ledger_entry *entry, uint8_t out[SEGMENT_ENTRY_BYTES]);

/* RESULT_NOT_FOUND where the file has gone or its head was never finished (it has no entries then),
 * RESULT_CONFLICT (JOURNAL_FOREIGN) where it is of another state. */
MUST_USE enum result ledger_segment_open(struct ledger_segment *segment, const char *path, uint64_t epoch,
                                         const struct ledger_journal_place *place, struct failure *why);
void ledger_segment_close(struct ledger_segment *segment);
void ledger_segment_rewind(struct ledger_segment *segment);
/* The next entry, checked against the chain; its payload is lent until the next call. RESULT_NOT_FOUND at the
 * end: what is torn there is no entry. RESULT_CORRUPT where it fails its check and others follow it. */
MUST_USE enum result ledger_segment_next(struct ledger_segment *segment, struct ledger_entry *entry,
                                         struct failure *why);
/* Passes over the next entry: its payload is not looked at, its hash is believed until the one after is
 * checked. */
MUST_USE enum result ledger_segment_skip(struct ledger_segment *segment, struct failure *why);

#endif
