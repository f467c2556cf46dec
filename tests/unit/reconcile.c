/* reconcile.c - tests services/domain/reconcile.c: each difference with its reason and amount, and that
 * they add up. */
#include "cakupan/reconcile.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define NIK(serial) (UINT64_C(3671010101900000) + (serial))

static struct reconcile *reconcile;
static struct reconcile_difference last, ours[16];
static unsigned ours_count;

static void start(void) {
    reconcile = reconcile_new(0);
    ours_count = 0;
}
static void stop(void) {
    reconcile_destroy(&reconcile);
    cr_assert_null(reconcile);
}
TestSuite(reconcile, .init = start, .fini = stop);

static void enter(uint32_t member_id, identity_t identity, int64_t amount_rupiah) {
    struct roster_entry entry = {.member_id = member_id,
                                 .identity = identity,
                                 .segment = SEGMENT_PBPU_PEMDA,
                                 .care_class = 3,
                                 .amount_rupiah = amount_rupiah};
    reconcile_entry(reconcile, &entry);
}

static enum difference row(identity_t identity, uint8_t segment, uint8_t care_class, int64_t amount_rupiah) {
    static uint64_t line = 1;
    struct bpjs_row bpjs = {.line = ++line,
                            .identity = identity,
                            .segment = segment,
                            .care_class = care_class,
                            .amount_rupiah = amount_rupiah};
    bool differs = reconcile_row(reconcile, &bpjs, &last);
    cr_assert_eq(differs, last.difference != DIFFERENCE_NONE);
    cr_assert_eq(last.line, line);
    return (enum difference)last.difference;
}

static void on_ours(void *context, const struct reconcile_difference *difference) {
    (void)context;
    cr_assert_eq(difference->difference, DIFFERENCE_ONLY_OURS);
    ours[ours_count++ % 16] = *difference;
}

/* What both sides ask for differs by what the differences say, to the rupiah. */
static struct reconcile_sums end(void) {
    struct reconcile_sums sums;
    int64_t difference = 0;
    uint64_t rows = 0;
    reconcile_end(reconcile, on_ours, NULL);
    reconcile_sums(reconcile, &sums);
    for (int i = 0; i < DIFFERENCE_COUNT; i++) {
        difference += sums.difference_rupiah[i];
        rows += i == DIFFERENCE_ONLY_OURS ? 0 : sums.differences[i];
    }
    cr_assert_eq(sums.bpjs_rupiah - sums.our_rupiah, difference);
    cr_assert_eq(sums.rows, sums.agreed + rows);
    return sums;
}

Test(reconcile, both_agree) {
    enter(1, NIK(1), 37800);
    enter(2, NIK(2), 37800);
    cr_assert_eq(row(NIK(2), SEGMENT_PBPU_PEMDA, 3, 37800), DIFFERENCE_NONE);
    cr_assert_eq(row(NIK(1), SEGMENT_NONE, 0, 37800), DIFFERENCE_NONE,
                 "what the file does not say does not differ");
    struct reconcile_sums sums = end();
    cr_assert_eq(sums.agreed, 2);
    cr_assert_eq(ours_count, 0);
}

Test(reconcile, billed_and_not_ours) {
    enter(1, NIK(1), 37800);
    cr_assert_eq(row(NIK(2), 0, 0, 37800), DIFFERENCE_ONLY_BPJS);
    cr_assert_eq(last.member_id, 0);
    cr_assert_eq(last.our_rupiah, 0);
    struct reconcile_sums sums = end();
    cr_assert_eq(sums.difference_rupiah[DIFFERENCE_ONLY_BPJS], 37800);
    cr_assert_eq(sums.difference_rupiah[DIFFERENCE_ONLY_OURS], -37800);
}

Test(reconcile, ours_and_not_billed_in_the_rosters_order) {
    enter(9, NIK(9), 37800);
    enter(3, NIK(3), 2800);
    enter(5, NIK(5), 37800);
    cr_assert_eq(row(NIK(3), 0, 0, 2800), DIFFERENCE_NONE);
    end();
    cr_assert_eq(ours_count, 2);
    cr_assert_eq(ours[0].member_id, 9);
    cr_assert_eq(ours[1].member_id, 5);
    cr_assert_eq(ours[1].our_rupiah, 37800);
    cr_assert_eq(ours[1].line, 0);
}

