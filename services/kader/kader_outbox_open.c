/* kader_outbox_open.c - opens, makes and checks the outbox file (kader_outbox.h). */
#include "kader_outbox_state.h"

#include "runtime/file.h"
#include "runtime/require.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x6b616465 /* "kade" */
#define SCHEMA_VERSION 1

/* The file must be private before SQLite puts names and NIKs into it. Never opened here once it exists:
 * closing any descriptor of a file drops the locks that this process's own connections hold on it (POSIX
 * fcntl). */
static enum result make_private(const char *path, struct failure *why) {
    struct stat status;
    if (stat(path, &status) < 0 && errno == ENOENT) {
        enum result result = file_create(path, "", 0, why);
        if (result !=
            RESULT_CONFLICT) /* of two who make it at once, one does, and SQLite's lock parts them */
            return result;
    }
    if (stat(path, &status) < 0)
        return fail(why, RESULT_IO, "OUTBOX_ERROR", "Could not look at outbox %s: %s.", path,
                    strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(why, RESULT_INVALID, "OUTBOX_NO_FILE", "Outbox %s is no regular file.", path);
    if (status.st_mode & 077)
        return fail(
            why, RESULT_INVALID, "OUTBOX_OPEN",
            "Outbox %s can be reached by others (mode %03o) and holds names and NIKs: run chmod 600 on it.",
            path, status.st_mode & 0777);
    return RESULT_OK;
}

static enum result execute(struct outbox *outbox, const char *sql, struct failure *why) {
    return sqlite3_exec(outbox->database, sql, NULL, NULL, NULL) == SQLITE_OK
               ? RESULT_OK
               : outbox_fail(outbox, "open", why);
}

static enum result read_number(struct outbox *outbox, const char *sql, int64_t *out, struct failure *why) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(outbox->database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    enum result result = code == SQLITE_ROW ? RESULT_OK : outbox_fail(outbox, "read", why);
    sqlite3_finalize(statement);
    return result;
}

/* Options are read back: SQLite keeps silent about one that it did not take. */
static enum result set_options(struct outbox *outbox, struct failure *why) {
    int64_t synchronous = 0, wal = 0;
    enum result result =
        execute(outbox,
                "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                "PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF;",
                why);
    if (result == RESULT_OK)
        result = read_number(outbox, "PRAGMA synchronous", &synchronous, why);
    if (result == RESULT_OK)
        result = read_number(outbox, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &wal, why);
    if (result == RESULT_OK && (synchronous != 2 || !wal))
        return fail(why, RESULT_INVALID, "OUTBOX_NOT_DURABLE",
                    "Outbox %s can't be kept durably on this file system (no WAL): put it on a local disk.",
                    outbox->path);
    return result;
}

static enum result make_tables(struct outbox *outbox, const char *public_key, struct failure *why) {
    char *sql = sqlite3_mprintf("CREATE TABLE event(sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
                                "CREATE TABLE state(row INTEGER PRIMARY KEY CHECK(row = 1),"
                                " public_key TEXT NOT NULL, next_sequence INTEGER NOT NULL,"
                                " temporary_ids INTEGER NOT NULL);"
                                "INSERT INTO state VALUES(1, %Q, 1, 0);"
                                "PRAGMA application_id=%d; PRAGMA user_version=%d;",
                                public_key, APPLICATION_ID, SCHEMA_VERSION);
    require(sql, "out of memory");
    enum result result = execute(outbox, sql, why);
    sqlite3_free(sql);
    return result;
}

static enum result check_version(struct outbox *outbox, const char *public_key, struct failure *why) {
    int64_t application = 0, version = 0, tables = 0;
    enum result result = read_number(outbox, "PRAGMA application_id", &application, why);
    if (result == RESULT_OK)
        result = read_number(outbox, "PRAGMA user_version", &version, why);
    if (result == RESULT_OK)
        result = read_number(outbox, "SELECT count(*) FROM sqlite_schema", &tables, why);
    if (result != RESULT_OK)
        return result;
    if (application == 0 && tables == 0)
        return make_tables(outbox, public_key, why);
    if (application != APPLICATION_ID || version != SCHEMA_VERSION)
        return fail(
            why, RESULT_CONFLICT, "OUTBOX_VERSION",
            "%s is no outbox of this version (%d): give another path, or use the program that made it.",
            outbox->path, SCHEMA_VERSION);
    return RESULT_OK;
}

static enum result check_owner(struct outbox *outbox, const char *public_key, struct failure *why) {
    char *sql = sqlite3_mprintf("SELECT count(*) FROM state WHERE public_key = %Q", public_key);
    require(sql, "out of memory");
    int64_t own = 0;
    enum result result = read_number(outbox, sql, &own, why);
    sqlite3_free(sql);
    if (result == RESULT_OK && !own)
        return fail(
            why, RESULT_CONFLICT, "OUTBOX_OF_ANOTHER_DEVICE",
            "Outbox %s belongs to another pairing: its events bear that device's numbers. Give a new path.",
            outbox->path);
    return result;
}

static enum result load_state(struct outbox *outbox, struct failure *why) {
    int64_t end = 0, temporary = 0, oldest = 0, count = 0;
    enum result result = read_number(outbox, "SELECT next_sequence FROM state", &end, why);
    if (result == RESULT_OK)
        result = read_number(outbox, "SELECT temporary_ids FROM state", &temporary, why);
    if (result == RESULT_OK)
        result = read_number(outbox, "SELECT coalesce(min(sequence), -1) FROM event", &oldest, why);
    if (result == RESULT_OK)
        result = read_number(outbox, "SELECT count(*) FROM event", &count, why);
    if (result != RESULT_OK)
        return result;
    if (oldest < 0)
        oldest = end;
    if (end < 1 || temporary < 0 || temporary > UINT32_MAX || oldest < 1 || oldest + count != end)
        return fail(
            why, RESULT_CORRUPT, "OUTBOX_CORRUPT",
            "Outbox %s has a gap in its numbers: keep the file for its operator, pair the device anew.",
            outbox->path);
    outbox->durable = outbox->changed = (struct outbox_counters){(uint64_t)end, (uint32_t)temporary};
    outbox->oldest = (uint64_t)oldest;
    return RESULT_OK;
}

static enum result prepare(struct outbox *outbox, struct failure *why) {
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } all[] = {
        {&outbox->begin, "BEGIN IMMEDIATE"},
        {&outbox->commit, "COMMIT"},
        {&outbox->rollback, "ROLLBACK"},
        {&outbox->insert, "INSERT INTO event(sequence, bytes) VALUES(?1, ?2)"},
        {&outbox->select,
         "SELECT sequence, bytes FROM event WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2"},
        {&outbox->forget, "DELETE FROM event WHERE sequence < ?1"},
        {&outbox->update, "UPDATE state SET next_sequence = ?1, temporary_ids = ?2"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (sqlite3_prepare_v3(outbox->database, all[i].sql, -1, SQLITE_PREPARE_PERSISTENT, all[i].statement,
                               NULL) != SQLITE_OK)
            return outbox_fail(outbox, "open", why);
    return RESULT_OK;
}

/* All checks in one transaction, which takes the lock that stays until the outbox is closed. */
static enum result set_up(struct outbox *outbox, const char *public_key, struct failure *why) {
    enum result result = set_options(outbox, why);
    if (result == RESULT_OK)
        result = execute(outbox, "BEGIN IMMEDIATE", why);
    if (result == RESULT_OK)
        result = check_version(outbox, public_key, why);
    if (result == RESULT_OK)
        result = check_owner(outbox, public_key, why);
    if (result == RESULT_OK)
        result = load_state(outbox, why);
    if (result == RESULT_OK)
        result = execute(outbox, "COMMIT", why);
    return result == RESULT_OK ? prepare(outbox, why) : result;
}

enum result outbox_open(struct outbox **out, const char *path, const char *public_key, struct failure *why) {
    enum result result = make_private(path, why);
    if (result != RESULT_OK)
        return result;
    struct outbox *outbox = calloc(1, sizeof *outbox);
    require(outbox && (outbox->path = strdup(path)), "out of memory");
    int code = sqlite3_open_v2(path, &outbox->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    result = code == SQLITE_OK ? set_up(outbox, public_key, why) : outbox_fail(outbox, "open", why);
    if (result != RESULT_OK) {
        outbox_close(&outbox);
        return result;
    }
    *out = outbox;
    return RESULT_OK;
}

void outbox_close(struct outbox **outbox) {
    if (!*outbox)
        return;
    sqlite3_stmt *all[] = {(*outbox)->begin,  (*outbox)->commit, (*outbox)->rollback, (*outbox)->insert,
                           (*outbox)->select, (*outbox)->forget, (*outbox)->update};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sqlite3_finalize(all[i]);
    sqlite3_close((*outbox)->database);
    free((*outbox)->path);
    free(*outbox);
    *outbox = NULL;
}
