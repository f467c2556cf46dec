/* city_tariff.c - tests services/store/city_tariff.c: the shipped tariff loads, and every mistake in a file
 * is named. */
#include "store/city_tariff.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64], path[96], text[8192];
static struct tariff tariff;

static const char whole[] =
    "{\"about\": [\"a\"], \"per_person\": ["
    "{\"segment\": \"PBI_JK\", \"care_class\": 3, \"valid_from\": null, \"valid_to\": \"2019-07-31\","
    " \"total_rupiah\": 23000, \"payers\": [{\"payer\": \"centre\", \"amount_rupiah\": 23000,"
    " \"budget_line\": \"APBN\"}], \"source\": \"press\", \"verified\": false, \"note\": \"n\"},"
    "{\"segment\": \"PBI_JK\", \"care_class\": 3, \"valid_from\": \"2019-08-01\", \"valid_to\": null,"
    " \"total_rupiah\": 37800, \"payers\": [{\"payer\": \"city\", \"amount_rupiah\": 35000,"
    " \"budget_line\": \"iuran\"}, {\"payer\": \"local_government\", \"amount_rupiah\": 2800,"
    " \"budget_line\": \"bantuan iuran\"}], \"source\": \"s\", \"verified\": true}],"
    " \"per_wage\": [{\"segments\": [\"PPU_PN\", \"PPU_BU\"], \"valid_from\": \"2020-01-01\", \"valid_to\": "
    "null,"
    " \"employer_permille\": 40, \"worker_permille\": 10, \"wage_cap_rupiah\": 12000000,"
    " \"wage_floor\": \"minimum_wages\", \"extra_family_member_permille\": 10,"
    " \"extra_family_member_payer\": \"member\", \"source\": \"s\", \"verified\": true}],"
    " \"minimum_wages\": [{\"valid_from\": \"2025-01-01\", \"valid_to\": \"2025-12-31\","
    " \"amount_rupiah\": \"5069708.36\", \"source\": \"s\", \"verified\": true},"
    " {\"valid_from\": \"2026-01-01\", \"valid_to\": null, \"amount_rupiah\": \"5399405.69\","
    " \"source\": \"s\", \"verified\": true}]}";

static void write_text(const char *content) {
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(content, 1, strlen(content), file), strlen(content));
    cr_assert_eq(fclose(file), 0);
}

static void start(void) {
    strcpy(directory, "/tmp/cakupan_tariff_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/tariff.json", directory);
    write_text(whole);
}

static void stop(void) {
    unlink(path);
    rmdir(directory);
}

TestSuite(city_tariff, .init = start, .fini = stop);

Test(city_tariff, the_shipped_file_loads) {
    struct failure why = {0};
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_geq(tariff.count, 34); /* 31 rows per person, and two segments of wages by two minimum wages */
}

