/* city_regions.c - reads regions.csv: one kelurahan a line, comments begin with # (city_files.h). */
#include "city_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER         "code,name,kecamatan_code,kecamatan_name,population"
#define COLUMNS        5
#define POPULATION_MAX 10000000

static enum result bad_line(const char *path, unsigned line, const char *value, const char *wanted,
                            struct failure *why) {
    return fail(why, RESULT_INVALID, "CITY_LINE_INVALID", "%s, line %u: \"%.60s\" is not %s.", path, line,
                value, wanted);
}

/* Cuts the line at its commas; false unless there are exactly COLUMNS columns, none of them quoted. */
static bool split(char *line, char *columns[COLUMNS]) {
    if (strchr(line, '"'))
        return false;
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = line;
        char *comma = strchr(line, ',');
        if ((comma != NULL) != (i + 1 < COLUMNS))
            return false;
        if (comma) {
            *comma = '\0';
            line = comma + 1;
        }
    }
    return true;
}

static bool parse_number(const char *text, size_t digits_max, uint32_t most, uint32_t *out) {
    uint64_t number = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > digits_max || text[digits] != '\0')
        return false;
    for (; *text; text++)
        number = number * 10 + (uint64_t)(*text - '0');
    *out = (uint32_t)number;
    return number <= most;
}

static bool name_fits(const char *name) {
    return *name && strlen(name) <= REGION_NAME_MAX;
}

static enum result add_line(struct region_table *regions, char *line, const char *path, unsigned number,
                            struct failure *why) {
    char whole[64];
    snprintf(whole, sizeof whole, "%.60s", line);
    char *column[COLUMNS];
    uint32_t code, kecamatan, population;
    if (!split(line, column))
        return bad_line(path, number, whole, "five columns without quotes: " HEADER, why);
    if (!parse_number(column[0], 10, UINT32_MAX, &code) || code / 1000000 != regions->city_code)
        return bad_line(path, number, column[0], "a kelurahan's code, ten digits that begin with the city's",
                        why);
    if (!name_fits(column[1]) || !name_fits(column[3]))
        return bad_line(path, number, whole, "a line with both names, at most 47 bytes each", why);
    if (!parse_number(column[2], 6, 999999, &kecamatan) || kecamatan != code / 10000)
        return bad_line(path, number, column[2],
                        "the kecamatan's code, the first six digits of the kelurahan's", why);
    if (!parse_number(column[4], 8, POPULATION_MAX, &population))
        return bad_line(path, number, column[4], "a population, a whole number up to 10000000", why);
    if (!region_table_add(regions, code, column[1], column[3], population))
        return bad_line(path, number, column[0],
                        "above the code before it, or the file has over 256 kelurahan or 32 kecamatan", why);
    const char *known = regions->kecamatan[regions->kecamatan_count - 1].name;
    if (strcmp(known, column[3]) != 0)
        return bad_line(path, number, column[3], "the kecamatan's name in the lines before", why);
    return RESULT_OK;
}

static enum result read_lines(struct region_table *regions, FILE *file, const char *path,
                              struct failure *why) {
    char line[512];
    bool header_seen = false;
    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        size_t size = strcspn(line, "\r\n");
        if (line[size] == '\0' && !feof(file))
            return bad_line(path, number, line, "a line of text of at most 510 bytes", why);
        line[size] = '\0';
        if (*line == '#' || *line == '\0')
            continue;
        if (!header_seen && strcmp(line, HEADER) != 0)
            return bad_line(path, number, line, "the header line " HEADER, why);
        if (header_seen) {
            enum result result = add_line(regions, line, path, number, why);
            if (result != RESULT_OK)
                return result;
        }
        header_seen = true;
    }
    if (ferror(file))
        return fail(why, RESULT_IO, "CITY_FILE_UNREADABLE", "%s can't be read (%s).", path, strerror(errno));
    return RESULT_OK;
}

/* The parts must sum to the whole: percentages of kelurahan and city are compared with each other. */
static enum result check_sum(const struct region_table *regions, const char *path, struct failure *why) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < regions->kecamatan_count; i++)
        sum += regions->kecamatan[i].population;
    if (sum == regions->population)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "CITY_POPULATION_DIFFERS",
                "%s: its %u kelurahan have %" PRIu64 " people, population.json says %u: make them equal.",
                path, regions->kelurahan_count, sum, regions->population);
}

enum result city_regions_read(struct region_table *regions, const char *path, struct failure *why) {
    FILE *file = fopen(path, "r");
    if (!file)
        return fail(why, RESULT_NOT_FOUND, "CITY_FILE_UNREADABLE",
                    "%s can't be opened (%s): put it there or check its mode.", path, strerror(errno));
    enum result result = read_lines(regions, file, path, why);
    fclose(file);
    return result == RESULT_OK ? check_sum(regions, path, why) : result;
}
