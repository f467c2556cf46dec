/* cli_verify.c - tests of coverage's picture on our side, and of the comparison that `cakupan verify`
 * makes. */
#include "view/coverage_view.h"
#include "cli/verify_fold.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct failure why;
static struct region_table regions;
static struct totals totals;
static struct coverage_view view;

/* Two kecamatan; the names Cipondoh and Gondrong stand twice, as they may. */
static void setup(void) {
    regions = (struct region_table){.city_code = 3671, .city_name = "Kota Tangerang", .population = 100};
    cr_assert(region_table_add(&regions, 3671051001u, "Cipondoh", "Cipondoh", 40));
    cr_assert(region_table_add(&regions, 3671051002u, "Gondrong", "Cipondoh", 20));
    cr_assert(region_table_add(&regions, 3671121001u, "Gondrong", "Karang Tengah", 40));
    totals_init(&totals);
    totals.offset = 9;
    totals.kelurahan[0].people[SEGMENT_PBPU_PEMDA][STATUS_ACTIVE] = 7;
    totals.kelurahan[2].people[SEGMENT_PPU_BU][STATUS_GRACE] = 2;
    view = (struct coverage_view){.offset = 9};
    static const uint32_t codes[] = {3671, 367105, 367112, 3671051001u, 3671051002u, 3671121001u};
    static const char *const names[] = {"Kota Tangerang", "Cipondoh", "Karang Tengah",
                                        "Cipondoh",       "Gondrong", "Gondrong"};
    for (size_t i = 0; i < 6; i++) {
        view.regions[i].code = codes[i];
        strcpy(view.regions[i].name, names[i]);
        cr_assert(totals_line(&totals, &regions, codes[i], &view.regions[i].line));
        view.count++;
    }
}
TestSuite(cli_verify, .init = setup);

static uint32_t found(const char *text) {
    const struct coverage_region *region = NULL;
    return coverage_view_find(&view, text, &region, &why) == RESULT_OK ? region->code : 0;
}

Test(cli_verify, regions_by_code) {
    cr_assert_eq(found(NULL), 3671);
    cr_assert_eq(found("3671"), 3671);
    cr_assert_eq(found("36.71.05"), 367105);
    cr_assert_eq(found("3671121001"), 3671121001u);
    cr_assert_eq(found("3671129999"), 0);
    cr_assert_str_eq(why.code, "REGION_UNKNOWN");
    cr_assert_eq(found("36711210010000000000"), 0);
}

Test(cli_verify, regions_by_name) {
    cr_assert_eq(found("cipondoh"), 367105, "the higher level is meant");
    cr_assert_eq(found("karangtengah"), 367112);
    cr_assert_eq(found("KARANG-TENGAH"), 367112);
    cr_assert_eq(found("Karang"), 0, "a part of a name is none");
    cr_assert_eq(found("Cipondoh/Cipondoh"), 3671051001u);
    cr_assert_eq(found("karang tengah/gondrong"), 3671121001u);
    cr_assert_eq(found("Karang Tengah/Cipondoh"), 0);
    cr_assert_eq(found(""), 0);
    cr_assert_eq(found("/"), 0);
}

Test(cli_verify, a_name_of_two_kelurahan_is_ambiguous) {
    cr_assert_eq(found("Gondrong"), 0);
    cr_assert_str_eq(why.code, "REGION_AMBIGUOUS");
}

Test(cli_verify, what_lies_below_what) {
    cr_assert(region_is_below(367105, 3671));
    cr_assert(region_is_below(3671051001u, 367105));
    cr_assert(!region_is_below(3671051001u, 3671), "not directly");
    cr_assert(!region_is_below(3671051001u, 367112));
    cr_assert(!region_is_below(3671, 3671));
    cr_assert(!region_is_below(3671051001u, 3671051001u));
}

Test(cli_verify, an_update_must_continue_the_picture) {
    static struct coverage_view update;
    update = (struct coverage_view){.since_offset = 9, .offset = 12, .count = 1};
    update.regions[0] = view.regions[4];
    update.regions[0].line.registered = 1;
    cr_assert(coverage_view_update(&view, &update));
    cr_assert_eq(view.offset, 12);
    cr_assert_eq(view.regions[4].line.registered, 1);
    cr_assert(!coverage_view_update(&view, &update), "the same update again leaves a gap");
    update.since_offset = 12;
    update.regions[0].code = 3671999999u;
    cr_assert(!coverage_view_update(&view, &update), "a region that is not known");
    cr_assert_eq(view.offset, 12);
}

Test(cli_verify, equal_figures_agree) {
    struct verify_difference differences[VERIFY_DIFFERENCES_MAX];
    cr_assert_eq(verify_compare(&totals, &regions, &view, differences), 0);
}

Test(cli_verify, every_figure_of_every_region_is_compared) {
    struct verify_difference differences[VERIFY_DIFFERENCES_MAX];
    for (size_t region = 0; region < view.count; region++) {
        for (unsigned field = 0; field < TOTALS_FIELDS; field++) {
            char name[TOTALS_FIELD_NAME];
            uint32_t *figure = totals_field(&view.regions[region].line, field);
            (*figure)++;
            cr_assert_eq(verify_compare(&totals, &regions, &view, differences), 1);
            totals_field_name(field, name);
            cr_assert_str_eq(differences[0].figure, name);
            cr_assert_eq(differences[0].code, view.regions[region].code);
            cr_assert_eq(differences[0].found, differences[0].recounted + 1);
            (*figure)--;
        }
    }
}

Test(cli_verify, a_region_that_is_missing_is_a_difference) {
    struct verify_difference differences[VERIFY_DIFFERENCES_MAX];
    view.count--;
    cr_assert_eq(verify_compare(&totals, &regions, &view, differences), 1);
    cr_assert_eq(differences[0].code, 3671121001u);
}

Test(cli_verify, more_differences_than_are_listed_are_still_counted) {
    struct verify_difference differences[VERIFY_DIFFERENCES_MAX];
    for (size_t region = 0; region < view.count; region++)
        for (unsigned field = 0; field < TOTALS_FIELDS; field++)
            (*totals_field(&view.regions[region].line, field))++;
    cr_assert_eq(verify_compare(&totals, &regions, &view, differences), view.count * TOTALS_FIELDS);
}

Test(cli_verify, months_of_grace_are_compared_from_both_sides) {
    static struct verify_difference differences[VERIFY_DIFFERENCES_MAX];
    month_t may = calendar_month(calendar_day(2027, 5, 1));
    totals.grace[0] = view.grace[0] = (struct totals_grace){.month = may, .people = 2};
    cr_assert_eq(verify_compare(&totals, &regions, &view, differences), 0);
    view.grace[0].people = 3;
    cr_assert_eq(verify_compare(&totals, &regions, &view, differences), 1);
    cr_assert_eq(differences[0].code, 3671);
    cr_assert_str_eq(differences[0].figure, "grace until 2027-05");
    cr_assert_eq(differences[0].recounted, 2);
    cr_assert_eq(differences[0].found, 3);
    view.grace[0].month++;
    cr_assert_eq(verify_compare(&totals, &regions, &view, differences), 2, "one is missing, one too many");
    cr_assert_str_eq(differences[1].figure, "grace until 2027-06");
    cr_assert_eq(differences[1].recounted, 0);
}
