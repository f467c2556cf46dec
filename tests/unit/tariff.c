/* tariff.c - tests services/domain/tariff.c with the shipped tariff: every row of the rules, its dates and
 * its payers. */
#include "cakupan/tariff.h"

#include "store/city_tariff.h"

#include <criterion/criterion.h>
#include <string.h>

static struct tariff tariff;

static void load(void) {
    struct failure why = {0};
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
}

TestSuite(tariff, .init = load);

static month_t month(int year, int month_of_year) {
    return calendar_month(calendar_day(year, month_of_year, 1));
}

/* Amounts in the order of enum payer from PAYER_CENTRE on; all zero: no row. */
struct expected {
    enum segment segment;
    uint8_t care_class;
    int year, month;
    uint32_t wage, centre, iuran, bantuan, employer, worker, member;
};

static void check(const struct expected *expected, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct expected *e = &expected[i];
        uint32_t amounts[PAYER_COUNT] = {0};
        const struct tariff_row *row =
            tariff_at(&tariff, e->segment, e->care_class, month(e->year, e->month));
        if (row)
            tariff_amounts(row, e->wage, amounts);
        const uint32_t wanted[PAYER_COUNT] = {0,           e->centre, e->iuran, e->bantuan,
                                              e->employer, e->worker, e->member};
        for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
            cr_assert_eq(amounts[payer], wanted[payer], "row %zu (%s %u, %d-%02d): %s pays %u, not %u", i,
                         segment_name(e->segment), e->care_class, e->year, e->month, payer_name(payer),
                         amounts[payer], wanted[payer]);
    }
}
#define CHECK(table) check(table, sizeof table / sizeof *table)

/* Press; Perpres 75/2019 art. 29. */
Test(tariff, the_poor_cost_the_centre) {
    static const struct expected table[] = {
        {.segment = SEGMENT_PBI_JK, 3, 2015, 1, .centre = 23000},
        {.segment = SEGMENT_PBI_JK, 3, 2019, 7, .centre = 23000},
        {.segment = SEGMENT_PBI_JK, 3, 2019, 8, .centre = 42000},
        {.segment = SEGMENT_PBI_JK, 3, 2026, 11, .centre = 42000},
        {.segment = SEGMENT_PBI_JK, 3, 2070, 1, .centre = 42000},
        {.segment = SEGMENT_PBI_JK, 1, 2026, 11},
    };
    CHECK(table);
}

/* Perpres 82/2018; 75/2019 for three months of 2020; 82/2018 again (Supreme Court); 64/2020 with PMK
 * 78/2020. */
Test(tariff, the_self_employed_and_those_without_work) {
    for (unsigned i = 0; i < 2; i++) {
        enum segment segment = i ? SEGMENT_BP : SEGMENT_PBPU;
        const struct expected table[] = {
            {segment, 1, 2019, 12, .member = 80000},
            {segment, 2, 2019, 12, .member = 51000},
            {segment, 3, 2019, 12, .member = 25500},
            {segment, 1, 2020, 1, .member = 160000},
            {segment, 2, 2020, 3, .member = 110000},
            {segment, 3, 2020, 3, .member = 42000},
            {segment, 1, 2020, 4, .member = 80000},
            {segment, 2, 2020, 6, .member = 51000},
            {segment, 3, 2020, 6, .member = 25500},
            {segment, 1, 2020, 7, .member = 150000},
            {segment, 2, 2020, 7, .member = 100000},
            {segment, 3, 2020, 7, .member = 25500, .centre = 16500},
            {segment, 3, 2020, 12, .member = 25500, .centre = 16500},
            {segment, 3, 2021, 1, .member = 35000, .centre = 4200, .bantuan = 2800},
            {segment, 3, 2026, 12, .member = 35000, .centre = 4200, .bantuan = 2800},
            {segment, 1, 2026, 12, .member = 150000},
            {segment, 2, 2026, 12, .member = 100000},
        };
        CHECK(table);
    }
}

/* BPK audits of Bima 2023 and Sidoarjo 2023; Perpres 75/2019. */
Test(tariff, the_city_pays_from_two_budget_lines) {
    static const struct expected table[] = {
        {SEGMENT_PBPU_PEMDA, 3, 2019, 7, .iuran = 0},
        {SEGMENT_PBPU_PEMDA, 3, 2019, 8, .iuran = 42000},
        {SEGMENT_PBPU_PEMDA, 3, 2020, 12, .iuran = 42000},
        {SEGMENT_PBPU_PEMDA, 3, 2021, 1, .iuran = 35000, .bantuan = 2800, .centre = 4200},
        {SEGMENT_PBPU_PEMDA, 3, 2026, 11, .iuran = 35000, .bantuan = 2800, .centre = 4200},
        {SEGMENT_PBPU_PEMDA, 1, 2026, 11, .iuran = 0},
    };
    CHECK(table);
    cr_assert_eq(UINT64_C(383587) * (35000 + 2800), UINT64_C(14499588600));
}

