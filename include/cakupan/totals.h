/* totals.h - the fold of coverage: how many people by kelurahan, segment and status, and what happened today.
 *
 * Pure; one thread. Percentages are per cent of a denominator that carries its date and source, and are never
 * clamped (a city can register more people than the census counted).
 */
#ifndef CAKUPAN_TOTALS_H
#define CAKUPAN_TOTALS_H

#include "cakupan/billing_summary.h"
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

/* People whose months of grace end in `month`: of those with STATUS_GRACE and a place in the city, by the day
 * before the one that falls due. At most six months lie ahead (Perpres 82/2018 art. 27(1)); all that are over
 * count in the month before the business day's. */
#define TOTALS_GRACE_MONTHS 24
struct totals_grace {
    month_t month; /* MONTH_NONE: an unused entry, at the end */
    uint32_t people;
};

/* The whole state: some 50 kB, copied freely. */
struct totals {
    uint64_t offset;  /* of the last record counted */
    int64_t as_of_ms; /* commit time of that record's batch */
    day_t day;        /* business day the flows are of */
    struct totals_cell kelurahan[KELURAHAN_MAX];
    uint32_t flows[KELURAHAN_MAX][FLOW_COUNT];
    uint32_t city_flows[FLOW_COUNT];                /* sum of the above, and what has no place (refused) */
    uint64_t refused;                               /* events refused since the journal began */
    struct totals_grace grace[TOTALS_GRACE_MONTHS]; /* the city, ascending by month, none with 0 people */
};

bool totals_grace_same(const struct totals_grace one[TOTALS_GRACE_MONTHS],
                       const struct totals_grace other[TOTALS_GRACE_MONTHS]);

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
                                 const struct batch_header *batch, const struct record *record,
                                 struct failure *why);

/* Roll-ups: `code` is a kelurahan (ten digits), a kecamatan (six) or the city (four). False: none. */
bool totals_line(const struct totals *totals, const struct region_table *regions, uint32_t code,
                 struct totals_line *out);
/* In hundredths of a per cent (9932 is 99.32%), rounded half up; 0 where the population is 0. */
uint32_t totals_percent_hundredths(uint32_t people, uint32_t population);
enum uhc totals_uhc(const struct totals_line *line, const struct policy_row *policy);

/* All levels at one offset: the city, then every kecamatan, then every kelurahan. What Redis, watchers and
 * queries get. */
#define TOTALS_LINES_MAX (1 + KECAMATAN_MAX + KELURAHAN_MAX)
struct totals_region {
    uint32_t code;    /* four, six or ten digits           */
    const char *name; /* borrowed from the table of regions */
    struct totals_line line;
};
struct totals_picture {
    uint64_t offset;
    int64_t as_of_ms;
    day_t day;
    enum uhc uhc; /* of the city, by the policy that holds on `day` */
    struct totals_grace grace[TOTALS_GRACE_MONTHS];
    struct billing_heard billing; /* not of this fold: whoever shows the picture puts it in */
    uint32_t count;
    struct totals_region regions[TOTALS_LINES_MAX];
};
void totals_picture(const struct totals *totals, const struct region_table *regions,
                    const struct policy *policy, struct totals_picture *out);
/* Whether `code` is `within` or lies in it (3671 holds 367101 and 3671011001; 0 holds everything). */
bool totals_within(uint32_t code, uint32_t within);

/* A line as named numbers, the same names in Redis, in the history's columns and in JSON: population,
 * registered, active, city_paid, grace, registered_PBI_JK ..., active_PBI_JK ..., status_ACTIVE ...,
 * flow_enrolled ... */
#define TOTALS_FIELDS     (5 + 2 * (SEGMENT_COUNT - 1) + (STATUS_COUNT - 1) + FLOW_COUNT)
#define TOTALS_FIELD_NAME 40
void totals_field_name(unsigned index, char out[TOTALS_FIELD_NAME]);
/* Where field `index` (below TOTALS_FIELDS) lives in the line. */
uint32_t *totals_field(struct totals_line *line, unsigned index);

/* The state as bytes, little-endian, keyed by kelurahan code: returns the size, at most TOTALS_PACKED_MAX. */
#define TOTALS_PACKED_MAX                                                                                    \
    (64 + 4 * FLOW_COUNT + 6 * TOTALS_GRACE_MONTHS +                                                         \
     KELURAHAN_MAX * (4 + 4 * SEGMENT_COUNT * STATUS_COUNT + 4 * FLOW_COUNT))
size_t totals_pack(const struct totals *totals, const struct region_table *regions,
                   uint8_t out[TOTALS_PACKED_MAX]);
/* RESULT_CONFLICT where the bytes are of another version or of other regions, RESULT_CORRUPT where they are
 * cut. */
MUST_USE enum result totals_unpack(struct totals *totals, const struct region_table *regions,
                                   const uint8_t *data, size_t size, struct failure *why);

const char *flow_name(enum flow flow); /* "enrolled", "laid_off", ... as Redis fields and JSON spell it */
/* `counted` is false and the result FLOW_COUNT where no flow counts the kind (a new day, devices). */
enum flow flow_of(enum change kind, bool *counted);

#endif
