/* latency.h - how long things took: a histogram of fixed buckets, for status and metrics. Pure. */
#ifndef ENROLLMENT_LATENCY_H
#define ENROLLMENT_LATENCY_H

#include <stdint.h>

#define LATENCY_BOUNDS 20

/* Upper bounds, inclusive, ascending. */
extern const uint32_t latency_bounds_us[LATENCY_BOUNDS];

struct latency {
    uint64_t counts[LATENCY_BOUNDS + 1]; /* each of its own bucket alone; the last: longer than all bounds */
    uint64_t sum_us;
};

/* `times` things took `duration_us` each; below 0 counts as 0. */
void latency_add(struct latency *latency, int64_t duration_us, uint32_t times);

#endif
