/* books_store.h - the coordinator's journal: decisions in one SQLite file, each durable and chained.
 *
 * WAL, synchronous=FULL, exclusive, one connection; settings are read back. Table `decisions` (sequence,
 * kind, time_ms, bytes, hash): triggers refuse UPDATE and DELETE. hash = BLAKE2b-256(hash before, sequence as
 * little-endian 8, bytes). One thread; calls block for the disk, some 0.3 ms.
 */
#ifndef STORE_BOOKS_STORE_H
#define STORE_BOOKS_STORE_H

#include "cakupan/journal.h"

#include <stdbool.h>

struct books_store;

/* Opens or creates `path` (mode 0600). RESULT_CONFLICT where another process has it open or it is of another
 * version. */
MUST_USE enum result books_store_open(struct books_store **out, const char *path, struct failure *why);
void books_store_close(struct books_store **store);

struct books_row {
    uint64_t sequence;
    uint8_t kind; /* enum decision_kind */
    int64_t time_ms;
    const uint8_t *bytes; /* a serialized Decision (wire/wire_decision.h) */
    size_t size;
    uint8_t hash[JOURNAL_HASH_SIZE];
};
/* Stores `count` rows, all or none; their sequences must be the next ones; fills their hashes. RESULT_IO:
 * unknown, stop and start again. RESULT_FULL: certainly not stored. */
MUST_USE enum result books_store_append(struct books_store *store, struct books_row *rows, size_t count,
                                        struct failure *why);
/* Calls `on_row` for rows from `from` on, at most `limit` (0: all), with the chain checked from the row
 * before. `row` is valid during the call; another result than RESULT_OK ends it and is handed through. */
typedef enum result books_on_row(void *context, const struct books_row *row, struct failure *why);
MUST_USE enum result books_store_read(struct books_store *store, uint64_t from, uint64_t limit,
                                      books_on_row *on_row, void *context, struct failure *why);
uint64_t books_store_head(const struct books_store *store);

#endif
