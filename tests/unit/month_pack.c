/* month_pack.c - tests of services/domain/month_pack.c: a month frozen in one pass has the very bytes that
 * its charges and roster have when told one by one, whatever the tariff says, however members lie. */
#include "domain/month_pack.h"

#include "mutate.h"

#include <criterion/criterion.h>
#include <string.h>

#define MEMBERS 1500u /* some blocks, and a part of one */

static struct region_table regions;
static struct tariff tariff;
static struct ledger *frozen, *told;
static struct ledger_sums sums, told_sums;
static month_t november;
static struct failure why;
static uint64_t seed;

static void add_row(enum segment segment, uint8_t care_class, bool per_mille, enum payer payer,
                    uint32_t share, enum payer other, uint32_t other_share) {
    struct tariff_row *row = &tariff.rows[tariff.count++];
    *row = (struct tariff_row){.segment = (uint8_t)segment, .care_class = care_class, .per_mille = per_mille};
    row->share[payer] = share;
    if (other)
        row->share[other] = other_share;
    if (per_mille)
        row->wage_cap_rupiah = 12000000; /* no floor: a wage may be so low that a share of it is nothing */
}

/* Everything that a tariff may say: shares of wages for the centre and the city, employers who pay a fixed
 * amount, a class without a row, a row that costs nothing. */
static void start(void) {
    regions = (struct region_table){.city_code = 3671, .population = 3};
    cr_assert(region_table_add(&regions, 3671011001, "Sukarasa", "Tangerang", 1));
    cr_assert(region_table_add(&regions, 3671011002, "Sukajadi", "Tangerang", 1));
    cr_assert(region_table_add(&regions, 3671021001, "Keroncong", "Jatiuwung", 1));
    tariff = (struct tariff){0};
    add_row(SEGMENT_PBI_JK, 3, false, PAYER_CENTRE, 42000, PAYER_NONE, 0);
    add_row(SEGMENT_PBPU_PEMDA, 3, false, PAYER_CITY_IURAN, 35000, PAYER_CITY_BANTUAN, 2800);
    add_row(SEGMENT_PPU_PN, 1, true, PAYER_CENTRE, 40, PAYER_WORKER, 10);
    add_row(SEGMENT_PPU_PN, 2, true, PAYER_CITY_IURAN, 40, PAYER_WORKER, 10);
    add_row(SEGMENT_PPU_PN, 3, true, PAYER_CENTRE, 50, PAYER_NONE, 0);
    add_row(SEGMENT_PPU_BU, 1, true, PAYER_EMPLOYER, 40, PAYER_WORKER, 10);
    add_row(SEGMENT_PPU_BU, 2, false, PAYER_EMPLOYER, 160000, PAYER_WORKER, 40000);
    add_row(SEGMENT_PBPU, 1, false, PAYER_MEMBER, 150000, PAYER_NONE, 0);
    add_row(SEGMENT_PBPU, 3, false, PAYER_MEMBER, 35000, PAYER_CITY_BANTUAN, 7000);
    add_row(SEGMENT_BP, 3, false, PAYER_MEMBER, 0, PAYER_NONE, 0);
    november = calendar_month(calendar_day(2026, 11, 1));
    frozen = ledger_new(&regions, &tariff, november);
    told = ledger_new(&regions, &tariff, november);
}

static void stop(void) {
    ledger_destroy(&frozen);
    ledger_destroy(&told);
}

TestSuite(month_pack, .init = start, .fini = stop);

