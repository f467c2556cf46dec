/* jobs_handler.c - GET /v1/jobs...: how far long work is, and what came of it. */
#include "gateway_internal.h"
#include "office.h"
#include "routes.h"

void handle_jobs(struct request *request) {
    jobs_answer_list(request_gateway(request)->jobs, request);
}

void handle_job(struct request *request) {
    uint64_t wait_ms = 0;
    if (office_number(request, "wait-ms", 0, JOBS_WAIT_MAX_MS, &wait_ms))
        jobs_answer_job(request_gateway(request)->jobs, request_part(request, 0), (int)wait_ms, request);
}

void handle_job_result(struct request *request) {
    jobs_answer_result(request_gateway(request)->jobs, request_part(request, 0), request);
}

void handle_job_file(struct request *request) {
    jobs_answer_file(request_gateway(request)->jobs, request_part(request, 0), request);
}
