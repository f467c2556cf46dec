/* journals.c - what is lost of journals or books is found before billing starts, and a partition is counted
 * anew so that the books agree: services/billing/journals.c and rebuild.c. */
#include "billing/journals.h"
#include "billing/paths.h"
#include "billing/rebuild.h"
#include "cakupan/invoice.h"
#include "ledger_history.h"
#include "scratch.h"
#include "store/city_tariff.h"
#include "store/ledger_journal_files.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTITIONS 2

static char state[SCRATCH_PATH], books_path[BILLING_PATH];
static struct payment_terms terms = {.count = 1, .rows = {{.due_day_of_month = 10, .due_month = 1}}};
static struct history *history;
static struct tariff tariff, dearer;
static month_t first;
static struct books *books;
static struct failure why;

static void open_books(void) {
    struct books_config config = {.path = books_path, .terms = &terms, .policy = &history->policy};
    cr_assert_eq(books_open(&books, &config, &why), RESULT_OK, "%s", why.sentence);
}

static void decide(struct decision decision) {
    cr_assert_eq(books_decide(books, &decision, 1, &why), RESULT_OK, "%s", why.sentence);
}

static void decide_tariff(uint8_t kind, const struct tariff *now, uint64_t offset) {
    static uint8_t packed[TARIFF_PACKED_MAX];
    decide((struct decision){.kind = kind,
                             .month = kind == DECISION_BEGUN ? first : MONTH_NONE,
                             .count = kind == DECISION_BEGUN ? PARTITIONS : 0,
                             .offset = offset,
                             .bytes = packed,
                             .size = tariff_pack(now, packed)});
}

/* A worker's partition, counted up to an offset. */
struct owner {
    struct ledger_journal *journal;
    struct partition *partition;
};

static struct owner own(uint32_t number, uint64_t epoch) {
    char directory[BILLING_PATH];
    struct owner owner = {0};
    billing_partition_path(directory, state, number);
    struct ledger_journal_place place = {directory, number, PARTITIONS, first};
    struct partition_config config = {number, PARTITIONS, first, &history->regions, &tariff};
    decide((struct decision){.kind = DECISION_EPOCH, .partition = number, .epoch = epoch, .worker = 1});
    cr_assert_eq(ledger_journal_files_open(&owner.journal, &place, epoch, &why), RESULT_OK, "%s",
                 why.sentence);
    owner.partition = partition_new(&config);
    return owner;
}

static void let_go(struct owner *owner) {
    partition_destroy(&owner->partition);
    owner->journal->operations->close(&owner->journal);
}

static void count_to(struct owner *owner, uint32_t number, uint64_t offset) {
    for (uint64_t i = partition_position(owner->partition); i < offset; i++)
        if (record_partition(history->records[i].member_id, PARTITIONS) == number)
            cr_assert_eq(partition_step(owner->partition, &history->records[i], &why), RESULT_OK, "%s",
                         why.sentence);
    cr_assert_eq(partition_settle(owner->partition, offset, &why), RESULT_OK);
}

static struct ledger_sums act(struct owner *owner, uint32_t number, struct partition_order order) {
    static struct ledger_sums sums;
    struct ledger_entry entry;
    memset(&sums, 0, sizeof sums);
    count_to(owner, number, order.offset);
    cr_assert_eq(partition_act(owner->partition, &order, 7, &sums, &why), RESULT_OK, "%s", why.sentence);
    while (partition_take(owner->partition, 7, &entry)) {
        cr_assert_eq(owner->journal->operations->append(owner->journal, &entry, &why), RESULT_OK);
        partition_committed(owner->partition, &entry);
    }
    return sums;
}

/* All close the month at the offset; the books freeze an invoice. */
static void close_month(struct owner owners[PARTITIONS], month_t month, uint64_t offset) {
    static uint8_t bytes[INVOICE_MAX_BYTES];
    static struct ledger_sums all;
    struct invoice_partition partitions[PARTITIONS] = {0};
    memset(&all, 0, sizeof all);
    decide((struct decision){.kind = DECISION_CLOSING, .month = month, .offset = offset});
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        struct partition_order order = {.act = PARTITION_CLOSE, .offset = offset, .month = month};
        struct ledger_sums sums = act(&owners[i], i, order);
        ledger_sums_add(&all, &sums);
        invoice_partition_total(&sums, &partitions[i]);
        partitions[i].sequence = partition_sequence(owners[i].partition);
        memcpy(partitions[i].hash, partition_hash(owners[i].partition), JOURNAL_HASH_SIZE);
    }
    struct invoice invoice = {.month = month,
                              .as_of_offset = offset,
                              .frozen = true,
                              .due_day = calendar_day(2027, 1, 11),
                              .regions = &history->regions,
                              .sums = &all,
                              .partition_count = PARTITIONS,
                              .partitions = partitions};
    cr_assert_eq(invoice_check(&invoice, &why), RESULT_OK, "%s", why.sentence);
    decide((struct decision){.kind = DECISION_INVOICE,
                             .month = month,
                             .offset = offset,
                             .due_day = invoice.due_day,
                             .bytes = bytes,
                             .size = invoice_write(&invoice, bytes, sizeof bytes)});
}

