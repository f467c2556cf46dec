/* json_file.c - typed fields of JSON data files, by jansson (json_file.h). */
#include "json_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_BYTES 512

enum result json_file_read(json_t **root, const char *path, struct failure *why) {
    json_error_t error;
    errno = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        return fail(why, RESULT_NOT_FOUND, "CITY_FILE_UNREADABLE",
                    "%s can't be opened (%s): put it there or check its mode.", path, strerror(errno));
    json_t *json = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    if (!json)
        return fail(why, RESULT_INVALID, "CITY_FILE_INVALID", "%s, line %d, column %d: %s.", path, error.line,
                    error.column, error.text);
    if (!json_is_object(json)) {
        json_decref(json);
        return fail(why, RESULT_INVALID, "CITY_FILE_INVALID", "%s, line 1: must be one object, { ... }.",
                    path);
    }
    *root = json;
    return RESULT_OK;
}

/* "deploy/x/policy.json, rows[1].grace_months: 9 is not a whole number from 0 to 6." */
static enum result bad_field(const json_t *value, const struct json_place *place, const char *key,
                             const char *wanted, struct failure *why) {
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
    const char *dot = *place->where ? "." : "";
    enum result result =
        value ? fail(why, RESULT_INVALID, "CITY_VALUE_INVALID", "%s, %s%s%s: %.60s is not %s.", place->file,
                     place->where, dot, key, text ? text : "the value", wanted)
              : fail(why, RESULT_INVALID, "CITY_VALUE_MISSING", "%s, %s%s%s is missing: give %s.",
                     place->file, place->where, dot, key, wanted);
    free(text);
    return result;
}

enum result json_only_keys(const json_t *object, const struct json_place *place, const char *const keys[],
                           struct failure *why) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        size_t i = 0;
        while (keys[i] && strcmp(keys[i], key) != 0)
            i++;
        if (!keys[i])
            return fail(why, RESULT_INVALID, "CITY_KEY_UNKNOWN",
                        "%s, %s%s%.60s is no setting of this file: correct its name or take it out.",
                        place->file, place->where, *place->where ? "." : "", key);
    }
    return RESULT_OK;
}

enum result json_take_whole(const json_t *object, const struct json_place *place, const char *key,
                            int64_t least, int64_t most, int64_t *out, struct failure *why) {
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value) && json_integer_value(value) >= least && json_integer_value(value) <= most) {
        *out = json_integer_value(value);
        return RESULT_OK;
    }
    char wanted[96];
    snprintf(wanted, sizeof wanted, "a whole number from %" PRId64 " to %" PRId64, least, most);
    return bad_field(value, place, key, wanted, why);
}

enum result json_take_wholes(const json_t *object, const struct json_place *place, struct json_whole *wholes,
                             size_t count, struct failure *why) {
    enum result result = RESULT_OK;
    for (size_t i = 0; i < count && result == RESULT_OK; i++)
        result = json_take_whole(object, place, wholes[i].key, wholes[i].least, wholes[i].most,
                                 &wholes[i].value, why);
    return result;
}

enum result json_take_scaled(const json_t *object, const struct json_place *place, const char *key, int scale,
                             int64_t most, int64_t *out, struct failure *why) {
    const json_t *value = json_object_get(object, key);
    double scaled = json_number_value(value) * scale;
    if (json_is_number(value) && scaled >= 0 && scaled <= (double)most) {
        int64_t whole = (int64_t)(scaled + 0.5);
        double rest = scaled - (double)whole; /* 99.32 * 100 is not exactly 9932 in binary */
        if (rest > -1e-6 && rest < 1e-6) {
            *out = whole;
            return RESULT_OK;
        }
    }
    char wanted[96];
    snprintf(wanted, sizeof wanted, "a number from 0 to %" PRId64 " in steps of 1/%d", most / scale, scale);
    return bad_field(value, place, key, wanted, why);
}

enum result json_take_flag(const json_t *object, const struct json_place *place, const char *key, bool *out,
                           struct failure *why) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_boolean(value))
        return bad_field(value, place, key, "true or false", why);
    *out = json_is_true(value);
    return RESULT_OK;
}

enum result json_take_text(const json_t *object, const struct json_place *place, const char *key, char *out,
                           size_t size, struct failure *why) {
    const json_t *value = json_object_get(object, key);
    size_t length = json_string_length(value);
    if (json_is_string(value) && length > 0 && length < size) {
        memcpy(out, json_string_value(value), length + 1);
        return RESULT_OK;
    }
    char wanted[96];
    snprintf(wanted, sizeof wanted, "a text of 1 to %zu bytes", size - 1);
    return bad_field(value, place, key, wanted, why);
}

enum result json_take_day(const json_t *object, const struct json_place *place, const char *key, day_t *out,
                          struct failure *why) {
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value) && calendar_parse(json_string_value(value), json_string_length(value), out))
        return RESULT_OK;
    return bad_field(value, place, key, "a date such as \"2026-11-22\"", why);
}

enum result json_take_choice(const json_t *object, const struct json_place *place, const char *key,
                             const char *const choices[], int *out, struct failure *why) {
    const json_t *value = json_object_get(object, key);
    char wanted[128] = "one of";
    for (int i = 0; choices[i]; i++) {
        if (json_is_string(value) && strcmp(json_string_value(value), choices[i]) == 0) {
            *out = i;
            return RESULT_OK;
        }
        size_t used = strlen(wanted);
        snprintf(wanted + used, sizeof wanted - used, " \"%s\"", choices[i]);
    }
    return bad_field(value, place, key, wanted, why);
}

enum result json_take_array(const json_t *object, const struct json_place *place, const char *key,
                            size_t most, const json_t **out, struct failure *why) {
    const json_t *value = json_object_get(object, key);
    if (json_is_array(value) && json_array_size(value) >= 1 && json_array_size(value) <= most) {
        *out = value;
        return RESULT_OK;
    }
    char wanted[96];
    snprintf(wanted, sizeof wanted, "a list of 1 to %zu elements", most);
    return bad_field(value, place, key, wanted, why);
}

enum result json_take_object(const json_t *object, const struct json_place *place, const char *key,
                             const json_t **out, struct failure *why) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_object(value))
        return bad_field(value, place, key, "an object, { ... }", why);
    *out = value;
    return RESULT_OK;
}

enum result json_check_sources(const json_t *object, const struct json_place *place, const char *const keys[],
                               struct failure *why) {
    const json_t *sources;
    char where[64], source[SOURCE_BYTES];
    enum result result = json_take_object(object, place, "sources", &sources, why);
    snprintf(where, sizeof where, "%.40s.sources", place->where);
    struct json_place inner = {.file = place->file, .where = where};
    if (result == RESULT_OK)
        result = json_only_keys(sources, &inner, keys, why);
    for (size_t i = 0; result == RESULT_OK && keys[i]; i++)
        if (strcmp(keys[i], "sources") != 0)
            result = json_take_text(sources, &inner, keys[i], source, sizeof source, why);
    return result;
}
