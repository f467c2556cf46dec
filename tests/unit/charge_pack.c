/* charge_pack.c - tests of packed charges, rosters, sums and tariffs: round trips of anything, one form
 * for the same content, every damage found or harmless. */
#include "cakupan/charge_pack.h"
#include "mutate.h"
#include "store/city_tariff.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define CHARGES_MAX 4096

static struct charge charges[CHARGES_MAX], unpacked[CHARGES_MAX];
static struct roster_entry entries[CHARGES_MAX], read_entries[CHARGES_MAX];
static size_t unpacked_count;

static void collect(void *context, const struct charge *charge) {
    (void)context;
    if (unpacked_count < CHARGES_MAX)
        unpacked[unpacked_count] = *charge;
    unpacked_count++;
}

static void collect_entry(void *context, const struct roster_entry *entry) {
    (void)context;
    if (unpacked_count < CHARGES_MAX)
        read_entries[unpacked_count] = *entry;
    unpacked_count++;
}

static enum result unpack(const uint8_t *data, size_t size) {
    struct failure why = {0};
    unpacked_count = 0;
    enum result result = charges_unpack(data, size, collect, NULL, &why);
    cr_assert(result == RESULT_OK || (result == RESULT_CORRUPT && why.sentence[0]));
    return result;
}

static bool same_charge(const struct charge *a, const struct charge *b) {
    return a->member_id == b->member_id && a->month == b->month && a->invoice_month == b->invoice_month &&
           a->payer == b->payer && a->cause == b->cause && a->segment == b->segment &&
           a->care_class == b->care_class && a->vulnerable == b->vulnerable && a->kecamatan == b->kecamatan &&
           a->amount_rupiah == b->amount_rupiah && a->cause_offset == b->cause_offset;
}

static struct charge_packer *packed(size_t count, const uint8_t **bytes, size_t *size) {
    struct charge_packer *packer = charge_packer_new();
    for (size_t i = 0; i < count; i++)
        charge_packer_add(packer, &charges[i]);
    cr_assert_eq(charge_packer_count(packer), count);
    *bytes = charge_packer_bytes(packer, size);
    return packer;
}

static void cr_assert_round_trip(size_t count) {
    const uint8_t *bytes;
    size_t size;
    struct charge_packer *packer = packed(count, &bytes, &size);
    cr_assert_eq(unpack(bytes, size), RESULT_OK);
    cr_assert_eq(unpacked_count, count);
    for (size_t i = 0; i < count; i++)
        cr_assert(same_charge(&charges[i], &unpacked[i]), "charge %zu", i);
    cr_assert_eq(charges_unpack(bytes, size, NULL, NULL, NULL), RESULT_OK);
    charge_packer_destroy(&packer);
    cr_assert_null(packer);
}

/* Anything that a charge can say, often like the one before. */
static void make_charges(size_t count, uint64_t seed) {
    static const uint64_t offsets[] = {0, 1, 1000, UINT64_MAX, UINT64_MAX / 2};
    static const int64_t amounts[] = {0, 35000, 2800, -35000, INT64_MIN, INT64_MAX, 1};
    for (size_t i = 0; i < count; i++) {
        uint64_t dice = mutate_random(&seed);
        struct charge *charge = &charges[i];
        if (i > 0 && dice % 4 == 0) {
            *charge = charges[i - 1];
            charge->payer = (uint8_t)(1 + (dice >> 8) % (PAYER_COUNT - 1));
            continue;
        }
        *charge = (struct charge){.member_id = (uint32_t)(dice % 16 ? dice % 3000 + 1 : UINT32_MAX),
                                  .month = (month_t)(dice >> 16),
                                  .invoice_month = (month_t)(dice >> 20),
                                  .payer = (uint8_t)(1 + (dice >> 8) % (PAYER_COUNT - 1)),
                                  .cause = (uint8_t)(1 + (dice >> 12) % (CHARGE_CAUSE_COUNT - 1)),
                                  .segment = (uint8_t)((dice >> 24) % SEGMENT_COUNT),
                                  .care_class = (uint8_t)((dice >> 28) % CARE_CLASS_COUNT),
                                  .vulnerable = dice >> 32 & 1,
                                  .kecamatan = dice >> 33 & 1 ? 367101 : (uint32_t)(dice >> 40),
                                  .amount_rupiah = amounts[(dice >> 36) % 7],
                                  .cause_offset = offsets[(dice >> 50) % 5]};
    }
}

