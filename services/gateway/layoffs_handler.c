/* layoffs_handler.c - POST /v1/layoffs: a labour office's list of laid-off workers, checked or sent. */
#include "gateway_internal.h"
#include "office.h"
#include "routes.h"

enum { ROWS_SHOWN = 1000 };

/* The list reaches the command by its standard input: NIKs are no arguments. */
void handle_layoffs(struct request *request) {
    bool dry_run = false;
    if (!office_whole_city(request) || !office_flag(request, "dry-run", &dry_run) || !office_list(request))
        return;
    struct job_plan plan = {.order = office_order(request, "layoff - --json"),
                            .kind = JOB_LAYOFFS,
                            .lane = LANE_LAYOFFS,
                            .enrollment = true,
                            .dry_run = dry_run,
                            .file_option = "--refused",
                            .whole_option = "--out"};
    if (dry_run)
        child_argument(&plan.order, "--dry-run");
    child_argument(&plan.order, "--list=%d", ROWS_SHOWN);
    child_argument(&plan.order, "--language=%s", request_language(request) == LANGUAGE_ENGLISH ? "en" : "id");
    office_author(&plan.order, request);
    jobs_submit(request_gateway(request)->jobs, &plan, request);
}
