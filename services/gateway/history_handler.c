/* history_handler.c - GET /v1/history, and /v1/totals as a past day ended. */
#include "gateway_internal.h"
#include "history_handler.h"
#include "routes.h"

#include <stdlib.h>
#include <string.h>

#define DAYS_BEFORE  30
#define REGION_SHOWN 60 /* bytes of what was taken for a name */

/* `fallback` where the parameter is absent. */
static bool day_read(struct request *request, const char *name, day_t fallback, day_t *out) {
    const char *text = request_parameter(request, name);
    *out = fallback;
    if (!text || calendar_parse(text, strlen(text), out))
        return true;
    request_problem(request, "PARAMETER_INVALID", name);
    return false;
}

static bool range_read(struct request *request, day_t last, day_t *from, day_t *to) {
    if (!day_read(request, "to", last, to))
        return false;
    day_t before = *to > DAYS_BEFORE ? (day_t)(*to - DAYS_BEFORE) : (day_t)1;
    if (!day_read(request, "from", before, from))
        return false;
    if (*from <= *to && *to - *from < (int)HISTORY_DAYS_MAX)
        return true;
    request_problem(request, "PARAMETER_INVALID", "from");
    return false;
}

void region_problem(struct request *request, const struct failure *why) {
    const char *name = request_parameter(request, "region");
    char shown[REGION_SHOWN + 1];
    refusal_fill("{}", name, shown, sizeof shown);
    request_problem(request, why->code, shown);
}

/* `code` 0 where no region was asked for. */
static bool region_read(struct request *request, const struct coverage_view *view, uint32_t *code) {
    const char *name = request_parameter(request, "region");
    const struct coverage_region *region;
    struct failure why;
    *code = 0;
    if (!name)
        return true;
    if (coverage_view_find(view, name, &region, &why) != RESULT_OK) {
        region_problem(request, &why);
        return false;
    }
    *code = region->code;
    if (region->code < 1000000)
        return true;
    request_problem(request, "HISTORY_LEVEL", NULL);
    return false;
}

void handle_history(struct request *request) {
    struct gateway *gateway = request_gateway(request);
    const struct coverage_view *view = coverage_link_view(gateway->coverage);
    day_t from, to;
    uint32_t region;
    if (!view || !history_complete(gateway->history)) {
        request_problem(request, "NOT_READY", NULL);
        return;
    }
    if (!range_read(request, view->day, &from, &to) || !region_read(request, view, &region))
        return;
    struct page *page = history_page(gateway->history, from, to, region, request_audience(request));
    if (page)
        request_page(request, page);
    else
        request_problem(request, "BUSY", NULL);
}

static json_t *body_as_of(struct gateway *gateway, struct coverage_view *picture, uint32_t code,
                          enum totals_level level, enum audience audience) {
    const struct coverage_region *region = code ? coverage_view_region(picture, code) : &picture->regions[0];
    struct suppression hidden;
    if (picture->count == 0 || !region)
        return NULL;
    suppress_view(picture, &hidden);
    const struct suppression *holding_back = audience == AUDIENCE_OFFICER ? NULL : &hidden;
    json_t *body = level == LEVEL_TREE ? totals_json_hiding(picture, region, holding_back)
                                       : totals_table_json(picture, level, region->code, holding_back);
    json_object_set_new(body, "as_of", json_null()); /* its end: no record's time */
    live_put(gateway->live, body, audience);
    return body;
}

void totals_as_of(struct request *request, const struct coverage_view *view, enum totals_level level) {
    struct gateway *gateway = request_gateway(request);
    uint32_t code;
    day_t day;
    if (!day_read(request, "as-of", view->day, &day) || !region_read(request, view, &code))
        return;
    if (level == LEVEL_KELURAHAN || level == LEVEL_ALL) {
        request_problem(request, "HISTORY_LEVEL", NULL);
        return;
    }
    struct coverage_view *picture = calloc(1, sizeof *picture);
    if (!picture)
        abort();
    json_t *body = history_day(gateway->history, day, picture)
                       ? body_as_of(gateway, picture, code, level, request_audience(request))
                       : NULL;
    struct page *page = body ? live_page_of(body, picture->offset) : NULL;
    free(picture);
    if (page)
        request_page(request, page);
    else if (day < view->day && !history_complete(gateway->history)) /* it may come still */
        request_problem(request, "NOT_READY", NULL);
    else
        request_problem(request, "DAY_UNKNOWN", request_parameter(request, "as-of"));
    page_release(&page);
}
