/* up_city.c - the city's data files for `cakupan up` (up.h): as shipped, or a smaller city below STATE.
 *
 * With --population N the files are copied to STATE/city, every kelurahan's population scaled so that they
 * sum to N exactly, and so that shares and percentages stay those of the real city. The copy is made once:
 * a state belongs to the city that it began with.
 */
#include "up.h"

#include "city_people.h"
#include "runtime/file.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CITY_FILE_BYTES_MAX = 1 << 20 };

/* Rounds the running sum instead of each part, so that the parts sum to `target`. */
static enum result regions_write(const struct region_table *regions, uint64_t target, const char *path,
                                 struct failure *why) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    fprintf(out,
            "# Scaled to %llu people for a rehearsal.\ncode,name,kecamatan_code,kecamatan_name,population\n",
            (unsigned long long)target);
    uint64_t sum = 0, written = 0;
    for (size_t i = 0; i < regions->kelurahan_count; i++) {
        const struct kelurahan *place = &regions->kelurahan[i];
        const struct kecamatan *parent = &regions->kecamatan[place->kecamatan];
        sum += place->population;
        uint64_t until = sum * target / regions->population;
        fprintf(out, "%u,%s,%u,%s,%llu\n", place->code, place->name, parent->code, parent->name,
                (unsigned long long)(until - written));
        written = until;
    }
    fclose(out);
    enum result result = file_replace(path, text, size, why);
    free(text);
    return result;
}

static enum result json_write(json_t *object, const char *path, struct failure *why) {
    char *text = json_dumps(object, JSON_INDENT(2));
    if (!text)
        abort();
    enum result result = file_replace(path, text, strlen(text), why);
    free(text);
    return result;
}

/* Copies a JSON file; where it has the member `scaled`, that number becomes population's share of it. */
static enum result file_scale(const char *from, const char *to, const char *scaled, uint64_t target,
                              uint64_t whole, struct failure *why) {
    json_error_t error;
    json_t *object = json_load_file(from, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return fail(why, RESULT_INVALID, "CITY_FILE_INVALID", "%s, line %d: %s.", from, error.line,
                    error.text);
    json_t *number = scaled ? json_object_get(object, scaled) : NULL;
    if (json_is_integer(number))
        json_integer_set(number,
                         (json_int_t)(((uint64_t)json_integer_value(number) * target + whole / 2) / whole));
    enum result result = json_write(object, to, why);
    json_decref(object);
    return result;
}

static const struct {
    const char *file, *scaled;
    bool may_lack; /* a city may be without it */
} files[] = {{"population.json", "population", false},
             {"policy.json", NULL, false},
             {"profile.json", "city_paid", false},
             {"tariff.json", NULL, false},
             {"payment.json", NULL, true},
             {"holidays.json", NULL, true}};
enum { FILE_COUNT = sizeof files / sizeof files[0] };

static enum result scaled_write(const struct up *up, const char *directory, struct failure *why) {
    const struct region_table *regions = &up->city.regions;
    char from[INSTANCE_PATH + 32], to[INSTANCE_PATH + 32];
    snprintf(to, sizeof to, "%s/regions.csv", directory);
    enum result result = file_make_directory(directory, why);
    if (result == RESULT_OK)
        result = regions_write(regions, up->options.population, to, why);
    for (size_t i = 0; i < FILE_COUNT && result == RESULT_OK; i++) {
        snprintf(from, sizeof from, "%s/%s", up->info.city, files[i].file);
        snprintf(to, sizeof to, "%s/%s", directory, files[i].file);
        if (!files[i].may_lack || access(from, F_OK) == 0)
            result = file_scale(from, to, files[i].scaled, up->options.population, regions->population, why);
    }
    return result;
}

/* Loads the city and lays out its people, as the start will. */
static enum result scaled_check(const char *directory, struct failure *why) {
    static struct city city; /* too big for a stack */
    struct generator *people = NULL;
    enum result result = city_load(&city, directory, why);
    if (result == RESULT_OK)
        result = city_people(&people, directory, &city.regions, why);
    generator_destroy(&people);
    return result;
}

/* What a failed start leaves is not there for the next one to stumble over. */
static void scaled_remove(const char *directory) {
    char path[INSTANCE_PATH + 32];
    snprintf(path, sizeof path, "%s/regions.csv", directory);
    unlink(path);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, files[i].file);
        unlink(path);
    }
    rmdir(directory);
}

static enum result scaled_make(struct up *up, const char *directory, struct failure *why) {
    char begun[INSTANCE_PATH], baseline[INSTANCE_PATH];
    instance_path(baseline, up->state, "baseline.done");
    if (access(baseline, F_OK) == 0)
        return fail(why, RESULT_CONFLICT, "STATE_CITY",
                    "The state %s holds a city already; --population is for a new one.", up->state);
    instance_path(begun, up->state, "city.new");
    enum result result = city_load(&up->city, up->info.city, why);
    if (result == RESULT_OK)
        result = scaled_write(up, begun, why);
    if (result == RESULT_OK)
        result = scaled_check(begun, why);
    if (result == RESULT_OK && rename(begun, directory) != 0)
        result = fail(why, RESULT_IO, "STATE_ERROR", "%s can't be renamed: %s.", begun, strerror(errno));
    if (result != RESULT_OK)
        scaled_remove(begun);
    return result;
}

/* deploy/tangerang of the checkout that the program was built in: PROGRAMS is its build/bin. */
static enum result shipped_find(struct up *up, struct failure *why) {
    char guess[PATH_MAX], path[PATH_MAX];
    snprintf(guess, sizeof guess, "%s/../../deploy/tangerang", up->programs);
    const char *wanted = up->options.city ? up->options.city : guess;
    if (!realpath(wanted, path) || strlen(path) >= sizeof up->info.city)
        return fail(why, RESULT_NOT_FOUND, "CITY_MISSING",
                    "The city's data files are not in %.200s; name their directory by --city DIR.", wanted);
    memcpy(up->info.city, path, strlen(path) + 1);
    return RESULT_OK;
}

enum result up_city_prepare(struct up *up, struct failure *why) {
    char scaled[INSTANCE_PATH];
    instance_path(scaled, up->state, "city");
    bool exists = access(scaled, F_OK) == 0;
    enum result result = exists ? RESULT_OK : shipped_find(up, why);
    if (result == RESULT_OK && up->options.population && !exists)
        result = scaled_make(up, scaled, why);
    if (result == RESULT_OK && (up->options.population || exists))
        memcpy(up->info.city, scaled, strlen(scaled) + 1);
    if (result == RESULT_OK)
        result = city_load(&up->city, up->info.city, why);
    if (result == RESULT_OK && up->options.population &&
        up->city.regions.population != up->options.population)
        return fail(why, RESULT_CONFLICT, "STATE_CITY",
                    "The state %s belongs to a city of %u people; leave --population out.", up->state,
                    up->city.regions.population);
    return result;
}
