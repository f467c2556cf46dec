/* books_store_file.h - the open file of books_store.h; shared by books_store*.c alone. */
#ifndef STORE_BOOKS_STORE_FILE_H
#define STORE_BOOKS_STORE_FILE_H

#include "books_store.h"

#include <sqlite3.h>

#define BOOKS_ROW_MAX_BYTES (8u << 20) /* above the largest decision, an invoice */

enum books_statement {
    BOOKS_BEGIN = 0,
    BOOKS_COMMIT,
    BOOKS_ROLLBACK,
    BOOKS_INSERT,
    BOOKS_READ,
    BOOKS_HASH,
    BOOKS_STATEMENT_COUNT
};

struct books_store {
    sqlite3 *database;
    sqlite3_stmt *statements[BOOKS_STATEMENT_COUNT];
    uint64_t head;                   /* sequence of the last decision, 0 none */
    uint8_t hash[JOURNAL_HASH_SIZE]; /* its hash */
    bool broken;                     /* a write failed with an unknown outcome: nothing more is written */
    char path[512];
};

/* A failure of SQLite in words for who runs the service, and with what result. */
enum result books_store_failure(struct books_store *store, int code, const char *doing, struct failure *why);
/* The hash that chains `row` to `previous` (books_store.h). */
void books_store_chain(const uint8_t previous[JOURNAL_HASH_SIZE], const struct books_row *row,
                       uint8_t out[JOURNAL_HASH_SIZE]);

#endif
