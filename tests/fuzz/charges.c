/* charges.c - fuzzes the reader of packed charges. What is accepted is packed again and read again: the same
 * charges in the same order. */
#include "cakupan/charge_pack.h"
#include "examples.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    struct charge_packer *packer = charge_packer_new();
    for (unsigned i = 0; i < seed % 20; i++) {
        struct charge charge = {.member_id = 1 + i * (seed % 7),
                                .month = 1523,
                                .invoice_month = 1524,
                                .payer = (uint8_t)(1 + i % (PAYER_COUNT - 1)),
                                .cause = (uint8_t)(1 + seed % (CHARGE_CAUSE_COUNT - 1)),
                                .segment = (uint8_t)(i % SEGMENT_COUNT),
                                .care_class = 3,
                                .kecamatan = 367101,
                                .amount_rupiah = (int64_t)seed - i,
                                .cause_offset = seed + i};
        charge_packer_add(packer, &charge);
    }
    size_t size;
    const uint8_t *bytes = charge_packer_bytes(packer, &size);
    size = size < capacity ? size : capacity;
    memcpy(out, bytes, size);
    charge_packer_destroy(&packer);
    return size;
}
FUZZ_EXAMPLES(example)

/* Rolls up all that is told, in order. */
static void digest_charge(void *context, const struct charge *charge) {
    uint64_t *digest = context;
    uint64_t words[] = {charge->member_id,
                        charge->month | (uint64_t)charge->invoice_month << 16,
                        charge->payer | (uint64_t)charge->cause << 8 | (uint64_t)charge->segment << 16 |
                            (uint64_t)charge->care_class << 24 | (uint64_t)charge->vulnerable << 32,
                        charge->kecamatan,
                        (uint64_t)charge->amount_rupiah,
                        charge->cause_offset};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *digest = (*digest ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t digest = 0, again = 0;
    if (charges_unpack(data, size, digest_charge, &digest, NULL) != RESULT_OK)
        return 0;
    struct charge_packer *packer = charge_packer_new();
    FUZZ_CHECK(charges_unpack(data, size, charge_packer_add, packer, NULL) == RESULT_OK);
    size_t packed_size;
    const uint8_t *packed = charge_packer_bytes(packer, &packed_size);
    FUZZ_CHECK(packed_size <= size);
    FUZZ_CHECK(charges_unpack(packed, packed_size, digest_charge, &again, NULL) == RESULT_OK);
    FUZZ_CHECK(digest == again);
    charge_packer_destroy(&packer);
    return 0;
}
