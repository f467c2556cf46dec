/* generator.c - tests services/kader/generator*.c on the whole city: exact counts, unique numbers, one
 * stream a seed. */
#include "kader/generator.h"
#include "cakupan/nik.h"
#include "store/city.h"
#include "store/profile.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POPULATION 1957349
#define REGISTERED 1944039
#define CITY_PAID  383587

static struct city city;
static struct profile profile;
static struct generator *generator;

static void start(void) {
    char path[1024];
    struct failure why = {0};
    const char *end = strstr(__FILE__, "tests/unit/");
    snprintf(path, sizeof path, "%.*sdeploy/tangerang", (int)(end - __FILE__), __FILE__);
    cr_assert_eq(city_load(&city, path, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(profile_load(&profile, path, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(generator_new(&generator, &city.regions, &profile, 1, &why), RESULT_OK, "%s", why.sentence);
}

static void stop(void) {
    generator_destroy(&generator);
}

TestSuite(generator, .init = start, .fini = stop, .timeout = 120);

static int compare(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void assert_unique(uint64_t *numbers, size_t count, const char *what) {
    qsort(numbers, count, sizeof *numbers, compare);
    for (size_t i = 1; i < count; i++)
        cr_assert_neq(numbers[i], numbers[i - 1], "two people have the %s %lu", what,
                      (unsigned long)numbers[i]);
}

Test(generator, counts_are_exact) {
    cr_assert_eq(generator_people(generator), REGISTERED);
    cr_assert_eq(generator_population(generator), POPULATION);
    cr_assert_eq(generator_registered(generator, SEGMENT_PBPU_PEMDA), CITY_PAID);
    cr_assert_eq(generator_suspended(generator, SEGMENT_PBPU_PEMDA), 0);
    uint64_t registered = 0, suspended = 0;
    for (int segment = 1; segment < SEGMENT_COUNT; segment++) {
        cr_assert_gt(generator_registered(generator, (enum segment)segment), 70000);
        registered += generator_registered(generator, (enum segment)segment);
        suspended += generator_suspended(generator, (enum segment)segment);
    }
    cr_assert_eq(registered, REGISTERED);
    cr_assert_eq(generator_events(generator), registered + suspended);
    uint64_t active_hundredths = ((registered - suspended) * 10000 + POPULATION / 2) / POPULATION;
    cr_assert_eq(active_hundredths, 9098, "profile.json says that 90.98 %% are active");
}

Test(generator, the_stream_enrols_everybody_once_and_suspends_right_after) {
    uint32_t enrolled[SEGMENT_COUNT] = {0}, suspended[SEGMENT_COUNT] = {0}, next = 0;
    static uint32_t by_kelurahan[KELURAHAN_MAX];
    uint64_t last_nik = 0;
    uint8_t last_segment = 0;
    for (uint64_t i = 0; i < generator_events(generator); i++) {
        struct generator_person person;
        struct event event;
        generator_event(generator, i, 1234567, &person, &event);
        cr_assert_eq(event.identity, person.nik);
        cr_assert_eq(event.captured_at_ms, 1234567);
        if (event.kind == CHANGE_SUSPEND) {
            cr_assert(person.suspended);
            cr_assert_eq(event.identity, last_nik, "a suspension follows its enrolment");
            suspended[last_segment]++;
            last_nik = 0;
            continue;
        }
        cr_assert_eq(event.kind, CHANGE_ENROL);
        cr_assert_eq(person.number, next, "in order of number");
        next++;
        uint16_t kelurahan = region_index(&city.regions, event.kelurahan);
        cr_assert_neq(kelurahan, REGION_NOWHERE);
        by_kelurahan[kelurahan]++;
        enrolled[event.segment]++;
        last_nik = event.identity;
        last_segment = event.segment;
    }
    cr_assert_eq(next, REGISTERED);
    cr_assert_eq(enrolled[SEGMENT_NONE], 0);
    for (int segment = 1; segment < SEGMENT_COUNT; segment++) {
        cr_assert_eq(enrolled[segment], generator_registered(generator, (enum segment)segment));
        cr_assert_eq(suspended[segment], generator_suspended(generator, (enum segment)segment));
    }
    for (unsigned i = 0; i < city.regions.kelurahan_count; i++) {
        double expected = city.regions.kelurahan[i].population * (REGISTERED / (double)POPULATION);
        cr_assert(by_kelurahan[i] > expected - 8 && by_kelurahan[i] < expected + 8, "%s: %u, expected %.0f",
                  city.regions.kelurahan[i].name, by_kelurahan[i], expected);
    }
}

Test(generator, every_number_is_possible_and_no_two_people_share_one) {
    uint64_t *niks = malloc(POPULATION * sizeof *niks), *cards = malloc(POPULATION * sizeof *cards);
    size_t families = 0, outside = 0;
    for (uint32_t i = 0; i < POPULATION; i++) {
        struct generator_person person;
        generator_person(generator, i, &person);
        cr_assert_eq(nik_check(person.nik), REFUSAL_NONE, "%lu", (unsigned long)person.nik);
        cr_assert_eq(kk_check(person.family), REFUSAL_NONE, "%lu", (unsigned long)person.family);
        cr_assert(nik_agrees(person.nik, person.birth_day, (enum sex)person.sex));
        cr_assert_leq(person.birth_day, profile.as_of);
        cr_assert_neq(person.birth_day, DAY_NONE);
        cr_assert_lt(person.nik % 10000, GENERATOR_SEQUENCE_FREE);
        niks[i] = person.nik;
        outside += nik_region(person.nik) / 100 != 3671;
        if (person.number == person.family_first)
            cards[families++] = person.family;
    }
    assert_unique(niks, POPULATION, "NIK");
    assert_unique(cards, families, "KK");
    size_t permille = outside * 1000 / POPULATION;
    cr_assert(permille > 210 && permille < 230, "%zu per mille of the NIKs come from outside", permille);
    free(niks);
    free(cards);
}

Test(generator, families_hang_together) {
    uint32_t under_15 = 0, over_64 = 0, checked = 0;
    struct generator_person head, person;
    for (uint32_t i = 0; i < POPULATION; i += head.family_size) {
        generator_person(generator, i, &head);
        cr_assert_eq(head.family_first, i);
        cr_assert_eq(head.place, PLACE_HEAD);
        cr_assert(head.family_size >= 1 && head.family_size <= PROFILE_FAMILY_MAX);
        cr_assert_geq(profile.as_of - head.birth_day, 18 * 365, "a head of a family is grown up");
        int mother_days = head.birth_day;
        for (uint32_t member = 0; member < head.family_size; member++, checked++) {
            generator_person(generator, i + member, &person);
            cr_assert_eq(person.family_first, i);
            cr_assert_eq(person.family, head.family);
            cr_assert_eq(person.kelurahan, head.kelurahan);
            cr_assert_eq(person.segment, head.segment);
            cr_assert_eq(person.care_class, head.care_class);
            cr_assert_eq(person.employer, head.employer);
            cr_assert_eq(person.worker, member == 0 && head.employer != 0);
            cr_assert_eq(person.place == PLACE_HEAD, member == 0);
            if (person.place == PLACE_SPOUSE)
                mother_days = person.birth_day;
            if (person.place == PLACE_CHILD)
                cr_assert_gt(person.birth_day - mother_days, 15 * 365, "a child is younger than its mother");
            int age_years = (profile.as_of - person.birth_day) / 365;
            under_15 += age_years < 15;
            over_64 += age_years > 64;
            cr_assert_eq(strlen(person.name), person.name_size);
            cr_assert_leq(person.name_size, GENERATOR_NAME_MAX);
        }
    }
    cr_assert_eq(checked, POPULATION);
    cr_assert(under_15 > POPULATION * 0.22 && under_15 < POPULATION * 0.27, "%u under 15", under_15);
    cr_assert(over_64 > POPULATION * 0.02 && over_64 < POPULATION * 0.06, "%u over 64", over_64);
}

Test(generator, work_and_class_follow_the_segment) {
    for (uint32_t i = 0; i < POPULATION; i += 7) {
        struct generator_person person;
        struct event event;
        generator_person(generator, i, &person);
        generator_enrolment(&person, (enum segment)person.segment, 1, &event);
        bool wage_segment = person.segment == SEGMENT_PPU_BU || person.segment == SEGMENT_PPU_PN;
        cr_assert_eq(person.employer != 0, wage_segment);
        cr_assert_eq((event.present & FIELD_EMPLOYER) != 0, wage_segment);
        cr_assert_eq((event.present & FIELD_WAGE) != 0, person.worker);
        if (person.worker)
            cr_assert(person.wage_rupiah >= profile.wage_floor_rupiah &&
                      person.wage_rupiah <= profile.wage_ceiling_rupiah);
        if (person.segment == SEGMENT_PBPU_PEMDA)
            cr_assert(person.local_card && !person.suspended && person.care_class == 3);
        if (person.segment == SEGMENT_PBI_JK)
            cr_assert_eq(person.care_class, 3);
        cr_assert(person.care_class >= 1 && person.care_class <= 3);
    }
}

Test(generator, people_without_a_membership_come_last) {
    struct generator_person person;
    for (uint32_t i = REGISTERED; i < POPULATION; i++) {
        generator_person(generator, i, &person);
        cr_assert_eq(person.segment, SEGMENT_NONE);
        cr_assert_not(person.suspended);
        cr_assert_eq(person.employer, 0);
    }
}

Test(generator, companies_and_workers_name_each_other) {
    uint32_t companies = generator_employers(generator), total = 0;
    cr_assert_gt(companies, 5000);
    cr_assert_gt(generator_workers(generator, 0), 1000, "some have thousands of workers");
    for (uint32_t company = 0; company < companies; company++) {
        uint32_t workers = generator_workers(generator, company);
        cr_assert_gt(workers, 0);
        for (uint32_t rank = 0; rank < workers; rank++, total++) {
            struct generator_person person;
            generator_person(generator, generator_worker(generator, company, rank), &person);
            cr_assert(person.worker);
            cr_assert_eq(person.segment, SEGMENT_PPU_BU);
            cr_assert_eq(person.employer, generator_employer_number(company));
        }
    }
    uint32_t workers = 0;
    struct generator_person head;
    for (uint32_t i = 0; i < REGISTERED; i += head.family_size) {
        generator_person(generator, i, &head);
        workers += head.segment == SEGMENT_PPU_BU;
    }
    cr_assert_eq(total, workers, "every worker has one company");
}

static uint64_t digest(const struct generator *of, uint64_t from, uint64_t until) {
    uint64_t sum = 0;
    for (uint64_t i = from; i < until; i++) {
        struct generator_person person;
        struct event event;
        generator_event(of, i, 5, &person, &event);
        sum = (sum ^ event.identity ^ event.family << 1 ^ event.wage_rupiah) * UINT64_C(1099511628211);
        for (uint16_t byte = 0; byte < event.name.size; byte++)
            sum = (sum ^ (uint8_t)event.name.data[byte]) * UINT64_C(1099511628211);
    }
    return sum;
}

Test(generator, one_seed_one_stream_another_seed_another) {
    struct generator *same, *other;
    cr_assert_eq(generator_new(&same, &city.regions, &profile, 1, NULL), RESULT_OK);
    cr_assert_eq(generator_new(&other, &city.regions, &profile, 2, NULL), RESULT_OK);
    cr_assert_eq(digest(generator, 900000, 950000), digest(same, 900000, 950000));
    cr_assert_neq(digest(generator, 900000, 950000), digest(other, 900000, 950000));
    cr_assert_eq(generator_events(other), generator_events(generator),
                 "the counts are the profile's, not the seed's");
    /* The same people on any machine and in every later version: a baseline half loaded must go on. */
    cr_assert_eq(digest(generator, 0, 1000), UINT64_C(0x671a17bbd32e535d), "the stream changed: 0x%lx",
                 (unsigned long)digest(generator, 0, 1000));
    generator_destroy(&same);
    generator_destroy(&other);
    cr_assert_null(same);
    generator_destroy(&same);
}

Test(generator, figures_that_contradict_each_other_are_refused) {
    struct failure why;
    struct generator *none = NULL;
    struct profile wrong = profile;
    wrong.city_paid = REGISTERED + 1;
    cr_assert_eq(generator_new(&none, &city.regions, &wrong, 1, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "PROFILE_CONTRADICTS");
    wrong = profile;
    wrong.family_size_permille[0]++;
    cr_assert_eq(generator_new(&none, &city.regions, &wrong, 1, &why), RESULT_INVALID);
    wrong = profile;
    wrong.employers[wrong.employer_rows - 1].count = 1;
    cr_assert_eq(generator_new(&none, &city.regions, &wrong, 1, &why), RESULT_INVALID);
    struct region_table empty = {.city_code = 3671, .population = 5};
    cr_assert_eq(generator_new(&none, &empty, &profile, 1, &why), RESULT_INVALID);
    struct region_table crowded = {.city_code = 3671, .population = 4000000};
    cr_assert(region_table_add(&crowded, 3671011001, "a", "b", 4000000));
    cr_assert_eq(generator_new(&none, &crowded, &profile, 1, &why), RESULT_INVALID);
    cr_assert_null(none);
}

Test(generator, a_small_city_works_too) {
    struct region_table small = {.city_code = 3671, .population = 3000};
    cr_assert(region_table_add(&small, 3671011001, "a", "b", 1000));
    cr_assert(region_table_add(&small, 3671021001, "c", "d", 2000));
    struct profile few = profile;
    few.city_paid = 500;
    struct generator *of = NULL;
    cr_assert_eq(generator_new(&of, &small, &few, 3, NULL), RESULT_OK);
    cr_assert_eq(generator_people(of), 2980);
    uint64_t niks[3000];
    for (uint32_t i = 0; i < 3000; i++) {
        struct generator_person person;
        generator_person(of, i, &person);
        cr_assert_eq(nik_check(person.nik), REFUSAL_NONE);
        niks[i] = person.nik;
    }
    assert_unique(niks, 3000, "NIK");
    generator_destroy(&of);
}

/* The city scaled as `cakupan up --population` does it: the parts' running sum is rounded. */
static void scale(struct region_table *out, struct profile *to, uint32_t people) {
    uint64_t sum = 0, until = 0;
    *out = city.regions;
    *to = profile;
    out->population = people;
    to->city_paid = (uint32_t)(((uint64_t)CITY_PAID * people + POPULATION / 2) / POPULATION);
    for (uint32_t i = 0; i < out->kelurahan_count; i++) {
        uint64_t before = until;
        sum += city.regions.kelurahan[i].population;
        until = sum * people / POPULATION;
        out->kelurahan[i].population = (uint32_t)(until - before);
    }
}

static void check_scaled(uint32_t people) {
    static struct region_table regions;
    static uint64_t niks[4000];
    struct profile scaled;
    struct failure why = {0};
    struct generator *of = NULL;
    scale(&regions, &scaled, people);
    cr_assert_eq(generator_new(&of, &regions, &scaled, 1, &why), RESULT_OK, "%u: %s", people, why.sentence);
    for (uint32_t i = 0; i < regions.kelurahan_count; i++) {
        uint32_t first, registered, others;
        generator_area(of, regions.kelurahan[i].code, true, &first, &registered);
        generator_area(of, regions.kelurahan[i].code, false, &first, &others);
        cr_assert_eq(registered + others, regions.kelurahan[i].population, "%u people, kelurahan %u", people,
                     i);
    }
    uint32_t of_segment[SEGMENT_COUNT] = {0};
    for (uint32_t i = 0; i < people && people <= 4000; i++) {
        struct generator_person person;
        generator_person(of, i, &person);
        of_segment[person.segment]++;
        niks[i] = person.nik;
    }
    for (int segment = 1; segment < SEGMENT_COUNT && people <= 4000; segment++)
        cr_assert_eq(of_segment[segment], generator_registered(of, (enum segment)segment), "%u people",
                     people);
    assert_unique(niks, people <= 4000 ? people : 0, "NIK");
    generator_destroy(&of);
}

Test(generator, a_city_scaled_to_any_size_fits) {
    for (uint32_t people = 1000; people <= 4000; people += 7)
        check_scaled(people);
    for (uint32_t people = 4000; people <= POPULATION; people += people / 5 + 1)
        check_scaled(people);
    check_scaled(2900);
    check_scaled(POPULATION);
}