Test(charge_pack, nothing_is_three_bytes) {
    const uint8_t *bytes;
    size_t size;
    struct charge_packer *packer = packed(0, &bytes, &size);
    cr_assert_eq(size, 3);
    cr_assert_arr_eq(bytes, ((uint8_t[]){2, 0, 0}), 3);
    charge_packer_destroy(&packer);
    cr_assert_round_trip(0);
    charge_packer_destroy(&packer);
}

/* The form that lies on disks for ever. */
Test(charge_pack, layout_stays) {
    const uint8_t *bytes;
    size_t size;
    charges[0] = (struct charge){.member_id = 5,
                                 .month = 1523,
                                 .invoice_month = 1523,
                                 .payer = PAYER_CITY_IURAN,
                                 .cause = CHARGE_MONTH,
                                 .segment = SEGMENT_PBPU_PEMDA,
                                 .care_class = 3,
                                 .vulnerable = true,
                                 .kecamatan = 367101,
                                 .amount_rupiah = 35000,
                                 .cause_offset = 7};
    charges[1] = charges[0];
    charges[1].payer = PAYER_CITY_BANTUAN;
    charges[1].amount_rupiah = -2800;
    charges[2] = charges[0];
    charges[2].member_id = 21;
    charges[2].cause_offset = 23;
    charges[3] = charges[1];
    charges[3].member_id = 21;
    charges[3].cause_offset = 23;
    static const uint8_t expected[] = {2,                      /* version */
                                       1,                      /* terms */
                                       0xf3, 0x0b, 0xf3, 0x0b, /* months */
                                       1,    2,    3,    1,    /* cause, segment, class, vulnerable */
                                       0xfd, 0xb3, 0x16,       /* kecamatan */
                                       0x0c,                   /* payers 2 and 3 */
                                       0xf0, 0xa2, 0x04,       /* 35,000 */
                                       0xdf, 0x2b,             /* -2,800 */
                                       2,                      /* groups */
                                       10,   0,    4,  /* member 5, term 0, offset 2 beyond the guess */
                                       32,   0,    0}; /* 16 members later, 16 records later */
    struct charge_packer *packer = packed(4, &bytes, &size);
    cr_assert_eq(size, sizeof expected);
    cr_assert_arr_eq(bytes, expected, sizeof expected);
    charge_packer_destroy(&packer);
}

/* What employer and worker pay stands with the member, so that both have one term. */
Test(charge_pack, layout_by_wage) {
    const uint8_t *bytes;
    size_t size;
    charges[0] = (struct charge){.member_id = 5,
                                 .month = 3,
                                 .invoice_month = 3,
                                 .payer = PAYER_EMPLOYER,
                                 .cause = CHARGE_MONTH,
                                 .segment = SEGMENT_PPU_BU,
                                 .care_class = 2,
                                 .amount_rupiah = 200000,
                                 .cause_offset = 5};
    charges[1] = charges[0];
    charges[1].payer = PAYER_WORKER;
    charges[1].amount_rupiah = 50000;
    charges[2] = charges[0];
    charges[2].member_id = charges[2].cause_offset = 6;
    charges[2].amount_rupiah = -1;
    charges[3] = charges[2];
    charges[3].payer = PAYER_WORKER;
    charges[3].amount_rupiah = 0;
    static const uint8_t expected[] = {2,                                         /* version */
                                       1,                                         /* terms */
                                       3,  3, 1, 4,    2,    0,    0,    0x30,    /* payers 4 and 5 */
                                       2,                                         /* groups */
                                       10, 0, 0, 0x80, 0xb5, 0x18, 0xa0, 0x8d, 6, /* 200,000 and 50,000 */
                                       2,  0, 0, 1,    0};                        /* -1 and 0 */
    struct charge_packer *packer = packed(4, &bytes, &size);
    cr_assert_eq(size, sizeof expected);
    cr_assert_arr_eq(bytes, expected, sizeof expected);
    charge_packer_destroy(&packer);
    cr_assert_round_trip(4);
}

