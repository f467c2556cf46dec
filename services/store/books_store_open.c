/* books_store_open.c - makes, opens and checks books.db: its table, its version, its settings
 * (books_store.h). */
#include "books_store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID "1128352578" /* 0x43415342, "CASB" */
#define LAYOUT_VERSION "1"

/* The triggers are for whoever opens the file by hand; what gets past them the chain shows. */
static const char *const layout =
    "BEGIN;"
    "CREATE TABLE decisions(sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
    " bytes BLOB NOT NULL, hash BLOB NOT NULL) STRICT;"
    "CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions"
    " BEGIN SELECT raise(ABORT, 'decisions are never changed'); END;"
    "CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions"
    " BEGIN SELECT raise(ABORT, 'decisions are never deleted'); END;"
    "PRAGMA application_id=" APPLICATION_ID "; PRAGMA user_version=" LAYOUT_VERSION "; COMMIT;";

static const char *const statement_texts[BOOKS_STATEMENT_COUNT] = {
    [BOOKS_BEGIN] = "BEGIN IMMEDIATE",
    [BOOKS_COMMIT] = "COMMIT",
    [BOOKS_ROLLBACK] = "ROLLBACK",
    [BOOKS_INSERT] = "INSERT INTO decisions VALUES(?, ?, ?, ?, ?)",
    [BOOKS_READ] =
        "SELECT sequence, kind, time_ms, bytes, hash FROM decisions WHERE sequence >= ? ORDER BY sequence",
    [BOOKS_HASH] = "SELECT hash FROM decisions WHERE sequence = ?",
};

/* EXCLUSIVE before the first access: the lock is kept from then on, and the WAL's index stays in memory. */
static const struct {
    const char *set, *get, *expected;
} settings[] = {
    {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA locking_mode", "exclusive"},
    {"PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal"},
    {"PRAGMA synchronous=FULL", "PRAGMA synchronous", "2"},
};

/* The one value that a query gives, as text. */
static int query(struct books_store *store, const char *sql, char out[32]) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const unsigned char *value = sqlite3_column_text(statement, 0);
        snprintf(out, 32, "%s", value ? (const char *)value : "");
    }
    int end = sqlite3_finalize(statement);
    return code == SQLITE_ROW ? end : code == SQLITE_DONE ? SQLITE_MISUSE : code;
}

/* Settings are read back: SQLite answers one that it can't take with the old value and no error. */
static enum result apply_settings(struct books_store *store, struct failure *why) {
    char value[32] = "";
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        int code = sqlite3_exec(store->database, settings[i].set, NULL, NULL, NULL);
        if (code == SQLITE_OK)
            code = query(store, settings[i].get, value);
        if (code != SQLITE_OK)
            return books_store_failure(store, code, settings[i].set, why);
        if (strcmp(value, settings[i].expected) != 0)
            return fail(why, RESULT_IO, "BOOKS_SETTING",
                        "SQLite answers \"%s\" to \"%s\" for %s: the file system may not be fit for it.",
                        value, settings[i].set, store->path);
    }
    return RESULT_OK;
}

/* Whose file it is, and of which version; a new one gets its table. */
static enum result check_owner(struct books_store *store, struct failure *why) {
    char application[32], version[32], tables[32];
    int code = query(store, "PRAGMA application_id", application);
    if (code == SQLITE_OK)
        code = query(store, "PRAGMA user_version", version);
    if (code == SQLITE_OK)
        code = query(store, "SELECT count(*) FROM sqlite_schema", tables);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_NOTADB)
        return books_store_failure(store, code, "read the version", why);
    if (code == SQLITE_OK && strcmp(application, "0") == 0 && strcmp(tables, "0") == 0) {
        code = sqlite3_exec(store->database, layout, NULL, NULL, NULL);
        return code == SQLITE_OK ? RESULT_OK : books_store_failure(store, code, "make the table", why);
    }
    if (code == SQLITE_OK && strcmp(application, APPLICATION_ID) == 0 && strcmp(version, LAYOUT_VERSION) == 0)
        return RESULT_OK;
    return fail(why, RESULT_CONFLICT, "BOOKS_VERSION",
                "%s is of another program or version: use the release that wrote it, or move it away.",
                store->path);
}

static enum result prepare(struct books_store *store, struct failure *why) {
    for (int i = 0; i < BOOKS_STATEMENT_COUNT; i++) {
        int code = sqlite3_prepare_v3(store->database, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &store->statements[i], NULL);
        if (code != SQLITE_OK)
            return books_store_failure(store, code, "prepare a statement", why);
    }
    return RESULT_OK;
}

static enum result take_head(void *context, const struct books_row *row, struct failure *why) {
    struct books_store *store = context;
    (void)why;
    memcpy(store->hash, row->hash, JOURNAL_HASH_SIZE);
    return RESULT_OK;
}

/* The last decision, checked against the one before; earlier ones are when they are read. */
static enum result find_head(struct books_store *store, struct failure *why) {
    char last[32];
    int code = query(store, "SELECT ifnull(max(sequence), 0) FROM decisions", last);
    if (code != SQLITE_OK)
        return books_store_failure(store, code, "find the last decision", why);
    store->head = strtoull(last, NULL, 10);
    return store->head ? books_store_read(store, store->head, 1, take_head, store, why) : RESULT_OK;
}

static enum result open_database(struct books_store *store, struct failure *why) {
    int made = open(store->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* by us, for its mode */
    if (made >= 0)
        close(made);
    else if (errno != EEXIST)
        return fail(why, RESULT_IO, "BOOKS_IO", "Can't create the books %s: %s.", store->path,
                    strerror(errno));
    int code = sqlite3_open_v2(store->path, &store->database,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(store->database, settings[0].set, NULL, NULL, NULL);
    return code == SQLITE_OK ? RESULT_OK : books_store_failure(store, code, "open the books", why);
}

enum result books_store_open(struct books_store **out, const char *path, struct failure *why) {
    *out = NULL;
    struct books_store *store = calloc(1, sizeof *store);
    if (!store)
        return fail(why, RESULT_FULL, "MEMORY", "No memory to open the books %s.", path);
    if ((size_t)snprintf(store->path, sizeof store->path, "%s", path) >= sizeof store->path) {
        free(store);
        return fail(why, RESULT_INVALID, "PATH_LONG",
                    "The path of the books is over %zu bytes: use a shorter one.", sizeof store->path - 1);
    }
    enum result result = open_database(store, why);
    if (result == RESULT_OK)
        result = check_owner(store, why);
    if (result == RESULT_OK)
        result = apply_settings(store, why);
    if (result == RESULT_OK)
        result = prepare(store, why);
    if (result == RESULT_OK)
        result = find_head(store, why);
    if (result != RESULT_OK)
        books_store_close(&store);
    *out = store;
    return result;
}

void books_store_close(struct books_store **store) {
    if (!*store)
        return;
    for (int i = 0; i < BOOKS_STATEMENT_COUNT; i++)
        sqlite3_finalize((*store)->statements[i]);
    sqlite3_close((*store)->database);
    free(*store);
    *store = NULL;
}