/* Perpres 75/2019 art. 32: 4 % and 1 %, cap 12,000,000, floor the UMK (5,069,708.36 in 2025, 5,399,405.69 in
 * 2026). */
Test(tariff, wages_have_a_floor_and_a_cap) {
    static const struct expected table[] = {
        {SEGMENT_PPU_BU, 2, 2026, 11, 8000000, .employer = 320000, .worker = 80000},
        {SEGMENT_PPU_PN, 1, 2026, 11, 8000000, .employer = 320000, .worker = 80000},
        {SEGMENT_PPU_BU, 1, 2026, 11, 12000000, .employer = 480000, .worker = 120000},
        {SEGMENT_PPU_BU, 1, 2026, 11, 12000001, .employer = 480000, .worker = 120000},
        {SEGMENT_PPU_BU, 1, 2026, 11, UINT32_MAX, .employer = 480000, .worker = 120000},
        {SEGMENT_PPU_BU, 2, 2026, 11, 1, .employer = 215976, .worker = 53994},
        {SEGMENT_PPU_BU, 2, 2026, 11, 5399405, .employer = 215976, .worker = 53994},
        {SEGMENT_PPU_BU, 2, 2026, 11, 5399450, .employer = 215978,
         .worker = 53995}, /* 53,994.5 is rounded up */
        {SEGMENT_PPU_BU, 2, 2026, 11, 5399449, .employer = 215978, .worker = 53994},
        {SEGMENT_PPU_BU, 2, 2025, 12, 1, .employer = 202788, .worker = 50697},
        {SEGMENT_PPU_BU, 2, 2026, 11, 0, .employer = 0},       /* a wage worker's family */
        {SEGMENT_PPU_BU, 2, 2024, 12, 8000000, .employer = 0}, /* no floor is known */
    };
    CHECK(table);
}

Test(tariff, nothing_is_found_for_no_segment_and_no_month) {
    cr_assert_null(tariff_at(&tariff, SEGMENT_NONE, 3, month(2026, 11)));
    cr_assert_null(tariff_at(&tariff, SEGMENT_PBI_JK, 3, MONTH_NONE));
    cr_assert_null(tariff_at(&tariff, SEGMENT_PBI_JK, 3, UINT16_MAX));
    cr_assert_null(tariff_at(&tariff, SEGMENT_PBI_JK, 0, month(2026, 11)));
}

Test(tariff, the_first_day_of_the_month_decides) {
    struct tariff two = {.count = 2,
                         .rows = {{.valid_to = calendar_day(2026, 11, 15), .segment = 1, .share = {0, 7}},
                                  {.valid_from = calendar_day(2026, 11, 16), .segment = 1, .share = {0, 9}}}};
    cr_assert_eq(tariff_at(&two, SEGMENT_PBI_JK, 3, month(2026, 11))->share[PAYER_CENTRE], 7);
    cr_assert_eq(tariff_at(&two, SEGMENT_PBI_JK, 3, month(2026, 12))->share[PAYER_CENTRE], 9);
}

Test(tariff, a_digest_tells_tariffs_apart) {
    uint64_t digest = tariff_digest(&tariff);
    struct tariff other = tariff;
    cr_assert_eq(tariff_digest(&other), digest);
    other.rows[other.count - 1].share[PAYER_WORKER]++;
    cr_assert_neq(tariff_digest(&other), digest);
    other = tariff;
    other.rows[0].valid_to++;
    cr_assert_neq(tariff_digest(&other), digest);
    other = tariff;
    other.count--;
    cr_assert_neq(tariff_digest(&other), digest);
}

Test(tariff, payers_have_names) {
    for (unsigned payer = PAYER_CENTRE; payer < PAYER_COUNT; payer++)
        cr_assert_eq(payer_from_name(payer_name(payer)), payer);
    cr_assert_null(payer_name(PAYER_COUNT));
    cr_assert_eq(payer_from_name("NONE"), PAYER_NONE);
    cr_assert_eq(payer_from_name("city"), PAYER_NONE);
    cr_assert_eq(payer_from_name(NULL), PAYER_NONE);
    cr_assert(payer_is_city(PAYER_CITY_IURAN) && payer_is_city(PAYER_CITY_BANTUAN));
    cr_assert_not(payer_is_city(PAYER_CENTRE) || payer_is_city(PAYER_MEMBER));
}
