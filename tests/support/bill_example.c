/* bill_example.c - a month's invoice of known figures (bill_example.h). */
#include "bill_example.h"

#include <stdlib.h>
#include <string.h>

static void line_put(struct ledger_sums *sums, enum payer payer, enum segment segment, uint32_t kecamatan,
                     uint64_t people, int64_t each_rupiah) {
    sums->line[payer][segment][3][kecamatan].people += people;
    sums->line[payer][segment][3][kecamatan].amount_rupiah += (int64_t)people * each_rupiah;
}

static void sums_fill(struct ledger_sums *sums, uint32_t kecamatan_count) {
    uint64_t left = EXAMPLE_CITY_PAID - 1;
    memset(sums, 0, sizeof *sums);
    for (uint32_t i = 0; i < kecamatan_count; i++) {
        uint64_t people = i + 1 == kecamatan_count ? left : left / 4;
        line_put(sums, PAYER_CITY_IURAN, SEGMENT_PBPU_PEMDA, i, people, 35000);
        line_put(sums, PAYER_CITY_BANTUAN, SEGMENT_PBPU_PEMDA, i, people, 2800);
        line_put(sums, PAYER_CENTRE, SEGMENT_PBPU_PEMDA, i, people, 4200);
        left -= people;
    }
    line_put(sums, PAYER_CITY_IURAN, SEGMENT_PBPU_PEMDA, KECAMATAN_MAX, 1, 35000);
    line_put(sums, PAYER_CITY_BANTUAN, SEGMENT_PBPU_PEMDA, KECAMATAN_MAX, 1, 2800);
    line_put(sums, PAYER_CENTRE, SEGMENT_PBPU_PEMDA, KECAMATAN_MAX, 1, 4200);
    line_put(sums, PAYER_CITY_BANTUAN, SEGMENT_PBPU, 2, 1000, 2800);
    line_put(sums, PAYER_MEMBER, SEGMENT_PBPU, 2, 1000, 35000);
    struct ledger_line *corrected = &sums->line[PAYER_CITY_IURAN][SEGMENT_PBPU_PEMDA][3][0];
    corrected->corrections = EXAMPLE_CORRECTIONS;
    corrected->corrections_rupiah = -35000 * EXAMPLE_CORRECTIONS;
    sums->vulnerable[PAYER_CITY_IURAN] =
        (struct ledger_line){EXAMPLE_VULNERABLE, INT64_C(35000) * EXAMPLE_VULNERABLE, 1, -35000};
    sums->vulnerable[PAYER_CITY_BANTUAN] =
        (struct ledger_line){EXAMPLE_VULNERABLE, INT64_C(2800) * EXAMPLE_VULNERABLE, 0, 0};
    sums->vulnerable[PAYER_CENTRE] =
        (struct ledger_line){EXAMPLE_VULNERABLE, INT64_C(4200) * EXAMPLE_VULNERABLE, 0, 0};
}

void bill_example_make(struct bill_example *example, const char *city_directory, bool frozen) {
    struct failure why;
    if (city_load(&example->city, city_directory, &why) != RESULT_OK)
        abort();
    sums_fill(&example->sums, example->city.regions.kecamatan_count);
    struct invoice invoice = {.month = EXAMPLE_MONTH,
                              .as_of_offset = EXAMPLE_OFFSET,
                              .frozen = frozen,
                              .closed_ms = frozen ? INT64_C(1798160461000) : 0, /* 2026-12-25 08:01:01 */
                              .due_day = calendar_day(2027, 1, 11),
                              .regions = &example->city.regions,
                              .sums = &example->sums};
    example->size = invoice_write(&invoice, example->bytes, sizeof example->bytes);
    if (!example->size)
        abort();
}
