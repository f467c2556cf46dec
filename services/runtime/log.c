/* log.c - lines on standard error (log.h): each written by one call, so that lines of several processes never
 * mix.
 *
 * Values come from people and networks: control characters are escaped, so no value can forge a line of
 * its own or steer a terminal.
 */
#include "log.h"

#include "clock.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SENTENCE_MAX     1024
#define LINE_MAX_BYTES   (4 * SENTENCE_MAX + 128) /* an escaped byte takes four */
#define JAKARTA_OFFSET_S (7 * 3600)

static char service_name[32] = "cakupan";

void log_open(const char *service) {
    snprintf(service_name, sizeof service_name, "%s", service);
}

/* C0 controls and DEL, and the C1 controls as UTF-8 spells them (C2 80..9F), which terminals obey, too. */
static bool is_control(const unsigned char *at) {
    return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f);
}

static size_t escape(const char *sentence, char *out) {
    size_t size = 0;
    bool second_of_two = false;
    for (const unsigned char *at = (const unsigned char *)sentence; *at; at++) {
        if (second_of_two || is_control(at)) {
            second_of_two = !second_of_two && *at == 0xc2;
            size += (size_t)snprintf(out + size, 5, "\\x%02x", *at);
        } else {
            out[size++] = (char)*at;
        }
    }
    return size;
}

/* "2026-11-22T08:30:00.123+07:00": always the real time, also in a rehearsal on another business day. */
static size_t stamp(char *out, size_t size) {
    int64_t now_ms = clock_wall_ms();
    time_t jakarta = (time_t)(now_ms / 1000) + JAKARTA_OFFSET_S;
    struct tm civil;
    gmtime_r(&jakarta, &civil);
    return (size_t)snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03d+07:00", civil.tm_year + 1900,
                            civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min, civil.tm_sec,
                            (int)(now_ms % 1000));
}

static void write_line(const char *level, const char *format, va_list arguments) {
    char sentence[SENTENCE_MAX];
    vsnprintf(sentence, sizeof sentence, format, arguments);
    char line[LINE_MAX_BYTES];
    size_t size = stamp(line, 64);
    size += (size_t)snprintf(line + size, 64, " %s %s ", service_name, level);
    size += escape(sentence, line + size);
    line[size++] = '\n';
    /* A log that can't be written (pipe closed, disk full) must not stop the service. */
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written;
}

void log_info(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line("info", format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line("warning", format, arguments);
    va_end(arguments);
}

void log_alarm(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line("ALARM", format, arguments);
    va_end(arguments);
}
