/* audit_store_file.h - the open file of audit_store.h; shared by audit_store*.c alone. */
#ifndef STORE_AUDIT_STORE_FILE_H
#define STORE_AUDIT_STORE_FILE_H

#include "audit_store.h"

#include <sqlite3.h>

enum audit_statement {
    AUDIT_BEGIN = 0,
    AUDIT_COMMIT,
    AUDIT_CHARGE,
    AUDIT_INVOICE,
    AUDIT_PAYMENT,
    AUDIT_TRAIL,
    AUDIT_BEFORE,
    AUDIT_BACK_CHARGES,
    AUDIT_BACK_TRAIL,
    AUDIT_STATEMENT_COUNT
};

struct audit_store {
    sqlite3 *database;
    sqlite3_stmt *statements[AUDIT_STATEMENT_COUNT];
    int lock_fd; /* of PATH-projector, held by flock: one projector */
    char path[512];
};

/* A failure of SQLite in the words of the file's user. */
enum result audit_store_failed(struct audit_store *store, const char *doing, struct failure *why);
/* audit_store_open.c: sets `database` and `statements` up for `path`; with `anew` without what it held. */
MUST_USE enum result audit_store_open_file(struct audit_store *store, bool anew, struct failure *why);

#endif
