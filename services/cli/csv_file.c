/* csv_file.c - reads a CSV file with a header, row by row (csv_file.h), through libcsv. */
#include "csv_file.h"

#include <csv.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { CHUNK_BYTES = 1 << 16 };

struct reading {
    const char *path;
    const struct csv_column *columns;
    size_t column_count;
    csv_on_row *on_row;
    void *context;
    struct failure *why;
    enum result result;
    uint64_t newlines; /* met so far */
    bool after_return; /* the last thing met was a carriage return, which counts as a line end alone, too */
    uint64_t row_line;
    uint64_t bytes;
    size_t header_fields; /* 0 before the header was read */
    char header_row[CSV_ROW_BYTES];
    const char *header[CSV_COLUMNS_MAX];
    size_t place[CSV_COLUMNS_MAX]; /* of each column asked for; CSV_COLUMNS_MAX: the file has none */
    char row[CSV_ROW_BYTES];       /* the row's fields, each with a NUL */
    size_t used;
    const char *fields[CSV_COLUMNS_MAX];
    size_t field_count;
};

static void stop(struct reading *reading, enum result result, const char *code, const char *sentence) {
    if (reading->result == RESULT_OK)
        reading->result = fail(reading->why, result, code, "%s, line %llu: %s", reading->path,
                               (unsigned long long)reading->row_line, sentence);
}

static void on_field(void *data, size_t size, void *context) {
    struct reading *reading = context;
    if (reading->result != RESULT_OK)
        return;
    reading->after_return = false;
    if (reading->field_count == 0) {
        reading->row_line = reading->newlines + 1;
        reading->used = 0;
    }
    if (reading->field_count == CSV_COLUMNS_MAX) {
        stop(reading, RESULT_INVALID, "CSV_COLUMNS", "more than 64 columns; is this the right file?");
        return;
    }
    if (reading->used + size + 1 > sizeof reading->row) {
        stop(reading, RESULT_INVALID, "CSV_ROW_TOO_LONG",
             "a row of more than 64 KiB; look for a quote that never ends.");
        return;
    }
    if (size && memchr(data, '\0', size)) {
        stop(reading, RESULT_INVALID, "CSV_BINARY", "a NUL byte; save the file as CSV in UTF-8.");
        return;
    }
    char *field = reading->row + reading->used;
    if (size)
        memcpy(field, data, size);
    field[size] = '\0';
    for (const char *at = field; (at = strchr(at, '\n')); at++)
        reading->newlines++;
    reading->fields[reading->field_count++] = field;
    reading->used += size + 1;
}

/* Which of two columns of one name was meant, nobody can tell; of columns that are not asked for it does not
 * matter. */
static enum result column_find(struct reading *reading, size_t column) {
    const char *name = reading->columns[column].name;
    size_t found = CSV_COLUMNS_MAX;
    for (size_t f = 0; f < reading->field_count; f++) {
        if (strcasecmp(name, reading->fields[f]) != 0)
            continue;
        if (found != CSV_COLUMNS_MAX)
            return fail(reading->why, RESULT_INVALID, "CSV_HEADER",
                        "%s: the first line names the column '%s' twice; keep one of them.", reading->path,
                        name);
        found = f;
    }
    reading->place[column] = found;
    if (found == CSV_COLUMNS_MAX && reading->columns[column].required)
        return fail(reading->why, RESULT_INVALID, "CSV_HEADER",
                    "%s: the first line must name the columns, and has no column '%s'.", reading->path, name);
    return RESULT_OK;
}

static void header_take(struct reading *reading) {
    for (size_t c = 0; c < reading->column_count && reading->result == RESULT_OK; c++)
        reading->result = column_find(reading, c);
    if (reading->result != RESULT_OK)
        return;
    reading->header_fields = reading->field_count;
    memcpy(reading->header_row, reading->row, reading->used);
    for (size_t f = 0; f < reading->field_count; f++)
        reading->header[f] = reading->header_row + (reading->fields[f] - reading->row);
}

static void row_deliver(struct reading *reading) {
    const char *values[CSV_COLUMNS_MAX];
    for (size_t c = 0; c < reading->column_count; c++)
        values[c] = reading->place[c] < reading->field_count ? reading->fields[reading->place[c]] : "";
    struct csv_row row = {.line = reading->row_line,
                          .bytes = reading->bytes,
                          .complete = reading->field_count == reading->header_fields,
                          .values = values,
                          .fields = reading->fields,
                          .header = reading->header,
                          .field_count = reading->field_count,
                          .header_count = reading->header_fields};
    reading->result = reading->on_row(reading->context, &row, reading->why);
}

