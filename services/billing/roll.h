/* roll.h - who works for the coordinator: names, instances and reports of workers, and the leases over them.
 *
 * No socket in here: reports in, orders out. It joins the lease fold with books (epochs are stored before
 * orders show them), children (starting, ending) and closing (barriers, answers).
 */
#ifndef BILLING_ROLL_H
#define BILLING_ROLL_H

#include "books.h"
#include "children.h"
#include "closing.h"

struct roll;

/* A ROUTER's peer; orders go to it. False where it is gone. */
struct worker_peer {
    uint8_t size;
    uint8_t id[255];
    bool tcp;
};
typedef bool roll_send(void *context, const struct worker_peer *peer, const uint8_t *orders, size_t size);

struct roll_config {
    struct lease_config lease;
    const char *state;
    const struct region_table *regions;
    uint32_t heartbeat_ms;
};
/* All borrowed. `children` NULL: none are started (simulation). */
struct roll *roll_new(const struct roll_config *config, struct books *books, struct closing *closing,
                      struct children *children, roll_send *send, void *context);
void roll_destroy(struct roll **roll);
/* A message of a worker; bad ones are answered by orders with a refusal, or counted and dropped. */
MUST_USE enum result roll_report(struct roll *roll, const struct worker_peer *peer, const uint8_t *data,
                                 size_t size, int64_t now_ms, struct failure *why);
/* Reaps children, lets time pass, sends orders that changed. */
MUST_USE enum result roll_work(struct roll *roll, uint64_t head, int64_t now_ms, bool orders_changed,
                               struct failure *why);
/* The operator's word, which is stored already (DECISION_SCALED); 0: automatic. */
MUST_USE enum result roll_scale(struct roll *roll, uint32_t workers, int64_t now_ms, struct failure *why);
int64_t roll_wake_ms(const struct roll *roll);
bool roll_complete(const struct roll *roll); /* every partition has an owner that is ready */
/* Every partition is ready, or its owner has said why it can't be: there is nothing to wait for. */
bool roll_settled(const struct roll *roll);

/* Sums over all partitions as last reported, and how far they are. What is owed, due and parked is finance's:
 * left as zeros. */
void roll_summary(const struct roll *roll, int64_t now_ms, struct billing_summary *out);
const struct lease_table *roll_leases(const struct roll *roll);
struct roll_worker {
    struct lease_worker lease;
    char name[WORKER_NAME_MAX + 1];
    uint32_t pid;
    uint64_t resident_bytes, records;
};
uint32_t roll_workers(const struct roll *roll, struct roll_worker out[LEASE_WORKERS_MAX]);
struct roll_counts {
    uint64_t zombies_refused, takeovers;
    uint32_t takeover_last_ms;
};
void roll_count(const struct roll *roll, struct roll_counts *out);
uint32_t roll_members(const struct roll *roll, uint32_t partition);
/* Why the partition can't go on, by its owner's last report, and since when (business time); NULL: it
 * does. */
const struct failure *roll_stuck(const struct roll *roll, uint32_t partition, int64_t *since_ms);
/* The business day: the clock's, or the last one begun in enrollment's journal where that is later. */
day_t roll_today(const struct roll *roll);

#endif
