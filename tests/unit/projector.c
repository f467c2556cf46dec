/* projector.c - tests of the projector's steps: entries of real journals and decisions become rows, once, and
 * rows that a take-over made void are taken out. */
#include "billing/projector_internal.h"

#include "billing/paths.h"
#include "cakupan/partition.h"
#include "scratch.h"
#include "wire/wire_decision.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define FIRST_MONTH calendar_month(calendar_day(2026, 11, 1))

static char state[SCRATCH_PATH];
static struct projector projector;
static struct failure why;

static void setup(void) {
    scratch_make(state);
    cr_assert_eq(projector_open(&projector, state, false, &why), RESULT_OK, "%s", why.sentence);
    projector.partition_count = 2;
    projector.first_month = FIRST_MONTH;
}
static void teardown(void) {
    projector_close(&projector);
    scratch_remove(state);
}
TestSuite(projector, .init = setup, .fini = teardown);

static struct ledger_journal *take_over(uint64_t epoch) {
    char directory[BILLING_PATH];
    struct ledger_journal *journal;
    billing_partition_path(directory, state, 1);
    struct ledger_journal_place place = {
        .directory = directory, .partition = 1, .count = 2, .first_month = FIRST_MONTH};
    cr_assert_eq(ledger_journal_files_open(&journal, &place, epoch, &why), RESULT_OK, "%s", why.sentence);
    return journal;
}

/* An entry with `count` corrections, of members from `member_id` on. */
static enum result append(struct ledger_journal *journal, uint32_t member_id, uint32_t count,
                          uint64_t offset) {
    struct charge_packer *packer = charge_packer_new();
    for (uint32_t i = 0; i < count; i++)
        charge_packer_add(packer, &(struct charge){.member_id = member_id + i,
                                                   .month = FIRST_MONTH,
                                                   .invoice_month = FIRST_MONTH + 1,
                                                   .payer = PAYER_CITY_IURAN,
                                                   .cause = CHARGE_BACK,
                                                   .segment = SEGMENT_PBPU_PEMDA,
                                                   .care_class = 3,
                                                   .amount_rupiah = 35000,
                                                   .cause_offset = offset});
    struct ledger_entry entry = {.kind = LEDGER_ENTRY_RECORDS, .offset = offset};
    entry.payload = charge_packer_bytes(packer, &entry.size);
    enum result result = journal->operations->append(journal, &entry, &why);
    charge_packer_destroy(&packer);
    return result;
}

static bool project(uint32_t partition, uint32_t charges_max) {
    bool more;
    cr_assert_eq(projector_partition(&projector, partition, charges_max, &more, &why), RESULT_OK, "%s",
                 why.sentence);
    return more;
}

static struct audit_progress progress(int partition) {
    struct audit_progress out;
    cr_assert_eq(audit_store_progress(projector.store, partition, &out, &why), RESULT_OK);
    return out;
}

Test(projector, reads_on_from_where_it_was_and_no_more_than_asked) {
    struct ledger_journal *journal = take_over(1);
    cr_assert_eq(append(journal, 1, 5, 100), RESULT_OK);
    cr_assert_eq(append(journal, 11, 5, 200), RESULT_OK);
    cr_assert(project(1, 3), "an entry is projected whole, then there is more");
    cr_assert_eq(progress(1).entry, 1);
    cr_assert_not(project(1, 3));
    cr_assert_eq(progress(1).entry, 2);
    cr_assert_eq(progress(1).offset, 200);
    cr_assert_not(project(1, 3), "nothing new, and nothing twice");
    cr_assert_eq(append(journal, 21, 1, 300), RESULT_OK);
    project(1, 3);
    cr_assert_eq(progress(1).offset, 300);
    journal->operations->close(&journal);
}

Test(projector, a_partition_that_nobody_ever_had_is_no_failure) {
    cr_assert_not(project(0, 100));
    cr_assert_eq(progress(0).entry, 0);
}

Test(projector, goes_on_after_a_restart_and_a_take_over) {
    struct ledger_journal *journal = take_over(1);
    cr_assert_eq(append(journal, 1, 2, 100), RESULT_OK);
    project(1, 100);
    journal->operations->close(&journal);
    projector_close(&projector);
    cr_assert_eq(projector_open(&projector, state, false, &why), RESULT_OK, "%s", why.sentence);
    projector.partition_count = 2;
    projector.first_month = FIRST_MONTH;
    journal = take_over(2);
    cr_assert_eq(append(journal, 3, 2, 150), RESULT_OK);
    while (project(1, 100))
        continue;
    cr_assert_eq(progress(1).entry, 2);
    journal->operations->close(&journal);
}

Test(projector, rows_that_are_not_in_the_journal_are_taken_out) {
    struct ledger_journal *journal = take_over(1);
    struct charge stray = {.member_id = 99,
                           .month = FIRST_MONTH,
                           .invoice_month = FIRST_MONTH,
                           .payer = PAYER_CENTRE,
                           .cause = CHARGE_MONTH,
                           .segment = SEGMENT_PBI_JK,
                           .amount_rupiah = 1,
                           .cause_offset = 1};
    cr_assert_eq(append(journal, 1, 2, 100), RESULT_OK);
    project(1, 100);
    struct audit_progress wrong = progress(1);
    wrong.entry = 2;
    wrong.hash[0] ^= 1;
    cr_assert_eq(audit_store_charge(projector.store, 1, 2, &stray, &why), RESULT_OK);
    cr_assert_eq(audit_store_commit(projector.store, 1, &wrong, &why), RESULT_OK);
    cr_assert_eq(append(journal, 3, 2, 150), RESULT_OK);
    journal->operations->close(&journal);
    projector_close(&projector);
    cr_assert_eq(projector_open(&projector, state, false, &why), RESULT_OK, "%s", why.sentence);
    projector.partition_count = 2;
    projector.first_month = FIRST_MONTH;
    project(1, 100);
    cr_assert_eq(progress(1).entry, 2);
    cr_assert_eq(progress(1).offset, 150);
    cr_assert_eq(audit_store_charge(projector.store, 1, 9, &stray, &why), RESULT_OK,
                 "the stray row is gone: %s", why.sentence);
}

Test(projector, decisions_come_in_order_and_tell_how_the_state_began) {
    static uint8_t bytes[4096];
    struct decision begun = {
        .sequence = 1, .kind = DECISION_BEGUN, .count = 7, .month = FIRST_MONTH, .author = {"", 0}};
    size_t size = wire_decision_encode(&begun, bytes, sizeof bytes);
    cr_assert_eq(projector_take(&projector, bytes, size, 1, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(projector.partition_count, 7);
    cr_assert_eq(projector_take(&projector, bytes, size, 2, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "DECISION_MISSING");
    memset(bytes, 0xff, 8);
    cr_assert_eq(projector_take(&projector, bytes, size, 1, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "DECISION_UNREADABLE");
}
