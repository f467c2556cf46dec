/* portfolio_internal.h - what a portfolio holds of each partition, and who does what with it. For
 * portfolio*.c alone.
 *
 * States of a slot (one a partition's number); only held_become moves between them:
 *
 *   EMPTY    never granted                        -> OPENING  granted
 *   OPENING  granted, not restored yet            -> READY    journal open, ledger restored
 *                                                 -> FAILED   could not be opened
 *   READY    counts records                       -> FAILED   contradiction, or unknown outcome of a write
 *                                                 -> OVER     given back, dropped or fenced
 *   FAILED   reported with its failure            -> OVER     not granted any more
 *   OVER     nothing is held                      -> OPENING  granted under a later epoch
 *                                                 -> FAILED   granted under the very epoch that is over
 */
#ifndef BILLING_PORTFOLIO_INTERNAL_H
#define BILLING_PORTFOLIO_INTERNAL_H

#include "portfolio.h"

#include "paths.h"

enum held_state { HELD_EMPTY = 0, HELD_OPENING, HELD_READY, HELD_FAILED, HELD_OVER };

/* The answer to the barrier: kept until orders show it as taken. */
struct held_answer {
    uint64_t barrier; /* 0: none (or not committed yet) */
    uint16_t months;
    uint8_t *bytes; /* owned: all packed sums, one after the other */
    struct wire_bytes_view *sums;
    size_t size;
    uint64_t sequence;
    uint8_t hash[JOURNAL_HASH_SIZE];
};

struct held {
    uint8_t state; /* enum held_state */
    uint32_t number;
    uint64_t epoch, position; /* as last known */
    char directory[BILLING_PATH];
    struct ledger_journal *journal;
    struct partition *partition; /* READY only */
    bool followed;               /* the feed brings its records */
    bool granted;                /* by the last orders; else it is given back in one of the next turns */
    bool stalled;            /* `entry` is taken and found the disk full: nothing moves until it is stored */
    bool stalled_acting;     /* it is an answer's */
    int64_t commit_due_ms;   /* 0: nothing waits */
    int64_t retry_ms;        /* stalled: when its entry is offered again */
    uint64_t journal_offset; /* of the journal's last entry when it was opened: counted anew up to there */
    uint64_t snapshot_position;
    int64_t snapshot_ms;
    uint64_t acted; /* the barrier that asks nothing more of it, 0: none */
    struct held_answer answer;
    bool sums_old; /* the projections below are of an earlier position */
    struct payer_sum projected[PAYER_COUNT], projected_next[PAYER_COUNT];
    struct failure failure; /* code "": none */
};

struct portfolio {
    struct portfolio_config config;
    uint32_t count; /* of partitions; 0: no orders yet */
    month_t first_month;
    struct tariff first_tariff;
    struct held held[LEDGER_PARTITIONS_MAX];
    struct wire_held report[LEDGER_PARTITIONS_MAX];
    uint64_t barrier; /* 0: none */
    bool run;
    struct partition_order order; /* its tariff is `order_tariff` */
    struct tariff order_tariff;
    uint8_t order_tariff_packed[TARIFF_PACKED_MAX];
    size_t order_tariff_size;
    bool order_bad; /* its tariff can't be read */
    bool lapsed, refollow, report_due;
    struct failure feed_failure;
    uint64_t records;
};

/* Whether records may be counted for it. */
static inline bool held_moves(const struct held *held) {
    return held->state == HELD_READY && !held->stalled;
}

/* Whether the feed shall bring its records. While a barrier asks to hold, those that only repeat what their
 * journals have go on alone, and nobody holds before they are through: the barrier's offset must not be below
 * any entry. */
bool portfolio_wants(const struct portfolio *portfolio, const struct held *held);
bool portfolio_repeats(const struct portfolio *portfolio);

/* portfolio_held.c */
void held_grant(struct portfolio *portfolio, uint32_t number, uint64_t epoch);
void held_open(struct portfolio *portfolio, struct held *held, int64_t now_ms);
/* Commits, snapshots and closes. */
void held_give_back(struct portfolio *portfolio, struct held *held, int64_t now_ms, int64_t time_ms);
/* Lets go of everything without writing. */
void held_over(struct portfolio *portfolio, struct held *held);
/* It can't go on; what it has in memory is dropped, and its journal closed. */
void held_fail(struct portfolio *portfolio, struct held *held, const struct failure *why);
/* Granted again under the epoch that is over, which can't be opened twice: the coordinator must give
 * another. */
void held_refuse(struct portfolio *portfolio, struct held *held);
/* Offers what waits to the journal; true where nothing waits any more. */
bool held_commit(struct portfolio *portfolio, struct held *held, int64_t now_ms, int64_t time_ms);
/* Where nothing waits to be committed. A failure is logged: the journal has everything. */
void held_snapshot(struct held *held, int64_t now_ms);

/* portfolio_barrier.c */
void barrier_obey(struct portfolio *portfolio, const struct wire_worker_orders *orders);
/* Whether the barrier has something to ask of it still: not of what is only waiting to be given back, whose
 * next owner is asked. */
bool barrier_asks(const struct portfolio *portfolio, const struct held *held);
/* Where it may be at most when it is restored: a worker whose lease ended before the barrier may have left a
 * snapshot beyond its offset, from where nobody could act at it. */
uint64_t barrier_position_max(const struct portfolio *portfolio, const struct held *held);
/* Whether its next owner can still act at the barrier if it starts from a snapshot of now. */
bool barrier_allows_snapshot(const struct portfolio *portfolio, const struct held *held);
/* Carries the order out and leaves the answer. */
void barrier_act(struct portfolio *portfolio, struct held *held, int64_t now_ms, int64_t time_ms);
/* What the order left is stored: the answer may be told. */
void answer_ready(const struct portfolio *portfolio, struct held *held, uint64_t sequence,
                  const uint8_t *hash);
void answer_clear(struct held_answer *answer);

#endif
