/* journal_sqlite.c - the journal in SQLite: append, read and the look-ups (see journal_sqlite.h).
 *
 * One transaction per append, one fdatasync of the WAL per transaction. What a checkpoint costs is paid in
 * `idle`, or in `append` where nothing was ever idle and the WAL has grown over its bound. The file is
 * opened, checked and created in journal_sqlite_open.c.
 */
#include "journal_sqlite_file.h"

#include <stdlib.h>
#include <string.h>

/* Append makes a checkpoint itself when one is worth it: after this many bytes of records, few enough to hold
 * one commit up for less than 10 ms, or when the log is full (journal_sqlite_file.h). Lone events fill it
 * with the same few pages again and again, which are then copied once for a thousand commits. */
#define CHECKPOINT_BYTES (3u << 20)

static struct journal_file *file_of(struct journal *journal) {
    struct journal_file *file = (struct journal_file *)journal;
    /* What the last read lent to its caller ends here; its result was looked at then. */
    sqlite3_reset(file->statements[STATEMENT_READ]);
    return file;
}

/* Runs a statement that returns no rows; leaves it ready for the next time. */
static int run(struct journal_file *file, enum journal_statement which) {
    sqlite3_stmt *statement = file->statements[which];
    int code = sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    return code == SQLITE_DONE ? reset : code;
}

static int insert_batch(struct journal_file *file, const struct journal_batch *batch) {
    sqlite3_stmt *statement = file->statements[STATEMENT_INSERT_BATCH];
    int code = sqlite3_bind_int64(statement, 1, (sqlite3_int64)batch->header.first_offset);
    code |= sqlite3_bind_int64(statement, 2, batch->header.count);
    code |= sqlite3_bind_int64(statement, 3, batch->header.time_ms);
    code |= sqlite3_bind_int64(statement, 4, batch->header.day);
    code |= sqlite3_bind_blob(statement, 5, batch->hash, JOURNAL_HASH_SIZE, SQLITE_STATIC);
    code |= sqlite3_bind_blob64(statement, 6, batch->records, batch->size, SQLITE_STATIC);
    code = code == SQLITE_OK ? run(file, STATEMENT_INSERT_BATCH) : SQLITE_MISUSE;
    sqlite3_clear_bindings(statement); /* the caller's memory is not ours after this call */
    return code;
}

/* One row for what follows on: a device's frames that met in one batch are one run. */
static int insert_runs(struct journal_file *file, uint64_t first_offset, const struct journal_run *runs,
                       size_t run_count) {
    sqlite3_stmt *statement = file->statements[STATEMENT_INSERT_RUN];
    for (size_t index = 0; index < run_count;) {
        struct journal_run merged = runs[index++];
        while (index < run_count && runs[index].device == merged.device &&
               runs[index].first_sequence == merged.first_sequence + merged.count)
            merged.count += runs[index++].count;
        int code = sqlite3_bind_int64(statement, 1, merged.device);
        code |= sqlite3_bind_int64(statement, 2, (sqlite3_int64)merged.first_sequence);
        code |= sqlite3_bind_int64(statement, 3, merged.count);
        code |= sqlite3_bind_int64(statement, 4, (sqlite3_int64)first_offset);
        code = code == SQLITE_OK ? run(file, STATEMENT_INSERT_RUN) : SQLITE_MISUSE;
        if (code != SQLITE_OK)
            return code;
    }
    return SQLITE_OK;
}

static int insert_refusals(struct journal_file *file, const struct journal_refusal *refusals,
                           size_t refusal_count) {
    sqlite3_stmt *statement = file->statements[STATEMENT_INSERT_REFUSAL];
    for (size_t index = 0; index < refusal_count; index++) {
        int code = sqlite3_bind_int64(statement, 1, (sqlite3_int64)refusals[index].offset);
        code |= sqlite3_bind_int64(statement, 2, refusals[index].device);
        code |= sqlite3_bind_int64(statement, 3, refusals[index].refusal);
        code |= sqlite3_bind_int64(statement, 4, refusals[index].kelurahan);
        code = code == SQLITE_OK ? run(file, STATEMENT_INSERT_REFUSAL) : SQLITE_MISUSE;
        if (code != SQLITE_OK)
            return code;
    }
    return SQLITE_OK;
}

