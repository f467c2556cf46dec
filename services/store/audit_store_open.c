/* audit_store_open.c - makes and opens audit.db: its tables, its version, its one writer (audit_store.h). */
#include "audit_store_file.h"

#include "statement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define APPLICATION_ID "1128352577" /* 0x43415341, "CASA" */
#define LAYOUT_VERSION "2"

/* A month's charge is unique by member and payer alone: charging twice fails here, too. Of corrections the
 * entry is a part of the key, because a tariff may be changed twice at one offset. The trail's index is its
 * key. */
static const char *const tables =
    "BEGIN;"
    "CREATE TABLE charges(member_id INTEGER NOT NULL, month TEXT NOT NULL, payer TEXT NOT NULL,"
    " cause TEXT NOT NULL, cause_offset INTEGER NOT NULL, invoice_month TEXT NOT NULL,"
    " segment TEXT NOT NULL, class INTEGER NOT NULL, vulnerable INTEGER NOT NULL,"
    " kecamatan INTEGER NOT NULL, amount_rupiah INTEGER NOT NULL, partition INTEGER NOT NULL,"
    " entry INTEGER NOT NULL,"
    " PRIMARY KEY(member_id, month, payer, cause, cause_offset, entry)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX charged_once ON charges(member_id, month, payer) WHERE cause = 'MONTH';"
    "CREATE VIEW postings AS"
    " SELECT partition, entry, 1 AS line, payer AS account, max(amount_rupiah, 0) AS debit_rupiah,"
    " max(-amount_rupiah, 0) AS credit_rupiah, month, invoice_month, cause, cause_offset, member_id"
    " FROM charges UNION ALL"
    " SELECT partition, entry, 2, 'BPJS_PREMIUM', max(-amount_rupiah, 0), max(amount_rupiah, 0), month,"
    " invoice_month, cause, cause_offset, member_id FROM charges;"
    "CREATE TABLE invoices(month TEXT NOT NULL, as_of_offset INTEGER NOT NULL, closed_at TEXT NOT NULL,"
    " due_date TEXT, payer TEXT NOT NULL, segment TEXT NOT NULL, class INTEGER NOT NULL,"
    " kecamatan INTEGER NOT NULL, budget_line TEXT, people INTEGER NOT NULL,"
    " amount_rupiah INTEGER NOT NULL, corrections INTEGER NOT NULL, corrections_rupiah INTEGER NOT NULL,"
    " decision INTEGER NOT NULL, invoice_hash TEXT NOT NULL,"
    " PRIMARY KEY(month, payer, segment, class, kecamatan)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE payments(sp2d TEXT NOT NULL, month TEXT NOT NULL, date TEXT NOT NULL,"
    " payer TEXT NOT NULL, amount_rupiah INTEGER NOT NULL, author TEXT NOT NULL,"
    " decision INTEGER NOT NULL, reverses INTEGER, reason TEXT,"
    " PRIMARY KEY(sp2d, decision, payer)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE trail(partition INTEGER NOT NULL, entry INTEGER NOT NULL, hash BLOB NOT NULL,"
    " record_offset INTEGER NOT NULL, PRIMARY KEY(partition, entry)) STRICT, WITHOUT ROWID;"
    "CREATE VIEW progress AS SELECT partition, max(entry) AS entry, hash, record_offset FROM trail"
    " GROUP BY partition;"
    "PRAGMA application_id=" APPLICATION_ID "; PRAGMA user_version=" LAYOUT_VERSION "; COMMIT;";

static const char *const statements[AUDIT_STATEMENT_COUNT] = {
    [AUDIT_BEGIN] = "BEGIN IMMEDIATE",
    [AUDIT_COMMIT] = "COMMIT",
    [AUDIT_CHARGE] = "INSERT INTO charges VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [AUDIT_INVOICE] = "INSERT INTO invoices VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [AUDIT_PAYMENT] = "INSERT INTO payments VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [AUDIT_TRAIL] = "INSERT OR REPLACE INTO trail VALUES(?, ?, ?, ?)",
    [AUDIT_BEFORE] = ("SELECT entry, record_offset, hash FROM trail WHERE partition = ? AND entry < ?"
                      " ORDER BY entry DESC LIMIT 1"),
    [AUDIT_BACK_CHARGES] = "DELETE FROM charges WHERE partition = ? AND entry > ?",
    [AUDIT_BACK_TRAIL] = "DELETE FROM trail WHERE partition = ? AND entry > ?",
};

/* One projector at a time; SQLite's own locks must leave auditors in. */
static enum result take_lock(struct audit_store *store, struct failure *why) {
    char path[sizeof store->path + 16];
    snprintf(path, sizeof path, "%s-projector", store->path);
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock_fd < 0)
        return fail(why, RESULT_IO, "AUDIT_IO", "Can't create %s: %s.", path, strerror(errno));
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return RESULT_OK;
    return fail(why, RESULT_CONFLICT, "AUDIT_IN_USE", "Another projector has %s open: one is enough.",
                store->path);
}

static enum result open_database(struct audit_store *store, struct failure *why) {
    int made = open(store->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* by us, for its mode */
    if (made >= 0)
        close(made);
    else if (errno != EEXIST)
        return fail(why, RESULT_IO, "AUDIT_IO", "Can't create %s: %s.", store->path, strerror(errno));
    char mode[32] = "";
    if (sqlite3_open_v2(store->path, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return audit_store_failed(store, "open the file", why);
    sqlite3_busy_timeout(store->database, 5000); /* an auditor's long read delays a checkpoint at most */
    if (!statement_run(store->database, "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536") ||
        !statement_value(store->database, "PRAGMA journal_mode=WAL", mode))
        return audit_store_failed(store, "set the file up", why);
    if (strcmp(mode, "wal") == 0)
        return RESULT_OK;
    return fail(why, RESULT_IO, "AUDIT_SETTING", "SQLite answers \"%s\" to journal_mode=WAL for %s.", mode,
                store->path);
}

static void remove_file(struct audit_store *store) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    char path[sizeof store->path + 8];
    sqlite3_close(store->database);
    store->database = NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(path, sizeof path, "%s%s", store->path, endings[i]);
        unlink(path);
    }
}

/* Of this program and version, with its tables. */
static bool is_ours(struct audit_store *store) {
    char application[32] = "", version[32] = "";
    return statement_value(store->database, "PRAGMA application_id", application) &&
           statement_value(store->database, "PRAGMA user_version", version) &&
           strcmp(application, APPLICATION_ID) == 0 && strcmp(version, LAYOUT_VERSION) == 0;
}

/* Nothing in the file is the only copy of anything, so what can't be gone on with is begun anew. */
static enum result make_anew(struct audit_store *store, struct failure *why) {
    remove_file(store);
    enum result result = open_database(store, why);
    if (result == RESULT_OK && !statement_run(store->database, tables))
        return audit_store_failed(store, "make the tables", why);
    return result;
}

enum result audit_store_open_file(struct audit_store *store, bool anew, struct failure *why) {
    enum result result = take_lock(store, why);
    if (result != RESULT_OK)
        return result;
    if (anew)
        remove_file(store);
    result = open_database(store, why);
    if (result == RESULT_CORRUPT || (result == RESULT_OK && !is_ours(store)))
        result = make_anew(store, why);
    for (unsigned i = 0; i < AUDIT_STATEMENT_COUNT && result == RESULT_OK; i++)
        if (sqlite3_prepare_v3(store->database, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK)
            result = audit_store_failed(store, "prepare a statement", why);
    return result;
}
