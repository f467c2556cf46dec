/* histogram.c - tests services/kader/histogram.c: percentiles within a thirty-second, extremes kept. */
#include "kader/histogram.h"

#include <criterion/criterion.h>

static struct histogram histogram;

Test(histogram, empty_is_zero) {
    cr_assert_eq(histogram_at(&histogram, 500), 0);
    cr_assert_eq(histogram_at(&histogram, 1000), 0);
}

Test(histogram, small_values_are_exact) {
    for (uint32_t value = 1; value <= 30; value++)
        histogram_add(&histogram, value);
    cr_assert_eq(histogram_at(&histogram, 500), 15);
    cr_assert_eq(histogram_at(&histogram, 1000), 30);
    cr_assert_eq(histogram_at(&histogram, 1), 1);
}

Test(histogram, percentiles_are_within_a_thirty_second) {
    for (uint32_t value = 1; value <= 1000000; value++)
        histogram_add(&histogram, value);
    uint32_t permilles[] = {1, 10, 100, 500, 900, 990, 999};
    for (unsigned i = 0; i < sizeof permilles / sizeof *permilles; i++) {
        double exact = permilles[i] * 1000.0, told = histogram_at(&histogram, permilles[i]);
        cr_assert(told >= exact && told <= exact * 33 / 32 + 1, "%u per mille: %.0f, exactly %.0f",
                  permilles[i], told, exact);
    }
    cr_assert_eq(histogram_at(&histogram, 1000), 1000000);
    cr_assert_eq(histogram.max_us, 1000000);
}

Test(histogram, every_width_has_its_bucket) {
    for (unsigned power = 0; power < 32; power++)
        for (int beside = -1; beside <= 1; beside++) {
            uint32_t value = (uint32_t)((UINT64_C(1) << power) + (uint64_t)(int64_t)beside);
            struct histogram one = {0};
            histogram_add(&one, value);
            cr_assert_eq(histogram_at(&one, 500), value, "alone, a value is the maximum: %u", value);
            histogram_add(&one, UINT32_MAX);
            cr_assert_geq(histogram_at(&one, 500), value);
            cr_assert_leq(histogram_at(&one, 500), value + value / 32);
        }
}

Test(histogram, one_slow_answer_in_a_hundred_shows_at_p99_or_above) {
    for (int i = 0; i < 99; i++)
        histogram_add(&histogram, 100);
    histogram_add(&histogram, 50000);
    cr_assert_leq(histogram_at(&histogram, 990), 103);
    cr_assert_eq(histogram_at(&histogram, 1000), 50000);
}
