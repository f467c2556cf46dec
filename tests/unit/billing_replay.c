/* billing_replay.c - tests of the replay behind `cakupan verify`: a ledger of all members gives what
 * partitions give together, whatever their number; and decisions that contradict each other are refused. */
#include "cli/billing_replay.h"

#include "cakupan/charge_pack.h"
#include "ledger_history.h"
#include "store/city_tariff.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define NOVEMBER   ((month_t)((2026 - 1900) * 12 + 11))
#define PARTITIONS 3u

static struct tariff tariff, dearer;
static struct city city;
static struct failure why;
static struct billing_replay *replay;
static uint64_t corrections; /* of all histories */

static void begin(void) {
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    dearer = tariff;
    for (unsigned i = 0; i < dearer.count; i++)
        dearer.rows[i].share[PAYER_CENTRE] += dearer.rows[i].per_mille ? 0 : 100;
}

static void decide(struct decision decision, enum result expected) {
    static uint64_t sequence;
    decision.sequence = ++sequence;
    cr_assert_eq(billing_replay_decision(replay, &decision, &why), expected, "%s", why.sentence);
}

static void decide_begun(void) {
    uint8_t packed[TARIFF_PACKED_MAX];
    struct decision decision = {
        .kind = DECISION_BEGUN, .month = NOVEMBER, .count = PARTITIONS, .bytes = packed};
    decision.size = tariff_pack(&tariff, packed);
    decide(decision, RESULT_OK);
}

static void decide_tariff(uint64_t offset, enum result expected) {
    uint8_t packed[TARIFF_PACKED_MAX];
    struct decision decision = {.kind = DECISION_RETARIFF, .offset = offset, .bytes = packed};
    decision.size = tariff_pack(&dearer, packed);
    decide(decision, expected);
}

static void decide_close(month_t month, uint64_t offset, enum result expected) {
    decide((struct decision){.kind = DECISION_CLOSING, .month = month, .offset = offset}, expected);
}

/* What partitions give together: the same history through ledgers of their own. */
struct together {
    struct ledger *ledgers[PARTITIONS];
    struct replay_digest charges, roster, corrections;
    struct ledger_sums sums;
};

static void on_charge(void *context, const struct charge *charge) {
    replay_digest_charge(context, charge);
}
static void on_entry(void *context, const struct roster_entry *entry) {
    replay_digest_entry(context, entry);
}

static void together_close(struct together *together, month_t month) {
    static struct ledger_sums sums;
    memset(&together->sums, 0, sizeof together->sums);
    together->charges = together->roster = (struct replay_digest){0};
    for (unsigned p = 0; p < PARTITIONS; p++) {
        ledger_roster(together->ledgers[p], month, on_entry, &together->roster);
        cr_assert_eq(ledger_close(together->ledgers[p], month, &sums, on_charge, &together->charges, &why),
                     RESULT_OK);
        ledger_sums_add(&together->sums, &sums);
    }
}

static void closed_as(const struct together *together, month_t month, uint64_t offset) {
    struct replayed_month closed;
    cr_assert(billing_replay_month(replay, month, &closed));
    cr_assert_eq(closed.offset, offset);
    cr_assert(replay_digest_equal(closed.charges, together->charges));
    cr_assert(replay_digest_equal(closed.roster, together->roster));
    cr_assert(replay_digest_equal(closed.corrections, together->corrections));
    cr_assert_eq(memcmp(closed.sums, &together->sums, sizeof *closed.sums), 0);
}

/* Closes after a third of the records and after two thirds, another tariff between them. */
static void replay_history(uint64_t seed) {
    struct history *history = history_begin(seed);
    static struct together together;
    memset(&together, 0, sizeof together);
    while (history_go(history) && history->count < 240)
        ;
    city.regions = history->regions;
    city.policy = history->policy;
    uint64_t first = history->count / 3, middle = history->count / 2, second = 2 * history->count / 3;
    replay = billing_replay_new(&city, NULL);
    decide_begun();
    decide_close(NOVEMBER, first, RESULT_OK);
    decide_tariff(middle, RESULT_OK);
    decide_close(NOVEMBER + 1, second, RESULT_OK);
    cr_assert_eq(billing_replay_next_month(replay), NOVEMBER + 2);
    for (unsigned p = 0; p < PARTITIONS; p++)
        together.ledgers[p] = ledger_new(&history->regions, &tariff, NOVEMBER);
    struct batch_header batch = {.first_offset = 1, .count = history->count};
    for (uint32_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i];
        uint32_t partition = record_partition(record->member_id, PARTITIONS);
        cr_assert_eq(ledger_step(together.ledgers[partition], record, on_charge, &together.corrections, &why),
                     RESULT_OK);
        cr_assert_eq(billing_replay_record(replay, &batch, record, &why), RESULT_OK, "%s", why.sentence);
        if (record->offset == first) {
            together_close(&together, NOVEMBER);
            closed_as(&together, NOVEMBER, first);
        }
        if (record->offset == middle)
            for (unsigned p = 0; p < PARTITIONS; p++)
                ledger_retariff(together.ledgers[p], &dearer, middle, on_charge, &together.corrections);
        if (record->offset == second) {
            together_close(&together, NOVEMBER + 1);
            closed_as(&together, NOVEMBER + 1, second);
        }
    }
    cr_assert_eq(ledger_trial_balance(billing_replay_ledger(replay)), 0);
    corrections += together.corrections.count;
    for (unsigned p = 0; p < PARTITIONS; p++)
        ledger_destroy(&together.ledgers[p]);
    billing_replay_close(&replay);
    history_end(&history);
}

