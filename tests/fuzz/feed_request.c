/* feed_request.c - fuzzes what a follower asks. What is accepted keeps every limit and is written back and
 * read again. */
#include "examples.h"
#include "wire/wire_feed.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    struct wire_feed_request request = {.from_offset = 1 + seed, .max_bytes = seed % FEED_MAX_BYTES};
    request.partition_count = seed & 1 ? 0 : 1 + seed % PARTITIONS_MAX;
    for (uint32_t index = 0; index < request.partition_count; index++)
        request.wanted[index] = index % 7 == 0;
    return wire_feed_request_encode(&request, out, capacity);
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    static struct wire_feed_request request, again;
    static uint8_t written[FEED_REQUEST_MAX_BYTES];
    struct failure why = {0};
    if (!arena.base)
        arena_init(&arena, 1 << 20);
    arena_reset(&arena);
    if (wire_feed_request_decode(data, size, &arena, &request, &why) != RESULT_OK) {
        FUZZ_CHECK(why.code[0] != '\0' && why.sentence[0] != '\0');
        return 0;
    }
    FUZZ_CHECK(request.from_offset > 0 && request.max_bytes <= FEED_MAX_BYTES &&
               request.partition_count <= PARTITIONS_MAX);
    size_t written_size = wire_feed_request_encode(&request, written, sizeof written);
    FUZZ_CHECK(wire_feed_request_decode(written, written_size, &arena, &again, NULL) == RESULT_OK &&
               memcmp(&again, &request, sizeof again) == 0);
    return 0;
}
