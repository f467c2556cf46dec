/* log.c - one line per happening, whatever a value holds. */
#include "runtime/log.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <regex.h>
#include <string.h>
#include <unistd.h>

/* What `say` writes to standard error. */
static size_t caught_log(void (*say)(void), char *out, size_t size) {
    int ends[2], before = dup(STDERR_FILENO);
    cr_assert_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    say();
    dup2(before, STDERR_FILENO);
    close(before);
    ssize_t length = read(ends[0], out, size - 1);
    close(ends[0]);
    out[length > 0 ? length : 0] = 0;
    return length > 0 ? (size_t)length : 0;
}

static void assert_one_line(const char *text, size_t size) {
    cr_assert_gt(size, 0);
    cr_assert_eq(strlen(text), size);
    cr_assert_eq(strchr(text, '\n'), text + size - 1, "one newline, at the end: %s", text);
    for (size_t i = 0; i + 1 < size; i++)
        cr_assert((unsigned char)text[i] >= 0x20 && text[i] != 0x7f, "byte %zu", i);
}

static void say_plain(void) {
    log_open("enrollment");
    log_warning("Disk has %d MB left.", 12);
}
Test(log, a_line_has_time_service_level_and_sentence) {
    char text[8192];
    assert_one_line(text, caught_log(say_plain, text, sizeof text));
    regex_t form;
    cr_assert_eq(
        regcomp(&form,
                "^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}\\+07:00 "
                "enrollment warning Disk has 12 MB left\\.\n$",
                REG_EXTENDED | REG_NOSUB),
        0);
    cr_assert_eq(regexec(&form, text, 0, NULL, 0), 0, "%s", text);
    regfree(&form);
}

static void say_forged(void) {
    log_info("Device %s added.", "x\n2026-11-22T00:00:00.000+07:00 enrollment ALARM forged");
}
Test(log, a_newline_in_a_value_forges_no_line) {
    char text[8192];
    assert_one_line(text, caught_log(say_forged, text, sizeof text));
    cr_assert_not_null(strstr(text, "x\\x0a2026"));
}

static void say_controls(void) {
    log_alarm("%s", "a\r\t\x1b[2J\x7f\xc2\x9b"
                    "31m \xc2\xa7 \xc3\xa9 end");
}
Test(log, control_characters_do_not_reach_a_terminal) {
    char text[8192];
    assert_one_line(text, caught_log(say_controls, text, sizeof text));
    cr_assert_null(strstr(text, "\xc2\x9b"), "the C1 control CSI");
    cr_assert_not_null(strstr(text, "a\\x0d\\x09\\x1b[2J\\x7f\\xc2\\x9b31m \xc2\xa7 \xc3\xa9 end"), "%s",
                       text);
}

static void say_long(void) {
    char value[5000];
    memset(value, '\n', sizeof value);
    value[sizeof value - 1] = 0;
    log_info("%s", value);
}
Test(log, a_long_value_is_cut) {
    char text[16384];
    size_t size = caught_log(say_long, text, sizeof text);
    assert_one_line(text, size);
    cr_assert_lt(size, 4300);
}

static void say_broken_end(void) {
    log_info("%s", "ends with a lead byte \xc2");
}
Test(log, a_cut_character_at_the_end_is_harmless) {
    char text[8192];
    assert_one_line(text, caught_log(say_broken_end, text, sizeof text));
}
