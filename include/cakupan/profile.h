/* profile.h - how the people of a city's baseline are made up (deploy/tangerang/profile.json).
 *
 * Plain values, read-only after loading: thread-safe. The file says which of them are known and which
 * invented.
 */
#ifndef CAKUPAN_PROFILE_H
#define CAKUPAN_PROFILE_H

#include "cakupan/member.h"

#define PROFILE_FAMILY_MAX    7
#define PROFILE_AGES_MAX      16
#define PROFILE_ORIGINS_MAX   64
#define PROFILE_EMPLOYERS_MAX 16

/* Heads of families from `from` to `to` years old, as heavy as `weight` says among all rows. */
struct profile_ages {
    uint8_t from, to;
    uint16_t weight;
};

/* `count` companies with `workers` each; count 0, in the last row: as many as there are workers left. */
struct profile_employers {
    uint32_t count, workers;
};

struct profile {
    day_t as_of;                             /* ages are counted to it                               */
    uint16_t registered_permyriad;           /* of the population; 9932 is 99.32 %                  */
    uint32_t city_paid;                      /* exactly so many people in PBPU & BP Pemda, all active */
    uint16_t other_permille[SEGMENT_COUNT];  /* how the other registered divide; sums to 1000 */
    uint16_t active_permille[SEGMENT_COUNT]; /* of the registered; the others are suspended   */
    uint16_t family_size_permille[PROFILE_FAMILY_MAX]; /* [0]: people living alone; sums to 1000 */
    uint16_t head_age_count;
    struct profile_ages head_ages[PROFILE_AGES_MAX];
    uint16_t nik_outside_permille; /* NIKs first registered elsewhere */
    uint16_t origin_count;
    uint16_t origins[PROFILE_ORIGINS_MAX]; /* four-digit regions of those */
    uint32_t wage_floor_rupiah, wage_median_rupiah, wage_ceiling_rupiah;
    uint16_t state_employers; /* offices that employ PPU-PN */
    uint16_t employer_rows;
    struct profile_employers employers[PROFILE_EMPLOYERS_MAX];
};

#endif
