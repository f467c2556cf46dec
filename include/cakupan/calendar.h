/* calendar.h - days and months as small integers.
 *
 * A business day is a calendar day in Asia/Jakarta (UTC+7, no daylight saving since 1964). Pure: no clock is
 * read here; whoever owns a clock passes its milliseconds in. All functions are thread-safe.
 */
#ifndef CAKUPAN_CALENDAR_H
#define CAKUPAN_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Days since 1899-12-31: 1 is 1900-01-01, 65535 is 2079-06-05, 0 is "no day". */
typedef uint16_t day_t;
/* Months since December 1899: 1 is January 1900; 0 is "no month". */
typedef uint16_t month_t;

#define DAY_NONE      ((day_t)0)
#define MONTH_NONE    ((month_t)0)
#define CALENDAR_TEXT 11 /* "2026-11-22" and its NUL */

/* The day of a civil date, DAY_NONE where there is no such date or it is outside 1900-01-01..2079-06-05. */
day_t calendar_day(int year, int month, int day_of_month);
void calendar_civil(day_t day, int *year, int *month, int *day_of_month);
/* YYYYMMDD as a number, as dates travel on the wire; 0 <-> DAY_NONE. An impossible date gives DAY_NONE. */
day_t calendar_from_number(uint32_t yyyymmdd);
uint32_t calendar_to_number(day_t day);
/* "2026-11-22" (exactly that form). False where it is anything else. */
bool calendar_parse(const char *text, size_t size, day_t *out);
void calendar_format(day_t day, char out[CALENDAR_TEXT]);
/* "2026-12". */
bool calendar_parse_month(const char *text, size_t size, month_t *out);
void calendar_format_month(month_t month, char out[CALENDAR_TEXT]);

month_t calendar_month(day_t day);
day_t calendar_first_day(month_t month);
/* The same day `months` later, or the last day of that month where it has no such day. DAY_NONE past the
 * range. */
day_t calendar_add_months(day_t day, int months);
/* The business day in Asia/Jakarta of a Unix time in milliseconds. DAY_NONE outside the range. */
day_t calendar_day_of_time(int64_t unix_ms);
/* Midnight in Asia/Jakarta at which `day` begins, Unix milliseconds. */
int64_t calendar_time_of_day(day_t day);

#endif
