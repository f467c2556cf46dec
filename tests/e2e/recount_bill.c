/* recount_bill.c - the judge of a year's invoices: the events of a stopped instance's journal into SQL
 * tables, recount_bill.sql over them, and its lines against those of audit.db.
 *
 * Prints "MONTH RUPIAH" per closed month: what the city owes by the recount, corrections included. Ends with
 * 1 where a line differs, and says which. It reads the journal, the cities' tariffs, and of billing only
 * audit.db.
 * usage: e2e_recount_bill JOURNAL AUDIT_DB SQL CITY [FROM_MONTH CITY]...
 * The second city's tariff is in force at closes from that month on, and so forth.
 */
#include "cakupan/ledger.h"
#include "store/city.h"
#include "store/city_tariff.h"
#include "store/journal_sqlite.h"
#include "wire/arena.h"
#include "wire/wire_record.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_MONTH 9999

static sqlite3 *database;
static struct city city;

static void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

static void run(const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        die("recount: %s", sqlite3_errmsg(database));
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        die("recount: %s", sqlite3_errmsg(database));
    return statement;
}

static void insert(sqlite3_stmt *row) {
    if (sqlite3_step(row) != SQLITE_DONE)
        die("recount: %s", sqlite3_errmsg(database));
    sqlite3_reset(row);
}

static void bind_name(sqlite3_stmt *row, int column, const char *name) {
    sqlite3_bind_text(row, column, name, -1, SQLITE_STATIC);
}

static void add_event(sqlite3_stmt *row, const struct record *record) {
    const struct member *after = &record->after;
    bool inside = region_index(&city.regions, after->kelurahan) != REGION_NOWHERE;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)record->offset);
    bind_name(row, 2, change_name((enum change)record->kind));
    sqlite3_bind_int64(row, 3, record->member_id);
    sqlite3_bind_int(row, 4, !record->has_before);
    sqlite3_bind_int(row, 5, calendar_month(record->effective_day));
    sqlite3_bind_int(row, 6, after->payer_month);
    bind_name(row, 7, segment_name((enum segment)after->segment));
    sqlite3_bind_int(row, 8, after->care_class);
    sqlite3_bind_int64(row, 9, after->wage_rupiah);
    sqlite3_bind_int64(row, 10, inside ? after->kelurahan / 10000 : 0);
    bind_name(row, 11, status_name((enum status)after->status));
    sqlite3_bind_int(row, 12, (after->flags & MEMBER_DISPUTED) != 0);
    insert(row);
}

