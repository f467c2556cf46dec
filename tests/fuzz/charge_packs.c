/* charge_packs.c - fuzzes what a partition's journal stores of a close: charges, rosters, sums, tariffs. The
 * first byte says which. Sums and tariffs that are accepted are packed and read again as the same. */
#include "examples.h"

#include "cakupan/charge_pack.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHARGES, ROSTER, SUMS, TARIFF, KINDS };

static struct charge_packer *charges;
static struct roster_packer *roster;
static struct region_table regions;
static struct ledger_sums sums, sums_again;
static struct tariff tariff, tariff_again;
static uint8_t packed[TARIFF_PACKED_MAX + LEDGER_SUMS_PACKED_MAX];

static void begin(void) {
    if (charges)
        return;
    charges = charge_packer_new();
    roster = roster_packer_new();
    regions = (struct region_table){.city_code = 3671};
    FUZZ_CHECK(region_table_add(&regions, 3671011001, "Sukarasa", "Tangerang", 1));
}

static size_t example_bytes(unsigned which, uint8_t *out, size_t capacity) {
    size_t size = 0;
    const uint8_t *bytes = packed;
    begin();
    charge_packer_clear(charges);
    roster_packer_clear(roster);
    for (uint32_t member = 1; member <= 3; member++) {
        charge_packer_add(charges, &(struct charge){.member_id = member * 5,
                                                    .month = 670,
                                                    .invoice_month = 670,
                                                    .payer = PAYER_CITY_IURAN,
                                                    .cause = CHARGE_MONTH,
                                                    .segment = SEGMENT_PBPU_PEMDA,
                                                    .care_class = 3,
                                                    .kecamatan = 367101,
                                                    .amount_rupiah = 35000,
                                                    .cause_offset = 90});
        roster_packer_add(roster, &(struct roster_entry){.member_id = member * 5,
                                                         .identity = 3671014505900000 + member,
                                                         .kelurahan = 3671011001,
                                                         .segment = SEGMENT_PBPU_PEMDA,
                                                         .care_class = 3,
                                                         .amount_rupiah = 37800,
                                                         .cause_offset = 7});
    }
    sums = (struct ledger_sums){0};
    sums.line[PAYER_CITY_IURAN][SEGMENT_PBPU_PEMDA][3][0] =
        (struct ledger_line){.people = 1, .amount_rupiah = 35000};
    if (which == CHARGES)
        bytes = charge_packer_bytes(charges, &size);
    else if (which == ROSTER)
        bytes = roster_packer_bytes(roster, &size);
    else
        size = which == SUMS ? ledger_sums_pack(&sums, &regions, packed, sizeof packed)
                             : tariff_pack(&tariff, packed);
    if (size > capacity)
        return 0;
    memcpy(out, bytes, size);
    return size;
}

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    if (capacity < 1)
        return 0;
    out[0] = (uint8_t)((seed >> 8) % KINDS);
    return 1 + example_bytes(out[0], out + 1, capacity - 1);
}
FUZZ_EXAMPLES(example)

static void check_charge(void *context, const struct charge *charge) {
    (void)context;
    FUZZ_CHECK(charge->payer < PAYER_COUNT && charge->segment < SEGMENT_COUNT &&
               charge->care_class < CARE_CLASS_COUNT);
}
static void check_entry(void *context, const struct roster_entry *entry) {
    (void)context;
    FUZZ_CHECK(entry->segment < SEGMENT_COUNT && entry->care_class < CARE_CLASS_COUNT);
}

static enum result read_sums(const uint8_t *data, size_t size, struct failure *why) {
    enum result result = ledger_sums_unpack(&sums, &regions, data, size, why);
    if (result != RESULT_OK)
        return result;
    size_t again = ledger_sums_pack(&sums, &regions, packed, sizeof packed);
    FUZZ_CHECK(again > 0 && ledger_sums_unpack(&sums_again, &regions, packed, again, why) == RESULT_OK);
    FUZZ_CHECK(memcmp(&sums, &sums_again, sizeof sums) == 0);
    return RESULT_OK;
}

static enum result read_tariff(const uint8_t *data, size_t size, struct failure *why) {
    enum result result = tariff_unpack(&tariff, data, size, why);
    if (result != RESULT_OK)
        return result;
    size_t again = tariff_pack(&tariff, packed);
    FUZZ_CHECK(tariff_unpack(&tariff_again, packed, again, why) == RESULT_OK);
    FUZZ_CHECK(tariff.count == tariff_again.count);
    return RESULT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct failure why = {0};
    if (size == 0)
        return 0;
    begin();
    unsigned kind = data[0] % KINDS;
    data++;
    size--;
    enum result result = kind == CHARGES  ? charges_unpack(data, size, check_charge, NULL, &why)
                         : kind == ROSTER ? roster_unpack(data, size, check_entry, NULL, &why)
                         : kind == SUMS   ? read_sums(data, size, &why)
                                          : read_tariff(data, size, &why);
    FUZZ_CHECK(result == RESULT_OK || why.code[0]);
    return 0;
}
