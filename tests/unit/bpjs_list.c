/* bpjs_list.c - tests of BPJS's list row by row: how amounts, classes and numbers are written, and what
 * is no row. */
#include "cli/bpjs_list.h"

#include <criterion/criterion.h>
#include <string.h>

static struct bpjs_row row;
static struct failure why;

static enum result read_row(const char *nik, const char *segment, const char *care_class,
                            const char *amount) {
    const char *values[] = {nik, segment, care_class, amount};
    struct csv_row csv = {.line = 7, .complete = true, .values = values};
    return bpjs_row_read(&csv, &row, &why);
}

static int64_t amount_of(const char *amount) {
    return read_row("3671010101900001", "", "", amount) == RESULT_OK ? row.amount_rupiah : -1;
}

Test(bpjs_list, a_whole_row) {
    cr_assert_eq(read_row("3671010101900001", "PBPU_PEMDA", "3", "37800"), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(row.line, 7);
    cr_assert_eq(row.identity, UINT64_C(3671010101900001));
    cr_assert_eq(row.segment, SEGMENT_PBPU_PEMDA);
    cr_assert_eq(row.care_class, 3);
    cr_assert_eq(row.amount_rupiah, 37800);
}

Test(bpjs_list, what_is_left_out_is_not_said) {
    cr_assert_eq(read_row("3671010101900001", "", "", "37800"), RESULT_OK);
    cr_assert_eq(row.segment, SEGMENT_NONE);
    cr_assert_eq(row.care_class, 0);
}

Test(bpjs_list, amounts_as_spreadsheets_write_them) {
    cr_assert_eq(amount_of("0"), 0);
    cr_assert_eq(amount_of("37.800"), 37800);
    cr_assert_eq(amount_of("37,800"), 37800);
    cr_assert_eq(amount_of("37.800,00"), 37800);
    cr_assert_eq(amount_of("37,800.00"), 37800);
    cr_assert_eq(amount_of("37800.00"), 37800);
    cr_assert_eq(amount_of("1.234.567"), 1234567);
    cr_assert_eq(read_row("3671010101900001", "", "", "-37.800"), RESULT_OK);
    cr_assert_eq(row.amount_rupiah, -37800);
}

Test(bpjs_list, what_is_no_amount) {
    static const char *const amounts[] = {"",       "Rp 37800",  "37,8",      "37.80", "37.8000",
                                          "1,2345", "1.234,567", "3780000,0", ".800",  "37..800",
                                          "37 800", "1e5",       "--5",       "-",     "1234567890123456",
                                          ",00",    "1.234.56"};
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        cr_assert_eq(amount_of(amounts[i]), -1, "'%s' was read as %lld", amounts[i],
                     (long long)row.amount_rupiah);
        cr_assert_str_eq(why.code, "BPJS_ROW_INVALID");
        cr_assert(strstr(why.sentence, "Line 7"), "%s", why.sentence);
    }
}

Test(bpjs_list, classes_in_digits_and_in_roman) {
    cr_assert_eq(read_row("3671010101900001", "", "III", "1"), RESULT_OK);
    cr_assert_eq(row.care_class, 3);
    cr_assert_eq(read_row("3671010101900001", "", "I", "1"), RESULT_OK);
    cr_assert_eq(row.care_class, 1);
    cr_assert_eq(read_row("3671010101900001", "", "4", "1"), RESULT_INVALID);
    cr_assert_eq(read_row("3671010101900001", "", "IIII", "1"), RESULT_INVALID);
    cr_assert_eq(read_row("3671010101900001", "", "33", "1"), RESULT_INVALID);
}

Test(bpjs_list, segments_by_name_and_title) {
    cr_assert_eq(read_row("3671010101900001", "pbpu & bp pemda", "", "1"), RESULT_OK);
    cr_assert_eq(row.segment, SEGMENT_PBPU_PEMDA);
    cr_assert_eq(read_row("3671010101900001", "PEMDA", "", "1"), RESULT_INVALID);
}

/* As `bill roster --finance` writes a newborn. */
Test(bpjs_list, a_temporary_id_of_our_own_roster) {
    cr_assert_eq(read_row("T-5-17", "PBPU_PEMDA", "3", "37800"), RESULT_OK);
    cr_assert_eq(row.identity, IDENTITY_TEMPORARY | UINT64_C(5) << 32 | 17);
    cr_assert_eq(read_row("T-5", "", "", "37800"), RESULT_OK);
    cr_assert_eq(row.identity, 0);
}

/* It is a difference, not a mistake of the file: it is what auditors look for. */
Test(bpjs_list, a_number_that_is_no_nik_is_a_row) {
    cr_assert_eq(read_row("12345", "", "", "37800"), RESULT_OK);
    cr_assert_eq(row.identity, 0);
    cr_assert_eq(read_row("", "", "", "37800"), RESULT_OK);
    cr_assert_eq(row.identity, 0);
}

Test(bpjs_list, a_row_that_is_cut) {
    const char *values[] = {"3671010101900001", "", "", ""};
    struct csv_row csv = {.line = 3, .complete = false, .values = values};
    cr_assert_eq(bpjs_row_read(&csv, &row, &why), RESULT_INVALID);
}

/* Columns that changed places must not tell a whole NIK on the screen or in a log of the shell. */
Test(bpjs_list, a_nik_in_a_wrong_column_is_masked) {
    cr_assert_eq(read_row("37800", "", "", "3671010101900001"), RESULT_INVALID);
    cr_assert_str_eq(why.sentence, "Line 7: '3671**********01' is no amount in whole rupiah.");
    cr_assert_eq(read_row("37800", "3671010101900001", "", "1"), RESULT_INVALID);
    cr_assert_null(strstr(why.sentence, "010101900001"), "%s", why.sentence);
    cr_assert_eq(read_row("37800", "", "3671010101900001", "1"), RESULT_INVALID);
    cr_assert_null(strstr(why.sentence, "010101900001"), "%s", why.sentence);
}

/* Sums of a file of any length stay within 64 bits. */
Test(bpjs_list, an_amount_that_no_person_costs_is_refused) {
    cr_assert_eq(read_row("3671010101900001", "", "", "999999999"), RESULT_OK);
    cr_assert_eq(read_row("3671010101900001", "", "", "-999.999.999,00"), RESULT_OK);
    cr_assert_eq(read_row("3671010101900001", "", "", "1000000000"), RESULT_INVALID);
    cr_assert_eq(read_row("3671010101900001", "", "", "-1.000.000.000"), RESULT_INVALID);
}
