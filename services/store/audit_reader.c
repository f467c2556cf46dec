/* audit_reader.c - reads audit.db as it stood at one moment (audit_reader.h). */
#include "audit_reader.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audit_reader {
    sqlite3 *database;
    char path[512];
};

static enum result damaged(const struct audit_reader *reader, const char *reason, struct failure *why) {
    return fail(why, RESULT_CORRUPT, "AUDIT_DAMAGED",
                "%.200s can't be read: %.60s. Removed while the city is down, it is made anew.", reader->path,
                reason);
}

enum result audit_reader_open(struct audit_reader **out, const char *path, struct failure *why) {
    *out = NULL;
    if (access(path, F_OK) != 0)
        return fail(why, RESULT_NOT_FOUND, "AUDIT_NONE", "There is no %.200s.", path);
    struct audit_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        abort();
    snprintf(reader->path, sizeof reader->path, "%s", path);
    int code = sqlite3_open_v2(path, &reader->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_busy_timeout(reader->database, 5000);
    if (code == SQLITE_OK) /* the transaction begins with its first look */
        code = sqlite3_exec(reader->database, "BEGIN; SELECT count(*) FROM progress", NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        *out = reader;
        return RESULT_OK;
    }
    enum result result = damaged(reader, sqlite3_errmsg(reader->database), why);
    audit_reader_close(&reader);
    return result;
}

void audit_reader_close(struct audit_reader **reader) {
    if (!*reader)
        return;
    sqlite3_close((*reader)->database);
    free(*reader);
    *reader = NULL;
}

/* Takes a row; false: it is none. */
typedef bool take_row(void *taking, sqlite3_stmt *row);

static enum result read_rows(struct audit_reader *reader, const char *sql, take_row *take, void *taking,
                             struct failure *why) {
    sqlite3_stmt *row = NULL;
    bool sound = true;
    int code = sqlite3_prepare_v2(reader->database, sql, -1, &row, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(row);
        if (code == SQLITE_ROW && !(sound = take(taking, row)))
            break;
    }
    enum result result = RESULT_OK;
    if (!sound)
        result = damaged(reader, "a row has a name or a month that is none", why);
    else if (code != SQLITE_DONE)
        result = damaged(reader, sqlite3_errmsg(reader->database), why);
    sqlite3_finalize(row);
    return result;
}

static const char *text_of(sqlite3_stmt *row, int column) {
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

static bool month_of(sqlite3_stmt *row, int column, month_t *out) {
    const char *text = text_of(row, column);
    return calendar_parse_month(text, strlen(text), out);
}

static bool take_progress(void *taking, sqlite3_stmt *row) {
    struct audit_progress *out = taking;
    if (sqlite3_column_bytes(row, 2) != JOURNAL_HASH_SIZE)
        return false;
    out->entry = (uint64_t)sqlite3_column_int64(row, 0);
    out->offset = (uint64_t)sqlite3_column_int64(row, 1);
    memcpy(out->hash, sqlite3_column_blob(row, 2), JOURNAL_HASH_SIZE);
    return true;
}

enum result audit_reader_progress(struct audit_reader *reader, int partition, struct audit_progress *out,
                                  struct failure *why) {
    char sql[128];
    *out = (struct audit_progress){0};
    snprintf(sql, sizeof sql, "SELECT entry, record_offset, hash FROM progress WHERE partition = %d",
             partition);
    return read_rows(reader, sql, take_progress, out, why);
}

static uint8_t cause_of(const char *name) {
    for (unsigned cause = 1; cause < CHARGE_CAUSE_COUNT; cause++)
        if (strcmp(charge_cause_name((enum charge_cause)cause), name) == 0)
            return (uint8_t)cause;
    return 0;
}

struct charge_taking {
    audit_on_charge *on_charge;
    void *context;
};

static bool take_charge(void *context, sqlite3_stmt *row) {
    struct charge_taking *taking = context;
    struct charge charge = {.member_id = (uint32_t)sqlite3_column_int64(row, 0),
                            .payer = (uint8_t)payer_from_name(text_of(row, 2)),
                            .cause = cause_of(text_of(row, 3)),
                            .cause_offset = (uint64_t)sqlite3_column_int64(row, 4),
                            .segment = (uint8_t)segment_from_name(text_of(row, 6)),
                            .care_class = (uint8_t)sqlite3_column_int(row, 7),
                            .vulnerable = sqlite3_column_int(row, 8) != 0,
                            .kecamatan = (uint32_t)sqlite3_column_int64(row, 9),
                            .amount_rupiah = sqlite3_column_int64(row, 10)};
    if (!month_of(row, 1, &charge.month) || !month_of(row, 5, &charge.invoice_month) ||
        charge.payer == PAYER_NONE || charge.cause == 0)
        return false;
    taking->on_charge(taking->context, &charge);
    return true;
}

enum result audit_reader_charges(struct audit_reader *reader, audit_on_charge *on_charge, void *context,
                                 struct failure *why) {
    struct charge_taking taking = {on_charge, context};
    return read_rows(reader,
                     "SELECT member_id, month, payer, cause, cause_offset, invoice_month, segment, class,"
                     " vulnerable, kecamatan, amount_rupiah FROM charges",
                     take_charge, &taking, why);
}

struct sum_taking {
    audit_on_sum *on_sum;
    void *context;
};

static bool take_sum(void *context, sqlite3_stmt *row) {
    struct sum_taking *taking = context;
    struct audit_sum sum = {.rows = (uint64_t)sqlite3_column_int64(row, 1),
                            .as_of_offset = (uint64_t)sqlite3_column_int64(row, 2),
                            .people = sqlite3_column_int64(row, 3),
                            .amount_rupiah = sqlite3_column_int64(row, 4),
                            .corrections = sqlite3_column_int64(row, 5),
                            .corrections_rupiah = sqlite3_column_int64(row, 6)};
    snprintf(sum.invoice_hash, sizeof sum.invoice_hash, "%s", text_of(row, 7));
    if (!month_of(row, 0, &sum.month))
        return false;
    taking->on_sum(taking->context, &sum);
    return true;
}

enum result audit_reader_invoices(struct audit_reader *reader, audit_on_sum *on_sum, void *context,
                                  struct failure *why) {
    struct sum_taking taking = {on_sum, context};
    return read_rows(reader,
                     "SELECT month, count(*), max(as_of_offset), sum(people), sum(amount_rupiah),"
                     " sum(corrections), sum(corrections_rupiah),"
                     " iif(min(invoice_hash) = max(invoice_hash), min(invoice_hash), '')"
                     " FROM invoices GROUP BY month",
                     take_sum, &taking, why);
}

enum result audit_reader_payments(struct audit_reader *reader, audit_on_sum *on_sum, void *context,
                                  struct failure *why) {
    struct sum_taking taking = {on_sum, context};
    return read_rows(
        reader, "SELECT month, count(*), 0, 0, sum(amount_rupiah), 0, 0, '' FROM payments GROUP BY month",
        take_sum, &taking, why);
}
