/* ledger_dues.h - what a run owes in a month, and where that stands in the sums. Part of the ledger's
 * files. */
#ifndef DOMAIN_LEDGER_DUES_H
#define DOMAIN_LEDGER_DUES_H

#include "cakupan/ledger.h"

#include "ledger_runs.h"

/* A month's tariff, looked up once for all members. */
struct rates {
    const struct tariff_row *row[SEGMENT_COUNT][CARE_CLASS_COUNT];
};
void rates_fill(struct rates *rates, const struct tariff *tariff, month_t month);

/* Kecamatan index by kelurahan index; the last entry is for places outside the city. */
struct places {
    uint8_t kecamatan[KELURAHAN_MAX + 1];
};
void places_fill(struct places *places, const struct region_table *regions);

/* What one member owes for one month, and under which line. */
struct dues {
    uint32_t amounts_rupiah[PAYER_COUNT];
    uint8_t kecamatan; /* index; KECAMATAN_MAX: outside */
    uint8_t segment, care_class;
    bool vulnerable;
    bool none; /* nobody owes anything: the rest is empty */
};
/* `run` may be NULL (not a member yet), `row` too (no tariff): nothing is owed. */
struct dues dues_of(const struct run *run, const struct tariff_row *row, const struct places *places);
bool dues_equal(const struct dues *a, const struct dues *b);

static inline const struct tariff_row *rates_of(const struct rates *rates, const struct run *run) {
    return run ? rates->row[run->segment][run->care_class] : NULL;
}

/* a += b; aborts where it would overflow, since a wrong sum of money is worse than none. */
void amount_add(int64_t *a, int64_t b);
/* Puts a member's dues into the month's sums, or takes them out again (`sign` -1). */
void sums_count(struct ledger_sums *sums, const struct dues *dues, int sign);
/* Puts the dues of `people` members, all the same, into the month's sums. */
void sums_count_many(struct ledger_sums *sums, const struct dues *dues, uint32_t people);
/* Puts one correction into the sums. */
void sums_correct(struct ledger_sums *sums, const struct dues *dues, unsigned payer, int64_t amount_rupiah);

#endif
