/* generator.c - lays a city out in cells of exact size, and streams its events (generator.h). */
#include "generator.h"

#include "cakupan/device.h"
#include "generator_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define KECAMATAN_PEOPLE_MAX (YEAR_SLOTS * (GENERATOR_SEQUENCE_FREE - 1))

static uint32_t greatest_divisor(uint32_t a, uint32_t b) {
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* multiplier * result = 1 modulo count, by Euclid's extended algorithm. */
static uint32_t inverse_of(uint32_t multiplier, uint32_t count) {
    int64_t r0 = count, r1 = multiplier % count, t0 = 0, t1 = 1;
    while (r1) {
        int64_t quotient = r0 / r1, r2 = r0 - quotient * r1, t2 = t0 - quotient * t1;
        r0 = r1, r1 = r2, t0 = t1, t1 = t2;
    }
    return (uint32_t)((t0 % count + count) % count);
}

static struct shuffle shuffle_of(uint32_t count, uint64_t hash) {
    if (count < 2)
        return (struct shuffle){.count = 1, .multiplier = 1, .inverse = 1};
    /* Near the golden section neighbours land far apart (Knuth, TAOCP 6.4). */
    uint32_t multiplier = (uint32_t)((uint64_t)count * 618034 / 1000000) | 1;
    while (greatest_divisor(multiplier, count) != 1)
        multiplier++;
    return (struct shuffle){.count = count,
                            .multiplier = multiplier,
                            .addend = (uint32_t)(hash % count),
                            .inverse = inverse_of(multiplier, count)};
}

/* The deck: as many families of each size as the profile says in thousand, shuffled (Fisher-Yates). */
static void make_deck(struct generator *generator) {
    uint8_t size[DECK_FAMILIES] = {0};
    unsigned filled = 0;
    for (unsigned people = 1; people <= PROFILE_FAMILY_MAX; people++)
        for (unsigned i = 0; i < generator->profile.family_size_permille[people - 1]; i++)
            size[filled++] = (uint8_t)people;
    for (unsigned i = DECK_FAMILIES - 1; i > 0; i--) {
        unsigned other = (unsigned)(generator_hash(generator->seed ^ 'D', i) % (i + 1));
        uint8_t kept = size[i];
        size[i] = size[other];
        size[other] = kept;
    }
    uint32_t position = 0;
    for (unsigned family = 0; family < DECK_FAMILIES; family++) {
        generator->deck_first[family] = (uint16_t)position;
        for (unsigned i = 0; i < size[family]; i++)
            generator->deck_family[position++] = (uint16_t)family;
    }
    generator->deck_first[DECK_FAMILIES] = (uint16_t)position;
    generator->deck_people = position;
}

/* A table from which ten bits choose the age of a head by the profile's weights. */
static void make_head_ages(struct generator *generator) {
    const struct profile *profile = &generator->profile;
    uint32_t total = 0, before = 0, filled = 0;
    for (unsigned i = 0; i < profile->head_age_count; i++)
        total += profile->head_ages[i].weight;
    for (unsigned i = 0; i < profile->head_age_count; i++) {
        const struct profile_ages *ages = &profile->head_ages[i];
        before += ages->weight;
        unsigned years = ages->to - ages->from + 1u;
        for (unsigned year = 0; filled < (uint64_t)before * HEAD_AGES / total; filled++, year++)
            generator->head_age[filled] = (uint8_t)(ages->from + year % years);
    }
}

static void make_slots(struct generator *generator) {
    day_t first = calendar_day(2025, 1, 1); /* any year without 29 February */
    int as_of_month, as_of_day;
    calendar_civil(generator->profile.as_of, &generator->as_of_year, &as_of_month, &as_of_day);
    for (unsigned slot = 0; slot < YEAR_SLOTS; slot++) {
        int year, month, day;
        calendar_civil((day_t)(first + slot), &year, &month, &day);
        generator->slot_month[slot] = (uint8_t)month;
        generator->slot_day[slot] = (uint8_t)day;
        if (month < as_of_month || (month == as_of_month && day <= as_of_day))
            generator->as_of_slot = slot;
    }
}

/* How many people each segment has in the city; index SEGMENT_NONE: not registered. */
static bool count_segments(struct generator *generator, uint32_t people_of[SEGMENT_COUNT]) {
    const struct profile *profile = &generator->profile;
    uint64_t registered = ((uint64_t)generator->population * profile->registered_permyriad + 5000) / 10000;
    if (profile->city_paid > registered || registered > generator->population)
        return false;
    uint64_t rest = registered - profile->city_paid;
    uint64_t permille = 0, before = 0;
    for (int segment = 1; segment < SEGMENT_COUNT; segment++) {
        permille += profile->other_permille[segment];
        uint64_t until = rest * permille / 1000;
        people_of[segment] =
            (uint32_t)(until - before) + (segment == SEGMENT_PBPU_PEMDA ? profile->city_paid : 0);
        before = until;
        uint64_t active = ((uint64_t)people_of[segment] * profile->active_permille[segment] + 500) / 1000;
        generator->registered[segment] = people_of[segment];
        generator->suspended[segment] = people_of[segment] - (uint32_t)active;
    }
    people_of[SEGMENT_NONE] = generator->population - (uint32_t)registered;
    generator->people = (uint32_t)registered;
    return before == rest;
}

/* People of every (kelurahan, segment). */
typedef int64_t people_table[KELURAHAN_MAX][SEGMENT_COUNT];

/* Rows and columns both sum exactly: the differences of the rounded cumulative product. In a very small
 * city a cell may come out as -1. */
static void spread(const struct generator *generator, const struct region_table *regions,
                   const uint32_t people_of[SEGMENT_COUNT], people_table people) {
    uint64_t rows = 0;
    for (uint32_t k = 0; k < generator->kelurahan_count; k++) {
        uint64_t rows_before = rows, columns = 0;
        rows += regions->kelurahan[k].population;
        for (unsigned column = 0; column <= SEGMENTS; column++) {
            unsigned segment = (column + 1) % SEGMENT_COUNT; /* SEGMENT_NONE comes last */
            uint64_t columns_before = columns;
            columns += people_of[segment];
            people[k][segment] = (int64_t)(rows * columns / generator->population) -
                                 (int64_t)(rows_before * columns / generator->population) -
                                 (int64_t)(rows * columns_before / generator->population) +
                                 (int64_t)(rows_before * columns_before / generator->population);
        }
    }
}

/* Lifts a cell below zero by one: somebody of its row takes the cell's segment, and in another row somebody
 * gives that segment up for the one left, so that all sums stay. Both exist, as no sum is negative. */
static void lift(const struct generator *generator, people_table people, uint32_t row, unsigned column) {
    uint32_t fullest_row = 0;
    unsigned fullest_column = 0;
    for (uint32_t k = 1; k < generator->kelurahan_count; k++)
        if (people[k][column] > people[fullest_row][column])
            fullest_row = k;
    for (unsigned segment = 1; segment < SEGMENT_COUNT; segment++)
        if (people[row][segment] > people[row][fullest_column])
            fullest_column = segment;
    assert(people[fullest_row][column] > 0 && people[row][fullest_column] > 0 &&
           "a sum of people is negative");
    people[row][column]++;
    people[row][fullest_column]--;
    people[fullest_row][column]--;
    people[fullest_row][fullest_column]++;
}

static void count_cells(struct generator *generator, const struct region_table *regions,
                        const uint32_t people_of[SEGMENT_COUNT]) {
    people_table people;
    spread(generator, regions, people_of, people);
    for (uint32_t k = 0; k < generator->kelurahan_count; k++)
        for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++)
            while (people[k][segment] < 0)
                lift(generator, people, k, segment);
    for (uint32_t k = 0; k < generator->kelurahan_count; k++) {
        for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++) {
            uint32_t index = segment ? k * SEGMENTS + segment - 1 : generator->kelurahan_count * SEGMENTS + k;
            struct cell *cell = &generator->cells[index];
            cell->people = (uint32_t)people[k][segment];
            cell->segment = (uint8_t)segment;
            cell->kelurahan = regions->kelurahan[k].code;
            cell->kecamatan = regions->kelurahan[k].kecamatan;
        }
    }
}