Test(reconcile, amounts_and_segments) {
    enter(1, NIK(1), 37800);
    enter(2, NIK(2), 37800);
    enter(3, NIK(3), 37800);
    cr_assert_eq(row(NIK(1), SEGMENT_PBPU_PEMDA, 3, 42000), DIFFERENCE_AMOUNT);
    cr_assert_eq(last.our_rupiah, 37800);
    cr_assert_eq(row(NIK(2), SEGMENT_PPU_BU, 3, 42000), DIFFERENCE_SEGMENT, "the segment comes first");
    cr_assert_eq(row(NIK(3), 0, 1, 37800), DIFFERENCE_SEGMENT, "another class");
    struct reconcile_sums sums = end();
    cr_assert_eq(sums.difference_rupiah[DIFFERENCE_AMOUNT], 4200);
    cr_assert_eq(sums.difference_rupiah[DIFFERENCE_SEGMENT], 4200);
}

Test(reconcile, billed_again_for_the_same_person) {
    enter(1, NIK(1), 37800);
    cr_assert_eq(row(NIK(1), 0, 0, 37800), DIFFERENCE_NONE);
    cr_assert_eq(row(NIK(1), 0, 0, 37800), DIFFERENCE_TWICE);
    cr_assert_eq(last.member_id, 1);
    struct reconcile_sums sums = end();
    cr_assert_eq(sums.difference_rupiah[DIFFERENCE_TWICE], 37800, "all of it is too much");
}

/* Two members of ours under one number: BPJS's two rows are not more than we have. */
Test(reconcile, ours_charged_twice) {
    enter(1, NIK(1), 37800);
    enter(2, NIK(1), 37800);
    cr_assert_eq(row(NIK(1), 0, 0, 37800), DIFFERENCE_NONE);
    cr_assert_eq(row(NIK(1), 0, 0, 37800), DIFFERENCE_NONE);
    cr_assert_eq(row(NIK(1), 0, 0, 37800), DIFFERENCE_TWICE);
    end();
    cr_assert_eq(ours_count, 0);
}

/* The roster was frozen before the NIK came; BPJS bills by the NIK, or still by the temporary id. */
Test(reconcile, newborns_by_the_niks_they_got_since) {
    for (uint32_t i = 0; i < 200; i++)
        enter(i + 1, IDENTITY_TEMPORARY | (i + 1), 37800);
    for (uint32_t i = 0; i < 200; i++)
        reconcile_known_as(reconcile, i, NIK(i + 1));
    for (uint32_t i = 0; i < 100; i++) {
        cr_assert_eq(row(NIK(i + 1), SEGMENT_PBPU_PEMDA, 3, i ? 37800 : 42000),
                     i ? DIFFERENCE_NONE : DIFFERENCE_AMOUNT);
        cr_assert_eq(row(IDENTITY_TEMPORARY | (i + 1), 0, 0, 37800), DIFFERENCE_TWICE, "under either name");
        cr_assert_eq(last.member_id, i + 1);
    }
    cr_assert_eq(row(IDENTITY_TEMPORARY | 150, 0, 0, 37800), DIFFERENCE_NONE);
    cr_assert_eq(row(NIK(150), 0, 0, 37800), DIFFERENCE_TWICE);
    struct reconcile_sums sums = end();
    cr_assert_eq(sums.agreed, 100);
    cr_assert_eq(ours_count, 99);
    cr_assert_eq(ours[98 % 16].identity, IDENTITY_TEMPORARY | 200, "as the roster says it");
}

Test(reconcile, newborns_by_their_temporary_ids) {
    enter(1, IDENTITY_TEMPORARY | 5, 37800);
    cr_assert_eq(row(IDENTITY_TEMPORARY | 5, SEGMENT_PBPU_PEMDA, 3, 37800), DIFFERENCE_NONE);
    cr_assert_eq(row(IDENTITY_TEMPORARY | 5, 0, 0, 37800), DIFFERENCE_TWICE);
    cr_assert_eq(row(IDENTITY_TEMPORARY | 6, 0, 0, 37800), DIFFERENCE_NIK_INVALID, "none of ours");
    struct reconcile_sums sums = end();
    cr_assert_eq(sums.agreed, 1);
    cr_assert_eq(ours_count, 0);
}

