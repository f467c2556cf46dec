/* roll_state.h - the roll's workers and partitions. For roll*.c alone. */
#ifndef BILLING_ROLL_STATE_H
#define BILLING_ROLL_STATE_H

#include "heads.h"
#include "roll.h"
#include "wire/arena.h"

/* A worker process that has reported. */
struct roll_member {
    uint32_t number; /* 0: no member */
    bool local, stop;
    uint32_t instance, pid;
    char name[WORKER_NAME_MAX + 1];
    struct worker_peer peer;
    uint64_t sequence; /* of its last report */
    int64_t heard_ms;  /* when that came         */
    uint64_t resident_bytes, records;
};

/* What a partition costs as things stand, as its owner said last. */
struct roll_sums {
    month_t open_month;
    struct payer_sum open[PAYER_COUNT], next[PAYER_COUNT];
};
struct roll_part {
    struct lease_partition is; /* before the step that is taken */
    uint32_t members;
    struct roll_sums now, before; /* `before`: of the month that was open before */
    int64_t lost_ms;              /* last sign of the owner that was lost; 0: none was */
    uint64_t failure_id;          /* parked for it */
    struct failure stuck;         /* code "": it goes on, or nobody has it */
    int64_t stuck_since_ms;       /* business time */
};

struct roll {
    struct roll_config config;
    struct books *books;
    struct closing *closing;
    struct children *children;
    roll_send *send;
    void *context;
    struct lease_table *leases;
    struct roll_member members[LEASE_WORKERS_MAX];
    struct roll_part parts[LEDGER_PARTITIONS_MAX];
    bool scaled; /* the stored number of workers was told to the leases */
    uint64_t head;
    struct heads heads;
    struct roll_counts counts;
    int64_t looked_ms;      /* when strangers of this machine were looked after */
    int64_t store_retry_ms; /* no room for epochs: not tried again before */
    int64_t complaint_ms;   /* when a bad report was logged last */
    struct arena arena;
    uint8_t bytes[WORKER_ORDERS_MAX_BYTES];
};

/* roll_member.c */
struct roll_member *roll_member_of(struct roll *roll, uint32_t number);
/* Whose report it is. NULL where there is no room, or its name is another process's: `*gone` is that one
 * where it has ended by this (bury it, then ask again), 0 where it lives. */
struct roll_member *roll_member_for(struct roll *roll, const struct wire_worker_report *report,
                                    const struct worker_peer *peer, int64_t now_ms, uint32_t *gone);
void roll_member_forget(struct roll *roll, uint32_t number);

/* roll_step.c: one step of the leases, all that follows from it stored and carried out. */
MUST_USE enum result roll_step(struct roll *roll, const struct lease_event *event, struct failure *why);
/* Epochs that were granted and are not stored yet: until they are, no orders show them. */
MUST_USE enum result roll_store_grants(struct roll *roll, int64_t now_ms, struct failure *why);

/* roll_orders.c */
void roll_order(struct roll *roll, const struct roll_member *member);
void roll_order_all(struct roll *roll);

/* roll_part.c: what a lease's holder says of its partition. */
MUST_USE enum result roll_part_take(struct roll *roll, const struct wire_held *held, int64_t now_ms,
                                    struct failure *why);
/* Failures parked by an earlier life of the coordinator are known again. */
void roll_part_recall_failures(struct roll *roll);

#endif
