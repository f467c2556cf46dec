/* heads.c - tests of the memory of the feed's head: how old is what is not counted. */
#include "billing/heads.h"

#include <criterion/criterion.h>

Test(heads, nothing_waits_at_the_head) {
    struct heads heads = {0};
    cr_assert_eq(heads_age_ms(&heads, 0, 100), 0);
    heads_note(&heads, 10, 100);
    cr_assert_eq(heads_age_ms(&heads, 10, 500), 0);
    cr_assert_eq(heads_age_ms(&heads, 11, 500), 0);
}

Test(heads, the_age_is_that_of_the_oldest_record_not_counted) {
    struct heads heads = {0};
    heads_note(&heads, 10, 100);
    heads_note(&heads, 20, 200);
    heads_note(&heads, 20, 300);
    heads_note(&heads, 15, 350);
    cr_assert_eq(heads_age_ms(&heads, 9, 400), 300);
    cr_assert_eq(heads_age_ms(&heads, 10, 400), 200);
    cr_assert_eq(heads_age_ms(&heads, 19, 400), 200);
}

Test(heads, memory_is_bounded_and_never_says_too_old) {
    struct heads heads = {0};
    for (uint64_t head = 1; head <= 100000; head++)
        heads_note(&heads, head, (int64_t)head);
    cr_assert_leq(heads.count, HEADS_KEPT);
    for (uint64_t offset = 0; offset < 100000; offset += 777) {
        int64_t age_ms = heads_age_ms(&heads, offset, 100000);
        cr_assert_leq(age_ms, 100000 - (int64_t)offset - 1);
    }
    cr_assert_eq(heads_age_ms(&heads, 0, 100000), 99999, "the oldest is kept");
    cr_assert_eq(heads_age_ms(&heads, 99999, 100010), 10, "and the newest");
}
