/* table.h - a table of text cells, printed with aligned columns. Aborts where memory is out. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum table_alignment { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
    const char *title;
    enum table_alignment alignment;
};

struct table;

/* `columns` is borrowed and must outlive the table. */
struct table *table_new(const struct table_column *columns, size_t column_count);
void table_destroy(struct table **table);

/* The next cell, left to right, row by row. */
void table_text(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_count(struct table *table, uint64_t number);     /* with thousands separators */
void table_share(struct table *table, uint64_t hundredths); /* per cent */
/* Marks the row begun (or just ended) to be printed in bold. */
void table_emphasise(struct table *table);
/* Widths are counted in characters of UTF-8. A row begun and not filled is filled with empty cells. */
void table_print(const struct table *table, FILE *out, bool colour);

/* Characters (code points) of a UTF-8 text. */
size_t table_width(const char *text);

#endif
