/* lease.c - one step of the leases: what an event says, what time has ended, then shares and orders
 * (lease.h). */
#include "lease_table.h"

#define RETRY_DOUBLINGS_MAX 6u /* 320 s */

/* Two workers of one number, or one that reports before it can: the caller's numbers are broken. */
static struct lease_seat *seat_for(struct lease_table *table, const struct lease_event *event) {
    struct lease_seat *seat = lease_seat_of(table, event->worker);
    if (!seat) {
        seat = lease_seat_free(table);
        if (!seat)
            return NULL;
        *seat = (struct lease_seat){.life = LIFE_STARTING, .local = event->local, .number = event->worker};
    }
    if (seat->life == LIFE_STARTING) {
        seat->life = LIFE_LIVE;
        seat->joined_ms = table->now_ms;
    }
    return seat;
}

/* What fails again and again is tried ever more rarely: each try costs a file. */
static int64_t retry_ms(struct lease_place *place) {
    int64_t delay_ms = (int64_t)LEASE_RETRY_MS << place->failures;
    if (place->failures < RETRY_DOUBLINGS_MAX)
        place->failures++;
    return delay_ms;
}

/* What it says of one partition. An entry under another epoch is a zombie's and says nothing. */
static void take_held(struct lease_table *table, uint32_t worker, const struct lease_held *held,
                      uint64_t head) {
    struct lease_place *place = &table->places[held->partition];
    struct lease_partition *is = &place->is;
    if (is->state == LEASE_FREE && place->awaited && is->epoch == held->epoch) {
        place->awaited = false; /* it lived through our restart: the lease goes on */
        is->state = LEASE_HELD;
        is->worker = worker;
    }
    if (!lease_holds(table, worker, held->partition, held->epoch))
        return;
    if (held->fenced || held->failed) {
        lease_free(table, place, held->fenced ? INT64_MIN : table->now_ms + retry_ms(place));
        return;
    }
    if (is->state == LEASE_GRANTED)
        is->state = LEASE_HELD;
    is->position = held->position;
    is->ready = held->ready;
    if (held->ready)
        place->failures = 0;
    place->behind = head > held->position ? head - held->position : 0;
}

/* What a report leaves out was given back, but for what was granted and is not known to it yet; one that
 * leaves takes nothing more. */
static void take_absent(struct lease_table *table, const struct lease_event *event,
                        const bool seen[LEDGER_PARTITIONS_MAX]) {
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        struct lease_place *place = &table->places[i];
        if (!seen[i] && place->is.worker == event->worker &&
            (place->is.state == LEASE_HELD || place->is.state == LEASE_ASKED_BACK ||
             (place->is.state == LEASE_GRANTED && event->leaving)))
            lease_free(table, place, INT64_MIN);
    }
}

static void take_report(struct lease_table *table, const struct lease_event *event) {
    bool seen[LEDGER_PARTITIONS_MAX] = {false};
    struct lease_seat *seat = seat_for(table, event);
    if (!seat || seat->life == LIFE_ENDING)
        return;
    seat->heard_ms = table->now_ms;
    if (event->head > table->head)
        table->head = event->head;
    for (uint32_t i = 0; i < event->count; i++) {
        if (event->held[i].partition >= table->config.partitions)
            continue;
        seen[event->held[i].partition] = true;
        take_held(table, event->worker, &event->held[i], table->head);
    }
    take_absent(table, event, seen);
    if (event->leaving) {
        seat->leaving = true;
        seat->life = LIFE_STOPPING;
    }
}

static void take_gone(struct lease_table *table, uint32_t worker) {
    struct lease_seat *seat = lease_seat_of(table, worker);
    if (!seat)
        return;
    bool asked = seat->life == LIFE_ENDING || seat->life == LIFE_STOPPING;
    bool shortly = table->now_ms - seat->joined_ms < table->config.start_ms;
    if (seat->local && !asked && shortly)
        lease_short_life(table, lease_works(table, worker));
    lease_free_all_of(table, worker);
    seat->life = LIFE_NONE;
}

