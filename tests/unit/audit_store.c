/* audit_store.c - tests of audit.db: its rows add up, say up to where, go back, and nothing stands there
 * twice. */
#include "store/audit_reader.h"
#include "store/audit_store.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
static struct audit_store *store;
static struct failure why;

static void open_store(void) {
    cr_assert_eq(audit_store_open(&store, path, &why), RESULT_OK, "%s", why.sentence);
}
static void setup(void) {
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/audit.db", directory);
    open_store();
}
static void teardown(void) {
    audit_store_close(&store);
    scratch_remove(directory);
}
TestSuite(audit_store, .init = setup, .fini = teardown);

#define MONTH calendar_month(calendar_day(2026, 12, 1))

static struct charge charge_of(uint32_t member_id, enum charge_cause cause, int64_t amount_rupiah) {
    return (struct charge){.member_id = member_id,
                           .month = MONTH,
                           .invoice_month = MONTH,
                           .payer = PAYER_CITY_IURAN,
                           .cause = (uint8_t)cause,
                           .segment = SEGMENT_PBPU_PEMDA,
                           .care_class = 3,
                           .kecamatan = 367101,
                           .amount_rupiah = amount_rupiah,
                           .cause_offset = 70 + member_id};
}

static enum result add(uint32_t partition, uint64_t entry, const struct charge *charge) {
    return audit_store_charge(store, partition, entry, charge, &why);
}

static void commit(int partition, uint64_t entry) {
    struct audit_progress progress = {.entry = entry, .offset = 100 * entry};
    memset(progress.hash, (int)entry, sizeof progress.hash);
    cr_assert_eq(audit_store_commit(store, partition, &progress, &why), RESULT_OK, "%s", why.sentence);
}

/* As an auditor asks, beside the projector: the one value of a query, as text. */
static const char *ask(const char *sql) {
    static char text[200];
    sqlite3 *database;
    sqlite3_stmt *row;
    cr_assert_eq(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(database, sql, -1, &row, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(database));
    text[0] = 0;
    if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0))
        snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    sqlite3_close(database);
    return text;
}
#define ask_eq(sql, expected) cr_assert_str_eq(ask(sql), expected, "%s: %s", sql, ask(sql))

Test(audit_store, charges_have_their_cause_and_both_sides) {
    struct charge charge = charge_of(5, CHARGE_MONTH, 35000), back = charge_of(5, CHARGE_REVERSAL, -35000);
    cr_assert_eq(add(3, 1, &charge), RESULT_OK, "%s", why.sentence);
    back.cause_offset = 99;
    cr_assert_eq(add(3, 2, &back), RESULT_OK);
    commit(3, 2);
    ask_eq("SELECT group_concat(month || ' ' || payer || ' ' || cause || ' ' || cause_offset || ' ' ||"
           " segment || ' ' || class || ' ' || kecamatan || ' ' || amount_rupiah || ' ' || partition, ', ')"
           " FROM charges",
           "2026-12 CITY_IURAN MONTH 75 PBPU_PEMDA 3 367101 35000 3, "
           "2026-12 CITY_IURAN REVERSAL 99 PBPU_PEMDA 3 367101 -35000 3");
    ask_eq("SELECT count(*) || ' ' || (sum(debit_rupiah) - sum(credit_rupiah)) || ' ' || sum(debit_rupiah)"
           " FROM postings",
           "4 0 70000");
    ask_eq("SELECT debit_rupiah FROM postings WHERE account = 'BPJS_PREMIUM' AND cause = 'REVERSAL'",
           "35000");
    ask_eq("SELECT partition || ' ' || entry || ' ' || record_offset FROM progress", "3 2 200");
}

Test(audit_store, nobody_is_charged_twice_for_a_month) {
    struct charge charge = charge_of(5, CHARGE_MONTH, 35000);
    cr_assert_eq(add(3, 1, &charge), RESULT_OK);
    commit(3, 1);
    charge.cause_offset = 12345;
    cr_assert_eq(add(4, 9, &charge), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "AUDIT_TWICE");
    ask_eq("SELECT count(*) FROM charges", "1");
}

