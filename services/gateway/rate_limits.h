/* rate_limits.h - how often an address or a token may ask: token buckets in a table with a bound. Pure:
 * time is an argument. */
#ifndef GATEWAY_RATE_LIMITS_H
#define GATEWAY_RATE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits;

enum limit_kind { LIMIT_ADDRESS, LIMIT_TOKEN, LIMIT_PAIRING, LIMIT_PAIRING_ALL, LIMIT_KIND_COUNT };
struct limit_rate {
    uint32_t per_minute; /* 0: no limit */
    uint32_t burst;
};
/* `seed`: random, so that nobody can choose keys that get in each other's way. */
struct limits *limits_new(const struct limit_rate rates[LIMIT_KIND_COUNT], uint32_t entries_max,
                          uint64_t seed);
void limits_destroy(struct limits **limits);
/* Whether one more may come from this key, and takes it. `retry_ms`: when it may. Where the table is full
 * of busy keys, strangers share one bucket. */
bool limits_take(struct limits *limits, enum limit_kind kind, const void *key, size_t size, int64_t now_ms,
                 uint32_t *retry_ms);

#endif
