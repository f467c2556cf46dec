/* region.c - tests services/domain/region.c: order, bounds and look-up of the table of regions. */
#include "cakupan/region.h"

#include <criterion/criterion.h>
#include <string.h>

static struct region_table table;

static void start(void) {
    table = (struct region_table){.city_code = 3671};
}

TestSuite(region, .init = start);

Test(region, kecamatan_are_made_when_first_met_and_summed) {
    cr_assert(region_table_add(&table, 3671011001, "Sukarasa", "Tangerang", 100));
    cr_assert(region_table_add(&table, 3671011002, "Sukaasih", "Tangerang", 50));
    cr_assert(region_table_add(&table, 3671021001, "Keroncong", "Jatiuwung", 7));
    cr_assert_eq(table.kelurahan_count, 3);
    cr_assert_eq(table.kecamatan_count, 2);
    cr_assert_eq(table.kecamatan[0].code, 367101);
    cr_assert_eq(table.kecamatan[0].population, 150);
    cr_assert_eq(table.kecamatan[1].code, 367102);
    cr_assert_eq(table.kelurahan[2].kecamatan, 1);
    cr_assert_str_eq(table.kelurahan[1].name, "Sukaasih");
    cr_assert_str_eq(table.kecamatan[1].name, "Jatiuwung");
}

Test(region, codes_ascend_and_are_the_citys) {
    cr_assert(region_table_add(&table, 3671011002, "B", "T", 1));
    cr_assert_not(region_table_add(&table, 3671011002, "again", "T", 1));
    cr_assert_not(region_table_add(&table, 3671011001, "before", "T", 1));
    cr_assert_not(region_table_add(&table, 3672011001, "another city", "T", 1));
    cr_assert_not(region_table_add(&table, 367101, "six digits", "T", 1));
    cr_assert_not(region_table_add(&table, 0, "none", "T", 1));
    cr_assert_eq(table.kelurahan_count, 1);
    cr_assert_eq(table.kecamatan_count, 1);
    cr_assert_eq(table.kecamatan[0].population, 1);
}

Test(region, a_table_without_a_city_takes_nothing) {
    table.city_code = 0;
    cr_assert_not(region_table_add(&table, 123456, "x", "y", 1));
}

Test(region, look_up_finds_each_and_nothing_else) {
    for (uint32_t i = 0; i < KELURAHAN_MAX; i++)
        cr_assert(region_table_add(&table, 3671010001 + i * 3, "x", "y", 1));
    for (uint32_t i = 0; i < KELURAHAN_MAX; i++) {
        cr_assert_eq(region_index(&table, 3671010001 + i * 3), i);
        cr_assert_eq(region_index(&table, 3671010002 + i * 3), REGION_NOWHERE);
    }
    cr_assert_eq(region_index(&table, 0), REGION_NOWHERE);
    cr_assert_eq(region_index(&table, UINT32_MAX), REGION_NOWHERE);
    cr_assert_not(region_table_add(&table, 3671020001, "one too many", "y", 1));
}

Test(region, an_empty_table_knows_nothing) {
    cr_assert_eq(region_index(&table, 3671011001), REGION_NOWHERE);
}

Test(region, kecamatan_are_bounded) {
    for (uint32_t i = 0; i < KECAMATAN_MAX; i++)
        cr_assert(region_table_add(&table, 3671010001 + i * 10000, "x", "y", 1));
    cr_assert_not(region_table_add(&table, 3671010001 + KECAMATAN_MAX * 10000, "x", "y", 1));
    cr_assert_eq(table.kelurahan_count, KECAMATAN_MAX);
}

Test(region, long_names_are_cut_between_characters) {
    char name[64];
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    memcpy(name + REGION_NAME_MAX - 1, "\xc3\xa9", 2);
    cr_assert(region_table_add(&table, 3671011001, name, name, 1));
    cr_assert_eq(strlen(table.kelurahan[0].name), REGION_NAME_MAX - 1);
    cr_assert_eq(strlen(table.kecamatan[0].name), REGION_NAME_MAX - 1);
}
