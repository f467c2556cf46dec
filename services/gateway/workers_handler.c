/* workers_handler.c - GET /v1/billing/workers: who counts the bill, how far behind, and what is parked. */
#include "office.h"
#include "routes.h"

void handle_workers(struct request *request) {
    struct child_order order = office_order(request, "billing status --json");
    office_ask(request, &order, LANE_QUICK, OFFICE_FRESH_QUICK_MS);
}
