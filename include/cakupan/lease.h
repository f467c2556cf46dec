/* lease.h - the fold of the coordinator: which worker has which partition, under which epoch, until when.
 *
 * Pure; time comes with every event (monotonic milliseconds). The conversation is level-triggered: a worker's
 * report says all that it has, the coordinator's orders say all that it is to have, so nothing that is lost
 * or doubled does harm. A partition belongs to one worker at a time: it is granted anew only when the one
 * before has given it back, is known to be dead, or its lease has ended. Epochs only grow; an effect
 * LEASE_GRANT must be durable before orders that contain it are sent.
 *
 * Promises: a partition without a living owner is granted within the step that learns of it; two workers
 * never hold the same (partition, epoch); grants differ by at most one partition between workers at rest;
 * fewest moves when a worker comes or goes.
 *
 * Silence proves something only to who listens: where a step comes later than lease_wake_ms asked for (the
 * coordinator itself was stopped, or waited for its disk), the time of its deafness counts for nothing.
 */
#ifndef CAKUPAN_LEASE_H
#define CAKUPAN_LEASE_H

#include "cakupan/ledger_journal.h"
#include "cakupan/result.h"

#define LEASE_WORKERS_MAX 32u
#define LEASE_RETRY_MS    5000

struct lease_config {
    uint32_t partitions;                 /* of the state                                              */
    uint32_t lease_ms;                   /* without a report its leases end; default 2,000            */
    uint32_t release_ms;                 /* one asked back is taken all the same after that; 2,000    */
    uint32_t workers_min, workers_max;   /* that the coordinator starts by itself                     */
    uint64_t lag_high, lag_low;          /* records: more workers above, fewer below                  */
    uint32_t scale_up_ms, scale_down_ms; /* the lag must stay there so long: hysteresis; 500, 60,000  */
    uint32_t start_ms; /* a started worker has joined, a granted partition is reported by then; 10,000 */
};

enum lease_event_kind {
    LEASE_REPORT = 1, /* a worker's report: a new one joins by it                                     */
    LEASE_GONE,       /* a worker's process is known to have ended, or it said good-bye              */
    LEASE_LAG,        /* the feed's head moved: `head`                                               */
    LEASE_SCALE,      /* the operator: `count` workers; 0: automatic again                           */
    LEASE_TICK        /* time passes                                                                 */
};

struct lease_held {
    uint32_t partition;
    uint64_t epoch;
    uint64_t position; /* of the feed */
    bool ready;        /* restored; false: still being read */
    bool fenced;       /* can't be held under this epoch (a later one was there): granted anew at once */
    bool failed;       /* can't go on: taken away, and granted anew after LEASE_RETRY_MS and longer    */
};
struct lease_event {
    uint8_t kind; /* enum lease_event_kind */
    int64_t now_ms;
    uint32_t worker; /* REPORT, GONE */
    bool local;      /* REPORT: the coordinator started it */
    bool leaving;    /* REPORT: it was asked to stop: gets nothing any more */
    uint32_t count;  /* REPORT: entries of `held`; SCALE: workers */
    const struct lease_held *held;
    uint64_t head; /* LAG, and REPORT: of the feed as that worker has heard */
};

enum lease_effect_kind {
    LEASE_GRANT = 1,    /* persist the epoch, then tell the worker                                   */
    LEASE_ORDERS,       /* what the worker is to have has changed: send it its orders                */
    LEASE_START_WORKER, /* start a process; `worker` is its number                                   */
    LEASE_STOP_WORKER,  /* it has given everything back: end it                                      */
    LEASE_EXPEL         /* its lease ended: kill it where it is local; its next report is answered by
                           orders without partitions                                                 */
};
struct lease_effect {
    uint8_t kind; /* enum lease_effect_kind */
    uint32_t worker;
    uint32_t partition; /* GRANT */
    uint64_t epoch;     /* GRANT */
};
#define LEASE_EFFECTS_MAX (LEDGER_PARTITIONS_MAX + 3u * LEASE_WORKERS_MAX)
struct lease_effects {
    uint32_t count;
    struct lease_effect effects[LEASE_EFFECTS_MAX];
};

struct lease_table;

struct lease_table *lease_table_new(const struct lease_config *config);
void lease_table_destroy(struct lease_table **table);
/* At start, before the first event, for each partition that was ever granted: the epoch as persisted. With
 * `may_live` (its worker was not ours, or its lock is held still) it waits lease_ms for that worker to
 * report. */
void lease_restore(struct lease_table *table, uint32_t partition, uint64_t epoch, uint32_t worker,
                   bool may_live, int64_t now_ms);
/* Fills `effects` (which is cleared first). */
void lease_step(struct lease_table *table, const struct lease_event *event, struct lease_effects *effects);
/* When LEASE_TICK is due at the latest. */
int64_t lease_wake_ms(const struct lease_table *table);
/* Whether that worker holds that lease now: everything that it says under another epoch is refused. */
bool lease_holds(const struct lease_table *table, uint32_t worker, uint32_t partition, uint64_t epoch);

/* For orders, status and metrics. */
enum lease_state {
    LEASE_FREE = 0,  /* nobody has it                                        */
    LEASE_GRANTED,   /* told to the worker, which has not reported it yet    */
    LEASE_HELD,      /* reported                                             */
    LEASE_ASKED_BACK /* absent from its orders, not given back yet           */
};
struct lease_partition {
    uint8_t state; /* enum lease_state */
    uint32_t worker;
    uint64_t epoch, position;
    bool ready;
};
struct lease_worker {
    uint32_t number;
    bool local, stopping;
    uint32_t partitions;
    int64_t heard_ms;
};
void lease_partition(const struct lease_table *table, uint32_t partition, struct lease_partition *out);
uint32_t lease_workers(const struct lease_table *table, struct lease_worker out[LEASE_WORKERS_MAX]);
uint32_t lease_desired(const struct lease_table *table, bool *automatic);
/* Records between the head and the slowest partition, as they were at its last report; of a partition that
 * is free up to the head of now. */
uint64_t lease_lag(const struct lease_table *table);

#endif