/* Two closes, a dearer tariff behind them; each lies in a segment of its own. */
static void setup(void) {
    struct owner owners[PARTITIONS];
    char directory[BILLING_PATH];
    scratch_make(state);
    cr_assert_eq(billing_directory(directory, state, &why), RESULT_OK);
    billing_books_path(books_path, state);
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK);
    dearer = tariff;
    for (uint16_t i = 0; i < dearer.count; i++)
        dearer.rows[i].share[PAYER_CITY_IURAN] += dearer.rows[i].share[PAYER_CITY_IURAN] ? 1000 : 0;
    history = history_begin(20);
    while (history_go(history))
        ;
    first = calendar_month(calendar_day(2026, 11, 1));
    open_books();
    decide_tariff(DECISION_BEGUN, &tariff, 1);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        owners[i] = own(i, 1);
    close_month(owners, first, 300);
    close_month(owners, first + 1, 500);
    decide_tariff(DECISION_RETARIFF, &dearer, 600);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        (void)act(&owners[i], i,
                  (struct partition_order){.act = PARTITION_RETARIFF, .offset = 600, .tariff = &dearer});
    decide_tariff(DECISION_RETARIFFED, &dearer, 600);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        let_go(&owners[i]);
}

static void teardown(void) {
    books_close(&books);
    history_end(&history);
    scratch_remove(state);
}
TestSuite(journals, .init = setup, .fini = teardown);

static void path_of(char out[BILLING_PATH + 40], uint32_t partition) {
    char directory[BILLING_PATH];
    billing_partition_path(directory, state, partition);
    snprintf(out, BILLING_PATH + 40, "%s/segment-%020" PRIu64, directory,
             books_epoch(books, partition).epoch);
}

/* Without its last `entries` entries: cut in the middle of the first of them. */
static void cut(uint32_t partition, unsigned entries) {
    char path[BILLING_PATH + 40], directory[BILLING_PATH];
    struct ledger_journal *journal;
    struct ledger_entry head, entry;
    uint64_t bytes = 112; /* the segment's head */
    billing_partition_path(directory, state, partition);
    struct ledger_journal_place place = {directory, partition, PARTITIONS, first};
    cr_assert_eq(ledger_journal_files_read(&journal, &place, &why), RESULT_OK);
    cr_assert_eq(journal->operations->head(journal, &head, &why), RESULT_OK);
    cr_assert_gt(head.sequence, entries);
    for (uint64_t i = 1; i <= head.sequence - entries; i++) {
        cr_assert_eq(journal->operations->read(journal, i, &entry, &why), RESULT_OK);
        bytes += 80 + entry.size;
    }
    journal->operations->close(&journal);
    path_of(path, partition);
    cr_assert_eq(truncate(path, (off_t)bytes + 40), 0);
}