Test(charge_pack, anything_comes_back_in_its_order) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        size_t count = seed < 40 ? seed : CHARGES_MAX;
        make_charges(count, seed);
        cr_assert_round_trip(count);
    }
}

Test(charge_pack, many_terms) {
    for (uint32_t i = 0; i < CHARGES_MAX; i++)
        charges[i] = (struct charge){.member_id = i + 1,
                                     .payer = PAYER_WORKER,
                                     .cause = CHARGE_MONTH,
                                     .segment = SEGMENT_PPU_BU,
                                     .amount_rupiah = 30000 + i % 3000,
                                     .cause_offset = i};
    cr_assert_round_trip(CHARGES_MAX);
}

Test(charge_pack, same_charges_same_bytes) {
    const uint8_t *bytes, *again;
    size_t size, again_size;
    make_charges(2000, 7);
    struct charge_packer *packer = packed(2000, &bytes, &size);
    struct charge_packer *used = charge_packer_new();
    for (size_t i = 0; i < 700; i++)
        charge_packer_add(used, &charges[1999 - i]);
    charge_packer_bytes(used, &again_size);
    charge_packer_clear(used);
    cr_assert_eq(charge_packer_count(used), 0);
    for (size_t i = 0; i < 2000; i++)
        charge_packer_add(used, &charges[i]);
    again = charge_packer_bytes(used, &again_size);
    cr_assert_eq(size, again_size);
    cr_assert_arr_eq(bytes, again, size);
    cr_assert_eq(charge_packer_bytes(used, &again_size), again, "asked again");
    charge_packer_destroy(&used);
    charge_packer_destroy(&packer);
}

Test(charge_pack, nothing_is_added_behind_bytes, .signal = SIGABRT) {
    size_t size;
    make_charges(2, 1);
    struct charge_packer *packer = charge_packer_new();
    charge_packer_add(packer, &charges[0]);
    charge_packer_bytes(packer, &size);
    charge_packer_add(packer, &charges[1]);
}

/* What a close of the city is reckoned with: three payers a member, members 16 apart. */
Test(charge_pack, a_member_takes_few_bytes) {
    struct charge_packer *packer = charge_packer_new();
    uint64_t seed = 3;
    size_t size;
    for (uint32_t i = 0; i < 20000; i++) {
        uint64_t dice = mutate_random(&seed);
        struct charge charge = {.member_id = 1 + i * 16 + (uint32_t)(dice % 16),
                                .month = 1523,
                                .invoice_month = 1523,
                                .cause = CHARGE_MONTH,
                                .segment = SEGMENT_PBPU_PEMDA,
                                .care_class = 3,
                                .kecamatan = 367101 + (uint32_t)(dice >> 8) % 13};
        charge.cause_offset = dice % 10 ? charge.member_id + 9 : charge.member_id + 2000000;
        for (uint8_t payer = PAYER_CENTRE; payer <= PAYER_CITY_BANTUAN; payer++) {
            charge.payer = payer;
            charge.amount_rupiah = payer * 1000;
            charge_packer_add(packer, &charge);
        }
    }
    charge_packer_bytes(packer, &size);
    cr_assert_lt(size, 20000 * 5, "%zu bytes", size);
    charge_packer_destroy(&packer);
}

Test(charge_pack, every_cut_is_found) {
    const uint8_t *bytes;
    size_t size;
    make_charges(60, 5);
    struct charge_packer *packer = packed(60, &bytes, &size);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut + 1); /* exactly as long, so that a sanitizer sees each byte too far */
        memcpy(copy, bytes, cut);
        copy = realloc(copy, cut ? cut : 1);
        cr_assert_eq(unpack(copy, cut), RESULT_CORRUPT, "cut at %zu", cut);
        free(copy);
    }
    uint8_t *longer = malloc(size + 1);
    memcpy(longer, bytes, size);
    longer[size] = 0;
    cr_assert_eq(unpack(longer, size + 1), RESULT_CORRUPT);
    free(longer);
    charge_packer_destroy(&packer);
}

