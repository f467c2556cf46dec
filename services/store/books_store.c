/* books_store.c - decisions in SQLite: appended and read back along their chain (books_store.h). The file is
 * opened, checked and created in books_store_open.c. */
#include "books_store_file.h"

#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum result books_store_failure(struct books_store *store, int code, const char *doing, struct failure *why) {
    const char *reason = store->database ? sqlite3_errmsg(store->database) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(why, RESULT_CONFLICT, "BOOKS_IN_USE",
                    "Another process has the books %s open: stop it, or use another state directory.",
                    store->path);
    case SQLITE_FULL:
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk of %s is full: can't %s; make room.",
                    store->path, doing);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(why, RESULT_CORRUPT, "BOOKS_CORRUPT",
                    "The books %s are damaged: can't %s (%s); restore them from a copy.", store->path, doing,
                    reason);
    default:
        return fail(why, RESULT_IO, "BOOKS_IO", "Can't %s in %s: %s (SQLite %d); check the disk.", doing,
                    store->path, reason, code);
    }
}

void books_store_chain(const uint8_t previous[JOURNAL_HASH_SIZE], const struct books_row *row,
                       uint8_t out[JOURNAL_HASH_SIZE]) {
    uint64_t sequence = htole64(row->sequence);
    crypto_generichash_state state;
    if (sodium_init() < 0 || crypto_generichash_init(&state, NULL, 0, JOURNAL_HASH_SIZE) != 0 ||
        crypto_generichash_update(&state, previous, JOURNAL_HASH_SIZE) != 0 ||
        crypto_generichash_update(&state, (const uint8_t *)&sequence, sizeof sequence) != 0 ||
        crypto_generichash_update(&state, row->bytes, row->size) != 0 ||
        crypto_generichash_final(&state, out, JOURNAL_HASH_SIZE) != 0)
        abort(); /* libsodium without BLAKE2b: no chain can be kept */
}

/* Runs a statement that returns no rows; leaves it ready for the next time. */
static int run(struct books_store *store, enum books_statement which) {
    sqlite3_stmt *statement = store->statements[which];
    int code = sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    return code == SQLITE_DONE ? reset : code;
}

static int insert(struct books_store *store, const struct books_row *row) {
    sqlite3_stmt *statement = store->statements[BOOKS_INSERT];
    int code = sqlite3_bind_int64(statement, 1, (sqlite3_int64)row->sequence);
    code |= sqlite3_bind_int64(statement, 2, row->kind);
    code |= sqlite3_bind_int64(statement, 3, row->time_ms);
    code |= sqlite3_bind_blob64(statement, 4, row->bytes, row->size, SQLITE_STATIC);
    code |= sqlite3_bind_blob(statement, 5, row->hash, JOURNAL_HASH_SIZE, SQLITE_STATIC);
    code = code == SQLITE_OK ? run(store, BOOKS_INSERT) : SQLITE_MISUSE;
    sqlite3_clear_bindings(statement); /* the caller's memory is not ours after this call */
    return code;
}

/* SQLITE_FULL comes before the frame that would have committed is whole (journal_sqlite.c: give_up): where
 * the rollback succeeds nothing is stored. Any other error leaves that to what a restart finds. */
static enum result give_up(struct books_store *store, int code, struct failure *why) {
    enum result result = books_store_failure(store, code, "store a decision", why);
    bool rolled_back = sqlite3_get_autocommit(store->database) || run(store, BOOKS_ROLLBACK) == SQLITE_OK;
    if ((code & 0xff) == SQLITE_FULL && rolled_back && sqlite3_get_autocommit(store->database))
        return result;
    store->broken = true;
    if (why)
        why->result = RESULT_IO;
    return RESULT_IO;
}

static enum result check_rows(const struct books_store *store, const struct books_row *rows, size_t count,
                              struct failure *why) {
    if (store->broken)
        return fail(why, RESULT_IO, "BOOKS_BROKEN",
                    "An earlier write to %s failed and its outcome is unknown: start again.", store->path);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].sequence != store->head + 1 + i)
            return fail(why, RESULT_CONFLICT, "BOOKS_SEQUENCE",
                        "Decision %" PRIu64 " does not follow %" PRIu64 " in %s: start again.",
                        rows[i].sequence, store->head + i, store->path);
        if (rows[i].size == 0 || rows[i].size > BOOKS_ROW_MAX_BYTES)
            return fail(why, RESULT_INVALID, "BOOKS_DECISION",
                        "A decision of %zu bytes can't be stored: it has 1 to %u bytes.", rows[i].size,
                        BOOKS_ROW_MAX_BYTES);
    }
    return RESULT_OK;
}

