/* kader_outbox.c - the outbox in SQLite (kader_outbox.h). Opening it is in kader_outbox_open.c. */
#include "kader_outbox_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum result outbox_fail(struct outbox *outbox, const char *doing, struct failure *why) {
    int code = sqlite3_extended_errcode(outbox->database);
    const char *reason = sqlite3_errmsg(outbox->database);
    switch (code & 0xff) {
    case SQLITE_FULL:
        return fail(
            why, RESULT_FULL, "OUTBOX_FULL",
            "The disk is full: could not %s outbox %s. Nothing was changed; free space and try again.", doing,
            outbox->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(why, RESULT_CONFLICT, "OUTBOX_IN_USE",
                    "Another program has outbox %s open: an outbox belongs to one program at a time.",
                    outbox->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        outbox->broken = true;
        return fail(why, RESULT_CORRUPT, "OUTBOX_CORRUPT",
                    "Outbox %s is damaged (%s): keep the file for its operator, pair the device anew.",
                    outbox->path, reason);
    default:
        outbox->broken = true;
        return fail(
            why, RESULT_IO, "OUTBOX_ERROR",
            "Could not %s outbox %s (%s): whether it was stored is unknown. Close it and open it again.",
            doing, outbox->path, reason);
    }
}

static enum result refuse_broken(const struct outbox *outbox, struct failure *why) {
    return fail(why, RESULT_IO, "OUTBOX_BROKEN",
                "Outbox %s failed before: close it and open it again to see what was stored.", outbox->path);
}

/* Runs a prepared statement that returns no rows and makes it ready for its next use. */
static enum result run(struct outbox *outbox, sqlite3_stmt *statement, const char *doing,
                       struct failure *why) {
    int code = sqlite3_step(statement);
    enum result result = code == SQLITE_DONE ? RESULT_OK : outbox_fail(outbox, doing, why);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

static enum result begin(struct outbox *outbox, struct failure *why) {
    if (outbox->broken)
        return refuse_broken(outbox, why);
    outbox->changed = outbox->durable;
    return run(outbox, outbox->begin, "begin to write", why);
}

static void roll_back(struct outbox *outbox) {
    if (!sqlite3_get_autocommit(outbox->database) && sqlite3_step(outbox->rollback) != SQLITE_DONE)
        outbox->broken = true;
    sqlite3_reset(outbox->rollback);
    outbox->changed = outbox->durable;
    outbox->begun = false;
}

/* Ends a transaction: commits what `result` says went well, else takes it all back. */
static enum result finish(struct outbox *outbox, enum result result, struct failure *why) {
    if (result == RESULT_OK) {
        sqlite3_bind_int64(outbox->update, 1, (sqlite3_int64)outbox->changed.end);
        sqlite3_bind_int64(outbox->update, 2, outbox->changed.temporary);
        result = run(outbox, outbox->update, "write to", why);
    }
    if (result == RESULT_OK)
        result = run(outbox, outbox->commit, "write to", why);
    if (result != RESULT_OK) {
        roll_back(outbox);
        return result;
    }
    outbox->durable = outbox->changed;
    outbox->begun = false;
    return RESULT_OK;
}

static enum result insert(struct outbox *outbox, const uint8_t *event, size_t size, uint64_t *sequence,
                          struct failure *why) {
    sqlite3_bind_int64(outbox->insert, 1, (sqlite3_int64)outbox->changed.end);
    sqlite3_bind_blob64(outbox->insert, 2, event, size, SQLITE_STATIC);
    enum result result = run(outbox, outbox->insert, "write to", why);
    if (result == RESULT_OK)
        *sequence = outbox->changed.end++;
    return result;
}

enum result outbox_append(struct outbox *outbox, const uint8_t *event, size_t size, uint64_t *sequence,
                          struct failure *why) {
    if (outbox->begun) {
        enum result result = insert(outbox, event, size, sequence, why);
        if (result != RESULT_OK)
            roll_back(outbox);
        return result;
    }
    enum result result = begin(outbox, why);
    return result == RESULT_OK ? finish(outbox, insert(outbox, event, size, sequence, why), why) : result;
}

enum result outbox_temporary(struct outbox *outbox, uint32_t *counter, struct failure *why) {
    if (outbox->changed.temporary == UINT32_MAX)
        return fail(why, RESULT_FULL, "TEMPORARY_IDS_SPENT",
                    "This device has made all its temporary ids: pair it anew and begin a new outbox.");
    if (!outbox->begun) {
        enum result result = begin(outbox, why);
        if (result != RESULT_OK)
            return result;
        *counter = ++outbox->changed.temporary;
        return finish(outbox, RESULT_OK, why);
    }
    *counter = ++outbox->changed.temporary;
    return RESULT_OK;
}

enum result outbox_begin(struct outbox *outbox, struct failure *why) {
    if (outbox->begun)
        return fail(why, RESULT_CONFLICT, "BATCH_OPEN", "A batch is begun already: commit it first.");
    enum result result = begin(outbox, why);
    outbox->begun = result == RESULT_OK;
    return result;
}

enum result outbox_commit(struct outbox *outbox, struct failure *why) {
    if (!outbox->begun)
        return fail(why, RESULT_CONFLICT, "BATCH_NOT_OPEN",
                    "There is no batch to commit: none was begun, or it was taken back after a failure.");
    return finish(outbox, RESULT_OK, why);
}

bool outbox_is_begun(const struct outbox *outbox) {
    return outbox->begun;
}
uint64_t outbox_oldest(const struct outbox *outbox) {
    return outbox->oldest;
}
uint64_t outbox_end(const struct outbox *outbox) {
    return outbox->durable.end;
}

/* Copies rows while they are the next in sequence and fit. */
static int copy_rows(struct outbox *outbox, uint64_t first, uint8_t *buffer, size_t capacity,
                     struct text_bytes *events, uint32_t *loaded) {
    size_t used = 0;
    int code;
    while ((code = sqlite3_step(outbox->select)) == SQLITE_ROW) {
        size_t size = (size_t)sqlite3_column_bytes(outbox->select, 1);
        if ((uint64_t)sqlite3_column_int64(outbox->select, 0) != first + *loaded || size > capacity - used)
            return SQLITE_DONE;
        memcpy(buffer + used, sqlite3_column_blob(outbox->select, 1), size);
        events[(*loaded)++] = (struct text_bytes){buffer + used, size};
        used += size;
    }
    return code;
}

enum result outbox_read(struct outbox *outbox, uint64_t first, uint32_t count, uint8_t *buffer,
                        size_t capacity, struct text_bytes *events, uint32_t *loaded, struct failure *why) {
    *loaded = 0;
    if (outbox->broken)
        return refuse_broken(outbox, why);
    sqlite3_bind_int64(outbox->select, 1, (sqlite3_int64)first);
    sqlite3_bind_int64(outbox->select, 2, count);
    int code = copy_rows(outbox, first, buffer, capacity, events, loaded);
    enum result result = code == SQLITE_DONE ? RESULT_OK : outbox_fail(outbox, "read", why);
    sqlite3_reset(outbox->select);
    if (result == RESULT_OK && *loaded == 0) {
        outbox->broken = true;
        return fail(why, RESULT_CORRUPT, "OUTBOX_CORRUPT",
                    "Outbox %s has no event %" PRIu64
                    ", which it should hold: keep the file for its operator.",
                    outbox->path, first);
    }
    return result;
}

enum result outbox_forget(struct outbox *outbox, uint64_t sequence, struct failure *why) {
    enum result result = begin(outbox, why);
    if (result != RESULT_OK)
        return result;
    sqlite3_bind_int64(outbox->forget, 1, (sqlite3_int64)sequence);
    result = finish(outbox, run(outbox, outbox->forget, "write to", why), why);
    if (result == RESULT_OK)
        outbox->oldest = sequence;
    return result;
}