/* The first month is that of the journal's first day. */
static void read_journal(const char *path) {
    struct journal *journal;
    struct journal_batch batch;
    struct failure why;
    struct arena arena;
    uint64_t next = 1;
    if (journal_sqlite_open(&journal, path, &why) != RESULT_OK)
        die("%s: %s", why.code, why.sentence);
    arena_init(&arena, 1u << 20);
    sqlite3_stmt *row = prepare("INSERT INTO event VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    run("BEGIN");
    while (journal->operations->read(journal, next, &batch, &why) == RESULT_OK) {
        struct wire_record_entry entry;
        size_t position = 0;
        if (next == 1) {
            char sql[80];
            snprintf(sql, sizeof sql, "INSERT INTO state VALUES(%u)", calendar_month(batch.header.day));
            run(sql);
        }
        while (wire_record_next(batch.records, batch.size, &position, &entry) == RESULT_OK) {
            struct record record;
            arena_reset(&arena);
            if (wire_record_decode(entry.data, entry.size, &arena, &record) != RESULT_OK)
                die("recount: record %" PRIu64 " can't be decoded", entry.offset);
            if (record.refusal == REFUSAL_NONE && record.member_id != 0 && record.has_after)
                add_event(row, &record);
            next = record.offset + 1;
        }
    }
    run("COMMIT");
    sqlite3_finalize(row);
    arena_free(&arena);
    journal->operations->close(&journal);
}

/* A row holds in months whose first day it holds on. */
static void add_tariff(int number, const char *directory) {
    struct tariff tariff;
    struct failure why;
    if (tariff_load(&tariff, directory, &why) != RESULT_OK)
        die("%s: %s", why.code, why.sentence);
    sqlite3_stmt *row = prepare("INSERT INTO tariff VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (uint16_t i = 0; i < tariff.count; i++) {
        const struct tariff_row *from = &tariff.rows[i];
        int first = from->valid_from == DAY_NONE ? 0 : calendar_month((day_t)(from->valid_from - 1)) + 1;
        int last = from->valid_to == DAY_NONE ? LAST_MONTH : calendar_month(from->valid_to);
        for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
            sqlite3_bind_int(row, 1, number);
            bind_name(row, 2, segment_name((enum segment)from->segment));
            sqlite3_bind_int(row, 3, from->care_class);
            sqlite3_bind_int(row, 4, first);
            sqlite3_bind_int(row, 5, last);
            sqlite3_bind_int(row, 6, from->per_mille);
            sqlite3_bind_int64(row, 7, from->wage_floor_rupiah);
            sqlite3_bind_int64(row, 8, from->wage_cap_rupiah);
            bind_name(row, 9, payer_name((enum payer)payer));
            sqlite3_bind_int64(row, 10, from->share[payer]);
            insert(row);
        }
    }
    sqlite3_finalize(row);
}

/* 'YYYY-MM' as a number that counts on, in SQL. */
static void month_number(sqlite3_context *context, int count, sqlite3_value **values) {
    const char *text = (const char *)sqlite3_value_text(values[0]);
    month_t month;
    (void)count;
    if (!text || !calendar_parse_month(text, strlen(text), &month))
        die("recount: '%s' is no month", text ? text : "");
    sqlite3_result_int(context, month);
}

static void month_text(sqlite3_context *context, int count, sqlite3_value **values) {
    char text[CALENDAR_TEXT];
    (void)count;
    calendar_format_month((month_t)sqlite3_value_int(values[0]), text);
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static void run_file(const char *path) {
    static char sql[1 << 16];
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(sql, 1, sizeof sql - 1, file) : 0;
    if (size == 0)
        die("recount: %s can't be read", path);
    fclose(file);
    run(sql);
}

static void open_tables(const char *audit) {
    char sql[600];
    if (sqlite3_open(":memory:", &database) != SQLITE_OK)
        die("recount: no memory");
    sqlite3_create_function(database, "month_number", 1, SQLITE_UTF8, NULL, month_number, NULL, NULL);
    sqlite3_create_function(database, "month_text", 1, SQLITE_UTF8, NULL, month_text, NULL, NULL);
    run("CREATE TABLE event(at INTEGER PRIMARY KEY, kind, member, newcomer, day_month, payer_month, segment,"
        " class, wage, kecamatan, status, disputed);"
        "CREATE TABLE tariff(tariff, segment, class, first_month, last_month, per_mille, floor, cap, payer,"
        " share);"
        "CREATE TABLE close(month INTEGER PRIMARY KEY, at, tariff); CREATE TABLE state(first_month);");
    snprintf(sql, sizeof sql, "ATTACH '%s' AS audit", audit);
    run(sql);
    run("INSERT INTO close SELECT month_number(month), max(as_of_offset), 0 FROM audit.invoices GROUP BY "
        "month");
}

/* Prints each row of a query as a line; returns how many. */
static int print_rows(FILE *out, const char *sql) {
    sqlite3_stmt *row = prepare(sql);
    int count = 0;
    for (; sqlite3_step(row) == SQLITE_ROW; count++) {
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            const unsigned char *text = sqlite3_column_text(row, i);
            fprintf(out, "%s%s", i ? " " : "", text ? (const char *)text : "-");
        }
        fputc('\n', out);
    }
    sqlite3_finalize(row);
    return count;
}

