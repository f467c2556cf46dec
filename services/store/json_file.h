/* json_file.h - reads a data file in JSON so that every mistake in it is named: file, place, field and value.
 *
 * The caller owns the root and gives it back with json_decref. One thread.
 */
#ifndef STORE_JSON_FILE_H
#define STORE_JSON_FILE_H

#include "cakupan/calendar.h"
#include "cakupan/result.h"

#include <jansson.h>

/* Where an object stands, for sentences: the file's path and "rows[1]", or "" at the top. */
struct json_place {
    const char *file;
    const char *where;
};

/* Reads PATH, whose top must be an object. A key given twice is a mistake. */
MUST_USE enum result json_file_read(json_t **root, const char *path, struct failure *why);

/* Fails for keys that are not in the list, which ends with NULL: a misspelt setting must not go unnoticed. */
MUST_USE enum result json_only_keys(const json_t *object, const struct json_place *place,
                                    const char *const keys[], struct failure *why);

/* Each takes the field `key` of `object`, which must be there and have that form. */
MUST_USE enum result json_take_whole(const json_t *object, const struct json_place *place, const char *key,
                                     int64_t least, int64_t most, int64_t *out, struct failure *why);
/* The same for several: `value` is filled. */
struct json_whole {
    const char *key;
    int64_t least, most;
    int64_t value;
};
MUST_USE enum result json_take_wholes(const json_t *object, const struct json_place *place,
                                      struct json_whole *wholes, size_t count, struct failure *why);
/* A number of which `scale` times is whole and from 0 to `most`: that multiple. */
MUST_USE enum result json_take_scaled(const json_t *object, const struct json_place *place, const char *key,
                                      int scale, int64_t most, int64_t *out, struct failure *why);
MUST_USE enum result json_take_flag(const json_t *object, const struct json_place *place, const char *key,
                                    bool *out, struct failure *why);
MUST_USE enum result json_take_text(const json_t *object, const struct json_place *place, const char *key,
                                    char *out, size_t size, struct failure *why);
MUST_USE enum result json_take_day(const json_t *object, const struct json_place *place, const char *key,
                                   day_t *out, struct failure *why);
/* One of `choices` (ends with NULL); `out` is its index. */
MUST_USE enum result json_take_choice(const json_t *object, const struct json_place *place, const char *key,
                                      const char *const choices[], int *out, struct failure *why);
/* An array of 1 to `most` elements; borrowed. */
MUST_USE enum result json_take_array(const json_t *object, const struct json_place *place, const char *key,
                                     size_t most, const json_t **out, struct failure *why);
MUST_USE enum result json_take_object(const json_t *object, const struct json_place *place, const char *key,
                                      const json_t **out, struct failure *why);
/* The object `sources` beside a row's settings: a rule nobody can trace is no rule, so every one of `keys`
 * (ends with NULL, but "sources" itself) has a text there. */
MUST_USE enum result json_check_sources(const json_t *object, const struct json_place *place,
                                        const char *const keys[], struct failure *why);

#endif
