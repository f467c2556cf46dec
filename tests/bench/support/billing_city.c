/* billing_city.c - members and their records by number (billing_city.h). */
#include "billing_city.h"

#define CITY_PAID 383587u

struct member billing_city_member(const struct billing_city *city, uint32_t id) {
    static const uint8_t others[] = {SEGMENT_PPU_BU, SEGMENT_PPU_BU, SEGMENT_PBI_JK, SEGMENT_PBPU};
    uint64_t hash = id * UINT64_C(0x9e3779b97f4a7c15);
    bool paid = (uint64_t)id * CITY_PAID / BILLING_CITY_MEMBERS !=
                (uint64_t)(id - 1) * CITY_PAID / BILLING_CITY_MEMBERS;
    uint8_t segment = paid ? SEGMENT_PBPU_PEMDA : others[hash >> 62];
    bool works = segment == SEGMENT_PPU_BU, earns = works && (hash >> 40) % 3 == 0; /* else of the family */
    const struct region_table *regions = city->regions;
    return (struct member){.identity = UINT64_C(3671010101000000) + id,
                           .wage_rupiah = earns ? 4000000 + (uint32_t)(hash >> 44) % 1000 * 4000 : 0,
                           .kelurahan = regions->kelurahan[(hash >> 32) % regions->kelurahan_count].code,
                           .payer_month = (month_t)(city->first_month - 13),
                           .segment = segment,
                           .status = STATUS_ACTIVE,
                           .care_class = works ? 2 : 3};
}

static void begin(const struct billing_city *city, uint32_t id, uint64_t offset, struct record *out) {
    static const char name[] = "SITI RAHAYU";
    *out = (struct record){.offset = offset,
                           .member_id = id,
                           .device = 3,
                           .sequence = offset,
                           .content_hash = offset * UINT64_C(0x9e3779b97f4a7c15),
                           .captured_at_ms = 1790000000000,
                           .has_after = true,
                           .after = billing_city_member(city, id),
                           .name = {name, sizeof name - 1}};
}

void billing_city_enrolment(const struct billing_city *city, uint64_t offset, struct record *out) {
    begin(city, (uint32_t)offset, offset, out);
    out->kind = CHANGE_ENROL;
    out->effective_day = (day_t)(calendar_first_day(city->first_month) - 400);
}

/* The stride is a prime: each index is another member, unless it divides their number. */
bool billing_city_layoff(const struct billing_city *city, uint32_t index, uint64_t offset,
                         struct record *out) {
    uint32_t id = (uint32_t)((uint64_t)index * 1234577u % city->members) + 1;
    begin(city, id, offset, out);
    if (out->after.wage_rupiah == 0)
        return false;
    out->kind = CHANGE_LAYOFF;
    out->previous_offset = id;
    out->effective_day = (day_t)(calendar_first_day(city->first_month) + 19);
    out->has_before = true;
    out->before = out->after;
    out->after.segment = SEGMENT_PBPU_PEMDA;
    out->after.care_class = 3;
    out->after.wage_rupiah = 0;
    out->after.payer_month = (month_t)(city->first_month + 1);
    out->after.flags = MEMBER_LAID_OFF;
    return true;
}
