/* city_payment.c - reads payment.json and holidays.json: dated terms and days, each with its source
 * (city_payment.h). */
#include "city_payment.h"

#include "city_files.h"
#include "json_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SOURCE_BYTES       512
#define HOLIDAY_NAME_BYTES 96
#define HOLIDAY_YEARS_MAX  64
#define PENALTY_MAX_RUPIAH INT64_C(1000000000)

/* Perpres 82/2018 art. 39: the 10th; of the month after the one billed, because a month is invoiced from its
 * cut-off day on, when its own 10th is over. Since that article speaks of employers, a city's agreement goes
 * before it. */
static const struct payment_terms_row terms_without_file = {
    .due_day_of_month = 10, .due_month = 1, .due_moves = true};

static const char *const row_keys[] = {
    "valid_from", "due_day_of_month", "due_month",          "due_moves",          "close_from_day",
    "penalty",    "penalty_permille", "penalty_months_max", "penalty_max_rupiah", "sources",
    NULL};

static enum result take_numbers(struct payment_terms_row *row, const json_t *object,
                                const struct json_place *place, struct failure *why) {
    struct json_whole numbers[] = {
        {"due_day_of_month", 1, 28, 0},   {"due_month", 0, 1, 0},
        {"close_from_day", 0, 28, 0},     {"penalty_permille", 0, 1000, 0},
        {"penalty_months_max", 0, 60, 0}, {"penalty_max_rupiah", 0, PENALTY_MAX_RUPIAH, 0},
    };
    enum result result = json_take_wholes(object, place, numbers, sizeof numbers / sizeof *numbers, why);
    if (result != RESULT_OK)
        return result;
    row->due_day_of_month = (uint8_t)numbers[0].value;
    row->due_month = (int8_t)numbers[1].value;
    row->close_from_day = (uint8_t)numbers[2].value;
    return RESULT_OK;
}

/* Perpres 64/2020 art. 42(6): 5% of the cost of inpatient care, times the months late, where the care begins
 * within 45 days of reactivation. That cost stands in BPJS's claims alone, and BPJS asks for the penalty with
 * the care; nothing in this city's journal could post it. So it is off, as unverified for members whom a city
 * pays for; and to switch it on is refused, rather than taken and never charged. */
static enum result check_penalty(const json_t *object, const struct json_place *place, struct failure *why) {
    bool penalty = false;
    enum result result = json_take_flag(object, place, "penalty", &penalty, why);
    if (result != RESULT_OK || !penalty)
        return result;
    return fail(why, RESULT_INVALID, "CITY_VALUE_INVALID",
                "%s, %s.penalty: it can't be true. The late penalty is a share of the cost of inpatient care "
                "(Perpres 64/2020 art. 42(6)), which BPJS alone knows and bills: write false.",
                place->file, place->where);
}

static enum result take_row(struct payment_terms_row *row, const json_t *object,
                            const struct json_place *place, struct failure *why) {
    enum result result = json_only_keys(object, place, row_keys, why);
    if (result == RESULT_OK)
        result = json_take_day(object, place, "valid_from", &row->valid_from, why);
    if (result == RESULT_OK)
        result = json_take_flag(object, place, "due_moves", &row->due_moves, why);
    if (result == RESULT_OK)
        result = check_penalty(object, place, why);
    if (result == RESULT_OK)
        result = take_numbers(row, object, place, why);
    return result == RESULT_OK ? json_check_sources(object, place, row_keys, why) : result;
}

static enum result take_rows(struct payment_terms *terms, const json_t *root, const char *path,
                             struct failure *why) {
    static const char *const keys[] = {"rows", NULL};
    struct json_place top = {.file = path, .where = ""};
    const json_t *rows;
    enum result result = json_only_keys(root, &top, keys, why);
    if (result == RESULT_OK)
        result = json_take_array(root, &top, "rows", PAYMENT_TERMS_MAX, &rows, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(rows); i++) {
        char where[32], date[CALENDAR_TEXT];
        snprintf(where, sizeof where, "rows[%zu]", i);
        struct json_place place = {.file = path, .where = where};
        struct payment_terms_row *row = &terms->rows[i];
        result = take_row(row, json_array_get(rows, i), &place, why);
        calendar_format(row->valid_from, date);
        if (result == RESULT_OK && i > 0 && row->valid_from <= terms->rows[i - 1].valid_from)
            return fail(why, RESULT_INVALID, "CITY_VALUE_INVALID",
                        "%s, %s.valid_from: %s is not after the row before: put the rows in order of date.",
                        path, where, date);
        terms->count = (uint16_t)(i + 1);
    }
    return result;
}

