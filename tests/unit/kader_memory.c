/* kader_memory.c - tests services/kader/kader_memory.c: events of all sizes come out as they went in. */
#include "kader/kader_memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST 1024

/* The bytes of event `sequence`: size and content follow from it. */
static size_t fill(uint64_t sequence, uint32_t largest, uint8_t *out) {
    size_t size = 1 + sequence * 2654435761u % largest;
    memset(out, (int)(sequence % 251), size);
    return size;
}

static void expect(const struct memory *memory, uint64_t first, uint64_t end, uint32_t largest) {
    struct text_bytes events[300];
    uint8_t wanted[LARGEST];
    uint32_t loaded = memory_read(memory, first, (uint32_t)(end - first), SIZE_MAX, events);
    cr_assert_eq(loaded, end - first);
    for (uint32_t i = 0; i < loaded; i++) {
        size_t size = fill(first + i, largest, wanted);
        cr_assert_eq(events[i].size, size, "event %lu", first + i);
        cr_assert_eq(memcmp(events[i].data, wanted, size), 0, "event %lu was overwritten", first + i);
    }
}

/* Fills to the brim, answers some, and again, for many rounds of the ring. */
static void go_round(uint32_t capacity, uint32_t largest) {
    struct memory *memory = memory_new(capacity);
    uint64_t oldest = 77, end = 77;
    unsigned random = capacity + largest;
    memory_start(memory, oldest);
    for (int round = 0; round < 3000; round++) {
        uint8_t *room;
        while ((room = memory_reserve(memory, LARGEST)) != NULL) {
            size_t size = fill(end, largest, room);
            cr_assert_eq(memory_append(memory, size), end);
            end++;
        }
        cr_assert_gt(end, oldest, "an empty memory is full");
        expect(memory, oldest, end, largest);
        random = random * 1664525u + 1013904223u;
        oldest += 1 + (random >> 8) % (end - oldest);
        memory_forget(memory, oldest);
    }
    memory_destroy(&memory);
    cr_assert_null(memory);
}

Test(kader_memory, events_survive_every_turn_of_the_ring) {
    go_round(300, LARGEST); /* bytes are short, slots are not */
    go_round(300, 200);
    go_round(64, 20); /* slots are short */
    go_round(1, LARGEST);
}

Test(kader_memory, reads_stop_at_what_fits) {
    struct memory *memory = memory_new(10);
    for (int i = 0; i < 3; i++) {
        memset(memory_reserve(memory, LARGEST), 'a' + i, 4);
        memory_append(memory, 4);
    }
    struct text_bytes events[3];
    cr_assert_eq(memory_read(memory, 1, 3, 11, events), 2);
    cr_assert_eq(memory_read(memory, 1, 3, 12, events), 3);
    cr_assert_eq(memory_read(memory, 2, 1, 100, events), 1);
    cr_assert_eq(events[0].data[0], 'b');
    cr_assert_eq(memory_read(memory, 3, 9, 100, events), 1);
    memory_destroy(&memory);
}

Test(kader_memory, a_turn_is_waited_for_when_the_oldest_is_in_the_way) {
    struct memory *memory = memory_new(1000);
    uint64_t end = 1;
    while (memory_reserve(memory, LARGEST)) {
        memory_append(memory, LARGEST);
        end++;
    }
    cr_assert_null(memory_reserve(memory, LARGEST));
    memory_forget(memory, 2);
    cr_assert(memory_reserve(memory, LARGEST), "exactly one fits at the beginning now");
    memory_append(memory, LARGEST);
    cr_assert_null(memory_reserve(memory, LARGEST));
    memory_forget(memory, end + 1);
    cr_assert(memory_reserve(memory, LARGEST));
    memory_destroy(&memory);
}
