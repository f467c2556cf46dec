/* ledger_dues.c - dues of a member and the sums of many (ledger_dues.h, and the sums of ledger.h). */
#include "ledger_dues.h"

#include <assert.h>
#include <string.h>

void rates_fill(struct rates *rates, const struct tariff *tariff, month_t month) {
    for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++)
        for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++)
            rates->row[segment][care_class] =
                segment == SEGMENT_NONE
                    ? NULL
                    : tariff_at(tariff, (enum segment)segment, (uint8_t)care_class, month);
}

void places_fill(struct places *places, const struct region_table *regions) {
    memset(places->kecamatan, KECAMATAN_MAX, sizeof places->kecamatan);
    for (uint16_t i = 0; i < regions->kelurahan_count; i++)
        places->kecamatan[i] = (uint8_t)regions->kelurahan[i].kecamatan;
}

struct dues dues_of(const struct run *run, const struct tariff_row *row, const struct places *places) {
    struct dues dues = {.none = true};
    if (!run || !row || run->state != RUN_OWES)
        return dues;
    if (row->per_mille && run->wage_rupiah == 0)
        return dues;
    tariff_amounts(row, run->wage_rupiah, dues.amounts_rupiah);
    dues.kecamatan = places->kecamatan[run->kelurahan < KELURAHAN_MAX ? run->kelurahan : KELURAHAN_MAX];
    dues.segment = run->segment;
    dues.care_class = run->care_class;
    dues.vulnerable = run->flags & MEMBER_VULNERABLE;
    dues.none = false;
    return dues;
}

bool dues_equal(const struct dues *a, const struct dues *b) {
    return a->none == b->none && a->kecamatan == b->kecamatan && a->segment == b->segment &&
           a->care_class == b->care_class && a->vulnerable == b->vulnerable &&
           memcmp(a->amounts_rupiah, b->amounts_rupiah, sizeof a->amounts_rupiah) == 0;
}

void amount_add(int64_t *a, int64_t b) {
    bool overflow = __builtin_add_overflow(*a, b, a);
    assert(!overflow && "a sum of rupiah is beyond 64 bits");
    (void)overflow;
}

static void line_count(struct ledger_line *line, uint32_t amount_rupiah, int64_t people) {
    line->people += (uint64_t)people;
    assert((int64_t)line->people >= 0 && "more people taken out of a line than were in it");
    amount_add(&line->amount_rupiah, people * (int64_t)amount_rupiah); /* 32 bits each: no overflow */
}

static void count(struct ledger_sums *sums, const struct dues *dues, int64_t people) {
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        uint32_t amount = dues->amounts_rupiah[payer];
        if (amount == 0)
            continue;
        line_count(&sums->line[payer][dues->segment][dues->care_class][dues->kecamatan], amount, people);
        if (dues->vulnerable)
            line_count(&sums->vulnerable[payer], amount, people);
    }
}

void sums_count(struct ledger_sums *sums, const struct dues *dues, int sign) {
    if (!dues->none)
        count(sums, dues, sign);
}

void sums_count_many(struct ledger_sums *sums, const struct dues *dues, uint32_t people) {
    if (!dues->none)
        count(sums, dues, people);
}

void sums_correct(struct ledger_sums *sums, const struct dues *dues, unsigned payer, int64_t amount_rupiah) {
    struct ledger_line *line = &sums->line[payer][dues->segment][dues->care_class][dues->kecamatan];
    line->corrections++;
    amount_add(&line->corrections_rupiah, amount_rupiah);
    if (!dues->vulnerable)
        return;
    sums->vulnerable[payer].corrections++;
    amount_add(&sums->vulnerable[payer].corrections_rupiah, amount_rupiah);
}

/* Most lines are empty: nobody of that segment and class lives there. */
static void line_add(struct ledger_line *into, const struct ledger_line *line) {
    if (!(line->people || line->corrections || line->amount_rupiah || line->corrections_rupiah))
        return;
    into->people += line->people;
    into->corrections += line->corrections;
    amount_add(&into->amount_rupiah, line->amount_rupiah);
    amount_add(&into->corrections_rupiah, line->corrections_rupiah);
}

_Static_assert(sizeof(struct ledger_line) == 32, "lines hold no padding: sums are compared as bytes");

void ledger_sums_add(struct ledger_sums *into, const struct ledger_sums *sums) {
    struct ledger_line *to = &into->line[0][0][0][0];
    const struct ledger_line *from = &sums->line[0][0][0][0];
    for (size_t i = 0; i < sizeof into->line / sizeof *to; i++)
        line_add(&to[i], &from[i]);
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        line_add(&into->vulnerable[payer], &sums->vulnerable[payer]);
}

struct ledger_line ledger_sums_total(const struct ledger_sums *sums, enum payer payer) {
    struct ledger_line total = {0};
    const struct ledger_line *line = &sums->line[payer][0][0][0];
    for (size_t i = 0; i < sizeof sums->line[0] / sizeof *line; i++)
        line_add(&total, &line[i]);
    return total;
}
