/* doors.c - token buckets and closed doors, one small entry per device number (doors.h). */
#include "doors.h"

#include <stdlib.h>

#define MALFORMED_WINDOW_MS 60000
#define DEBT_MAX_BURSTS     2 /* whoever asks for much is slowed, not shut out */
#define RETRY_MIN_MS        10
#define RETRY_MAX_MS        5000
#define THOUSANDTHS         INT64_C(1000)

struct door {
    bool used;
    int64_t credit_at_ms; /* when `credit` was right */
    int64_t credit;       /* thousandths of events that may come in now; below 0: debt. An event a second is
                             one of them a millisecond: nothing is lost however often somebody knocks */
    int64_t debt_max;     /* likewise, as of the last knock */
    int64_t malformed_since_ms;
    int64_t closed_until_ms;
    uint32_t malformed;
};

struct doors {
    struct doors_config config;
    struct door *door; /* by device number */
    uint32_t count;
};

struct doors *doors_new(const struct doors_config *config) {
    struct doors *doors = calloc(1, sizeof *doors);
    if (!doors)
        abort();
    doors->config = *config;
    return doors;
}

void doors_destroy(struct doors **doors) {
    if (!doors || !*doors)
        return;
    free((*doors)->door);
    free(*doors);
    *doors = NULL;
}

/* Device numbers are given by enrollment, one after the other, so the array is as long as the table of
 * devices. */
static struct door *door_of(struct doors *doors, uint32_t device) {
    if (device >= doors->count) {
        uint32_t count = device + 1024;
        struct door *door = realloc(doors->door, count * sizeof *door);
        if (!door)
            abort();
        for (uint32_t i = doors->count; i < count; i++)
            door[i] = (struct door){0};
        doors->door = door;
        doors->count = count;
    }
    return &doors->door[device];
}

static bool role_is_bulk(enum role role) {
    return role == ROLE_BPJS || role == ROLE_HEALTH_OFFICE || role == ROLE_LABOUR_OFFICE;
}

static struct door_answer retry_after(enum refusal refusal, int64_t wait_ms) {
    if (wait_ms < RETRY_MIN_MS)
        wait_ms = RETRY_MIN_MS;
    if (refusal == REFUSAL_BUSY && wait_ms > RETRY_MAX_MS)
        wait_ms = RETRY_MAX_MS;
    return (struct door_answer){refusal, (uint32_t)wait_ms};
}

struct door_answer doors_closed(struct doors *doors, uint32_t device, int64_t now_ms) {
    const struct door *door = door_of(doors, device);
    if (now_ms < door->closed_until_ms)
        return retry_after(REFUSAL_DOOR_CLOSED, door->closed_until_ms - now_ms);
    return (struct door_answer){REFUSAL_NONE, 0};
}

struct door_answer doors_knock(struct doors *doors, const struct device *device, uint32_t events,
                               int64_t now_ms) {
    struct door *door = door_of(doors, device->id);
    int64_t rate = role_is_bulk((enum role)device->role) ? doors->config.bulk_events_per_second
                                                         : doors->config.events_per_second;
    /* Two of the largest frames always fit. */
    int64_t burst = (rate > 2 * 4096 ? rate : 2 * 4096) * THOUSANDTHS;
    int64_t elapsed_ms = now_ms - door->credit_at_ms;
    if (!door->used || elapsed_ms > 60000)
        door->credit = burst;
    else if (elapsed_ms > 0)
        door->credit += elapsed_ms * rate;
    if (!door->used || elapsed_ms > 0)
        door->credit_at_ms = now_ms;
    door->used = true;
    door->debt_max = DEBT_MAX_BURSTS * burst;
    if (door->credit > burst)
        door->credit = burst;
    int64_t cost = (events ? events : 1) * THOUSANDTHS;
    if (door->credit < cost)
        return retry_after(REFUSAL_BUSY, (cost - door->credit) / rate + 1);
    door->credit -= cost;
    return (struct door_answer){REFUSAL_NONE, 0};
}

void doors_charge(struct doors *doors, uint32_t device, uint32_t events) {
    struct door *door = door_of(doors, device);
    door->credit -= events * THOUSANDTHS;
    if (door->credit < -door->debt_max)
        door->credit = -door->debt_max;
}

void doors_malformed(struct doors *doors, uint32_t device, int64_t now_ms) {
    struct door *door = door_of(doors, device);
    if (now_ms - door->malformed_since_ms > MALFORMED_WINDOW_MS) {
        door->malformed_since_ms = now_ms;
        door->malformed = 0;
    }
    if (++door->malformed >= DOOR_MALFORMED_MAX) {
        door->closed_until_ms = now_ms + DOOR_CLOSED_MS;
        door->malformed = 0;
    }
}