/* libcsv calls this at every line end, also of empty lines (CSV_REPALL_NL), and at the end of the file
 * (-1). */
static void on_row_end(int character, void *context) {
    struct reading *reading = context;
    if (reading->result == RESULT_OK && reading->field_count) {
        bool blank = reading->field_count == 1 && reading->fields[0][0] == '\0';
        if (!blank && !reading->header_fields)
            header_take(reading);
        else if (!blank)
            row_deliver(reading);
    }
    reading->field_count = 0;
    bool second_of_two = reading->after_return && character == '\n';
    reading->newlines += !second_of_two;
    reading->after_return = character == '\r';
}

static unsigned char separator_of(const char *data, size_t size) {
    const char *end = memchr(data, '\n', size);
    size_t line = end ? (size_t)(end - data) : size;
    if (memchr(data, ',', line))
        return CSV_COMMA;
    if (memchr(data, ';', line))
        return ';';
    return memchr(data, '\t', line) ? CSV_TAB : CSV_COMMA;
}

/* libcsv would grow its buffer for ever behind a quote that is never closed. */
static void *bounded_realloc(void *memory, size_t size) {
    return size > 2 * CSV_ROW_BYTES ? NULL : realloc(memory, size);
}

static void chunk_parse(struct reading *reading, struct csv_parser *parser, const char *data, size_t size) {
    if (csv_parse(parser, data, size, on_field, on_row_end, reading) == size || reading->result != RESULT_OK)
        return;
    reading->row_line = reading->newlines + 1;
    if (csv_error(parser) == CSV_ENOMEM)
        stop(reading, RESULT_INVALID, "CSV_ROW_TOO_LONG",
             "a row of more than 64 KiB; look for a quote that never ends.");
    else
        stop(reading, RESULT_INVALID, "CSV_QUOTES",
             "a quote in the middle of a field; double it or remove it.");
}

static enum result stream_parse(struct reading *reading, FILE *file, struct csv_parser *parser) {
    char chunk[CHUNK_BYTES];
    bool first = true;
    size_t size;
    while (reading->result == RESULT_OK && (size = fread(chunk, 1, sizeof chunk, file)) > 0) {
        const char *data = chunk;
        reading->bytes += size;
        if (first && size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
            data += 3;
            size -= 3;
        }
        if (first)
            csv_set_delim(parser, separator_of(data, size));
        first = false;
        chunk_parse(reading, parser, data, size);
    }
    if (reading->result == RESULT_OK && ferror(file))
        return fail(reading->why, RESULT_IO, "FILE_UNREADABLE", "%s can't be read: %s.", reading->path,
                    strerror(errno));
    if (reading->result == RESULT_OK && csv_fini(parser, on_field, on_row_end, reading) != 0)
        stop(reading, RESULT_INVALID, "CSV_QUOTES", "a quote that is never closed.");
    if (reading->result == RESULT_OK && !reading->header_fields)
        return fail(reading->why, RESULT_INVALID, "CSV_HEADER",
                    "%s is empty; its first line must name the columns.", reading->path);
    return reading->result;
}

enum result csv_read_file(const char *path, const struct csv_column *columns, csv_on_row *on_row,
                          void *context, struct failure *why) {
    bool standard_input = strcmp(path, "-") == 0;
    FILE *file = standard_input ? stdin : fopen(path, "re");
    if (!file)
        return fail(why, RESULT_NOT_FOUND, "FILE_UNREADABLE", "%s can't be opened: %s.", path,
                    strerror(errno));
    struct reading *reading = calloc(1, sizeof *reading);
    struct csv_parser parser;
    if (!reading || csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
        abort();
    csv_set_realloc_func(&parser, bounded_realloc);
    reading->path = standard_input ? "standard input" : path;
    reading->columns = columns;
    while (columns[reading->column_count].name)
        reading->column_count++;
    reading->on_row = on_row;
    reading->context = context;
    reading->why = why;
    enum result result = stream_parse(reading, file, &parser);
    csv_free(&parser);
    free(reading);
    if (!standard_input)
        fclose(file);
    return result;
}

static enum result on_first_row(void *context, const struct csv_row *row, struct failure *why) {
    (void)context, (void)row, (void)why;
    return RESULT_AGAIN; /* later, by who wants the rows */
}

enum result csv_check_header(const char *path, const struct csv_column *columns, struct failure *why) {
    struct stat status;
    bool once = stat(path, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode));
    if (once || strcmp(path, "-") == 0)
        return RESULT_OK;
    enum result result = csv_read_file(path, columns, on_first_row, NULL, why);
    return result == RESULT_AGAIN ? RESULT_OK : result;
}
