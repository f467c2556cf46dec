/* totals.h - the fold of coverage: how many people, by kelurahan, segment and status, and what happened today.
 *
 * Pure; one thread. Percentages are per cent of a denominator that carries its date and source, and are never
 * clamped (a city can register more people than the census counted).
 */
#ifndef CAKUPAN_TOTALS_H
#define CAKUPAN_TOTALS_H

#include "cakupan/policy.h"
#include "cakupan/record.h"
#include "cakupan/region.h"

/* Flows of the day: how often a kind of change happened since the business day began. */
enum flow {
    FLOW_ENROLLED = 0, /* ENROL, ENROL_VULNERABLE */
    FLOW_BORN,
    FLOW_MOVED_IN,
    FLOW_MOVED_OUT,
    FLOW_MOVED_WITHIN, /* counted where the person now lives */
    FLOW_DIED,
    FLOW_LAID_OFF,
    FLOW_REHIRED,
    FLOW_SWITCHED,
    FLOW_SUSPENDED,
    FLOW_RESUMED,
    FLOW_CORRECTED,
    FLOW_MERGED,
    FLOW_ACTIVATED,
    FLOW_GRACE_ENDED,
    FLOW_REFUSED, /* counted for the city only */
    FLOW_COUNT
};

struct totals_cell {
    uint32_t people[SEGMENT_COUNT][STATUS_COUNT];
};

/* The whole state: some 50 kB, copied freely. */
struct totals {
    uint64_t offset;  /* of the last record counted */
    int64_t as_of_ms; /* commit time of that record's batch */
    day_t day;        /* business day the flows are of */
    struct totals_cell kelurahan[KELURAHAN_MAX];
    uint32_t flows[KELURAHAN_MAX][FLOW_COUNT];
    uint32_t city_flows[FLOW_COUNT]; /* sum of the above, and what has no place (refused) */
    uint64_t refused;                /* events refused since the journal began */
};

/* One level's figures, as Redis, JSON and people see them. */
struct totals_line {
    uint32_t population;
    uint32_t registered;
    uint32_t active;
    uint32_t city_paid; /* PBPU & BP Pemda, active: whom the city pays for */
    uint32_t grace;
    uint32_t registered_by_segment[SEGMENT_COUNT];
    uint32_t active_by_segment[SEGMENT_COUNT];
    uint32_t by_status[STATUS_COUNT];
    uint32_t flows[FLOW_COUNT];
};

/* UHC status (BPJS, September 2025): both thresholds passed, one, or none. */
enum uhc { UHC_NO = 0, UHC_REGISTERED_ONLY, UHC_YES };

void totals_init(struct totals *totals);
/* Counts one record. RESULT_CORRUPT where its offset is not the next one or a count would fall below zero. */
MUST_USE enum result totals_step(struct totals *totals, const struct region_table *regions,
                                 const struct batch_header *batch, const struct record *record, struct failure *why);

/* Roll-ups: `code` is a kelurahan (ten digits), a kecamatan (six) or the city (four). False where it is none. */
bool totals_line(const struct totals *totals, const struct region_table *regions, uint32_t code,
                 struct totals_line *out);
/* In hundredths of a per cent (9932 is 99.32%), rounded half up; 0 where the population is 0. */
uint32_t totals_percent_hundredths(uint32_t people, uint32_t population);
enum uhc totals_uhc(const struct totals_line *line, const struct policy_row *policy);

const char *flow_name(enum flow flow); /* "enrolled", "laid_off", ... as Redis fields and JSON spell it */
enum flow flow_of(enum change kind, bool *counted);

#endif
