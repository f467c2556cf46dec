/* rate_limits.c - tests of the token buckets: bursts, refills, keys apart, and a table that is full. */
#include "gateway/rate_limits.h"

#include <criterion/criterion.h>

static const struct limit_rate rates[LIMIT_KIND_COUNT] = {[LIMIT_ADDRESS] = {600, 5},
                                                          [LIMIT_TOKEN] = {60, 1},
                                                          [LIMIT_PAIRING] = {0, 0},
                                                          [LIMIT_PAIRING_ALL] = {60, 3}};

static bool take(struct limits *limits, enum limit_kind kind, int key, int64_t now_ms) {
    uint32_t retry_ms;
    bool taken = limits_take(limits, kind, &key, sizeof key, now_ms, &retry_ms);
    cr_assert_eq(taken, retry_ms == 0, "who is refused hears when to come again");
    return taken;
}

Test(rate_limits, a_burst_then_the_rate) {
    struct limits *limits = limits_new(rates, 64, 7);
    uint32_t retry_ms;
    int key = 1;
    for (int i = 0; i < 5; i++)
        cr_assert(take(limits, LIMIT_ADDRESS, 1, 1000), "%d of the burst", i);
    cr_assert_not(limits_take(limits, LIMIT_ADDRESS, &key, sizeof key, 1000, &retry_ms));
    cr_assert_eq(retry_ms, 100);
    cr_assert_not(take(limits, LIMIT_ADDRESS, 1, 1099));
    cr_assert(take(limits, LIMIT_ADDRESS, 1, 1100), "a refusal costs nothing");
    cr_assert_not(take(limits, LIMIT_ADDRESS, 1, 1100));
    for (int i = 0; i < 5; i++)
        cr_assert(take(limits, LIMIT_ADDRESS, 1, 60000), "full again, and no fuller");
    cr_assert_not(take(limits, LIMIT_ADDRESS, 1, 60000));
    limits_destroy(&limits);
    cr_assert_null(limits);
}

Test(rate_limits, keys_and_kinds_are_apart) {
    struct limits *limits = limits_new(rates, 64, 7);
    cr_assert(take(limits, LIMIT_TOKEN, 1, 0));
    cr_assert_not(take(limits, LIMIT_TOKEN, 1, 0));
    cr_assert(take(limits, LIMIT_TOKEN, 2, 0));
    cr_assert(take(limits, LIMIT_ADDRESS, 1, 0));
    for (int i = 0; i < 1000; i++)
        cr_assert(take(limits, LIMIT_PAIRING, 1, 0), "0 is no limit");
    limits_destroy(&limits);
}

Test(rate_limits, strangers_share_where_the_table_is_full) {
    struct limits *limits = limits_new(rates, 16, 7);
    int taken = 0;
    for (int key = 0; key < 100; key++)
        taken += take(limits, LIMIT_ADDRESS, key, 0);
    cr_assert_eq(taken, 16 + 5, "a bucket each for 16, and one burst for all others");
    cr_assert(take(limits, LIMIT_ADDRESS, 0, 0), "who has a bucket keeps it");
    cr_assert_not(take(limits, LIMIT_ADDRESS, 1000, 50));
    cr_assert(take(limits, LIMIT_ADDRESS, 1000, 5000), "slots are free when their buckets are full again");
    limits_destroy(&limits);
}

Test(rate_limits, other_seeds_other_slots) {
    struct limits *one = limits_new(rates, 1024, 1), *other = limits_new(rates, 1024, 2);
    for (int key = 0; key < 500; key++)
        cr_assert(take(one, LIMIT_TOKEN, key, 0) && take(other, LIMIT_TOKEN, key, 0));
    limits_destroy(&one);
    limits_destroy(&other);
}