enum result books_store_append(struct books_store *store, struct books_row *rows, size_t count,
                               struct failure *why) {
    enum result result = check_rows(store, rows, count, why);
    if (result != RESULT_OK || count == 0)
        return result;
    const uint8_t *previous = store->hash;
    int code = run(store, BOOKS_BEGIN);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        books_store_chain(previous, &rows[i], rows[i].hash);
        previous = rows[i].hash;
        code = insert(store, &rows[i]);
    }
    if (code == SQLITE_OK)
        code = run(store, BOOKS_COMMIT);
    if (code != SQLITE_OK)
        return give_up(store, code, why);
    store->head += count;
    memcpy(store->hash, previous, JOURNAL_HASH_SIZE);
    return RESULT_OK;
}

static bool take_row(sqlite3_stmt *statement, struct books_row *row) {
    sqlite3_int64 kind = sqlite3_column_int64(statement, 1);
    const void *hash = sqlite3_column_blob(statement, 4);
    *row = (struct books_row){.sequence = (uint64_t)sqlite3_column_int64(statement, 0),
                              .kind = (uint8_t)kind,
                              .time_ms = sqlite3_column_int64(statement, 2),
                              .bytes = sqlite3_column_blob(statement, 3),
                              .size = (size_t)sqlite3_column_bytes(statement, 3)};
    if (!hash || sqlite3_column_bytes(statement, 4) != JOURNAL_HASH_SIZE || !row->bytes)
        return false;
    memcpy(row->hash, hash, JOURNAL_HASH_SIZE);
    return kind > 0 && kind <= UINT8_MAX;
}

static enum result chain_broken(const struct books_store *store, uint64_t sequence, struct failure *why) {
    return fail(why, RESULT_CORRUPT, "BOOKS_CHAIN",
                "Decision %" PRIu64 " of %s does not match its hash: it was changed; restore a copy.",
                sequence, store->path);
}

/* The hash of decision `sequence`, zeros for 0. */
static enum result hash_of(struct books_store *store, uint64_t sequence, uint8_t out[JOURNAL_HASH_SIZE],
                           struct failure *why) {
    sqlite3_stmt *statement = store->statements[BOOKS_HASH];
    memset(out, 0, JOURNAL_HASH_SIZE);
    if (sequence == 0)
        return RESULT_OK;
    int code = sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence);
    code = code == SQLITE_OK ? sqlite3_step(statement) : SQLITE_MISUSE;
    bool sound = code == SQLITE_ROW && sqlite3_column_bytes(statement, 0) == JOURNAL_HASH_SIZE;
    if (sound)
        memcpy(out, sqlite3_column_blob(statement, 0), JOURNAL_HASH_SIZE);
    sqlite3_reset(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return books_store_failure(store, code, "read a decision", why);
    return sound ? RESULT_OK : chain_broken(store, sequence, why);
}

struct reading {
    uint64_t next, limit;
    uint8_t previous[JOURNAL_HASH_SIZE];
    books_on_row *on_row;
    void *context;
};

static enum result read_rows(struct books_store *store, sqlite3_stmt *statement, struct reading *reading,
                             struct failure *why) {
    uint8_t expected[JOURNAL_HASH_SIZE];
    for (uint64_t taken = 0; reading->limit == 0 || taken < reading->limit; taken++) {
        int code = sqlite3_step(statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
            return books_store_failure(store, code, "read a decision", why);
        if (code == SQLITE_DONE) /* a row cut off at the end must not go unseen */
            return reading->next == store->head + 1 ? RESULT_OK : chain_broken(store, reading->next, why);
        struct books_row row;
        bool sound = take_row(statement, &row) && row.sequence == reading->next;
        if (sound)
            books_store_chain(reading->previous, &row, expected);
        if (!sound || memcmp(expected, row.hash, JOURNAL_HASH_SIZE) != 0)
            return chain_broken(store, reading->next, why);
        memcpy(reading->previous, row.hash, JOURNAL_HASH_SIZE);
        reading->next++;
        enum result result = reading->on_row(reading->context, &row, why);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

enum result books_store_read(struct books_store *store, uint64_t from, uint64_t limit, books_on_row *on_row,
                             void *context, struct failure *why) {
    struct reading reading = {.next = from ? from : 1, .limit = limit, .on_row = on_row, .context = context};
    if (reading.next > store->head)
        return RESULT_OK;
    enum result result = hash_of(store, reading.next - 1, reading.previous, why);
    if (result != RESULT_OK)
        return result;
    sqlite3_stmt *statement = store->statements[BOOKS_READ];
    int code = sqlite3_bind_int64(statement, 1, (sqlite3_int64)reading.next);
    result = code == SQLITE_OK ? read_rows(store, statement, &reading, why)
                               : books_store_failure(store, code, "read a decision", why);
    sqlite3_reset(statement);
    return result;
}

uint64_t books_store_head(const struct books_store *store) {
    return store->head;
}
