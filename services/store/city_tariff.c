/* city_tariff.c - reads tariff.json: premiums per person, shares of wages, minimum wages (city_tariff.h).
 *
 * Every row names its source. Shares of wages become one row for each minimum wage that held meanwhile.
 */
#include "city_tariff.h"

#include "city_files.h"
#include "json_file.h"

#include <stdio.h>
#include <string.h>

#define PREMIUM_MAX_RUPIAH INT64_C(10000000)
#define WAGE_MAX_RUPIAH    INT64_C(1000000000)
#define PAYERS_MAX         6
#define MINIMUM_WAGES_MAX  64
#define PER_WAGE_MAX       16
#define SOURCE_BYTES       512

/* From when to when something holds; DAY_NONE: since ever, open. */
struct period {
    day_t from, to;
};

struct minimum_wage {
    struct period period;
    uint32_t amount_rupiah;
};

struct minimum_wages {
    size_t count;
    struct minimum_wage rows[MINIMUM_WAGES_MAX];
};

/* How the file spells payers and budget lines. A city and a local government are one payer: whose members
 * they are. */
static const struct {
    const char *payer, *budget_line;
    enum payer as;
} spellings[] = {
    {"centre", "APBN", PAYER_CENTRE},
    {"city", "iuran", PAYER_CITY_IURAN},
    {"city", "bantuan iuran", PAYER_CITY_BANTUAN},
    {"local_government", "bantuan iuran", PAYER_CITY_BANTUAN},
    {"member", NULL, PAYER_MEMBER},
};

static enum result refuse(const struct json_place *place, const char *key, const char *sentence,
                          struct failure *why) {
    return fail(why, RESULT_INVALID, "CITY_VALUE_INVALID", "%s, %s.%s: %s.", place->file, place->where, key,
                sentence);
}

static enum result take_end(const json_t *object, const struct json_place *place, const char *key, day_t *out,
                            struct failure *why) {
    *out = DAY_NONE;
    return json_is_null(json_object_get(object, key)) ? RESULT_OK
                                                      : json_take_day(object, place, key, out, why);
}

static enum result take_period(const json_t *object, const struct json_place *place, struct period *out,
                               struct failure *why) {
    enum result result = take_end(object, place, "valid_from", &out->from, why);
    if (result == RESULT_OK)
        result = take_end(object, place, "valid_to", &out->to, why);
    if (result == RESULT_OK && out->to != DAY_NONE && out->to < out->from)
        return refuse(place, "valid_to", "the period ends before it begins", why);
    return result;
}

/* What every row of the file has: a source, whether somebody has verified it, and perhaps a note. */
static enum result check_origin(const json_t *object, const struct json_place *place, struct failure *why) {
    char text[SOURCE_BYTES];
    bool verified;
    enum result result = json_take_text(object, place, "source", text, sizeof text, why);
    if (result == RESULT_OK)
        result = json_take_flag(object, place, "verified", &verified, why);
    if (result == RESULT_OK && json_object_get(object, "note"))
        result = json_take_text(object, place, "note", text, sizeof text, why);
    return result;
}

static enum segment take_segment_name(const json_t *value) {
    return json_is_string(value) ? segment_from_name(json_string_value(value)) : SEGMENT_NONE;
}

static enum result add_row(struct tariff *tariff, const struct tariff_row *row,
                           const struct json_place *place, struct failure *why) {
    for (uint16_t i = 0; i < tariff->count; i++)
        if (tariff_rows_overlap(&tariff->rows[i], row))
            return refuse(place, "valid_from",
                          "another row holds for this segment and class at the same time: end that one first",
                          why);
    if (tariff->count == TARIFF_ROWS_MAX)
        return fail(why, RESULT_FULL, "CITY_TARIFF_FULL", "%s, %s: the tariff has over %d rows.", place->file,
                    place->where, TARIFF_ROWS_MAX);
    tariff->rows[tariff->count++] = *row;
    return RESULT_OK;
}

