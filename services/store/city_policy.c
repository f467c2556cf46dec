/* city_policy.c - reads policy.json: dated rows, each with the source of every setting (city_files.h). */
#include "city_files.h"
#include "json_file.h"

#include <stdio.h>
#include <string.h>

static const char *const row_keys[] = {"valid_from",
                                       "layoff_city_pays_from",
                                       "grace_months",
                                       "activation",
                                       "cut_off_day",
                                       "proof_required",
                                       "newborn_days",
                                       "newborn_nik_months",
                                       "uhc_registered_over_percent",
                                       "uhc_active_over_percent",
                                       "sources",
                                       NULL};
static const char *const layoff_payers[] = {"next_month", "after_grace", NULL}; /* enum layoff_payer */
static const char *const activations[] = {"same_day", "next_month", NULL};      /* enum activation   */

static enum result take_numbers(struct policy_row *row, const json_t *object, const struct json_place *place,
                                struct failure *why) {
    struct json_whole numbers[] = {
        {"grace_months", 0, 6, 0}, /* at most six: Perpres 82/2018 art. 27(1) */
        {"cut_off_day", 1, 28, 0},
        {"newborn_days", 1, 365, 0},
        {"newborn_nik_months", 1, 24, 0},
    };
    enum result result = json_take_wholes(object, place, numbers, sizeof numbers / sizeof *numbers, why);
    if (result != RESULT_OK)
        return result;
    row->grace_months = (uint8_t)numbers[0].value;
    row->cut_off_day = (uint8_t)numbers[1].value;
    row->newborn_days = (uint16_t)numbers[2].value;
    row->newborn_nik_months = (uint8_t)numbers[3].value;
    return RESULT_OK;
}

static enum result take_thresholds(struct policy_row *row, const json_t *object,
                                   const struct json_place *place, struct failure *why) {
    int64_t registered, active;
    enum result result =
        json_take_scaled(object, place, "uhc_registered_over_percent", 10, 1000, &registered, why);
    if (result == RESULT_OK)
        result = json_take_scaled(object, place, "uhc_active_over_percent", 10, 1000, &active, why);
    if (result != RESULT_OK)
        return result;
    row->uhc_registered_permille = (uint16_t)registered;
    row->uhc_active_permille = (uint16_t)active;
    return RESULT_OK;
}

static enum result take_row(struct policy_row *row, const json_t *object, const struct json_place *place,
                            struct failure *why) {
    int payer = 0, activation = 0;
    enum result result = json_only_keys(object, place, row_keys, why);
    if (result == RESULT_OK)
        result = json_take_day(object, place, "valid_from", &row->valid_from, why);
    if (result == RESULT_OK)
        result = json_take_choice(object, place, "layoff_city_pays_from", layoff_payers, &payer, why);
    if (result == RESULT_OK)
        result = json_take_choice(object, place, "activation", activations, &activation, why);
    if (result == RESULT_OK)
        result = json_take_flag(object, place, "proof_required", &row->proof_required, why);
    if (result == RESULT_OK)
        result = take_numbers(row, object, place, why);
    if (result == RESULT_OK)
        result = take_thresholds(row, object, place, why);
    if (result == RESULT_OK)
        result = json_check_sources(object, place, row_keys, why);
    row->layoff_payer = (uint8_t)payer;
    row->activation = (uint8_t)activation;
    return result;
}

static enum result take_rows(struct policy *policy, const json_t *root, const char *path,
                             struct failure *why) {
    static const char *const keys[] = {"rows", NULL};
    struct json_place top = {.file = path, .where = ""};
    const json_t *rows;
    enum result result = json_only_keys(root, &top, keys, why);
    if (result == RESULT_OK)
        result = json_take_array(root, &top, "rows", POLICY_ROWS_MAX, &rows, why);
    if (result != RESULT_OK)
        return result;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        char where[32];
        snprintf(where, sizeof where, "rows[%zu]", i);
        struct json_place place = {.file = path, .where = where};
        struct policy_row *row = &policy->rows[i];
        result = take_row(row, json_array_get(rows, i), &place, why);
        if (result != RESULT_OK)
            return result;
        char date[CALENDAR_TEXT];
        calendar_format(row->valid_from, date);
        if (i > 0 && row->valid_from <= policy->rows[i - 1].valid_from)
            return fail(why, RESULT_INVALID, "CITY_VALUE_INVALID",
                        "%s, %s.valid_from: %s is not after the row before: put the rows in order of date.",
                        path, where, date);
    }
    policy->count = (uint16_t)json_array_size(rows);
    return RESULT_OK;
}

enum result city_policy_read(struct policy *policy, const char *path, struct failure *why) {
    json_t *root;
    enum result result = json_file_read(&root, path, why);
    if (result != RESULT_OK)
        return result;
    result = take_rows(policy, root, path, why);
    json_decref(root);
    return result;
}
