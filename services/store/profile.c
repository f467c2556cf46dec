/* profile.c - reads profile.json by jansson (profile.h). */
#include "profile.h"

#include "city_files.h"
#include "json_file.h"

#include <stdio.h>
#include <string.h>

static const char *const top_keys[] = {"as_of",
                                       "registered_percent",
                                       "city_paid",
                                       "other_segments_permille",
                                       "active_permille",
                                       "family_size_permille",
                                       "head_age_weights",
                                       "nik_outside_permille",
                                       "origins",
                                       "wage_rupiah",
                                       "state_employers",
                                       "employers",
                                       "sources",
                                       NULL};

/* Shares in thousandths by name of segment; segments left out have none. */
static enum result take_segments(uint16_t out[SEGMENT_COUNT], const json_t *root,
                                 const struct json_place *top, const char *key, struct failure *why) {
    const json_t *object;
    enum result result = json_take_object(root, top, key, &object, why);
    if (result != RESULT_OK)
        return result;
    struct json_place place = {.file = top->file, .where = key};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) {
        enum segment segment = segment_from_name(name);
        if (segment == SEGMENT_NONE)
            return fail(why, RESULT_INVALID, "CITY_KEY_UNKNOWN",
                        "%s, %s.%.60s is no segment: use PBI_JK, PBPU_PEMDA, PPU_PN, PPU_BU, PBPU or BP.",
                        top->file, key, name);
        int64_t share;
        result = json_take_whole(object, &place, name, 0, 1000, &share, why);
        if (result != RESULT_OK)
            return result;
        out[segment] = (uint16_t)share;
    }
    return RESULT_OK;
}

static enum result check_sum(const uint16_t *shares, size_t count, const char *path, const char *key,
                             struct failure *why) {
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += shares[i];
    if (sum == 1000)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "CITY_VALUE_INVALID",
                "%s, %s: the shares sum to %u, they must sum to 1000.", path, key, sum);
}

/* A list of whole numbers. */
static enum result take_numbers(uint16_t *out, size_t capacity, uint16_t *count, const json_t *root,
                                const struct json_place *top, const char *key, int64_t least, int64_t most,
                                struct failure *why) {
    const json_t *list;
    enum result result = json_take_array(root, top, key, capacity, &list, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        int64_t number = json_integer_value(value);
        if (!json_is_integer(value) || number < least || number > most)
            return fail(why, RESULT_INVALID, "CITY_VALUE_INVALID",
                        "%s, %s[%zu] is not a whole number from %d to %d: correct it.", top->file, key, i,
                        (int)least, (int)most);
        out[i] = (uint16_t)number;
        *count = (uint16_t)(i + 1);
    }
    return result;
}

static enum result take_ages(struct profile *profile, const json_t *root, const struct json_place *top,
                             struct failure *why) {
    static const char *const keys[] = {"from", "to", "weight", NULL};
    const json_t *list;
    enum result result = json_take_array(root, top, "head_age_weights", PROFILE_AGES_MAX, &list, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(list); i++) {
        char where[48];
        snprintf(where, sizeof where, "head_age_weights[%zu]", i);
        struct json_place place = {.file = top->file, .where = where};
        const json_t *row = json_array_get(list, i);
        int64_t from = 0, to = 0, weight = 0;
        result = json_only_keys(row, &place, keys, why);
        if (result == RESULT_OK)
            result = json_take_whole(row, &place, "from", 18, 85, &from, why);
        if (result == RESULT_OK)
            result = json_take_whole(row, &place, "to", from, 85, &to, why);
        if (result == RESULT_OK)
            result = json_take_whole(row, &place, "weight", 1, 1000, &weight, why);
        profile->head_ages[i] = (struct profile_ages){(uint8_t)from, (uint8_t)to, (uint16_t)weight};
        profile->head_age_count = (uint16_t)(i + 1);
    }
    return result;
}

static enum result take_employers(struct profile *profile, const json_t *root, const struct json_place *top,
                                  struct failure *why) {
    static const char *const keys[] = {"count", "workers", NULL};
    const json_t *list;
    enum result result = json_take_array(root, top, "employers", PROFILE_EMPLOYERS_MAX, &list, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(list); i++) {
        bool last = i + 1 == json_array_size(list); /* only the last row takes the rest */
        char where[48];
        snprintf(where, sizeof where, "employers[%zu]", i);
        struct json_place place = {.file = top->file, .where = where};
        const json_t *row = json_array_get(list, i);
        int64_t count = 0, workers = 0;
        result = json_only_keys(row, &place, keys, why);
        if (result == RESULT_OK)
            result = json_take_whole(row, &place, "count", last ? 0 : 1, last ? 0 : 1000000, &count, why);
        if (result == RESULT_OK)
            result = json_take_whole(row, &place, "workers", 1, 1000000, &workers, why);
        profile->employers[i] = (struct profile_employers){(uint32_t)count, (uint32_t)workers};
        profile->employer_rows = (uint16_t)(i + 1);
    }
    return result;
}