static enum payer payer_of(const json_t *object) {
    const char *payer = json_string_value(json_object_get(object, "payer"));
    const json_t *value = json_object_get(object, "budget_line");
    const char *line = json_string_value(value);
    for (size_t i = 0; payer && i < sizeof spellings / sizeof *spellings; i++) {
        bool same_line = spellings[i].budget_line ? line && strcmp(line, spellings[i].budget_line) == 0
                                                  : json_is_null(value);
        if (same_line && strcmp(payer, spellings[i].payer) == 0)
            return spellings[i].as;
    }
    return PAYER_NONE;
}

static enum result take_payers(struct tariff_row *row, const json_t *object, const struct json_place *place,
                               struct failure *why) {
    static const char *const keys[] = {"payer", "amount_rupiah", "budget_line", NULL};
    const json_t *payers;
    int64_t total, amount, sum = 0;
    enum result result = json_take_whole(object, place, "total_rupiah", 1, PREMIUM_MAX_RUPIAH, &total, why);
    if (result == RESULT_OK)
        result = json_take_array(object, place, "payers", PAYERS_MAX, &payers, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(payers); i++) {
        const json_t *part = json_array_get(payers, i);
        result = json_only_keys(part, place, keys, why);
        if (result == RESULT_OK)
            result = json_take_whole(part, place, "amount_rupiah", 1, PREMIUM_MAX_RUPIAH, &amount, why);
        if (result != RESULT_OK)
            return result;
        enum payer payer = payer_of(part);
        if (payer == PAYER_NONE || row->share[payer] != 0)
            return refuse(place, "payers", "a payer or its budget line is unknown, or stands there twice",
                          why);
        row->share[payer] = (uint32_t)amount;
        sum += amount;
    }
    if (result == RESULT_OK && sum != total)
        return refuse(place, "total_rupiah", "it is not the sum of what the payers pay", why);
    return result;
}

static enum result take_per_person(struct tariff *tariff, const json_t *object,
                                   const struct json_place *place, struct failure *why) {
    static const char *const keys[] = {"segment", "care_class", "valid_from", "valid_to", "total_rupiah",
                                       "payers",  "source",     "verified",   "note",     NULL};
    struct tariff_row row = {.segment = (uint8_t)take_segment_name(json_object_get(object, "segment"))};
    struct period period;
    int64_t care_class;
    enum result result = json_only_keys(object, place, keys, why);
    if (result == RESULT_OK && row.segment == SEGMENT_NONE)
        return refuse(place, "segment", "it is no segment such as \"PBPU_PEMDA\"", why);
    if (result == RESULT_OK)
        result = json_take_whole(object, place, "care_class", 1, 3, &care_class, why);
    if (result == RESULT_OK)
        result = take_period(object, place, &period, why);
    if (result == RESULT_OK)
        result = take_payers(&row, object, place, why);
    if (result == RESULT_OK)
        result = check_origin(object, place, why);
    if (result != RESULT_OK)
        return result;
    row.care_class = (uint8_t)care_class;
    row.valid_from = period.from;
    row.valid_to = period.to;
    return add_row(tariff, &row, place, why);
}

/* "5399405.69": digits, perhaps a point and two more; rounded half up to a whole rupiah. */
static bool parse_rupiah(const char *text, uint32_t *out) {
    size_t whole = strspn(text, "0123456789");
    const char *point = text + whole;
    bool cents = point[0] == '.' && strspn(point + 1, "0123456789") == 2 && point[3] == '\0';
    if (whole == 0 || whole > 9 || (point[0] != '\0' && !cents))
        return false;
    uint32_t amount = 0;
    for (size_t i = 0; i < whole; i++)
        amount = amount * 10 + (uint32_t)(text[i] - '0');
    *out = amount + (cents && point[1] >= '5');
    return true;
}