/* The suspended of every cell, in proportion, so that they sum to the segment's. */
static void count_suspended(struct generator *generator) {
    for (unsigned segment = 1; segment < SEGMENT_COUNT; segment++) {
        uint64_t people = 0, before = 0;
        for (uint32_t k = 0; k < generator->kelurahan_count; k++) {
            struct cell *cell = &generator->cells[k * SEGMENTS + segment - 1];
            people += cell->people;
            if (cell->people == 0)
                continue;
            uint64_t until = people * generator->suspended[segment] / generator->registered[segment];
            cell->suspended = (uint32_t)(until - before);
            before = until;
        }
    }
}

static uint32_t families_in(const struct generator *generator, const struct cell *cell) {
    if (cell->people == 0)
        return 0;
    uint32_t last = generator->deck_first[cell->phase] + cell->people - 1;
    uint32_t deck = last / generator->deck_people,
             family = generator->deck_family[last % generator->deck_people];
    return deck * DECK_FAMILIES + family - cell->phase + 1;
}

/* Where each cell begins, by every way of counting. */
static void place_cells(struct generator *generator) {
    uint32_t person = 0, event = 0, worker = 0;
    uint32_t people[KECAMATAN_MAX] = {0}, families[KECAMATAN_MAX] = {0};
    for (uint32_t i = 0; i < generator->cell_count; i++) {
        struct cell *cell = &generator->cells[i];
        cell->phase = (uint16_t)(generator_hash(generator->seed ^ 'P', i) % DECK_FAMILIES);
        cell->families = families_in(generator, cell);
        cell->first_person = person;
        cell->first_event = event;
        cell->first_worker = worker;
        cell->first_in_kecamatan = people[cell->kecamatan];
        cell->first_family_in_kecamatan = families[cell->kecamatan];
        person += cell->people;
        people[cell->kecamatan] += cell->people;
        families[cell->kecamatan] += cell->families;
        if (cell->segment != SEGMENT_NONE)
            event += cell->people + cell->suspended;
        if (cell->segment == SEGMENT_PPU_BU)
            worker += cell->families;
    }
    generator->events = event;
    generator->workers = shuffle_of(worker, generator_hash(generator->seed, 'W'));
    generator->employer_count = generator_employer_count(&generator->profile, worker);
    for (uint32_t i = 0; i < generator->kecamatan_count; i++) {
        generator->people_of[i] = shuffle_of(people[i], generator_hash(generator->seed ^ 'N', i));
        generator->families_of[i] = shuffle_of(families[i], generator_hash(generator->seed ^ 'K', i));
    }
}

