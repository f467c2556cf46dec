/* ledger_bench.c - billing's fold alone: a city of members over partitions, layoffs, the close of a month.
 *
 * Usage: ledger_bench CITY_DIRECTORY [MEMBERS [PARTITIONS]]. Prints one line of JSON: nanoseconds a step
 * (enrolment, and layoffs in random order), milliseconds of closing all partitions one after the other with
 * and without a callback per charge, and bytes a member, by what the process grew. One in five members is
 * city-paid, as in the city.
 */
#include "cakupan/ledger.h"
#include "store/city.h"
#include "store/city_tariff.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MEMBERS       1943000u
#define CITY_PAID     383587u
#define LAYOFFS       100000u
#define PARTITIONS    16u
#define PARTITION_MAX 64u

struct bench {
    struct city city;
    struct tariff tariff;
    uint32_t members, partitions;
    uint64_t offset;
    struct ledger *ledgers[PARTITION_MAX];
    struct ledger_sums sums, all;
    uint64_t charges;
    month_t payer_month; /* of the baseline's members: long before the first month */
};

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* not the time that others take on a busy machine */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t resident_bytes(void) {
    unsigned long total, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    assert(file && fscanf(file, "%lu %lu", &total, &resident) == 2);
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void require(enum result result, const struct failure *why) {
    if (result == RESULT_OK)
        return;
    fprintf(stderr, "%s\n", why->sentence);
    exit(1);
}

/* Exactly CITY_PAID of the full city's members are city-paid, as in its baseline; the others are divided
 * evenly. */
static struct member member_of(const struct bench *bench, uint32_t id) {
    uint64_t hash = id * UINT64_C(0x9e3779b97f4a7c15);
    bool city = (uint64_t)id * CITY_PAID / MEMBERS != (uint64_t)(id - 1) * CITY_PAID / MEMBERS;
    static const uint8_t others[] = {SEGMENT_PPU_BU, SEGMENT_PPU_BU, SEGMENT_PBI_JK, SEGMENT_PBPU};
    uint8_t segment = city ? SEGMENT_PBPU_PEMDA : others[hash >> 62];
    bool works = segment == SEGMENT_PPU_BU;
    const struct region_table *regions = &bench->city.regions;
    return (struct member){.identity = UINT64_C(3671010101000000) + id,
                           .wage_rupiah = works ? 4000000 + (uint32_t)(hash >> 40 & 0xfffff) * 10 : 0,
                           .kelurahan = regions->kelurahan[(hash >> 32) % regions->kelurahan_count].code,
                           .payer_month = bench->payer_month,
                           .segment = segment,
                           .status = STATUS_ACTIVE,
                           .care_class = works ? 2 : 3};
}

static void step(struct bench *bench, struct record *record) {
    struct failure why = {0};
    record->offset = ++bench->offset;
    struct ledger *ledger = bench->ledgers[record_partition(record->member_id, bench->partitions)];
    require(ledger_step(ledger, record, NULL, NULL, &why), &why);
}

static double enrol_all(struct bench *bench) {
    struct record record = {
        .kind = CHANGE_ENROL, .effective_day = calendar_day(2025, 9, 25), .has_after = true};
    uint64_t before = now_ns();
    for (uint32_t id = 1; id <= bench->members; id++) {
        record.member_id = id;
        record.after = member_of(bench, id);
        step(bench, &record);
    }
    return (double)(now_ns() - before) / bench->members;
}

/* Members in an order that jumps about; those who work are laid off, the city pays from next month. Making
 * the records is counted, too: it costs some 20 ns. */
static double lay_off(struct bench *bench, uint32_t *count) {
    uint32_t *ids = calloc(LAYOFFS, sizeof *ids);
    assert(ids);
    *count = 0;
    uint32_t id = 1;
    for (uint32_t tried = 0; tried < bench->members && *count < LAYOFFS; tried++) {
        id = (uint32_t)(((uint64_t)id + 1234577u) % bench->members) + 1;
        if (member_of(bench, id).segment == SEGMENT_PPU_BU)
            ids[(*count)++] = id;
    }
    struct record record = {.kind = CHANGE_LAYOFF,
                            .effective_day = calendar_day(2026, 11, 20),
                            .has_before = true,
                            .has_after = true};
    uint64_t before = now_ns();
    for (uint32_t i = 0; i < *count; i++) {
        record.previous_offset = record.member_id = ids[i];
        record.before = record.after = member_of(bench, ids[i]);
        record.after.segment = SEGMENT_PBPU_PEMDA;
        record.after.care_class = 3;
        record.after.wage_rupiah = 0;
        record.after.payer_month = (month_t)(ledger_open_month(bench->ledgers[0]) + 1);
        record.after.flags = MEMBER_LAID_OFF;
        step(bench, &record);
    }
    double nanoseconds = *count ? (double)(now_ns() - before) / *count : 0;
    free(ids);
    return nanoseconds;
}

static void count_charge(void *context, const struct charge *charge) {
    struct bench *bench = context;
    bench->charges += charge->amount_rupiah != 0;
}

static double close_month(struct bench *bench, ledger_on_charge *on_charge) {
    struct failure why = {0};
    month_t month = ledger_open_month(bench->ledgers[0]);
    bench->charges = 0;
    bench->all = (struct ledger_sums){0};
    uint64_t before = now_ns();
    for (uint32_t i = 0; i < bench->partitions; i++) {
        require(ledger_close(bench->ledgers[i], month, &bench->sums, on_charge, bench, &why), &why);
        ledger_sums_add(&bench->all, &bench->sums);
    }
    return (double)(now_ns() - before) / 1e6;
}

static int64_t city_paid_rupiah(const struct bench *bench) {
    int64_t total = 0;
    for (unsigned payer = PAYER_CITY_IURAN; payer <= PAYER_CITY_BANTUAN; payer++)
        for (unsigned place = 0; place <= KECAMATAN_MAX; place++)
            total += bench->all.line[payer][SEGMENT_PBPU_PEMDA][3][place].amount_rupiah;
    return total;
}

int main(int argc, char **argv) {
    static struct bench bench;
    struct failure why = {0};
    assert(argc > 1 && "ledger_bench CITY_DIRECTORY [MEMBERS [PARTITIONS]]");
    bench.members = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : MEMBERS;
    bench.partitions = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : PARTITIONS;
    assert(bench.members > 0 && bench.partitions > 0 && bench.partitions <= PARTITION_MAX);
    require(city_load(&bench.city, argv[1], &why), &why);
    require(tariff_load(&bench.tariff, argv[1], &why), &why);
    month_t first = calendar_month(calendar_day(2026, 11, 1));
    bench.payer_month = (month_t)(first - 13);
    uint64_t empty = resident_bytes();
    for (uint32_t i = 0; i < bench.partitions; i++)
        bench.ledgers[i] = ledger_new(&bench.city.regions, &bench.tariff, first);
    double enrol_ns = enrol_all(&bench);
    double bytes = (double)(resident_bytes() - empty) / bench.members;
    uint32_t layoffs;
    double layoff_ns = lay_off(&bench, &layoffs);
    double bytes_after = (double)(resident_bytes() - empty) / bench.members;
    double close_ms = close_month(&bench, NULL);
    int64_t city = city_paid_rupiah(&bench);
    double told_ms = close_month(&bench, count_charge);
    printf("{\"members\": %" PRIu32 ", \"partitions\": %" PRIu32
           ", \"enrol_step_ns\": %.0f, \"layoffs\": %" PRIu32
           ", \"layoff_step_ns\": %.0f, \"close_ms\": %.1f, \"close_with_charges_ms\": %.1f, \"charges\": "
           "%" PRIu64 ", \"bytes_per_member\": %.1f, \"bytes_per_member_after_layoffs\": %.1f, "
           "\"city_paid_rupiah\": %" PRId64 "}\n",
           bench.members, bench.partitions, enrol_ns, layoffs, layoff_ns, close_ms, told_ms, bench.charges,
           bytes, bytes_after, city);
    for (uint32_t i = 0; i < bench.partitions; i++)
        ledger_destroy(&bench.ledgers[i]);
    return 0;
}
