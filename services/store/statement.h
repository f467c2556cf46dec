/* statement.h - statements of SQLite, as the stores of this folder run them. */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>

/* Runs a bound statement that returns no rows, and takes the caller's memory out of it. */
static inline bool statement_finish(sqlite3_stmt *statement) {
    bool done = sqlite3_step(statement) == SQLITE_DONE;
    done = sqlite3_reset(statement) == SQLITE_OK && done;
    sqlite3_clear_bindings(statement);
    return done;
}
/* Runs statements that are needed once. */
static inline bool statement_run(sqlite3 *database, const char *sql) {
    return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The one value that a query gives; false where it fails. */
static inline bool statement_value(sqlite3 *database, const char *sql, char out[32]) {
    sqlite3_stmt *statement = NULL;
    bool found = sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
                 sqlite3_step(statement) == SQLITE_ROW;
    if (found)
        snprintf(out, 32, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return found;
}

#endif
