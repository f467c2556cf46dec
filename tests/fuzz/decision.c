/* decision.c - fuzzes the reader of stored decisions of billing's coordinator: what is accepted is written
 * back and read again, and protobuf-c reads the same. */
#include "examples.h"
#include "wire/wire_decision.h"

#include "billing.pb-c.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    struct device device = {.id = 1 + seed, .role = (uint8_t)(1 + seed % 7), .area = 3671, .name = "BPKD"};
    struct decision decision = {
        .sequence = 1 + seed,
        .kind = (uint8_t)(1 + seed % (DECISION_COUNT - 1)),
        .time_ms = 1790000000000 - (int64_t)seed,
        .author = {"Rina", seed & 1 ? 4 : 0},
        .month = 1525,
        .amount_rupiah = {0, -1, 35000, seed & 2 ? INT64_MIN : 0},
        .sp2d = "00123/SP2D/2027",
        .invoice_hash = {1},
        .bytes = (const uint8_t *)"abc",
        .size = seed % 4,
        .code = "FENCED",
        .sentence = "A later epoch has taken over.",
        .new_device = seed & 4 ? &device : NULL,
        .reverses = seed % 3,
        .reason = {"salah bulan", seed & 8 ? 11 : 0},
    };
    return wire_decision_encode(&decision, out, capacity);
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    static uint8_t written[2 << 20];
    struct decision decision, again;
    if (!arena.base)
        arena_init(&arena, 16 << 20);
    arena_reset(&arena);
    if (wire_decision_decode(data, size, &arena, &decision) != RESULT_OK)
        return 0;
    FUZZ_CHECK(decision.kind >= DECISION_BEGUN && decision.kind < DECISION_COUNT &&
               decision.author.size <= TEXT_MAX && decision.reason.size <= TEXT_MAX);
    Cakupan__Decision *judge = cakupan__decision__unpack(&arena.allocator, size, data);
    FUZZ_CHECK(judge && judge->base.n_unknown_fields == 0 && judge->epoch == decision.epoch &&
               judge->reverses == decision.reverses && judge->bytes.len == decision.size &&
               strcmp(judge->sentence, decision.sentence) == 0);
    size_t written_size = wire_decision_encode(&decision, written, sizeof written);
    FUZZ_CHECK(written_size > 0 && wire_decision_decode(written, written_size, &arena, &again) == RESULT_OK &&
               again.kind == decision.kind && again.failure_id == decision.failure_id &&
               again.reverses == decision.reverses && again.reason.size == decision.reason.size &&
               !again.new_device == !decision.new_device &&
               memcmp(again.amount_rupiah, decision.amount_rupiah, sizeof again.amount_rupiah) == 0);
    return 0;
}
