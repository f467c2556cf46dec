/* cli_csv.c - tests of reading CSV files: headers, separators, quotes, line numbers, and files that are
 * none. */
#include "cli/csv_file.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 16 };

struct rows {
    size_t count;
    struct {
        uint64_t line;
        bool complete;
        char first[80], second[80];
    } row[ROWS_MAX];
    enum result answer; /* of the callback */
};

static const struct csv_column columns[] = {{"nik", true}, {"note", false}, {NULL, false}};
static struct failure why;

static enum result on_row(void *context, const struct csv_row *row, struct failure *reason) {
    struct rows *rows = context;
    (void)reason;
    if (rows->count < ROWS_MAX) {
        rows->row[rows->count].line = row->line;
        rows->row[rows->count].complete = row->complete;
        snprintf(rows->row[rows->count].first, 80, "%s", row->values[0]);
        snprintf(rows->row[rows->count].second, 80, "%s", row->values[1]);
    }
    rows->count++;
    return rows->answer;
}

static enum result read_bytes(const char *content, size_t size, struct rows *rows) {
    char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/list.csv", directory);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(content, 1, size, file), size);
    fclose(file);
    memset(&why, 0, sizeof why);
    enum result result = csv_read_file(path, columns, on_row, rows, &why);
    scratch_remove(directory);
    return result;
}

static enum result read_text(const char *content, struct rows *rows) {
    return read_bytes(content, strlen(content), rows);
}

