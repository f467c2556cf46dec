/* barrier.c - tests of the barrier: the offset S, losses, intents, doubled answers, sums. */
#include "cakupan/barrier.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#define PARTITIONS 3u

static struct region_table regions;
static struct barrier *barrier;
static struct failure why;
static struct ledger_sums sums[2];
static const struct partition_order close_order = {.act = PARTITION_CLOSE, .month = 1523, .offset = 999};
static const struct partition_order preview = {.act = PARTITION_PREVIEW, .month = 1523, .months = 1};
static const struct partition_order forecast = {.act = PARTITION_PREVIEW, .month = 1523, .months = 2};

static void setup(void) {
    barrier = barrier_new(PARTITIONS, &regions);
    memset(sums, 0, sizeof sums);
}
static void teardown(void) {
    barrier_destroy(&barrier);
    cr_assert_null(barrier);
}
TestSuite(barrier, .init = setup, .fini = teardown);

static enum result answer_as(uint32_t partition, int64_t amount_rupiah, uint16_t months, uint64_t sequence) {
    for (uint16_t month = 0; month < months; month++)
        sums[month].line[PAYER_CITY_IURAN][1][3][0] =
            (struct ledger_line){.people = 1, .amount_rupiah = amount_rupiah + month};
    struct barrier_answer answer = {
        .partition = partition, .sums = sums, .months = months, .sequence = sequence};
    memset(answer.hash, (int)sequence, sizeof answer.hash);
    return barrier_answer(barrier, &answer, &why);
}
static void answer(uint32_t partition, int64_t amount_rupiah, uint16_t months) {
    cr_assert_eq(answer_as(partition, amount_rupiah, months, partition + 10), RESULT_OK);
}
static void hold_all(void) {
    barrier_held(barrier, 0, 100);
    barrier_held(barrier, 1, 120);
    barrier_held(barrier, 2, 90);
}

Test(barrier, goes_to_the_highest_position_of_all) {
    barrier_begin(barrier, 7, &preview, 110);
    cr_assert_eq(barrier_phase(barrier), BARRIER_HOLD);
    barrier_held(barrier, 0, 100);
    barrier_held(barrier, 1, 120);
    cr_assert_eq(barrier_phase(barrier), BARRIER_HOLD);
    barrier_held(barrier, 2, 90);
    cr_assert_eq(barrier_phase(barrier), BARRIER_RUN, "a preview has no intent");
    cr_assert_eq(barrier_order(barrier)->offset, 120);
    cr_assert_eq(barrier_id(barrier), 7);
}

Test(barrier, is_never_below_the_head_heard) {
    barrier_begin(barrier, 7, &preview, 1000);
    hold_all();
    cr_assert_eq(barrier_order(barrier)->offset, 1000);
}

Test(barrier, the_last_word_about_a_position_counts) {
    barrier_begin(barrier, 7, &preview, 0);
    barrier_held(barrier, 1, 120);
    barrier_held(barrier, 1, 125);
    barrier_held(barrier, 0, 100);
    barrier_held(barrier, 2, 90);
    cr_assert_eq(barrier_order(barrier)->offset, 125);
    barrier_held(barrier, 1, 5000);
    cr_assert_eq(barrier_order(barrier)->offset, 125, "once S is known it stands");
}

Test(barrier, what_a_lost_partition_said_counts_no_more) {
    barrier_begin(barrier, 7, &close_order, 0);
    barrier_held(barrier, 0, 100);
    barrier_held(barrier, 1, 120);
    barrier_lost(barrier, 1);
    barrier_lost(barrier, 1);
    barrier_held(barrier, 2, 90);
    cr_assert_eq(barrier_phase(barrier), BARRIER_HOLD);
    barrier_held(barrier, 1, 80);
    cr_assert_eq(barrier_phase(barrier), BARRIER_INTENT);
    cr_assert_eq(barrier_order(barrier)->offset, 100);
}

Test(barrier, a_close_waits_for_its_intent) {
    barrier_begin(barrier, 7, &close_order, 0);
    hold_all();
    cr_assert_eq(barrier_phase(barrier), BARRIER_INTENT);
    cr_assert_eq(answer_as(0, 1, 1, 1), RESULT_INVALID, "nothing was ordered yet");
    barrier_lost(barrier, 0);
    cr_assert_eq(barrier_phase(barrier), BARRIER_INTENT);
    barrier_decided(barrier);
    cr_assert_eq(barrier_phase(barrier), BARRIER_RUN);
}

