/* simulator.c - tests what services/kader/simulator.c and baseline.c say when they can't do their work;
 * that they do it is tested end to end with real services. */
#include "kader/simulator.h"
#include "kader/baseline.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64], pairing_file[128];
static struct generator *generator;
static struct failure why;
static struct simulator_summary summary;

/* Paired, but with nobody behind the endpoint. */
static void pair(void) {
    struct kader_pairing pairing = {.device = 1, .name = "lonely"};
    snprintf(pairing.endpoint, sizeof pairing.endpoint, "ipc://%s/nobody", directory);
    kader_pairing_keys(&pairing);
    memcpy(pairing.server_key, pairing.public_key, sizeof pairing.server_key);
    snprintf(pairing_file, sizeof pairing_file, "%s/lonely.device", directory);
    cr_assert_eq(kader_pairing_save(&pairing, pairing_file, &why), RESULT_OK, "%s", why.sentence);
}

static void start(void) {
    static struct region_table regions = {.city_code = 3671, .population = 1000};
    cr_assert(region_table_add(&regions, 3671011001, "a", "b", 1000));
    struct profile profile = {.as_of = calendar_day(2025, 9, 25),
                              .registered_permyriad = 9900,
                              .city_paid = 200,
                              .other_permille = {[SEGMENT_PPU_BU] = 1000},
                              .active_permille = {[SEGMENT_PBPU_PEMDA] = 1000, [SEGMENT_PPU_BU] = 900},
                              .family_size_permille = {500, 500},
                              .head_age_count = 1,
                              .head_ages = {{20, 60, 1}},
                              .origin_count = 1,
                              .origins = {3603},
                              .wage_floor_rupiah = 1,
                              .wage_median_rupiah = 2,
                              .wage_ceiling_rupiah = 3,
                              .state_employers = 1,
                              .employer_rows = 1,
                              .employers = {{0, 10}}};
    cr_assert_eq(generator_new(&generator, &regions, &profile, 1, &why), RESULT_OK, "%s", why.sentence);
    strcpy(directory, P_tmpdir "/cakupan_simulator_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    pair();
}

static void stop(void) {
    unlink(pairing_file);
    rmdir(directory);
    generator_destroy(&generator);
}

TestSuite(simulator, .init = start, .fini = stop, .timeout = 30);

Test(simulator, wrong_options_are_named) {
    struct simulator_device device = {.device_file = pairing_file, .area = 3671};
    struct simulator_options options = {.generator = generator, .seconds = 1};
    cr_assert_eq(simulator_day(&options, NULL, NULL, &summary, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "NO_DEVICES");
    options.devices = &device;
    options.device_count = 1;
    options.seconds = 0;
    cr_assert_eq(simulator_day(&options, NULL, NULL, &summary, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "NO_END");
    options.seconds = 1;
    cr_assert_eq(simulator_surge(&options, NULL, NULL, &summary, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "NO_DEVICES", "a surge needs the labour office");
    cr_assert_eq(simulator_flood(&options, NULL, NULL, &summary, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "NO_DEVICES", "a flood needs who floods");
}

Test(simulator, a_missing_pairing_file_is_named) {
    struct simulator_device device = {.device_file = "no/such/file.device", .area = 3671};
    struct simulator_options options = {
        .generator = generator, .devices = &device, .device_count = 1, .seconds = 1};
    cr_assert_neq(simulator_day(&options, NULL, NULL, &summary, &why), RESULT_OK);
    cr_assert_not_null(strstr(why.sentence, "no/such/file.device"), "%s", why.sentence);
}

Test(simulator, without_enrollment_it_gives_up_in_time) {
    struct simulator_device device = {.device_file = pairing_file, .area = 3671};
    struct simulator_options options = {
        .generator = generator, .devices = &device, .device_count = 1, .seconds = 1, .patience_ms = 200};
    cr_assert_eq(simulator_day(&options, NULL, NULL, &summary, &why), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "NO_ANSWER");
    cr_assert_eq(summary.groups[SIMULATOR_KADERS].queued, 0);
}

Test(simulator, more_devices_than_descriptors_is_said_before_any_is_opened) {
    static struct simulator_device devices[400000];
    struct simulator_options options = {
        .generator = generator, .devices = devices, .device_count = 400000, .seconds = 1};
    cr_assert_eq(simulator_day(&options, NULL, NULL, &summary, &why), RESULT_FULL);
    cr_assert_str_eq(why.code, "DESCRIPTORS");
}

Test(simulator, a_baseline_without_enrollment_gives_up_in_time) {
    struct baseline_options options = {.device_file = pairing_file, .patience_ms = 200};
    struct baseline_progress progress;
    cr_assert_eq(baseline_load(generator, &options, NULL, NULL, &progress, &why), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "NO_ANSWER");
    cr_assert_eq(progress.done, 0);
    cr_assert_eq(progress.total, generator_events(generator));
}

static bool stop_at_once(void *context, const struct baseline_progress *progress) {
    (void)progress;
    ++*(int *)context;
    return false;
}

Test(simulator, a_baseline_stops_when_asked) {
    struct baseline_options options = {.device_file = pairing_file, .patience_ms = 20000};
    struct baseline_progress progress;
    int calls = 0;
    cr_assert_eq(baseline_load(generator, &options, stop_at_once, &calls, &progress, &why), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "STOPPED");
    cr_assert_geq(calls, 1);
}
