/* bill_files.c - tests of what offices take away: rosters as CSV and XLSX, minutes as PDF; whole,
 * private, the same bytes again. */
#include "cli/bill_files.h"

#include "bill_example.h"
#include "cli/csv_file.h"
#include "cli/output_file.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NIK UINT64_C(3671010101900001)

static struct bill_example example;
static struct bill_view view;
static struct failure why;
static char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];

static void begin(const char *name) {
    bill_example_make(&example, CITY_DIRECTORY, true);
    cr_assert_eq(bill_view_read(&view, example.bytes, example.size, &why), RESULT_OK, "%s", why.sentence);
    if (!directory[0])
        scratch_make(directory);
    snprintf(path, sizeof path, "%s/%s", directory, name);
}

static void end(void) {
    scratch_remove(directory);
    bill_view_free(&view);
}

static struct roster_row row_of(identity_t identity, const char *name) {
    return (struct roster_row){.entry = {.member_id = 7,
                                         .identity = identity,
                                         .kelurahan = example.city.regions.kelurahan[0].code,
                                         .segment = SEGMENT_PBPU_PEMDA,
                                         .care_class = 3,
                                         .amount_rupiah = 37800,
                                         .cause_offset = 99},
                               .name = {name, (uint16_t)strlen(name)}};
}

static void roster_make(enum roster_format format, bool whole_nik, const char *name) {
    struct roster_file *file;
    struct roster_row rows[] = {row_of(NIK, name), row_of(IDENTITY_TEMPORARY | UINT64_C(5) << 32 | 17, "")};
    rows[1].entry.kelurahan = 0;
    rows[1].entry.vulnerable = true;
    cr_assert_eq(roster_file_open(&file, path, format, &example.city.regions, whole_nik, &view, &why),
                 RESULT_OK, "%s", why.sentence);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(roster_file_row(file, &rows[i], &why), RESULT_OK, "%s", why.sentence);
    cr_assert_neq(access(path, F_OK), 0, "not there before it is whole");
    cr_assert_eq(roster_file_close(&file, &why), RESULT_OK, "%s", why.sentence);
}

static char *file_text(size_t *size) {
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    char *text = calloc(1, 1 << 20);
    *size = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    return text;
}

Test(bill_files, a_roster_as_csv) {
    size_t size;
    begin("roster.csv");
    roster_make(ROSTER_CSV, true, "SITI \"AMINAH\", binti Ali");
    char *text = file_text(&size);
    cr_assert_eq(strncmp(text, "nik,name,kecamatan,", 19), 0, "%s", text);
    cr_assert(strstr(text, "3671010101900001,\"SITI \"\"AMINAH\"\", binti Ali\","), "%s", text);
    cr_assert(strstr(text, ",PBPU_PEMDA,3,no,37800,7,99\n"), "%s", text);
    cr_assert(strstr(text, "T-5-17,\"\",\"\",\"\",PBPU_PEMDA,3,yes,"), "%s", text);
    free(text);
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    end();
}

Test(bill_files, numbers_are_masked_unless_the_role_allows) {
    size_t size;
    begin("roster.csv");
    roster_make(ROSTER_CSV, false, "SITI");
    char *text = file_text(&size);
    cr_assert_null(strstr(text, "3671010101900001"), "%s", text);
    cr_assert(strstr(text, "3671**********01"), "%s", text);
    free(text);
    end();
}

Test(bill_files, a_name_is_never_a_formula) {
    size_t size;
    begin("roster.csv");
    roster_make(ROSTER_CSV, true, "=HYPERLINK(\"http://x\")");
    char *text = file_text(&size);
    cr_assert(strstr(text, ",\"'=HYPERLINK"), "%s", text);
    free(text);
    end();
}

Test(bill_files, xlsx_is_the_same_bytes_again) {
    size_t first_size, second_size;
    begin("roster.xlsx");
    roster_make(ROSTER_XLSX, true, "SITI");
    char *first = file_text(&first_size);
    sleep(1); /* a time of writing would show: archives know whole seconds */
    unlink(path);
    roster_make(ROSTER_XLSX, true, "SITI");
    char *second = file_text(&second_size);
    cr_assert_eq(memcmp(first, "PK", 2), 0);
    cr_assert_eq(first_size, second_size);
    cr_assert_eq(memcmp(first, second, first_size), 0);
    free(first);
    free(second);
    end();
}

Test(bill_files, an_abandoned_roster_leaves_nothing) {
    struct roster_file *file;
    char begun[SCRATCH_PATH + 32];
    begin("roster.xlsx");
    snprintf(begun, sizeof begun, "%s.new", path);
    cr_assert_eq(roster_file_open(&file, path, ROSTER_XLSX, &example.city.regions, true, &view, &why),
                 RESULT_OK);
    cr_assert_eq(access(begun, F_OK), 0);
    roster_file_abandon(&file);
    cr_assert_null(file);
    cr_assert_neq(access(begun, F_OK), 0);
    cr_assert_neq(access(path, F_OK), 0);
    end();
}

Test(bill_files, a_place_that_can_not_be_written_is_said) {
    struct roster_file *file;
    begin("roster.csv");
    snprintf(path, sizeof path, "%s/none/roster.csv", directory);
    cr_assert_eq(roster_file_open(&file, path, ROSTER_CSV, &example.city.regions, true, &view, &why),
                 RESULT_IO);
    cr_assert_null(file);
    cr_assert_str_eq(why.code, "FILE_UNWRITABLE");
    struct minutes minutes = {.bill = &view, .regions = &example.city.regions};
    cr_assert_eq(minutes_write(&minutes, path, &why), RESULT_IO);
    cr_assert_eq(output_check(path, &why), RESULT_IO);
    cr_assert_str_eq(why.code, "FILE_UNWRITABLE");
    snprintf(path, sizeof path, "%s/roster.csv", directory);
    cr_assert_eq(output_check(path, &why), RESULT_OK);
    cr_assert_neq(access(path, F_OK), 0, "it makes nothing");
    cr_assert_eq(output_check("/etc/passwd/roster.csv", &why), RESULT_IO);
    end();
}

Test(bill_files, minutes_are_a_pdf_and_the_same_bytes_again) {
    static const uint64_t counts[FINDING_COUNT] = {1, 2, 3};
    size_t first_size, second_size;
    begin("minutes.pdf");
    struct minutes minutes = {.bill = &view,
                              .regions = &example.city.regions,
                              .audit_counts = counts,
                              .audit_offset = EXAMPLE_OFFSET,
                              .city_officer = "Kepala BPKD",
                              .bpjs_officer = ""};
    cr_assert_eq(minutes_write(&minutes, path, &why), RESULT_OK, "%s", why.sentence);
    char *first = file_text(&first_size);
    sleep(1);
    cr_assert_eq(minutes_write(&minutes, path, &why), RESULT_OK, "%s", why.sentence);
    char *second = file_text(&second_size);
    const char *keep = getenv("MINUTES_KEPT_AT"); /* to look at one */
    if (keep && rename(path, keep) != 0)
        cr_assert_fail("%s can't be written", keep);
    cr_assert_eq(memcmp(first, "%PDF-1", 6), 0);
    cr_assert_eq(first_size, second_size);
    cr_assert_eq(memcmp(first, second, first_size), 0);
    free(first);
    free(second);
    end();
}
