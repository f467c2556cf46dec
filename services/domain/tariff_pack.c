/* tariff_pack.c - a tariff as bytes, and back with every rule of tariff.h checked (charge_pack.h).
 *
 * Little-endian: version 4, rows 4, digest 8; a row: from 2, to 2, segment, class, per mille, zero 1 each,
 * shares 4 each, floor 4, cap 4. The number of payers is part of the version.
 */
#include "cakupan/charge_pack.h"

#include "pack_bytes.h"

#include <assert.h>
#include <string.h>

#define TARIFF_VERSION    (UINT32_C(0x01000000) | PAYER_COUNT)
#define HEAD_BYTES        16u
#define ROW_BYTES         (16u + 4u * PAYER_COUNT)
#define PER_MILLE_MAX     1000u
#define AMOUNT_MAX_RUPIAH UINT32_C(1000000000)
_Static_assert(HEAD_BYTES + ROW_BYTES * TARIFF_ROWS_MAX <= TARIFF_PACKED_MAX, "all rows fit");

static void put_row(struct pack_out *out, const struct tariff_row *row) {
    pack_fixed(out, row->valid_from, 2);
    pack_fixed(out, row->valid_to, 2);
    pack_fixed(out, row->segment, 1);
    pack_fixed(out, row->care_class, 1);
    pack_fixed(out, row->per_mille, 2);
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        pack_fixed(out, row->share[payer], 4);
    pack_fixed(out, row->wage_floor_rupiah, 4);
    pack_fixed(out, row->wage_cap_rupiah, 4);
}

size_t tariff_pack(const struct tariff *tariff, uint8_t out[TARIFF_PACKED_MAX]) {
    struct pack_out packed = {.data = out, .capacity = TARIFF_PACKED_MAX};
    assert(tariff->count <= TARIFF_ROWS_MAX && "a tariff has more rows than it can");
    pack_fixed(&packed, TARIFF_VERSION, 4);
    pack_fixed(&packed, tariff->count, 4);
    pack_fixed(&packed, tariff_digest(tariff), 8);
    for (uint16_t i = 0; i < tariff->count; i++)
        put_row(&packed, &tariff->rows[i]);
    return packed.size;
}

static enum result corrupt(struct failure *why, const char *sentence) {
    return fail(why, RESULT_CORRUPT, "TARIFF_CORRUPT", "A packed tariff can't be read: %s.", sentence);
}

static const char *take_row(struct pack_in *in, struct tariff_row *row) {
    row->valid_from = (day_t)pack_take_fixed(in, 2);
    row->valid_to = (day_t)pack_take_fixed(in, 2);
    row->segment = (uint8_t)pack_take_fixed(in, 1);
    row->care_class = (uint8_t)pack_take_fixed(in, 1);
    uint64_t per_mille = pack_take_fixed(in, 2);
    uint32_t most = per_mille ? PER_MILLE_MAX : AMOUNT_MAX_RUPIAH;
    bool amounts = true;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++) {
        row->share[payer] = (uint32_t)pack_take_fixed(in, 4);
        amounts = amounts && row->share[payer] <= (payer == PAYER_NONE ? 0 : most);
    }
    row->wage_floor_rupiah = (uint32_t)pack_take_fixed(in, 4);
    row->wage_cap_rupiah = (uint32_t)pack_take_fixed(in, 4);
    row->per_mille = per_mille == 1;
    if (row->segment == SEGMENT_NONE || row->segment >= SEGMENT_COUNT ||
        row->care_class >= CARE_CLASS_COUNT || per_mille > 1)
        return "a row is of no segment or class";
    if (row->valid_to != DAY_NONE && row->valid_to < row->valid_from)
        return "a row ends before it begins";
    amounts = amounts && row->wage_cap_rupiah <= AMOUNT_MAX_RUPIAH &&
              row->wage_floor_rupiah <= row->wage_cap_rupiah;
    return amounts ? NULL : "an amount is out of range";
}

static const char *take_rows(struct pack_in *in, struct tariff *tariff, uint16_t count) {
    for (; tariff->count < count; tariff->count++) {
        struct tariff_row *row = &tariff->rows[tariff->count];
        const char *wrong = take_row(in, row);
        if (wrong)
            return wrong;
        for (uint16_t i = 0; i < tariff->count; i++)
            if (tariff_rows_overlap(&tariff->rows[i], row))
                return "two rows hold for the same segment, class and day";
    }
    return NULL;
}

enum result tariff_unpack(struct tariff *tariff, const uint8_t *data, size_t size, struct failure *why) {
    struct pack_in in = pack_in_of(data, size);
    memset(tariff, 0, sizeof *tariff);
    uint64_t version = pack_take_fixed(&in, 4), count = pack_take_fixed(&in, 4);
    uint64_t digest = pack_take_fixed(&in, 8);
    if (in.failed || version != TARIFF_VERSION)
        return corrupt(why, "it is of no known version");
    if (count > TARIFF_ROWS_MAX || pack_left(&in) != count * ROW_BYTES)
        return corrupt(why, "it has another size than its rows");
    const char *wrong = take_rows(&in, tariff, (uint16_t)count);
    if (!wrong && tariff_digest(tariff) != digest)
        wrong = "its digest is another one";
    return wrong ? corrupt(why, wrong) : RESULT_OK;
}