Test(charge_pack, damage_does_no_harm) {
    const uint8_t *bytes;
    size_t size;
    uint64_t seed = 11, refused = 0;
    make_charges(200, 9);
    struct charge_packer *packer = packed(200, &bytes, &size);
    uint8_t *copy = malloc(size * 2);
    for (unsigned i = 0; i < 20000; i++) {
        memcpy(copy, bytes, size);
        refused += unpack(copy, mutate(copy, size, size * 2, &seed)) != RESULT_OK;
    }
    cr_assert_gt(refused, 2000);
    free(copy);
    charge_packer_destroy(&packer);
}

static void cr_assert_corrupt(const uint8_t *bytes, size_t size) {
    cr_assert_eq(unpack(bytes, size), RESULT_CORRUPT);
}
#define CORRUPT(...) cr_assert_corrupt((uint8_t[]){__VA_ARGS__}, sizeof(uint8_t[]){__VA_ARGS__})
#define TERM(cause, segment, care_class, vulnerable, payers)                                                 \
    1, 1, cause, segment, care_class, vulnerable, 0, payers

Test(charge_pack, what_can_not_be_is_refused) {
    static const uint8_t sound[] = {2, 1, TERM(1, 1, 3, 0, 2), 8, 1, 2, 0, 0};
    cr_assert_eq(unpack(sound, sizeof sound), RESULT_OK);
    cr_assert_eq(unpacked_count, 1);
    CORRUPT(1, 0, 0);                                           /* version */
    CORRUPT(2, 1, TERM(0, 1, 3, 0, 2), 8, 1, 2, 0, 0);          /* no cause */
    CORRUPT(2, 1, TERM(5, 1, 3, 0, 2), 8, 1, 2, 0, 0);          /* unknown cause */
    CORRUPT(2, 1, TERM(1, 7, 3, 0, 2), 8, 1, 2, 0, 0);          /* segment */
    CORRUPT(2, 1, TERM(1, 1, 4, 0, 2), 8, 1, 2, 0, 0);          /* class */
    CORRUPT(2, 1, TERM(1, 1, 3, 2, 2), 8, 1, 2, 0, 0);          /* neither true nor false */
    CORRUPT(2, 1, TERM(1, 1, 3, 0, 0), 1, 2, 0, 0);             /* no payer */
    CORRUPT(2, 1, TERM(1, 1, 3, 0, 1), 8, 1, 2, 0, 0);          /* the payer that is none */
    CORRUPT(2, 1, TERM(1, 1, 3, 0, 2), 8, 1, 2, 1, 0);          /* a term that is not in the table */
    CORRUPT(2, 1, TERM(1, 1, 3, 0, 2), 8, 1, 1, 0, 0);          /* member -1 */
    CORRUPT(2, 1, TERM(1, 1, 3, 0, 2), 8, 0);                   /* a term that nobody names */
    CORRUPT(2, 1, TERM(1, 1, 3, 0, 2), 8, 1, 0x82, 0x00, 0, 0); /* a number longer than it must be */
    CORRUPT(2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01); /* more terms than bytes */
    CORRUPT(2, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01); /* more groups than bytes */
    CORRUPT(2, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02); /* beyond 64 bits */
    CORRUPT(2, 1, TERM(1, 4, 3, 0, 0x30), 1, 2, 0, 0, 8);    /* by wage: the worker's amount is missing */
    CORRUPT(2, 1, TERM(1, 4, 3, 0, 0x30), 8, 8, 1, 2, 0, 0); /* by wage: amounts in the term */
    cr_assert_eq(unpack((const uint8_t *)"", 0), RESULT_CORRUPT);
}

/* Rosters */

static enum result unpack_roster(const uint8_t *data, size_t size) {
    struct failure why = {0};
    unpacked_count = 0;
    enum result result = roster_unpack(data, size, collect_entry, NULL, &why);
    cr_assert(result == RESULT_OK || (result == RESULT_CORRUPT && why.sentence[0]));
    return result;
}

