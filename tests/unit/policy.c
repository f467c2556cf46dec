/* policy.c - tests services/domain/policy.c: which row holds on which day. */
#include "cakupan/policy.h"

#include <criterion/criterion.h>
#include <signal.h>

static struct policy three_rows(void) {
    struct policy policy = {.count = 3};
    policy.rows[0].valid_from = 100;
    policy.rows[1].valid_from = 200;
    policy.rows[2].valid_from = 201;
    return policy;
}

Test(policy, the_last_row_not_after_the_day_holds) {
    struct policy policy = three_rows();
    struct {
        day_t day;
        int row;
    } expected[] = {{100, 0}, {199, 0}, {200, 1}, {201, 2}, {202, 2}, {UINT16_MAX, 2}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_assert_eq(policy_at(&policy, expected[i].day) - policy.rows, expected[i].row, "day %d",
                     expected[i].day);
}

Test(policy, the_first_row_holds_before_it_too) {
    struct policy policy = three_rows();
    cr_assert_eq(policy_at(&policy, 99), &policy.rows[0]);
    cr_assert_eq(policy_at(&policy, DAY_NONE), &policy.rows[0]);
}

Test(policy, one_row_holds_always) {
    struct policy policy = {.count = 1, .rows = {{.valid_from = 300}}};
    cr_assert_eq(policy_at(&policy, 1), &policy.rows[0]);
    cr_assert_eq(policy_at(&policy, UINT16_MAX), &policy.rows[0]);
}

Test(policy, none_at_all_is_a_mistake_of_the_caller, .signal = SIGABRT) {
    struct policy policy = {.count = 0};
    policy_at(&policy, 1);
}
