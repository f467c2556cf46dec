/* routes.c - the one table of what the gateway answers (routes.h). */
#include "routes.h"

#include "rights.h"

#include <stdio.h>
#include <string.h>

#define ROLES_JOBS (ROLE_BIT(ROLE_LABOUR_OFFICE) | ROLE_BIT(ROLE_FINANCE))

static const struct route routes[] = {
    /* totals */
    {"GET", "/v1/totals", 0, ROUTE_TOKEN_OPTIONAL, 0, "", handle_totals, "region level as-of"},
    {"GET", "/v1/totals/stream", 0, ROUTE_TOKEN_OPTIONAL | ROUTE_STREAM, 0, "", handle_stream,
     "last-event-id"},
    {"GET", "/v1/history", 0, ROUTE_TOKEN_OPTIONAL, 0, "", handle_history, "from to region"},
    /* people */
    {"POST", "/v1/pair", 0, ROUTE_PAIRING, 4096, "application/json", handle_pair, NULL},
    {"GET", "/v1/session", ROLES_PEOPLE | ROLE_BIT(ROLE_SERVICE), 0, 0, "", handle_session, NULL},
    {"POST", "/v1/events", ROLES_SENDERS, ROUTE_OWNER_DECIDES, ROUTE_BODY_MAX,
     "application/json application/x-protobuf", handle_events, NULL},
    {"GET", "/v1/members/{}", ROLES_SENDERS, ROUTE_OWNER_DECIDES, 0, "", handle_member, NULL},
    {"GET", "/v1/refusals", ROLES_SENDERS, ROUTE_OWNER_DECIDES, 0, "", handle_refusals,
     "code device before limit"},
    /* offices */
    {"GET", "/v1/grace", ROLE_BIT(ROLE_LABOUR_OFFICE) | ROLE_BIT(ROLE_HEALTH_OFFICE) | ROLE_BIT(ROLE_BPJS), 0,
     0, "", handle_grace, "month limit"},
    {"POST", "/v1/layoffs", ROLE_BIT(ROLE_LABOUR_OFFICE), ROUTE_BODY_SPOOLED, ROUTE_BODY_LIST_MAX, "text/csv",
     handle_layoffs, "dry-run"},
    {"GET", "/v1/jobs", ROLES_JOBS, 0, 0, "", handle_jobs, NULL},
    {"GET", "/v1/jobs/{}", ROLES_JOBS, 0, 0, "", handle_job, "wait-ms"},
    {"GET", "/v1/jobs/{}/result", ROLES_JOBS, 0, 0, "", handle_job_result, NULL},
    {"GET", "/v1/jobs/{}/file", ROLES_JOBS, 0, 0, "", handle_job_file, NULL},
    {"GET", "/v1/bills", ROLES_BILLS, 0, 0, "", handle_bills, NULL},
    {"GET", "/v1/bills/{}", ROLES_BILLS, 0, 0, "", handle_bill, "by-kecamatan"},
    {"GET", "/v1/bills/{}/preview", ROLES_BILLS, 0, 0, "", handle_bill_preview, "by-kecamatan"},
    {"POST", "/v1/bills/{}/close", ROLE_BIT(ROLE_FINANCE), 0, 0, "", handle_bill_close, NULL},
    {"GET", "/v1/bills/{}/roster.csv", ROLE_BIT(ROLE_FINANCE), 0, 0, "", handle_bill_roster_csv, NULL},
    {"GET", "/v1/bills/{}/roster.xlsx", ROLE_BIT(ROLE_FINANCE), 0, 0, "", handle_bill_roster_xlsx, NULL},
    {"GET", "/v1/bills/{}/minutes.pdf", ROLE_BIT(ROLE_FINANCE), 0, 0, "", handle_bill_minutes,
     "city-officer bpjs-officer"},
    {"GET", "/v1/bills/{}/findings", ROLE_BIT(ROLE_FINANCE) | ROLE_BIT(ROLE_HEALTH_OFFICE), 0, 0, "",
     handle_bill_findings, "limit"},
    {"POST", "/v1/bills/{}/reconciliation", ROLE_BIT(ROLE_FINANCE), ROUTE_BODY_SPOOLED, ROUTE_BODY_BPJS_MAX,
     "text/csv", handle_bill_reconciliation, NULL},
    {"GET", "/v1/bills/{}/differences", ROLE_BIT(ROLE_FINANCE), 0, 0, "", handle_bill_differences, NULL},
    {"POST", "/v1/bills/{}/payments", ROLE_BIT(ROLE_FINANCE), 0, ROUTE_BODY_MAX, "application/json",
     handle_bill_payment, NULL},
    {"GET", "/v1/budget/{}", ROLES_PEOPLE, 0, 0, "", handle_budget, "layoffs"},
    {"PUT", "/v1/budget/{}", ROLE_BIT(ROLE_FINANCE), 0, ROUTE_BODY_MAX, "application/json", handle_budget_set,
     NULL},
    {"GET", "/v1/billing/workers", ROLES_PEOPLE, 0, 0, "", handle_workers, NULL},
    /* operation */
    {"GET", "/v1/openapi.json", 0, 0, 0, "", handle_openapi, NULL},
    {"GET", "/v1/problems", 0, 0, 0, "", handle_problems, NULL},
    {"GET", "/v1/regions", 0, 0, 0, "", handle_regions, NULL},
    {"GET", "/v1/codes", 0, 0, 0, "", handle_codes, NULL},
    {"GET", "/metrics", ROLE_BIT(ROLE_SERVICE) | ROLE_BIT(ROLE_READER), ROUTE_LOCAL, 0, "", handle_metrics,
     NULL},
    {"GET", "/healthz", 0, 0, 0, "", handle_health, NULL},
    {"GET", "/readyz", 0, 0, 0, "", handle_ready, NULL},
    /* last; no path that anybody can ask for */
    {"GET", "pages", 0, 0, 0, "", handle_file, ROUTE_ANY_PARAMETER},
};
enum { ROUTE_COUNT = sizeof routes / sizeof *routes };

/* The web pages' files: found by their whole paths in what the build made. */
const struct route *route_of_pages(void) {
    return &routes[ROUTE_COUNT - 1];
}

const struct route *route_at(unsigned index) {
    return index < ROUTE_COUNT ? &routes[index] : NULL;
}

/* Segment by segment; {} stands for one that is not empty. */
static bool path_matches(const char *pattern, const char *path, char parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX]) {
    unsigned count = 0;
    while (*pattern) {
        if (pattern[0] != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t size = strcspn(path, "/");
        if (size == 0 || size >= ROUTE_PART_MAX || count == ROUTE_PARTS_MAX)
            return false;
        memcpy(parts[count], path, size);
        parts[count++][size] = '\0';
        path += size;
        pattern += 2;
    }
    return *path == '\0';
}

const struct route *route_find(const char *method, const char *path,
                               char parts[ROUTE_PARTS_MAX][ROUTE_PART_MAX], bool *path_known,
                               char allow[64]) {
    size_t length = 0;
    *path_known = false;
    allow[0] = '\0';
    for (unsigned i = 0; i < ROUTE_COUNT; i++) {
        const struct route *route = &routes[i];
        if (!path_matches(route->path, path, parts))
            continue;
        bool head = strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0;
        if (head || strcmp(method, route->method) == 0)
            return route;
        *path_known = true;
        const char *name = strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method;
        length += (size_t)snprintf(allow + length, 64 - length, "%s%s", length ? ", " : "", name);
    }
    return NULL;
}