static struct record enrolment(uint64_t offset, uint32_t member_id) {
    static const uint32_t places[] = {3671011001, 3671011002, 3671021001, 3171010001};
    static const uint32_t wages[] = {0, 1, 9, 12, 30, 5000000, 7654321, 20000000};
    uint64_t dice = mutate_random(&seed);
    struct record record = {.offset = offset,
                            .member_id = member_id,
                            .kind = CHANGE_ENROL,
                            .effective_day = calendar_first_day(november),
                            .has_after = true};
    record.after = (struct member){.identity = 1 + dice,
                                   .wage_rupiah = wages[dice >> 3 & 7],
                                   .kelurahan = places[dice >> 6 & 3],
                                   .payer_month = (month_t)(november + (dice >> 8 & 15) / 14),
                                   .segment = (uint8_t)(1 + (dice >> 12) % (SEGMENT_COUNT - 1)),
                                   .status = dice >> 20 & 15 ? STATUS_ACTIVE : STATUS_SUSPENDED,
                                   .care_class = (uint8_t)(1 + (dice >> 24) % 3),
                                   .flags = dice >> 30 & 7 ? 0 : MEMBER_VULNERABLE};
    return record;
}

static void enrol(uint32_t members) {
    uint32_t member_id = 0;
    for (uint32_t i = 0; i < members; i++) {
        uint64_t dice = mutate_random(&seed);
        member_id += dice % 50 ? 1 + (uint32_t)(dice >> 32) % 40 : 1000000; /* numbers of each length */
        struct record record = enrolment(ledger_last_offset(told) + 1 + (dice >> 20) % 3, member_id);
        cr_assert_eq(ledger_step(frozen, &record, NULL, NULL, &why), RESULT_OK, "%s", why.sentence);
        cr_assert_eq(ledger_step(told, &record, NULL, NULL, &why), RESULT_OK);
    }
}

/* Closes a month of both, the one at once, the other charge by charge, and compares all that comes out. */
static void cr_assert_same_close(month_t month) {
    struct charge_packer *charges = charge_packer_new(), *told_charges = charge_packer_new();
    struct roster_packer *roster = roster_packer_new(), *told_roster = roster_packer_new();
    size_t size, told_size;
    ledger_roster(told, month, roster_packer_add, told_roster);
    cr_assert_eq(ledger_close(told, month, &told_sums, charge_packer_add, told_charges, &why), RESULT_OK);
    cr_assert_eq(month_pack_close(frozen, month, &sums, charges, roster, &why), RESULT_OK);
    cr_assert_eq(memcmp(&sums, &told_sums, sizeof sums), 0);
    cr_assert_eq(ledger_digest(frozen), ledger_digest(told));
    cr_assert_eq(charge_packer_count(charges), charge_packer_count(told_charges));
    const uint8_t *bytes = charge_packer_bytes(charges, &size);
    const uint8_t *told_bytes = charge_packer_bytes(told_charges, &told_size);
    cr_assert(size == told_size && memcmp(bytes, told_bytes, size) == 0, "charges");
    cr_assert_eq(charges_unpack(bytes, size, NULL, NULL, &why), RESULT_OK, "%s", why.sentence);
    bytes = roster_packer_bytes(roster, &size);
    told_bytes = roster_packer_bytes(told_roster, &told_size);
    cr_assert(size == told_size && memcmp(bytes, told_bytes, size) == 0, "roster");
    charge_packer_destroy(&charges);
    charge_packer_destroy(&told_charges);
    roster_packer_destroy(&roster);
    roster_packer_destroy(&told_roster);
}

Test(month_pack, nobody) {
    cr_assert_same_close(november);
}

Test(month_pack, the_same_bytes_as_one_by_one) {
    static const uint32_t members[] = {1, 2, 255, 256, 257, 512, MEMBERS};
    for (unsigned i = 0; i < 3 * sizeof members / sizeof *members; i++) {
        seed = i + 1;
        enrol(members[i % (sizeof members / sizeof *members)]);
        for (month_t month = november; month < november + 3; month++)
            cr_assert_same_close(month);
        stop();
        start();
    }
}

Test(month_pack, only_the_open_month) {
    enrol(3);
    struct charge_packer *charges = charge_packer_new();
    struct roster_packer *roster = roster_packer_new();
    cr_assert_eq(month_pack_close(frozen, (month_t)(november + 1), &sums, charges, roster, &why),
                 RESULT_CONFLICT);
    cr_assert_eq(charge_packer_count(charges), 0);
    charge_packer_destroy(&charges);
    roster_packer_destroy(&roster);
}
