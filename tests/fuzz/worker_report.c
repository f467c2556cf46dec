/* worker_report.c - fuzzes what a worker reports to billing's coordinator. What is accepted keeps every limit
 * and is written back and read again. */
#include "examples.h"
#include "wire/wire_billing.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static const uint8_t packed[] = {1, 2, 3};
    static const struct wire_bytes_view sums[] = {{packed, 3}, {packed, 1}};
    struct wire_held held[3];
    for (uint32_t index = 0; index < 3; index++) {
        held[index] = (struct wire_held){.partition = index * 5,
                                         .epoch = 1 + seed,
                                         .position = seed,
                                         .ready = seed & 1,
                                         .answer_barrier = seed & 2,
                                         .answer_months = 2,
                                         .answer_sums = sums,
                                         .open_month = 1524,
                                         .tariff_digest = seed,
                                         .code = seed & 4 ? "FENCED" : "",
                                         .sentence = ""};
        held[index].projected[1] = (struct payer_sum){-37800, seed, 1};
    }
    struct wire_worker_report report = {.name = "billing-worker-1",
                                        .sequence = 1 + seed,
                                        .instance = 1 + seed / 2,
                                        .held_count = seed % 4,
                                        .held = held};
    return wire_worker_report_encode(&report, out, capacity);
}
FUZZ_EXAMPLES(example)

static void check_held(const struct wire_held *held, const struct wire_held *again) {
    FUZZ_CHECK(held->partition < LEDGER_PARTITIONS_MAX && held->epoch > 0 && held->answer_months <= 24);
    FUZZ_CHECK(held->partition == again->partition && held->epoch == again->epoch &&
               held->position == again->position && held->answer_barrier == again->answer_barrier &&
               held->answer_months == again->answer_months && held->open_month == again->open_month &&
               held->tariff_digest == again->tariff_digest &&
               memcmp(held->projected, again->projected, sizeof held->projected) == 0 &&
               memcmp(held->projected_next, again->projected_next, sizeof held->projected_next) == 0 &&
               strcmp(held->code, again->code) == 0 && strcmp(held->sentence, again->sentence) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    static uint8_t written[1 << 20];
    struct wire_worker_report report, again;
    struct failure why = {0};
    if (!arena.base)
        arena_init(&arena, 16 << 20);
    arena_reset(&arena);
    if (wire_worker_report_decode(data, size, &arena, &report, &why) != RESULT_OK) {
        FUZZ_CHECK(why.code[0] != '\0' && why.sentence[0] != '\0');
        return 0;
    }
    FUZZ_CHECK(report.name[0] != '\0' && report.held_count <= LEDGER_PARTITIONS_MAX);
    size_t written_size = wire_worker_report_encode(&report, written, sizeof written);
    FUZZ_CHECK(written_size > 0 &&
               wire_worker_report_decode(written, written_size, &arena, &again, &why) == RESULT_OK &&
               again.held_count == report.held_count && strcmp(again.name, report.name) == 0);
    for (uint32_t index = 0; index < report.held_count; index++)
        check_held(&report.held[index], &again.held[index]);
    return 0;
}
