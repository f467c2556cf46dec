/* health_handler.c - GET /healthz and /readyz. */
#include "gateway_internal.h"
#include "routes.h"

void handle_health(struct request *request) {
    request_json(request, 200, json_pack("{s:s, s:s}", "status", "ok", "version", CAKUPAN_VERSION));
}

void handle_ready(struct request *request) {
    const struct gateway *gateway = request_gateway(request);
    const struct coverage_view *view = coverage_link_view(gateway->coverage);
    bool coverage = view && !coverage_link_away(gateway->coverage, gateway->now_ms);
    if (!coverage) {
        request_problem(request, "NOT_READY", NULL);
        return;
    }
    json_t *links = json_pack("{s:b, s:b}", "coverage", coverage, "billing",
                              view->billing.known && view->billing.running);
    request_json(
        request, 200,
        json_pack("{s:b, s:I, s:o}", "ready", 1, "offset", (json_int_t)view->offset, "links", links));
}
