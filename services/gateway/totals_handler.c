/* totals_handler.c - GET /v1/totals. */
#include "gateway_internal.h"
#include "routes.h"

#include <string.h>

void handle_totals(struct request *request) {
    struct gateway *gateway = request_gateway(request);
    const struct coverage_view *view = coverage_link_view(gateway->coverage);
    const struct coverage_region *region;
    const char *name = request_parameter(request, "region");
    struct failure why;
    if (!view)
        request_problem(request, "NOT_READY", NULL);
    else if (coverage_view_find(view, name, &region, &why) != RESULT_OK)
        request_problem_said(request, why.code, why.sentence, NULL);
    else
        request_page(request, live_page(gateway->live, region, LEVEL_TREE, request_audience(request)));
}