Test(cli_csv, columns_are_found_by_name_in_any_order_and_case) {
    struct rows rows = {0};
    cr_assert_eq(read_text("other,Note,NIK\nx,hello,12\ny,,13\n", &rows), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(rows.count, 2);
    cr_assert_str_eq(rows.row[0].first, "12");
    cr_assert_str_eq(rows.row[0].second, "hello");
    cr_assert_str_eq(rows.row[1].second, "");
}

Test(cli_csv, a_column_named_twice_is_refused_where_it_is_asked_for) {
    struct rows rows = {0};
    cr_assert_eq(read_text("nik,note,NIK\n12,,13\n", &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_HEADER");
    cr_assert_not_null(strstr(why.sentence, "'nik' twice"), "%s", why.sentence);
    cr_assert_eq(read_text("nik,note,note\n12,,x\n", &rows), RESULT_INVALID, "a column that may lack");
    cr_assert_eq(rows.count, 0);
    cr_assert_eq(read_text("nik,,,extra,extra\n12,,,x,y\n", &rows), RESULT_OK, "nobody reads these");
    cr_assert_eq(rows.count, 1);
}

Test(cli_csv, a_column_that_may_lack_reads_as_empty) {
    struct rows rows = {0};
    cr_assert_eq(read_text("nik\n12", &rows), RESULT_OK);
    cr_assert_eq(rows.count, 1, "the last line needs no line end");
    cr_assert_str_eq(rows.row[0].second, "");
}

Test(cli_csv, semicolons_tabs_byte_order_mark_and_windows_lines) {
    struct rows rows = {0};
    cr_assert_eq(read_text("\xEF\xBB\xBFnik;note\r\n12;a,b\r\n", &rows), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(rows.count, 1);
    cr_assert_str_eq(rows.row[0].second, "a,b");
    cr_assert_eq(rows.row[0].line, 2);
    rows = (struct rows){0};
    cr_assert_eq(read_text("nik\tnote\n12\tx y\n", &rows), RESULT_OK);
    cr_assert_str_eq(rows.row[0].second, "x y");
}

Test(cli_csv, lines_are_those_of_the_file) {
    struct rows rows = {0};
    cr_assert_eq(read_text("\nnik,note\n\n12,\"two\nlines\"\n\n\n13,x\n", &rows), RESULT_OK, "%s",
                 why.sentence);
    cr_assert_eq(rows.count, 2);
    cr_assert_eq(rows.row[0].line, 4);
    cr_assert_str_eq(rows.row[0].second, "two\nlines");
    cr_assert_eq(rows.row[1].line, 8);
}

Test(cli_csv, every_kind_of_line_end_counts_once) {
    struct rows rows = {0};
    cr_assert_eq(read_text("nik,note\r12,a\r13,b\r\n\r\n14,c\n15,d", &rows), RESULT_OK, "%s", why.sentence);
    static const uint64_t lines[] = {2, 3, 5, 6};
    cr_assert_eq(rows.count, 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(rows.row[i].line, lines[i], "row %zu: %lu", i, (unsigned long)rows.row[i].line);
}

Test(cli_csv, quotes_hold_separators_and_quotes) {
    struct rows rows = {0};
    cr_assert_eq(read_text("nik,note\n12,\"say \"\"hi\"\", you\"\n", &rows), RESULT_OK);
    cr_assert_str_eq(rows.row[0].second, "say \"hi\", you");
}

Test(cli_csv, rows_of_another_length_are_marked) {
    struct rows rows = {0};
    cr_assert_eq(read_text("nik,note\n12\n13,a,b\n14,c\n", &rows), RESULT_OK);
    cr_assert_eq(rows.count, 3);
    cr_assert(!rows.row[0].complete);
    cr_assert_str_eq(rows.row[0].second, "");
    cr_assert(!rows.row[1].complete);
    cr_assert(rows.row[2].complete);
}

Test(cli_csv, a_header_without_a_needed_column_is_refused) {
    struct rows rows = {0};
    cr_assert_eq(read_text("name,note\nx,y\n", &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_HEADER");
    cr_assert(strstr(why.sentence, "'nik'"), "%s", why.sentence);
    cr_assert_eq(rows.count, 0);
}

Test(cli_csv, an_empty_file_is_refused) {
    struct rows rows = {0};
    cr_assert_eq(read_text("", &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_HEADER");
    cr_assert_eq(read_text("\n\n", &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_HEADER");
}

Test(cli_csv, bytes_that_are_no_text_are_refused) {
    struct rows rows = {0};
    cr_assert_eq(read_bytes("nik,note\n1\0002,x\n", 16, &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_BINARY");
    cr_assert(strstr(why.sentence, "line 2"), "%s", why.sentence);
}

Test(cli_csv, quotes_that_are_wrong_are_refused) {
    struct rows rows = {0};
    cr_assert_eq(read_text("nik,note\n12,a\"b\n", &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_QUOTES");
    cr_assert_eq(read_text("nik,note\n12,\"never closed\n13,x\n", &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_QUOTES");
}

Test(cli_csv, a_quote_that_swallows_the_file_takes_no_memory) {
    enum { BIG = 1 << 20 };
    struct rows rows = {0};
    char *content = malloc(BIG);
    cr_assert_not_null(content);
    memset(content, 'x', BIG);
    memcpy(content, "nik,note\n12,\"", 13);
    cr_assert_eq(read_bytes(content, BIG, &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_ROW_TOO_LONG");
    free(content);
}

Test(cli_csv, too_many_columns_are_refused) {
    char content[512] = "nik";
    struct rows rows = {0};
    for (int i = 0; i < 70; i++)
        strcat(content, ",x");
    cr_assert_eq(read_text(content, &rows), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_COLUMNS");
}

Test(cli_csv, the_callback_may_stop) {
    struct rows rows = {.answer = RESULT_CONFLICT};
    cr_assert_eq(read_text("nik,note\n12,a\n13,b\n", &rows), RESULT_CONFLICT);
    cr_assert_eq(rows.count, 1);
}

Test(cli_csv, a_file_that_is_not_there) {
    struct rows rows = {0};
    cr_assert_eq(csv_read_file("/nonexistent/list.csv", columns, on_row, &rows, &why), RESULT_NOT_FOUND);
    cr_assert_str_eq(why.code, "FILE_UNREADABLE");
}

static enum result check_text(const char *name, const char *content) {
    char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(content, file);
    fclose(file);
    enum result result = csv_check_header(path, columns, &why);
    scratch_remove(directory);
    return result;
}

Test(cli_csv, a_header_can_be_looked_at_alone) {
    cr_assert_eq(check_text("a.csv", "nik,note\n12,a\n"), RESULT_OK);
    cr_assert_eq(check_text("a.csv", "nik\n"), RESULT_OK, "no rows");
    cr_assert_eq(check_text("a.csv", "nik,note\n12,a\n\"12"), RESULT_OK, "rows are not looked at");
    cr_assert_eq(check_text("a.csv", "name,note\n12,a\n"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_HEADER");
    cr_assert_eq(check_text("a.csv", ""), RESULT_INVALID);
    cr_assert_eq(csv_check_header("/nonexistent/list.csv", columns, &why), RESULT_NOT_FOUND);
    cr_assert_str_eq(why.code, "FILE_UNREADABLE");
    cr_assert_eq(csv_check_header("-", columns, &why), RESULT_OK, "what is read once is left alone");
}

Test(cli_csv, rows_across_chunks_arrive_whole) {
    enum { LINES = 20000 };
    struct rows rows = {0};
    char *content = malloc(LINES * 16 + 16), *at = content;
    cr_assert_not_null(content);
    at += sprintf(at, "nik,note\n");
    for (int i = 0; i < LINES; i++)
        at += sprintf(at, "%06d,abc\n", i);
    cr_assert_eq(read_bytes(content, (size_t)(at - content), &rows), RESULT_OK);
    cr_assert_eq(rows.count, LINES);
    cr_assert_str_eq(rows.row[15].first, "000015");
    free(content);
}
