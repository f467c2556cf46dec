/* audit_store.c - rows of audit.db: charges, invoices, payments, and up to where (audit_store.h). */
#include "audit_store_file.h"

#include "statement.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JAKARTA_S (7 * 3600) /* UTC+7 all year */
#define TIME_TEXT 32
#define HASH_TEXT (2 * JOURNAL_HASH_SIZE + 1)

enum result audit_store_failed(struct audit_store *store, const char *doing, struct failure *why) {
    int code = store->database ? sqlite3_errcode(store->database) & 0xff : SQLITE_CANTOPEN;
    const char *reason = store->database ? sqlite3_errmsg(store->database) : "out of memory";
    if (code == SQLITE_FULL)
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk of %s is full: can't %s; make room.",
                    store->path, doing);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return fail(why, RESULT_CORRUPT, "AUDIT_DAMAGED",
                    "%s is damaged: can't %s (%s). Remove the file: it is made anew from the journals.",
                    store->path, doing, reason);
    if (code == SQLITE_CONSTRAINT)
        return fail(
            why, RESULT_CORRUPT, "AUDIT_TWICE",
            "%.120s has this row already: can't %s (%.50s). Make it anew: `billing projector --anew yes`; "
            "where this comes again, the journals charge somebody twice: run `cakupan verify`.",
            store->path, doing, reason);
    return fail(why, RESULT_IO, "AUDIT_IO", "Can't %s in %s: %s; check the disk.", doing, store->path,
                reason);
}

static enum result open_store(struct audit_store **out, const char *path, bool anew, struct failure *why) {
    struct audit_store *store = calloc(1, sizeof *store);
    if (!store)
        abort();
    store->lock_fd = -1;
    *out = NULL;
    enum result result = RESULT_INVALID;
    if (snprintf(store->path, sizeof store->path, "%s", path) >= (int)sizeof store->path)
        result = fail(why, result, "PATH_LONG", "The path %.200s... is too long.", path);
    else
        result = audit_store_open_file(store, anew, why);
    if (result == RESULT_OK)
        *out = store;
    else
        audit_store_close(&store);
    return result;
}

enum result audit_store_open(struct audit_store **out, const char *path, struct failure *why) {
    return open_store(out, path, false, why);
}

enum result audit_store_open_anew(struct audit_store **out, const char *path, struct failure *why) {
    return open_store(out, path, true, why);
}

void audit_store_close(struct audit_store **store) {
    if (!store || !*store)
        return;
    for (unsigned i = 0; i < AUDIT_STATEMENT_COUNT; i++)
        sqlite3_finalize((*store)->statements[i]);
    sqlite3_close((*store)->database);
    if ((*store)->lock_fd >= 0)
        close((*store)->lock_fd);
    free(*store);
    *store = NULL;
}

static bool begin(struct audit_store *store) {
    return !sqlite3_get_autocommit(store->database) || statement_finish(store->statements[AUDIT_BEGIN]);
}

/* After a failed write nothing of its transaction may be committed by a later one. */
static enum result give_up(struct audit_store *store, const char *doing, struct failure *why) {
    enum result result = audit_store_failed(store, doing, why);
    if (!sqlite3_get_autocommit(store->database))
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    return result;
}

static void bind_text(sqlite3_stmt *row, int column, const char *text) {
    sqlite3_bind_text(row, column, text, -1, SQLITE_STATIC);
}

static void bind_month(sqlite3_stmt *row, int column, month_t month) {
    char text[CALENDAR_TEXT];
    calendar_format_month(month, text);
    sqlite3_bind_text(row, column, text, -1, SQLITE_TRANSIENT);
}

static void bind_day(sqlite3_stmt *row, int column, day_t day) {
    char text[CALENDAR_TEXT];
    calendar_format(day, text);
    if (day != DAY_NONE) /* else NULL */
        sqlite3_bind_text(row, column, text, -1, SQLITE_TRANSIENT);
}

enum result audit_store_trail(struct audit_store *store, int partition, uint64_t before,
                              struct audit_progress *out, struct failure *why) {
    sqlite3_stmt *row = store->statements[AUDIT_BEFORE];
    *out = (struct audit_progress){0};
    sqlite3_bind_int(row, 1, partition);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)before);
    int code = sqlite3_step(row);
    bool sound = code == SQLITE_DONE || sqlite3_column_bytes(row, 2) == JOURNAL_HASH_SIZE;
    if (code == SQLITE_ROW && sound) {
        out->entry = (uint64_t)sqlite3_column_int64(row, 0);
        out->offset = (uint64_t)sqlite3_column_int64(row, 1);
        memcpy(out->hash, sqlite3_column_blob(row, 2), JOURNAL_HASH_SIZE);
    }
    enum result result = RESULT_OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        result = audit_store_failed(store, "read how far it is", why);
    else if (!sound)
        result = fail(why, RESULT_CORRUPT, "AUDIT_DAMAGED",
                      "%s has a hash that is none. Remove the file: it is made anew from the journals.",
                      store->path);
    sqlite3_reset(row);
    return result;
}

