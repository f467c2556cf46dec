/* worker_internal.h - a worker's shell: sockets, feed and clock around its portfolio. For worker*.c alone. */
#ifndef BILLING_WORKER_INTERNAL_H
#define BILLING_WORKER_INTERNAL_H

#include "billing.h"
#include "portfolio.h"
#include "runtime/feed_socket.h"
#include "store/city.h"

struct worker {
    struct service *service;
    const struct worker_config *config;
    struct city *city;
    struct portfolio *portfolio;
    struct feed_socket *feed; /* NULL while it has no partition */
    zsock_t *coordinator;
    struct curve_keys keys;
    uint32_t instance;
    uint64_t report_sequence;
    int64_t report_sent_ms[64]; /* by sequence % 64: from when a lease counts */
    int64_t report_due_ms;
    int64_t lease_until_ms; /* after it nothing is written any more */
    uint32_t lease_ms, heartbeat_ms;
    uint64_t records;
    bool leaving;
    struct arena arena;
};

MUST_USE enum result worker_open(struct worker *worker, struct failure *why);
void worker_close(struct worker *worker);
/* worker_sockets.c: orders that wait are taken (the last one counts); a report is sent. */
MUST_USE enum result worker_take_orders(struct worker *worker, int64_t now_ms, struct failure *why);
void worker_report(struct worker *worker, int64_t now_ms);
/* Follows the feed from portfolio_next on. */
MUST_USE enum result worker_follow(struct worker *worker, struct failure *why);

#endif