static enum result check_batch(const struct journal_file *file, const struct journal_batch *batch,
                               struct failure *why) {
    uint64_t next = file->head.header.first_offset + file->head.header.count;
    if (next == 0)
        next = 1;
    if (batch->header.first_offset != next)
        return fail(
            why, RESULT_CONFLICT, "JOURNAL_OFFSET",
            "The batch begins with offset %llu and the journal goes on with %llu; start again and replay.",
            (unsigned long long)batch->header.first_offset, (unsigned long long)next);
    if (batch->header.count == 0 || batch->size == 0 || batch->size > JOURNAL_BATCH_MAX_BYTES)
        return fail(
            why, RESULT_INVALID, "JOURNAL_BATCH",
            "A batch of %u records in %zu bytes can't be stored; it needs 1 record or more in 1 to %u bytes.",
            batch->header.count, batch->size, JOURNAL_BATCH_MAX_BYTES);
    if (batch->header.time_ms < file->head.header.time_ms || batch->header.day < file->head.header.day)
        return fail(
            why, RESULT_INVALID, "JOURNAL_TIME",
            "Batch %llu is dated before the batch it follows; give it that one's time and day or later.",
            (unsigned long long)next);
    return RESULT_OK;
}

/* Undoes what could not be stored. SQLITE_FULL comes from a write that found no room, before the frame that
 * would have committed was whole (wal.c: walFrames writes that one last; only fsync comes after, whose
 * failure is an I/O error; padding frames behind it are ruled out at opening). So where the rollback
 * succeeds, nothing is there. Any other error leaves the batch's fate to what a restart finds. */
static enum result give_up(struct journal_file *file, int code, struct failure *why) {
    enum result result = journal_file_failure(file, code, "store a batch", why);
    bool rolled_back = sqlite3_get_autocommit(file->database) || run(file, STATEMENT_ROLLBACK) == SQLITE_OK;
    if ((code & 0xff) == SQLITE_FULL && rolled_back && sqlite3_get_autocommit(file->database))
        return result;
    file->broken = true;
    if (why)
        why->result = RESULT_IO;
    return RESULT_IO;
}

static enum result checkpoint(struct journal_file *file, struct failure *why) {
    int code = sqlite3_wal_checkpoint_v2(file->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) {
        file->wal_pages = 0;
        file->log_bytes = 0;
        file->checkpoint.result = RESULT_OK;
        return RESULT_OK;
    }
    enum result result = journal_file_failure(file, code, "move the log into the journal", &file->checkpoint);
    if (why)
        *why = file->checkpoint;
    return result;
}

/* Whether a batch may be written at all. A log that can't be moved into the journal would grow without end,
 * and with it the next start: who appends is told, before anything is written. A full disk alone is no such
 * reason: it may get room, and where it does not, the log says so itself. */
static enum result check_file(const struct journal_file *file, struct failure *why) {
    if (file->broken)
        return fail(why, RESULT_IO, "JOURNAL_BROKEN",
                    "An earlier write to %s failed and its outcome is unknown; start again and replay.",
                    file->path);
    if (file->checkpoint.result == RESULT_OK || file->checkpoint.result == RESULT_FULL)
        return RESULT_OK;
    return fail(why, RESULT_IO, file->checkpoint.code, "%s", file->checkpoint.sentence);
}

static enum result append(struct journal *journal, struct journal_batch *batch,
                          const struct journal_run *runs, size_t run_count,
                          const struct journal_refusal *refusals, size_t refusal_count, struct failure *why) {
    struct journal_file *file = file_of(journal);
    enum result result = check_file(file, why);
    if (result == RESULT_OK)
        result = check_batch(file, batch, why);
    if (result != RESULT_OK)
        return result;
    journal_hash(file->head.hash, &batch->header, batch->records, batch->size, batch->hash);
    int code = run(file, STATEMENT_BEGIN);
    if (code == SQLITE_OK)
        code = insert_batch(file, batch);
    if (code == SQLITE_OK)
        code = insert_runs(file, batch->header.first_offset, runs, run_count);
    if (code == SQLITE_OK)
        code = insert_refusals(file, refusals, refusal_count);
    if (code == SQLITE_OK)
        code = run(file, STATEMENT_COMMIT);
    if (code != SQLITE_OK)
        return give_up(file, code, why);
    file->head.header = batch->header;
    memcpy(file->head.hash, batch->hash, JOURNAL_HASH_SIZE);
    /* The batch is durable: a checkpoint that fails now is told to the next append, not to who waits for
     * this answer. */
    file->log_bytes += batch->size;
    if (file->log_bytes >= CHECKPOINT_BYTES || file->wal_pages >= JOURNAL_LOG_PAGES)
        (void)!checkpoint(file, NULL);
    return RESULT_OK;
}

