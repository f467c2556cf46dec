/* billing_world.h - one simulated billing: workers that are killed, stopped and cut off, a coordinator that
 * crashes at any decision, one oracle who recounts everything.
 *
 * The nodes run the very code of the services (portfolio with its partitions, journals and snapshots; books,
 * roll, closing); what is simulated is time, network, crashes, and SIGSTOP: also in the middle of an append,
 * while the others go on. Records come from the registry (support/ledger_history.h). A seed decides
 * everything.
 */
#ifndef SIM_BILLING_WORLD_H
#define SIM_BILLING_WORLD_H

#include "billing/closing.h"
#include "billing/portfolio.h"
#include "billing/roll.h"
#include "ledger_history.h"
#include "network.h"
#include "scratch.h"
#include "store/books_store.h"

#define BILLING_WORKERS      3u
#define BILLING_PARTITIONS   3u /* at most */
#define BILLING_INBOX        64u
#define BILLING_ASKS         4u /* that wait at a time */
#define BILLING_PREVIEWS     64u
#define BILLING_MONTHS       64u
#define BILLING_ROWS         1024u
#define BILLING_HEARTBEAT_MS 400

struct inbox {
    uint32_t count;
    struct message messages[BILLING_INBOX];
};

struct worker_node {
    uint32_t index;
    uint32_t connection; /* a process; another start is another one */
    int lock_fd;         /* of STATE/run/NAME.lock, -1: no process */
    bool up, on_stack;   /* its code runs, possibly stopped in the middle */
    bool frozen, dying;  /* stopped; ends as soon as its code returns */
    bool gone;           /* in the calm: stopped or dead for ever */
    struct portfolio *portfolio;
    struct arena arena;
    struct wire_worker_orders orders;
    bool ordered, lapsed;
    uint64_t report_sequence;
    int64_t report_sent_ms[64], report_due_ms, lease_until_ms;
    int64_t reports_us, orders_us; /* when the last message on the connection arrives */
    uint64_t feed_next;            /* 0: not followed */
    bool wanted[LEDGER_PARTITIONS_MAX];
    struct inbox inbox;
};

struct coordinator_node {
    bool up, dying, frozen;
    uint32_t connection;
    struct books *books;
    struct closing *closing;
    struct roll *roll;
    bool head_wanted;
    int64_t head_ms; /* when the answer to "where is the head" comes */
    struct inbox inbox;
    uint32_t starts;
};

struct billing_ask {
    uint32_t number; /* 0: none */
    struct partition_order order;
    uint64_t head; /* when it was asked: what was acknowledged by then must count */
};
/* What a preview said, to be recounted at the end. */
struct billing_preview {
    uint64_t offset, decisions; /* decisions made before it */
    month_t month;
    uint8_t *sums; /* packed */
    size_t size;
};
struct billing_frozen {
    uint8_t *bytes;
    size_t size;
};

struct billing_world {
    uint64_t seed;
    struct dice dice;
    struct network network;
    char state[SCRATCH_PATH];
    struct history *history;
    struct tariff tariffs[2];
    struct payment_terms terms;
    uint32_t partitions;
    struct worker_node workers[BILLING_WORKERS];
    struct coordinator_node coordinator;
    uint32_t row_count; /* of the books: what survives a crash */
    struct books_row *rows;
    struct billing_ask asks[BILLING_ASKS];
    uint32_t ask_number, life_left;
    month_t last_month; /* the calm closes up to this one */
    struct billing_preview previews[BILLING_PREVIEWS];
    uint32_t preview_count;
    struct billing_frozen invoices[BILLING_MONTHS]; /* by month, from the first one */
    int64_t rest_ms;                                /* since when everything rests, 0: it does not */
    bool lies;                                      /* negative control: appends that store nothing */
    uint64_t lied, freezes, kills, closes, fenced, starts;
    bool failed;
    char complaint[400];
};

/* The oracle has seen something that must not be. The first complaint counts. */
void billing_complain(struct billing_world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int64_t billing_now_ms(const struct billing_world *world);
int64_t billing_time_ms(const struct billing_world *world); /* business time */
month_t billing_first_month(void);
bool billing_inbox_put(struct inbox *inbox, struct message *message);
void billing_inbox_clear(struct inbox *inbox);
/* Once: loads the shipped tariff, makes a scratch state in memory. */
void billing_world_open(struct billing_world *world);
void billing_world_close(struct billing_world *world);
/* Runs one seed to its end. False, with a complaint, where a promise was broken. */
bool billing_world_run(struct billing_world *world, uint64_t seed, bool lies);
/* Lets the others live until `until_us`, while the caller's node is stopped in the middle of its code. */
void billing_world_meanwhile(struct billing_world *world, int64_t until_us);

/* billing_worker_node.c */
void worker_node_start(struct billing_world *world, struct worker_node *node);
void worker_node_turn(struct billing_world *world, struct worker_node *node);
/* kill -9; where its code is on the stack it ends when that returns. */
void worker_node_kill(struct billing_world *world, struct worker_node *node);
/* Whether it holds the partition and has counted everything. */
bool worker_node_has(struct billing_world *world, struct worker_node *node, uint32_t partition);

/* billing_coordinator_node.c */
void coordinator_node_start(struct billing_world *world);
void coordinator_node_turn(struct billing_world *world);
void coordinator_node_crash(struct billing_world *world);
/* Somebody asks; false where nobody takes it. */
bool coordinator_node_ask(struct billing_world *world, const struct billing_ask *ask);

/* billing_disk.c: whose code runs now, for faults in its journals. NULL: nobody's. */
void billing_disk_run(struct billing_world *world, struct worker_node *node);
void billing_disk_clear(struct billing_world *world);

/* billing_oracle.c */
void billing_oracle_answer(struct billing_world *world, const struct billing_ask *ask,
                           const struct closing_answer *answer);
void billing_oracle_judge(struct billing_world *world);

#endif