enum result audit_store_progress(struct audit_store *store, int partition, struct audit_progress *out,
                                 struct failure *why) {
    return audit_store_trail(store, partition, INT64_MAX, out, why);
}

enum result audit_store_charge(struct audit_store *store, uint32_t partition, uint64_t entry,
                               const struct charge *charge, struct failure *why) {
    sqlite3_stmt *row = store->statements[AUDIT_CHARGE];
    bool done = begin(store);
    sqlite3_bind_int64(row, 1, charge->member_id);
    bind_month(row, 2, charge->month);
    bind_text(row, 3, payer_name((enum payer)charge->payer));
    bind_text(row, 4, charge_cause_name((enum charge_cause)charge->cause));
    sqlite3_bind_int64(row, 5, (sqlite3_int64)charge->cause_offset);
    bind_month(row, 6, charge->invoice_month);
    bind_text(row, 7, segment_name((enum segment)charge->segment));
    sqlite3_bind_int(row, 8, charge->care_class);
    sqlite3_bind_int(row, 9, charge->vulnerable);
    sqlite3_bind_int64(row, 10, charge->kecamatan);
    sqlite3_bind_int64(row, 11, charge->amount_rupiah);
    sqlite3_bind_int64(row, 12, partition);
    sqlite3_bind_int64(row, 13, (sqlite3_int64)entry);
    done = done && statement_finish(row);
    return done ? RESULT_OK : give_up(store, "add a charge", why);
}

/* "2026-12-25T10:00:00+07:00" */
static void format_time(int64_t time_ms, char out[TIME_TEXT]) {
    time_t seconds = (time_t)(time_ms / 1000 + JAKARTA_S);
    struct tm civil;
    gmtime_r(&seconds, &civil);
    strftime(out, TIME_TEXT, "%Y-%m-%dT%H:%M:%S+07:00", &civil);
}

static void format_hash(const uint8_t hash[JOURNAL_HASH_SIZE], char out[HASH_TEXT]) {
    for (size_t i = 0; i < JOURNAL_HASH_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

/* One line of an invoice's JSON (cakupan/invoice.h). */
struct invoice_line {
    const char *payer, *segment, *budget_line; /* NULL: not the city's */
    json_int_t care_class, kecamatan, people, amount_rupiah, corrections, corrections_rupiah;
};

static bool read_line(json_t *json, struct invoice_line *line) {
    line->budget_line = json_string_value(json_object_get(json, "budget_line"));
    json_t *care_class = json_object_get(json, "class");
    line->care_class = json_integer_value(care_class);
    return json_is_integer(care_class) &&
           json_unpack(json, "{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "payer", &line->payer, "segment",
                       &line->segment, "kecamatan", &line->kecamatan, "people", &line->people,
                       "amount_rupiah", &line->amount_rupiah, "corrections", &line->corrections,
                       "corrections_rupiah", &line->corrections_rupiah) == 0;
}

static bool add_line(struct audit_store *store, const struct decision *decision,
                     const struct invoice_line *line) {
    sqlite3_stmt *row = store->statements[AUDIT_INVOICE];
    char closed_at[TIME_TEXT], hash[HASH_TEXT];
    format_time(decision->time_ms, closed_at);
    format_hash(decision->invoice_hash, hash);
    bind_month(row, 1, decision->month);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)decision->offset);
    bind_text(row, 3, closed_at);
    bind_day(row, 4, decision->due_day);
    bind_text(row, 5, line->payer);
    bind_text(row, 6, line->segment);
    sqlite3_bind_int64(row, 7, line->care_class);
    sqlite3_bind_int64(row, 8, line->kecamatan);
    bind_text(row, 9, line->budget_line);
    sqlite3_bind_int64(row, 10, line->people);
    sqlite3_bind_int64(row, 11, line->amount_rupiah);
    sqlite3_bind_int64(row, 12, line->corrections);
    sqlite3_bind_int64(row, 13, line->corrections_rupiah);
    sqlite3_bind_int64(row, 14, (sqlite3_int64)decision->sequence);
    bind_text(row, 15, hash);
    return statement_finish(row);
}

