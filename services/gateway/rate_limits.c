/* rate_limits.c - token buckets as one number each (rate_limits.h).
 *
 * A bucket is the time at which it will be full again (the generic cell rate algorithm, ITU-T I.371): one
 * more is taken by moving that time on, and may be where it stays within the burst. A bucket that is full
 * is as good as none, so nothing is ever evicted: a slot whose time has come is free for anybody.
 */
#include "rate_limits.h"

#include <stdlib.h>
#include <xxhash.h>

#define PROBES_MAX 16u

struct bucket {
    uint64_t key;
    int64_t full_us;
};

struct limits {
    int64_t interval_us[LIMIT_KIND_COUNT], burst_us[LIMIT_KIND_COUNT]; /* interval 0: no limit */
    uint64_t seed; /* so that nobody outside can choose keys that meet in one slot */
    uint32_t mask;
    struct bucket strangers[LIMIT_KIND_COUNT];
    struct bucket buckets[];
};

struct limits *limits_new(const struct limit_rate rates[LIMIT_KIND_COUNT], uint32_t entries_max,
                          uint64_t seed) {
    uint32_t capacity = PROBES_MAX;
    while (capacity < entries_max)
        capacity *= 2;
    struct limits *limits = calloc(1, sizeof *limits + capacity * sizeof *limits->buckets);
    if (!limits)
        abort();
    for (int kind = 0; kind < LIMIT_KIND_COUNT; kind++) {
        limits->interval_us[kind] = rates[kind].per_minute ? 60000000 / rates[kind].per_minute : 0;
        limits->burst_us[kind] = limits->interval_us[kind] * (rates[kind].burst ? rates[kind].burst : 1);
    }
    limits->seed = seed;
    limits->mask = capacity - 1;
    return limits;
}

void limits_destroy(struct limits **limits) {
    free(*limits);
    *limits = NULL;
}

/* The key's own bucket, else one that is free, else the one that all strangers share. */
static struct bucket *bucket_of(struct limits *limits, enum limit_kind kind, uint64_t key, int64_t now_us) {
    struct bucket *free_one = NULL;
    for (uint32_t i = 0; i < PROBES_MAX; i++) {
        struct bucket *bucket = &limits->buckets[(key + i) & limits->mask];
        if (bucket->key == key && bucket->full_us > now_us)
            return bucket;
        if (!free_one && bucket->full_us <= now_us)
            free_one = bucket;
    }
    if (!free_one)
        return &limits->strangers[kind];
    *free_one = (struct bucket){key, now_us};
    return free_one;
}

bool limits_take(struct limits *limits, enum limit_kind kind, const void *key, size_t size, int64_t now_ms,
                 uint32_t *retry_ms) {
    int64_t interval_us = limits->interval_us[kind], now_us = now_ms * 1000;
    *retry_ms = 0;
    if (interval_us == 0)
        return true;
    uint64_t hash = XXH3_64bits_withSeed(key, size, limits->seed + (uint64_t)kind);
    struct bucket *bucket = bucket_of(limits, kind, hash, now_us);
    int64_t full_us = (bucket->full_us > now_us ? bucket->full_us : now_us) + interval_us;
    int64_t over_us = full_us - now_us - limits->burst_us[kind];
    if (over_us > 0) {
        *retry_ms = (uint32_t)((over_us + 999) / 1000);
        return false;
    }
    bucket->full_us = full_us;
    return true;
}
