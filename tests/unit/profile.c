/* profile.c - tests services/store/profile.c: the shipped profile loads, and every mistake in one is named.
 */
#include "store/profile.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64], path[128];
static char shipped[8192];
static struct profile profile;

static void start(void) {
    char source[1024];
    const char *end = strstr(__FILE__, "tests/unit/");
    snprintf(source, sizeof source, "%.*sdeploy/tangerang/profile.json", (int)(end - __FILE__), __FILE__);
    FILE *file = fopen(source, "r");
    cr_assert_not_null(file);
    size_t size = fread(shipped, 1, sizeof shipped - 1, file);
    cr_assert_lt(size, sizeof shipped - 1, "the shipped file does not fit this test's buffer");
    fclose(file);
    strcpy(directory, P_tmpdir "/cakupan_profile_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/profile.json", directory);
}

static void stop(void) {
    unlink(path);
    rmdir(directory);
}

TestSuite(profile, .init = start, .fini = stop);

/* The shipped file with its first `from` replaced by `to`, loaded. */
static enum result load_changed(const char *from, const char *to, struct failure *why) {
    const char *at = strstr(shipped, from);
    cr_assert_not_null(at, "'%s' is not in profile.json", from);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file, "%.*s%s%s", (int)(at - shipped), shipped, to, at + strlen(from));
    cr_assert_eq(fclose(file), 0);
    return profile_load(&profile, directory, why);
}

Test(profile, the_shipped_profile_is_as_reported) {
    struct failure why = {0};
    cr_assert_eq(load_changed("as_of", "as_of", &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(profile.as_of, calendar_day(2025, 9, 25));
    cr_assert_eq(profile.registered_permyriad, 9932);
    cr_assert_eq(profile.city_paid, 383587);
    cr_assert_eq(profile.active_permille[SEGMENT_PBPU_PEMDA], 1000);
    cr_assert_eq(profile.other_permille[SEGMENT_PBPU_PEMDA], 0);
    cr_assert_eq(profile.employers[profile.employer_rows - 1].count, 0);
    cr_assert_gt(profile.origin_count, 5);
}

Test(profile, every_mistake_is_named) {
    struct {
        const char *from, *to, *code, *place, *value;
    } bad[] = {
        {"99.32", "99.325", "CITY_VALUE_INVALID", "registered_percent", "99.325"},
        {"99.32", "100.01", "CITY_VALUE_INVALID", "registered_percent", "100.01"},
        {"383587", "-1", "CITY_VALUE_INVALID", "city_paid", "-1"},
        {"\"2025-09-25\"", "20250925", "CITY_VALUE_INVALID", "as_of", "20250925"},
        {"\"PBI_JK\": 200", "\"PBI\": 200", "CITY_KEY_UNKNOWN", "other_segments_permille", "PBI"},
        {"\"PBI_JK\": 200", "\"PBI_JK\": 201", "CITY_VALUE_INVALID", "other_segments_permille", "1001"},
        {"\"PBI_JK\": 200", "\"PBPU_PEMDA\": 200", "CITY_VALUE_INVALID", "city_paid", "PBPU_PEMDA"},
        {"\"PBPU_PEMDA\": 1000", "\"PBPU_PEMDA\": 999", "CITY_VALUE_INVALID", "city_paid", "1000"},
        {"\"PPU_PN\": 995", "\"PPU_PN\": 1001", "CITY_VALUE_INVALID", "active_permille.PPU_PN", "1001"},
        {"[120, 160", "[121, 160", "CITY_VALUE_INVALID", "family_size_permille", "1001"},
        {"[120, 160", "[\"120\", 160", "CITY_VALUE_INVALID", "family_size_permille[0]", "whole number"},
        {"50, 20]", "50, 10, 10]", "CITY_VALUE_INVALID", "family_size_permille", "1 to 7"},
        {"\"from\": 25, \"to\": 34", "\"from\": 25, \"to\": 24", "CITY_VALUE_INVALID",
         "head_age_weights[1].to", "24"},
        {"[3603,", "[36,", "CITY_VALUE_INVALID", "origins[0]", "1101"},
        {"\"median\": 5900000", "\"median\": 5", "CITY_VALUE_INVALID", "wage_rupiah.median", "5"},
        {"\"state_employers\": 40", "\"state_employers\": 0", "CITY_VALUE_INVALID", "state_employers", "0"},
        {"{\"count\": 0, \"workers\": 9}", "{\"count\": 1, \"workers\": 9}", "CITY_VALUE_INVALID",
         "employers[4].count", "1"},
        {"{\"count\": 6, ", "{\"count\": 0, ", "CITY_VALUE_INVALID", "employers[0].count", "0"},
        {"\"workers\": 5000", "\"workers\": 0", "CITY_VALUE_INVALID", "employers[0].workers", "0"},
        {"\"sources\": {", "\"source\": {", "CITY_KEY_UNKNOWN", "source", "correct its name"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct failure why = {0};
        cr_assert_eq(load_changed(bad[i].from, bad[i].to, &why), RESULT_INVALID, "%s -> %s", bad[i].from,
                     bad[i].to);
        cr_assert_str_eq(why.code, bad[i].code, "%s", why.sentence);
        cr_assert_not_null(strstr(why.sentence, "profile.json"), "%s", why.sentence);
        cr_assert_not_null(strstr(why.sentence, bad[i].place), "no '%s' in: %s", bad[i].place, why.sentence);
        cr_assert_not_null(strstr(why.sentence, bad[i].value), "no '%s' in: %s", bad[i].value, why.sentence);
    }
}

Test(profile, a_missing_file_is_named) {
    struct failure why = {0};
    cr_assert_eq(profile_load(&profile, directory, &why), RESULT_NOT_FOUND);
    cr_assert_not_null(strstr(why.sentence, "profile.json"), "%s", why.sentence);
}
