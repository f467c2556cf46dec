/* journal_sqlite_open.c - opens, checks and creates the journal's file; reads one batch; says what failed.
 *
 * Every setting that durability rests on is read back after it was set: SQLite answers a setting that it
 * can't take with the old one and no error.
 */
#include "journal_sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID  0x43414b55 /* "CAKU" */
#define LAYOUT_VERSION  2
#define TEXT_OF(value)  TEXT_OF_(value)
#define TEXT_OF_(value) #value

/* What makes each layout of the one before it: a new file goes through all of them, an older one through
 * those that it lacks. A journal is read for ever, so an entry is never changed, only added. */
static const char *const layouts[LAYOUT_VERSION] = {
    "BEGIN;"
    "CREATE TABLE batch(first_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL, day INTEGER NOT NULL, hash BLOB NOT NULL,"
    " records BLOB NOT NULL) STRICT;"
    "CREATE TABLE run(device INTEGER NOT NULL, first_sequence INTEGER NOT NULL,"
    " count INTEGER NOT NULL, first_offset INTEGER NOT NULL,"
    " PRIMARY KEY(device, first_sequence)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE refusal(record_offset INTEGER PRIMARY KEY, device INTEGER NOT NULL,"
    " refusal INTEGER NOT NULL, kelurahan INTEGER NOT NULL) STRICT;"
    "PRAGMA application_id=" TEXT_OF(APPLICATION_ID) "; PRAGMA user_version=1; COMMIT;",
    "BEGIN;"
    "CREATE INDEX refusal_of_code ON refusal(refusal, record_offset);"
    "CREATE INDEX refusal_of_device ON refusal(device, record_offset);"
    "PRAGMA user_version=2; COMMIT;",
};

/* One statement a filter: a list for one device or code, however few rows it has, reads no others. */
#define REFUSALS_WHERE                                                                                       \
    "SELECT record_offset, device, refusal, kelurahan FROM refusal WHERE record_offset < ?1"
#define REFUSALS_NEWEST_FIRST " ORDER BY record_offset DESC"

static const char *const statement_texts[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_INSERT_BATCH] = "INSERT INTO batch VALUES(?, ?, ?, ?, ?, ?)",
    [STATEMENT_INSERT_RUN] = "INSERT INTO run VALUES(?, ?, ?, ?)",
    [STATEMENT_INSERT_REFUSAL] = "INSERT INTO refusal VALUES(?, ?, ?, ?)",
    [STATEMENT_READ] = "SELECT first_offset, count, time_ms, day, hash, records FROM batch"
                       " WHERE first_offset <= ? ORDER BY first_offset DESC LIMIT 1",
    [STATEMENT_FIND] = "SELECT first_sequence, count, first_offset FROM run"
                       " WHERE device = ? AND first_sequence <= ? ORDER BY first_sequence DESC LIMIT 1",
    [STATEMENT_REFUSALS] = REFUSALS_WHERE REFUSALS_NEWEST_FIRST,
    [STATEMENT_REFUSALS_OF_CODE] = REFUSALS_WHERE " AND refusal = ?2" REFUSALS_NEWEST_FIRST,
    [STATEMENT_REFUSALS_OF_DEVICE] =
        REFUSALS_WHERE " AND device = ?3 AND (?2 = 0 OR refusal = ?2)" REFUSALS_NEWEST_FIRST,
};

/* In this order: EXCLUSIVE before the first access keeps the WAL's index in memory (no -shm file), and the
 * page size holds only for a file that is still empty. */