static void make_entries(size_t count, uint64_t seed) {
    uint32_t member_id = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t dice = mutate_random(&seed);
        member_id += 1 + (uint32_t)(dice % 40);
        entries[i] =
            (struct roster_entry){.member_id = member_id,
                                  .identity = dice >> 60 ? UINT64_C(3671010101900001) + dice % 1000
                                                         : IDENTITY_TEMPORARY | (dice & 0xffffffff),
                                  .kelurahan = dice >> 20 & 7 ? UINT32_C(3671011001) + (dice >> 23) % 100 : 0,
                                  .segment = (uint8_t)((dice >> 30) % SEGMENT_COUNT),
                                  .care_class = (uint8_t)((dice >> 34) % CARE_CLASS_COUNT),
                                  .vulnerable = dice >> 36 & 1,
                                  .amount_rupiah = dice >> 37 & 1 ? 37800 : -(int64_t)(dice >> 40),
                                  .cause_offset = dice >> 38 & 3 ? member_id + 9u : dice};
    }
}

static const uint8_t *pack_entries(struct roster_packer *packer, size_t count, size_t *size) {
    roster_packer_clear(packer);
    for (size_t i = 0; i < count; i++)
        roster_packer_add(packer, &entries[i]);
    return roster_packer_bytes(packer, size);
}

Test(roster_pack, comes_back) {
    struct roster_packer *packer = roster_packer_new();
    for (size_t count = 0; count <= CHARGES_MAX; count = count * 2 + 1) {
        size_t size;
        make_entries(count, count);
        const uint8_t *bytes = pack_entries(packer, count, &size);
        cr_assert_eq(unpack_roster(bytes, size), RESULT_OK);
        cr_assert_eq(unpacked_count, count);
        for (size_t i = 0; i < count; i++) {
            const struct roster_entry *a = &entries[i], *b = &read_entries[i];
            cr_assert(a->member_id == b->member_id && a->identity == b->identity &&
                          a->kelurahan == b->kelurahan && a->segment == b->segment &&
                          a->care_class == b->care_class && a->vulnerable == b->vulnerable &&
                          a->amount_rupiah == b->amount_rupiah && a->cause_offset == b->cause_offset,
                      "entry %zu of %zu", i, count);
        }
    }
    roster_packer_destroy(&packer);
    cr_assert_null(packer);
}

Test(roster_pack, every_cut_is_found_and_damage_does_no_harm) {
    struct roster_packer *packer = roster_packer_new();
    uint64_t seed = 5, refused = 0;
    size_t size;
    make_entries(40, 4);
    const uint8_t *bytes = pack_entries(packer, 40, &size);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        memcpy(copy, bytes, cut);
        cr_assert_eq(unpack_roster(copy, cut), RESULT_CORRUPT, "cut at %zu", cut);
        free(copy);
    }
    uint8_t *copy = malloc(size * 2);
    for (unsigned i = 0; i < 20000; i++) {
        memcpy(copy, bytes, size);
        refused += unpack_roster(copy, mutate(copy, size, size * 2, &seed)) != RESULT_OK;
    }
    cr_assert_gt(refused, 2000);
    free(copy);
    roster_packer_destroy(&packer);
}

Test(roster_pack, a_member_stands_there_once, .signal = SIGABRT) {
    struct roster_packer *packer = roster_packer_new();
    make_entries(1, 4);
    roster_packer_add(packer, &entries[0]);
    roster_packer_add(packer, &entries[0]);
}

/* Sums */

static struct region_table regions;
static struct ledger_sums sums, read_sums;
static uint8_t bytes_of_sums[LEDGER_SUMS_PACKED_MAX];

static void make_regions(void) {
    regions = (struct region_table){.city_code = 3671};
    cr_assert(region_table_add(&regions, 3671011001, "A", "Satu", 1));
    cr_assert(region_table_add(&regions, 3671021001, "B", "Dua", 1));
    memset(&sums, 0, sizeof sums);
}

