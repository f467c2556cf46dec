/* coverage_store.c - coverage's state and daily history in SQLite (see coverage_store.h). */
#include "coverage_store.h"

#include "statement.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define APPLICATION_ID 0x43414b43 /* "CAKC" */
#define LAYOUT_VERSION 1
#define SQL_MAX        8192

enum statement { BEGIN, COMMIT, LOAD, SAVE, SAVE_DAY, HISTORY, STATEMENT_COUNT };

struct coverage_store {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    char path[512];
};

static enum result failed(struct coverage_store *store, const char *doing, struct failure *why) {
    int code = store->database ? sqlite3_errcode(store->database) & 0xff : SQLITE_CANTOPEN;
    const char *reason = store->database ? sqlite3_errmsg(store->database) : "out of memory";
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return fail(why, RESULT_CONFLICT, "COVERAGE_IN_USE",
                    "Another process has %s open: stop it, or give another --state.", store->path);
    if (code == SQLITE_FULL)
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk of %s is full: can't %s; make room.",
                    store->path, doing);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return fail(why, RESULT_CORRUPT, "COVERAGE_DAMAGED",
                    "%s is damaged: can't %s (%s). Remove the file: it is made anew from the journal.",
                    store->path, doing, reason);
    return fail(why, RESULT_IO, "COVERAGE_IO", "Can't %s in %s: %s; check the disk.", doing, store->path,
                reason);
}

