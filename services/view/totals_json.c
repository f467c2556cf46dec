/* totals_json.c - a region's totals as JSON (totals_json.h). Field names are public: only add. */
#include "totals_json.h"

#include "cakupan/calendar.h"
#include "cakupan/member.h"
#include "cakupan/totals.h"
#include "format.h"

#include <stdlib.h>
#include <string.h>

static json_t *percent(uint32_t people, uint32_t population) {
    return json_real((double)totals_percent_hundredths(people, population) / 100.0);
}

static void integer_put(json_t *object, const char *name, uint64_t number) {
    json_object_set_new(object, name, json_integer((json_int_t)number));
}

static void figures_put(json_t *object, const struct coverage_region *region) {
    char code[16];
    snprintf(code, sizeof code, "%u", region->code);
    json_object_set_new(object, "code", json_string(code));
    json_object_set_new(object, "name", json_string(region->name));
    integer_put(object, "population", region->line.population);
    integer_put(object, "registered", region->line.registered);
    integer_put(object, "active", region->line.active);
    integer_put(object, "city_paid", region->line.city_paid);
    integer_put(object, "grace", region->line.grace);
    json_object_set_new(object, "registered_percent",
                        percent(region->line.registered, region->line.population));
    json_object_set_new(object, "active_percent", percent(region->line.active, region->line.population));
}

static json_t *regions_list(const struct coverage_view *view, const struct coverage_region *region) {
    json_t *list = json_array();
    for (size_t i = 0; i < view->count; i++) {
        if (!region_is_below(view->regions[i].code, region->code))
            continue;
        json_t *object = json_object();
        figures_put(object, &view->regions[i]);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *segments_list(const struct coverage_region *region) {
    json_t *list = json_array();
    for (size_t s = SEGMENT_NONE + 1; s < SEGMENT_COUNT; s++) {
        json_t *object = json_object();
        json_object_set_new(object, "segment", json_string(segment_name((enum segment)s)));
        json_object_set_new(object, "title", json_string(segment_title((enum segment)s)));
        integer_put(object, "registered", region->line.registered_by_segment[s]);
        integer_put(object, "active", region->line.active_by_segment[s]);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *statuses_object(const struct coverage_region *region) {
    json_t *object = json_object();
    for (size_t s = STATUS_NONE + 1; s < STATUS_COUNT; s++)
        integer_put(object, status_name((enum status)s), region->line.by_status[s]);
    return object;
}

static json_t *flows_object(const struct coverage_region *region) {
    json_t *object = json_object();
    for (size_t f = 0; f < FLOW_COUNT; f++)
        integer_put(object, flow_name((enum flow)f), region->line.flows[f]);
    return object;
}

json_t *json_instant(int64_t unix_ms) {
    char text[FORMAT_TEXT], iso[FORMAT_TEXT + 8];
    format_instant(unix_ms, text);
    if (text[0] == '-')
        return json_null();
    text[10] = 'T';
    snprintf(iso, sizeof iso, "%s+07:00", text);
    return json_string(iso);
}

json_t *totals_json(const struct coverage_view *view, const struct coverage_region *region) {
    static const char *const uhc[] = {
        [UHC_NO] = "no", [UHC_REGISTERED_ONLY] = "registered_only", [UHC_YES] = "yes"};
    char date[FORMAT_TEXT];
    json_t *object = json_object();
    figures_put(object, region);
    integer_put(object, "offset", view->offset);
    json_object_set_new(object, "as_of", json_instant(view->as_of_ms));
    json_object_set_new(object, "day", json_string(format_date(calendar_to_number(view->day), date)));
    json_object_set_new(object, "population_as_of", json_string(format_date(view->population_as_of, date)));
    json_object_set_new(object, "population_source", json_string(view->population_source));
    json_object_set_new(object, "city_uhc", json_string(uhc[view->uhc]));
    json_object_set_new(object, "regions", regions_list(view, region));
    json_object_set_new(object, "segments", segments_list(region));
    json_object_set_new(object, "statuses", statuses_object(region));
    json_object_set_new(object, "flows_today", flows_object(region));
    if (region->code < 10000) {
        json_object_set_new(object, "billing", totals_bill_json(&view->billing));
        json_object_set_new(object, "grace_windows", totals_grace_json(view->grace));
    }
    return object;
}

void json_print(FILE *out, json_t *value, bool compact) {
    json_dumpf(value, out, (compact ? JSON_COMPACT : JSON_INDENT(2)) | JSON_TEXT_FLAGS);
    fputc('\n', out);
    fflush(out);
    json_decref(value);
}