#define OURS                                                                                                 \
    "SELECT month_number(month) AS month, payer, segment, class, kecamatan, people, amount_rupiah,"          \
    " corrections_rupiah FROM audit.invoices WHERE people <> 0 OR amount_rupiah <> 0 OR"                     \
    " corrections_rupiah <> 0"
#define COLUMNS "payer, segment, class, kecamatan, people, amount_rupiah, corrections_rupiah"
/* Sums of the charges that say they are in an invoice. */
#define CHARGED                                                                                              \
    "SELECT invoice_month AS month, payer, segment, class, kecamatan, sum(cause = 'MONTH') AS people,"       \
    " sum(iif(cause = 'MONTH', amount_rupiah, 0)) AS amount, sum(cause <> 'MONTH') AS corrections,"          \
    " sum(iif(cause <> 'MONTH', amount_rupiah, 0)) AS corrected FROM audit.charges"                          \
    " WHERE invoice_month IN (SELECT month FROM audit.invoices) GROUP BY 1, 2, 3, 4, 5"
#define INVOICED                                                                                             \
    "SELECT month, payer, segment, class, kecamatan, people, amount_rupiah, corrections,"                    \
    " corrections_rupiah FROM audit.invoices"

static int compare(void) {
    int faults = 0;
    faults += print_rows(stderr, "SELECT 'recount', month_text(month), " COLUMNS
                                 " FROM (SELECT month, " COLUMNS " FROM expected EXCEPT " OURS ") LIMIT 20");
    faults += print_rows(stderr, "SELECT 'invoice', month_text(month), " COLUMNS " FROM (" OURS
                                 " EXCEPT SELECT month, " COLUMNS " FROM expected) LIMIT 20");
    faults += print_rows(stderr, "SELECT 'charges', * FROM (" CHARGED " EXCEPT " INVOICED ") LIMIT 20");
    faults +=
        print_rows(stderr, "SELECT 'without charges', * FROM (" INVOICED " EXCEPT " CHARGED ") LIMIT 20");
    faults += print_rows(stderr, "SELECT 'two sides differ', entry FROM audit.postings GROUP BY partition,"
                                 " entry HAVING sum(debit_rupiah) <> sum(credit_rupiah)");
    faults += print_rows(stderr, "SELECT 'no event of that member caused the charge', * FROM audit.charges c"
                                 " WHERE cause <> 'TARIFF' AND NOT EXISTS (SELECT 1 FROM event e WHERE"
                                 " e.at = c.cause_offset AND e.member = c.member_id) LIMIT 20");
    return faults;
}

int main(int argc, char **argv) {
    struct failure why;
    if (argc < 5 || argc % 2 == 0)
        die("usage: e2e_recount_bill JOURNAL AUDIT_DB SQL CITY [FROM_MONTH CITY]...");
    if (city_load(&city, argv[4], &why) != RESULT_OK)
        die("%s: %s", why.code, why.sentence);
    open_tables(argv[2]);
    read_journal(argv[1]);
    add_tariff(0, argv[4]);
    for (int i = 5; i + 1 < argc; i += 2) {
        char *sql =
            sqlite3_mprintf("UPDATE close SET tariff = %d WHERE month >= month_number(%Q)", i, argv[i]);
        add_tariff(i, argv[i + 1]);
        run(sql);
        sqlite3_free(sql);
    }
    run_file(argv[3]);
    int faults = compare();
    int closed = print_rows(stdout, "SELECT month_text(month), sum(iif(payer LIKE 'CITY_%', amount_rupiah +"
                                    " corrections_rupiah, 0)) FROM expected GROUP BY month ORDER BY month");
    fprintf(stderr, "%d months recounted, %d differences\n", closed, faults);
    sqlite3_close(database);
    return faults || closed == 0 ? 1 : 0;
}
