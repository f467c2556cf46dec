/* records.c - fuzzes a batch of records, as followers and the journal's owner read it: the walk, then each
 * record. What is accepted is written back and read again. */
#include "examples.h"
#include "wire/wire_record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static const struct device device = {
        .id = 3, .role = ROLE_KADER, .area = 3671, .next_sequence = 1, .name = "Posyandu Melati"};
    struct record record = {
        .offset = 1 + seed,
        .member_id = seed % 100,
        .kind = CHANGE_ENROL,
        .device = 55,
        .sequence = seed,
        .content_hash = seed * UINT64_C(0x9e3779b97f4a7c15),
        .captured_at_ms = 1790000000000,
        .effective_day = 46000,
        .has_before = seed & 1,
        .has_after = seed & 2,
        .before =
            {.identity = 3671014505900001, .kelurahan = 3671011001, .segment = 2, .status = 1, .flags = 3},
        .after = {.identity = IDENTITY_TEMPORARY | 9, .segment = 5, .care_class = 3, .wage_rupiah = seed},
        .name = {"Siti", 4},
        .refused_event = {"\x08\x01", seed & 4 ? 2 : 0},
        .new_device = seed & 8 ? &device : NULL,
    };
    size_t size = wire_record_append(&record, out, capacity);
    record.offset++;
    return size + wire_record_append(&record, out + size, capacity - size);
}
FUZZ_EXAMPLES(example)

static void check_record(const struct wire_record_entry *entry, struct arena *arena) {
    struct record record, again;
    uint32_t device;
    uint64_t sequence;
    wire_record_source(entry, &device, &sequence);
    if (wire_record_decode(entry->data, entry->size, arena, &record) != RESULT_OK)
        return;
    uint8_t *written = malloc(entry->size);
    size_t size = wire_record_encode(&record, written, entry->size);
    FUZZ_CHECK(size > 0 && wire_record_decode(written, size, arena, &again) == RESULT_OK);
    FUZZ_CHECK(again.offset == record.offset && again.member_id == record.member_id &&
               again.content_hash == record.content_hash && again.has_after == record.has_after &&
               memcmp(&again.after.identity, &record.after.identity, sizeof again.after.identity) == 0 &&
               again.refused_event.size == record.refused_event.size);
    free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    struct wire_record_entry entry;
    size_t position = 0, end = 0;
    if (!arena.base)
        arena_init(&arena, 1 << 20);
    while (wire_record_next(data, size, &position, &entry) == RESULT_OK) {
        FUZZ_CHECK(entry.entry == data + end && entry.data >= entry.entry &&
                   entry.data + entry.size == entry.entry + entry.entry_size && position <= size);
        end = position;
        arena_reset(&arena);
        check_record(&entry, &arena);
    }
    return 0;
}
