/* calendar.c - tests services/domain/calendar.c against every day of its range and at its edges. */
#include "cakupan/calendar.h"

#include <criterion/criterion.h>
#include <string.h>

Test(calendar, known_days) {
    cr_assert_eq(calendar_day(1900, 1, 1), 1);
    cr_assert_eq(calendar_day(1970, 1, 1), 25568);
    cr_assert_eq(calendar_day(2079, 6, 5), 65535);
    cr_assert_eq(calendar_day(2079, 6, 6), DAY_NONE);
    cr_assert_eq(calendar_day(1899, 12, 31), DAY_NONE);
    cr_assert_eq(calendar_day(2080, 1, 1), DAY_NONE);
}

Test(calendar, every_day_follows_the_one_before_and_comes_back) {
    int last_year = 1899, last_month = 12, last_day = 31;
    for (unsigned day = 1; day <= UINT16_MAX; day++) {
        int year, month, day_of_month;
        calendar_civil((day_t)day, &year, &month, &day_of_month);
        cr_assert_eq(calendar_day(year, month, day_of_month), day);
        bool next_day = year == last_year && month == last_month && day_of_month == last_day + 1;
        bool next_month = year == last_year && month == last_month + 1 && day_of_month == 1 && last_day >= 28;
        bool next_year =
            year == last_year + 1 && month == 1 && day_of_month == 1 && last_month == 12 && last_day == 31;
        cr_assert(next_day || next_month || next_year, "%d-%d-%d after %d-%d-%d", year, month, day_of_month,
                  last_year, last_month, last_day);
        last_year = year, last_month = month, last_day = day_of_month;
    }
}

Test(calendar, leap_years) {
    cr_assert_eq(calendar_day(1900, 2, 29), DAY_NONE);
    cr_assert_neq(calendar_day(2000, 2, 29), DAY_NONE);
    cr_assert_neq(calendar_day(2024, 2, 29), DAY_NONE);
    cr_assert_eq(calendar_day(2025, 2, 29), DAY_NONE);
    cr_assert_eq(calendar_day(2000, 3, 1) - calendar_day(2000, 2, 28), 2);
    cr_assert_eq(calendar_day(1900, 3, 1) - calendar_day(1900, 2, 28), 1);
}

