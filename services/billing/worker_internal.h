/* worker_internal.h - a worker's shell: sockets, feed and clock around its portfolio. For worker*.c alone.
 *
 * The lease: a report that is answered proves the worker's leases for lease_ms from the moment in which that
 * report was sent, which is never later than what the coordinator counts from. Past that moment nothing is
 * counted, written or opened until orders prove the leases anew.
 */
#ifndef BILLING_WORKER_INTERNAL_H
#define BILLING_WORKER_INTERNAL_H

#include "billing.h"
#include "portfolio.h"
#include "runtime/feed_socket.h"
#include "store/city.h"

#define WORKER_REPORTS_KEPT 64u

struct worker {
    struct service *service;
    const struct worker_config *config;
    struct city *city;
    struct portfolio *portfolio;
    struct feed_socket *feed; /* NULL while it has no partition, or the feed failed */
    uint64_t feed_until;      /* what the follower was told last */
    int64_t follow_ms;        /* when the feed is tried again after a failure; 0: it has not failed */
    zsock_t *coordinator;
    int64_t unsent_since_ms; /* since when no report could be sent; 0: the last one was */
    struct curve_keys keys;
    uint32_t instance;

    uint64_t report_sequence;
    int64_t report_sent_ms[WORKER_REPORTS_KEPT]; /* by sequence: from when a lease counts */
    int64_t report_due_ms;
    uint64_t settled, reported; /* offset that the feed has settled; the same at the last report */
    int64_t reported_ms;
    uint8_t *report; /* room for a message */

    struct wire_worker_orders orders; /* the last ones, in the arena */
    struct arena arena;
    bool ordered;           /* there are such */
    int64_t lease_until_ms; /* after it nothing is written any more */
    bool lapsed;            /* it has passed */
    bool at_barrier;        /* by the last orders obeyed */
    uint32_t heartbeat_ms;
    uint64_t head; /* of the feed, as last heard */

    bool leaving;
    int64_t leave_until_ms;  /* leaving: everything ends by then */
    uint64_t leave_sequence; /* of the last report, 0: not sent yet */
    bool done;               /* nothing left to do */
    int exit_code;
};

MUST_USE enum result worker_open(struct worker *worker, struct failure *why);
void worker_close(struct worker *worker);
/* Opens the socket to the coordinator, over any that it had. */
MUST_USE enum result worker_connect(struct worker *worker, struct failure *why);
/* Follows the feed for what the portfolio wants, from portfolio_next on, instead of what it followed. */
MUST_USE enum result worker_follow(struct worker *worker, struct failure *why);

/* worker_sockets.c: orders that wait are taken, the last one counts. */
void worker_take_orders(struct worker *worker);
void worker_report(struct worker *worker, int64_t now_ms);

#endif
