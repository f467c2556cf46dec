/* ledger_month.c - what all members owe in a month, counted in one pass (ledger_month.h). */
#include "ledger_month.h"

#include <assert.h>
#include <stdlib.h>

/* Whether a run in that state and of those terms costs something. */
enum costs { COSTS_NOTHING = 0, COSTS_BY_KIND, COSTS_BY_WAGE };

struct counting {
    struct month_block block;
    struct rates rates;
    uint8_t costs[RUN_ENDED + 1][SEGMENT_COUNT][CARE_CLASS_COUNT]; /* enum costs */
    struct run forecast[MONTH_BLOCK];
    struct dues by_wage[MONTH_BLOCK];
    /* Kinds are there for what the tariff prices in the places that the city has: kinds_of. */
    uint32_t first_kind[SEGMENT_COUNT][CARE_CLASS_COUNT];
    struct month_kind kind[];
};

/* Of one segment and class: [kelurahan's index, the city's count of them: outside][vulnerable]. */
static uint32_t kinds_each(const struct ledger *ledger) {
    return 2u * (ledger->regions->kelurahan_count + 1u);
}

static struct month_kind *kinds_of(struct counting *counting, unsigned segment, unsigned care_class) {
    return &counting->kind[counting->first_kind[segment][care_class]];
}

/* Months of grace that will be over by then: the city pays, as after every layoff (registry_due.c,
 * end_grace). */
static struct run run_forecast(const struct run *run, month_t month) {
    struct run forecast = *run;
    if (run->state == RUN_GRACE && run->grace_end != MONTH_NONE && run->grace_end <= month) {
        forecast.state = RUN_OWES;
        forecast.segment = SEGMENT_PBPU_PEMDA;
        forecast.care_class = 3;
        forecast.wage_rupiah = 0;
        forecast.flags = MEMBER_LAID_OFF;
    }
    return forecast;
}

/* How many (segment, class) the rates price. */
static uint32_t priced(const struct rates *rates) {
    uint32_t count = 0;
    for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++)
        for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++)
            count += rates->row[segment][care_class] != NULL;
    return count;
}

static struct counting *begin(const struct ledger *ledger, month_t month) {
    struct rates rates;
    rates_fill(&rates, ledger->tariff, month);
    uint32_t each = kinds_each(ledger), next = 0;
    struct counting *counting =
        calloc(1, sizeof *counting + (size_t)priced(&rates) * each * sizeof counting->kind[0]);
    assert(counting && "no memory to count a month");
    counting->block.ledger = ledger;
    counting->block.month = month;
    counting->rates = rates;
    for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++) {
        for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++) {
            const struct tariff_row *row = rates.row[segment][care_class];
            if (!row)
                continue;
            counting->costs[RUN_OWES][segment][care_class] = row->per_mille ? COSTS_BY_WAGE : COSTS_BY_KIND;
            counting->first_kind[segment][care_class] = next;
            next += each;
        }
    }
    return counting;
}

/* First step: whose run costs something. Nothing is asked here that differs from member to member. */
static month_t find_dues(struct counting *counting, uint32_t first, uint32_t end, bool forecast) {
    struct month_block *block = &counting->block;
    const struct ledger *ledger = block->ledger;
    month_t latest = MONTH_NONE;
    uint32_t count = 0;
    for (uint32_t i = first; i < end; i++) {
        const struct run *newest = &ledger->members[i].newest;
        const struct run *run = run_at(&ledger->pool, newest, block->month);
        latest = newest->from > latest ? newest->from : latest;
        if (!run)
            continue;
        if (forecast && run->state == RUN_GRACE) {
            counting->forecast[i - first] = run_forecast(run, block->month);
            run = &counting->forecast[i - first];
        }
        uint8_t costs = counting->costs[run->state][run->segment][run->care_class];
        block->due[count].run = run;
        block->due[count].index = i;
        count += (costs == COSTS_BY_KIND) | ((costs == COSTS_BY_WAGE) & (run->wage_rupiah != 0));
    }
    block->count = count;
    return latest;
}

/* Second step: the others of the kind are counted together, wages one by one. */
static void count_dues(struct counting *counting, struct ledger_sums *sums) {
    struct month_block *block = &counting->block;
    const uint16_t outside = block->ledger->regions->kelurahan_count;
    uint32_t by_wage[MONTH_BLOCK], wages = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        struct month_due *due = &block->due[i];
        const struct run *run = due->run;
        unsigned place = run->kelurahan < outside ? run->kelurahan : outside;
        bool wage = counting->costs[RUN_OWES][run->segment][run->care_class] == COSTS_BY_WAGE;
        due->row = counting->rates.row[run->segment][run->care_class];
        due->kind = kinds_of(counting, run->segment, run->care_class) + 2 * place +
                    ((run->flags & MEMBER_VULNERABLE) != 0);
        due->kind->people += !wage;
        due->dues = NULL;
        by_wage[wages] = i;
        wages += wage;
    }
    for (uint32_t i = 0; i < wages; i++) {
        struct month_due *due = &block->due[by_wage[i]];
        counting->by_wage[i] = dues_of(due->run, due->row, &block->ledger->places);
        due->dues = &counting->by_wage[i];
        sums_count(sums, due->dues, 1);
    }
}

static void count_kind(struct counting *counting, const struct dues *terms, struct ledger_sums *sums) {
    const struct ledger *ledger = counting->block.ledger;
    const struct month_kind *kinds = kinds_of(counting, terms->segment, terms->care_class);
    struct dues dues = *terms;
    for (uint32_t i = 0; i < kinds_each(ledger); i++) {
        if (kinds[i].people == 0)
            continue;
        dues.kecamatan = ledger->places.kecamatan[i / 2]; /* behind the city's own: outside (places_fill) */
        dues.vulnerable = i % 2;
        sums_count_many(sums, &dues, kinds[i].people);
    }
}

static void count_kinds(struct counting *counting, struct ledger_sums *sums) {
    for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++) {
        for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++) {
            struct dues terms = {.segment = (uint8_t)segment, .care_class = (uint8_t)care_class};
            const struct tariff_row *row = counting->rates.row[segment][care_class];
            if (!row || row->per_mille) /* nobody is there, or they were counted one by one */
                continue;
            tariff_amounts(row, 0, terms.amounts_rupiah);
            count_kind(counting, &terms, sums);
        }
    }
}

month_t ledger_count_month(const struct ledger *ledger, month_t month, bool forecast,
                           struct ledger_sums *sums, month_on_block *on_block, void *context) {
    struct counting *counting = begin(ledger, month);
    month_t latest = MONTH_NONE;
    for (uint32_t first = 0; first < ledger->count; first += MONTH_BLOCK) {
        uint32_t end = ledger->count - first < MONTH_BLOCK ? ledger->count : first + MONTH_BLOCK;
        month_t from = find_dues(counting, first, end, forecast);
        latest = from > latest ? from : latest;
        count_dues(counting, sums);
        if (on_block)
            on_block(context, &counting->block);
    }
    count_kinds(counting, sums);
    free(counting);
    return latest;
}
