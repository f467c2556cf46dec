/* totals_table.c - figures as JSON rows (totals_table.h). Field names are public: only add. */
#include "totals_table.h"

#include "cakupan/totals.h"

#include <string.h>

static const char *const level_names[LEVEL_COUNT] = {[LEVEL_CITY] = "city",
                                                     [LEVEL_KECAMATAN] = "kecamatan",
                                                     [LEVEL_KELURAHAN] = "kelurahan",
                                                     [LEVEL_ALL] = "all"};

const char *totals_level_name(enum totals_level level) {
    return level_names[level];
}

enum totals_level totals_level_from_name(const char *name) {
    for (unsigned level = LEVEL_CITY; level < LEVEL_COUNT; level++)
        if (strcmp(level_names[level], name) == 0)
            return (enum totals_level)level;
    return LEVEL_COUNT;
}

static enum totals_level level_of(uint32_t code) {
    return code < 10000 ? LEVEL_CITY : code < 1000000 ? LEVEL_KECAMATAN : LEVEL_KELURAHAN;
}

static json_t *figure(const struct coverage_view *view, size_t index, unsigned field,
                      const struct suppression *hidden) {
    struct totals_line line = view->regions[index].line;
    return suppressed(hidden, index, field) ? json_null() : json_integer(*totals_field(&line, field));
}

static json_t *table_row(const struct coverage_view *view, size_t index, const struct suppression *hidden) {
    char code[16];
    snprintf(code, sizeof code, "%u", view->regions[index].code);
    json_t *row = json_pack("[s, s]", code, view->regions[index].name);
    for (unsigned field = 0; field < TOTALS_FIELDS; field++)
        json_array_append_new(row, figure(view, index, field, hidden));
    return row;
}

json_t *totals_table_json(const struct coverage_view *view, enum totals_level level, uint32_t within,
                          const struct suppression *hidden) {
    json_t *object = json_object(), *columns = json_pack("[s, s]", "code", "name"), *rows = json_array();
    char name[TOTALS_FIELD_NAME];
    totals_header_put(object, view);
    for (unsigned field = 0; field < TOTALS_FIELDS; field++) {
        totals_field_name(field, name);
        json_array_append_new(columns, json_string(name));
    }
    for (size_t i = 0; i < view->count; i++) {
        uint32_t code = view->regions[i].code;
        if (totals_within(code, within) && (level == LEVEL_ALL || level == level_of(code)))
            json_array_append_new(rows, table_row(view, i, hidden));
    }
    json_object_set_new(object, "level", json_string(level_names[level]));
    json_object_set_new(object, "columns", columns);
    json_object_set_new(object, "rows", rows);
    return object;
}

static json_t *stream_row(const struct coverage_view *view, size_t index, const struct suppression *hidden) {
    json_t *row = json_pack("[I]", (json_int_t)view->regions[index].code);
    for (unsigned field = FIELD_REGISTERED; field <= FIELD_GRACE; field++)
        json_array_append_new(row, figure(view, index, field, hidden));
    return row;
}

json_t *totals_stream_json(const struct coverage_view *view, const struct suppression *hidden) {
    /* The picture's own words stand beside the city, not in it; its parts are the rows. */
    static const char *const outside[] = {"offset",           "as_of", "day", "city_uhc", "population_as_of",
                                          "population_source"};
    json_t *city = totals_json_hiding(view, &view->regions[0], hidden), *rows = json_array();
    json_t *object = json_pack("{s:I}", "as_of_ms", (json_int_t)view->as_of_ms);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        json_object_set(object, outside[i], json_object_get(city, outside[i]));
        json_object_del(city, outside[i]);
    }
    json_object_del(city, "regions");
    json_object_set_new(object, "city", city);
    for (size_t i = 1; i < view->count; i++)
        json_array_append_new(rows, stream_row(view, i, hidden));
    json_object_set_new(object, "columns",
                        json_pack("[s, s, s, s, s]", "code", "registered", "active", "city_paid", "grace"));
    json_object_set_new(object, "rows", rows);
    return object;
}
