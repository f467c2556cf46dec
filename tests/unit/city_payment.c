/* city_payment.c - tests services/store/city_payment.c: the shipped files load, every mistake in one is
 * named, and cities without them. */
#include "store/city_payment.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static char directory[SCRATCH_PATH];
static struct payment_terms terms;

#define SOURCES                                                                                              \
    "\"sources\": {\"valid_from\": \"s\", \"due_day_of_month\": \"s\", \"due_month\": \"s\","                \
    " \"due_moves\": \"s\", \"close_from_day\": \"s\", \"penalty\": \"s\", \"penalty_permille\": \"s\","     \
    " \"penalty_months_max\": \"s\", \"penalty_max_rupiah\": \"s\"}}"
static const char payment[] =
    "{\"rows\": [{\"valid_from\": \"2018-09-17\", \"due_day_of_month\": 10, \"due_month\": 1,"
    " \"due_moves\": true, \"close_from_day\": 0, \"penalty\": false, \"penalty_permille\": 50,"
    " \"penalty_months_max\": 12, \"penalty_max_rupiah\": 30000000, " SOURCES ","
    "{\"valid_from\": \"2027-01-01\", \"due_day_of_month\": 28, \"due_month\": 0,"
    " \"due_moves\": false, \"close_from_day\": 21, \"penalty\": false, \"penalty_permille\": 20,"
    " \"penalty_months_max\": 6, \"penalty_max_rupiah\": 1000000, " SOURCES "]}";
static const char holidays[] =
    "{\"about\": [\"a\"], \"until\": \"2026-12-31\", \"years\": [{\"year\": 2025, \"source\": \"s\", "
    "\"days\":"
    " [{\"date\": \"2025-12-25\", \"name\": \"n\"},"
    " {\"date\": \"2025-12-26\", \"name\": \"n\", \"shared_leave\": true}]},"
    " {\"year\": 2026, \"source\": \"s\", \"days\": [{\"date\": \"2026-01-01\", \"name\": \"n\"}]}]}";

static void write_file(const char *name, const char *content) {
    char path[SCRATCH_PATH + 32];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(content, 1, strlen(content), file), strlen(content));
    cr_assert_eq(fclose(file), 0);
}

static void start(void) {
    scratch_make(directory);
}
static void stop(void) {
    scratch_remove(directory);
}
TestSuite(city_payment, .init = start, .fini = stop);

static day_t day(int year, int month, int day_of_month) {
    return calendar_day(year, month, day_of_month);
}
static month_t month(int year, int number) {
    return calendar_month(calendar_day(year, number, 1));
}

