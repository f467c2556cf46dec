/* roster.c - fuzzes the reader of packed rosters. What is accepted is packed again: never more bytes, and the
 * same entries. */
#include "cakupan/charge_pack.h"
#include "examples.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    struct roster_packer *packer = roster_packer_new();
    for (unsigned i = 0; i < seed % 20; i++) {
        struct roster_entry entry = {.member_id = 1 + i * (1 + seed % 7),
                                     .identity = UINT64_C(3671010101900001) + i,
                                     .kelurahan = 3671011001 + i % 3,
                                     .segment = SEGMENT_PBPU_PEMDA,
                                     .care_class = 3,
                                     .vulnerable = i % 2,
                                     .amount_rupiah = 37800,
                                     .cause_offset = seed + i};
        roster_packer_add(packer, &entry);
    }
    size_t size;
    const uint8_t *bytes = roster_packer_bytes(packer, &size);
    size = size < capacity ? size : capacity;
    memcpy(out, bytes, size);
    roster_packer_destroy(&packer);
    return size;
}
FUZZ_EXAMPLES(example)

static void digest_entry(void *context, const struct roster_entry *entry) {
    uint64_t *digest = context;
    uint64_t words[] = {entry->member_id, entry->identity,
                        entry->kelurahan | (uint64_t)entry->segment << 32 |
                            (uint64_t)entry->care_class << 40 | (uint64_t)entry->vulnerable << 48,
                        (uint64_t)entry->amount_rupiah, entry->cause_offset};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *digest = (*digest ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t digest = 0, again = 0;
    if (roster_unpack(data, size, digest_entry, &digest, NULL) != RESULT_OK)
        return 0;
    struct roster_packer *packer = roster_packer_new();
    FUZZ_CHECK(roster_unpack(data, size, roster_packer_add, packer, NULL) == RESULT_OK);
    size_t packed_size;
    const uint8_t *packed = roster_packer_bytes(packer, &packed_size);
    FUZZ_CHECK(packed_size <= size);
    FUZZ_CHECK(roster_unpack(packed, packed_size, digest_entry, &again, NULL) == RESULT_OK);
    FUZZ_CHECK(digest == again);
    roster_packer_destroy(&packer);
    return 0;
}
