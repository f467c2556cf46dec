/* city.c - tests services/store/city*.c: the shipped city loads, and every mistake in a file is named. */
#include "store/city.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char population[] = "{\"city_code\": 3671, \"city_name\": \"Kota\", \"population\": 30,"
                                 " \"as_of\": \"2025-09-25\", \"source\": \"census\"}";
static const char regions[] = "# a comment\n"
                              "code,name,kecamatan_code,kecamatan_name,population\n"
                              "3671011001,Sukarasa,367101,Tangerang,10\r\n"
                              "\n"
                              "3671021001,Keroncong,367102,Jatiuwung,20";
static const char sources[] =
    "\"sources\": {\"valid_from\": \"s\", \"layoff_city_pays_from\": \"s\","
    " \"grace_months\": \"s\", \"activation\": \"s\", \"cut_off_day\": \"s\","
    " \"proof_required\": \"s\", \"newborn_days\": \"s\", \"newborn_nik_months\": \"s\","
    " \"uhc_registered_over_percent\": \"s\", \"uhc_active_over_percent\": \"s\"}";
static const char settings[] =
    "\"layoff_city_pays_from\": \"after_grace\", \"grace_months\": 6,"
    " \"activation\": \"next_month\", \"cut_off_day\": 19, \"proof_required\": true,"
    " \"newborn_days\": 28, \"newborn_nik_months\": 3,"
    " \"uhc_registered_over_percent\": 98.5, \"uhc_active_over_percent\": 80,";

static char directory[64];
static char policy[4096];