static void expect(const char *code) {
    why = (struct failure){0};
    cr_assert_eq(journals_check(books, state, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, code, "%s", why.sentence);
}

static void expect_whole(void) {
    cr_assert_eq(journals_check(books, state, &why), RESULT_OK, "%s", why.sentence);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(journals_check_whole(books, state, i, &why), RESULT_OK, "%s", why.sentence);
}

static void reopen(void) {
    books_close(&books);
    open_books();
}

/* As the coordinator does, the feed in pieces. */
static enum result rebuild(uint32_t partition) {
    struct rebuild *rebuild;
    struct rebuild_config config = {
        .state = state, .regions = &history->regions, .partition = partition, .time_ms = 99, .today = 46000};
    uint64_t until, at = 0;
    enum result result = rebuild_begin(&rebuild, books, &config, &why);
    while (result == RESULT_OK && (until = rebuild_until(rebuild)) > 0) {
        for (; result == RESULT_OK && at < until; at++)
            if (record_partition(history->records[at].member_id, PARTITIONS) == partition)
                result = rebuild_record(rebuild, NULL, &history->records[at], &why);
        if (result == RESULT_OK)
            result = rebuild_settled(rebuild, at, &why);
    }
    if (result == RESULT_OK)
        result = rebuild_end(rebuild, &why);
    if (rebuild)
        rebuild_destroy(&rebuild);
    return result;
}

Test(journals, whole_ones_pass_also_while_a_close_is_on_its_way) {
    expect_whole();
    decide((struct decision){.kind = DECISION_CLOSING, .month = first + 2, .offset = 700});
    expect_whole();
    struct owner owner = own(1, 2);
    char directory[BILLING_PATH];
    struct ledger_entry entry;
    billing_partition_path(directory, state, 1);
    for (uint64_t i = 1; owner.journal->operations->read(owner.journal, i, &entry, &why) == RESULT_OK; i++)
        cr_assert_eq(partition_recall(owner.partition, &entry, &why), RESULT_OK);
    (void)act(&owner, 1, (struct partition_order){.act = PARTITION_CLOSE, .offset = 700, .month = first + 2});
    let_go(&owner);
    expect_whole();
}

Test(journals, a_journal_that_lost_its_end_is_refused_and_counted_anew) {
    for (unsigned lost = 1; lost <= 2; lost++) { /* the tariff, then December's close */
        cut(1, 1);
        expect("JOURNAL_LOST_END");
        cr_assert(strstr(why.sentence, "partition-01") && strstr(why.sentence, "--rebuild-partition 1"), "%s",
                  why.sentence);
    }
    cr_assert_eq(rebuild(1), RESULT_OK, "%s", why.sentence);
    expect_whole();
    reopen();
    expect_whole();
}

Test(journals, a_deleted_segment_or_directory_is_a_lost_end) {
    char path[BILLING_PATH + 40], directory[BILLING_PATH], aside[BILLING_PATH + 8];
    path_of(path, 0);
    cr_assert_eq(unlink(path), 0);
    expect("JOURNAL_LOST_END");
    billing_partition_path(directory, state, 1);
    snprintf(aside, sizeof aside, "%s.gone", directory);
    cr_assert_eq(rename(directory, aside), 0);
    cr_assert_eq(rebuild(0), RESULT_OK, "%s", why.sentence);
    expect("JOURNAL_LOST_END");
    cr_assert(strstr(why.sentence, "partition-01"));
    cr_assert_eq(rebuild(1), RESULT_OK, "%s", why.sentence);
    expect_whole();
}

Test(journals, a_damaged_head_is_refused_with_what_to_do) {
    char path[BILLING_PATH + 40];
    path_of(path, 1);
    FILE *file = fopen(path, "r+b");
    cr_assert(fseek(file, 30, SEEK_SET) == 0 && fputc('x', file) == 'x' && fclose(file) == 0);
    expect("JOURNAL_DAMAGED");
    cr_assert(strstr(why.sentence, "--rebuild-partition 1"), "%s", why.sentence);
    cr_assert_eq(rebuild(1), RESULT_OK, "%s", why.sentence);
    expect_whole();
}

Test(journals, what_was_counted_anew_is_what_the_books_name) {
    uint64_t sequence, before_sequence;
    uint8_t hash[JOURNAL_HASH_SIZE], before[JOURNAL_HASH_SIZE];
    cr_assert_eq(books_close_entry(books, first, 1, &before_sequence, before, &why), RESULT_OK);
    cut(1, 1);
    cr_assert_eq(rebuild(1), RESULT_OK, "%s", why.sentence);
    reopen();
    cr_assert_eq(books_close_entry(books, first, 1, &sequence, hash, &why), RESULT_OK);
    cr_assert(memcmp(hash, before, sizeof hash) != 0, "the time of the entry is another one");
    cr_assert_eq(books_close_entry(books, first + 1, 0, &sequence, hash, &why), RESULT_OK);
    cr_assert_eq(books_close_entry(books, first + 2, 1, &sequence, hash, &why), RESULT_NOT_FOUND);
    cut(1, 1);
    expect("JOURNAL_LOST_END");
}

Test(journals, other_totals_than_the_invoices_are_refused) {
    cut(1, 1);
    for (uint32_t i = 0; i < 300; i++) /* another history: nobody was ever laid off, and so on */
        history->records[i].member_id = i % 7 ? history->records[i].member_id : 0;
    cr_assert_neq(rebuild(1), RESULT_OK);
    expect("JOURNAL_LOST_END");
}

Test(journals, a_partition_that_is_not_there_can_not_be_counted_anew) {
    cr_assert_eq(rebuild(PARTITIONS), RESULT_INVALID);
    cr_assert_str_eq(why.code, "PARTITION_UNKNOWN");
}

Test(journals, lost_books_are_refused) {
    books_close(&books);
    cr_assert_eq(unlink(books_path), 0);
    open_books();
    expect("BOOKS_LOST");
    decide_tariff(DECISION_BEGUN, &tariff, 1);
    expect("BOOKS_LOST");
    cr_assert(strstr(why.sentence, "books.db"), "%s", why.sentence);
}

Test(journals, nothing_is_lost_where_nothing_began) {
    char directory[BILLING_PATH];
    books_close(&books);
    scratch_remove(state);
    scratch_make(state);
    billing_books_path(books_path, state);
    cr_assert_eq(billing_directory(directory, state, &why), RESULT_OK);
    open_books();
    cr_assert_eq(journals_check(books, state, &why), RESULT_OK, "%s", why.sentence);
    decide_tariff(DECISION_BEGUN, &tariff, 1);
    cr_assert_eq(journals_check(books, state, &why), RESULT_OK, "%s", why.sentence);
}