static size_t pack_sums(void) {
    size_t size = ledger_sums_pack(&sums, &regions, bytes_of_sums, sizeof bytes_of_sums);
    cr_assert_gt(size, 0);
    return size;
}

static enum result unpack_sums(size_t size) {
    struct failure why = {0};
    return ledger_sums_unpack(&read_sums, &regions, bytes_of_sums, size, &why);
}

Test(sums_pack, comes_back) {
    uint64_t seed = 6;
    make_regions();
    cr_assert_eq(unpack_sums(pack_sums()), RESULT_OK);
    cr_assert_eq(memcmp(&sums, &read_sums, sizeof sums), 0, "zeros");
    for (unsigned i = 0; i < 200; i++) {
        uint64_t dice = mutate_random(&seed);
        unsigned place = dice & 1 ? KECAMATAN_MAX : dice >> 1 & 1;
        struct ledger_line *line =
            &sums.line[(dice >> 8) % PAYER_COUNT][(dice >> 16) % SEGMENT_COUNT][(dice >> 24) % 4][place];
        *line = (struct ledger_line){dice % 1000, -(int64_t)(dice % 100000), dice >> 32 & 3,
                                     (int64_t)(dice >> 20)};
        if (dice >> 40 & 1)
            sums.vulnerable[(dice >> 41) % PAYER_COUNT] = (struct ledger_line){1, 2, 3, -4};
    }
    cr_assert_eq(unpack_sums(pack_sums()), RESULT_OK);
    cr_assert_eq(memcmp(&sums, &read_sums, sizeof sums), 0);
}

Test(sums_pack, all_lines_fit_and_one_byte_less_does_not) {
    for (unsigned i = 0; i < KECAMATAN_MAX; i++) {
        regions.city_code = 3671;
        cr_assert(region_table_add(&regions, 3671000000 + (i + 1) * 10000, "A", "A", 1));
    }
    struct ledger_line *line = &sums.line[0][0][0][0];
    for (size_t i = 0; i < sizeof sums / sizeof *line; i++)
        line[i] = (struct ledger_line){i + 1, (int64_t)i, i, -(int64_t)i};
    size_t size = pack_sums();
    cr_assert_leq(size, LEDGER_SUMS_PACKED_MAX);
    cr_assert_eq(unpack_sums(size), RESULT_OK);
    cr_assert_eq(memcmp(&sums, &read_sums, sizeof sums), 0);
    cr_assert_eq(ledger_sums_pack(&sums, &regions, bytes_of_sums, size - 1), 0);
    cr_assert_eq(ledger_sums_pack(&sums, &regions, bytes_of_sums, size), size);
}

Test(sums_pack, another_city_is_told) {
    make_regions();
    sums.line[PAYER_CENTRE][SEGMENT_PBI_JK][3][1].people = 1;
    size_t size = pack_sums();
    regions.kecamatan[1].code++;
    cr_assert_eq(unpack_sums(size), RESULT_CONFLICT);
}

Test(sums_pack, what_can_not_be_is_refused) {
    make_regions();
    sums.line[PAYER_CENTRE][SEGMENT_PBI_JK][3][0].people = 1;
    sums.line[PAYER_CENTRE][SEGMENT_PBI_JK][3][1].people = 1;
    sums.vulnerable[PAYER_CENTRE].people = 1;
    size_t size = pack_sums();
    cr_assert_eq(unpack_sums(size), RESULT_OK);
    for (size_t cut = 0; cut < size; cut++)
        cr_assert_eq(unpack_sums(cut), RESULT_CORRUPT, "cut at %zu", cut);
    static const struct {
        size_t at;
        uint8_t value;
    } damages[] = {{0, 1},  {3, 2},  {4, 3},     {8, 2},  {12, 7}, {13, 7},  {14, 4},        {15, 1},
                   {20, 0}, {24, 1}, {34, 0x80}, {92, 7}, {93, 1}, {100, 0}, {12 + 8 + 7, 1}};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        uint8_t kept = bytes_of_sums[damages[i].at];
        bytes_of_sums[damages[i].at] = damages[i].value;
        cr_expect_eq(unpack_sums(size), RESULT_CORRUPT, "byte %zu", damages[i].at);
        bytes_of_sums[damages[i].at] = kept;
    }
    uint8_t line[40];
    memcpy(line, bytes_of_sums + 12, 40); /* the lines in the other order */
    memcpy(bytes_of_sums + 12, bytes_of_sums + 52, 40);
    memcpy(bytes_of_sums + 52, line, 40);
    cr_assert_eq(unpack_sums(size), RESULT_CORRUPT);
}

