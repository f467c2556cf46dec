/* sums_pack.c - control totals as bytes, and back (charge_pack.h).
 *
 * Little-endian: version 4, lines 4, lines of the vulnerable 4; a line: payer, segment, class, zero 1 each,
 * kecamatan's code 4, people 8, amount 8, corrections 8, their amount 8; one of the vulnerable has no
 * segment, class and place. Lines ascend, those of zeros are left out: equal sums are equal bytes.
 */
#include "cakupan/charge_pack.h"

#include "pack_bytes.h"

#include <assert.h>
#include <string.h>

#define SUMS_VERSION UINT32_C(0x01000000)
#define HEAD_BYTES   12u
#define LINE_BYTES   40u
#define PLACES       (KECAMATAN_MAX + 1)
#define LINES        (PAYER_COUNT * SEGMENT_COUNT * CARE_CLASS_COUNT * PLACES)
_Static_assert(HEAD_BYTES + LINE_BYTES * (LINES + PAYER_COUNT) <= LEDGER_SUMS_PACKED_MAX, "all lines fit");

/* Far above a country's premiums, and all lines of all partitions together stay within 64 bits. */
#define AMOUNT_MAX_RUPIAH (INT64_C(1) << 46)
#define PEOPLE_MAX        (UINT64_C(1) << 32)

static bool is_zero(const struct ledger_line *line) {
    return !(line->people | (uint64_t)line->amount_rupiah | line->corrections |
             (uint64_t)line->corrections_rupiah);
}

static bool put_line(struct pack_out *out, uint64_t key, uint32_t kecamatan, const struct ledger_line *line) {
    if (out->capacity - out->size < LINE_BYTES)
        return false;
    pack_fixed(out, key, 4);
    pack_fixed(out, kecamatan, 4);
    pack_fixed(out, line->people, 8);
    pack_fixed(out, (uint64_t)line->amount_rupiah, 8);
    pack_fixed(out, line->corrections, 8);
    pack_fixed(out, (uint64_t)line->corrections_rupiah, 8);
    return true;
}

/* A line's number as struct ledger_sums has it. */
static uint64_t key_of(uint32_t index) {
    uint32_t kind = index / PLACES;
    uint64_t payer = kind / (SEGMENT_COUNT * CARE_CLASS_COUNT);
    uint64_t segment = kind / CARE_CLASS_COUNT % SEGMENT_COUNT, care_class = kind % CARE_CLASS_COUNT;
    return payer | segment << 8 | care_class << 16;
}

size_t ledger_sums_pack(const struct ledger_sums *sums, const struct region_table *regions, uint8_t *out,
                        size_t capacity) {
    const struct ledger_line *lines = &sums->line[0][0][0][0];
    struct pack_out packed = {.data = out, .size = HEAD_BYTES, .capacity = capacity};
    bool fits = capacity >= HEAD_BYTES;
    uint32_t line_count = 0, vulnerable_count = 0;
    for (uint32_t i = 0; i < LINES && fits; i++) {
        uint32_t place = i % PLACES;
        if (is_zero(&lines[i]))
            continue;
        assert((place == KECAMATAN_MAX || place < regions->kecamatan_count) && "a sum is of no place");
        uint32_t code = place == KECAMATAN_MAX ? 0 : regions->kecamatan[place].code;
        fits = put_line(&packed, key_of(i), code, &lines[i]);
        line_count++;
    }
    for (unsigned payer = 0; payer < PAYER_COUNT && fits; payer++) {
        if (is_zero(&sums->vulnerable[payer]))
            continue;
        fits = put_line(&packed, payer, 0, &sums->vulnerable[payer]);
        vulnerable_count++;
    }
    if (!fits)
        return 0;
    struct pack_out head = {.data = out, .capacity = HEAD_BYTES};
    pack_fixed(&head, SUMS_VERSION, 4);
    pack_fixed(&head, line_count, 4);
    pack_fixed(&head, vulnerable_count, 4);
    return packed.size;
}

static enum result corrupt(struct failure *why, const char *sentence) {
    return fail(why, RESULT_CORRUPT, "SUMS_CORRUPT", "Packed sums can't be read: %s.", sentence);
}