static const struct setting {
    const char *set, *get, *expected;
    bool new_file_only;
} settings[] = {
    {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA locking_mode", "exclusive", false},
    {"PRAGMA page_size=" TEXT_OF(JOURNAL_PAGE_BYTES), "PRAGMA page_size", TEXT_OF(JOURNAL_PAGE_BYTES), true},
    {"PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal", false},
    {"PRAGMA synchronous=FULL", "PRAGMA synchronous", "2", false},
    {"PRAGMA wal_autocheckpoint=0", "PRAGMA wal_autocheckpoint", "0", false},
    {"PRAGMA cache_size=-32768", "PRAGMA cache_size", "-32768", false},
};

enum result journal_file_failure(struct journal_file *file, int code, const char *doing,
                                 struct failure *why) {
    const char *reason = file->database ? sqlite3_errmsg(file->database) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(why, RESULT_CONFLICT, "JOURNAL_IN_USE",
                    "Another process has the journal %s open; stop it, or use another state directory.",
                    file->path);
    case SQLITE_FULL:
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk of %s is full: can't %s; make room.", file->path,
                    doing);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(why, RESULT_CORRUPT, "JOURNAL_CORRUPT",
                    "The journal %s is damaged: can't %s (%s); restore it from a copy.", file->path, doing,
                    reason);
    default:
        return fail(why, RESULT_IO, "JOURNAL_IO", "Can't %s in %s: %s (SQLite %d, errno %d); check the disk.",
                    doing, file->path, reason, code,
                    file->database ? sqlite3_system_errno(file->database) : errno);
    }
}

enum result journal_file_unread(struct journal_file *file, int code, const char *doing, struct failure *why) {
    bool lost =
        code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS;
    return journal_file_failure(file, lost ? SQLITE_CORRUPT : code, doing, why);
}

/* The one value that a query gives, as text. */
static int query_text(struct journal_file *file, const char *query, char *out, size_t size) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(file->database, query, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const unsigned char *value = sqlite3_column_text(statement, 0);
        snprintf(out, size, "%s", value ? (const char *)value : "");
    }
    int end = sqlite3_finalize(statement);
    return code == SQLITE_ROW ? end : code == SQLITE_DONE ? SQLITE_MISUSE : code;
}

static enum result apply_settings(struct journal_file *file, bool is_new, struct failure *why) {
    char value[32];
    for (size_t index = 0; index < sizeof settings / sizeof *settings; index++) {
        const struct setting *setting = &settings[index];
        if (setting->new_file_only && !is_new)
            continue;
        int code = sqlite3_exec(file->database, setting->set, NULL, NULL, NULL);
        if (code == SQLITE_OK)
            code = query_text(file, setting->get, value, sizeof value);
        if (code != SQLITE_OK)
            return journal_file_failure(file, code, setting->set, why);
        if (strcmp(value, setting->expected) != 0)
            return fail(
                why, RESULT_IO, "JOURNAL_SETTING",
                "SQLite answers \"%s\" to \"%s\" for %s, not \"%s\"; the file system may not be fit for it.",
                value, setting->set, file->path, setting->expected);
    }
    /* give_up in journal_sqlite.c counts on it: no frame is written behind the one that commits. */
    int powersafe = -1;
    sqlite3_file_control(file->database, "main", SQLITE_FCNTL_POWERSAFE_OVERWRITE, &powersafe);
    if (powersafe != 1)
        return fail(why, RESULT_IO, "JOURNAL_SETTING",
                    "SQLite was built without powersafe overwrite; use Debian's.");
    return RESULT_OK;
}

/* Whose file it is, and of which layout: 0 for a new one, which has neither number and no table. */
static enum result check_owner(struct journal_file *file, int *layout, struct failure *why) {
    char application[32], version[32], tables[32];
    int code = query_text(file, "PRAGMA application_id", application, sizeof application);
    if (code == SQLITE_OK)
        code = query_text(file, "PRAGMA user_version", version, sizeof version);
    if (code == SQLITE_OK)
        code = query_text(file, "SELECT count(*) FROM sqlite_schema", tables, sizeof tables);
    if ((code & 0xff) == SQLITE_NOTADB)
        return fail(
            why, RESULT_CONFLICT, "JOURNAL_FOREIGN",
            "%s is no journal of Cakupan (not even a database); move it away or use another state directory.",
            file->path);
    if (code != SQLITE_OK)
        return journal_file_failure(file, code, "read the version", why);
    *layout = atoi(version);
    if (atoi(application) == 0 && *layout == 0 && atoi(tables) == 0)
        return RESULT_OK;
    if (atoi(application) != APPLICATION_ID)
        return fail(why, RESULT_CONFLICT, "JOURNAL_FOREIGN",
                    "%s is a database of another program; move it away or use another state directory.",
                    file->path);
    if (*layout < 1 || *layout > LAYOUT_VERSION)
        return fail(
            why, RESULT_CONFLICT, "JOURNAL_VERSION",
            "The journal %s has layout %s and this program reads 1 to %d; use the release that wrote it.",
            file->path, version, LAYOUT_VERSION);
    return RESULT_OK;
}

