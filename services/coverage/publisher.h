/* publisher.h - brings pictures of the totals to those who look: watchers, and Redis whenever it is ready.
 *
 * The pace: at once when it is quiet, at most every PUBLISH_EVERY_MS when records keep coming, and less often
 * while a big backlog is being counted. Redis takes the newest picture when it has confirmed the one before,
 * so a slow one skips pictures and holds up nobody.
 */
#ifndef COVERAGE_PUBLISHER_H
#define COVERAGE_PUBLISHER_H

#include "store/totals_redis.h"
#include "watchers.h"

#define PUBLISH_EVERY_MS         20 /* under the pace of the doorbell: then each ring is shown at once */
#define PUBLISH_BACKLOG_EVERY_MS 50

struct publisher;

/* All are borrowed and must outlive it. */
struct publisher *publisher_new(const struct region_table *regions, const struct policy *policy,
                                struct watchers *watchers, struct totals_redis *redis);
void publisher_destroy(struct publisher **publisher);
/* How the bill stands, for the next picture; one is made where that says something new. */
void publisher_billing(struct publisher *publisher, const struct billing_heard *billing);
/* Publishes what is due. `backlog`: far behind the feed's head. */
void publisher_work(struct publisher *publisher, const struct totals *totals, bool backlog, int64_t now_ms);
/* When publisher_work is due again for what it held back; INT64_MAX: nothing is held back. */
int64_t publisher_wake_ms(const struct publisher *publisher, const struct totals *totals);

#endif
