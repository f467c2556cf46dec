/* calendar.c - civil dates, months and Jakarta's business days as small integers (calendar.h).
 *
 * The conversion between a date and a day number counts from 1 March, so that the leap day is the last of
 * its year (Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
 */
#include "cakupan/calendar.h"

#include <stdio.h>

#define UNIX_EPOCH_DAY    25568  /* 1970-01-01 as a day_t */
#define MARCH_0000_DAY    693900 /* days from 0000-03-01 to 1899-12-31 */
#define DAY_LAST          65535
#define DAY_MS            INT64_C(86400000)
#define JAKARTA_OFFSET_MS (INT64_C(7) * 3600 * 1000)
#define YEAR_FIRST        1900
#define YEAR_LAST         2079
#define MONTH_LAST        ((YEAR_LAST - YEAR_FIRST) * 12 + 6) /* June 2079 begins before the last day */

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

day_t calendar_day(int year, int month, int day_of_month) {
    if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12)
        return DAY_NONE;
    if (day_of_month < 1 || day_of_month > days_in_month(year, month))
        return DAY_NONE;
    int march_year = month > 2 ? year : year - 1;
    int era = march_year / 400;
    int year_of_era = march_year % 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day_of_month - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    int day = era * 146097 + day_of_era - MARCH_0000_DAY;
    return day > DAY_LAST ? DAY_NONE : (day_t)day;
}

void calendar_civil(day_t day, int *year, int *month, int *day_of_month) {
    if (day == DAY_NONE) {
        *year = *month = *day_of_month = 0;
        return;
    }
    int days = day + MARCH_0000_DAY;
    int era = days / 146097;
    int day_of_era = days % 146097;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int march_month = (5 * day_of_year + 2) / 153;
    *day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = era * 400 + year_of_era + (*month <= 2);
}

day_t calendar_from_number(uint32_t yyyymmdd) {
    return calendar_day((int)(yyyymmdd / 10000), (int)(yyyymmdd / 100 % 100), (int)(yyyymmdd % 100));
}

uint32_t calendar_to_number(day_t day) {
    int year, month, day_of_month;
    calendar_civil(day, &year, &month, &day_of_month);
    return (uint32_t)(year * 10000 + month * 100 + day_of_month);
}

/* Reads digits and dashes exactly as `form` has them ('d' stands for a digit); the digits become one
 * number. */
static bool parse_form(const char *text, size_t size, const char *form, uint32_t *number) {
    *number = 0;
    for (size_t i = 0; i < size; i++) {
        if (form[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
        if (form[i] == 'd')
            *number = *number * 10 + (uint32_t)(text[i] - '0');
    }
    return true;
}

bool calendar_parse(const char *text, size_t size, day_t *out) {
    uint32_t number;
    if (size != 10 || !parse_form(text, size, "dddd-dd-dd", &number))
        return false;
    day_t day = calendar_from_number(number);
    if (day == DAY_NONE)
        return false;
    *out = day;
    return true;
}

void calendar_format(day_t day, char out[CALENDAR_TEXT]) {
    if (day == DAY_NONE) {
        snprintf(out, CALENDAR_TEXT, "-");
        return;
    }
    uint32_t number = calendar_to_number(day);
    snprintf(out, CALENDAR_TEXT, "%04u-%02u-%02u", number / 10000 % 10000, number / 100 % 100, number % 100);
}

bool calendar_parse_month(const char *text, size_t size, month_t *out) {
    uint32_t number;
    if (size != 7 || !parse_form(text, size, "dddd-dd", &number))
        return false;
    day_t first = calendar_from_number(number * 100 + 1);
    if (first == DAY_NONE)
        return false;
    *out = calendar_month(first);
    return true;
}

void calendar_format_month(month_t month, char out[CALENDAR_TEXT]) {
    if (month == MONTH_NONE) {
        snprintf(out, CALENDAR_TEXT, "-");
        return;
    }
    unsigned index = month - 1u;
    snprintf(out, CALENDAR_TEXT, "%04u-%02u", YEAR_FIRST + index / 12, index % 12 + 1);
}

month_t calendar_month(day_t day) {
    if (day == DAY_NONE)
        return MONTH_NONE;
    int year, month, day_of_month;
    calendar_civil(day, &year, &month, &day_of_month);
    return (month_t)((year - YEAR_FIRST) * 12 + month);
}

day_t calendar_first_day(month_t month) {
    if (month == MONTH_NONE || month > MONTH_LAST)
        return DAY_NONE;
    return calendar_day(YEAR_FIRST + (month - 1) / 12, (month - 1) % 12 + 1, 1);
}

day_t calendar_add_months(day_t day, int months) {
    if (day == DAY_NONE || months < -MONTH_LAST || months > MONTH_LAST)
        return DAY_NONE;
    int year, month, day_of_month;
    calendar_civil(day, &year, &month, &day_of_month);
    int index = (year - YEAR_FIRST) * 12 + month - 1 + months;
    if (index < 0 || index >= MONTH_LAST)
        return DAY_NONE;
    year = YEAR_FIRST + index / 12;
    month = index % 12 + 1;
    int last = days_in_month(year, month);
    return calendar_day(year, month, day_of_month < last ? day_of_month : last);
}

day_t calendar_day_of_time(int64_t unix_ms) {
    /* Compared before anything is added, so that no time overflows. */
    if (unix_ms < calendar_time_of_day(1) || unix_ms >= calendar_time_of_day(DAY_LAST) + DAY_MS)
        return DAY_NONE;
    int64_t since_first_ms = unix_ms - calendar_time_of_day(1);
    return (day_t)(1 + since_first_ms / DAY_MS);
}

int64_t calendar_time_of_day(day_t day) {
    return ((int64_t)day - UNIX_EPOCH_DAY) * DAY_MS - JAKARTA_OFFSET_MS;
}
