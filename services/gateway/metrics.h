/* metrics.h - counts and times of the gateway, and those it hears of, as Prometheus text. No label from
 * foreign text. */
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include "control.pb-c.h"
#include "routes.h"
#include "view/coverage_view.h"

struct metrics;

struct metrics *metrics_new(void);
void metrics_destroy(struct metrics **metrics);
/* `route` NULL: none was found; `status` 0: the client went before the answer. */
void metrics_request(struct metrics *metrics, const struct route *route, unsigned status,
                     int64_t duration_us);
enum gauge {
    GAUGE_CONNECTIONS,
    GAUGE_WATCHERS_PUBLIC,
    GAUGE_WATCHERS_OFFICER,
    GAUGE_JOBS_QUEUED,
    GAUGE_JOBS_RUNNING,
    GAUGE_COVERAGE_UP,
    GAUGE_ENROLLMENT_UP,
    GAUGE_BILLING_UP,
    GAUGE_COUNT
};
void metrics_gauge(struct metrics *metrics, enum gauge gauge, uint64_t value);
/* As heard last. What was never heard of is not in the text. */
void metrics_enrollment(struct metrics *metrics, const Cakupan__StatusReply *status);
void metrics_coverage(struct metrics *metrics, const struct coverage_view *view);
/* The text, malloc'ed. */
char *metrics_text(const struct metrics *metrics, size_t *size);

#endif