/* Tariffs */

static struct tariff tariff, read_tariff;
static uint8_t bytes_of_tariff[TARIFF_PACKED_MAX];

static enum result unpack_tariff(size_t size) {
    struct failure why = {0};
    return tariff_unpack(&read_tariff, bytes_of_tariff, size, &why);
}

Test(tariff_pack, the_shipped_one_comes_back) {
    struct failure why = {0};
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    size_t size = tariff_pack(&tariff, bytes_of_tariff);
    cr_assert_eq(unpack_tariff(size), RESULT_OK);
    cr_assert_eq(read_tariff.count, tariff.count);
    cr_assert_eq(tariff_digest(&read_tariff), tariff_digest(&tariff));
    for (size_t cut = 0; cut < size; cut++)
        cr_assert_eq(unpack_tariff(cut), RESULT_CORRUPT);
    for (size_t at = 0; at < size; at++) { /* the digest covers all */
        bytes_of_tariff[at] ^= 1;
        cr_assert_eq(unpack_tariff(size), RESULT_CORRUPT, "byte %zu", at);
        bytes_of_tariff[at] ^= 1;
    }
}

Test(tariff_pack, a_full_one_and_an_empty_one) {
    cr_assert_eq(unpack_tariff(tariff_pack(&tariff, bytes_of_tariff)), RESULT_OK);
    cr_assert_eq(read_tariff.count, 0);
    for (uint16_t i = 0; i < TARIFF_ROWS_MAX; i++)
        tariff.rows[i] = (struct tariff_row){.valid_from = (day_t)(10 * i + 1),
                                             .valid_to = (day_t)(10 * i + 10),
                                             .segment = SEGMENT_PBPU,
                                             .care_class = 3,
                                             .share = {0, 1, 2, 3, 4, 5, 6}};
    tariff.count = TARIFF_ROWS_MAX;
    size_t size = tariff_pack(&tariff, bytes_of_tariff);
    cr_assert_leq(size, TARIFF_PACKED_MAX);
    cr_assert_eq(unpack_tariff(size), RESULT_OK);
    cr_assert_eq(memcmp(&tariff, &read_tariff, sizeof tariff), 0);
}

/* With a digest that agrees: what an asker may send. */
static void cr_assert_row_refused(struct tariff_row row) {
    tariff.rows[tariff.count++] = row;
    cr_assert_eq(unpack_tariff(tariff_pack(&tariff, bytes_of_tariff)), RESULT_CORRUPT);
    tariff.count--;
}

Test(tariff_pack, what_can_not_be_is_refused) {
    tariff =
        (struct tariff){.count = 1, .rows = {{.valid_from = 100, .segment = SEGMENT_PBPU, .care_class = 3}}};
    cr_assert_eq(unpack_tariff(tariff_pack(&tariff, bytes_of_tariff)), RESULT_OK);
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_NONE});
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_COUNT});
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_BP, .care_class = 4});
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_BP, .valid_from = 9, .valid_to = 8});
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_BP, .share = {1}});
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_BP, .share = {0, UINT32_MAX}});
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_BP, .per_mille = true, .share = {0, 1001}});
    cr_assert_row_refused((struct tariff_row){
        .segment = SEGMENT_BP, .per_mille = true, .wage_floor_rupiah = 2, .wage_cap_rupiah = 1});
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_PBPU, .care_class = 3, .valid_from = 200});
    cr_assert_row_refused((struct tariff_row){.segment = SEGMENT_PBPU, .valid_to = 100}); /* of any class */
}
