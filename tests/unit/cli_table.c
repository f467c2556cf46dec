/* cli_table.c - tests of tables, numbers and progress as people see them. */
#include "view/format.h"
#include "cli/progress.h"
#include "cli/table.h"

#include "cakupan/calendar.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {{"Name", TABLE_LEFT}, {"People", TABLE_RIGHT}};

static char *printed(const struct table *table, bool colour) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert_not_null(out);
    table_print(table, out, colour);
    fclose(out);
    return text;
}

static void expect(struct table *table, bool colour, const char *expected) {
    char *text = printed(table, colour);
    cr_assert_str_eq(text, expected);
    free(text);
    table_destroy(&table);
    cr_assert_null(table);
}

Test(cli_table, columns_are_aligned) {
    struct table *table = table_new(columns, 2);
    table_text(table, "Benda");
    table_count(table, 83530);
    table_text(table, "Karang Tengah");
    table_count(table, 7);
    expect(table, false, "Name           People\nBenda          83,530\nKarang Tengah       7\n");
}

Test(cli_table, widths_are_of_characters) {
    struct table *table = table_new(columns, 2);
    table_text(table, "Zoë");
    table_count(table, 1);
    table_text(table, "Anna");
    table_count(table, 2);
    expect(table, false, "Name  People\nZoë        1\nAnna       2\n");
}

Test(cli_table, a_row_that_is_not_filled_ends_empty) {
    struct table *table = table_new(columns, 2);
    table_text(table, "only");
    expect(table, false, "Name  People\nonly\n");
}

Test(cli_table, no_line_ends_with_blanks) {
    static const struct table_column three[] = {{"", TABLE_LEFT}, {"Many", TABLE_RIGHT}, {"Why", TABLE_LEFT}};
    struct table *table = table_new(three, 3);
    table_text(table, "a");
    table_count(table, 7);
    table_text(table, "%s", "");
    table_text(table, "%s", "");
    table_text(table, "%s", "");
    table_text(table, "so");
    expect(table, false, "   Many  Why\na     7\n         so\n");
}

Test(cli_table, no_rows_is_a_header) {
    expect(table_new(columns, 2), false, "Name  People\n");
}

Test(cli_table, bold_rows_and_colours_only_when_asked) {
    struct table *table = table_new(columns, 2);
    table_text(table, "x");
    table_count(table, 1);
    table_emphasise(table);
    table_text(table, "y");
    table_count(table, 2);
    char *plain = printed(table, false);
    cr_assert_null(strchr(plain, '\033'));
    free(plain);
    expect(table, true, "\033[2mName  People\033[0m\n\033[1mx          1\033[0m\ny          2\n");
}

Test(cli_table, numbers) {
    char text[FORMAT_TEXT];
    cr_assert_str_eq(format_count(0, text), "0");
    cr_assert_str_eq(format_count(999, text), "999");
    cr_assert_str_eq(format_count(1000, text), "1,000");
    cr_assert_str_eq(format_count(1957349, text), "1,957,349");
    cr_assert_str_eq(format_count(UINT64_MAX, text), "18,446,744,073,709,551,615");
    char things[FORMAT_THINGS];
    cr_assert_str_eq(format_things(0, "row", things), "0 rows");
    cr_assert_str_eq(format_things(1, "row", things), "1 row");
    cr_assert_str_eq(format_things(UINT64_MAX, "event", things), "18,446,744,073,709,551,615 events");
    cr_assert_str_eq(format_hundredths(9932, text), "99.32%");
    cr_assert_str_eq(format_hundredths(5, text), "0.05%");
    cr_assert_str_eq(format_hundredths(10071, text), "100.71%", "never clamped");
    cr_assert_str_eq(format_bytes(1023, text), "1023 B");
    cr_assert_str_eq(format_bytes(1536, text), "1.5 KiB");
    cr_assert_str_eq(format_region(3671, text), "36.71");
    cr_assert_str_eq(format_region(367105, text), "36.71.05");
    cr_assert_str_eq(format_region(3671051003u, text), "36.71.05.1003");
}

Test(cli_table, times) {
    char text[FORMAT_TEXT];
    cr_assert_str_eq(format_duration(0, text), "0.0 s");
    cr_assert_str_eq(format_duration(59999, text), "59.9 s");
    cr_assert_str_eq(format_duration(60000, text), "1 min 00 s");
    cr_assert_str_eq(format_duration(3600000, text), "1 h 00 min");
    cr_assert_str_eq(format_duration(90000000, text), "1 d 01 h");
    cr_assert_str_eq(format_microseconds(999, text), "999 us");
    cr_assert_str_eq(format_microseconds(1500, text), "1.5 ms");
    int64_t midnight_ms = calendar_time_of_day(calendar_day(2026, 11, 22));
    cr_assert_str_eq(format_instant(midnight_ms, text), "2026-11-22 00:00:00", "Jakarta's midnight");
    cr_assert_str_eq(format_instant(midnight_ms - 1, text), "2026-11-21 23:59:59");
    cr_assert_str_eq(format_instant(INT64_MAX, text), "-");
    cr_assert_str_eq(format_date(20261122, text), "2026-11-22");
    cr_assert_str_eq(format_date(0, text), "-");
}

static struct progress begun(uint64_t first, uint64_t total) {
    struct progress progress;
    progress_begin(&progress, stdout, "Loading", "people", first, total, 0);
    return progress;
}

Test(cli_table, progress_tells_rate_and_time_left) {
    struct progress progress = begun(0, 2000);
    char line[320];
    progress_line(&progress, 500, 1000000, 0, line, sizeof line);
    cr_assert_str_eq(line, "Loading   25%  500 of 2,000 people  500/s  left 3.0 s");
    progress_line(&progress, 2000, 4000000, 0, line, sizeof line);
    cr_assert_str_eq(line, "Loading  100%  2,000 of 2,000 people  500/s");
    progress_line(&progress, 0, 0, 0, line, sizeof line);
    cr_assert_str_eq(line, "Loading    0%  0 of 2,000 people  0/s");
}

Test(cli_table, progress_that_resumes_counts_its_rate_from_there) {
    struct progress progress = begun(1000, 2000);
    char line[320];
    progress_line(&progress, 1500, 1000000, 0, line, sizeof line);
    cr_assert_str_eq(line, "Loading   75%  1,500 of 2,000 people  500/s  left 1.0 s");
}

Test(cli_table, progress_draws_a_bar_that_fits) {
    struct progress progress = begun(0, 2000);
    char line[320];
    for (int width = 20; width <= 200; width++) {
        progress_line(&progress, 1000, 1000000, width, line, sizeof line);
        cr_assert(!strchr(line, '[') || strlen(line) <= (size_t)width, "%d columns: %s", width, line);
    }
    cr_assert(strstr(line, "[###############...............]"), "%s", line);
}

Test(cli_table, progress_without_a_total) {
    struct progress progress = begun(0, 0);
    char line[320];
    progress_line(&progress, 1234, 2000000, 80, line, sizeof line);
    cr_assert_str_eq(line, "Loading  1,234 people  617/s");
}
