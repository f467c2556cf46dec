/* journal_sqlite_file.h - the journal's file: its layout and its statements. For journal_sqlite*.c alone. */
#ifndef STORE_JOURNAL_SQLITE_FILE_H
#define STORE_JOURNAL_SQLITE_FILE_H

#include "journal_sqlite.h"

#include <sqlite3.h>
#include <stdbool.h>

/* A lone event writes two pages. With 8 KiB its ack takes a tenth to a seventh longer, with 16 KiB a third;
 * batches of 1,000 would be stored a fifth faster, of which nothing is seen in the whole path. */
#define JOURNAL_PAGE_BYTES 4096

/* The log (WAL) is written with zeros to this size when the journal is opened, and used again from its
 * beginning after each checkpoint: to overwrite what is there is durable in half the time that a file takes
 * which grows, for then the file system has its own log to write. */
#define JOURNAL_LOG_BYTES (16u << 20)
/* A frame is a page and a header of 24 bytes; spare is left for the largest lone commit. */
#define JOURNAL_LOG_PAGES ((int)(JOURNAL_LOG_BYTES / (JOURNAL_PAGE_BYTES + 24)) - 64)

enum journal_statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_INSERT_BATCH,
    STATEMENT_INSERT_RUN,
    STATEMENT_INSERT_REFUSAL,
    STATEMENT_READ,
    STATEMENT_FIND,
    STATEMENT_REFUSALS,
    STATEMENT_REFUSALS_OF_CODE,
    STATEMENT_REFUSALS_OF_DEVICE,
    STATEMENT_COUNT
};

struct journal_file {
    struct journal journal; /* first: a struct journal * is a struct journal_file * */
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct journal_batch head; /* the last batch stored, without its records */
    int wal_pages;             /* in the log, not yet in the database */
    size_t log_bytes;          /* of records, likewise */
    bool broken;               /* a write failed with an unknown outcome: nothing more is written */
    struct failure checkpoint; /* how the last checkpoint ended */
    char path[256];
};

extern const struct journal_operations journal_sqlite_operations;

/* Says what failed, in words for who runs the service, and with what result. */
enum result journal_file_failure(struct journal_file *file, int code, const char *doing, struct failure *why);
/* The same where something was only read: bytes that the disk no longer gives are lost like those that it
 * gives wrong, and nothing is unknown. */
enum result journal_file_unread(struct journal_file *file, int code, const char *doing, struct failure *why);
/* The batch that holds `offset`; its records belong to STATEMENT_READ until that is reset. */
enum result journal_file_read(struct journal_file *file, uint64_t offset, struct journal_batch *batch,
                              struct failure *why);
void journal_file_close(struct journal_file *file);

#endif