static void expire_worker(struct lease_table *table, struct lease_seat *seat) {
    bool starting = seat->life == LIFE_STARTING;
    int64_t patience_ms = starting ? table->config.start_ms : table->config.lease_ms;
    if (seat->life == LIFE_NONE || seat->life == LIFE_ENDING || table->now_ms - seat->heard_ms < patience_ms)
        return;
    if (starting)
        lease_short_life(table, false);
    lease_free_all_of(table, seat->number);
    lease_say(table, LEASE_EXPEL, seat->number);
    lease_end(seat);
}

static void expire(struct lease_table *table) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct lease_seat *seat = &table->seats[i];
        expire_worker(table, seat);
        if (seat->life == LIFE_LIVE && seat->local &&
            table->now_ms - seat->joined_ms >= table->config.start_ms)
            table->short_lives = 0;
    }
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        struct lease_place *place = &table->places[i];
        if (place->until_ms > table->now_ms)
            continue;
        place->awaited = false;
        if (place->is.state == LEASE_ASKED_BACK || place->is.state == LEASE_GRANTED)
            lease_free(table, place, INT64_MIN);
    }
}

/* After how much time at the latest somebody's patience is over. */
static int64_t next_end(const struct lease_table *table) {
    int64_t end_ms = LEASE_NEVER;
#define EARLIER(time_ms) end_ms = (time_ms) < end_ms ? (time_ms) : end_ms
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        const struct lease_seat *seat = &table->seats[i];
        if (seat->life == LIFE_STARTING)
            EARLIER(seat->heard_ms + table->config.start_ms);
        if (lease_is_heard(seat))
            EARLIER(seat->heard_ms + table->config.lease_ms);
    }
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        if (table->places[i].until_ms > table->now_ms)
            EARLIER(table->places[i].until_ms);
    }
    if (table->above_since_ms != LEASE_NEVER && table->desired < table->config.workers_max)
        EARLIER(table->above_since_ms + table->config.scale_up_ms);
    if (table->below_since_ms != LEASE_NEVER && table->desired > table->config.workers_min)
        EARLIER(table->below_since_ms + table->config.scale_down_ms);
    if (table->start_after_ms > table->now_ms)
        EARLIER(table->start_after_ms);
#undef EARLIER
    return end_ms;
}

/* The fold's clock goes on, but for the time in which we did not listen as promised. */
static void listen(struct lease_table *table, int64_t now_ms) {
    if (table->promised_ms != LEASE_NEVER && now_ms > table->promised_ms + table->config.lease_ms / 4)
        table->deaf_ms += now_ms - table->promised_ms;
    int64_t time_ms = now_ms - table->deaf_ms;
    if (time_ms > table->now_ms || table->promised_ms == LEASE_NEVER)
        table->now_ms = time_ms;
}

static void promise(struct lease_table *table) {
    int64_t end_ms = next_end(table), listen_ms = table->now_ms + table->config.lease_ms / 4;
    table->promised_ms = (end_ms < listen_ms ? end_ms : listen_ms) + table->deaf_ms;
}

void lease_step(struct lease_table *table, const struct lease_event *event, struct lease_effects *effects) {
    effects->count = 0;
    table->effects = effects;
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++)
        table->seats[i].told = true;
    listen(table, event->now_ms);
    switch ((enum lease_event_kind)event->kind) {
    case LEASE_REPORT:
        take_report(table, event);
        break;
    case LEASE_GONE:
        take_gone(table, event->worker);
        break;
    case LEASE_LAG:
        table->head = event->head > table->head ? event->head : table->head;
        break;
    case LEASE_SCALE:
        lease_scale_to(table, event->count);
        break;
    case LEASE_TICK:
        break;
    }
    expire(table);
    lease_scale(table);
    lease_share(table);
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        if (lease_is_heard(&table->seats[i]) && !table->seats[i].told)
            lease_say(table, LEASE_ORDERS, table->seats[i].number);
    }
    promise(table);
    table->effects = NULL;
}

int64_t lease_wake_ms(const struct lease_table *table) {
    return table->promised_ms == LEASE_NEVER ? 0 : table->promised_ms;
}
