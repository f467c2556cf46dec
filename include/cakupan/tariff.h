/* tariff.h - what a month of membership costs, and who pays which part of it, by date.
 *
 * Rows come from deploy/tangerang/tariff.json. Amounts are whole rupiah; a share of a wage is rounded half
 * up to a rupiah. Read-only after loading: thread-safe.
 */
#ifndef CAKUPAN_TARIFF_H
#define CAKUPAN_TARIFF_H

#include "cakupan/member.h"

/* Who pays. The city pays from two budget lines (BPK audits of Bima 2023, Sidoarjo 2023). Numbers are
 * stored: only add. */
enum payer {
    PAYER_NONE = 0,
    PAYER_CENTRE,       /* APBN                                                   */
    PAYER_CITY_IURAN,   /* APBD, budget line "iuran": 35,000                      */
    PAYER_CITY_BANTUAN, /* APBD, budget line "bantuan iuran": 2,800               */
    PAYER_EMPLOYER,
    PAYER_WORKER,
    PAYER_MEMBER,
    PAYER_COUNT
};

#define CARE_CLASS_COUNT 4 /* 1..3, and 0 for none */
#define TARIFF_ROWS_MAX  96

struct tariff_row {
    day_t valid_from, valid_to; /* both inclusive; DAY_NONE: since ever, open */
    uint8_t segment;
    uint8_t care_class; /* 0: any */
    bool per_mille; /* shares are per mille of the wage, bounded by floor and cap (Perpres 75/2019 art. 32) */
    uint32_t share[PAYER_COUNT];
    uint32_t wage_floor_rupiah, wage_cap_rupiah;
};

/* No two rows hold for the same segment, class and day. */
struct tariff {
    uint16_t count;
    struct tariff_row rows[TARIFF_ROWS_MAX];
};

/* The row for a segment and class on the first day of `month`; NULL where the tariff has none: nothing can
 * be charged. */
const struct tariff_row *tariff_at(const struct tariff *tariff, enum segment segment, uint8_t care_class,
                                   month_t month);
/* Whether both hold for some segment, class and day: a tariff has no two such rows. */
bool tariff_rows_overlap(const struct tariff_row *a, const struct tariff_row *b);
/* Each payer's amount for one month. A wage of 0 (a family member of a wage worker) costs nothing. */
void tariff_amounts(const struct tariff_row *row, uint32_t wage_rupiah, uint32_t amounts_rupiah[PAYER_COUNT]);
/* 64 bits over all rows: a ledger is continued under the tariff that it was kept by. */
uint64_t tariff_digest(const struct tariff *tariff);

static inline bool payer_is_city(enum payer payer) {
    return payer == PAYER_CITY_IURAN || payer == PAYER_CITY_BANTUAN;
}
const char *payer_name(enum payer payer);     /* "CITY_IURAN"; NULL for a number outside the enum */
enum payer payer_from_name(const char *name); /* PAYER_NONE where the name is unknown */

#endif