Test(city_tariff, rows_are_taken_as_they_stand) {
    struct failure why = {0};
    cr_assert_eq(tariff_load(&tariff, directory, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(tariff.count, 6);
    cr_assert_eq(tariff.rows[0].valid_from, DAY_NONE);
    cr_assert_eq(tariff.rows[0].valid_to, calendar_day(2019, 7, 31));
    cr_assert_eq(tariff.rows[1].share[PAYER_CITY_IURAN], 35000);
    cr_assert_eq(tariff.rows[1].share[PAYER_CITY_BANTUAN], 2800);
    const struct tariff_row *wage = &tariff.rows[2];
    cr_assert(wage->per_mille && wage->segment == SEGMENT_PPU_PN && wage->care_class == 0);
    cr_assert(wage->valid_from == calendar_day(2025, 1, 1) && wage->valid_to == calendar_day(2025, 12, 31));
    cr_assert_eq(wage->wage_floor_rupiah, 5069708); /* .36 is rounded down, .69 up */
    cr_assert_eq(tariff.rows[3].wage_floor_rupiah, 5399406);
    cr_assert_eq(tariff.rows[3].valid_to, DAY_NONE);
    cr_assert_eq(tariff.rows[5].segment, SEGMENT_PPU_BU);
}

struct mistake {
    const char *from, *to; /* the first `from` in the file is replaced */
    const char *code, *place;
};

static void check(const struct mistake *mistake) {
    const char *at = strstr(whole, mistake->from);
    cr_assert_not_null(at, "%s", mistake->from);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, mistake->to,
             at + strlen(mistake->from));
    write_text(text);
    struct failure why = {0};
    cr_assert_neq(tariff_load(&tariff, directory, &why), RESULT_OK, "%s", mistake->to);
    cr_assert_str_eq(why.code, mistake->code, "%s: %s", mistake->to, why.sentence);
    cr_assert_not_null(strstr(why.sentence, "tariff.json"), "%s", why.sentence);
    cr_assert_not_null(strstr(why.sentence, mistake->place), "no '%s' in: %s", mistake->place, why.sentence);
}

Test(city_tariff, every_mistake_is_named) {
    static const struct mistake mistakes[] = {
        {"\"about\"", "\"abuot\"", "CITY_KEY_UNKNOWN", "abuot"},
        {"\"PBI_JK\"", "\"PBI\"", "CITY_VALUE_INVALID", "per_person[0].segment"},
        {"\"PBI_JK\"", "7", "CITY_VALUE_INVALID", "per_person[0].segment"},
        {"\"care_class\": 3", "\"care_class\": 4", "CITY_VALUE_INVALID", "per_person[0].care_class"},
        {"\"valid_from\": null", "\"valid_from\": \"2019-08-01\"", "CITY_VALUE_INVALID",
         "per_person[0].valid_to"},
        {"\"valid_to\": \"2019-07-31\"", "\"valid_to\": \"2019-02-30\"", "CITY_VALUE_INVALID", "valid_to"},
        {"\"valid_to\": \"2019-07-31\"", "\"valid_to\": \"2019-08-01\"", "CITY_VALUE_INVALID",
         "per_person[1]"},
        {"\"valid_to\": \"2019-07-31\",", "", "CITY_VALUE_MISSING", "per_person[0].valid_to"},
        {"\"total_rupiah\": 23000", "\"total_rupiah\": 23001", "CITY_VALUE_INVALID",
         "per_person[0].total_rupiah"},
        {"\"total_rupiah\": 23000", "\"total_rupiah\": -1", "CITY_VALUE_INVALID",
         "per_person[0].total_rupiah"},
        {"\"amount_rupiah\": 23000", "\"amount_rupiah\": 23000.5", "CITY_VALUE_INVALID", "amount_rupiah"},
        {"\"payer\": \"centre\"", "\"payer\": \"center\"", "CITY_VALUE_INVALID", "per_person[0].payers"},
        {"\"budget_line\": \"APBN\"", "\"budget_line\": null", "CITY_VALUE_INVALID", "per_person[0].payers"},
        {"\"bantuan iuran\"", "\"iuran\"", "CITY_VALUE_INVALID", "per_person[1].payers"},
        {"{\"payer\": \"centre\"", "{\"share\": 1, \"payer\": \"centre\"", "CITY_KEY_UNKNOWN", "share"},
        {"\"verified\": false", "\"verified\": \"no\"", "CITY_VALUE_INVALID", "per_person[0].verified"},
        {"\"source\": \"press\", ", "", "CITY_VALUE_MISSING", "per_person[0].source"},
        {"\"note\": \"n\"", "\"note\": 1", "CITY_VALUE_INVALID", "per_person[0].note"},
        {"[\"PPU_PN\", \"PPU_BU\"]", "[\"PPU\"]", "CITY_VALUE_INVALID", "per_wage[0].segments"},
        {"[\"PPU_PN\", \"PPU_BU\"]", "[\"PPU_BU\", \"PPU_BU\"]", "CITY_VALUE_INVALID", "per_wage[0]"},
        {"\"employer_permille\": 40", "\"employer_permille\": 1001", "CITY_VALUE_INVALID",
         "employer_permille"},
        {"\"wage_cap_rupiah\": 12000000", "\"wage_cap_rupiah\": 5000000", "CITY_VALUE_INVALID",
         "wage_cap_rupiah"},
        {"\"minimum_wages\", \"extra", "\"none\", \"extra", "CITY_VALUE_INVALID", "per_wage[0].wage_floor"},
        {"\"5069708.36\"", "\"5069708.3\"", "CITY_VALUE_INVALID", "minimum_wages[0].amount_rupiah"},
        {"\"5069708.36\"", "\"-1\"", "CITY_VALUE_INVALID", "minimum_wages[0].amount_rupiah"},
        {"\"5069708.36\"", "\"9999999999\"", "CITY_VALUE_INVALID", "minimum_wages[0].amount_rupiah"},
        {"\"2025-12-31\"", "\"2026-01-01\"", "CITY_VALUE_INVALID", "per_wage[0]"},
        {"{\"about\"", "{", "CITY_FILE_INVALID", "line 1"},
        {"\"minimum_wages\": [{", "\"minimum_wages\": [1, {", "CITY_VALUE_INVALID", "minimum_wages[0]"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        check(&mistakes[i]);
}

Test(city_tariff, a_file_that_is_not_there) {
    struct failure why = {0};
    unlink(path);
    cr_assert_eq(tariff_load(&tariff, directory, &why), RESULT_NOT_FOUND);
    cr_assert_str_eq(why.code, "CITY_FILE_UNREADABLE");
}

Test(city_tariff, more_rows_than_there_is_room_for) {
    size_t size = (size_t)snprintf(text, sizeof text, "{\"about\": 1, \"minimum_wages\": [");
    for (int i = 0; i < 25; i++) /* by four segments: 100 rows */
        size += (size_t)snprintf(
            text + size, sizeof text - size,
            "%s{\"valid_from\": \"%d-01-01\", \"valid_to\": \"%d-12-31\", \"amount_rupiah\": "
            "\"1\", \"source\": \"s\", \"verified\": true}",
            i ? "," : "", 2020 + i, 2020 + i);
    const char *segments = "[\"PPU_PN\", \"PPU_BU\", \"BP\", \"PBPU\"]";
    const char *wage = strstr(whole, "\"valid_from\": \"2020-01-01\"");
    const char *end = strstr(wage, "}]");
    const char *person = strstr(whole, "{\"segment\"");
    snprintf(text + size, sizeof text - size,
             "], \"per_person\": [%.*s}], \"per_wage\": [{\"segments\": %s, %.*s}]}",
             (int)(strstr(person, "},{") - person), person, segments, (int)(end - wage), wage);
    write_text(text);
    struct failure why = {0};
    cr_assert_eq(tariff_load(&tariff, directory, &why), RESULT_FULL, "%s", why.sentence);
    cr_assert_str_eq(why.code, "CITY_TARIFF_FULL");
}
