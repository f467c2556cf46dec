/* totals_handler.c - GET /v1/totals and /v1/totals/stream. */
#include "gateway_internal.h"
#include "history_handler.h"
#include "routes.h"

#include <string.h>

#define EVENT_ID_MAX 64

/* The present day is the live picture, with all levels. */
static bool is_past(const struct request *request, const struct coverage_view *view) {
    const char *text = request_parameter(request, "as-of");
    day_t day;
    return text && !(calendar_parse(text, strlen(text), &day) && day == view->day);
}

void handle_totals(struct request *request) {
    struct gateway *gateway = request_gateway(request);
    const struct coverage_view *view = coverage_link_view(gateway->coverage);
    const struct coverage_region *region;
    const char *wish = request_parameter(request, "level");
    enum totals_level level = wish ? totals_level_from_name(wish) : LEVEL_TREE;
    struct failure why;
    if (!view)
        request_problem(request, "NOT_READY", NULL);
    else if (level == LEVEL_COUNT)
        request_problem(request, "PARAMETER_INVALID", "level");
    else if (is_past(request, view))
        totals_as_of(request, view, level);
    else if (coverage_view_find(view, request_parameter(request, "region"), &region, &why) != RESULT_OK)
        region_problem(request, &why);
    else
        request_page(request, live_page(gateway->live, region, level, request_audience(request)));
}

void handle_stream(struct request *request) {
    struct gateway *gateway = request_gateway(request);
    const char *last_id = request_header(request, "Last-Event-ID");
    if (!last_id)
        last_id = request_parameter(request, "last-event-id");
    if (last_id && strlen(last_id) > EVENT_ID_MAX)
        request_problem(request, "PARAMETER_INVALID", "last-event-id");
    else if (!coverage_link_view(gateway->coverage))
        request_problem(request, "NOT_READY", NULL);
    else
        streams_watch(gateway->streams, request, last_id);
}
