/* metrics.c - counts, and the Prometheus text format 0.0.4 (metrics.h). */
#include "metrics.h"

#include "cakupan/refusal.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUTES_MAX = 64, BOUNDS_MAX = 40, REFUSALS_MAX = 128 };

/* Statuses that we answer with; the first stands for a client that went, the last for any other. */
static const unsigned statuses[] = {0,   200, 201, 202, 304, 400, 401, 403, 404, 405, 408, 409,
                                    410, 413, 414, 415, 422, 429, 431, 500, 503, 504, 999};
enum { HTTP_STATUS_COUNT = sizeof statuses / sizeof *statuses };

static const uint32_t request_bounds_us[] = {250,     500,     1000,     2500,    5000,   10000,
                                             25000,   50000,   100000,   250000,  500000, 1000000,
                                             2500000, 5000000, 10000000, 30000000};

/* counts[i]: up to bounds_us[i] and above the one before; one more for what was longer. */
struct latencies {
    uint32_t bound_count;
    uint32_t bounds_us[BOUNDS_MAX];
    uint64_t counts[BOUNDS_MAX + 1], sum_us;
};

struct refused {
    uint32_t refusal;
    uint64_t events;
};

struct metrics {
    uint64_t requests[ROUTES_MAX + 1][HTTP_STATUS_COUNT]; /* the last row: no route */
    struct latencies durations[ROUTES_MAX + 1];
    uint64_t gauges[GAUGE_COUNT];
    bool enrollment_known, coverage_known;
    uint64_t head, members, accepted, refused, repeated, frames_malformed, ids_reused;
    struct latencies commit, ack;
    size_t refusal_count;
    struct refused refusals[REFUSALS_MAX];
    uint64_t coverage_offset, registered, active;
    struct billing_heard billing;
};

struct metrics *metrics_new(void) {
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics)
        abort();
    for (size_t i = 0; i <= ROUTES_MAX; i++) {
        struct latencies *durations = &metrics->durations[i];
        durations->bound_count = sizeof request_bounds_us / sizeof *request_bounds_us;
        memcpy(durations->bounds_us, request_bounds_us, sizeof request_bounds_us);
    }
    return metrics;
}

void metrics_destroy(struct metrics **metrics) {
    free(*metrics);
    *metrics = NULL;
}

static size_t row_of(const struct route *route) {
    size_t row = route ? (size_t)(route - route_at(0)) : ROUTES_MAX;
    require(row <= ROUTES_MAX, "every route has its counters");
    return row;
}

static size_t status_index(unsigned status) {
    size_t index = 0;
    while (index < HTTP_STATUS_COUNT - 1 && statuses[index] != status)
        index++;
    return index;
}

void metrics_request(struct metrics *metrics, const struct route *route, unsigned status,
                     int64_t duration_us) {
    size_t row = row_of(route), bucket = 0;
    struct latencies *durations = &metrics->durations[row];
    metrics->requests[row][status_index(status)]++;
    if (route && (route->flags & ROUTE_STREAM))
        return; /* how long somebody watched is no latency */
    while (bucket < durations->bound_count && duration_us > (int64_t)durations->bounds_us[bucket])
        bucket++;
    durations->counts[bucket]++;
    durations->sum_us += (uint64_t)duration_us;
}

void metrics_gauge(struct metrics *metrics, enum gauge gauge, uint64_t value) {
    metrics->gauges[gauge] = value;
}

static void latencies_take(struct latencies *out, const Cakupan__LatencyHistogram *heard) {
    *out = (struct latencies){0};
    if (!heard || heard->n_bounds_us > BOUNDS_MAX || heard->n_counts != heard->n_bounds_us + 1)
        return;
    out->bound_count = (uint32_t)heard->n_bounds_us;
    memcpy(out->bounds_us, heard->bounds_us, heard->n_bounds_us * sizeof *heard->bounds_us);
    memcpy(out->counts, heard->counts, heard->n_counts * sizeof *heard->counts);
    out->sum_us = heard->sum_us;
}

