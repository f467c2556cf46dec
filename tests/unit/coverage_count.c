/* coverage_count.c - tests that the figures of a day that is over are kept, and what a broken feed leaves
 * behind. */
#include "coverage/coverage_internal.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct coverage *coverage;
static char directory[] = "/tmp/cakupan-count-XXXXXX";
static char path[64];

static void setup(void) {
    coverage = calloc(1, sizeof *coverage);
    coverage->city = calloc(1, sizeof *coverage->city);
    coverage->city->regions.city_code = 3671;
    cr_assert(region_table_add(&coverage->city->regions, 3671011001, "Satu", "Satu", 10));
    coverage->city->policy = (struct policy){.count = 1, .rows = {{.valid_from = 1}}};
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/coverage.db", directory);
    cr_assert_eq(coverage_store_open(&coverage->store, path, NULL), RESULT_OK);
}

static void teardown(void) {
    char command[96];
    coverage_store_close(&coverage->store);
    free(coverage->city);
    free(coverage);
    snprintf(command, sizeof command, "rm -r %s", directory);
    cr_assert_eq(system(command), 0);
}
TestSuite(coverage_count, .init = setup, .fini = teardown);

static enum result enrol(day_t day, uint64_t offset) {
    struct batch_header batch = {.first_offset = offset, .count = 1, .day = day, .time_ms = 1};
    struct record record = {
        .offset = offset,
        .kind = CHANGE_ENROL,
        .has_after = true,
        .after = {.kelurahan = 3671011001, .segment = SEGMENT_BP, .status = STATUS_ACTIVE}};
    return coverage_count(coverage, &batch, &record, NULL);
}

struct rows {
    unsigned count;
    uint64_t offset[8];
    uint32_t registered[8], enrolled[8];
};
static void on_row(void *context, day_t day, uint64_t offset, uint32_t code, const struct totals_line *line) {
    struct rows *rows = context;
    (void)day, (void)code;
    rows->offset[rows->count] = offset;
    rows->registered[rows->count] = line->registered;
    rows->enrolled[rows->count++] = line->flows[FLOW_ENROLLED];
}

Test(coverage_count, a_day_that_ends_in_the_middle_of_a_reply_keeps_its_last_figures) {
    static const day_t DAYS[] = {40000, 40000, 40001, 40005, 40005, 40005};
    for (size_t index = 0; index < sizeof DAYS / sizeof *DAYS; index++)
        cr_assert_eq(enrol(DAYS[index], index + 1), RESULT_OK);
    struct rows rows = {0};
    cr_assert_eq(coverage_store_history(coverage->store, DAY_NONE, DAY_NONE, 3671, 8, on_row, &rows, NULL),
                 RESULT_OK);
    cr_assert_eq(rows.count, 2, "the day that goes on is written with the commit");
    cr_assert_eq(rows.registered[0], 2);
    cr_assert_eq(rows.enrolled[0], 2);
    cr_assert_eq(rows.offset[0], 2);
    cr_assert_eq(rows.registered[1], 3);
    cr_assert_eq(rows.enrolled[1], 1);
}

Test(coverage_count, a_gap_is_handed_through_and_counts_nothing) {
    cr_assert_eq(enrol(40000, 1), RESULT_OK);
    cr_assert_eq(enrol(40000, 3), RESULT_CORRUPT);
    cr_assert_eq(enrol(40000, 1), RESULT_CORRUPT);
    cr_assert_eq(coverage->totals.offset, 1);
    cr_assert_eq(coverage->totals.kelurahan[0].people[SEGMENT_BP][STATUS_ACTIVE], 1);
}
