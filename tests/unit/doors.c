/* doors.c - allowances and closed doors of devices (services/enrollment/doors.h). */
#include "enrollment/doors.h"

#include <criterion/criterion.h>

static const struct doors_config config = {.events_per_second = 10000, .bulk_events_per_second = 500000};
static const struct device kader = {.id = 7, .role = ROLE_KADER};
static const struct device other = {.id = 8, .role = ROLE_KADER};
static const struct device bpjs = {.id = 9, .role = ROLE_BPJS};

Test(doors, a_device_within_its_allowance_never_waits) {
    struct doors *doors = doors_new(&config);
    for (int64_t now_ms = 1; now_ms < 5000; now_ms += 5)
        cr_assert_eq(doors_knock(doors, &kader, 50, now_ms).refusal, REFUSAL_NONE);
    doors_destroy(&doors);
    cr_assert_null(doors);
}

Test(doors, a_flooding_device_is_told_when_to_come_back_and_others_are_not) {
    struct doors *doors = doors_new(&config);
    uint32_t let_in = 0;
    struct door_answer answer = {0};
    while ((answer = doors_knock(doors, &kader, 4096, 1000)).refusal == REFUSAL_NONE)
        let_in += 4096;
    cr_assert_eq(answer.refusal, REFUSAL_BUSY);
    cr_assert_leq(let_in, 10000);
    cr_assert_gt(answer.retry_after_ms, 0);
    cr_assert_eq(doors_knock(doors, &other, 4096, 1000).refusal, REFUSAL_NONE);
    cr_assert_eq(doors_knock(doors, &kader, 4096, 1000 + answer.retry_after_ms).refusal, REFUSAL_NONE,
                 "who waits as told comes in");
    doors_destroy(&doors);
}

Test(doors, allowance_over_time_is_the_configured_rate) {
    struct doors *doors = doors_new(&config);
    uint64_t let_in = 0;
    for (int64_t now_ms = 1; now_ms <= 10000; now_ms++)
        for (int i = 0; i < 4; i++)
            if (doors_knock(doors, &kader, 10, now_ms).refusal == REFUSAL_NONE)
                let_in += 10;
    cr_assert_geq(let_in, 100000);
    cr_assert_leq(let_in, 111000, "ten seconds at 10,000 and one burst, but %lu came in", let_in);
    doors_destroy(&doors);
}

/* One and a half events every three milliseconds: the halves are not lost. */
Test(doors, who_knocks_often_loses_no_part_of_an_event) {
    const struct doors_config slow = {.events_per_second = 500, .bulk_events_per_second = 500};
    struct doors *doors = doors_new(&slow);
    uint64_t let_in = 0;
    for (int64_t now_ms = 3; now_ms <= 60000; now_ms += 3)
        for (int i = 0; i < 16384 && doors_knock(doors, &kader, 1, now_ms).refusal == REFUSAL_NONE; i++)
            let_in++;
    cr_assert_geq(let_in, 8192 + 500 * 59, "only %lu came in", let_in);
    cr_assert_leq(let_in, 8192 + 500 * 60, "%lu came in", let_in);
    doors_destroy(&doors);
}

Test(doors, bulk_roles_have_their_own_rate) {
    struct doors *doors = doors_new(&config);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(doors_knock(doors, &bpjs, 4096, 1).refusal, REFUSAL_NONE);
    doors_destroy(&doors);
}

Test(doors, empty_frames_cost_something) {
    struct doors *doors = doors_new(&config);
    int let_in = 0;
    while (let_in < 100000 && doors_knock(doors, &kader, 0, 1).refusal == REFUSAL_NONE)
        let_in++;
    cr_assert_eq(let_in, 10000);
    doors_destroy(&doors);
}

Test(doors, repeated_garbage_closes_the_door_for_a_while) {
    struct doors *doors = doors_new(&config);
    for (int i = 0; i < DOOR_MALFORMED_MAX - 1; i++)
        doors_malformed(doors, kader.id, 1000 + i);
    cr_assert_eq(doors_closed(doors, kader.id, 2000).refusal, REFUSAL_NONE);
    doors_malformed(doors, kader.id, 2000);
    struct door_answer answer = doors_closed(doors, kader.id, 2001);
    cr_assert_eq(answer.refusal, REFUSAL_DOOR_CLOSED);
    cr_assert_eq(answer.retry_after_ms, DOOR_CLOSED_MS - 1);
    cr_assert_eq(doors_closed(doors, other.id, 2001).refusal, REFUSAL_NONE);
    cr_assert_eq(doors_closed(doors, kader.id, 2000 + DOOR_CLOSED_MS).refusal, REFUSAL_NONE);
    doors_destroy(&doors);
}

Test(doors, garbage_now_and_then_is_forgiven) {
    struct doors *doors = doors_new(&config);
    for (int i = 0; i < 100; i++)
        doors_malformed(doors, kader.id, (int64_t)i * 10000);
    cr_assert_eq(doors_closed(doors, kader.id, 1000001).refusal, REFUSAL_NONE);
    doors_destroy(&doors);
}

Test(doors, the_first_millisecond_of_a_clock_is_no_endless_allowance) {
    struct doors *doors = doors_new(&config);
    uint32_t let_in = 0;
    while (let_in < 100000 && doors_knock(doors, &kader, 100, 0).refusal == REFUSAL_NONE)
        let_in += 100;
    cr_assert_eq(let_in, 10000);
    doors_destroy(&doors);
}

Test(doors, what_an_answer_cost_is_waited_for_afterwards) {
    struct doors *doors = doors_new(&config);
    cr_assert_eq(doors_knock(doors, &kader, 1, 1000).refusal, REFUSAL_NONE);
    doors_charge(doors, kader.id, 30000);
    cr_assert_eq(doors_knock(doors, &kader, 1, 1500).refusal, REFUSAL_BUSY);
    cr_assert_eq(doors_knock(doors, &kader, 1, 2999).refusal, REFUSAL_BUSY, "20,000 of debt are two seconds");
    cr_assert_eq(doors_knock(doors, &kader, 1, 3010).refusal, REFUSAL_NONE);
    cr_assert_eq(doors_knock(doors, &other, 1, 1500).refusal, REFUSAL_NONE);
    doors_destroy(&doors);
}
