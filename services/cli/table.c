/* table.c - a table of text cells, printed with aligned columns (table.h). */
#include "table.h"

#include "view/format.h"
#include "terminal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct table {
    const struct table_column *columns;
    size_t column_count;
    char **cells; /* row by row */
    size_t cell_count, cell_capacity;
    bool *bold; /* by row */
    size_t bold_capacity;
};

static void *must(void *memory) {
    if (!memory) {
        fputs("cakupan: out of memory\n", stderr);
        abort();
    }
    return memory;
}

struct table *table_new(const struct table_column *columns, size_t column_count) {
    struct table *table = must(calloc(1, sizeof *table));
    table->columns = columns;
    table->column_count = column_count;
    return table;
}

void table_destroy(struct table **table) {
    if (!table || !*table)
        return;
    for (size_t i = 0; i < (*table)->cell_count; i++)
        free((*table)->cells[i]);
    free((*table)->cells);
    free((*table)->bold);
    free(*table);
    *table = NULL;
}

static void cell_add(struct table *table, char *text) {
    if (table->cell_count == table->cell_capacity) {
        table->cell_capacity = table->cell_capacity ? 2 * table->cell_capacity : 64;
        table->cells = must(reallocarray(table->cells, table->cell_capacity, sizeof *table->cells));
    }
    table->cells[table->cell_count++] = text;
}

void table_text(struct table *table, const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    cell_add(table, must(text));
}

void table_count(struct table *table, uint64_t number) {
    char text[FORMAT_TEXT];
    table_text(table, "%s", format_count(number, text));
}

void table_share(struct table *table, uint64_t hundredths) {
    char text[FORMAT_TEXT];
    table_text(table, "%s", format_hundredths(hundredths, text));
}

void table_emphasise(struct table *table) {
    if (!table->cell_count)
        return;
    size_t row = (table->cell_count - 1) / table->column_count;
    if (row >= table->bold_capacity) {
        size_t capacity = row + 64;
        table->bold = must(reallocarray(table->bold, capacity, sizeof *table->bold));
        memset(table->bold + table->bold_capacity, 0,
               (capacity - table->bold_capacity) * sizeof *table->bold);
        table->bold_capacity = capacity;
    }
    table->bold[row] = true;
}

size_t table_width(const char *text) {
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void line_print(const struct table *table, FILE *out, const size_t *widths, char *const *cells,
                       size_t count) {
    size_t blanks = 0; /* owed: they are printed before the next text, so that no line ends with any */
    for (size_t c = 0; c < table->column_count; c++) {
        const char *text = cells ? (c < count ? cells[c] : "") : table->columns[c].title;
        size_t padding = widths[c] - table_width(text);
        bool right = table->columns[c].alignment == TABLE_RIGHT;
        blanks += right ? padding : 0;
        if (text[0]) {
            fprintf(out, "%*s%s", (int)blanks, "", text);
            blanks = 0;
        }
        blanks += (right ? 0 : padding) + 2;
    }
}

static void widths_measure(const struct table *table, size_t *widths) {
    for (size_t c = 0; c < table->column_count; c++)
        widths[c] = table_width(table->columns[c].title);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = table_width(table->cells[i]), c = i % table->column_count;
        if (width > widths[c])
            widths[c] = width;
    }
}

void table_print(const struct table *table, FILE *out, bool colour) {
    size_t *widths = must(calloc(table->column_count, sizeof *widths));
    widths_measure(table, widths);
    fputs(colour ? STYLE_DIM : "", out);
    line_print(table, out, widths, NULL, 0);
    fprintf(out, "%s\n", colour ? STYLE_OFF : "");
    for (size_t first = 0; first < table->cell_count; first += table->column_count) {
        size_t row = first / table->column_count;
        bool bold = colour && row < table->bold_capacity && table->bold[row];
        fputs(bold ? STYLE_BOLD : "", out);
        line_print(table, out, widths, table->cells + first, table->cell_count - first);
        fprintf(out, "%s\n", bold ? STYLE_OFF : "");
    }
    free(widths);
}
