/* business_clock.c - tests services/enrollment/business_clock.c: what the clock may do unasked. */
#include "enrollment/business_clock.h"

#include <criterion/criterion.h>

#define DAY_MS   INT64_C(86400000)
#define BEGUN_MS INT64_C(1795308000000)

static struct business_clock watch;

static int64_t turn(int64_t now_days, int64_t steady_days) {
    return (business_clock_turn(&watch, BEGUN_MS + now_days * DAY_MS, 5000 + steady_days * DAY_MS) -
            BEGUN_MS) /
           DAY_MS;
}

static void set_up(void) {
    watch = (struct business_clock){.time_ms = BEGUN_MS};
}
TestSuite(business_clock, .init = set_up);

Test(business_clock, a_start_believes_the_clock_however_long_the_pause) {
    cr_assert_eq(turn(400, 0), 400);
    cr_assert_not(watch.leapt);
    watch = (struct business_clock){0}; /* an empty journal */
    cr_assert_eq(turn(1, 0), 1);
}

Test(business_clock, time_never_goes_back) {
    cr_assert_eq(turn(2, 0), 2);
    cr_assert_eq(turn(-300, 1), 2);
    cr_assert_not(watch.leapt);
    cr_assert_eq(turn(4, 2), 4);
}

Test(business_clock, a_leap_is_not_believed_until_the_clock_is_back) {
    cr_assert_eq(turn(0, 0), 0);
    cr_assert_eq(turn(365, 0), 0);
    cr_assert(watch.leapt);
    cr_assert_eq(turn(366, 1), 0, "nor a day later");
    cr_assert(watch.leapt);
    cr_assert_eq(turn(2, 2), 2);
    cr_assert_not(watch.leapt);
}

Test(business_clock, a_leap_that_time_has_caught_up_with_is_none) {
    cr_assert_eq(turn(0, 0), 0);
    cr_assert_eq(turn(20, 0), 0);
    cr_assert_eq(turn(20, 12), 0);
    cr_assert_eq(turn(20, 13), 20);
    cr_assert_not(watch.leapt);
}

Test(business_clock, a_machine_that_slept_for_weeks_has_not_leapt) {
    cr_assert_eq(turn(0, 0), 0);
    cr_assert_eq(turn(30, 30), 30);
    cr_assert_eq(turn(37, 30), 37, "a week is believed");
    cr_assert_eq(turn(45, 30), 37);
}

Test(business_clock, a_clock_without_a_battery_is_set_after_the_start) {
    cr_assert_eq(turn(-2000, 0), 0);
    cr_assert_eq(turn(90, 0), 90);
    cr_assert_not(watch.leapt);
    cr_assert_eq(turn(190, 0), 90, "once");
    cr_assert(watch.leapt);
}
