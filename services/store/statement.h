/* statement.h - prepared statements of SQLite, as the stores of this folder run them. */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include <sqlite3.h>
#include <stdbool.h>

/* Runs a bound statement that returns no rows, and takes the caller's memory out of it. */
static inline bool statement_finish(sqlite3_stmt *statement) {
    bool done = sqlite3_step(statement) == SQLITE_DONE;
    done = sqlite3_reset(statement) == SQLITE_OK && done;
    sqlite3_clear_bindings(statement);
    return done;
}

#endif
