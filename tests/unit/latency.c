/* latency.c - the histogram of durations (services/enrollment/latency.h): every bucket's two edges. */
#include "enrollment/latency.h"

#include <criterion/criterion.h>

Test(latency, bounds_ascend) {
    for (unsigned i = 1; i < LATENCY_BOUNDS; i++)
        cr_assert_gt(latency_bounds_us[i], latency_bounds_us[i - 1]);
}

Test(latency, a_bound_belongs_to_its_bucket_and_one_more_to_the_next) {
    for (unsigned i = 0; i < LATENCY_BOUNDS; i++) {
        struct latency latency = {0};
        latency_add(&latency, latency_bounds_us[i], 3);
        latency_add(&latency, (int64_t)latency_bounds_us[i] + 1, 5);
        for (unsigned bucket = 0; bucket <= LATENCY_BOUNDS; bucket++)
            cr_assert_eq(latency.counts[bucket], bucket == i ? 3 : bucket == i + 1 ? 5 : 0);
        cr_assert_eq(latency.sum_us, UINT64_C(8) * latency_bounds_us[i] + 5);
    }
}

Test(latency, what_took_less_than_nothing_took_nothing) {
    struct latency latency = {0};
    latency_add(&latency, -7, 2);
    latency_add(&latency, INT64_MAX / 2, 1);
    cr_assert_eq(latency.counts[0], 2);
    cr_assert_eq(latency.counts[LATENCY_BOUNDS], 1);
    cr_assert_eq(latency.sum_us, (uint64_t)INT64_MAX / 2);
}
