/* feed_reply.c - fuzzes the header of the feed's answer. What is accepted is written back and read again. */
#include "examples.h"
#include "wire/wire_feed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena arena;

static void prepare(void) {
    if (!arena.base)
        arena_init(&arena, 8 << 20);
    arena_reset(&arena);
}

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    struct wire_feed_batch batches[] = {{{1 + seed, 5, -3, 46000}, {1}, seed & 1},
                                        {{6 + seed, 1, 9, 46001}, {2}, false}};
    struct wire_feed_reply reply = {.sentence = "Tidak.",
                                    .refusal = seed % 7,
                                    .from_offset = 1 + seed,
                                    .next_offset = 7ul + seed,
                                    .head = UINT64_MAX,
                                    .batches = batches,
                                    .batch_count = 2};
    prepare();
    return wire_feed_reply_encode(&reply, &arena, out, capacity);
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct wire_feed_reply reply, again;
    prepare();
    if (wire_feed_reply_decode(data, size, &arena, &reply) != RESULT_OK)
        return 0;
    FUZZ_CHECK(reply.batch_count <= FEED_MAX_BATCHES && reply.next_offset >= reply.from_offset);
    size_t capacity = strlen(reply.sentence) + 64 + (size_t)reply.batch_count * 80;
    uint8_t *written = malloc(capacity);
    size_t written_size = wire_feed_reply_encode(&reply, &arena, written, capacity);
    FUZZ_CHECK(wire_feed_reply_decode(written, written_size, &arena, &again) == RESULT_OK &&
               again.batch_count == reply.batch_count && again.head == reply.head);
    for (uint32_t index = 0; index < reply.batch_count; index++)
        FUZZ_CHECK(memcmp(again.batches[index].hash, reply.batches[index].hash, JOURNAL_HASH_SIZE) == 0);
    free(written);
    return 0;
}
