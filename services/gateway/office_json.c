/* office_json.c - what the finance office sends as JSON (office_json.h). */
#include "office_json.h"

#include "cakupan/calendar.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

static enum result invalid(struct failure *why, const char *field) {
    return fail(why, RESULT_INVALID, "JSON_INVALID", "%s", field);
}

/* An object that has no other fields than these; NULL: something else. */
static json_t *object_read(const uint8_t *body, size_t size, const char *const *fields) {
    json_t *object = body ? json_loadb((const char *)body, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool known = json_is_object(object);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        const char *const *at = fields;
        while (*at && strcmp(*at, name) != 0)
            at++;
        known = known && *at;
    }
    if (!known) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* Absent or null: 0. */
static bool rupiah_read(const json_t *object, const char *name, int64_t least, int64_t *out) {
    const json_t *value = json_object_get(object, name);
    *out = 0;
    if (!value || json_is_null(value))
        return true;
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= least && *out <= OFFICE_RUPIAH_MAX;
}

/* Printable ASCII, so that it can stand in a command line and a log. */
static bool text_read(const json_t *object, const char *name, char *out, size_t capacity) {
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);
    size_t size = text ? json_string_length(value) : 0;
    if (size == 0 || size >= capacity)
        return false;
    for (size_t i = 0; i < size; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    memcpy(out, text, size + 1);
    return true;
}

static const char *payment_wrong(const json_t *object, struct office_payment *out) {
    day_t day;
    if (!rupiah_read(object, "amount", 1, &out->amount_rupiah))
        return "amount";
    if (!rupiah_read(object, "iuran", 0, &out->iuran_rupiah))
        return "iuran";
    if (!rupiah_read(object, "bantuan", 0, &out->bantuan_rupiah))
        return "bantuan";
    bool parts = out->iuran_rupiah > 0 || out->bantuan_rupiah > 0;
    if (parts == (out->amount_rupiah > 0)) /* one of both ways to say it */
        return "amount";
    if (!text_read(object, "sp2d", out->sp2d, sizeof out->sp2d))
        return "sp2d";
    if (!text_read(object, "date", out->date, sizeof out->date) ||
        !calendar_parse(out->date, strlen(out->date), &day))
        return "date";
    return NULL;
}

enum result office_payment_decode(const uint8_t *body, size_t size, struct office_payment *out,
                                  struct failure *why) {
    static const char *const fields[] = {"amount", "iuran", "bantuan", "sp2d", "date", NULL};
    *out = (struct office_payment){0};
    json_t *object = object_read(body, size, fields);
    const char *wrong = object ? payment_wrong(object, out) : "";
    json_decref(object);
    return wrong ? invalid(why, wrong) : RESULT_OK;
}

static const char *budget_wrong(const json_t *object, struct office_budget *out) {
    if (!rupiah_read(object, "iuran", 1, &out->iuran_rupiah) || out->iuran_rupiah == 0)
        return "iuran";
    return !rupiah_read(object, "bantuan", 1, &out->bantuan_rupiah) || out->bantuan_rupiah == 0 ? "bantuan"
                                                                                                : NULL;
}

enum result office_budget_decode(const uint8_t *body, size_t size, struct office_budget *out,
                                 struct failure *why) {
    static const char *const fields[] = {"iuran", "bantuan", NULL};
    *out = (struct office_budget){0};
    json_t *object = object_read(body, size, fields);
    const char *wrong = object ? budget_wrong(object, out) : "";
    json_decref(object);
    return wrong ? invalid(why, wrong) : RESULT_OK;
}
