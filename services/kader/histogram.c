/* histogram.c - buckets that grow with the value (histogram.h). */
#include "histogram.h"

#define STEPS      32 /* buckets per power of two */
#define STEPS_BITS 5

static unsigned bucket_of(uint32_t value) {
    if (value < STEPS)
        return value;
    unsigned power = 31u - (unsigned)__builtin_clz(value); /* >= STEPS_BITS */
    unsigned shift = power - STEPS_BITS;
    return (shift + 1) * STEPS + (value >> shift) - STEPS;
}

static uint32_t highest_in(unsigned bucket) {
    if (bucket < STEPS)
        return bucket;
    unsigned shift = bucket / STEPS - 1;
    uint64_t next = (uint64_t)(bucket % STEPS + STEPS + 1) << shift;
    return (uint32_t)(next - 1);
}

void histogram_add(struct histogram *histogram, uint32_t value_us) {
    histogram->count++;
    histogram->bucket[bucket_of(value_us)]++;
    if (value_us > histogram->max_us)
        histogram->max_us = value_us;
}

uint32_t histogram_at(const struct histogram *histogram, uint32_t permille) {
    uint64_t wanted = (histogram->count * permille + 999) / 1000, seen = 0;
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS && histogram->count > 0; bucket++) {
        seen += histogram->bucket[bucket];
        if (seen >= wanted && seen > 0) {
            uint32_t highest = highest_in(bucket);
            return highest < histogram->max_us ? highest : histogram->max_us;
        }
    }
    return histogram->max_us;
}
