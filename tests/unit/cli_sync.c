/* cli_sync.c - tests of the master list against the registry: every finding, and the changes that follow. */
#include "cli/sync_compare.h"

#include "registry_fixture.h"

#include <criterion/criterion.h>

static struct city *city;
static struct sync_compare compare;

static void setup(void) {
    city = city_begin();
}
TestSuite(cli_sync, .init = setup);

static enum sync_finding look(identity_t identity, enum segment segment, uint8_t care_class, bool active) {
    return sync_compare_row(&compare, &(struct sync_row){identity, (uint8_t)segment, care_class, active});
}

static void begin(void) {
    sync_compare_init(&compare, city->registry);
}

static void expect_changes(size_t count, const enum change *kinds) {
    cr_assert_eq(compare.change_count, count, "%zu changes", compare.change_count);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(compare.changes[i].kind, kinds[i]);
    sync_compare_free(&compare);
}

CITY_TEST(cli_sync, who_is_as_in_the_list_needs_nothing) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    uint8_t care_class = city_member(city, nik(1))->care_class;
    begin();
    cr_assert_eq(look(nik(1), SEGMENT_PPU_BU, care_class, true), SYNC_SAME);
    expect_changes(0, NULL);
}

CITY_TEST(cli_sync, an_employer_who_covers_comes_first) {
    city_enrol(city, nik(1), SEGMENT_PBI_JK);
    city_enrol(city, nik(2), SEGMENT_PBPU);
    begin();
    cr_assert_eq(look(nik(1), SEGMENT_PPU_BU, 2, true), SYNC_EMPLOYER_COVERS);
    cr_assert_eq(look(nik(2), SEGMENT_PPU_BU, 2, true), SYNC_OTHER_SEGMENT,
                 "who pays alone is no public money");
    cr_assert_eq(compare.changes[0].segment, SEGMENT_PPU_BU);
    cr_assert_eq(compare.changes[0].care_class, 2);
    expect_changes(2, (enum change[]){CHANGE_SWITCH_SEGMENT, CHANGE_SWITCH_SEGMENT});
}

CITY_TEST(cli_sync, statuses_that_differ) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_enrol(city, nik(2), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, BPJS, (struct event){.kind = CHANGE_SUSPEND, .identity = nik(2)}),
                 REFUSAL_NONE);
    begin();
    cr_assert_eq(look(nik(1), SEGMENT_PPU_BU, 0, false), SYNC_SUSPENDED_THERE);
    cr_assert_eq(look(nik(2), SEGMENT_PPU_BU, 0, true), SYNC_ACTIVE_THERE);
    expect_changes(2, (enum change[]){CHANGE_SUSPEND, CHANGE_RESUME});
}

CITY_TEST(cli_sync, another_segment_and_no_cover_are_two_changes) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    begin();
    cr_assert_eq(look(nik(1), SEGMENT_BP, 2, false), SYNC_OTHER_SEGMENT);
    expect_changes(2, (enum change[]){CHANGE_SWITCH_SEGMENT, CHANGE_SUSPEND});
}

CITY_TEST(cli_sync, another_class_counts_only_where_the_list_says_one) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    uint8_t other = city_member(city, nik(1))->care_class == 1 ? 2 : 1;
    begin();
    cr_assert_eq(look(nik(1), SEGMENT_PPU_BU, other, true), SYNC_OTHER_CLASS);
    sync_compare_free(&compare);
    begin();
    cr_assert_eq(look(nik(1), SEGMENT_PPU_BU, 0, true), SYNC_SAME);
    expect_changes(0, NULL);
}

CITY_TEST(cli_sync, a_layoff_here_is_not_undone_by_an_older_list) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, LABOUR,
                           (struct event){.kind = CHANGE_LAYOFF,
                                          .identity = nik(1),
                                          .employer = 77,
                                          .day = city->today,
                                          .proof = PROOF_NOTICE_RECEIPT}),
                 REFUSAL_NONE);
    begin();
    cr_assert_eq(look(nik(1), SEGMENT_PPU_BU, 1, true), SYNC_LAID_OFF_HERE);
    expect_changes(0, NULL);
}

CITY_TEST(cli_sync, who_left_here_is_not_brought_back) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, BPJS, (struct event){.kind = CHANGE_DEATH, .identity = nik(1)}),
                 REFUSAL_NONE);
    begin();
    cr_assert_eq(look(nik(1), SEGMENT_PPU_BU, 1, true), SYNC_LEFT_HERE);
    uint32_t id = 1;
    cr_assert_null(sync_compare_gone(&compare, &id), "and is not missed either");
    expect_changes(0, NULL);
}

CITY_TEST(cli_sync, new_twice_and_gone) {
    for (unsigned serial = 1; serial <= 20; serial++)
        city_enrol(city, nik(serial), SEGMENT_PPU_BU);
    begin();
    cr_assert_eq(look(nik(5000), SEGMENT_PPU_BU, 0, true), SYNC_NEW);
    for (unsigned serial = 1; serial <= 20; serial++)
        if (serial != 8 && serial != 16)
            cr_assert_eq(look(nik(serial), SEGMENT_PPU_BU, 0, true), SYNC_SAME);
    cr_assert_eq(look(nik(3), SEGMENT_PBI_JK, 3, true), SYNC_TWICE, "the first row counts");
    uint32_t id = 1;
    const struct member *first = sync_compare_gone(&compare, &id), *second = sync_compare_gone(&compare, &id);
    cr_assert(first && second);
    cr_assert_eq(first->identity, nik(8));
    cr_assert_eq(second->identity, nik(16));
    cr_assert_null(sync_compare_gone(&compare, &id));
    cr_assert_eq(compare.counts[SYNC_GONE], 2);
    expect_changes(0, NULL);
}

CITY_TEST(cli_sync, rows_as_texts) {
    struct sync_row row;
    cr_assert(sync_row_read("3671010101900001", "PBPU_PEMDA", "3", "ACTIVE", &row));
    cr_assert(row.active && row.segment == SEGMENT_PBPU_PEMDA && row.care_class == 3);
    cr_assert(sync_row_read("3671010101900001", "pbpu & bp pemda", "", "Non Aktif", &row));
    cr_assert(!row.active && row.segment == SEGMENT_PBPU_PEMDA && row.care_class == 0);
    cr_assert(!sync_row_read("36710101019", "PBPU", "3", "ACTIVE", &row));
    cr_assert(!sync_row_read("3671013113900001", "PBPU", "3", "ACTIVE", &row));
    cr_assert(!sync_row_read("3671010101900001", "XYZ", "3", "ACTIVE", &row));
    cr_assert(!sync_row_read("3671010101900001", "", "3", "ACTIVE", &row));
    cr_assert(!sync_row_read("3671010101900001", "PBPU", "4", "ACTIVE", &row));
    cr_assert(!sync_row_read("3671010101900001", "PBPU", "III", "ACTIVE", &row));
    cr_assert(!sync_row_read("3671010101900001", "PBPU", "3", "", &row));
}
