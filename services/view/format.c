/* format.c - numbers, shares, durations and instants as people read them (format.h). */
#include "format.h"

#include "cakupan/calendar.h"

#include <inttypes.h>
#include <stdio.h>

const char *format_count(uint64_t number, char out[FORMAT_TEXT]) {
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    char *at = out;
    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

const char *format_things(uint64_t number, const char *thing, char out[FORMAT_THINGS]) {
    char count[FORMAT_TEXT];
    snprintf(out, FORMAT_THINGS, "%s %.8s%s", format_count(number, count), thing, number == 1 ? "" : "s");
    return out;
}

const char *format_change(int64_t number, char out[FORMAT_TEXT]) {
    char magnitude[FORMAT_TEXT];
    format_count(number < 0 ? -(uint64_t)number : (uint64_t)number, magnitude);
    snprintf(out, FORMAT_TEXT, "%s%.30s", number < 0 ? "-" : number > 0 ? "+" : "", magnitude);
    return out;
}

const char *format_hundredths(uint64_t hundredths, char out[FORMAT_TEXT]) {
    snprintf(out, FORMAT_TEXT, "%" PRIu64 ".%02" PRIu64 "%%", hundredths / 100, hundredths % 100);
    return out;
}

const char *format_bytes(uint64_t bytes, char out[FORMAT_TEXT]) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1024;
        unit++;
    }
    snprintf(out, FORMAT_TEXT, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return out;
}

const char *format_duration(int64_t duration_ms, char out[FORMAT_TEXT]) {
    int64_t seconds = duration_ms / 1000;
    if (seconds < 60)
        snprintf(out, FORMAT_TEXT, "%" PRId64 ".%" PRId64 " s", seconds, duration_ms % 1000 / 100);
    else if (seconds < 3600)
        snprintf(out, FORMAT_TEXT, "%" PRId64 " min %02" PRId64 " s", seconds / 60, seconds % 60);
    else if (seconds < 86400)
        snprintf(out, FORMAT_TEXT, "%" PRId64 " h %02" PRId64 " min", seconds / 3600, seconds / 60 % 60);
    else
        snprintf(out, FORMAT_TEXT, "%" PRId64 " d %02" PRId64 " h", seconds / 86400, seconds / 3600 % 24);
    return out;
}

const char *format_microseconds(int64_t duration_us, char out[FORMAT_TEXT]) {
    if (duration_us < 1000)
        snprintf(out, FORMAT_TEXT, "%" PRId64 " us", duration_us);
    else if (duration_us < 1000000)
        snprintf(out, FORMAT_TEXT, duration_us < 10000 ? "%.1f ms" : "%.0f ms", (double)duration_us / 1e3);
    else
        snprintf(out, FORMAT_TEXT, "%.1f s", (double)duration_us / 1e6);
    return out;
}

const char *format_instant(int64_t unix_ms, char out[FORMAT_TEXT]) {
    day_t day = calendar_day_of_time(unix_ms);
    snprintf(out, FORMAT_TEXT, "-");
    if (day == DAY_NONE)
        return out;
    char date[CALENDAR_TEXT];
    calendar_format(day, date);
    int64_t seconds = (unix_ms - calendar_time_of_day(day)) / 1000;
    snprintf(out, FORMAT_TEXT, "%s %02d:%02d:%02d", date, (int)(seconds / 3600), (int)(seconds / 60 % 60),
             (int)(seconds % 60));
    return out;
}

const char *format_date(uint32_t yyyymmdd, char out[FORMAT_TEXT]) {
    day_t day = calendar_from_number(yyyymmdd);
    snprintf(out, FORMAT_TEXT, "-");
    if (day != DAY_NONE)
        calendar_format(day, out);
    return out;
}

const char *format_region(uint32_t code, char out[FORMAT_TEXT]) {
    if (code >= 1000000000u)
        snprintf(out, FORMAT_TEXT, "%02u.%02u.%02u.%04u", code / 100000000, code / 1000000 % 100,
                 code / 10000 % 100, code % 10000);
    else if (code >= 100000)
        snprintf(out, FORMAT_TEXT, "%02u.%02u.%02u", code / 10000, code / 100 % 100, code % 100);
    else
        snprintf(out, FORMAT_TEXT, "%02u.%02u", code / 100, code % 100);
    return out;
}