Test(city_payment, the_shipped_files_load) {
    struct failure why = {0};
    cr_assert_eq(payment_terms_load(&terms, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(terms.count, 1);
    /* SKB 3 Menteri 1017/2024 with 933/2025: 17 and 11 days; 1497/2025: 17 and 8. */
    cr_assert_eq(terms.holiday_count, 17 + 11 + 17 + 8);
    cr_assert_eq(terms.holidays_until, day(2026, 12, 31));
}

Test(city_payment, shipped_due_days) {
    struct failure why = {0};
    static const struct {
        int year, month, due_year, due_month, due_day;
        bool provisional;
    } expected[] = {
        {2024, 12, 2025, 1, 10, false},  {2025, 3, 2025, 4, 10, false}, {2025, 4, 2025, 5, 14, false},
        {2025, 7, 2025, 8, 11, false},   {2026, 2, 2026, 3, 10, false}, {2026, 4, 2026, 5, 11, false},
        {2026, 11, 2026, 12, 10, false}, {2026, 12, 2027, 1, 11, true},
    };
    /* 10 May 2025 was a Saturday; Monday the 12th was Waisak and the 13th shared leave. */
    cr_assert_eq(payment_terms_load(&terms, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        bool provisional;
        day_t due = payment_due(&terms, month(expected[i].year, expected[i].month), &provisional);
        cr_assert_eq(due, day(expected[i].due_year, expected[i].due_month, expected[i].due_day), "%d-%d",
                     expected[i].year, expected[i].month);
        cr_assert_eq(provisional, expected[i].provisional, "%d-%d", expected[i].year, expected[i].month);
    }
}

Test(city_payment, a_city_without_files_has_the_rule_of_the_decree) {
    struct failure why = {0};
    cr_assert_eq(payment_terms_load(&terms, directory, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(terms.count, 1);
    cr_assert_eq(terms.holiday_count, 0);
    bool provisional;
    cr_assert_eq(payment_due(&terms, month(2026, 11), &provisional), day(2026, 12, 10));
    cr_assert(provisional, "no holiday is known");
    cr_assert_eq(payment_due(&terms, month(2026, 12), NULL), day(2027, 1, 11), "week-ends are known");
    cr_assert_eq(terms.rows[0].close_from_day, 0);
}

Test(city_payment, rows_and_days_are_taken_as_they_stand) {
    struct failure why = {0};
    write_file("payment.json", payment);
    write_file("holidays.json", holidays);
    cr_assert_eq(payment_terms_load(&terms, directory, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(terms.count, 2);
    const struct payment_terms_row *row = &terms.rows[1];
    cr_assert(row->valid_from == day(2027, 1, 1) && row->due_day_of_month == 28 && row->due_month == 0);
    cr_assert(!row->due_moves && row->close_from_day == 21);
    cr_assert(terms.rows[0].due_moves && terms.rows[0].due_month == 1);
    cr_assert_eq(terms.holiday_count, 3);
    cr_assert_eq(terms.holidays[1], day(2025, 12, 26));
    cr_assert_eq(terms.holidays[2], day(2026, 1, 1));
}

struct mistake {
    const char *from, *to; /* the first `from` in the file is replaced */
    const char *code, *place;
};

static void check(const char *name, const char *whole, const struct mistake *mistake) {
    char text[8192];
    struct failure why = {0};
    const char *at = strstr(whole, mistake->from);
    cr_assert_not_null(at, "%s", mistake->from);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, mistake->to,
             at + strlen(mistake->from));
    write_file(name, text);
    cr_assert_neq(payment_terms_load(&terms, directory, &why), RESULT_OK, "%s", mistake->to);
    cr_assert_str_eq(why.code, mistake->code, "%s: %s", mistake->to, why.sentence);
    cr_assert_not_null(strstr(why.sentence, name), "%s", why.sentence);
    cr_assert_not_null(strstr(why.sentence, mistake->place), "no '%s' in: %s", mistake->place, why.sentence);
}

Test(city_payment, every_mistake_in_the_terms_is_named) {
    static const struct mistake mistakes[] = {
        {"\"rows\"", "\"row\"", "CITY_KEY_UNKNOWN", "row"},
        {"\"due_month\": 1", "\"due_months\": 1", "CITY_KEY_UNKNOWN", "rows[0].due_months"},
        {"\"due_month\": 1", "\"due_month\": 2", "CITY_VALUE_INVALID", "rows[0].due_month"},
        {"\"due_month\": 1", "\"due_month\": -1", "CITY_VALUE_INVALID", "rows[0].due_month"},
        {"\"due_day_of_month\": 10", "\"due_day_of_month\": 0", "CITY_VALUE_INVALID", "due_day_of_month"},
        {"\"due_day_of_month\": 10", "\"due_day_of_month\": 29", "CITY_VALUE_INVALID", "due_day_of_month"},
        {"\"close_from_day\": 0", "\"close_from_day\": 29", "CITY_VALUE_INVALID", "close_from_day"},
        {"\"due_moves\": true, ", "", "CITY_VALUE_MISSING", "rows[0].due_moves"},
        {"\"penalty\": false", "\"penalty\": 0", "CITY_VALUE_INVALID", "rows[0].penalty"},
        {"\"penalty\": false", "\"penalty\": true", "CITY_VALUE_INVALID", "BPJS alone knows"},
        {"\"penalty_permille\": 50", "\"penalty_permille\": 1001", "CITY_VALUE_INVALID", "penalty_permille"},
        {"2018-09-17", "2018-09-31", "CITY_VALUE_INVALID", "rows[0].valid_from"},
        {"2018-09-17", "2027-01-01", "CITY_VALUE_INVALID", "rows[1].valid_from"},
        {"\"due_month\": \"s\",", "", "CITY_VALUE_MISSING", "rows[0].sources.due_month"},
        {"\"due_month\": \"s\"", "\"due_month\": \"\"", "CITY_VALUE_INVALID", "rows[0].sources.due_month"},
        {"{\"rows\"", "[{\"rows\"", "CITY_FILE_INVALID", "line"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        check("payment.json", payment, &mistakes[i]);
    write_file("payment.json", "{\"rows\": []}");
    struct failure why = {0};
    cr_assert_eq(payment_terms_load(&terms, directory, &why), RESULT_INVALID);
}

Test(city_payment, every_mistake_in_the_holidays_is_named) {
    static const struct mistake mistakes[] = {
        {"\"until\": \"2026-12-31\", ", "", "CITY_VALUE_MISSING", "until"},
        {"\"until\"", "\"til\"", "CITY_KEY_UNKNOWN", "til"},
        {"\"year\": 2025", "\"year\": 2024", "CITY_VALUE_INVALID", "years[0].days[0].date"},
        {"\"year\": 2025", "\"year\": 1800", "CITY_VALUE_INVALID", "years[0].year"},
        {"\"source\": \"s\", ", "", "CITY_VALUE_MISSING", "years[0].source"},
        {"2025-12-26", "2025-12-25", "CITY_VALUE_INVALID", "years[0].days[1].date"},
        {"2025-12-26", "2025-12-24", "CITY_VALUE_INVALID", "in order"},
        {"2025-12-25", "2025-12-32", "CITY_VALUE_INVALID", "years[0].days[0].date"},
        {"\"name\": \"n\"", "\"name\": 1", "CITY_VALUE_INVALID", "years[0].days[0].name"},
        {"\"shared_leave\": true", "\"shared_leave\": \"yes\"", "CITY_VALUE_INVALID", "shared_leave"},
        {"\"shared_leave\"", "\"cuti\"", "CITY_KEY_UNKNOWN", "years[0].days[1].cuti"},
        {"\"year\": 2026", "\"year\": 2025", "CITY_VALUE_INVALID", "years[1].days[0].date"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        check("holidays.json", holidays, &mistakes[i]);
}