Test(calendar, impossible_dates) {
    int bad[][3] = {{2025, 2, 31}, {2025, 2, 30}, {2025, 4, 31}, {2025, 0, 1},  {2025, 13, 1},
                    {2025, 1, 0},  {2025, 1, 32}, {2025, 1, -1}, {2025, -1, 1}, {0, 0, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(calendar_day(bad[i][0], bad[i][1], bad[i][2]), DAY_NONE);
    cr_assert_eq(calendar_from_number(20250231), DAY_NONE);
    cr_assert_eq(calendar_from_number(0), DAY_NONE);
    cr_assert_eq(calendar_from_number(UINT32_MAX), DAY_NONE);
}

Test(calendar, numbers) {
    cr_assert_eq(calendar_to_number(calendar_from_number(20261122)), 20261122);
    cr_assert_eq(calendar_to_number(DAY_NONE), 0);
    cr_assert_eq(calendar_to_number(1), 19000101);
}

Test(calendar, text_has_one_form) {
    day_t day = DAY_NONE;
    cr_assert(calendar_parse("2026-11-22", 10, &day));
    cr_assert_eq(day, calendar_day(2026, 11, 22));
    char text[CALENDAR_TEXT];
    calendar_format(day, text);
    cr_assert_str_eq(text, "2026-11-22");
    calendar_format(DAY_NONE, text);
    cr_assert_str_eq(text, "-");
    const char *bad[] = {"",           "2026-1-22",  "22-11-2026",  "2026/11/22",
                         "2026-11-2x", "2026-02-31", " 2026-11-22", "2026-11-22 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        day = 9;
        cr_assert_not(calendar_parse(bad[i], strlen(bad[i]), &day), "'%s'", bad[i]);
        cr_assert_eq(day, 9, "the result of a failed parse is left alone");
    }
}

Test(calendar, months) {
    month_t month = MONTH_NONE;
    cr_assert(calendar_parse_month("2026-12", 7, &month));
    cr_assert_eq(month, calendar_month(calendar_day(2026, 12, 31)));
    cr_assert_eq(calendar_first_day(month), calendar_day(2026, 12, 1));
    char text[CALENDAR_TEXT];
    calendar_format_month(month, text);
    cr_assert_str_eq(text, "2026-12");
    cr_assert_eq(calendar_month(1), 1);
    cr_assert_eq(calendar_month(DAY_NONE), MONTH_NONE);
    cr_assert_eq(calendar_first_day(MONTH_NONE), DAY_NONE);
    cr_assert_eq(calendar_first_day(1), 1);
    cr_assert_eq(calendar_first_day(calendar_month(UINT16_MAX)), calendar_day(2079, 6, 1));
    cr_assert_eq(calendar_first_day((month_t)(calendar_month(UINT16_MAX) + 1)), DAY_NONE);
    cr_assert_not(calendar_parse_month("2026-13", 7, &month));
    cr_assert_not(calendar_parse_month("2026-00", 7, &month));
    cr_assert_not(calendar_parse_month("2079-07", 7, &month));
    cr_assert_not(calendar_parse_month("2026-1", 6, &month));
}

Test(calendar, months_are_added_to_the_last_day_there_is) {
    day_t january_31 = calendar_day(2025, 1, 31);
    cr_assert_eq(calendar_add_months(january_31, 1), calendar_day(2025, 2, 28));
    cr_assert_eq(calendar_add_months(january_31, 37), calendar_day(2028, 2, 29));
    cr_assert_eq(calendar_add_months(january_31, 3), calendar_day(2025, 4, 30));
    cr_assert_eq(calendar_add_months(january_31, -1), calendar_day(2024, 12, 31));
    cr_assert_eq(calendar_add_months(january_31, 0), january_31);
    cr_assert_eq(calendar_add_months(january_31, 12), calendar_day(2026, 1, 31));
    cr_assert_eq(calendar_add_months(1, -1), DAY_NONE);
    cr_assert_eq(calendar_add_months(UINT16_MAX, 1), DAY_NONE);
    cr_assert_eq(calendar_add_months(calendar_day(2079, 5, 31), 1), DAY_NONE,
                 "30 June 2079 is past the range");
    cr_assert_eq(calendar_add_months(DAY_NONE, 1), DAY_NONE);
    cr_assert_eq(calendar_add_months(january_31, INT32_MAX), DAY_NONE);
    cr_assert_eq(calendar_add_months(january_31, INT32_MIN), DAY_NONE);
}

Test(calendar, a_business_day_begins_at_midnight_in_jakarta) {
    day_t day = calendar_day(2026, 11, 22);
    int64_t midnight_ms = calendar_time_of_day(day);
    cr_assert_eq(midnight_ms, INT64_C(1795280400000), "2026-11-21T17:00:00Z");
    cr_assert_eq(calendar_day_of_time(midnight_ms), day);
    cr_assert_eq(calendar_day_of_time(midnight_ms - 1), day - 1);
    cr_assert_eq(calendar_day_of_time(midnight_ms + 86399999), day);
    cr_assert_eq(calendar_day_of_time(midnight_ms + 86400000), day + 1);
    cr_assert_eq(calendar_day_of_time(0), calendar_day(1970, 1, 1));
    cr_assert_eq(calendar_day_of_time(-INT64_C(7) * 3600 * 1000 - 1), calendar_day(1969, 12, 31));
}

Test(calendar, times_outside_the_range_have_no_day) {
    cr_assert_eq(calendar_day_of_time(calendar_time_of_day(1)), 1);
    cr_assert_eq(calendar_day_of_time(calendar_time_of_day(1) - 1), DAY_NONE);
    cr_assert_eq(calendar_day_of_time(calendar_time_of_day(UINT16_MAX) + 86399999), UINT16_MAX);
    cr_assert_eq(calendar_day_of_time(calendar_time_of_day(UINT16_MAX) + 86400000), DAY_NONE);
    cr_assert_eq(calendar_day_of_time(INT64_MAX), DAY_NONE);
    cr_assert_eq(calendar_day_of_time(INT64_MIN), DAY_NONE);
}