static enum result bring_up_to_date(struct journal_file *file, int layout, struct failure *why) {
    for (; layout < LAYOUT_VERSION; layout++) {
        int code = sqlite3_exec(file->database, layouts[layout], NULL, NULL, NULL);
        if (code != SQLITE_OK)
            return journal_file_failure(file, code, "make the tables", why);
    }
    return RESULT_OK;
}

static enum result prepare_statements(struct journal_file *file, struct failure *why) {
    for (int index = 0; index < STATEMENT_COUNT; index++) {
        int code = sqlite3_prepare_v3(file->database, statement_texts[index], -1, SQLITE_PREPARE_PERSISTENT,
                                      &file->statements[index], NULL);
        if (code != SQLITE_OK)
            return journal_file_failure(file, code, "prepare a statement", why);
    }
    return RESULT_OK;
}

static bool row_is_sound(sqlite3_stmt *row, uint64_t offset, struct journal_batch *batch) {
    sqlite3_int64 count = sqlite3_column_int64(row, 1), day = sqlite3_column_int64(row, 3);
    batch->header = (struct batch_header){
        .first_offset = (uint64_t)sqlite3_column_int64(row, 0),
        .count = (uint32_t)count,
        .time_ms = sqlite3_column_int64(row, 2),
        .day = (day_t)day,
    };
    const void *hash = sqlite3_column_blob(row, 4);
    batch->records = sqlite3_column_blob(row, 5);
    batch->size = (size_t)sqlite3_column_bytes(row, 5);
    if (!hash || sqlite3_column_bytes(row, 4) != JOURNAL_HASH_SIZE || !batch->records)
        return false;
    memcpy(batch->hash, hash, JOURNAL_HASH_SIZE);
    return count > 0 && count <= UINT32_MAX && day >= 0 && day <= UINT16_MAX &&
           batch->header.first_offset > 0 && offset - batch->header.first_offset < (uint64_t)count;
}

enum result journal_file_read(struct journal_file *file, uint64_t offset, struct journal_batch *batch,
                              struct failure *why) {
    sqlite3_stmt *statement = file->statements[STATEMENT_READ];
    sqlite3_reset(statement);
    int code = sqlite3_bind_int64(statement, 1, (sqlite3_int64)offset);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return journal_file_unread(file, code, "read a batch", why);
    if (code == SQLITE_DONE || !row_is_sound(statement, offset, batch)) {
        sqlite3_reset(statement);
        return fail(why, RESULT_CORRUPT, "JOURNAL_CORRUPT",
                    "The journal %s has no sound batch for offset %llu; restore it from a copy.", file->path,
                    (unsigned long long)offset);
    }
    return RESULT_OK;
}

/* Finds the last batch and checks its hash against the one before: an edit there shows at once, an earlier
 * one when the journal is replayed or verified. */
static enum result load_head(struct journal_file *file, struct failure *why) {
    char last[32];
    int code = query_text(file, "SELECT ifnull(max(first_offset), 0) FROM batch", last, sizeof last);
    if (code != SQLITE_OK)
        return journal_file_failure(file, code, "find the last batch", why);
    uint64_t offset = strtoull(last, NULL, 10);
    if (offset == 0)
        return RESULT_OK;
    uint8_t previous[JOURNAL_HASH_SIZE] = {0}, expected[JOURNAL_HASH_SIZE];
    struct journal_batch before;
    if (offset > 1) {
        enum result result = journal_file_read(file, offset - 1, &before, why);
        if (result != RESULT_OK)
            return result;
        memcpy(previous, before.hash, JOURNAL_HASH_SIZE);
    }
    enum result result = journal_file_read(file, offset, &file->head, why);
    if (result != RESULT_OK)
        return result;
    journal_hash(previous, &file->head.header, file->head.records, file->head.size, expected);
    sqlite3_reset(file->statements[STATEMENT_READ]);
    file->head.records = NULL;
    file->head.size = 0;
    if (memcmp(expected, file->head.hash, JOURNAL_HASH_SIZE) != 0)
        return fail(
            why, RESULT_CORRUPT, "JOURNAL_CHAIN",
            "The last batch of %s (offset %llu) does not match its hash: it was changed; restore a copy.",
            file->path, (unsigned long long)offset);
    return RESULT_OK;
}

