/* scenario.c - tests services/kader/scenario.c against the registry itself: what it means to be right is
 * accepted, what it means to be wrong is refused, and the baseline is accepted whole. */
#include "kader/scenario.h"
#include "cakupan/device.h"
#include "cakupan/registry.h"
#include "store/city.h"
#include "store/profile.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define CITY_PEOPLE 60000
#define EVENTS      6000

static struct city city;
static struct region_table small;
static struct profile profile;
static struct generator *generator;
static struct registry *registry;
static struct device devices[ROLE_COUNT];
static day_t today;
static int64_t now_ms;
static uint32_t by_code[256];

/* Decides and applies one event, as enrollment does. */
static enum refusal apply(enum role role, struct event *event) {
    struct record record;
    char value[64];
    struct device *device = &devices[role];
    event->sequence = device->next_sequence++;
    registry_decide(registry, device, event, today, now_ms, &record, value);
    record.offset = registry_next_offset(registry);
    struct failure why = {0};
    cr_assert_eq(registry_apply(registry, &record, &why), RESULT_OK, "%s", why.sentence);
    if (record.refusal < 256)
        by_code[record.refusal]++;
    return (enum refusal)record.refusal;
}

static void add_device(enum role role, uint32_t area) {
    devices[role] =
        (struct device){.id = registry_device_count(registry) + 1, .role = (uint8_t)role, .area = area};
    devices[role].next_sequence = 1;
    devices[role].public_key[0] = (uint8_t)role;
    struct record record = {.offset = registry_next_offset(registry),
                            .kind = CHANGE_DEVICE_ADDED,
                            .effective_day = today,
                            .new_device = &devices[role]};
    struct failure why = {0};
    cr_assert_eq(registry_apply(registry, &record, &why), RESULT_OK, "%s", why.sentence);
}

/* A thirty-second of the city: each kelurahan, in proportion. */
static void shrink(void) {
    small = (struct region_table){.city_code = city.regions.city_code};
    for (unsigned i = 0; i < city.regions.kelurahan_count; i++) {
        const struct kelurahan *kelurahan = &city.regions.kelurahan[i];
        uint32_t people = kelurahan->population * (CITY_PEOPLE / 100) / (city.regions.population / 100);
        cr_assert(region_table_add(&small, kelurahan->code, kelurahan->name,
                                   city.regions.kecamatan[kelurahan->kecamatan].name, people));
        small.population += people;
    }
    profile.city_paid = profile.city_paid / 100 * (CITY_PEOPLE / 100) / (city.regions.population / 10000);
}

