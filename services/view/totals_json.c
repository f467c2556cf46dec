/* totals_json.c - a region's totals as JSON (totals_json.h). Field names are public: only add. */
#include "totals_json.h"

#include "cakupan/calendar.h"
#include "cakupan/member.h"
#include "cakupan/totals.h"
#include "format.h"

#include <stdlib.h>
#include <string.h>

/* A region of a picture, as those see it to whom `hidden` holds back what it names. */
struct sight {
    const struct coverage_region *region;
    const struct suppression *hidden;
    size_t index;
};

static struct sight sight_of(const struct coverage_view *view, const struct coverage_region *region,
                             const struct suppression *hidden) {
    return (struct sight){region, hidden, (size_t)(region - view->regions)};
}

static void integer_put(json_t *object, const char *name, uint64_t number) {
    json_object_set_new(object, name, json_integer((json_int_t)number));
}

static void count_put(json_t *object, const char *name, const struct sight *sight, unsigned field,
                      uint32_t people) {
    json_object_set_new(object, name,
                        suppressed(sight->hidden, sight->index, field) ? json_null() : json_integer(people));
}

static void percent_put(json_t *object, const char *name, const struct sight *sight, unsigned field,
                        uint32_t people) {
    double percent = (double)totals_percent_hundredths(people, sight->region->line.population) / 100.0;
    json_object_set_new(object, name,
                        suppressed(sight->hidden, sight->index, field) ? json_null() : json_real(percent));
}

json_t *totals_figures_json(const struct coverage_view *view, const struct coverage_region *region,
                            const struct suppression *hidden) {
    const struct sight sight = sight_of(view, region, hidden);
    const struct totals_line *line = &region->line;
    json_t *object = json_object();
    char code[16];
    snprintf(code, sizeof code, "%u", region->code);
    json_object_set_new(object, "code", json_string(code));
    json_object_set_new(object, "name", json_string(region->name));
    integer_put(object, "population", line->population);
    count_put(object, "registered", &sight, FIELD_REGISTERED, line->registered);
    count_put(object, "active", &sight, FIELD_ACTIVE, line->active);
    count_put(object, "city_paid", &sight, FIELD_CITY_PAID, line->city_paid);
    count_put(object, "grace", &sight, FIELD_GRACE, line->grace);
    percent_put(object, "registered_percent", &sight, FIELD_REGISTERED, line->registered);
    percent_put(object, "active_percent", &sight, FIELD_ACTIVE, line->active);
    return object;
}

static json_t *regions_list(const struct coverage_view *view, const struct coverage_region *region,
                            const struct suppression *hidden) {
    json_t *list = json_array();
    for (size_t i = 0; i < view->count; i++)
        if (region_is_below(view->regions[i].code, region->code))
            json_array_append_new(list, totals_figures_json(view, &view->regions[i], hidden));
    return list;
}

static json_t *segments_list(const struct sight *sight) {
    const struct totals_line *line = &sight->region->line;
    json_t *list = json_array();
    for (unsigned s = SEGMENT_NONE + 1; s < SEGMENT_COUNT; s++) {
        json_t *object = json_object();
        json_object_set_new(object, "segment", json_string(segment_name((enum segment)s)));
        json_object_set_new(object, "title", json_string(segment_title((enum segment)s)));
        count_put(object, "registered", sight, FIELD_FIRST_REGISTERED + s - 1,
                  line->registered_by_segment[s]);
        count_put(object, "active", sight, FIELD_FIRST_ACTIVE + s - 1, line->active_by_segment[s]);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *statuses_object(const struct sight *sight) {
    json_t *object = json_object();
    for (unsigned s = STATUS_NONE + 1; s < STATUS_COUNT; s++)
        count_put(object, status_name((enum status)s), sight, FIELD_FIRST_STATUS + s - 1,
                  sight->region->line.by_status[s]);
    return object;
}

json_t *totals_flows_json(const struct coverage_view *view, const struct coverage_region *region,
                          const struct suppression *hidden) {
    const struct sight sight = sight_of(view, region, hidden);
    json_t *object = json_object();
    for (unsigned f = 0; f < FLOW_COUNT; f++)
        count_put(object, flow_name((enum flow)f), &sight, FIELD_FIRST_FLOW + f, region->line.flows[f]);
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

void totals_header_put(json_t *object, const struct coverage_view *view) {
    static const char *const uhc[] = {
        [UHC_NO] = "no", [UHC_REGISTERED_ONLY] = "registered_only", [UHC_YES] = "yes"};
    char date[FORMAT_TEXT];
    integer_put(object, "offset", view->offset);
    json_object_set_new(object, "as_of", json_instant(view->as_of_ms));
    json_object_set_new(object, "day", json_string(format_date(calendar_to_number(view->day), date)));
    json_object_set_new(object, "population_as_of", json_string(format_date(view->population_as_of, date)));
    json_object_set_new(object, "population_source", json_string(view->population_source));
    json_object_set_new(object, "city_uhc", json_string(uhc[view->uhc]));
}

static json_t *grace_windows(const struct coverage_view *view, const struct suppression *hidden) {
    json_t *list = totals_grace_json(view->grace);
    for (size_t i = 0; hidden && hidden->grace_windows && i < json_array_size(list); i++)
        json_object_set_new(json_array_get(list, i), "people", json_null());
    return list;
}

json_t *totals_json_hiding(const struct coverage_view *view, const struct coverage_region *region,
                           const struct suppression *hidden) {
    const struct sight sight = sight_of(view, region, hidden);
    json_t *object = totals_figures_json(view, region, hidden);
    totals_header_put(object, view);
    json_object_set_new(object, "regions", regions_list(view, region, hidden));
    json_object_set_new(object, "segments", segments_list(&sight));
    json_object_set_new(object, "statuses", statuses_object(&sight));
    json_object_set_new(object, "flows_today", totals_flows_json(view, region, hidden));
    if (region->code < 10000) {
        json_t *bill = totals_bill_json(&view->billing);
        if (hidden)
            bill = totals_bill_public(bill, hidden->bill);
        json_object_set_new(object, "billing",
                            hidden && hidden->bill_pair ? totals_bill_without_pair(bill) : bill);
        json_object_set_new(object, "grace_windows", grace_windows(view, hidden));
    }
    return object;
}

json_t *totals_json(const struct coverage_view *view, const struct coverage_region *region) {
    return totals_json_hiding(view, region, NULL);
}

void json_print(FILE *out, json_t *value, bool compact) {
    json_dumpf(value, out, (compact ? JSON_COMPACT : JSON_INDENT(2)) | JSON_TEXT_FLAGS);
    fputc('\n', out);
    fflush(out);
    json_decref(value);
}