/* What profile_load checks, too; a profile may be made by hand. */
static bool profile_is_whole(const struct profile *profile) {
    unsigned sizes = 0, weights = 0;
    for (unsigned i = 0; i < PROFILE_FAMILY_MAX; i++)
        sizes += profile->family_size_permille[i];
    for (unsigned i = 0; i < profile->head_age_count; i++)
        weights += profile->head_ages[i].weight;
    bool rest = profile->employer_rows > 0 && profile->employers[profile->employer_rows - 1].count == 0;
    for (unsigned i = 0; i < profile->employer_rows; i++)
        rest = rest && profile->employers[i].workers > 0;
    return sizes == DECK_FAMILIES && weights > 0 && rest && profile->origin_count > 0 &&
           profile->state_employers > 0;
}

static bool kecamatan_fit(const struct region_table *regions) {
    for (unsigned i = 0; i < regions->kecamatan_count; i++)
        if (regions->kecamatan[i].population > KECAMATAN_PEOPLE_MAX)
            return false;
    return regions->kelurahan_count > 0;
}

enum result generator_new(struct generator **out, const struct region_table *regions,
                          const struct profile *profile, uint64_t seed, struct failure *why) {
    struct generator *generator = calloc(1, sizeof *generator);
    assert(generator && "out of memory");
    uint32_t people_of[SEGMENT_COUNT] = {0};
    generator->profile = *profile;
    generator->seed = generator_hash(seed, 0);
    generator->city_code = regions->city_code;
    generator->population = regions->population;
    generator->kelurahan_count = regions->kelurahan_count;
    generator->kecamatan_count = regions->kecamatan_count;
    generator->cell_count = regions->kelurahan_count * (SEGMENTS + 1u);
    if (!profile_is_whole(profile) || !kecamatan_fit(regions) || !count_segments(generator, people_of)) {
        free(generator);
        return fail(
            why, RESULT_INVALID, "PROFILE_CONTRADICTS",
            "The profile's figures don't fit the city's %u people in %u kelurahan: shares don't sum, or more "
            "are paid for than registered. Correct profile.json or regions.csv.",
            regions->population, regions->kelurahan_count);
    }
    count_cells(generator, regions, people_of);
    count_suspended(generator);
    make_deck(generator);
    make_head_ages(generator);
    make_slots(generator);
    place_cells(generator);
    *out = generator;
    return RESULT_OK;
}

void generator_destroy(struct generator **generator) {
    if (!*generator)
        return;
    free(*generator);
    *generator = NULL;
}

