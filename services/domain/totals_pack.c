/* totals_pack.c - the fold of coverage as bytes, and back (totals.h).
 *
 * Little-endian: version 4, kelurahan count 4, offset 8, as_of_ms 8, refused 8, day 4, city flows 4 each,
 * months of grace 2 and the people in them 4 each; then per kelurahan its code 4, people 4 each (segment by
 * status), flows 4 each. The sizes of the enums are part of the version.
 */
#include "cakupan/totals.h"
#include "totals_grace.h"

#include <string.h>

#define PACK_VERSION   (UINT32_C(0x02000000) | SEGMENT_COUNT << 16 | STATUS_COUNT << 8 | FLOW_COUNT)
#define HEADER_SIZE    (36 + 4 * FLOW_COUNT + 6 * TOTALS_GRACE_MONTHS)
#define KELURAHAN_SIZE (4 + 4 * SEGMENT_COUNT * STATUS_COUNT + 4 * FLOW_COUNT)

static uint8_t *put(uint8_t *out, uint64_t value, unsigned bytes) {
    for (unsigned index = 0; index < bytes; index++)
        *out++ = (uint8_t)(value >> (8 * index));
    return out;
}

static const uint8_t *get(const uint8_t *in, uint64_t *value, unsigned bytes) {
    *value = 0;
    for (unsigned index = 0; index < bytes; index++)
        *value |= (uint64_t)*in++ << (8 * index);
    return in;
}

static uint8_t *put_numbers(uint8_t *out, const uint32_t *numbers, unsigned count) {
    for (unsigned index = 0; index < count; index++)
        out = put(out, numbers[index], 4);
    return out;
}

static const uint8_t *get_numbers(const uint8_t *in, uint32_t *numbers, unsigned count) {
    for (unsigned index = 0; index < count; index++) {
        uint64_t value;
        in = get(in, &value, 4);
        numbers[index] = (uint32_t)value;
    }
    return in;
}

size_t totals_pack(const struct totals *totals, const struct region_table *regions,
                   uint8_t out[TOTALS_PACKED_MAX]) {
    uint8_t *next = put(out, PACK_VERSION, 4);
    next = put(next, regions->kelurahan_count, 4);
    next = put(next, totals->offset, 8);
    next = put(next, (uint64_t)totals->as_of_ms, 8);
    next = put(next, totals->refused, 8);
    next = put(next, totals->day, 4);
    next = put_numbers(next, totals->city_flows, FLOW_COUNT);
    for (unsigned index = 0; index < TOTALS_GRACE_MONTHS; index++)
        next = put(put(next, totals->grace[index].month, 2), totals->grace[index].people, 4);
    for (uint16_t index = 0; index < regions->kelurahan_count; index++) {
        next = put(next, regions->kelurahan[index].code, 4);
        next = put_numbers(next, &totals->kelurahan[index].people[0][0], SEGMENT_COUNT * STATUS_COUNT);
        next = put_numbers(next, totals->flows[index], FLOW_COUNT);
    }
    return (size_t)(next - out);
}

static enum result other_regions(struct failure *why) {
    return fail(
        why, RESULT_CONFLICT, "TOTALS_OTHER_REGIONS",
        "The stored totals are of another table of regions; they have to be counted anew from the journal.");
}

/* Ascending, nobody's month nowhere but at the end. */
static const uint8_t *get_grace(const uint8_t *in, struct totals *totals, bool *fine) {
    month_t last = MONTH_NONE;
    bool ended = false;
    *fine = true;
    for (unsigned index = 0; index < TOTALS_GRACE_MONTHS; index++) {
        uint64_t month, people;
        in = get(get(in, &month, 2), &people, 4);
        totals->grace[index].month = (month_t)month;
        totals->grace[index].people = (uint32_t)people;
        bool empty = month == MONTH_NONE && people == 0;
        bool follows = month > last && people > 0 && !ended;
        *fine = *fine && (empty || follows);
        ended = ended || empty;
        last = (month_t)month;
    }
    return in;
}

enum result totals_unpack(struct totals *totals, const struct region_table *regions, const uint8_t *data,
                          size_t size, struct failure *why) {
    uint64_t version, count, day, code, as_of_ms;
    totals_init(totals);
    if (size < HEADER_SIZE)
        return fail(why, RESULT_CORRUPT, "TOTALS_CUT", "The stored totals are cut: %zu bytes.", size);
    const uint8_t *next = get(get(data, &version, 4), &count, 4);
    if (version != PACK_VERSION)
        return fail(
            why, RESULT_CONFLICT, "TOTALS_OTHER_VERSION",
            "The stored totals are of version %llx, not %x; they have to be counted anew from the journal.",
            (unsigned long long)version, (unsigned)PACK_VERSION);
    if (count != regions->kelurahan_count)
        return other_regions(why);
    if (size != HEADER_SIZE + count * KELURAHAN_SIZE)
        return fail(why, RESULT_CORRUPT, "TOTALS_CUT", "The stored totals are cut: %zu bytes.", size);
    next = get(next, &totals->offset, 8);
    next = get(next, &as_of_ms, 8);
    next = get(next, &totals->refused, 8);
    next = get(next, &day, 4);
    totals->as_of_ms = (int64_t)as_of_ms;
    totals->day = (day_t)day;
    next = get_numbers(next, totals->city_flows, FLOW_COUNT);
    bool grace_fine;
    next = get_grace(next, totals, &grace_fine);
    if (!grace_fine)
        return fail(why, RESULT_CORRUPT, "TOTALS_GRACE",
                    "The stored totals hold impossible months of grace.");
    if (totals->day != 0) /* stored by a version that kept months apart that were over */
        grace_turn_to(totals, totals->day);
    for (size_t index = 0; index < count; index++) {
        next = get(next, &code, 4);
        if (code != regions->kelurahan[index].code)
            return other_regions(why);
        next = get_numbers(next, &totals->kelurahan[index].people[0][0], SEGMENT_COUNT * STATUS_COUNT);
        next = get_numbers(next, totals->flows[index], FLOW_COUNT);
    }
    return RESULT_OK;
}