void metrics_enrollment(struct metrics *metrics, const Cakupan__StatusReply *status) {
    metrics->enrollment_known = true;
    metrics->head = status->head;
    metrics->members = status->members;
    metrics->accepted = status->events_accepted;
    metrics->refused = status->events_refused;
    metrics->repeated = status->events_repeated;
    metrics->frames_malformed = status->frames_malformed;
    metrics->ids_reused = status->ids_reused;
    latencies_take(&metrics->commit, status->commit);
    latencies_take(&metrics->ack, status->ack);
    metrics->refusal_count = 0;
    for (size_t i = 0; i < status->n_refusals && metrics->refusal_count < REFUSALS_MAX; i++)
        if (refusal_name((enum refusal)status->refusals[i]->refusal))
            metrics->refusals[metrics->refusal_count++] =
                (struct refused){status->refusals[i]->refusal, status->refusals[i]->events};
}

void metrics_coverage(struct metrics *metrics, const struct coverage_view *view) {
    metrics->coverage_known = view->count > 0;
    metrics->coverage_offset = view->offset;
    metrics->billing = view->billing;
    if (view->count == 0)
        return;
    const struct totals_line *city = &view->regions[0].line;
    metrics->registered = city->registered;
    metrics->active = city->active;
}

static void family(FILE *out, const char *name, const char *type, const char *help) {
    fprintf(out, "# HELP cakupan_%s %s\n# TYPE cakupan_%s %s\n", name, help, name, type);
}

static void single(FILE *out, const char *name, const char *type, const char *help, uint64_t value) {
    family(out, name, type, help);
    fprintf(out, "cakupan_%s %" PRIu64 "\n", name, value);
}

/* `labels`: "route=\"/v1/totals\"," or "". */
static void latencies_print(FILE *out, const char *name, const char *labels,
                            const struct latencies *latencies) {
    uint64_t count = 0;
    int size = (int)strlen(labels);
    for (uint32_t i = 0; i < latencies->bound_count; i++) {
        count += latencies->counts[i];
        fprintf(out, "cakupan_%s_bucket{%sle=\"%.9g\"} %" PRIu64 "\n", name, labels,
                latencies->bounds_us[i] / 1e6, count);
    }
    count += latencies->counts[latencies->bound_count];
    fprintf(out, "cakupan_%s_bucket{%sle=\"+Inf\"} %" PRIu64 "\n", name, labels, count);
    const char *open = size > 0 ? "{" : "", *close = size > 0 ? "}" : "";
    size = size > 0 ? size - 1 : 0; /* without the comma */
    fprintf(out, "cakupan_%s_sum%s%.*s%s %.9g\n", name, open, size, labels, close,
            (double)latencies->sum_us / 1e6);
    fprintf(out, "cakupan_%s_count%s%.*s%s %" PRIu64 "\n", name, open, size, labels, close, count);
}

/* Label value of a row: patterns of our own table, nothing that anybody sent. */
static const char *route_name(size_t row, const char **method) {
    const struct route *route = row < ROUTES_MAX ? route_at((unsigned)row) : NULL;
    *method = route ? route->method : "";
    return route ? route->path : "none";
}

static void requests_print(FILE *out, const struct metrics *metrics) {
    family(out, "http_requests_total", "counter", "HTTP requests by route and status (0: the client went).");
    for (size_t row = 0; row <= ROUTES_MAX; row++)
        for (size_t i = 0; i < HTTP_STATUS_COUNT; i++) {
            const char *method, *route = route_name(row, &method);
            if (metrics->requests[row][i] > 0)
                fprintf(out,
                        "cakupan_http_requests_total{route=\"%s\",method=\"%s\",status=\"%u\"} %" PRIu64 "\n",
                        route, method, statuses[i], metrics->requests[row][i]);
        }
    family(out, "http_request_duration_seconds", "histogram",
           "From the request line to the end of the answer, streams left out.");
    for (size_t row = 0; row <= ROUTES_MAX; row++) {
        const struct latencies *durations = &metrics->durations[row];
        uint64_t count = 0;
        for (uint32_t i = 0; i <= durations->bound_count; i++)
            count += durations->counts[i];
        char labels[128];
        const char *method, *route = route_name(row, &method);
        snprintf(labels, sizeof labels, "route=\"%s\",method=\"%s\",", route, method);
        if (count > 0)
            latencies_print(out, "http_request_duration_seconds", labels, durations);
    }
}

