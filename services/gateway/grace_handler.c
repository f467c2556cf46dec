/* grace_handler.c - GET /v1/grace: whose cover without premium ends in a month. */
#include "cakupan/calendar.h"
#include "gateway_internal.h"
#include "office.h"
#include "routes.h"

#include <inttypes.h>
#include <string.h>

enum { PEOPLE_DEFAULT = 200, PEOPLE_MAX = 1000 };

void handle_grace(struct request *request) {
    const char *month = request_parameter(request, "month");
    uint64_t limit = PEOPLE_DEFAULT;
    month_t read;
    if (month && !calendar_parse_month(month, strlen(month), &read)) {
        request_problem(request, "MONTH_INVALID", NULL);
        return;
    }
    if (!office_number(request, "limit", 1, PEOPLE_MAX, &limit))
        return;
    struct jobs_question question = {.order = office_order(request, "grace --json"),
                                     .lane = LANE_LONG,
                                     .enrollment = true,
                                     .fresh_ms = OFFICE_FRESH_LONG_MS};
    if (month)
        child_argument(&question.order, "%s", month);
    child_argument(&question.order, "--limit=%" PRIu64, limit);
    child_argument(&question.order, "--area=%" PRIu32, request_caller(request)->area);
    jobs_ask(request_gateway(request)->jobs, &question, request);
}