static enum result add_invoice(struct audit_store *store, const struct decision *decision,
                               struct failure *why) {
    json_t *invoice = json_loadb((const char *)decision->bytes, decision->size, JSON_REJECT_DUPLICATES, NULL);
    json_t *lines = json_object_get(invoice, "lines");
    bool readable = json_is_array(lines), done = begin(store);
    struct invoice_line line;
    for (size_t i = 0; readable && done && i < json_array_size(lines); i++) {
        readable = read_line(json_array_get(lines, i), &line);
        done = !readable || add_line(store, decision, &line);
    }
    json_decref(invoice);
    if (!done)
        return give_up(store, "add an invoice", why);
    if (readable)
        return RESULT_OK;
    char month[CALENDAR_TEXT];
    calendar_format_month(decision->month, month);
    sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    return fail(why, RESULT_CORRUPT, "INVOICE_UNREADABLE",
                "The invoice of %s (decision %" PRIu64 ") is not in the form of an invoice: run `cakupan "
                "verify`.",
                month, decision->sequence);
}

static enum result add_payment(struct audit_store *store, const struct decision *decision,
                               struct failure *why) {
    sqlite3_stmt *row = store->statements[AUDIT_PAYMENT];
    bool done = begin(store), reversal = decision->kind == DECISION_PAYMENT_REVERSED;
    for (unsigned payer = 1; payer < PAYER_COUNT && done; payer++) {
        if (decision->amount_rupiah[payer] == 0)
            continue;
        bind_text(row, 1, decision->sp2d);
        bind_month(row, 2, decision->month);
        bind_day(row, 3, reversal ? decision->day : decision->due_day);
        bind_text(row, 4, payer_name((enum payer)payer));
        sqlite3_bind_int64(row, 5, decision->amount_rupiah[payer]);
        const char *author = decision->author.size ? decision->author.data : "";
        sqlite3_bind_text(row, 6, author, decision->author.size, SQLITE_STATIC);
        sqlite3_bind_int64(row, 7, (sqlite3_int64)decision->sequence);
        if (reversal) { /* NULL in the rows of payments */
            sqlite3_bind_int64(row, 8, (sqlite3_int64)decision->reverses);
            sqlite3_bind_text(row, 9, decision->reason.data, decision->reason.size, SQLITE_STATIC);
        }
        done = statement_finish(row);
    }
    return done ? RESULT_OK : give_up(store, "add a payment", why);
}

enum result audit_store_decision(struct audit_store *store, const struct decision *decision,
                                 struct failure *why) {
    if (decision->kind == DECISION_INVOICE)
        return add_invoice(store, decision, why);
    if (decision->kind == DECISION_PAYMENT || decision->kind == DECISION_PAYMENT_REVERSED)
        return add_payment(store, decision, why);
    return RESULT_OK;
}

enum result audit_store_commit(struct audit_store *store, int partition,
                               const struct audit_progress *progress, struct failure *why) {
    sqlite3_stmt *row = store->statements[AUDIT_TRAIL];
    bool done = begin(store);
    sqlite3_bind_int(row, 1, partition);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)progress->entry);
    sqlite3_bind_blob(row, 3, progress->hash, sizeof progress->hash, SQLITE_STATIC);
    sqlite3_bind_int64(row, 4, (sqlite3_int64)progress->offset);
    done = done && statement_finish(row) && statement_finish(store->statements[AUDIT_COMMIT]);
    return done ? RESULT_OK : give_up(store, "commit", why);
}

enum result audit_store_undo(struct audit_store *store, struct failure *why) {
    bool open = !sqlite3_get_autocommit(store->database);
    bool done = !open || sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK;
    return done ? RESULT_OK : audit_store_failed(store, "undo", why);
}

static bool delete_after(struct audit_store *store, enum audit_statement which, uint32_t partition,
                         uint64_t entry) {
    sqlite3_stmt *row = store->statements[which];
    sqlite3_bind_int64(row, 1, partition);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)entry);
    return statement_finish(row);
}

enum result audit_store_back(struct audit_store *store, uint32_t partition, const struct audit_progress *to,
                             struct failure *why) {
    bool done = begin(store) && delete_after(store, AUDIT_BACK_CHARGES, partition, to->entry) &&
                delete_after(store, AUDIT_BACK_TRAIL, partition, to->entry) &&
                statement_finish(store->statements[AUDIT_COMMIT]);
    return done ? RESULT_OK : give_up(store, "take void entries out", why);
}
