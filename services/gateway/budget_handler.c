/* budget_handler.c - GET and PUT /v1/budget/{year}: the year's ceiling, and whether it lasts. */
#include "gateway_internal.h"
#include "office.h"
#include "office_json.h"
#include "routes.h"

#include <inttypes.h>

enum { LAYOFFS_MAX = 10000000 };

void handle_budget(struct request *request) {
    const char *year;
    uint64_t layoffs = 0;
    if (!office_year(request, &year) || !office_number(request, "layoffs", 0, LAYOFFS_MAX, &layoffs))
        return;
    struct child_order order = office_order(request, "budget show --json");
    child_argument(&order, "%s", year);
    if (layoffs > 0)
        child_argument(&order, "--what-if=layoffs=%" PRIu64, layoffs);
    office_ask(request, &order, LANE_QUICK, OFFICE_FRESH_QUICK_MS);
}

void handle_budget_set(struct request *request) {
    const char *year;
    struct office_budget budget;
    struct failure why;
    size_t size;
    const uint8_t *body = request_body(request, &size);
    if (!office_year(request, &year))
        return;
    if (office_budget_decode(body, size, &budget, &why) != RESULT_OK) {
        office_json_wrong(request, &why);
        return;
    }
    struct jobs_question question = {
        .order = office_order(request, "budget set --json"), .lane = LANE_QUICK, .changes = true};
    child_argument(&question.order, "%s", year);
    child_argument(&question.order, "--iuran=%" PRId64, budget.iuran_rupiah);
    child_argument(&question.order, "--bantuan=%" PRId64, budget.bantuan_rupiah);
    office_author(&question.order, request);
    jobs_ask(request_gateway(request)->jobs, &question, request);
}
