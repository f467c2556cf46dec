/* generator_person.c - derives one person from its place in its cell: family, age, numbers, work, name
 * (generator.h). */
#include "generator_names.h"
#include "generator_state.h"

#define ADULT_CHILD_MAX    28      /* older children have left; a grandchild stands in their place */
#define CITY_CLASS         3       /* of whom the centre or the city pays for */
#define WAGE_CLASS_ONE     4000000 /* PPU above this wage have class I, Perpres 82/2018 art. 51 */
#define STATE_OFFICE_FIRST 90000001

/* What the members of a family share. */
struct family {
    uint64_t hash;
    uint32_t first;   /* position of the head in the cell   */
    uint32_t ordinal; /* of the family in the cell          */
    uint8_t size;
    uint8_t segment;
    uint8_t head_age, spouse_age;
    uint8_t head_sex;
    bool has_spouse;
};

/* Different bits of one hash are different dice. */
static unsigned dice(uint64_t hash, unsigned shift, unsigned sides) {
    return (unsigned)(hash >> shift & 0xffff) % sides;
}

/* Whole years at profile.as_of. Wage workers are of working age, those who no longer work are not. */
static uint8_t head_age_of(const struct generator *generator, uint8_t segment, uint64_t hash) {
    unsigned age = generator->head_age[hash % HEAD_AGES];
    if ((segment == SEGMENT_PPU_BU || segment == SEGMENT_PPU_PN) && age > 58)
        age = 22 + age % 36;
    if (segment == SEGMENT_BP && age < 56)
        age = 56 + age % 25;
    return (uint8_t)age;
}

static struct family family_at(const struct generator *generator, const struct cell *cell,
                               uint32_t position) {
    uint32_t start = generator->deck_first[cell->phase];
    uint32_t deck = (position + start) / generator->deck_people;
    uint32_t before = deck * generator->deck_people;
    uint32_t in_deck = generator->deck_family[position + start - before];
    struct family family = {.segment = cell->segment};
    family.ordinal = deck * DECK_FAMILIES + in_deck - cell->phase;
    family.first = before + generator->deck_first[in_deck] - start;
    uint32_t size = (uint32_t)generator->deck_first[in_deck + 1] - generator->deck_first[in_deck];
    uint32_t left = cell->people - family.first;
    family.size = (uint8_t)(size < left ? size : left);
    family.hash = generator_hash(generator->seed ^ 'F', cell->first_person + family.first);
    family.head_age = head_age_of(generator, cell->segment, family.hash);
    family.head_sex = dice(family.hash, 10, 100) < 86 ? SEX_MALE : SEX_FEMALE;
    family.has_spouse = family.size >= 2 && family.head_sex == SEX_MALE && dice(family.hash, 17, 100) < 94;
    unsigned spouse_age = family.head_age + 1u - dice(family.hash, 24, 8);
    family.spouse_age = (uint8_t)(spouse_age < 19 ? 19 : spouse_age);
    return family;
}

/* Age and place in the family of its `index`th member; the head is 0. */
static unsigned age_of(const struct family *family, unsigned index, uint64_t hash, uint8_t *place) {
    if (index == 0) {
        *place = PLACE_HEAD;
        return family->head_age;
    }
    if (index == 1 && family->has_spouse) {
        *place = PLACE_SPOUSE;
        return family->spouse_age;
    }
    unsigned child = index - 1 - family->has_spouse;
    int mother = family->has_spouse ? family->spouse_age : family->head_age;
    int first_birth = 20 + (int)dice(family->hash, 31, 10);
    int age = mother - first_birth - (int)(child * (2 + dice(family->hash, 38, 3)));
    *place = PLACE_CHILD;
    if (age >= 0 && age <= ADULT_CHILD_MAX)
        return (unsigned)age;
    *place = PLACE_RELATIVE;
    if (age > ADULT_CHILD_MAX)
        return (unsigned)age % (ADULT_CHILD_MAX + 1);
    return family->head_age < 60 ? family->head_age + 20u + dice(hash, 40, 10) : family->head_age - 3u;
}

static uint8_t sex_of(const struct family *family, uint8_t place, uint64_t hash) {
    if (place == PLACE_HEAD)
        return family->head_sex;
    if (place == PLACE_SPOUSE)
        return SEX_FEMALE;
    return hash >> 63 ? SEX_MALE : SEX_FEMALE;
}

/* The year in which somebody born on that day of the year is `age` whole years old at the profile's day. */
static int birth_year_of(const struct generator *generator, unsigned slot, unsigned age) {
    return generator->as_of_year - (int)age - (slot > generator->as_of_slot);
}

/* Region, DDMMYY and sequence in one number; for a woman's NIK 40 is added to the day. */
static uint64_t number_of(uint32_t region, unsigned day, unsigned month, unsigned year, uint32_t sequence) {
    return (((uint64_t)region * 100 + day) * 100 + month) * 1000000 + (uint64_t)(year % 100) * 10000 +
           sequence;
}

/* Unique without a table: within a kecamatan each person has a pair (day of the year, sequence) of its own,
 * whatever the year and the sex; and a NIK from elsewhere keeps the number of the home kecamatan in digits
 * 5 and 6. */
