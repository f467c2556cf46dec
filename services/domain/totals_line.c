/* totals_line.c - figures of one level, rolled up from the kelurahan: percentages, UHC status, named fields.
 */
#include "cakupan/totals.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static_assert(sizeof(struct totals_line) ==
                  sizeof(uint32_t) * (5 + 2 * SEGMENT_COUNT + STATUS_COUNT + FLOW_COUNT),
              "a line is nothing but 32-bit numbers");

static void add_cell(struct totals_line *line, const struct totals_cell *cell) {
    for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++) {
        for (unsigned status = 0; status < STATUS_COUNT; status++) {
            uint32_t people = cell->people[segment][status];
            line->by_status[status] += people;
            if (status_is_registered(status)) {
                line->registered += people;
                line->registered_by_segment[segment] += people;
            }
            if (status_is_active(status)) {
                line->active += people;
                line->active_by_segment[segment] += people;
            }
        }
    }
    line->grace = line->by_status[STATUS_GRACE];
    /* Grace is benefit without premium (Perpres 82/2018 art. 27): nobody pays, so the city does not. */
    line->city_paid += cell->people[SEGMENT_PBPU_PEMDA][STATUS_ACTIVE];
}

static void add_flows(struct totals_line *line, const uint32_t flows[FLOW_COUNT]) {
    for (unsigned flow = 0; flow < FLOW_COUNT; flow++)
        line->flows[flow] += flows[flow];
}

static void sum_kecamatan(const struct totals *totals, const struct region_table *regions, uint16_t kecamatan,
                          struct totals_line *out) {
    for (uint16_t index = 0; index < regions->kelurahan_count; index++) {
        if (regions->kelurahan[index].kecamatan == kecamatan) {
            add_cell(out, &totals->kelurahan[index]);
            add_flows(out, totals->flows[index]);
        }
    }
    out->population = regions->kecamatan[kecamatan].population;
}

static void sum_city(const struct totals *totals, const struct region_table *regions,
                     struct totals_line *out) {
    for (uint16_t index = 0; index < regions->kelurahan_count; index++)
        add_cell(out, &totals->kelurahan[index]);
    add_flows(out, totals->city_flows);
    out->population = regions->population;
}

bool totals_line(const struct totals *totals, const struct region_table *regions, uint32_t code,
                 struct totals_line *out) {
    memset(out, 0, sizeof *out);
    if (code == regions->city_code) {
        sum_city(totals, regions, out);
        return true;
    }
    for (uint16_t index = 0; index < regions->kecamatan_count; index++) {
        if (regions->kecamatan[index].code == code) {
            sum_kecamatan(totals, regions, index, out);
            return true;
        }
    }
    uint16_t index = region_index(regions, code);
    if (index == REGION_NOWHERE)
        return false;
    add_cell(out, &totals->kelurahan[index]);
    add_flows(out, totals->flows[index]);
    out->population = regions->kelurahan[index].population;
    return true;
}

uint32_t totals_percent_hundredths(uint32_t people, uint32_t population) {
    if (population == 0)
        return 0;
    uint64_t hundredths = (UINT64_C(20000) * people + population) / (UINT64_C(2) * population);
    return hundredths > UINT32_MAX ? UINT32_MAX : (uint32_t)hundredths; /* the type's end, no clamp at 100% */
}

/* "Over" the threshold, compared exactly and not by the rounded percentage (BPJS, September 2025). */
static bool is_over(uint32_t people, uint32_t population, uint16_t permille) {
    return population > 0 && UINT64_C(1000) * people > (uint64_t)permille * population;
}

enum uhc totals_uhc(const struct totals_line *line, const struct policy_row *policy) {
    if (!is_over(line->registered, line->population, policy->uhc_registered_permille))
        return UHC_NO;
    return is_over(line->active, line->population, policy->uhc_active_permille) ? UHC_YES
                                                                                : UHC_REGISTERED_ONLY;
}