static void gauges_print(FILE *out, const struct metrics *metrics) {
    const uint64_t *gauges = metrics->gauges;
    single(out, "http_connections", "gauge", "Open HTTP connections.", gauges[GAUGE_CONNECTIONS]);
    family(out, "sse_watchers", "gauge", "Open streams of live totals, by audience.");
    fprintf(out, "cakupan_sse_watchers{audience=\"public\"} %" PRIu64 "\n", gauges[GAUGE_WATCHERS_PUBLIC]);
    fprintf(out, "cakupan_sse_watchers{audience=\"officer\"} %" PRIu64 "\n", gauges[GAUGE_WATCHERS_OFFICER]);
    family(out, "jobs", "gauge", "The offices' jobs, by state.");
    fprintf(out, "cakupan_jobs{state=\"queued\"} %" PRIu64 "\n", gauges[GAUGE_JOBS_QUEUED]);
    fprintf(out, "cakupan_jobs{state=\"running\"} %" PRIu64 "\n", gauges[GAUGE_JOBS_RUNNING]);
    family(out, "up", "gauge", "Whether the service answers the gateway.");
    fprintf(out, "cakupan_up{service=\"enrollment\"} %" PRIu64 "\n", gauges[GAUGE_ENROLLMENT_UP]);
    fprintf(out, "cakupan_up{service=\"coverage\"} %" PRIu64 "\n", gauges[GAUGE_COVERAGE_UP]);
    fprintf(out, "cakupan_up{service=\"billing\"} %" PRIu64 "\n", gauges[GAUGE_BILLING_UP]);
}

static void enrollment_print(FILE *out, const struct metrics *metrics) {
    single(out, "journal_offset", "gauge", "The journal's last record.", metrics->head);
    single(out, "registered_people", "gauge", "People in the registry, whatever their status.",
           metrics->members);
    family(out, "events_total", "counter", "Events since enrollment's start, by outcome.");
    fprintf(out, "cakupan_events_total{outcome=\"accepted\"} %" PRIu64 "\n", metrics->accepted);
    fprintf(out, "cakupan_events_total{outcome=\"refused\"} %" PRIu64 "\n", metrics->refused);
    fprintf(out, "cakupan_events_total{outcome=\"repeated\"} %" PRIu64 "\n", metrics->repeated);
    single(out, "frames_malformed_total", "counter", "Frames of devices that could not be read.",
           metrics->frames_malformed);
    single(out, "ids_reused_total", "counter", "Events with an id that had another content: an alarm.",
           metrics->ids_reused);
    family(out, "refusals_total", "counter", "Refused events since enrollment's start, by code.");
    for (size_t i = 0; i < metrics->refusal_count; i++)
        fprintf(out, "cakupan_refusals_total{code=\"%s\"} %" PRIu64 "\n",
                refusal_name((enum refusal)metrics->refusals[i].refusal), metrics->refusals[i].events);
    family(out, "commit_duration_seconds", "histogram", "From the first event staged to the batch durable.");
    latencies_print(out, "commit_duration_seconds", "", &metrics->commit);
    family(out, "ack_duration_seconds", "histogram", "From a frame received to its ack sent.");
    latencies_print(out, "ack_duration_seconds", "", &metrics->ack);
}

static void coverage_print(FILE *out, const struct metrics *metrics) {
    uint64_t offset = metrics->coverage_offset;
    single(out, "registered_members", "gauge", "Members registered in the city.", metrics->registered);
    single(out, "active_members", "gauge", "Members whose cover is active.", metrics->active);
    single(out, "coverage_offset", "gauge", "The last record that the totals hold.", offset);
    if (metrics->enrollment_known)
        single(out, "coverage_lag_records", "gauge", "Records that the totals do not hold yet.",
               metrics->head > offset ? metrics->head - offset : 0);
}

static void billing_print(FILE *out, const struct metrics *metrics) {
    const struct billing_summary *billing = &metrics->billing.summary;
    single(out, "billing_lag_records", "gauge", "Records that billing has not counted yet.",
           billing->lag_records);
    family(out, "billing_lag_seconds", "gauge", "Age of the oldest record that billing has not counted.");
    fprintf(out, "cakupan_billing_lag_seconds %.9g\n", billing->lag_ms / 1e3);
    single(out, "billing_workers", "gauge", "Billing's workers.", billing->workers);
    single(out, "billing_failures", "gauge", "Failures of billing that wait for a person.",
           billing->failures);
}

char *metrics_text(const struct metrics *metrics, size_t *size) {
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (!out)
        abort();
    requests_print(out, metrics);
    gauges_print(out, metrics);
    if (metrics->enrollment_known)
        enrollment_print(out, metrics);
    if (metrics->coverage_known)
        coverage_print(out, metrics);
    if (metrics->billing.known)
        billing_print(out, metrics);
    require(fclose(out) == 0 && text, "there is memory for an answer");
    return text;
}
