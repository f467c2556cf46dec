/* lease_scale.c - how many local workers there are to be: by the operator's word, or by the lag (lease.h).
 *
 * The lag counts only while every partition is ready: a take-over or a start is no reason for more workers.
 * One worker at a time is added, and the clock begins anew: what the last one brought must show first.
 */
#include "lease_table.h"

void lease_scale_to(struct lease_table *table, uint32_t workers) {
    const struct lease_config *config = &table->config;
    table->above_since_ms = table->below_since_ms = LEASE_NEVER;
    table->scaled = workers < LEASE_WORKERS_MAX ? workers : LEASE_WORKERS_MAX;
    if (table->scaled != 0)
        table->desired = table->scaled;
    else if (table->desired > config->workers_max)
        table->desired = config->workers_max;
    else if (table->desired < config->workers_min)
        table->desired = config->workers_min;
}

static bool is_settled(const struct lease_table *table) {
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        if (table->places[i].is.state != LEASE_HELD || !table->places[i].is.ready)
            return false;
    }
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        if (table->seats[i].life == LIFE_STARTING)
            return false;
    }
    return true;
}

/* Has it been so for `span_ms`? Starts the clock where it is so since now, ends it where it is not. */
static bool lasted(const struct lease_table *table, bool is_so, int64_t *since_ms, uint32_t span_ms) {
    if (!is_so)
        *since_ms = LEASE_NEVER;
    else if (*since_ms == LEASE_NEVER)
        *since_ms = table->now_ms;
    return is_so && table->now_ms - *since_ms >= span_ms;
}

static void follow_lag(struct lease_table *table) {
    const struct lease_config *config = &table->config;
    bool settled = is_settled(table);
    uint64_t lag = lease_lag(table);
    if (lasted(table, settled && lag > config->lag_high, &table->above_since_ms, config->scale_up_ms) &&
        table->desired < config->workers_max) {
        table->desired++;
        table->above_since_ms = LEASE_NEVER;
    }
    if (lasted(table, settled && lag < config->lag_low, &table->below_since_ms, config->scale_down_ms) &&
        table->desired > config->workers_min) {
        table->desired--;
        table->below_since_ms = LEASE_NEVER;
    }
}

static uint32_t lowest_number(struct lease_table *table) {
    uint32_t number = 1;
    while (lease_seat_of(table, number))
        number++;
    return number;
}

/* One that is on its way out may stay; else a process is started. False where neither can be now. */
static bool add_one(struct lease_table *table) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct lease_seat *seat = &table->seats[i];
        if (seat->life == LIFE_STOPPING && seat->local && !seat->leaving) {
            seat->life = LIFE_LIVE;
            seat->told = false;
            return true;
        }
    }
    struct lease_seat *seat = lease_seat_free(table);
    if (!seat || table->now_ms < table->start_after_ms)
        return false;
    *seat = (struct lease_seat){.life = LIFE_STARTING,
                                .local = true,
                                .told = true,
                                .number = lowest_number(table),
                                .heard_ms = table->now_ms,
                                .joined_ms = table->now_ms};
    lease_say(table, LEASE_START_WORKER, seat->number);
    return true;
}

static void remove_one(struct lease_table *table) {
    struct lease_seat *last = NULL;
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct lease_seat *seat = &table->seats[i];
        bool counts = seat->local && (seat->life == LIFE_LIVE || seat->life == LIFE_STARTING);
        if (counts && (!last || seat->number > last->number))
            last = seat;
    }
    last->told = last->life == LIFE_STARTING;
    last->life = LIFE_STOPPING;
}

/* What has given back everything is ended: ours by its process, another by being let go. */
static void end_the_empty(struct lease_table *table) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct lease_seat *seat = &table->seats[i];
        if (seat->life != LIFE_STOPPING || lease_has_any(table, seat->number))
            continue;
        lease_say(table, LEASE_STOP_WORKER, seat->number);
        lease_end(seat);
    }
}

void lease_scale(struct lease_table *table) {
    uint32_t count = 0;
    if (table->scaled == 0)
        follow_lag(table);
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        const struct lease_seat *seat = &table->seats[i];
        count += seat->local && (seat->life == LIFE_LIVE || seat->life == LIFE_STARTING);
    }
    for (; count < table->desired && add_one(table); count++)
        continue;
    for (; count > table->desired; count--)
        remove_one(table);
    end_the_empty(table);
}
