/* lease_table.h - the state of the lease fold, and its steps. For lease*.c alone. */
#ifndef DOMAIN_LEASE_TABLE_H
#define DOMAIN_LEASE_TABLE_H

#include "cakupan/lease.h"

#define LEASE_NEVER INT64_MAX

/* A worker's life; one that was never heard of, or is gone, has no seat. */
enum lease_life {
    LIFE_NONE = 0,
    LIFE_STARTING, /* local: its process was started and has not reported yet        */
    LIFE_LIVE,     /* reports, may have partitions                                   */
    LIFE_STOPPING, /* reports, gives back what it has and gets nothing               */
    LIFE_ENDING    /* local: told to end, or killed; keeps its number until it is gone */
};
struct lease_seat {
    uint8_t life; /* enum lease_life */
    bool local, leaving;
    bool told; /* false: its orders have changed in this step */
    uint32_t number;
    uint32_t share;   /* partitions granted or held, not those asked back */
    int64_t heard_ms; /* STARTING: when it was started */
    int64_t joined_ms;
};

/* All times are of the fold's own clock: that of the events without what was deafness. */
struct lease_table {
    struct lease_config config;
    int64_t now_ms, deaf_ms;
    int64_t promised_ms; /* of the events' clock: the next step comes by then, or we were deaf */
    uint64_t head;
    struct lease_seat seats[LEASE_WORKERS_MAX];
    struct lease_place {
        struct lease_partition is;
        uint64_t behind;   /* the head less its position, when that was reported                       */
        int64_t until_ms;  /* FREE: not granted before; GRANTED, ASKED_BACK: taken all the same then   */
        uint32_t failures; /* in a row, without having been ready                                     */
        bool awaited;      /* FREE: whoever had it before our restart may report it until then         */
    } places[LEDGER_PARTITIONS_MAX];
    uint32_t scaled;                        /* by the operator; 0: automatic */
    uint32_t desired;                       /* local workers */
    int64_t above_since_ms, below_since_ms; /* the lag is high, low; LEASE_NEVER: it is not */
    uint32_t short_lives;                   /* starts in a row that failed or lived shortly */
    int64_t start_after_ms;
    struct lease_effects *effects; /* of the step being taken */
};

/* Reports, and gets orders. */
static inline bool lease_is_heard(const struct lease_seat *seat) {
    return seat->life == LIFE_LIVE || seat->life == LIFE_STOPPING;
}

/* lease_table.c: what the steps are made of. */
struct lease_seat *lease_seat_of(struct lease_table *table, uint32_t number);
struct lease_seat *lease_seat_free(struct lease_table *table);
void lease_say(struct lease_table *table, enum lease_effect_kind kind, uint32_t worker);
/* Nobody has it any more; it may be granted from `until_ms` on. */
void lease_free(struct lease_table *table, struct lease_place *place, int64_t until_ms);
void lease_free_all_of(struct lease_table *table, uint32_t worker);
/* Told to end or killed: a local one keeps its seat until it is gone. */
void lease_end(struct lease_seat *seat);
bool lease_has_any(const struct lease_table *table, uint32_t worker);
bool lease_works(const struct lease_table *table, uint32_t worker); /* has a partition that is ready */
/* A local worker's life was over too soon, or it never began: the next start waits 0, 1, 2, 4 ... 30 s. After
 * one that worked, and so was killed or came upon something, it waits 1 s at most. */
void lease_short_life(struct lease_table *table, bool worked);

/* lease_share.c: grants what is free, asks back what one worker has too much of. */
void lease_share(struct lease_table *table);
/* lease_scale.c: how many local workers are wanted; starts and stops them. */
void lease_scale(struct lease_table *table);
void lease_scale_to(struct lease_table *table, uint32_t workers); /* the operator's word; 0: by the lag */

#endif
