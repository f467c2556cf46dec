/* histogram.h - counts durations in microseconds with a relative error of at most 1/32 (as HdrHistogram
 * does).
 *
 * A plain value, zeroed to begin with; pure.
 */
#ifndef KADER_HISTOGRAM_H
#define KADER_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS (32 * 28) /* 32 of width 1, then 32 for every power of two up to 2^32 */

struct histogram {
    uint64_t count;
    uint32_t max_us;
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint32_t value_us);
/* The smallest duration that `permille` of all values do not exceed (the upper end of its bucket, at most the
 * maximum); 0 where there are none. */
uint32_t histogram_at(const struct histogram *histogram, uint32_t permille);

#endif
