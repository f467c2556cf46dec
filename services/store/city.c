/* city.c - puts a city together from its data files, and reads population.json (city.h). */
#include "city.h"

#include "city_files.h"
#include "json_file.h"

#include <stdio.h>
#include <string.h>

static enum result take_population(struct region_table *regions, const json_t *root, const char *path,
                                   struct failure *why) {
    static const char *const keys[] = {"city_code", "city_name",         "population", "as_of",
                                       "source",    "source_indonesian", NULL};
    struct json_place place = {.file = path, .where = ""};
    int64_t code, population;
    day_t as_of;
    enum result result = json_only_keys(root, &place, keys, why);
    if (result == RESULT_OK) /* ten digits of a kelurahan must fit 32 bits: region.h */
        result = json_take_whole(root, &place, "city_code", 1101, UINT32_MAX / 1000000, &code, why);
    if (result == RESULT_OK)
        result =
            json_take_text(root, &place, "city_name", regions->city_name, sizeof regions->city_name, why);
    if (result == RESULT_OK)
        result = json_take_whole(root, &place, "population", 1, 100000000, &population, why);
    if (result == RESULT_OK)
        result = json_take_day(root, &place, "as_of", &as_of, why);
    if (result == RESULT_OK)
        result = json_take_text(root, &place, "source", regions->population_source,
                                sizeof regions->population_source, why);
    if (result == RESULT_OK)
        result = json_take_text(
            root, &place, json_object_get(root, "source_indonesian") ? "source_indonesian" : "source",
            regions->population_source_indonesian, sizeof regions->population_source_indonesian, why);
    if (result != RESULT_OK)
        return result;
    regions->city_code = (uint32_t)code;
    regions->population = (uint32_t)population;
    regions->population_as_of = calendar_to_number(as_of);
    return RESULT_OK;
}

enum result city_population_read(struct region_table *regions, const char *path, struct failure *why) {
    json_t *root;
    enum result result = json_file_read(&root, path, why);
    if (result != RESULT_OK)
        return result;
    result = take_population(regions, root, path, why);
    json_decref(root);
    return result;
}

enum result city_path(char out[CITY_PATH_MAX], const char *directory, const char *name, struct failure *why) {
    int size = snprintf(out, CITY_PATH_MAX, "%s/%s", directory, name);
    if (size >= 0 && size < CITY_PATH_MAX)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "CITY_PATH_TOO_LONG",
                "The city's directory has a path of over %d bytes: use a shorter one.", CITY_PATH_MAX - 20);
}

enum result city_load(struct city *city, const char *directory, struct failure *why) {
    char path[CITY_PATH_MAX];
    memset(city, 0, sizeof *city);
    enum result result = city_path(path, directory, "population.json", why);
    if (result == RESULT_OK)
        result = city_population_read(&city->regions, path, why);
    if (result == RESULT_OK)
        result = city_path(path, directory, "regions.csv", why);
    if (result == RESULT_OK)
        result = city_regions_read(&city->regions, path, why);
    if (result == RESULT_OK)
        result = city_path(path, directory, "policy.json", why);
    if (result == RESULT_OK)
        result = city_policy_read(&city->policy, path, why);
    return result;
}