Test(reconcile, numbers_that_are_no_nik) {
    enter(1, NIK(1), 37800);
    enter(2, NIK(0), 37800); /* its sequence is 0000, and it stands in our roster all the same */
    cr_assert_eq(row(0, 0, 0, 37800), DIFFERENCE_NIK_INVALID);
    cr_assert_eq(row(UINT64_C(3671019999990001), 0, 0, 37800), DIFFERENCE_NIK_INVALID);
    cr_assert_eq(row(IDENTITY_TEMPORARY | 5, 0, 0, 37800), DIFFERENCE_NIK_INVALID);
    cr_assert_eq(row(NIK(0), 0, 0, 37800), DIFFERENCE_NIK_INVALID);
    cr_assert_eq(last.member_id, 2);
    cr_assert_eq(last.our_rupiah, 37800);
    end();
    cr_assert_eq(ours_count, 1);
}

/* Who has no NIK yet is unknown to BPJS; a roster without numbers agrees with nobody. */
Test(reconcile, temporary_ids_and_no_ids_are_ours_alone) {
    enter(1, IDENTITY_TEMPORARY | 5, 37800);
    enter(2, 0, 37800);
    end();
    cr_assert_eq(ours_count, 2);
}

Test(reconcile, an_empty_roster_and_an_empty_file) {
    struct reconcile_sums sums;
    cr_assert_eq(row(NIK(1), 0, 0, 37800), DIFFERENCE_ONLY_BPJS);
    sums = end();
    cr_assert_eq(sums.rows, 1);
    reconcile_destroy(&reconcile);
    reconcile = reconcile_new(7);
    sums = end();
    cr_assert_eq(sums.rows, 0);
}

/* 30,000 people, rows in another order with mistakes by a known rule: every one is found, and nothing
 * else. */
Test(reconcile, a_month_of_many) {
    enum { PEOPLE = 30000 };
    uint64_t expected[DIFFERENCE_COUNT] = {0};
    for (uint32_t i = 0; i < PEOPLE; i++)
        enter(i + 1, UINT64_C(3671010101000001) + i % 9999 + (uint64_t)(i / 9999) * 100000000,
              i % 7 ? 37800 : 2800);
    for (uint32_t k = 0; k < PEOPLE; k++) {
        uint32_t i = (k * 7919u) % PEOPLE;
        identity_t identity = UINT64_C(3671010101000001) + i % 9999 + (uint64_t)(i / 9999) * 100000000;
        int64_t amount = i % 7 ? 37800 : 2800;
        enum difference wanted = DIFFERENCE_NONE;
        if (i % 11 == 3) {
            expected[DIFFERENCE_ONLY_OURS]++;
            continue;
        }
        if (i % 13 == 5) {
            amount++;
            wanted = DIFFERENCE_AMOUNT;
        }
        expected[wanted]++;
        cr_assert_eq(row(identity, SEGMENT_PBPU_PEMDA, 3, amount), wanted, "%u", i);
        if (i % 17 == 1) {
            expected[DIFFERENCE_TWICE]++;
            cr_assert_eq(row(identity, SEGMENT_PBPU_PEMDA, 3, amount), DIFFERENCE_TWICE);
        }
    }
    struct reconcile_sums sums = end();
    cr_assert_eq(sums.agreed, expected[DIFFERENCE_NONE]);
    for (int i = 1; i < DIFFERENCE_COUNT; i++)
        cr_assert_eq(sums.differences[i], expected[i], "%s", difference_name((enum difference)i));
    cr_assert_eq(ours_count, expected[DIFFERENCE_ONLY_OURS]);
}

Test(reconcile, names_are_public) {
    for (int i = 0; i < DIFFERENCE_COUNT; i++)
        cr_assert_not_null(difference_name((enum difference)i));
    cr_assert_null(difference_name(DIFFERENCE_COUNT));
    cr_assert_str_eq(difference_name(DIFFERENCE_ONLY_OURS), "ONLY_OURS");
}