static enum result add_holiday(struct payment_terms *terms, const json_t *object,
                               const struct json_place *place, int year, struct failure *why) {
    static const char *const keys[] = {"date", "name", "shared_leave", NULL};
    char name[HOLIDAY_NAME_BYTES], date[CALENDAR_TEXT];
    bool shared_leave = false;
    day_t day = DAY_NONE;
    int day_year = 0, month, day_of_month;
    enum result result = json_only_keys(object, place, keys, why);
    if (result == RESULT_OK)
        result = json_take_day(object, place, "date", &day, why);
    if (result == RESULT_OK)
        result = json_take_text(object, place, "name", name, sizeof name, why);
    if (result == RESULT_OK && json_object_get(object, "shared_leave"))
        result = json_take_flag(object, place, "shared_leave", &shared_leave, why);
    if (result != RESULT_OK)
        return result;
    calendar_format(day, date);
    calendar_civil(day, &day_year, &month, &day_of_month);
    if (day_year != year || (terms->holiday_count > 0 && day <= terms->holidays[terms->holiday_count - 1]))
        return fail(
            why, RESULT_INVALID, "CITY_VALUE_INVALID",
            "%s, %s.date: %s is not in its year, or not after the day before: put days in order, once.",
            place->file, place->where, date);
    if (terms->holiday_count == HOLIDAYS_MAX)
        return fail(why, RESULT_FULL, "CITY_VALUE_INVALID",
                    "%s, %s: more than %d days; take the oldest years out.", place->file, place->where,
                    HOLIDAYS_MAX);
    terms->holidays[terms->holiday_count++] = day;
    return RESULT_OK;
}

static enum result take_year(struct payment_terms *terms, const json_t *object,
                             const struct json_place *place, struct failure *why) {
    static const char *const keys[] = {"year", "source", "days", NULL};
    char source[SOURCE_BYTES];
    int64_t year = 0;
    const json_t *days = NULL;
    enum result result = json_only_keys(object, place, keys, why);
    if (result == RESULT_OK)
        result = json_take_whole(object, place, "year", 1900, 2078, &year, why);
    if (result == RESULT_OK)
        result = json_take_text(object, place, "source", source, sizeof source, why);
    if (result == RESULT_OK)
        result = json_take_array(object, place, "days", HOLIDAYS_MAX, &days, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(days); i++) {
        char where[64];
        snprintf(where, sizeof where, "%.32s.days[%zu]", place->where, i);
        struct json_place inner = {.file = place->file, .where = where};
        result = add_holiday(terms, json_array_get(days, i), &inner, (int)year, why);
    }
    return result;
}

static enum result take_holidays(struct payment_terms *terms, const json_t *root, const char *path,
                                 struct failure *why) {
    static const char *const keys[] = {"about", "until", "years", NULL}; /* `about` is for people */
    struct json_place top = {.file = path, .where = ""};
    const json_t *years = NULL;
    enum result result = json_only_keys(root, &top, keys, why);
    if (result == RESULT_OK)
        result = json_take_day(root, &top, "until", &terms->holidays_until, why);
    if (result == RESULT_OK)
        result = json_take_array(root, &top, "years", HOLIDAY_YEARS_MAX, &years, why);
    for (size_t i = 0; result == RESULT_OK && i < json_array_size(years); i++) {
        char where[32];
        snprintf(where, sizeof where, "years[%zu]", i);
        struct json_place place = {.file = path, .where = where};
        result = take_year(terms, json_array_get(years, i), &place, why);
    }
    return result;
}

typedef enum result take_file(struct payment_terms *terms, const json_t *root, const char *path,
                              struct failure *why);

/* `*there` false where the city has no such file. */
static enum result load(struct payment_terms *terms, const char *directory, const char *name, take_file *take,
                        bool *there, struct failure *why) {
    char path[CITY_PATH_MAX];
    json_t *root;
    enum result result = city_path(path, directory, name, why);
    *there = result == RESULT_OK && access(path, F_OK) == 0;
    if (!*there)
        return result;
    result = json_file_read(&root, path, why);
    if (result != RESULT_OK)
        return result;
    result = take(terms, root, path, why);
    json_decref(root);
    return result;
}

enum result payment_terms_load(struct payment_terms *terms, const char *city_directory, struct failure *why) {
    bool there = false;
    memset(terms, 0, sizeof *terms);
    enum result result = load(terms, city_directory, "payment.json", take_rows, &there, why);
    if (result != RESULT_OK)
        return result;
    if (!there) {
        terms->rows[0] = terms_without_file;
        terms->count = 1;
    }
    return load(terms, city_directory, "holidays.json", take_holidays, &there, why);
}