/* Called by SQLite after each commit with the pages now in the log. */
static int count_wal_pages(void *context, sqlite3 *database, const char *name, int pages) {
    (void)database;
    (void)name;
    ((struct journal_file *)context)->wal_pages = pages;
    return SQLITE_OK;
}

/* Behind the frames that are in the log; whoever recovers it stops at the first that is none. A disk that has
 * no room for it has room for events all the same, until `append` says otherwise. */
static void prewrite_log(const struct journal_file *file) {
    static const uint8_t zeros[64 * 1024];
    char path[sizeof file->path + 4];
    struct stat status;
    snprintf(path, sizeof path, "%s-wal", file->path);
    int log = open(path, O_WRONLY | O_CLOEXEC);
    if (log < 0)
        return;
    if (fstat(log, &status) == 0) {
        off_t end = status.st_size;
        while (end < (off_t)JOURNAL_LOG_BYTES) {
            size_t left = (size_t)((off_t)JOURNAL_LOG_BYTES - end);
            ssize_t written = pwrite(log, zeros, left < sizeof zeros ? left : sizeof zeros, end);
            if (written <= 0)
                break;
            end += written;
        }
        (void)!fdatasync(log);
    }
    close(log);
}

static enum result open_database(struct journal_file *file, struct failure *why) {
    /* Made here, not by SQLite, for its mode. Only a file that did not exist: closing a descriptor of one
     * that this process has open elsewhere would drop SQLite's locks on it (POSIX advisory locks). */
    int made = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0)
        close(made);
    else if (errno != EEXIST)
        return fail(why, RESULT_IO, "JOURNAL_IO", "Can't create the journal %s: %s.", file->path,
                    strerror(errno));
    int code = sqlite3_open_v2(file->path, &file->database,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    /* Before anything is read, see `settings`. */
    if (code == SQLITE_OK)
        code = sqlite3_exec(file->database, settings[0].set, NULL, NULL, NULL);
    return code == SQLITE_OK ? RESULT_OK : journal_file_failure(file, code, "open the journal", why);
}

static enum result open_checked(struct journal_file *file, struct failure *why) {
    int layout = 0;
    enum result result = open_database(file, why);
    if (result == RESULT_OK)
        result = check_owner(file, &layout, why);
    if (result == RESULT_OK)
        result = apply_settings(file, layout == 0, why);
    if (result == RESULT_OK)
        result = bring_up_to_date(file, layout, why);
    if (result == RESULT_OK)
        result = prepare_statements(file, why);
    if (result == RESULT_OK)
        result = load_head(file, why);
    if (result != RESULT_OK)
        return result;
    sqlite3_wal_hook(file->database, count_wal_pages, file);
    prewrite_log(file);
    return RESULT_OK;
}

enum result journal_sqlite_open(struct journal **out, const char *path, struct failure *why) {
    *out = NULL;
    struct journal_file *file = calloc(1, sizeof *file);
    if (!file)
        return fail(why, RESULT_FULL, "MEMORY", "No memory to open the journal %s.", path);
    file->journal.operations = &journal_sqlite_operations;
    if ((size_t)snprintf(file->path, sizeof file->path, "%s", path) >= sizeof file->path) {
        free(file);
        return fail(why, RESULT_INVALID, "PATH_LONG",
                    "The journal's path is over %zu bytes; use a shorter one.", sizeof file->path - 1);
    }
    enum result result = open_checked(file, why);
    if (result != RESULT_OK) {
        journal_file_close(file);
        return result;
    }
    *out = &file->journal;
    return RESULT_OK;
}

void journal_file_close(struct journal_file *file) {
    for (int index = 0; index < STATEMENT_COUNT; index++)
        sqlite3_finalize(file->statements[index]);
    sqlite3_close(file->database);
    free(file);
}
