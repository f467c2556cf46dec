/* bpjs_list.c - fuzzes BPJS's list of a month, from the bytes of the CSV file to the differences: every
 * row is judged once, and amounts add up. */
#include "examples.h"
#include "file_input.h"

#include "cakupan/nik.h"
#include "cli/bpjs_list.h"
#include "people.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEOPLE = 8 };

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static const char *const amounts[] = {"37800", "37.800", "\"37,800.00\"", "42000"};
    char first[24], second[24];
    identity_format(numbered_identity(seed & 7), first);
    identity_format(numbered_identity(seed >> 3 & 15), second);
    int size =
        snprintf((char *)out, capacity, "NIK,Segment,Class,Amount\n%s,PBPU_PEMDA,III,%s\n%s,,3,%s\n123,,,1\n",
                 first, amounts[seed >> 8 & 3], second, amounts[seed >> 10 & 3]);
    return size > 0 && (size_t)size < capacity ? (size_t)size : 0;
}
FUZZ_EXAMPLES(example)

struct rows {
    struct reconcile *reconcile;
    uint64_t count;
};

static enum result on_row(void *context, const struct csv_row *csv, struct failure *why) {
    struct rows *rows = context;
    struct bpjs_row row;
    struct reconcile_difference difference;
    enum result result = bpjs_row_read(csv, &row, why);
    if (result != RESULT_OK)
        return result;
    FUZZ_CHECK(row.segment < SEGMENT_COUNT && row.care_class <= 3 && row.line > 1);
    bool differs = reconcile_row(rows->reconcile, &row, &difference);
    FUZZ_CHECK(differs == (difference.difference != DIFFERENCE_NONE));
    rows->count++;
    return RESULT_OK;
}

static void on_ours(void *context, const struct reconcile_difference *difference) {
    (void)context;
    FUZZ_CHECK(difference->difference == DIFFERENCE_ONLY_OURS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rows rows = {.reconcile = reconcile_new(PEOPLE)};
    struct failure why = {0};
    struct reconcile_sums sums;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        struct roster_entry entry = {.member_id = i + 1,
                                     .identity = numbered_identity(i),
                                     .segment = SEGMENT_PBPU_PEMDA,
                                     .care_class = 3,
                                     .amount_rupiah = 37800};
        reconcile_entry(rows.reconcile, &entry);
    }
    int file = file_input_begin();
    file_input_add(file, data, size);
    enum result result = csv_read_file(file_input_path(file), bpjs_columns, on_row, &rows, &why);
    FUZZ_CHECK(result == RESULT_OK || why.code[0]);
    reconcile_end(rows.reconcile, on_ours, NULL);
    reconcile_sums(rows.reconcile, &sums);
    int64_t difference = 0;
    for (int i = 0; i < DIFFERENCE_COUNT; i++)
        difference += sums.difference_rupiah[i];
    FUZZ_CHECK(sums.rows == rows.count && sums.bpjs_rupiah - sums.our_rupiah == difference);
    reconcile_destroy(&rows.reconcile);
    return 0;
}
