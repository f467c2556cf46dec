/* frame.c - fuzzes what a device sends: the frame, then each event in it. What is accepted must be written
 * back as an event of the same meaning, and protobuf-c must be able to read it. */
#include "examples.h"
#include "wire/wire_event.h"

#include "event.pb-c.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    uint8_t bytes[512];
    struct event event = {
        .kind = (uint8_t)(1 + seed % (CHANGE_DEVICE_COUNT - 1)),
        .captured_at_ms = 1790000000000 + seed,
        .identity = seed & 1 ? 3671014505900001 : IDENTITY_TEMPORARY | seed,
        .other = seed & 2 ? 3671014505900002 : 0,
        .family = 3671010101100001,
        .birth_day = (day_t)seed,
        .day = 46000,
        .kelurahan = 3671011001,
        .segment = seed % SEGMENT_COUNT,
        .author = {"kader-7", 7},
        .name = {"Siti N\xc3\xa9", 8},
        .reason = {"alasan", seed & 4 ? 6 : 0},
    };
    struct text_bytes events[2] = {{bytes, wire_event_encode(&event, bytes, sizeof bytes)}, {bytes, 2}};
    struct wire_frame frame = {1 + seed, seed & 1, seed & 8, 1 + (seed >> 4) % 2, events};
    return wire_frame_encode(&frame, out, capacity);
}
FUZZ_EXAMPLES(example)

static void check_event(struct text_bytes bytes, struct arena *arena) {
    static uint8_t written[2048];
    struct event event, again;
    wire_event_decode(bytes.data, bytes.size, 1, arena, &event);
    if (event.malformed != REFUSAL_NONE)
        return;
    Cakupan__Event *judge = cakupan__event__unpack(&arena->allocator, bytes.size, bytes.data);
    FUZZ_CHECK(judge && judge->base.n_unknown_fields == 0 && judge->kind == event.kind &&
               strlen(judge->name) == event.name.size && judge->wage_rupiah == event.wage_rupiah);
    size_t size = wire_event_encode(&event, written, sizeof written);
    FUZZ_CHECK(size > 0 && size <= bytes.size);
    wire_event_decode(written, size, 1, arena, &again);
    FUZZ_CHECK(again.malformed == REFUSAL_NONE && again.present == event.present &&
               again.identity == event.identity && again.other == event.other &&
               again.captured_at_ms == event.captured_at_ms && again.day == event.day);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    struct wire_frame frame;
    if (!arena.base)
        arena_init(&arena, 16 << 20);
    arena_reset(&arena);
    if (wire_frame_decode(data, size, &arena, &frame) != RESULT_OK)
        return 0;
    FUZZ_CHECK(frame.count <= FRAME_MAX_EVENTS);
    size_t mark = arena_mark(&arena);
    for (uint32_t index = 0; index < frame.count; index++) {
        check_event(frame.events[index], &arena);
        arena_rewind(&arena, mark);
    }
    return 0;
}
