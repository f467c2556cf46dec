/* office.c - what the offices' handlers share (office.h). */
#include "office.h"

#include "gateway_internal.h"

#include "cakupan/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 19 /* of which no number overflows */

static bool invalid(struct request *request, const char *name) {
    request_problem(request, "PARAMETER_INVALID", name);
    return false;
}

bool office_month(struct request *request, const char **month) {
    month_t read;
    *month = request_part(request, 0);
    if (*month && calendar_parse_month(*month, strlen(*month), &read))
        return true;
    request_problem(request, "MONTH_INVALID", NULL);
    return false;
}

bool office_year(struct request *request, const char **year) {
    *year = request_part(request, 0);
    if (*year && strlen(*year) == 4 && strspn(*year, "0123456789") == 4 && (*year)[0] == '2')
        return true;
    request_problem(request, "BUDGET_YEAR", NULL);
    return false;
}

bool office_flag(struct request *request, const char *name, bool *out) {
    const char *text = request_parameter(request, name);
    if (!text)
        return true;
    *out = strcmp(text, "true") == 0;
    return *out || strcmp(text, "false") == 0 || invalid(request, name);
}

bool office_number(struct request *request, const char *name, uint64_t least, uint64_t most, uint64_t *out) {
    const char *text = request_parameter(request, name);
    if (!text)
        return true;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > DIGITS_MAX || text[digits])
        return invalid(request, name);
    *out = strtoull(text, NULL, 10);
    return (*out >= least && *out <= most) || invalid(request, name);
}

bool office_text(struct request *request, const char *name, size_t most_bytes, const char **out) {
    *out = request_parameter(request, name);
    return !*out || strlen(*out) <= most_bytes || invalid(request, name);
}

bool office_list(struct request *request) {
    if (request_spool(request))
        return true;
    request_problem(request, "CSV_INVALID", NULL);
    return false;
}

bool office_whole_city(struct request *request) {
    const struct gateway *gateway = request_gateway(request);
    if (request_caller(request)->area == gateway->city->regions.city_code)
        return true;
    request_problem(request, "REGION_OUTSIDE_AREA", NULL);
    return false;
}

void office_json_wrong(struct request *request, const struct failure *why) {
    request_problem(request, why->code, why->sentence);
}

struct child_order office_order(const struct request *request, const char *words) {
    struct child_order order = {0};
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        child_argument(&order, "%.*s", (int)size, at);
        at += size;
    }
    child_argument(&order, "--state=%s", request_gateway(request)->service->state);
    return order;
}

void office_author(struct child_order *order, const struct request *request) {
    child_argument(order, "--author=%s", request_caller(request)->name);
}

void office_ask(struct request *request, const struct child_order *order, enum lane lane, int fresh_ms) {
    const struct jobs_question question = {.order = *order, .lane = lane, .fresh_ms = fresh_ms};
    jobs_ask(request_gateway(request)->jobs, &question, request);
}