static void write_file(const char *name, const char *content, size_t size) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(content, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

static void start(void) {
    strcpy(directory, P_tmpdir "/cakupan_city_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(policy, sizeof policy,
             "{\"rows\": [{\"valid_from\": \"2018-09-17\", %s %s}, {\"valid_from\": \"2024-05-29\", %s %s}]}",
             settings, sources, settings, sources);
    write_file("population.json", population, strlen(population));
    write_file("regions.csv", regions, strlen(regions));
    write_file("policy.json", policy, strlen(policy));
}

static void stop(void) {
    const char *names[] = {"population.json", "regions.csv", "policy.json"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

TestSuite(city, .init = start, .fini = stop);

static struct city city;

/* deploy/tangerang, found from where this file was compiled. */
static const char *shipped(void) {
    static char path[1024];
    const char *end = strstr(__FILE__, "tests/unit/");
    cr_assert_not_null(end);
    snprintf(path, sizeof path, "%.*sdeploy/tangerang", (int)(end - __FILE__), __FILE__);
    return path;
}

/* Loads and demands a failure of that code whose sentence holds all three texts. */
static void assert_fails(const char *code, const char *file, const char *place, const char *value) {
    struct failure why = {0};
    cr_assert_neq(city_load(&city, directory, &why), RESULT_OK, "%s %s %s", file, place, value);
    cr_assert_str_eq(why.code, code, "%s: %s", why.code, why.sentence);
    cr_assert_not_null(strstr(why.sentence, file), "%s", why.sentence);
    cr_assert_not_null(strstr(why.sentence, place), "no '%s' in: %s", place, why.sentence);
    cr_assert_not_null(strstr(why.sentence, value), "no '%s' in: %s", value, why.sentence);
}

/* Writes the good file with its first `from` replaced by `to`. */
static void write_changed(const char *name, const char *good, const char *from, const char *to) {
    const char *at = strstr(good, from);
    cr_assert_not_null(at, "'%s' is not in the good %s", from, name);
    char changed[8192];
    int size = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    cr_assert(size > 0 && size < (int)sizeof changed);
    write_file(name, changed, (size_t)size);
}

Test(city, the_shipped_city_loads_and_sums) {
    struct failure why = {0};
    cr_assert_eq(city_load(&city, shipped(), &why), RESULT_OK, "%s", why.sentence);
    const struct region_table *table = &city.regions;
    cr_assert_eq(table->kelurahan_count, 104);
    cr_assert_eq(table->kecamatan_count, 13);
    cr_assert_eq(table->population, 1957349);
    cr_assert_eq(table->population_as_of, 20250925);
    cr_assert_neq(region_index(table, 3671131008), REGION_NOWHERE);
    uint32_t sum = 0;
    for (unsigned i = 0; i < table->kelurahan_count; i++) {
        cr_assert_gt(table->kelurahan[i].population, 0);
        sum += table->kelurahan[i].population;
    }
    cr_assert_eq(sum, 1957349);
    const struct policy_row *row = policy_at(&city.policy, calendar_day(2025, 9, 25));
    cr_assert_eq(row->layoff_payer, LAYOFF_CITY_FROM_NEXT_MONTH);
    cr_assert_eq(row->activation, ACTIVATION_SAME_DAY);
    cr_assert_eq(row->grace_months, 6);
    cr_assert_eq(row->uhc_registered_permille, 980);
    cr_assert_eq(row->uhc_active_permille, 800);
    cr_assert_eq(policy_at(&city.policy, calendar_day(2023, 1, 1))->layoff_payer, LAYOFF_CITY_AFTER_GRACE);
}

Test(city, the_source_is_told_in_both_languages) {
    struct failure why = {0};
    cr_assert_eq(city_load(&city, directory, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_str_eq(city.regions.population_source_indonesian, "census", "where there is no other");
    write_changed("population.json", population, "\"census\"",
                  "\"census\", \"source_indonesian\": \"sensus\"");
    cr_assert_eq(city_load(&city, directory, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_str_eq(city.regions.population_source, "census");
    cr_assert_str_eq(city.regions.population_source_indonesian, "sensus");
}

Test(city, good_files_load_with_comments_blank_lines_and_either_line_end) {
    struct failure why = {0};
    cr_assert_eq(city_load(&city, directory, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(city.regions.kelurahan_count, 2);
    cr_assert_eq(city.regions.kelurahan[0].population, 10);
    cr_assert_eq(city.regions.kecamatan[1].population, 20);
    cr_assert_eq(city.policy.count, 2);
    cr_assert_eq(city.policy.rows[0].uhc_registered_permille, 985);
    cr_assert(city.policy.rows[0].proof_required);
}

Test(city, a_missing_file_is_named) {
    stop();
    assert_fails("CITY_FILE_UNREADABLE", "population.json", "opened", "No such file");
}

Test(city, lines_of_regions) {
    struct {
        const char *from, *to, *place, *value;
    } bad[] = {
        {"code,name", "kode,name", "line 2", "header"},
        {"3671011001,", "3672011001,", "line 3", "3672011001"},
        {"3671011001,", "36710110010,", "line 3", "36710110010"},
        {"3671011001,", "-671011001,", "line 3", "-671011001"},
        {"3671011001,", "99999999999999999999,", "line 3", "99999999999999999999"},
        {"Sukarasa,", ",", "line 3", "names"},
        {",367101,", ",367102,", "line 3", "367102"},
        {",10\r", ",ten\r", "line 3", "ten"},
        {",10\r", ",-10\r", "line 3", "-10"},
        {",10\r", ",\r", "line 3", "population"},
        {",10\r", "\r", "line 3", "five columns"},
        {",10\r", ",10,10\r", "line 3", "five columns"},
        {"Sukarasa", "\"Suka,rasa\"", "line 3", "quotes"},
        {"3671021001,Keroncong,367102,Jatiuwung", "3671011001,Again,367101,Tangerang", "line 5",
         "3671011001"},
        {"3671021001,Keroncong,367102,Jatiuwung", "3671011002,B,367101,Other", "line 5", "Other"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_changed("regions.csv", regions, bad[i].from, bad[i].to);
        assert_fails("CITY_LINE_INVALID", "regions.csv", bad[i].place, bad[i].value);
    }
}

Test(city, a_line_too_long_or_with_a_nul_is_refused) {
    char long_line[1024];
    memset(long_line, 'x', sizeof long_line);
    write_file("regions.csv", long_line, sizeof long_line);
    assert_fails("CITY_LINE_INVALID", "regions.csv", "line 1", "510 bytes");
    char with_nul[] = "code\0\ncode";
    write_file("regions.csv", with_nul, sizeof with_nul - 1);
    assert_fails("CITY_LINE_INVALID", "regions.csv", "line 1", "code");
}

Test(city, populations_must_sum) {
    write_changed("regions.csv", regions, ",10\r", ",11\r");
    assert_fails("CITY_POPULATION_DIFFERS", "regions.csv", "31 people", "says 30");
    write_file("regions.csv", "", 0);
    assert_fails("CITY_POPULATION_DIFFERS", "regions.csv", "0 kelurahan", "30");
}

Test(city, fields_of_population) {
    struct {
        const char *from, *to, *code, *value;
    } bad[] = {
        {"3671", "\"3671\"", "CITY_VALUE_INVALID", "\"3671\""},
        {"3671", "9471", "CITY_VALUE_INVALID", "9471"},
        {"30", "0", "CITY_VALUE_INVALID", "0 is not"},
        {"30", "30.5", "CITY_VALUE_INVALID", "30.5"},
        {"2025-09-25", "2025-02-31", "CITY_VALUE_INVALID", "2025-02-31"},
        {"\"source\"", "\"sauce\"", "CITY_KEY_UNKNOWN", "sauce"},
        {"\"city_name\": \"Kota\", ", "", "CITY_VALUE_MISSING", "city_name"},
        {"\"Kota\"", "\"\"", "CITY_VALUE_INVALID", "city_name"},
        {"\"Kota\"", "\"012345678901234567890123456789012345678901234567\"", "CITY_VALUE_INVALID", "47"},
        {"30,", "30, \"population\": 31,", "CITY_FILE_INVALID", "duplicate"},
        {"30,", "30", "CITY_FILE_INVALID", "line 1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_changed("population.json", population, bad[i].from, bad[i].to);
        assert_fails(bad[i].code, "population.json", "", bad[i].value);
    }
    write_file("population.json", "[1]", 3);
    assert_fails("CITY_FILE_INVALID", "population.json", "", "object");
    write_file("population.json", "", 0);
    assert_fails("CITY_FILE_INVALID", "population.json", "line 1", "");
}

Test(city, fields_of_policy) {
    struct {
        const char *from, *to, *code, *place, *value;
    } bad[] = {
        {"\"grace_months\": 6", "\"grace_months\": 7", "CITY_VALUE_INVALID", "rows[0].grace_months", "7"},
        {"\"grace_months\": 6", "\"grace_months\": -1", "CITY_VALUE_INVALID", "rows[0].grace_months", "-1"},
        {"\"grace_months\": 6,", "", "CITY_VALUE_MISSING", "rows[0].grace_months", "0 to 6"},
        {"\"cut_off_day\": 19", "\"cut_off_day\": 29", "CITY_VALUE_INVALID", "rows[0].cut_off_day", "29"},
        {"after_grace", "sometimes", "CITY_VALUE_INVALID", "layoff_city_pays_from", "sometimes"},
        {"\"proof_required\": true", "\"proof_required\": 1", "CITY_VALUE_INVALID", "proof_required", "1"},
        {"98.5", "98.55", "CITY_VALUE_INVALID", "uhc_registered_over_percent", "98.55"},
        {"98.5", "100.1", "CITY_VALUE_INVALID", "uhc_registered_over_percent", "100.1"},
        {"98.5", "1e300", "CITY_VALUE_INVALID", "uhc_registered_over_percent", "1"},
        {"2018-09-17", "2024-05-29", "CITY_VALUE_INVALID", "rows[1].valid_from", "2024-05-29"},
        {"\"sources\": {\"valid_from\": \"s\",", "\"sources\": {", "CITY_VALUE_MISSING", "rows[0].sources",
         "valid_from"},
        {"\"activation\": \"n", "\"activate\": \"n", "CITY_KEY_UNKNOWN", "rows[0].activate",
         "correct its name"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_changed("policy.json", policy, bad[i].from, bad[i].to);
        assert_fails(bad[i].code, "policy.json", bad[i].place, bad[i].value);
    }
    write_file("policy.json", "{\"rows\": []}", 12);
    assert_fails("CITY_VALUE_INVALID", "policy.json", "rows", "1 to 32");
    write_file("policy.json", "{\"rows\": [1]}", 13);
    assert_fails("CITY_VALUE_MISSING", "policy.json", "rows[0]", "valid_from");
}

Test(city, a_directory_with_too_long_a_path_is_refused) {
    char path[1024];
    memset(path, 'd', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    struct failure why = {0};
    cr_assert_eq(city_load(&city, path, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CITY_PATH_TOO_LONG");
}
