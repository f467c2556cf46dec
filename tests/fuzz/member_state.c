/* member_state.c - fuzzes a member's state in control's replies, as the operator's tools read it. What is
 * accepted is written back and read again. */
#include "examples.h"
#include "wire/wire_record.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    struct member member = {.identity = seed & 1 ? 3671014505900001 : IDENTITY_TEMPORARY | seed,
                            .family = 3671010101100001,
                            .kelurahan = 3671011001,
                            .wage_rupiah = seed,
                            .segment = SEGMENT_PPU_BU,
                            .status = STATUS_ACTIVE,
                            .flags = (uint8_t)(seed >> 8)};
    return wire_member_encode(&member, out, capacity);
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    static uint8_t written[256];
    struct member member, again;
    if (!arena.base)
        arena_init(&arena, 1 << 16);
    arena_reset(&arena);
    if (wire_member_decode(data, size, &arena, &member) != RESULT_OK)
        return 0;
    size_t written_size = wire_member_encode(&member, written, sizeof written);
    FUZZ_CHECK(written_size <= size &&
               wire_member_decode(written, written_size, &arena, &again) == RESULT_OK);
    FUZZ_CHECK(again.identity == member.identity && again.wage_rupiah == member.wage_rupiah &&
               again.segment == member.segment && again.flags == member.flags);
    return 0;
}
