/* tariff.c - finds the tariff's row of a month and divides a premium among its payers (tariff.h). */
#include "cakupan/tariff.h"

#include "member_index.h"

#include <stddef.h>
#include <string.h>

#define PER_MILLE 1000u

static const char *const payers[PAYER_COUNT] = {
    [PAYER_NONE] = "NONE",
    [PAYER_CENTRE] = "CENTRE",
    [PAYER_CITY_IURAN] = "CITY_IURAN",
    [PAYER_CITY_BANTUAN] = "CITY_BANTUAN",
    [PAYER_EMPLOYER] = "EMPLOYER",
    [PAYER_WORKER] = "WORKER",
    [PAYER_MEMBER] = "MEMBER",
};

const char *payer_name(enum payer payer) {
    return (unsigned)payer < PAYER_COUNT ? payers[payer] : NULL;
}

enum payer payer_from_name(const char *name) {
    for (unsigned i = 1; name && i < PAYER_COUNT; i++)
        if (strcmp(payers[i], name) == 0)
            return (enum payer)i;
    return PAYER_NONE;
}

static bool holds_on(const struct tariff_row *row, day_t day) {
    return row->valid_from <= day && (row->valid_to == DAY_NONE || day <= row->valid_to);
}

const struct tariff_row *tariff_at(const struct tariff *tariff, enum segment segment, uint8_t care_class,
                                   month_t month) {
    day_t day = calendar_first_day(month);
    for (uint16_t i = 0; day != DAY_NONE && i < tariff->count; i++) {
        const struct tariff_row *row = &tariff->rows[i];
        bool meant = row->segment == segment && (row->care_class == 0 || row->care_class == care_class);
        if (meant && holds_on(row, day))
            return row;
    }
    return NULL;
}

bool tariff_rows_overlap(const struct tariff_row *a, const struct tariff_row *b) {
    bool before = a->valid_to != DAY_NONE && a->valid_to < b->valid_from;
    bool after = b->valid_to != DAY_NONE && b->valid_to < a->valid_from;
    bool one_class = a->care_class == b->care_class || a->care_class == 0 || b->care_class == 0;
    return a->segment == b->segment && one_class && !before && !after;
}

/* Each share is rounded by itself, as employer and worker each transfer whole rupiah. */
static uint32_t share_of_wage(uint32_t wage_rupiah, uint32_t per_mille) {
    return (uint32_t)(((uint64_t)wage_rupiah * per_mille + PER_MILLE / 2) / PER_MILLE);
}

void tariff_amounts(const struct tariff_row *row, uint32_t wage_rupiah,
                    uint32_t amounts_rupiah[PAYER_COUNT]) {
    if (!row->per_mille) {
        memcpy(amounts_rupiah, row->share, sizeof row->share);
        return;
    }
    uint32_t base = wage_rupiah < row->wage_floor_rupiah ? row->wage_floor_rupiah : wage_rupiah;
    if (base > row->wage_cap_rupiah)
        base = row->wage_cap_rupiah;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        amounts_rupiah[payer] = wage_rupiah && row->share[payer] ? share_of_wage(base, row->share[payer]) : 0;
}

uint64_t tariff_digest(const struct tariff *tariff) {
    uint64_t digest = mix64(tariff->count);
    for (uint16_t i = 0; i < tariff->count; i++) {
        const struct tariff_row *row = &tariff->rows[i];
        uint64_t words[3 + PAYER_COUNT] = {
            row->valid_from | (uint64_t)row->valid_to << 16 | (uint64_t)row->segment << 32 |
                (uint64_t)row->care_class << 40 | (uint64_t)row->per_mille << 48,
            row->wage_floor_rupiah, row->wage_cap_rupiah};
        for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
            words[3 + payer] = row->share[payer];
        for (size_t word = 0; word < sizeof words / sizeof *words; word++)
            digest = digest * UINT64_C(0x9e3779b97f4a7c15) + mix64(words[word]);
    }
    return digest;
}
