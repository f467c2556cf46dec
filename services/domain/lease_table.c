/* lease_table.c - the table of leases: made, restored, looked at (lease.h; lease_table.h). */
#include "lease_table.h"

#include <stdlib.h>

#define START_DELAY_FIRST_MS 1000
#define START_DELAY_MOST_MS  30000
#define START_DELAY_KILL_MS  1000 /* after one that worked: its partitions wait */

struct lease_table *lease_table_new(const struct lease_config *config) {
    bool sane = config->partitions > 0 && config->partitions <= LEDGER_PARTITIONS_MAX &&
                config->lease_ms > 0 && config->workers_min <= config->workers_max &&
                config->workers_max <= LEASE_WORKERS_MAX && config->lag_low <= config->lag_high;
    struct lease_table *table = calloc(1, sizeof *table);
    if (!sane || !table)
        abort();
    table->config = *config;
    if (config->workers_max > config->partitions) /* one more would have nothing to do */
        table->config.workers_max = config->partitions;
    if (config->workers_min > table->config.workers_max)
        table->config.workers_min = table->config.workers_max;
    table->desired = table->config.workers_min;
    table->above_since_ms = table->below_since_ms = LEASE_NEVER;
    table->promised_ms = LEASE_NEVER;
    table->start_after_ms = INT64_MIN;
    for (uint32_t i = 0; i < config->partitions; i++)
        table->places[i].until_ms = INT64_MIN;
    return table;
}

void lease_table_destroy(struct lease_table **table) {
    free(*table);
    *table = NULL;
}

void lease_restore(struct lease_table *table, uint32_t partition, uint64_t epoch, uint32_t worker,
                   bool may_live, int64_t now_ms) {
    struct lease_place *place = &table->places[partition];
    if (partition >= table->config.partitions || place->is.epoch != 0 || epoch == 0)
        abort();
    if (table->promised_ms == LEASE_NEVER)
        table->promised_ms = table->now_ms = now_ms; /* from now on we listen */
    place->is.epoch = epoch;
    place->is.worker = worker;
    place->awaited = may_live;
    if (may_live)
        place->until_ms = now_ms + table->config.lease_ms;
}

struct lease_seat *lease_seat_of(struct lease_table *table, uint32_t number) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        if (table->seats[i].life != LIFE_NONE && table->seats[i].number == number)
            return &table->seats[i];
    }
    return NULL;
}

struct lease_seat *lease_seat_free(struct lease_table *table) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        if (table->seats[i].life == LIFE_NONE)
            return &table->seats[i];
    }
    return NULL;
}

void lease_say(struct lease_table *table, enum lease_effect_kind kind, uint32_t worker) {
    struct lease_effects *effects = table->effects;
    if (effects->count == LEASE_EFFECTS_MAX)
        abort();
    effects->effects[effects->count++] = (struct lease_effect){.kind = (uint8_t)kind, .worker = worker};
}

void lease_free(struct lease_table *table, struct lease_place *place, int64_t until_ms) {
    struct lease_seat *seat = lease_seat_of(table, place->is.worker);
    if (seat)
        seat->told = false;
    place->is.state = LEASE_FREE;
    place->is.worker = 0;
    place->is.ready = false;
    place->until_ms = until_ms;
}

void lease_free_all_of(struct lease_table *table, uint32_t worker) {
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        struct lease_place *place = &table->places[i];
        if (place->is.state != LEASE_FREE && place->is.worker == worker)
            lease_free(table, place, INT64_MIN);
    }
}

void lease_end(struct lease_seat *seat) {
    seat->life = seat->local ? LIFE_ENDING : LIFE_NONE;
}

bool lease_works(const struct lease_table *table, uint32_t worker) {
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        const struct lease_partition *is = &table->places[i].is;
        if (is->state != LEASE_FREE && is->worker == worker && is->ready)
            return true;
    }
    return false;
}

bool lease_has_any(const struct lease_table *table, uint32_t worker) {
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        const struct lease_partition *is = &table->places[i].is;
        if (is->state != LEASE_FREE && is->worker == worker)
            return true;
    }
    return false;
}

void lease_short_life(struct lease_table *table, bool worked) {
    int64_t delay_ms = 0, most_ms = worked ? START_DELAY_KILL_MS : START_DELAY_MOST_MS;
    for (uint32_t life = 0; life < table->short_lives && delay_ms < most_ms; life++)
        delay_ms = delay_ms == 0 ? START_DELAY_FIRST_MS : 2 * delay_ms;
    if (delay_ms > most_ms)
        delay_ms = most_ms;
    table->short_lives++;
    table->start_after_ms = table->now_ms + delay_ms;
}

bool lease_holds(const struct lease_table *table, uint32_t worker, uint32_t partition, uint64_t epoch) {
    if (partition >= table->config.partitions)
        return false;
    const struct lease_partition *is = &table->places[partition].is;
    return is->state != LEASE_FREE && is->worker == worker && is->epoch == epoch;
}

void lease_partition(const struct lease_table *table, uint32_t partition, struct lease_partition *out) {
    if (partition >= table->config.partitions)
        abort();
    *out = table->places[partition].is;
    if (out->state == LEASE_FREE)
        out->worker = 0;
}

uint32_t lease_workers(const struct lease_table *table, struct lease_worker out[LEASE_WORKERS_MAX]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        const struct lease_seat *seat = &table->seats[i];
        if (seat->life == LIFE_NONE || seat->life == LIFE_ENDING)
            continue;
        struct lease_worker worker = {.number = seat->number,
                                      .local = seat->local,
                                      .stopping = seat->life == LIFE_STOPPING,
                                      .heard_ms = seat->heard_ms + table->deaf_ms};
        for (uint32_t p = 0; p < table->config.partitions; p++)
            worker.partitions += lease_holds(table, seat->number, p, table->places[p].is.epoch);
        uint32_t at = count++;
        for (; at > 0 && out[at - 1].number > worker.number; at--)
            out[at] = out[at - 1];
        out[at] = worker;
    }
    return count;
}

uint32_t lease_desired(const struct lease_table *table, bool *automatic) {
    *automatic = table->scaled == 0;
    return table->desired;
}

uint64_t lease_lag(const struct lease_table *table) {
    uint64_t lag = 0;
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        const struct lease_place *place = &table->places[i];
        uint64_t behind = place->behind;
        if (place->is.state == LEASE_FREE)
            behind = table->head > place->is.position ? table->head - place->is.position : 0;
        if (behind > lag)
            lag = behind;
    }
    return lag;
}
