/* totals_handler.c - tests of what /v1/totals says where there are no figures to show: requests only remember
 * their problem, and coverage and history are played here. */
#include "gateway/gateway_internal.h"
#include "gateway/problem.h"
#include "gateway/routes.h"

#include <criterion/criterion.h>
#include <string.h>

struct request {
    const char *region, *as_of, *code, *value;
    char kept[100]; /* of the value */
};

static struct gateway gateway;
static struct coverage_view view;
static bool complete;

struct gateway *request_gateway(const struct request *request) {
    (void)request;
    return &gateway;
}
const char *request_parameter(const struct request *request, const char *name) {
    return strcmp(name, "region") == 0 ? request->region : strcmp(name, "as-of") == 0 ? request->as_of : NULL;
}
const char *request_header(const struct request *request, const char *name) {
    (void)request;
    (void)name;
    return NULL;
}
enum audience request_audience(const struct request *request) {
    (void)request;
    return AUDIENCE_PUBLIC;
}
void request_page(struct request *request, struct page *page) {
    (void)request;
    cr_assert_null(page, "there is nothing to show");
}
void request_problem(struct request *request, const char *code, const char *value) {
    request->code = problem_kind(code)->code; /* "": nobody knows it, and it were INTERNAL */
    snprintf(request->kept, sizeof request->kept, "%s", value ? value : "");
}
void request_problem_said(struct request *request, const char *code, const char *sentence, json_t *members) {
    (void)request;
    (void)members;
    cr_assert_fail("%s is said in English to all: %s", code, sentence);
}
const struct coverage_view *coverage_link_view(const struct coverage_link *link) {
    (void)link;
    return &view;
}
bool coverage_link_away(const struct coverage_link *link, int64_t now_ms) {
    (void)link;
    (void)now_ms;
    return false;
}
int64_t coverage_link_heard_ms(const struct coverage_link *link) {
    (void)link;
    return 0;
}
bool history_complete(const struct history *history) {
    (void)history;
    return complete;
}
bool history_day(const struct history *history, day_t day, struct coverage_view *out) {
    (void)history;
    (void)day;
    (void)out;
    return false;
}
struct page *history_page(struct history *history, day_t from, day_t to, uint32_t region,
                          enum audience audience) {
    (void)history;
    (void)from;
    (void)to;
    (void)region;
    (void)audience;
    return NULL;
}
void streams_watch(struct streams *streams, struct request *request, const char *last_id) {
    (void)streams;
    (void)request;
    (void)last_id;
}

static void region_put(uint32_t code, const char *name) {
    struct coverage_region *region = &view.regions[view.count++];
    region->code = code;
    snprintf(region->name, sizeof region->name, "%s", name);
}

static void setup(void) {
    memset(&view, 0, sizeof view);
    cr_assert(calendar_parse("2026-11-22", 10, &view.day));
    region_put(3671, "Kota Tangerang");
    region_put(3671051002u, "Gondrong");
    region_put(3671121001u, "Gondrong");
    complete = false;
}
TestSuite(totals_handler, .init = setup);

static const char *told(struct request *request) {
    request->code = NULL;
    handle_totals(request);
    cr_assert_not_null(request->code, "it is told a problem");
    return request->code;
}

Test(totals_handler, a_past_day_comes_when_history_is_loaded) {
    struct request past = {.as_of = "2026-11-05"}, future = {.as_of = "2026-11-23"};
    cr_assert_str_eq(told(&past), "NOT_READY");
    cr_assert_str_eq(told(&future), "DAY_UNKNOWN", "no history brings it");
    complete = true;
    cr_assert_str_eq(told(&past), "DAY_UNKNOWN");
}

Test(totals_handler, regions_that_are_none_are_told_in_the_readers_language) {
    struct request unknown = {.region = "Atlantis"}, two = {.region = "gondrong"};
    cr_assert_str_eq(told(&unknown), "REGION_UNKNOWN");
    cr_assert_str_eq(unknown.kept, "Atlantis");
    cr_assert_str_eq(told(&two), "REGION_AMBIGUOUS");
    cr_assert_eq(problem_kind("REGION_AMBIGUOUS")->status, 409);
    unknown.as_of = two.as_of = "2026-11-05";
    cr_assert_str_eq(told(&unknown), "REGION_UNKNOWN");
    cr_assert_str_eq(told(&two), "REGION_AMBIGUOUS");
    view.count = 0;
    cr_assert_str_eq(told(&two), "TOTALS_EMPTY");
    cr_assert_eq(problem_kind("TOTALS_EMPTY")->status, 503);
}

Test(totals_handler, a_long_name_is_cut_between_characters) {
    struct request request = {.region = "12345678901234567890123456789012345678901234567890123456789\u00e9"};
    cr_assert_str_eq(told(&request), "REGION_UNKNOWN");
    cr_assert_eq(strlen(request.kept), 59);
}