static enum result read_batch(struct journal *journal, uint64_t offset, struct journal_batch *batch,
                              struct failure *why) {
    struct journal_file *file = file_of(journal);
    uint64_t end = file->head.header.first_offset + file->head.header.count;
    if (offset == 0 || offset >= end)
        return fail(why, RESULT_NOT_FOUND, "OFFSET_UNKNOWN", "The journal has no offset %llu.",
                    (unsigned long long)offset);
    return journal_file_read(file, offset, batch, why);
}

static enum result find(struct journal *journal, uint32_t device, uint64_t sequence, uint64_t *first_offset,
                        struct failure *why) {
    struct journal_file *file = file_of(journal);
    sqlite3_stmt *statement = file->statements[STATEMENT_FIND];
    if (sequence > INT64_MAX)
        return fail(why, RESULT_NOT_FOUND, "SEQUENCE_UNKNOWN", "No event has a sequence so high.");
    int code = sqlite3_bind_int64(statement, 1, device);
    code |= sqlite3_bind_int64(statement, 2, (sqlite3_int64)sequence);
    code = code == SQLITE_OK ? sqlite3_step(statement) : SQLITE_MISUSE;
    bool found = false;
    if (code == SQLITE_ROW) {
        uint64_t first = (uint64_t)sqlite3_column_int64(statement, 0);
        found = sequence - first < (uint64_t)sqlite3_column_int64(statement, 1);
        *first_offset = (uint64_t)sqlite3_column_int64(statement, 2);
    }
    sqlite3_reset(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return journal_file_unread(file, code, "look up a sequence", why);
    return found ? RESULT_OK
                 : fail(why, RESULT_NOT_FOUND, "SEQUENCE_UNKNOWN", "Device %u's sequence %llu is not stored.",
                        device, (unsigned long long)sequence);
}

static enum result list_refusals(struct journal *journal, uint64_t before, uint16_t code_wanted,
                                 uint32_t device, struct journal_refusal *out, size_t capacity, size_t *count,
                                 struct failure *why) {
    struct journal_file *file = file_of(journal);
    enum journal_statement which = device        ? STATEMENT_REFUSALS_OF_DEVICE
                                   : code_wanted ? STATEMENT_REFUSALS_OF_CODE
                                                 : STATEMENT_REFUSALS;
    sqlite3_stmt *statement = file->statements[which];
    *count = 0;
    int code =
        sqlite3_bind_int64(statement, 1, before == 0 || before > INT64_MAX ? INT64_MAX : (int64_t)before);
    if (which != STATEMENT_REFUSALS)
        code |= sqlite3_bind_int64(statement, 2, code_wanted);
    if (device)
        code |= sqlite3_bind_int64(statement, 3, device);
    code = code == SQLITE_OK ? SQLITE_ROW : SQLITE_MISUSE;
    while (*count < capacity && code == SQLITE_ROW && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        out[(*count)++] = (struct journal_refusal){
            .offset = (uint64_t)sqlite3_column_int64(statement, 0),
            .device = (uint32_t)sqlite3_column_int64(statement, 1),
            .refusal = (uint16_t)sqlite3_column_int64(statement, 2),
            .kelurahan = (uint32_t)sqlite3_column_int64(statement, 3),
        };
    }
    sqlite3_reset(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return journal_file_unread(file, code, "list refusals", why);
    return RESULT_OK;
}

static enum result head(struct journal *journal, struct journal_batch *batch, struct failure *why) {
    (void)why;
    *batch = file_of(journal)->head;
    return RESULT_OK;
}

static enum result idle(struct journal *journal, struct failure *why) {
    struct journal_file *file = file_of(journal);
    return file->wal_pages > 0 ? checkpoint(file, why) : RESULT_OK;
}

static void close_journal(struct journal **journal) {
    if (!*journal)
        return;
    journal_file_close(file_of(*journal));
    *journal = NULL;
}

const struct journal_operations journal_sqlite_operations = {
    .append = append,
    .read = read_batch,
    .find = find,
    .refusals = list_refusals,
    .head = head,
    .idle = idle,
    .close = close_journal,
};