static void add_region(const struct totals *totals, const struct region_table *regions, uint32_t code,
                       const char *name, struct totals_picture *picture) {
    struct totals_region *region = &picture->regions[picture->count++];
    region->code = code;
    region->name = name;
    bool known = totals_line(totals, regions, code, &region->line);
    assert(known && "a code of the table itself is known");
}

void totals_picture(const struct totals *totals, const struct region_table *regions,
                    const struct policy *policy, struct totals_picture *out) {
    out->offset = totals->offset;
    out->as_of_ms = totals->as_of_ms;
    out->day = totals->day;
    out->count = 0;
    out->billing = (struct billing_heard){0};
    memcpy(out->grace, totals->grace, sizeof out->grace);
    add_region(totals, regions, regions->city_code, regions->city_name, out);
    for (uint16_t index = 0; index < regions->kecamatan_count; index++)
        add_region(totals, regions, regions->kecamatan[index].code, regions->kecamatan[index].name, out);
    for (uint16_t index = 0; index < regions->kelurahan_count; index++)
        add_region(totals, regions, regions->kelurahan[index].code, regions->kelurahan[index].name, out);
    out->uhc = totals_uhc(&out->regions[0].line, policy_at(policy, totals->day));
}

bool totals_within(uint32_t code, uint32_t within) {
    if (within == 0)
        return true;
    while (code > within && code > 9999)
        code /= code > 999999 ? 10000 : 100; /* ten digits -> six -> four */
    return code == within;
}

/* Fields 0..4 are the line's own; the rest are its arrays without index 0, which is "none" and empty ... */
enum {
    FIRST_REGISTERED = 5,
    FIRST_ACTIVE = FIRST_REGISTERED + SEGMENT_COUNT - 1,
    FIRST_STATUS = FIRST_ACTIVE + SEGMENT_COUNT - 1,
    FIRST_FLOW = FIRST_STATUS + STATUS_COUNT - 1, /* ... but for flows, which begin with 0 */
};
static_assert(FIRST_FLOW + FLOW_COUNT == TOTALS_FIELDS, "every field has a name");

void totals_field_name(unsigned index, char out[TOTALS_FIELD_NAME]) {
    static const char *const OWN[FIRST_REGISTERED] = {"population", "registered", "active", "city_paid",
                                                      "grace"};
    assert(index < TOTALS_FIELDS);
    if (index >= FIRST_FLOW)
        snprintf(out, TOTALS_FIELD_NAME, "flow_%s", flow_name(index - FIRST_FLOW));
    else if (index >= FIRST_STATUS)
        snprintf(out, TOTALS_FIELD_NAME, "status_%s", status_name(index - FIRST_STATUS + 1));
    else if (index >= FIRST_ACTIVE)
        snprintf(out, TOTALS_FIELD_NAME, "active_%s", segment_name(index - FIRST_ACTIVE + 1));
    else if (index >= FIRST_REGISTERED)
        snprintf(out, TOTALS_FIELD_NAME, "registered_%s", segment_name(index - FIRST_REGISTERED + 1));
    else
        snprintf(out, TOTALS_FIELD_NAME, "%s", OWN[index]);
}

uint32_t *totals_field(struct totals_line *line, unsigned index) {
    assert(index < TOTALS_FIELDS);
    uint32_t *const own[FIRST_REGISTERED] = {&line->population, &line->registered, &line->active,
                                             &line->city_paid, &line->grace};
    if (index >= FIRST_FLOW)
        return &line->flows[index - FIRST_FLOW];
    if (index >= FIRST_STATUS)
        return &line->by_status[index - FIRST_STATUS + 1];
    if (index >= FIRST_ACTIVE)
        return &line->active_by_segment[index - FIRST_ACTIVE + 1];
    if (index >= FIRST_REGISTERED)
        return &line->registered_by_segment[index - FIRST_REGISTERED + 1];
    return own[index];
}