static bool in_range(int64_t amount_rupiah) {
    return amount_rupiah >= -AMOUNT_MAX_RUPIAH && amount_rupiah <= AMOUNT_MAX_RUPIAH;
}

static const char *take_line(struct pack_in *in, struct ledger_line *line) {
    line->people = pack_take_fixed(in, 8);
    line->amount_rupiah = (int64_t)pack_take_fixed(in, 8);
    line->corrections = pack_take_fixed(in, 8);
    line->corrections_rupiah = (int64_t)pack_take_fixed(in, 8);
    bool sane = line->people <= PEOPLE_MAX && line->corrections <= PEOPLE_MAX &&
                in_range(line->amount_rupiah) && in_range(line->corrections_rupiah);
    return sane && !is_zero(line) ? NULL : "a line's numbers are out of range";
}

/* The index of a kecamatan; KECAMATAN_MAX outside, past that: unknown. */
static uint32_t place_of(const struct region_table *regions, uint32_t code) {
    if (code == 0)
        return KECAMATAN_MAX;
    for (uint32_t i = 0; i < regions->kecamatan_count; i++)
        if (regions->kecamatan[i].code == code)
            return i;
    return PLACES;
}

static enum result take_place_line(struct pack_in *in, struct ledger_sums *sums,
                                   const struct region_table *regions, int64_t *last, struct failure *why) {
    uint64_t key = pack_take_fixed(in, 4);
    uint32_t code = (uint32_t)pack_take_fixed(in, 4);
    unsigned payer = key & 0xff, segment = key >> 8 & 0xff, care_class = key >> 16 & 0xff;
    if (payer >= PAYER_COUNT || segment >= SEGMENT_COUNT || care_class >= CARE_CLASS_COUNT || key >> 24)
        return corrupt(why, "a line is of no payer, segment or class");
    uint32_t place = place_of(regions, code);
    if (place == PLACES)
        return fail(why, RESULT_CONFLICT, "SUMS_OTHER_REGIONS",
                    "Packed sums name the kecamatan %u, which this city's table of regions has not.", code);
    int64_t index = ((payer * SEGMENT_COUNT + segment) * CARE_CLASS_COUNT + care_class) * PLACES + place;
    if (index <= *last)
        return corrupt(why, "its lines are out of order");
    *last = index;
    const char *wrong = take_line(in, &sums->line[payer][segment][care_class][place]);
    return wrong ? corrupt(why, wrong) : RESULT_OK;
}

static enum result take_vulnerable(struct pack_in *in, struct ledger_sums *sums, int64_t *last,
                                   struct failure *why) {
    uint64_t payer = pack_take_fixed(in, 8);
    if (payer >= PAYER_COUNT || (int64_t)payer <= *last)
        return corrupt(why, "a line of the vulnerable is of no payer, or out of order");
    *last = (int64_t)payer;
    const char *wrong = take_line(in, &sums->vulnerable[payer]);
    return wrong ? corrupt(why, wrong) : RESULT_OK;
}

enum result ledger_sums_unpack(struct ledger_sums *sums, const struct region_table *regions,
                               const uint8_t *data, size_t size, struct failure *why) {
    struct pack_in in = pack_in_of(data, size);
    memset(sums, 0, sizeof *sums);
    uint64_t version = pack_take_fixed(&in, 4);
    uint64_t line_count = pack_take_fixed(&in, 4), vulnerable_count = pack_take_fixed(&in, 4);
    if (in.failed || version != SUMS_VERSION)
        return corrupt(why, "they are of no known version");
    if (pack_left(&in) != (line_count + vulnerable_count) * LINE_BYTES)
        return corrupt(why, "they have another size than their lines");
    enum result result = RESULT_OK;
    int64_t last = -1;
    for (uint64_t i = 0; i < line_count && result == RESULT_OK; i++)
        result = take_place_line(&in, sums, regions, &last, why);
    last = -1;
    for (uint64_t i = 0; i < vulnerable_count && result == RESULT_OK; i++)
        result = take_vulnerable(&in, sums, &last, why);
    return result;
}