Test(barrier, a_close_can_be_given_up_before_its_intent) {
    barrier_begin(barrier, 7, &close_order, 0);
    hold_all();
    barrier_end(barrier);
    cr_assert_eq(barrier_phase(barrier), BARRIER_NONE);
    cr_assert_eq(barrier_id(barrier), 0);
    barrier_begin(barrier, 8, &preview, 0);
    cr_assert_not(barrier_answered(barrier, 0));
}

Test(barrier, a_close_that_runs_is_never_given_up, .signal = SIGABRT) {
    barrier_resume(barrier, 7, &close_order);
    barrier_end(barrier);
}

Test(barrier, after_a_crash_it_runs_at_the_same_offset) {
    barrier_resume(barrier, 9, &close_order);
    cr_assert_eq(barrier_phase(barrier), BARRIER_RUN);
    cr_assert_eq(barrier_order(barrier)->offset, 999);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        answer(i, 100 * (i + 1), 1);
    cr_assert_eq(barrier_phase(barrier), BARRIER_DONE);
}

Test(barrier, sums_are_those_of_all_and_of_each) {
    barrier_resume(barrier, 9, &close_order);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        answer(i, 100 * (i + 1), 1);
    cr_assert_eq(barrier_sums(barrier, 0)->line[PAYER_CITY_IURAN][1][3][0].amount_rupiah, 600);
    uint64_t sequence;
    const uint8_t *hash;
    const struct ledger_sums *own = barrier_partition_sums(barrier, 1, 0, &sequence, &hash);
    cr_assert_eq(own->line[PAYER_CITY_IURAN][1][3][0].amount_rupiah, 200);
    cr_assert_eq(sequence, 11);
    cr_assert_eq(hash[31], 11);
}

Test(barrier, a_forecast_has_a_total_for_each_month) {
    barrier_begin(barrier, 7, &forecast, 0);
    hold_all();
    for (uint32_t i = 0; i < PARTITIONS; i++)
        answer(i, 100, 2);
    cr_assert_eq(barrier_phase(barrier), BARRIER_DONE);
    cr_assert_eq(barrier_sums(barrier, 0)->line[PAYER_CITY_IURAN][1][3][0].amount_rupiah, 300);
    cr_assert_eq(barrier_sums(barrier, 1)->line[PAYER_CITY_IURAN][1][3][0].amount_rupiah, 303);
    barrier_end(barrier);
    cr_assert_eq(barrier_phase(barrier), BARRIER_NONE);
}

Test(barrier, doubled_answers_are_counted_once) {
    barrier_resume(barrier, 9, &close_order);
    answer(0, 100, 1);
    answer(0, 100, 1);
    answer(1, 100, 1);
    barrier_lost(barrier, 0);
    cr_assert(barrier_answered(barrier, 0), "it is in the journal");
    cr_assert_not(barrier_answered(barrier, 2));
    cr_assert_eq(barrier_phase(barrier), BARRIER_RUN);
    answer(2, 100, 1);
    answer(2, 100, 1);
    cr_assert_eq(barrier_sums(barrier, 0)->line[PAYER_CITY_IURAN][1][3][0].amount_rupiah, 300);
}

Test(barrier, doubled_answers_that_differ_are_a_contradiction) {
    barrier_resume(barrier, 9, &close_order);
    answer(0, 100, 1);
    cr_assert_eq(answer_as(0, 101, 1, 10), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "BARRIER_ANSWER");
    cr_assert_eq(answer_as(0, 100, 1, 11), RESULT_CORRUPT, "another entry of the journal");
}

Test(barrier, a_previews_answer_may_come_from_a_later_entry) {
    barrier_begin(barrier, 7, &preview, 0);
    hold_all();
    answer(0, 100, 1);
    cr_assert_eq(answer_as(0, 100, 1, 99), RESULT_OK, "the journal went on; the sums are the same");
}

Test(barrier, answers_to_something_else_are_refused) {
    barrier_begin(barrier, 7, &forecast, 0);
    cr_assert_eq(answer_as(0, 1, 2, 1), RESULT_INVALID, "it holds still");
    hold_all();
    cr_assert_eq(answer_as(0, 1, 1, 1), RESULT_INVALID, "one month of two");
    cr_assert_eq(answer_as(PARTITIONS, 1, 2, 1), RESULT_INVALID, "a partition that is none");
}

Test(barrier, a_tariff_is_kept_by_the_barrier) {
    struct tariff tariff = {.count = 1};
    struct partition_order order = {.act = PARTITION_RETARIFF, .tariff = &tariff};
    barrier_begin(barrier, 7, &order, 5);
    tariff.count = 2;
    cr_assert_eq(barrier_order(barrier)->tariff->count, 1);
    hold_all();
    barrier_decided(barrier);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        answer(i, 0, 0);
    cr_assert_eq(barrier_phase(barrier), BARRIER_DONE);
    barrier_end(barrier);
}