static void give_nik(const struct generator *generator, const struct cell *cell, uint32_t position,
                     unsigned age, uint64_t hash, struct generator_person *out) {
    const struct profile *profile = &generator->profile;
    uint32_t value =
        shuffle_value(&generator->people_of[cell->kecamatan], cell->first_in_kecamatan + position);
    unsigned slot = value % YEAR_SLOTS, month = generator->slot_month[slot], day = generator->slot_day[slot];
    int year = birth_year_of(generator, slot, age);
    out->birth_day = calendar_day(year, (int)month, (int)day);
    uint32_t region = cell->kelurahan / 10000;
    if (dice(hash, 0, 1000) < profile->nik_outside_permille)
        region = profile->origins[dice(hash, 16, profile->origin_count)] * 100u + region % 100;
    unsigned nik_day = day + (out->sex == SEX_FEMALE ? 40u : 0u);
    out->nik = number_of(region, nik_day, month, (unsigned)year, value / YEAR_SLOTS + 1);
}

static uint64_t family_card(const struct generator *generator, const struct cell *cell,
                            const struct family *family) {
    uint32_t value = shuffle_value(&generator->families_of[cell->kecamatan],
                                   cell->first_family_in_kecamatan + family->ordinal);
    unsigned slot = value % YEAR_SLOTS, year = 2005 + dice(family->hash, 44, 20);
    return number_of(cell->kelurahan / 10000, generator->slot_day[slot], generator->slot_month[slot], year,
                     value / YEAR_SLOTS + 1);
}

/* Half earn between floor and median, the other half rises steeply (by the sixth power) to the ceiling. */
static uint32_t wage_of(const struct profile *profile, uint64_t hash) {
    uint64_t rank = dice(hash, 20, 1000), wage;
    if (rank < 500) {
        uint64_t spread = profile->wage_median_rupiah - profile->wage_floor_rupiah;
        wage = profile->wage_floor_rupiah + spread * rank / 500;
    } else {
        uint64_t above = rank - 500, cube = above * above * above;
        uint64_t millionths = cube * cube / UINT64_C(15625000000); /* 500^6 / 10^6 */
        uint64_t spread = profile->wage_ceiling_rupiah - profile->wage_median_rupiah;
        wage = profile->wage_median_rupiah + spread * millionths / 1000000;
    }
    uint64_t rounded = wage / 1000 * 1000;
    return (uint32_t)(rounded < profile->wage_floor_rupiah ? wage : rounded);
}

static uint8_t class_of(const struct family *family, uint32_t wage_rupiah) {
    unsigned percent = dice(family->hash, 27, 100);
    switch (family->segment) {
    case SEGMENT_PPU_BU:
        return wage_rupiah > WAGE_CLASS_ONE ? 1 : 2;
    case SEGMENT_PPU_PN:
        return percent < 60 ? 1 : 2;
    case SEGMENT_PBPU:
    case SEGMENT_BP:
        return percent < 15 ? 1 : percent < 40 ? 2 : 3;
    default:
        return CITY_CLASS;
    }
}

static uint32_t company_of(const struct generator *generator, uint32_t family_rank) {
    return generator_employer_number(generator_employer_of(generator, family_rank));
}

/* Employer of the family, wage of its worker, and the class that follows for all of them. */
static void give_work(const struct generator *generator, const struct cell *cell, const struct family *family,
                      struct generator_person *out) {
    uint32_t wage = 0;
    if (family->segment == SEGMENT_PPU_BU)
        out->employer = company_of(generator, cell->first_worker + family->ordinal);
    if (family->segment == SEGMENT_PPU_PN)
        out->employer = STATE_OFFICE_FIRST + dice(family->hash, 33, generator->profile.state_employers);
    if (out->employer)
        wage = wage_of(&generator->profile, family->hash);
    out->care_class = class_of(family, wage);
    out->worker = out->employer && out->place == PLACE_HEAD;
    out->wage_rupiah = out->worker ? wage : 0;
}

void generator_person_in(const struct generator *generator, const struct cell *cell, uint32_t position,
                         struct generator_person *out) {
    struct family family = family_at(generator, cell, position);
    uint64_t hash = generator_hash(generator->seed, cell->first_person + position);
    out->number = cell->first_person + position;
    out->family_first = cell->first_person + family.first;
    out->family_size = family.size;
    out->segment = cell->segment;
    out->kelurahan = cell->kelurahan;
    out->suspended = position < cell->suspended;
    out->employer = 0;
    unsigned age = age_of(&family, position - family.first, hash, &out->place);
    out->sex = sex_of(&family, out->place, hash);
    give_nik(generator, cell, position, age, hash, out);
    out->family = family_card(generator, cell, &family);
    give_work(generator, cell, &family, out);
    /* The city pays for holders of its card; a few of the others never changed theirs after moving here. */
    out->local_card = cell->segment == SEGMENT_PBPU_PEMDA || dice(family.hash, 48, 100) >= 3;
    out->name_size = (uint8_t)generator_name(hash >> 30, out->sex, out->name);
}