static enum result take_minimum_wage(struct minimum_wages *wages, const json_t *object,
                                     const struct json_place *place, struct failure *why) {
    static const char *const keys[] = {"valid_from", "valid_to", "amount_rupiah", "source", "verified",
                                       "note",       NULL};
    struct minimum_wage *wage = &wages->rows[wages->count];
    char amount[32];
    enum result result = json_only_keys(object, place, keys, why);
    if (result == RESULT_OK)
        result = take_period(object, place, &wage->period, why);
    if (result == RESULT_OK)
        result = json_take_text(object, place, "amount_rupiah", amount, sizeof amount, why);
    if (result == RESULT_OK)
        result = check_origin(object, place, why);
    if (result != RESULT_OK)
        return result;
    if (!parse_rupiah(amount, &wage->amount_rupiah))
        return refuse(place, "amount_rupiah", "it is no amount such as \"5399405.69\"", why);
    wages->count++;
    return RESULT_OK;
}

static day_t later(day_t a, day_t b) {
    return a > b ? a : b;
}

static day_t earlier_end(day_t a, day_t b) {
    if (a == DAY_NONE || b == DAY_NONE)
        return a == DAY_NONE ? b : a;
    return a < b ? a : b;
}

/* One row for each minimum wage that holds within the row's period. */
static enum result add_wage_rows(struct tariff *tariff, struct tariff_row row,
                                 const struct minimum_wages *wages, const struct json_place *place,
                                 struct failure *why) {
    struct period whole = {row.valid_from, row.valid_to};
    for (size_t i = 0; i < wages->count; i++) {
        const struct minimum_wage *wage = &wages->rows[i];
        row.valid_from = later(whole.from, wage->period.from);
        row.valid_to = earlier_end(whole.to, wage->period.to);
        if (row.valid_to != DAY_NONE && row.valid_to < row.valid_from)
            continue;
        if (wage->amount_rupiah > row.wage_cap_rupiah)
            return refuse(place, "wage_cap_rupiah", "a minimum wage is above it", why);
        row.wage_floor_rupiah = wage->amount_rupiah;
        enum result result = add_row(tariff, &row, place, why);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

/* The share of an extra family member is checked but charged to nobody: who is one, the registry does not
 * know. */
static enum result take_shares(struct tariff_row *row, const json_t *object, const struct json_place *place,
                               struct failure *why) {
    static const char *const floors[] = {"minimum_wages", NULL};
    static const char *const payers[] = {"member", "worker", NULL};
    int64_t employer, worker, cap, family;
    int choice;
    enum result result = json_take_whole(object, place, "employer_permille", 0, 1000, &employer, why);
    if (result == RESULT_OK)
        result = json_take_whole(object, place, "worker_permille", 0, 1000, &worker, why);
    if (result == RESULT_OK)
        result = json_take_whole(object, place, "wage_cap_rupiah", 1, WAGE_MAX_RUPIAH, &cap, why);
    if (result == RESULT_OK)
        result = json_take_choice(object, place, "wage_floor", floors, &choice, why);
    if (result == RESULT_OK)
        result = json_take_whole(object, place, "extra_family_member_permille", 0, 1000, &family, why);
    if (result == RESULT_OK)
        result = json_take_choice(object, place, "extra_family_member_payer", payers, &choice, why);
    if (result != RESULT_OK)
        return result;
    row->per_mille = true;
    row->share[PAYER_EMPLOYER] = (uint32_t)employer;
    row->share[PAYER_WORKER] = (uint32_t)worker;
    row->wage_cap_rupiah = (uint32_t)cap;
    return RESULT_OK;
}

static enum result take_per_wage(struct tariff *tariff, const struct minimum_wages *wages,
                                 const json_t *object, const struct json_place *place, struct failure *why) {
    static const char *const keys[] = {"segments",
                                       "valid_from",
                                       "valid_to",
                                       "employer_permille",
                                       "worker_permille",
                                       "wage_cap_rupiah",
                                       "wage_floor",
                                       "extra_family_member_permille",
                                       "extra_family_member_payer",
                                       "source",
                                       "verified",
                                       "note",
                                       NULL};
    struct tariff_row row = {0};
    struct period period;
    const json_t *segments;
    enum result result = json_only_keys(object, place, keys, why);
    if (result == RESULT_OK)
        result = take_period(object, place, &period, why);
    if (result == RESULT_OK)
        result = take_shares(&row, object, place, why);
    if (result == RESULT_OK)
        result = check_origin(object, place, why);
    if (result == RESULT_OK)
        result = json_take_array(object, place, "segments", SEGMENT_COUNT - 1, &segments, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(segments); i++) {
        row.segment = (uint8_t)take_segment_name(json_array_get(segments, i));
        if (row.segment == SEGMENT_NONE)
            return refuse(place, "segments", "one of them is no segment such as \"PPU_BU\"", why);
        row.valid_from = period.from;
        row.valid_to = period.to;
        result = add_wage_rows(tariff, row, wages, place, why);
    }
    return result;
}

/* What the file's three lists are taken into. */
struct reading {
    struct tariff *tariff;
    struct minimum_wages wages;
};
typedef enum result take_row(struct reading *reading, const json_t *object, const struct json_place *place,
                             struct failure *why);

static enum result person_row(struct reading *reading, const json_t *object, const struct json_place *place,
                              struct failure *why) {
    return take_per_person(reading->tariff, object, place, why);
}
static enum result wage_row(struct reading *reading, const json_t *object, const struct json_place *place,
                            struct failure *why) {
    return take_per_wage(reading->tariff, &reading->wages, object, place, why);
}
static enum result minimum_row(struct reading *reading, const json_t *object, const struct json_place *place,
                               struct failure *why) {
    return take_minimum_wage(&reading->wages, object, place, why);
}

static enum result take_list(struct reading *reading, const json_t *root, const char *path, const char *key,
                             size_t most, take_row *take, struct failure *why) {
    struct json_place top = {.file = path, .where = ""};
    const json_t *rows;
    enum result result = json_take_array(root, &top, key, most, &rows, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(rows); i++) {
        char where[48];
        snprintf(where, sizeof where, "%s[%zu]", key, i);
        struct json_place place = {.file = path, .where = where};
        const json_t *row = json_array_get(rows, i);
        result = json_is_object(row) ? take(reading, row, &place, why)
                                     : fail(why, RESULT_INVALID, "CITY_VALUE_INVALID",
                                            "%s, %s: it is not an object, { ... }.", path, where);
    }
    return result;
}

static enum result take_tariff(struct reading *reading, const json_t *root, const char *path,
                               struct failure *why) {
    static const char *const keys[] = {"about", "per_person", "per_wage", "minimum_wages", NULL};
    struct json_place top = {.file = path, .where = ""};
    enum result result = json_only_keys(root, &top, keys, why); /* `about` is for people */
    if (result == RESULT_OK)
        result = take_list(reading, root, path, "minimum_wages", MINIMUM_WAGES_MAX, minimum_row, why);
    if (result == RESULT_OK)
        result = take_list(reading, root, path, "per_person", TARIFF_ROWS_MAX, person_row, why);
    if (result == RESULT_OK)
        result = take_list(reading, root, path, "per_wage", PER_WAGE_MAX, wage_row, why);
    return result;
}

enum result tariff_load_file(struct tariff *tariff, const char *path, struct failure *why) {
    json_t *root;
    memset(tariff, 0, sizeof *tariff);
    enum result result = json_file_read(&root, path, why);
    if (result != RESULT_OK)
        return result;
    struct reading reading = {.tariff = tariff};
    result = take_tariff(&reading, root, path, why);
    json_decref(root);
    return result;
}

enum result tariff_load(struct tariff *tariff, const char *city_directory, struct failure *why) {
    char path[CITY_PATH_MAX];
    enum result result = city_path(path, city_directory, "tariff.json", why);
    return result == RESULT_OK ? tariff_load_file(tariff, path, why) : result;
}