Test(billing_replay, partitions_together_are_the_replay, .init = begin) {
    for (uint64_t seed = 1; seed <= 20; seed++)
        replay_history(seed);
    cr_assert_gt(corrections, 20, "histories of late facts have corrections: %llu",
                 (unsigned long long)corrections);
}

Test(billing_replay, a_month_that_was_not_reached, .init = begin) {
    struct replayed_month month;
    replay = billing_replay_new(&city, NULL);
    decide_begun();
    decide_close(NOVEMBER, 100, RESULT_OK);
    cr_assert_not(billing_replay_month(replay, NOVEMBER, &month), "its offset was not reached");
    cr_assert_not(billing_replay_month(replay, NOVEMBER + 1, &month));
    cr_assert_eq(billing_replay_partitions(replay), PARTITIONS);
    billing_replay_close(&replay);
    cr_assert_null(replay);
}

Test(billing_replay, decisions_that_contradict_each_other, .init = begin) {
    replay = billing_replay_new(&city, NULL);
    decide_close(NOVEMBER, 1, RESULT_CORRUPT); /* before the state has begun */
    decide_begun();
    decide_close(NOVEMBER, 9, RESULT_OK);
    decide_tariff(8, RESULT_CORRUPT);
    decide((struct decision){.kind = DECISION_BEGUN, .month = NOVEMBER, .count = 1}, RESULT_CORRUPT);
    decide((struct decision){.kind = DECISION_PAYMENT, .month = NOVEMBER}, RESULT_OK);
    billing_replay_close(&replay);
}

Test(billing_replay, a_reversal_is_rows_of_its_own, .init = begin) {
    struct decision payment = {
        .kind = DECISION_PAYMENT, .month = NOVEMBER, .amount_rupiah = {[PAYER_CITY_IURAN] = 700}};
    int64_t rupiah;
    replay = billing_replay_new(&city, NULL);
    decide_begun();
    decide(payment, RESULT_OK);
    cr_assert_eq(billing_replay_payments(replay, NOVEMBER, UINT64_MAX, &rupiah), 1);
    cr_assert_eq(rupiah, 700);
    payment.kind = DECISION_PAYMENT_REVERSED;
    payment.amount_rupiah[PAYER_CITY_IURAN] = -700;
    decide(payment, RESULT_OK);
    cr_assert_eq(billing_replay_payments(replay, NOVEMBER, UINT64_MAX, &rupiah), 2);
    cr_assert_eq(rupiah, 0);
    billing_replay_close(&replay);
}

Test(billing_replay, a_tariff_that_is_damaged, .init = begin) {
    static const uint8_t rubbish[] = {9, 9, 9};
    replay = billing_replay_new(&city, NULL);
    decide((struct decision){.kind = DECISION_BEGUN,
                             .month = NOVEMBER,
                             .count = PARTITIONS,
                             .bytes = rubbish,
                             .size = sizeof rubbish},
           RESULT_CORRUPT);
    billing_replay_close(&replay);
}

/* A digest must see a difference in every figure. */
Test(billing_replay, a_digest_sees_every_figure) {
    static const struct charge charge = {.member_id = 1, .month = NOVEMBER, .payer = PAYER_CENTRE};
    struct charge others[] = {charge, charge, charge, charge, charge, charge, charge, charge, charge, charge};
    others[0].member_id++;
    others[1].month++;
    others[2].invoice_month++;
    others[3].payer++;
    others[4].cause++;
    others[5].segment++;
    others[6].vulnerable = true;
    others[7].kecamatan++;
    others[8].amount_rupiah--;
    others[9].cause_offset++;
    struct replay_digest one = {0};
    replay_digest_charge(&one, &charge);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct replay_digest other = {0};
        replay_digest_charge(&other, &others[i]);
        cr_assert_not(replay_digest_equal(one, other), "figure %zu", i);
    }
}
