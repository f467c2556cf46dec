/* metrics.c - tests of the metrics: counts that add up, and a text that Prometheus's rules allow. */
#include "gateway/metrics.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct metrics *metrics;
static char *text;

static void begin(void) {
    metrics = metrics_new();
}
static void end(void) {
    free(text);
    metrics_destroy(&metrics);
}
TestSuite(metrics, .init = begin, .fini = end);

static void make(void) {
    size_t size;
    free(text);
    text = metrics_text(metrics, &size);
    cr_assert_eq(strlen(text), size);
}

/* The value of "name{labels}" at the begin of a line; -1: it is not there. */
static double value(const char *series) {
    size_t size = strlen(series);
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, series, size) == 0 && line[size] == ' ')
            return strtod(line + size, NULL);
    return -1;
}

Test(metrics, requests_count_by_route_and_status) {
    const struct route *route = route_at(0);
    char series[200];
    metrics_request(metrics, route, 200, 300);
    metrics_request(metrics, route, 200, 20000000);
    metrics_request(metrics, route, 777, 1);
    metrics_request(metrics, NULL, 404, 100);
    metrics_request(metrics, NULL, 0, 100);
    make();
    snprintf(series, sizeof series, "cakupan_http_requests_total{route=\"%s\",method=\"%s\",status=\"200\"}",
             route->path, route->method);
    cr_assert_eq(value(series), 2);
    snprintf(series, sizeof series, "cakupan_http_requests_total{route=\"%s\",method=\"%s\",status=\"999\"}",
             route->path, route->method);
    cr_assert_eq(value(series), 1);
    cr_assert_eq(value("cakupan_http_requests_total{route=\"none\",method=\"\",status=\"404\"}"), 1);
    cr_assert_eq(value("cakupan_http_requests_total{route=\"none\",method=\"\",status=\"0\"}"), 1);
    cr_assert_eq(value("cakupan_http_request_duration_seconds_count{route=\"none\",method=\"\"}"), 2);
    cr_assert_float_eq(value("cakupan_http_request_duration_seconds_sum{route=\"none\",method=\"\"}"), 0.0002,
                       1e-9);
}

Test(metrics, what_was_never_heard_is_not_told) {
    make();
    cr_assert_eq(value("cakupan_journal_offset"), -1);
    cr_assert_eq(value("cakupan_coverage_lag_records"), -1);
    cr_assert_eq(value("cakupan_billing_workers"), -1);
    cr_assert_eq(value("cakupan_up{service=\"enrollment\"}"), 0);
    metrics_gauge(metrics, GAUGE_ENROLLMENT_UP, 1);
    make();
    cr_assert_eq(value("cakupan_up{service=\"enrollment\"}"), 1);
}

static void enrollment_tell(void) {
    Cakupan__StatusReply status = CAKUPAN__STATUS_REPLY__INIT;
    Cakupan__LatencyHistogram commit = CAKUPAN__LATENCY_HISTOGRAM__INIT;
    Cakupan__RefusalCount known = CAKUPAN__REFUSAL_COUNT__INIT, unknown = CAKUPAN__REFUSAL_COUNT__INIT;
    Cakupan__RefusalCount *refusals[] = {&known, &unknown};
    uint32_t bounds_us[] = {100, 1000};
    uint64_t counts[] = {3, 4, 5};
    known.refusal = REFUSAL_NIK_LENGTH;
    known.events = 6;
    unknown.refusal = 9999;
    commit.n_bounds_us = 2;
    commit.bounds_us = bounds_us;
    commit.n_counts = 3;
    commit.counts = counts;
    commit.sum_us = 2500000;
    status.head = 1000;
    status.commit = &commit;
    status.n_refusals = 2;
    status.refusals = refusals;
    metrics_enrollment(metrics, &status);
}

Test(metrics, enrollment_and_coverage_give_the_lag) {
    static struct coverage_view view;
    view.count = 1;
    view.offset = 990;
    view.regions[0].line.registered = 5;
    view.billing =
        (struct billing_heard){.known = true, .summary = {.workers = 2, .lag_records = 3, .lag_ms = 1500}};
    enrollment_tell();
    metrics_coverage(metrics, &view);
    make();
    cr_assert_eq(value("cakupan_coverage_lag_records"), 10);
    cr_assert_eq(value("cakupan_registered_members"), 5);
    cr_assert_eq(value("cakupan_billing_workers"), 2);
    cr_assert_eq(value("cakupan_billing_lag_seconds"), 1.5);
    cr_assert_eq(value("cakupan_commit_duration_seconds_bucket{le=\"0.0001\"}"), 3);
    cr_assert_eq(value("cakupan_commit_duration_seconds_bucket{le=\"0.001\"}"), 7);
    cr_assert_eq(value("cakupan_commit_duration_seconds_bucket{le=\"+Inf\"}"), 12);
    cr_assert_eq(value("cakupan_commit_duration_seconds_count"), 12);
    cr_assert_eq(value("cakupan_commit_duration_seconds_sum"), 2.5);
    cr_assert_eq(value("cakupan_refusals_total{code=\"NIK_LENGTH\"}"), 6);
    cr_assert_null(strstr(text, "9999"));
    view.offset = 2000;
    metrics_coverage(metrics, &view);
    make();
    cr_assert_eq(value("cakupan_coverage_lag_records"), 0, "coverage may be ahead of what enrollment said");
}

/* Text format 0.0.4: each family has HELP, then TYPE, then its samples, all together; a counter's name
 * ends in _total; names and labels have the letters allowed; a histogram's buckets ascend and end with
 * +Inf, equal to its count. */
Test(metrics, the_text_follows_the_format) {
    char family[80] = "", type[16] = "", seen[4096] = " ";
    double bucket = 0;
    metrics_request(metrics, route_at(0), 200, 700);
    enrollment_tell();
    make();
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        char name[80], word[96], kind[16];
        double number;
        if (sscanf(line, "# HELP %79s", name) == 1) {
            snprintf(word, sizeof word, " %s ", name);
            cr_assert_null(strstr(seen, word), "%s stands twice", name);
            strncat(seen, word + 1, sizeof seen - strlen(seen) - 1);
            memcpy(family, name, sizeof family);
            cr_assert_eq(line[strlen(line) - 1], '.', "%s", line);
            continue;
        }
        if (sscanf(line, "# TYPE %79s %15s", name, kind) == 2) {
            cr_assert_str_eq(name, family);
            memcpy(type, kind, sizeof type);
            bool total = strlen(name) > 6 && strcmp(name + strlen(name) - 6, "_total") == 0;
            cr_assert_eq(total, strcmp(type, "counter") == 0, "%s", line);
            continue;
        }
        size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
        cr_assert_eq(strncmp(line, family, strlen(family)), 0, "%s is not of %s", line, family);
        cr_assert(line[length] == '{' || line[length] == ' ', "%s", line);
        cr_assert_eq(sscanf(strrchr(line, ' '), " %lf", &number), 1, "%s", line);
        cr_assert(number >= 0);
        if (strstr(line, "_bucket{")) {
            cr_assert(number >= bucket, "%s", line);
            bucket = strstr(line, "+Inf") ? 0 : number;
        }
    }
    cr_assert_null(rest && *rest ? rest : NULL, "the text has an empty line");
}