static enum result take_wages(struct profile *profile, const json_t *root, const struct json_place *top,
                              struct failure *why) {
    static const char *const keys[] = {"floor", "median", "ceiling", NULL};
    struct json_place place = {.file = top->file, .where = "wage_rupiah"};
    const json_t *wages;
    int64_t floor = 0, median = 0, ceiling = 0;
    enum result result = json_take_object(root, top, "wage_rupiah", &wages, why);
    if (result == RESULT_OK)
        result = json_only_keys(wages, &place, keys, why);
    if (result == RESULT_OK)
        result = json_take_whole(wages, &place, "floor", 1, 1000000000, &floor, why);
    if (result == RESULT_OK)
        result = json_take_whole(wages, &place, "median", floor, 1000000000, &median, why);
    if (result == RESULT_OK)
        result = json_take_whole(wages, &place, "ceiling", median, 1000000000, &ceiling, why);
    profile->wage_floor_rupiah = (uint32_t)floor;
    profile->wage_median_rupiah = (uint32_t)median;
    profile->wage_ceiling_rupiah = (uint32_t)ceiling;
    return result;
}

static enum result take_counts(struct profile *profile, const json_t *root, const struct json_place *top,
                               struct failure *why) {
    int64_t registered = 0, city_paid = 0, outside = 0, offices = 0;
    enum result result = json_take_day(root, top, "as_of", &profile->as_of, why);
    if (result == RESULT_OK)
        result = json_take_scaled(root, top, "registered_percent", 100, 10000, &registered, why);
    if (result == RESULT_OK)
        result = json_take_whole(root, top, "city_paid", 0, 100000000, &city_paid, why);
    if (result == RESULT_OK)
        result = json_take_whole(root, top, "nik_outside_permille", 0, 1000, &outside, why);
    if (result == RESULT_OK)
        result = json_take_whole(root, top, "state_employers", 1, 10000, &offices, why);
    profile->registered_permyriad = (uint16_t)registered;
    profile->city_paid = (uint32_t)city_paid;
    profile->nik_outside_permille = (uint16_t)outside;
    profile->state_employers = (uint16_t)offices;
    return result;
}

static enum result take_shares(struct profile *profile, const json_t *root, const struct json_place *top,
                               struct failure *why) {
    uint16_t sizes = 0;
    enum result result = take_segments(profile->other_permille, root, top, "other_segments_permille", why);
    if (result == RESULT_OK)
        result = check_sum(profile->other_permille, SEGMENT_COUNT, top->file, "other_segments_permille", why);
    if (result == RESULT_OK)
        result = take_segments(profile->active_permille, root, top, "active_permille", why);
    if (result == RESULT_OK && (profile->other_permille[SEGMENT_PBPU_PEMDA] != 0 ||
                                profile->active_permille[SEGMENT_PBPU_PEMDA] != 1000))
        return fail(
            why, RESULT_INVALID, "CITY_VALUE_INVALID",
            "%s: city_paid says how many people are in PBPU_PEMDA and all are active: give it 1000 in "
            "active_permille and nothing in other_segments_permille.",
            top->file);
    if (result == RESULT_OK)
        result = take_numbers(profile->family_size_permille, PROFILE_FAMILY_MAX, &sizes, root, top,
                              "family_size_permille", 0, 1000, why);
    if (result == RESULT_OK)
        result = check_sum(profile->family_size_permille, PROFILE_FAMILY_MAX, top->file,
                           "family_size_permille", why);
    return result;
}

static enum result take_profile(struct profile *profile, const json_t *root, const char *path,
                                struct failure *why) {
    struct json_place top = {.file = path, .where = ""};
    const json_t *sources;
    enum result result = json_only_keys(root, &top, top_keys, why);
    if (result == RESULT_OK)
        result = json_take_object(root, &top, "sources", &sources, why);
    if (result == RESULT_OK)
        result = take_counts(profile, root, &top, why);
    if (result == RESULT_OK)
        result = take_shares(profile, root, &top, why);
    if (result == RESULT_OK)
        result = take_ages(profile, root, &top, why);
    if (result == RESULT_OK)
        result = take_numbers(profile->origins, PROFILE_ORIGINS_MAX, &profile->origin_count, root, &top,
                              "origins", 1101, 9999, why);
    if (result == RESULT_OK)
        result = take_wages(profile, root, &top, why);
    if (result == RESULT_OK)
        result = take_employers(profile, root, &top, why);
    return result;
}

enum result profile_load(struct profile *profile, const char *directory, struct failure *why) {
    char path[CITY_PATH_MAX];
    memset(profile, 0, sizeof *profile);
    json_t *root;
    enum result result = city_path(path, directory, "profile.json", why);
    if (result == RESULT_OK)
        result = json_file_read(&root, path, why);
    if (result != RESULT_OK)
        return result;
    result = take_profile(profile, root, path, why);
    json_decref(root);
    return result;
}
