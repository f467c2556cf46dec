/* csv_file.h - reads a CSV file with a header, row by row, in little memory, however long it is.
 *
 * Columns are found by their names in the header (any order, any case; further columns are ignored). The
 * separator is a comma, or the semicolon or tab that the header shows (spreadsheets set to Indonesian
 * write semicolons). Quoting as RFC 4180, by libcsv; a byte order mark is skipped. One row has at most
 * CSV_ROW_BYTES.
 */
#ifndef CLI_CSV_FILE_H
#define CLI_CSV_FILE_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_ROW_BYTES   65536u
#define CSV_COLUMNS_MAX 64u /* of the file */

struct csv_column {
    const char *name; /* NULL ends the list */
    bool required;    /* the header must have it */
};

struct csv_row {
    uint64_t line;             /* of the file, on which the row begins; the header is on line 1 */
    uint64_t bytes;            /* read of the file so far, for progress                         */
    bool complete;             /* it has as many fields as the header                           */
    const char *const *values; /* by the order of the columns asked for; "" where there is none */
    /* The row as it is in the file, and what its header says. */
    const char *const *fields, *const *header;
    size_t field_count, header_count;
};

/* `row` is valid during the call. Not RESULT_OK: reading stops and hands it through. */
typedef enum result csv_on_row(void *context, const struct csv_row *row, struct failure *why);

/* Reads `path` ("-": standard input). RESULT_NOT_FOUND: it can't be opened; RESULT_INVALID: no header with
 * the required columns, or bytes that are no CSV; `why` names file, line and what to do. */
MUST_USE enum result csv_read_file(const char *path, const struct csv_column *columns, csv_on_row *on_row,
                                   void *context, struct failure *why);
/* Whether csv_read_file would begin: it can be opened and its header is right. For commands that have much
 * to do before they need the rows. Says nothing of what can be read only once (standard input, a pipe). */
MUST_USE enum result csv_check_header(const char *path, const struct csv_column *columns,
                                      struct failure *why);

#endif
