/* lease_share.c - who gets which partition: what is free goes to whoever has least; who has too much is asked
 * for some back (lease.h).
 *
 * Each worker's part is P/n, rounded; the ones above are for those who have most already, so that nobody
 * gives away a partition for a worker that would have no more than he has. What is on its way (free, or
 * asked back) is in nobody's share: a step that is repeated asks for nothing twice.
 */
#include "lease_table.h"

/* Living workers in `out`, those with most partitions first. */
static uint32_t by_share(struct lease_table *table, struct lease_seat *out[LEASE_WORKERS_MAX]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct lease_seat *seat = &table->seats[i];
        if (seat->life != LIFE_LIVE)
            continue;
        uint32_t at = count++;
        for (; at > 0 && (out[at - 1]->share < seat->share ||
                          (out[at - 1]->share == seat->share && out[at - 1]->number > seat->number));
             at--)
            out[at] = out[at - 1];
        out[at] = seat;
    }
    return count;
}

static void count_shares(struct lease_table *table) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++)
        table->seats[i].share = 0;
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        const struct lease_partition *is = &table->places[i].is;
        struct lease_seat *seat =
            is->state == LEASE_GRANTED || is->state == LEASE_HELD ? lease_seat_of(table, is->worker) : NULL;
        if (seat)
            seat->share++;
    }
}

static struct lease_seat *least_loaded(struct lease_table *table) {
    struct lease_seat *least = NULL;
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct lease_seat *seat = &table->seats[i];
        if (seat->life != LIFE_LIVE)
            continue;
        if (!least || seat->share < least->share ||
            (seat->share == least->share && seat->number < least->number))
            least = seat;
    }
    return least;
}

static void grant(struct lease_table *table, uint32_t partition, struct lease_seat *seat) {
    struct lease_partition *is = &table->places[partition].is;
    table->places[partition].until_ms = table->now_ms + table->config.start_ms;
    is->state = LEASE_GRANTED;
    is->worker = seat->number;
    is->epoch++;
    is->ready = false;
    seat->share++;
    seat->told = false;
    lease_say(table, LEASE_GRANT, seat->number);
    struct lease_effect *effect = &table->effects->effects[table->effects->count - 1];
    effect->partition = partition;
    effect->epoch = is->epoch;
}

static void ask_back(struct lease_table *table, struct lease_seat *seat, struct lease_place *place) {
    place->is.state = LEASE_ASKED_BACK;
    place->until_ms = table->now_ms + table->config.release_ms;
    seat->share--;
    seat->told = false;
}

/* One that it has not restored yet costs nobody anything; else the last one. What it was granted and has not
 * reported yet stays with it until it has: whether it has begun to write there nobody could tell. */
static struct lease_place *dispensable(struct lease_table *table, uint32_t worker) {
    struct lease_place *found = NULL;
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        struct lease_place *place = &table->places[i];
        bool its = place->is.state == LEASE_HELD && place->is.worker == worker;
        if (its && !(found && place->is.ready && !found->is.ready))
            found = place;
    }
    return found;
}

static void ask_back_down_to(struct lease_table *table, struct lease_seat *seat, uint32_t share) {
    struct lease_place *place;
    while (seat->share > share && (place = dispensable(table, seat->number)))
        ask_back(table, seat, place);
}

void lease_share(struct lease_table *table) {
    struct lease_seat *living[LEASE_WORKERS_MAX];
    count_shares(table);
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        if (table->seats[i].life == LIFE_STOPPING)
            ask_back_down_to(table, &table->seats[i], 0);
    }
    for (uint32_t i = 0; i < table->config.partitions; i++) {
        struct lease_place *place = &table->places[i];
        struct lease_seat *seat = least_loaded(table);
        if (seat && place->is.state == LEASE_FREE && place->until_ms <= table->now_ms)
            grant(table, i, seat);
    }
    uint32_t count = by_share(table, living);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t part = table->config.partitions / count + (i < table->config.partitions % count);
        ask_back_down_to(table, living[i], part);
    }
}
