/* latency.c - a histogram of durations (latency.h). Called once a commit, never once an event. */
#include "latency.h"

const uint32_t latency_bounds_us[LATENCY_BOUNDS] = {
    50,   75,   100,  150,   200,   300,   400,    500,    750,    1000,
    1500, 2000, 5000, 10000, 20000, 50000, 100000, 250000, 500000, 1000000,
};

void latency_add(struct latency *latency, int64_t duration_us, uint32_t times) {
    uint64_t duration = duration_us > 0 ? (uint64_t)duration_us : 0;
    unsigned bucket = 0;
    while (bucket < LATENCY_BOUNDS && duration > latency_bounds_us[bucket])
        bucket++;
    latency->counts[bucket] += times;
    latency->sum_us += duration * times;
}
