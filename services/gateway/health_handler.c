/* health_handler.c - GET /healthz and /readyz: does the process answer, and is there something to serve. */
#include "gateway_internal.h"
#include "routes.h"

void handle_health(struct request *request) {
    request_json(request, 200, json_pack("{s:s, s:s}", "status", "ok", "version", CAKUPAN_VERSION));
}

/* Billing may be away: totals and people are served all the same. The problem says which link is down,
 * too. */
void handle_ready(struct request *request) {
    const struct gateway *gateway = request_gateway(request);
    const struct coverage_view *view = coverage_link_view(gateway->coverage);
    bool coverage = view && !coverage_link_away(gateway->coverage, gateway->now_ms);
    bool enrollment = enrollment_watch_up(gateway->enrollment);
    bool ready = coverage && enrollment;
    json_t *links = json_pack("{s:b, s:b, s:b}", "coverage", coverage, "enrollment", enrollment, "billing",
                              view && view->billing.known && view->billing.running);
    json_t *body = json_pack("{s:b, s:I, s:o}", "ready", ready, "offset",
                             (json_int_t)(view ? view->offset : 0), "links", links);
    if (ready)
        request_json(request, 200, body);
    else
        request_problem_said(request, "NOT_READY", NULL, body);
}
