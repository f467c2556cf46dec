/* ack.c - fuzzes the answer to a frame, as a device reads it. What is accepted is written back and read
 * again. */
#include "examples.h"
#include "wire/wire_event.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena arena;

static void prepare(void) {
    if (!arena.base)
        arena_init(&arena, 4 << 20);
    arena_reset(&arena);
}

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    struct wire_outcome outcomes[] = {{seed + 1, 40, 0, "Tanggal di NIK tidak ada.", "3671**"},
                                      {seed + 2, 0, 201, "Terlambat.", NULL}};
    struct wire_ack_range ranges[] = {{seed + 1ul, 3, 500, outcomes, seed % 3},
                                      {seed + 4ul, 2, 9000, NULL, 0}};
    struct wire_ack ack = {.expected_sequence = seed + 6ul,
                           .first_sequence = seed + 1ul,
                           .count = 5,
                           .check_only = seed & 1,
                           .ranges = ranges,
                           .range_count = 2};
    outcomes[0].sequence = ranges[0].first_sequence;
    outcomes[1].sequence = ranges[0].first_sequence + 1;
    prepare();
    return wire_ack_encode(&ack, &arena, out, capacity);
}
FUZZ_EXAMPLES(example)

static void read_all(const struct wire_ack *ack) {
    size_t length = strlen(ack->sentence);
    for (uint32_t range = 0; range < ack->range_count; range++) {
        for (uint32_t index = 0; index < ack->ranges[range].outcome_count; index++) {
            const struct wire_outcome *outcome = &ack->ranges[range].outcomes[index];
            length += strlen(outcome->sentence) + strlen(outcome->value);
            FUZZ_CHECK(outcome->sequence - ack->ranges[range].first_sequence < ack->ranges[range].count);
        }
    }
    FUZZ_CHECK(length <= FRAME_MAX_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct wire_ack ack, again;
    prepare();
    if (wire_ack_decode(data, size, &arena, &ack) != RESULT_OK)
        return 0;
    read_all(&ack);
    size_t written_size = wire_ack_size(&ack, &arena);
    uint8_t *written = malloc(written_size + 1);
    FUZZ_CHECK(written && wire_ack_encode(&ack, &arena, written, written_size) == written_size);
    FUZZ_CHECK(wire_ack_decode(written, written_size, &arena, &again) == RESULT_OK &&
               again.range_count == ack.range_count && again.count == ack.count);
    free(written);
    return 0;
}
