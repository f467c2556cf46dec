/* routes.h - the one table of what the gateway answers: method, path, who may, limits, handler. */
#ifndef GATEWAY_ROUTES_H
#define GATEWAY_ROUTES_H

#include "request.h"

#define ROUTE_PARTS_MAX     2
#define ROUTE_PART_MAX      64
#define ROUTE_BODY_MAX      (1u << 20)
#define ROUTE_BODY_LIST_MAX (16u << 20)
#define ROUTE_BODY_BPJS_MAX (64u << 20) /* a whole city by name */
#define ROUTE_BODY_UNKNOWN  UINT64_MAX  /* what a body in chunks says of its size */

enum route_flag {
    ROUTE_TOKEN_OPTIONAL = 1 << 0, /* open; an officer's token shows small cells */
    ROUTE_OWNER_DECIDES = 1 << 1,  /* a token is needed, and enrollment checks it with the question itself */
    ROUTE_BODY_SPOOLED = 1 << 2,   /* the body goes to a file */
    ROUTE_STREAM = 1 << 3,         /* exempt from the time limit of a whole request */
    ROUTE_LOCAL = 1 << 4,          /* from this machine without a token, else by role */
    ROUTE_PAIRING = 1 << 5,        /* counts against the limits of pairing, too */
};

struct route {
    const char *method; /* "GET" answers HEAD, too */
    const char *path;   /* "/v1/members/{}"; its name in logs and metrics */
    uint32_t roles;     /* bits 1 << enum role: who may; 0: everybody */
    unsigned flags;
    uint32_t body_max; /* 0: none is taken */
    const char *types; /* media types of the body, blank between */
    void (*handle)(struct request *request);
    const char *parameters; /* of the query, blank between; NULL: none. Others are refused */
};
#define ROUTE_ANY_PARAMETER "*" /* pages: links to them carry what others put there */

/* Finds the route; `parts` get what stands for {} (percent-decoded). NULL with `*path_known`: another method
 * would do; `allow` then lists them. */
const struct route *route_find(const char *method, const char *path,
                               char parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX], bool *path_known, char allow[64]);
const struct route *route_of_pages(void);
const struct route *route_at(unsigned index); /* NULL past the end */

/* Handlers, each in its own file. */
void handle_health(struct request *request);
void handle_ready(struct request *request);
void handle_totals(struct request *request);
void handle_stream(struct request *request);
void handle_history(struct request *request);
void handle_openapi(struct request *request);
void handle_problems(struct request *request);
void handle_regions(struct request *request);
void handle_codes(struct request *request);
void handle_metrics(struct request *request);
void handle_file(struct request *request);

/* of people */
void handle_pair(struct request *request);
void handle_session(struct request *request);
void handle_events(struct request *request);
void handle_member(struct request *request);
void handle_refusals(struct request *request);

/* of offices */
void handle_grace(struct request *request);
void handle_layoffs(struct request *request);
void handle_jobs(struct request *request);
void handle_job(struct request *request);
void handle_job_result(struct request *request);
void handle_job_file(struct request *request);
void handle_bills(struct request *request);
void handle_bill(struct request *request);
void handle_bill_preview(struct request *request);
void handle_bill_close(struct request *request);
void handle_bill_roster_csv(struct request *request);
void handle_bill_roster_xlsx(struct request *request);
void handle_bill_minutes(struct request *request);
void handle_bill_findings(struct request *request);
void handle_bill_reconciliation(struct request *request);
void handle_bill_differences(struct request *request);
void handle_bill_payment(struct request *request);
void handle_budget(struct request *request);
void handle_budget_set(struct request *request);
void handle_workers(struct request *request);

#endif
