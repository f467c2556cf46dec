/* sync_list.c - fuzzes BPJS's master list, from the bytes of the CSV file to the findings: every row is
 * counted once, and a change is about somebody whom the registry has. */
#include "examples.h"
#include "file_input.h"

#include "cakupan/nik.h"
#include "cli/csv_file.h"
#include "cli/sync_compare.h"
#include "enrollment_office.h"
#include "people.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PEOPLE 8

static const struct csv_column columns[] = {
    {"nik", true}, {"segment", true}, {"class", true}, {"status", true}, {NULL, false}};

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static const char separators[] = ",;\t,";
    char s = separators[seed >> 8 & 3], first[24], second[24];
    identity_format(numbered_identity(seed >> 10 & 7), first);
    identity_format(numbered_identity(seed >> 13 & 7), second);
    int size = snprintf((char *)out, capacity,
                        "NIK%cSegment%cClass%cStatus\n%s%cPBPU_PEMDA%c3%cACTIVE\n"
                        "%s%c\"PPU_BU\"%c%cNONACTIVE\n%s%cBP%c1%cACTIVE\n",
                        s, s, s, first, s, s, s, second, s, s, s, first, s, s, s);
    return size > 0 && (size_t)size < capacity ? (size_t)size : 0;
}
FUZZ_EXAMPLES(example)

struct rows {
    struct sync_compare compare;
    uint64_t count, bad, last_line;
};

static enum result on_row(void *context, const struct csv_row *csv, struct failure *why) {
    struct rows *rows = context;
    struct sync_row row = {0};
    (void)why;
    FUZZ_CHECK(csv->line > rows->last_line);
    rows->last_line = csv->line;
    rows->count++;
    if (!csv->complete ||
        !sync_row_read(csv->values[0], csv->values[1], csv->values[2], csv->values[3], &row)) {
        rows->bad++;
        return RESULT_OK;
    }
    FUZZ_CHECK(row.identity != 0 && row.segment > SEGMENT_NONE && row.segment < SEGMENT_COUNT &&
               row.care_class <= 3);
    FUZZ_CHECK(sync_compare_row(&rows->compare, &row) < SYNC_FINDINGS);
    return RESULT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rows rows = {.last_line = 1};
    struct failure why = {0};
    if (!office.registry) {
        office_set_up(CITY_DIRECTORY);
        office_send(1, 1, 0, PEOPLE);
        office_commit();
        atexit(office_tear_down);
    }
    int file = file_input_begin();
    file_input_add(file, data, size);
    sync_compare_init(&rows.compare, office.registry);
    enum result result = csv_read_file(file_input_path(file), columns, on_row, &rows, &why);
    FUZZ_CHECK(result == RESULT_OK || why.code[0]);
    uint64_t counted = rows.bad;
    for (int finding = 0; finding < SYNC_FINDINGS; finding++)
        counted += rows.compare.counts[finding];
    FUZZ_CHECK(counted == rows.count);
    for (size_t i = 0; i < rows.compare.change_count; i++)
        FUZZ_CHECK(registry_find(office.registry, rows.compare.changes[i].identity, NULL));
    sync_compare_free(&rows.compare);
    return 0;
}