/* Settings are read back: SQLite answers one that it can't take with the old value and no error. */
static enum result apply_settings(struct coverage_store *store, struct failure *why) {
    static const struct {
        const char *set, *get, *expected;
    } SETTINGS[] = {
        {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA locking_mode", "exclusive"},
        {"PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal"},
        {"PRAGMA synchronous=NORMAL", "PRAGMA synchronous", "1"},
    };
    char value[32] = "";
    for (size_t index = 0; index < sizeof SETTINGS / sizeof *SETTINGS; index++) {
        if (!statement_run(store->database, SETTINGS[index].set) ||
            !statement_value(store->database, SETTINGS[index].get, value))
            return failed(store, SETTINGS[index].set, why);
        if (strcmp(value, SETTINGS[index].expected) != 0)
            return fail(why, RESULT_IO, "COVERAGE_SETTING", "SQLite answers \"%s\" to \"%s\" for %s.", value,
                        SETTINGS[index].set, store->path);
    }
    return RESULT_OK;
}

/* Appends to a statement that is built from the names of the figures. */
static void append(char sql[SQL_MAX], const char *before, const char *name, const char *after) {
    size_t used = strlen(sql);
    if (snprintf(sql + used, SQL_MAX - used, "%s%s%s", before, name, after) >= (int)(SQL_MAX - used))
        abort(); /* SQL_MAX holds all figures */
}

static void append_figures(char sql[SQL_MAX], const char *before, const char *after) {
    char name[TOTALS_FIELD_NAME];
    for (unsigned index = 0; index < TOTALS_FIELDS; index++) {
        totals_field_name(index, name);
        append(sql, before, name, after);
    }
}

static enum result create_tables(struct coverage_store *store, struct failure *why) {
    char sql[SQL_MAX] =
        "BEGIN;"
        "CREATE TABLE state(id INTEGER PRIMARY KEY CHECK(id = 1), record_offset INTEGER NOT NULL,"
        " chain BLOB NOT NULL, totals BLOB NOT NULL, checksum INTEGER NOT NULL) STRICT;"
        "CREATE TABLE history(day TEXT NOT NULL, code INTEGER NOT NULL, record_offset INTEGER NOT NULL";
    append_figures(sql, ", ", " INTEGER NOT NULL");
    append(sql, ", PRIMARY KEY(day, code)) STRICT, WITHOUT ROWID;", "", "");
    char numbers[96];
    snprintf(numbers, sizeof numbers, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;",
             APPLICATION_ID, LAYOUT_VERSION);
    append(sql, numbers, "", "");
    return statement_run(store->database, sql) ? RESULT_OK : failed(store, "make the tables", why);
}

static enum result check_version(struct coverage_store *store, struct failure *why) {
    char application[32], version[32], tables[32];
    if (!statement_value(store->database, "PRAGMA application_id", application) ||
        !statement_value(store->database, "PRAGMA user_version", version) ||
        !statement_value(store->database, "SELECT count(*) FROM sqlite_schema", tables))
        return failed(store, "read the version", why);
    if (atoi(tables) == 0)
        return create_tables(store, why);
    if (atoi(application) != APPLICATION_ID || atoi(version) != LAYOUT_VERSION)
        return fail(
            why, RESULT_CONFLICT, "COVERAGE_VERSION",
            "%s is of another program or version. Move the file away: it is made anew from the journal.",
            store->path);
    return RESULT_OK;
}

static enum result prepare(struct coverage_store *store, enum statement which, const char *sql,
                           struct failure *why) {
    if (sqlite3_prepare_v3(store->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &store->statements[which],
                           NULL) == SQLITE_OK)
        return RESULT_OK;
    return failed(store, "prepare a statement", why);
}

static enum result prepare_all(struct coverage_store *store, struct failure *why) {
    static const char *const FIXED[] = {
        [BEGIN] = "BEGIN IMMEDIATE",
        [COMMIT] = "COMMIT",
        [LOAD] = "SELECT record_offset, chain, totals, checksum FROM state",
        [SAVE] = "INSERT OR REPLACE INTO state VALUES(1, ?, ?, ?, ?)",
    };
    char save_day[SQL_MAX] = "INSERT OR REPLACE INTO history(day, code, record_offset";
    append_figures(save_day, ", ", "");
    append(save_day, ") VALUES(?, ?, ?", "", "");
    for (unsigned index = 0; index < TOTALS_FIELDS; index++)
        append(save_day, ", ?", "", "");
    append(save_day, ")", "", "");
    char history[SQL_MAX] = "SELECT day, code, record_offset";
    append_figures(history, ", ", "");
    append(
        history,
        " FROM history WHERE day BETWEEN ?1 AND ?2 AND (?3 = 0 OR code = ?3) AND day >= (SELECT min(day) FROM"
        " (SELECT DISTINCT day FROM history WHERE day <= ?2 ORDER BY day DESC LIMIT ?4)) ORDER BY day, code",
        "", "");
    enum result result = RESULT_OK;
    for (unsigned which = BEGIN; which <= SAVE && result == RESULT_OK; which++)
        result = prepare(store, which, FIXED[which], why);
    if (result == RESULT_OK)
        result = prepare(store, SAVE_DAY, save_day, why);
    return result == RESULT_OK ? prepare(store, HISTORY, history, why) : result;
}

static enum result open_file(struct coverage_store *store, struct failure *why) {
    int made = open(store->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* by us, for its mode */
    if (made >= 0)
        close(made);
    else if (errno != EEXIST)
        return fail(why, RESULT_IO, "COVERAGE_IO", "Can't create %s: %s.", store->path, strerror(errno));
    if (sqlite3_open_v2(store->path, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return failed(store, "open the file", why);
    enum result result = apply_settings(store, why);
    if (result == RESULT_OK)
        result = check_version(store, why);
    return result == RESULT_OK ? prepare_all(store, why) : result;
}

enum result coverage_store_open(struct coverage_store **out, const char *path, struct failure *why) {
    struct coverage_store *store = calloc(1, sizeof *store);
    if (!store)
        abort();
    *out = NULL;
    enum result result = RESULT_INVALID;
    if (snprintf(store->path, sizeof store->path, "%s", path) >= (int)sizeof store->path)
        result = fail(why, result, "PATH_LONG", "The path %.200s... is too long.", path);
    else
        result = open_file(store, why);
    if (result == RESULT_OK)
        *out = store;
    else
        coverage_store_close(&store);
    return result;
}

void coverage_store_close(struct coverage_store **store) {
    if (!store || !*store)
        return;
    for (unsigned which = 0; which < STATEMENT_COUNT; which++)
        sqlite3_finalize((*store)->statements[which]);
    sqlite3_close((*store)->database);
    free(*store);
    *store = NULL;
}

/* Over everything that a row says, so that an edited one is found. */
static sqlite3_int64 checksum(const struct coverage_state *state) {
    XXH64_hash_t sum = XXH3_64bits_withSeed(state->chain, sizeof state->chain, state->offset);
    return (sqlite3_int64)XXH3_64bits_withSeed(state->totals, state->size, sum);
}

enum result coverage_store_load(struct coverage_store *store, struct coverage_state *state,
                                struct failure *why) {
    sqlite3_stmt *row = store->statements[LOAD];
    memset(state, 0, sizeof *state);
    sqlite3_reset(row);
    int code = sqlite3_step(row);
    if (code == SQLITE_DONE)
        return RESULT_NOT_FOUND;
    if (code != SQLITE_ROW)
        return failed(store, "read the state", why);
    state->offset = (uint64_t)sqlite3_column_int64(row, 0);
    const void *chain = sqlite3_column_blob(row, 1);
    bool sound = chain && sqlite3_column_bytes(row, 1) == JOURNAL_HASH_SIZE;
    if (sound)
        memcpy(state->chain, chain, JOURNAL_HASH_SIZE);
    state->totals = sqlite3_column_blob(row, 2);
    state->size = (size_t)sqlite3_column_bytes(row, 2);
    if (!sound || !state->totals || checksum(state) != sqlite3_column_int64(row, 3))
        return fail(why, RESULT_CORRUPT, "COVERAGE_CHECKSUM", "The stored totals in %s fail their check.",
                    store->path);
    return RESULT_OK;
}

static bool begin(struct coverage_store *store) {
    sqlite3_reset(store->statements[LOAD]);
    return !sqlite3_get_autocommit(store->database) || statement_finish(store->statements[BEGIN]);
}

/* After a failed write nothing of its transaction may be committed by a later one. */
static enum result give_up(struct coverage_store *store, const char *doing, struct failure *why) {
    enum result result = failed(store, doing, why);
    if (!sqlite3_get_autocommit(store->database))
        statement_run(store->database, "ROLLBACK");
    return result;
}

enum result coverage_store_day(struct coverage_store *store, const struct totals_picture *picture,
                               struct failure *why) {
    sqlite3_stmt *row = store->statements[SAVE_DAY];
    char day[CALENDAR_TEXT];
    calendar_format(picture->day, day);
    bool done = begin(store);
    for (uint32_t index = 0; done && index < picture->count; index++) {
        struct totals_region region = picture->regions[index];
        if (region.code > 999999)
            continue; /* of kelurahan there is no history */
        sqlite3_bind_text(row, 1, day, -1, SQLITE_STATIC);
        sqlite3_bind_int64(row, 2, region.code);
        sqlite3_bind_int64(row, 3, (sqlite3_int64)picture->offset);
        for (unsigned field = 0; field < TOTALS_FIELDS; field++)
            sqlite3_bind_int64(row, 4 + (int)field, *totals_field(&region.line, field));
        done = statement_finish(row);
    }
    return done ? RESULT_OK : give_up(store, "write the history", why);
}

enum result coverage_store_commit(struct coverage_store *store, const struct coverage_state *state,
                                  struct failure *why) {
    sqlite3_stmt *row = store->statements[SAVE];
    bool done = begin(store);
    sqlite3_bind_int64(row, 1, (sqlite3_int64)state->offset);
    sqlite3_bind_blob(row, 2, state->chain, sizeof state->chain, SQLITE_STATIC);
    sqlite3_bind_blob64(row, 3, state->totals, state->size, SQLITE_STATIC);
    sqlite3_bind_int64(row, 4, checksum(state));
    done = done && statement_finish(row) && statement_finish(store->statements[COMMIT]);
    return done ? RESULT_OK : give_up(store, "store the totals", why);
}

static day_t read_day(sqlite3_stmt *row) {
    day_t day = DAY_NONE;
    const char *text = (const char *)sqlite3_column_text(row, 0);
    return text && calendar_parse(text, strlen(text), &day) ? day : DAY_NONE;
}

enum result coverage_store_history(struct coverage_store *store, day_t from, day_t to, uint32_t code,
                                   unsigned days_max, coverage_on_row *on_row, void *context,
                                   struct failure *why) {
    sqlite3_stmt *row = store->statements[HISTORY];
    char first[CALENDAR_TEXT], last[CALENDAR_TEXT];
    calendar_format(from == DAY_NONE ? 1 : from, first);
    calendar_format(to == DAY_NONE ? UINT16_MAX : to, last);
    sqlite3_bind_text(row, 1, first, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, last, -1, SQLITE_STATIC);
    sqlite3_bind_int64(row, 3, code);
    sqlite3_bind_int64(row, 4, days_max);
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        struct totals_line line = {0};
        for (unsigned field = 0; field < TOTALS_FIELDS; field++)
            *totals_field(&line, field) = (uint32_t)sqlite3_column_int64(row, 3 + (int)field);
        on_row(context, read_day(row), (uint64_t)sqlite3_column_int64(row, 2),
               (uint32_t)sqlite3_column_int64(row, 1), &line);
    }
    enum result result = step == SQLITE_DONE ? RESULT_OK : failed(store, "read the history", why);
    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
    return result;
}
