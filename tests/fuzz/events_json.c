/* events_json.c - fuzzes batches of events as JSON: what is taken is a frame that enrollment can read,
 * with as many events, each of which can be decoded or refused. */
#include "examples.h"
#include "gateway/events_json.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    int size = snprintf(
        (char *)out, capacity,
        "{\"first_sequence\":%u,\"language\":\"%s\",\"check_only\":%s,\"events\":[{\"kind\":\"%s\","
        "\"nik\":\"36710145059%05u\",\"captured_at_ms\":1790000000000,\"author\":\"Siti\","
        "\"birth_date\":\"1990-07-%02u\",\"sex\":\"female\",\"kelurahan\":\"3671051004\",\"segment\":"
        "\"PBPU_PEMDA\",\"care_class\":%u,\"local_card\":true,\"reason\":null},{\"x\":[{}]}]}",
        seed % 7, seed & 1 ? "en" : "id", seed & 2 ? "true" : "false",
        change_name((enum change)(1 + seed % (CHANGE_DEVICE_COUNT - 1))), seed % 99999, seed % 40, seed % 5);
    return size > 0 && (size_t)size < capacity ? (size_t)size : 0;
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    struct text_bytes bytes;
    struct wire_frame frame;
    struct failure why;
    if (!arena.base)
        arena_init(&arena, 16u << 20);
    arena_reset(&arena);
    if (events_json_frame(data, size, &arena, &bytes, &why) != RESULT_OK) {
        FUZZ_CHECK(strlen(why.sentence) < 40); /* a place, nothing of what stands there */
        return 0;
    }
    FUZZ_CHECK(wire_frame_decode(bytes.data, bytes.size, &arena, &frame) == RESULT_OK);
    for (uint32_t i = 0; i < frame.count; i++) {
        struct event event;
        wire_event_decode(frame.events[i].data, frame.events[i].size, 1, &arena, &event);
        FUZZ_CHECK(event.malformed != REFUSAL_NONE || event.kind < CHANGE_DEVICE_COUNT);
    }
    return 0;
}