uint32_t generator_city(const struct generator *generator) {
    return generator->city_code;
}
uint32_t generator_people(const struct generator *generator) {
    return generator->people;
}

day_t generator_as_of(const struct generator *generator) {
    return generator->profile.as_of;
}
uint32_t generator_population(const struct generator *generator) {
    return generator->population;
}
uint64_t generator_events(const struct generator *generator) {
    return generator->events;
}

uint32_t generator_registered(const struct generator *generator, enum segment segment) {
    assert((unsigned)segment < SEGMENT_COUNT && "a segment of the enum");
    return generator->registered[segment];
}

uint32_t generator_suspended(const struct generator *generator, enum segment segment) {
    assert((unsigned)segment < SEGMENT_COUNT && "a segment of the enum");
    return generator->suspended[segment];
}

void generator_area(const struct generator *generator, uint32_t area, bool registered, uint32_t *first,
                    uint32_t *count) {
    uint32_t start = registered ? 0 : generator->kelurahan_count * SEGMENTS;
    uint32_t end = registered ? generator->kelurahan_count * SEGMENTS : generator->cell_count;
    *first = *count = 0;
    for (uint32_t i = start; i < end; i++) { /* an area's cells are neighbours: codes ascend */
        const struct cell *cell = &generator->cells[i];
        if (!area_holds(area, cell->kelurahan))
            continue;
        if (*count == 0)
            *first = cell->first_person;
        *count += cell->people;
    }
}

void generator_person(const struct generator *generator, uint32_t number, struct generator_person *out) {
    assert(number < generator->population && "a person of the city");
    uint32_t low = 0,
             high = generator->cell_count - 1; /* the last cell that begins at or before the number */
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        if (generator->cells[middle].first_person <= number)
            low = middle;
        else
            high = middle - 1;
    }
    const struct cell *cell = &generator->cells[low];
    generator_person_in(generator, cell, number - cell->first_person, out);
}

static struct text text_of(const char *data, size_t size) {
    return (struct text){.data = data, .size = (uint16_t)size};
}

static const char author[] = "BPJS Kesehatan";

void generator_enrolment(const struct generator_person *person, enum segment segment, int64_t captured_at_ms,
                         struct event *out) {
    *out = (struct event){
        .captured_at_ms = captured_at_ms,
        .kind = CHANGE_ENROL,
        .present = FIELD_IDENTITY | FIELD_FAMILY | FIELD_NAME | FIELD_BIRTH_DAY | FIELD_SEX |
                   FIELD_KELURAHAN | FIELD_SEGMENT | FIELD_CARE_CLASS,
        .identity = person->nik,
        .family = person->family,
        .kelurahan = person->kelurahan,
        .birth_day = person->birth_day,
        .sex = person->sex,
        .segment = (uint8_t)segment,
        .care_class = person->care_class,
        .author = text_of(author, sizeof author - 1),
        .name = text_of(person->name, person->name_size),
    };
    if (person->local_card) {
        out->present |= FIELD_LOCAL_CARD;
        out->local_card = true;
    }
    if (person->employer) {
        out->present |= FIELD_EMPLOYER;
        out->employer = person->employer;
    }
    if (person->wage_rupiah) {
        out->present |= FIELD_WAGE;
        out->wage_rupiah = person->wage_rupiah;
    }
}

void generator_event(const struct generator *generator, uint64_t index, int64_t captured_at_ms,
                     struct generator_person *person, struct event *out) {
    assert(index < generator->events && "an event of the stream");
    uint32_t low = 0, high = generator->kelurahan_count * SEGMENTS - 1;
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        if (generator->cells[middle].first_event <= index)
            low = middle;
        else
            high = middle - 1;
    }
    const struct cell *cell = &generator->cells[low];
    uint32_t within = (uint32_t)(index - cell->first_event);
    bool pairs = within < 2 * cell->suspended; /* ENROL and SUSPEND in turn, then ENROL only */
    generator_person_in(generator, cell, pairs ? within / 2 : within - cell->suspended, person);
    if (!pairs || within % 2 == 0) {
        generator_enrolment(person, (enum segment)person->segment, captured_at_ms, out);
        return;
    }
    *out = (struct event){.captured_at_ms = captured_at_ms,
                          .kind = CHANGE_SUSPEND,
                          .present = FIELD_IDENTITY,
                          .identity = person->nik,
                          .author = text_of(author, sizeof author - 1)};
}