static void on_read(void *context, const struct charge *charge) {
    struct charge *last = context;
    last->member_id += charge->member_id;
    last->amount_rupiah += charge->amount_rupiah;
    last->month = charge->month;
    last->invoice_month = charge->invoice_month;
    last->payer = charge->payer;
    last->cause = charge->cause;
    last->segment = charge->segment;
    last->care_class = charge->care_class;
    last->vulnerable |= charge->vulnerable;
    last->kecamatan = charge->kecamatan;
    last->cause_offset = charge->cause_offset;
}

/* What was committed before it was opened, and nothing of later. */
Test(audit_store, is_read_as_it_stood_at_the_opening) {
    struct audit_reader *reader;
    struct audit_progress progress;
    struct charge charge = charge_of(5, CHARGE_MONTH, 35000), read = {0};
    charge.vulnerable = true;
    cr_assert_eq(add(3, 1, &charge), RESULT_OK);
    commit(3, 1);
    cr_assert_eq(audit_reader_open(&reader, path, &why), RESULT_OK, "%s", why.sentence);
    struct charge later = charge_of(6, CHARGE_MONTH, 1);
    cr_assert_eq(add(3, 2, &later), RESULT_OK);
    commit(3, 2);
    cr_assert_eq(audit_reader_charges(reader, on_read, &read, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(memcmp(&read, &charge, sizeof read), 0, "every column comes back");
    cr_assert_eq(audit_reader_progress(reader, 3, &progress, &why), RESULT_OK);
    cr_assert_eq(progress.entry, 1);
    cr_assert_eq(audit_reader_progress(reader, 4, &progress, &why), RESULT_OK);
    cr_assert_eq(progress.entry, 0);
    audit_reader_close(&reader);
    cr_assert_eq(audit_reader_open(&reader, directory, &why), RESULT_CORRUPT, "no file of SQLite's");
    cr_assert_eq(audit_reader_open(&reader, "/nowhere/audit.db", &why), RESULT_NOT_FOUND);
    cr_assert_null(reader);
}

Test(audit_store, made_anew_it_holds_nothing) {
    struct charge charge = charge_of(5, CHARGE_MONTH, 35000);
    cr_assert_eq(add(3, 1, &charge), RESULT_OK);
    commit(3, 1);
    audit_store_close(&store);
    cr_assert_eq(audit_store_open_anew(&store, path, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(add(4, 9, &charge), RESULT_OK, "%s", why.sentence);
    commit(4, 9);
    ask_eq("SELECT count(*) FROM charges", "1");
    audit_store_close(&store);
    cr_assert_eq(audit_store_open(&store, path, &why), RESULT_OK, "%s", why.sentence);
    ask_eq("SELECT count(*) FROM charges", "1");
}

Test(audit_store, a_tariff_changed_twice_at_one_offset_is_two_rows) {
    struct charge charge = charge_of(5, CHARGE_TARIFF, 2000);
    cr_assert_eq(add(3, 1, &charge), RESULT_OK);
    cr_assert_eq(add(3, 2, &charge), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(add(3, 2, &charge), RESULT_CORRUPT);
}

Test(audit_store, what_was_not_committed_is_gone) {
    struct charge charge = charge_of(5, CHARGE_MONTH, 35000);
    struct audit_progress progress;
    cr_assert_eq(add(3, 1, &charge), RESULT_OK);
    audit_store_close(&store);
    open_store();
    cr_assert_eq(audit_store_progress(store, 3, &progress, &why), RESULT_OK);
    cr_assert_eq(progress.entry, 0);
    ask_eq("SELECT count(*) FROM charges", "0");
}

Test(audit_store, a_failed_row_takes_its_transaction_with_it) {
    struct charge charge = charge_of(5, CHARGE_MONTH, 35000), other = charge_of(6, CHARGE_MONTH, 35000);
    cr_assert_eq(add(3, 1, &charge), RESULT_OK);
    commit(3, 1);
    cr_assert_eq(add(3, 2, &other), RESULT_OK);
    cr_assert_eq(add(3, 2, &charge), RESULT_CORRUPT);
    commit(3, 2);
    ask_eq("SELECT count(*) FROM charges", "1");
}

Test(audit_store, goes_back_by_its_trail) {
    struct charge charge = charge_of(5, CHARGE_MONTH, 35000), other = charge_of(6, CHARGE_MONTH, 35000);
    struct audit_progress to;
    cr_assert_eq(add(3, 1, &charge), RESULT_OK);
    commit(3, 1);
    cr_assert_eq(add(3, 4, &other), RESULT_OK);
    commit(3, 4);
    commit(2, 9);
    cr_assert_eq(audit_store_progress(store, 3, &to, &why), RESULT_OK);
    cr_assert_eq(to.entry, 4);
    cr_assert_eq(audit_store_trail(store, 3, 4, &to, &why), RESULT_OK);
    cr_assert_eq(to.entry, 1);
    cr_assert_eq(to.offset, 100);
    cr_assert_eq(to.hash[31], 1);
    cr_assert_eq(audit_store_back(store, 3, &to, &why), RESULT_OK, "%s", why.sentence);
    ask_eq("SELECT group_concat(member_id) FROM charges", "5");
    cr_assert_eq(add(3, 2, &other), RESULT_OK, "%s", why.sentence);
    commit(3, 2);
    ask_eq("SELECT group_concat(partition || ':' || entry) FROM progress", "2:9,3:2");
    cr_assert_eq(audit_store_trail(store, 3, 1, &to, &why), RESULT_OK);
    cr_assert_eq(to.entry, 0);
}

static const char invoice[] =
    "{\"month\":\"2026-12\",\"lines\":["
    "{\"payer\":\"CITY_IURAN\",\"budget_line\":\"iuran\",\"segment\":\"PBPU_PEMDA\",\"class\":3,"
    "\"kecamatan\":367101,\"people\":2,\"amount_rupiah\":70000,\"corrections\":1,"
    "\"corrections_rupiah\":-35000},"
    "{\"payer\":\"CENTRE\",\"budget_line\":null,\"segment\":\"PBI_JK\",\"class\":3,\"kecamatan\":0,"
    "\"people\":1,\"amount_rupiah\":42000,\"corrections\":0,\"corrections_rupiah\":0}],\"totals\":{}}";

static struct decision invoice_decision(const char *bytes) {
    return (struct decision){.sequence = 8,
                             .kind = DECISION_INVOICE,
                             .time_ms = calendar_time_of_day(calendar_day(2026, 12, 25)) + 36000000,
                             .month = MONTH,
                             .offset = 777,
                             .due_day = calendar_day(2027, 1, 11),
                             .invoice_hash = {0xab, 0x01},
                             .bytes = (const uint8_t *)bytes,
                             .size = strlen(bytes)};
}

Test(audit_store, an_invoice_is_a_row_a_line) {
    struct decision decision = invoice_decision(invoice);
    cr_assert_eq(audit_store_decision(store, &decision, &why), RESULT_OK, "%s", why.sentence);
    commit(AUDIT_DECISIONS, 8);
    ask_eq("SELECT month || ' ' || as_of_offset || ' ' || closed_at || ' ' || due_date || ' ' ||"
           " budget_line || ' ' || people || ' ' || amount_rupiah || ' ' || corrections_rupiah || ' ' ||"
           " substr(invoice_hash, 1, 6) FROM invoices WHERE payer = 'CITY_IURAN'",
           "2026-12 777 2026-12-25T10:00:00+07:00 2027-01-11 iuran 2 70000 -35000 ab0100");
    ask_eq("SELECT count(*) FROM invoices WHERE budget_line IS NULL AND payer = 'CENTRE'", "1");
    cr_assert_eq(audit_store_decision(store, &decision, &why), RESULT_CORRUPT, "a month has one invoice");
}

Test(audit_store, an_invoice_that_is_none_adds_nothing) {
    static const char *const broken[] = {"",
                                         "{",
                                         "[]",
                                         "{\"lines\":3}",
                                         "{\"lines\":[{}]}",
                                         "{\"lines\":[{\"payer\":\"CENTRE\",\"class\":\"3\"}]}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct decision decision = invoice_decision(broken[i]);
        cr_assert_eq(audit_store_decision(store, &decision, &why), RESULT_CORRUPT, "%s", broken[i]);
        cr_assert_str_eq(why.code, "INVOICE_UNREADABLE");
    }
    commit(AUDIT_DECISIONS, 1);
    ask_eq("SELECT count(*) FROM invoices", "0");
}

Test(audit_store, payments_stand_by_budget_line) {
    struct decision decision = {.sequence = 9,
                                .kind = DECISION_PAYMENT,
                                .month = MONTH,
                                .due_day = calendar_day(2027, 1, 5),
                                .author = {"Siti Ã Bendahara", 4},
                                .amount_rupiah = {[PAYER_CITY_IURAN] = 70000, [PAYER_CITY_BANTUAN] = 5600},
                                .sp2d = "0012/SP2D/2027"};
    cr_assert_eq(audit_store_decision(store, &decision, &why), RESULT_OK, "%s", why.sentence);
    decision.kind = DECISION_EPOCH;
    cr_assert_eq(audit_store_decision(store, &decision, &why), RESULT_OK);
    commit(AUDIT_DECISIONS, 9);
    ask_eq("SELECT group_concat(sp2d || ' ' || month || ' ' || date || ' ' || payer || ' ' || amount_rupiah"
           " || ' ' || author, ', ') FROM payments",
           "0012/SP2D/2027 2026-12 2027-01-05 CITY_BANTUAN 5600 Siti, "
           "0012/SP2D/2027 2026-12 2027-01-05 CITY_IURAN 70000 Siti");
}

static struct decision payment_decision(uint64_t sequence, month_t month, int64_t rupiah) {
    return (struct decision){.sequence = sequence,
                             .kind = DECISION_PAYMENT,
                             .month = month,
                             .due_day = calendar_day(2027, 1, 5),
                             .amount_rupiah = {[PAYER_CITY_IURAN] = rupiah},
                             .sp2d = "0012/SP2D/2027"};
}

Test(audit_store, a_reversal_is_a_row_of_its_own_that_names_the_payment) {
    struct decision decisions[] = {payment_decision(9, MONTH, 70000), payment_decision(10, MONTH, -70000),
                                   payment_decision(11, MONTH + 1, 70000)};
    decisions[1].kind = DECISION_PAYMENT_REVERSED;
    decisions[1].day = calendar_day(2027, 1, 20);
    decisions[1].due_day = DAY_NONE;
    decisions[1].reverses = 9;
    decisions[1].reason = (struct text){"it pays for January, not this", 19};
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(audit_store_decision(store, &decisions[i], &why), RESULT_OK, "%s", why.sentence);
    commit(AUDIT_DECISIONS, 11);
    ask_eq("SELECT group_concat(month || ' ' || date || ' ' || amount_rupiah || ' ' || decision || ' ' ||"
           " coalesce(reverses || ' ' || reason, '-'), ', ') FROM payments",
           "2026-12 2027-01-05 70000 9 -, 2026-12 2027-01-20 -70000 10 9 it pays for January, "
           "2027-01 2027-01-05 70000 11 -");
    ask_eq(
        "SELECT group_concat(month || ' ' || rupiah, ', ') FROM (SELECT month, sum(amount_rupiah) AS rupiah"
        " FROM payments GROUP BY month ORDER BY month)",
        "2026-12 0, 2027-01 70000");
    cr_assert_eq(audit_store_decision(store, &decisions[1], &why), RESULT_CORRUPT, "a decision has one row");
}

Test(audit_store, has_one_writer_and_is_private) {
    struct audit_store *second = NULL;
    struct stat status;
    cr_assert_eq(audit_store_open(&second, path, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "AUDIT_IN_USE");
    cr_assert_null(second);
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
}

Test(audit_store, a_file_of_another_kind_is_made_anew) {
    struct charge charge = charge_of(5, CHARGE_MONTH, 35000);
    cr_assert_eq(add(3, 1, &charge), RESULT_OK);
    commit(3, 1);
    audit_store_close(&store);
    sqlite3 *database;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, "PRAGMA user_version=77", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    open_store();
    ask_eq("SELECT count(*) FROM charges", "0");
    audit_store_close(&store);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    for (int i = 0; i < 300; i++)
        fputs("this is no database. ", file);
    fclose(file);
    open_store();
    cr_assert_eq(add(3, 1, &charge), RESULT_OK, "%s", why.sentence);
    commit(3, 1);
    ask_eq("SELECT count(*) FROM charges", "1");
}
