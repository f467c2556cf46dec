/* bill_view.c - fuzzes the reading of an invoice's bytes: what is read has sums that its lines add up to. */
#include "examples.h"

#include "cli/bill_view.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char bill[] =
    "{\"month\":\"2026-12\",\"as_of_offset\":21539,\"frozen\":true,\"currency\":\"IDR\","
    "\"tariff_digest\":\"0123456789abcdef\",\"closed_ms\":1798160461000,\"due_date\":\"2027-01-11\","
    "\"due_date_provisional\":false,\"lines\":["
    "{\"payer\":\"CENTRE\",\"budget_line\":null,\"segment\":\"PBI_JK\",\"class\":3,\"kecamatan\":0,"
    "\"people\":7,\"amount_rupiah\":294000,\"corrections\":0,\"corrections_rupiah\":0},"
    "{\"payer\":\"CITY_IURAN\",\"budget_line\":\"iuran\",\"segment\":\"PBPU_PEMDA\",\"class\":3,"
    "\"kecamatan\":367101,\"people\":9,\"amount_rupiah\":315000,\"corrections\":2,"
    "\"corrections_rupiah\":-70000},"
    "{\"payer\":\"CITY_BANTUAN\",\"budget_line\":\"bantuan iuran\",\"segment\":\"PBPU_PEMDA\",\"class\":3,"
    "\"kecamatan\":367101,\"people\":9,\"amount_rupiah\":25200,\"corrections\":0,\"corrections_rupiah\":0}],"
    "\"totals\":{\"vulnerable\":[]},\"partitions\":[]}";

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    (void)seed;
    if (sizeof bill - 1 > capacity)
        return 0;
    memcpy(out, bill, sizeof bill - 1);
    return sizeof bill - 1;
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bill_view view;
    struct failure why = {0};
    if (bill_view_read(&view, data, size, &why) != RESULT_OK) {
        FUZZ_CHECK(why.code[0] && !view.lines);
        return 0;
    }
    struct bill_line *sums = calloc(view.count + 1, sizeof *sums);
    FUZZ_CHECK(sums != NULL);
    size_t count = bill_view_sum(&view, sums);
    int64_t summed = 0, known = 0;
    for (size_t i = 0; i < count; i++)
        if (sums[i].payer == PAYER_CENTRE)
            summed += sums[i].amount_rupiah;
    known = view.payers[PAYER_CENTRE].amount_rupiah;
    FUZZ_CHECK(count <= view.count && summed == known);
    free(sums);
    bill_view_free(&view);
    return 0;
}