static void start(void) {
    char path[1024];
    struct failure why = {0};
    const char *end = strstr(__FILE__, "tests/unit/");
    snprintf(path, sizeof path, "%.*sdeploy/tangerang", (int)(end - __FILE__), __FILE__);
    cr_assert_eq(city_load(&city, path, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(profile_load(&profile, path, &why), RESULT_OK, "%s", why.sentence);
    shrink();
    cr_assert_eq(generator_new(&generator, &small, &profile, 1, &why), RESULT_OK, "%s", why.sentence);
    today = calendar_day(2026, 11, 20);
    now_ms = calendar_time_of_day(today) + 12 * 3600 * 1000;
    registry = registry_new(&small, &city.policy);
    add_device(ROLE_BPJS, 3671);
    add_device(ROLE_KADER, 3671);
    add_device(ROLE_LABOUR_OFFICE, 3671);
    int64_t as_of_ms = calendar_time_of_day(generator_as_of(generator)); /* as up_baseline.c loads them */
    for (uint64_t i = 0; i < generator_events(generator); i++) {
        struct generator_person person;
        struct event event;
        generator_event(generator, i, as_of_ms, &person, &event);
        enum refusal refusal = apply(ROLE_BPJS, &event);
        cr_assert_eq(refusal, REFUSAL_NONE, "event %lu of the baseline: %s", (unsigned long)i,
                     refusal_name(refusal));
    }
    memset(by_code, 0, sizeof by_code);
}

static void stop(void) {
    registry_destroy(&registry);
    generator_destroy(&generator);
}

TestSuite(scenario, .init = start, .fini = stop, .timeout = 120);

Test(scenario, the_baseline_is_as_the_profile_says) {
    uint32_t status[STATUS_COUNT] = {0}, city_paid = 0;
    for (uint32_t id = 1; id <= registry_member_count(registry); id++) {
        const struct member *member = registry_member(registry, id);
        status[member->status]++;
        city_paid += member->segment == SEGMENT_PBPU_PEMDA && member->status == STATUS_ACTIVE;
    }
    uint32_t suspended = 0;
    for (int segment = 1; segment < SEGMENT_COUNT; segment++)
        suspended += generator_suspended(generator, (enum segment)segment);
    cr_assert_eq(registry_member_count(registry), generator_people(generator));
    cr_assert_eq(city_paid, profile.city_paid);
    cr_assert_eq(status[STATUS_SUSPENDED], suspended);
    cr_assert_eq(status[STATUS_ACTIVE], generator_people(generator) - suspended, "nobody is pending");
}

Test(scenario, a_day_without_mistakes_is_accepted_but_for_people_met_twice) {
    struct scenario scenario = {.generator = generator, .seed = 7, .today = today};
    struct scenario_sender sender = {.device = devices[ROLE_KADER].id, .area = 3671};
    uint32_t kinds[CHANGE_MAX] = {0}, accepted = 0;
    for (uint64_t i = 0; i < EVENTS; i++) {
        struct scenario_event event;
        scenario_kader(&scenario, &sender, i, now_ms, &event);
        enum refusal refusal = apply(ROLE_KADER, &event.event);
        kinds[event.event.kind] += refusal == REFUSAL_NONE;
        accepted += refusal == REFUSAL_NONE;
    }
    /* In a city this small people are met twice: only such refusals may be left. */
    static const enum refusal twice[] = {REFUSAL_NONE,
                                         REFUSAL_MEMBER_DECEASED,
                                         REFUSAL_MEMBER_MOVED_OUT,
                                         REFUSAL_MEMBER_UNKNOWN,
                                         REFUSAL_ALREADY_REGISTERED,
                                         REFUSAL_COVERED_ELSEWHERE,
                                         REFUSAL_NOTHING_CHANGES,
                                         REFUSAL_NOT_SUSPENDED,
                                         REFUSAL_ALREADY_SUSPENDED,
                                         REFUSAL_DUPLICATE_DIFFERS,
                                         REFUSAL_SAME_MEMBER};
    uint32_t explained = 0;
    for (size_t i = 0; i < sizeof twice / sizeof *twice; i++)
        explained += by_code[twice[i]];
    for (int code = 0; explained != EVENTS && code < 256; code++)
        if (by_code[code])
            cr_log_warn("%s: %u", code ? refusal_name((enum refusal)code) : "accepted", by_code[code]);
    cr_assert_eq(explained, EVENTS, "%u refusals have another reason", EVENTS - explained);
    cr_assert_gt(accepted, EVENTS * 8 / 10, "%u of %u accepted", accepted, EVENTS);
    for (int kind = CHANGE_ENROL; kind < CHANGE_DEVICE_COUNT; kind++)
        if (kind != CHANGE_LAYOFF && kind != CHANGE_REHIRE)
            cr_assert_gt(kinds[kind], 5, "kind %s was accepted %u times", change_name((enum change)kind),
                         kinds[kind]);
}

Test(scenario, every_mistake_is_refused_and_many_ways_of_erring_are_met) {
    struct scenario scenario = {.generator = generator, .seed = 8, .today = today, .mistakes_permille = 1000};
    struct scenario_sender sender = {.device = devices[ROLE_KADER].id, .area = 367105};
    for (uint64_t i = 0; i < 2000; i++) {
        struct scenario_event event;
        scenario_kader(&scenario, &sender, i, now_ms, &event);
        enum refusal refusal = apply(ROLE_KADER, &event.event);
        cr_assert_neq(refusal, REFUSAL_NONE, "a %s meant as a mistake was accepted",
                      change_name((enum change)event.event.kind));
    }
    uint32_t codes = 0;
    for (int code = 1; code < 256; code++)
        codes += by_code[code] > 0;
    cr_assert_geq(codes, 10);
}

Test(scenario, events_stay_in_the_senders_area) {
    struct scenario scenario = {.generator = generator, .seed = 9, .today = today};
    struct scenario_sender sender = {.device = 5, .area = 367105};
    for (uint64_t i = 0; i < 2000; i++) {
        struct scenario_event event;
        scenario_kader(&scenario, &sender, i, now_ms, &event);
        cr_assert(area_holds(367105, event.person.kelurahan));
        cr_assert(!(event.event.present & FIELD_KELURAHAN) || area_holds(367105, event.event.kelurahan));
    }
}

Test(scenario, layoffs_are_accepted_once) {
    struct scenario scenario = {.generator = generator, .seed = 10, .today = today};
    uint32_t workers = generator_workers(generator, 0), unproved = 0;
    for (int round = 0; round < 2; round++)
        for (uint32_t rank = 0; rank < workers; rank++) {
            struct scenario_event event;
            scenario_layoff(&scenario, 0, rank, now_ms, &event);
            enum refusal refusal = apply(ROLE_LABOUR_OFFICE, &event.event),
                         expected = round ? REFUSAL_ALREADY_LAID_OFF : REFUSAL_NONE;
            if (event.event.proof == PROOF_NONE) /* which the city's policy asks for */
                expected = REFUSAL_PROOF_MISSING;
            unproved += event.event.proof == PROOF_NONE;
            cr_assert_eq(refusal, expected, "%s", refusal_name(refusal));
        }
    cr_assert(unproved > 0 && unproved < workers / 10, "%u of %u", unproved, workers);
}

Test(scenario, the_office_lays_off_and_hires_again) {
    struct scenario scenario = {.generator = generator, .seed = 11, .today = today};
    uint32_t accepted[CHANGE_MAX] = {0};
    for (uint64_t i = 0; i < 2000; i++) {
        struct scenario_event event;
        scenario_office(&scenario, i, now_ms, &event);
        accepted[event.event.kind] += apply(ROLE_LABOUR_OFFICE, &event.event) == REFUSAL_NONE;
    }
    cr_assert_gt(accepted[CHANGE_LAYOFF], 1000);
    cr_assert_gt(accepted[CHANGE_REHIRE], 400);
}

Test(scenario, one_seed_one_day) {
    struct scenario scenario = {.generator = generator, .seed = 12, .today = today, .mistakes_permille = 50};
    struct scenario_sender sender = {.device = 5, .area = 3671}, other = {.device = 6, .area = 3671};
    uint32_t differ = 0;
    for (uint64_t i = 0; i < 500; i++) {
        struct scenario_event a, b, c;
        scenario_kader(&scenario, &sender, i, now_ms, &a);
        scenario_kader(&scenario, &sender, i, now_ms, &b);
        scenario_kader(&scenario, &other, i, now_ms, &c);
        cr_assert(a.event.identity == b.event.identity && a.event.kind == b.event.kind &&
                  a.event.captured_at_ms == b.event.captured_at_ms);
        differ += a.event.identity != c.event.identity;
    }
    cr_assert_gt(differ, 490);
}
