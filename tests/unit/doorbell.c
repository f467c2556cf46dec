/* doorbell.c - the paces of the two bells, and the bytes of a ring. */
#include "runtime/doorbell.h"

#include <criterion/criterion.h>

static struct doorbell doorbell;
static int64_t wait_us;

static bool due(enum doorbell_bell bell, uint64_t head, int64_t now_ms) {
    wait_us = 1000000;
    return doorbell_due(&doorbell, bell, head, now_ms * 1000, &wait_us);
}

static void setup(void) {
    doorbell = (struct doorbell){0};
}
TestSuite(doorbell, .init = setup);

Test(doorbell, says_nothing_while_nothing_is_new) {
    cr_assert_not(due(DOORBELL_PROMPT, 0, 1));
    cr_assert(due(DOORBELL_PROMPT, 7, 1000));
    cr_assert_not(due(DOORBELL_PROMPT, 7, 5000));
    cr_assert_eq(wait_us, 1000000, "nothing to come back for");
}

Test(doorbell, rings_at_once_after_a_quiet_while_and_then_at_its_pace) {
    cr_assert(due(DOORBELL_PROMPT, 1, 1000));
    cr_assert_not(due(DOORBELL_PROMPT, 2, 1000 + DOORBELL_PROMPT_MS - 1));
    cr_assert_eq(wait_us, 1000);
    cr_assert(due(DOORBELL_PROMPT, 2, 1000 + DOORBELL_PROMPT_MS));
    cr_assert(due(DOORBELL_PROMPT, 3, 9000));
}

Test(doorbell, each_bell_has_its_own_pace) {
    cr_assert(due(DOORBELL_PROMPT, 1, 1000));
    cr_assert(due(DOORBELL_SELDOM, 1, 1000));
    cr_assert(due(DOORBELL_PROMPT, 2, 1100));
    cr_assert_not(due(DOORBELL_SELDOM, 2, 1100));
    cr_assert_eq(wait_us, (DOORBELL_SELDOM_MS - 100) * 1000);
    cr_assert(due(DOORBELL_SELDOM, 2, 1000 + DOORBELL_SELDOM_MS));
}

Test(doorbell, many_records_do_not_wait_for_the_seldom_pace) {
    cr_assert(due(DOORBELL_SELDOM, 1, 1000));
    cr_assert_not(due(DOORBELL_SELDOM, DOORBELL_MANY_RECORDS, 1001));
    cr_assert(due(DOORBELL_SELDOM, DOORBELL_MANY_RECORDS + 1, 1001));
    cr_assert_not(due(DOORBELL_PROMPT, 0, 1001));
}

Test(doorbell, who_asks_for_both_hears_of_the_nearer_one) {
    cr_assert(due(DOORBELL_PROMPT, 1, 1000));
    cr_assert(due(DOORBELL_SELDOM, 1, 1000));
    cr_assert_not(due(DOORBELL_PROMPT, 2, 1010));
    cr_assert_eq(wait_us, (DOORBELL_PROMPT_MS - 10) * 1000);
    cr_assert_not(doorbell_due(&doorbell, DOORBELL_SELDOM, 2, 1010 * 1000, &wait_us));
    cr_assert_eq(wait_us, (DOORBELL_PROMPT_MS - 10) * 1000);
}

Test(doorbell, a_ring_is_nine_bytes_and_nothing_else) {
    uint8_t ring[DOORBELL_RING_SIZE + 1] = {0};
    uint64_t head = 0;
    doorbell_write(DOORBELL_SELDOM, UINT64_C(0x0123456789abcdef), ring);
    cr_assert_eq(ring[0], doorbell_topic(DOORBELL_SELDOM));
    cr_assert(doorbell_read(ring, DOORBELL_RING_SIZE, &head));
    cr_assert_eq(head, UINT64_C(0x0123456789abcdef));
    cr_assert_not(doorbell_read(ring, 8, &head));
    cr_assert_not(doorbell_read(ring, 10, &head));
    cr_assert_neq(doorbell_topic(DOORBELL_PROMPT), doorbell_topic(DOORBELL_SELDOM));
}
