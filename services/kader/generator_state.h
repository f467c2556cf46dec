/* generator_state.h - the tables behind generator.h. Private to services/kader/generator*.c.
 *
 * Every kelurahan is divided into cells, one per segment, with an exact number of people each; a last kind
 * of cell holds those who are not registered. Within a cell families follow a shuffled deck of 1,000 sizes,
 * over and over, and the cell's last family is cut where the cell ends. So all that is needed is where each
 * cell begins.
 */
#ifndef KADER_GENERATOR_STATE_H
#define KADER_GENERATOR_STATE_H

#include "generator.h"

#define DECK_FAMILIES   1000
#define DECK_PEOPLE_MAX (DECK_FAMILIES * PROFILE_FAMILY_MAX)
#define SEGMENTS        (SEGMENT_COUNT - 1)
#define CELLS_MAX       (KELURAHAN_MAX * (SEGMENTS + 1))
#define HEAD_AGES       1024
#define YEAR_SLOTS      365 /* days of a year without 29 February */

struct cell {
    uint32_t first_person;
    uint32_t first_event;
    uint32_t people;
    uint32_t suspended; /* the first ones of the cell */
    uint32_t families;
    uint32_t first_in_kecamatan; /* its first person, counted within the kecamatan */
    uint32_t first_family_in_kecamatan;
    uint32_t first_worker; /* PPU_BU: its first family, counted within the city's */
    uint32_t kelurahan;    /* code */
    uint16_t kecamatan;    /* index */
    uint16_t phase;        /* family of the deck that the cell begins with */
    uint8_t segment;
};

/* A permutation of 0 .. count - 1: value * multiplier + addend, modulo count. */
struct shuffle {
    uint32_t count, multiplier, addend, inverse;
};

struct generator {
    struct profile profile;
    uint64_t seed;
    uint32_t city_code;
    uint32_t people, population;
    uint64_t events;
    uint32_t kelurahan_count, kecamatan_count, cell_count;
    uint32_t registered[SEGMENT_COUNT], suspended[SEGMENT_COUNT];
    struct cell
        cells[CELLS_MAX]; /* registered: kelurahan by kelurahan, segment by segment; then the others */
    struct shuffle people_of[KECAMATAN_MAX], families_of[KECAMATAN_MAX];
    struct shuffle workers;
    uint32_t employer_count;
    uint32_t deck_people;
    uint16_t deck_first[DECK_FAMILIES + 1]; /* position of a family's first person in the deck */
    uint16_t deck_family[DECK_PEOPLE_MAX];  /* family at a position */
    int as_of_year;
    unsigned as_of_slot; /* profile.as_of in a year without 29 February */
    uint8_t head_age[HEAD_AGES];
    uint8_t slot_month[YEAR_SLOTS], slot_day[YEAR_SLOTS];
};

/* A well-mixed 64-bit hash of two numbers (splitmix64: Steele, Lea, Flood 2014). */
static inline uint64_t generator_hash(uint64_t seed, uint64_t number) {
    uint64_t hash = seed + (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

static inline uint32_t shuffle_value(const struct shuffle *shuffle, uint32_t value) {
    return (uint32_t)(((uint64_t)value * shuffle->multiplier + shuffle->addend) % shuffle->count);
}
static inline uint32_t shuffle_back(const struct shuffle *shuffle, uint32_t value) {
    uint64_t shifted = (uint64_t)value + shuffle->count - shuffle->addend;
    return (uint32_t)(shifted % shuffle->count * shuffle->inverse % shuffle->count);
}

/* In generator_person.c: the person at position `position` of a cell, the cell being known. */
void generator_person_in(const struct generator *generator, const struct cell *cell, uint32_t position,
                         struct generator_person *out);
/* In generator_employer.c: the company of the PPU_BU family with that rank in the city. */
uint32_t generator_employer_of(const struct generator *generator, uint32_t family_rank);
uint32_t generator_employer_count(const struct profile *profile, uint32_t workers);

#endif
