/* publisher.c - tests of the pace at which pictures are shown, with a Redis that is not there. */
#include "coverage/publisher.h"

#include <criterion/criterion.h>

static struct region_table regions;
static struct policy policy;
static struct totals totals;
static struct totals_redis *redis;
static struct watchers *watchers;
static struct publisher *publisher;
static unsigned told;

static enum watchers_sent count_message(void *context, const struct watcher_peer *peer, const uint8_t *data,
                                        size_t size) {
    (void)context, (void)peer, (void)data, (void)size;
    told++;
    return SENT;
}

static void setup(void) {
    regions = (struct region_table){.city_code = 3671};
    cr_assert(region_table_add(&regions, 3671011001, "Satu", "Satu", 10));
    policy = (struct policy){.count = 1, .rows = {{.valid_from = 1}}};
    totals_init(&totals);
    totals.offset = 1;
    cr_assert_eq(totals_redis_open(&redis, "unix:///nowhere/redis.sock", &regions, NULL), RESULT_OK);
    watchers = watchers_new(&regions, count_message, NULL);
    publisher = publisher_new(&regions, &policy, watchers, redis);
}

static void teardown(void) {
    publisher_destroy(&publisher);
    watchers_destroy(&watchers);
    totals_redis_close(&redis);
}
TestSuite(publisher, .init = setup, .fini = teardown);

/* Something was counted at `now_ms`; whether it is shown at once. */
static bool shows(int64_t now_ms, bool backlog) {
    totals.offset++;
    totals.kelurahan[0].people[SEGMENT_BP][STATUS_ACTIVE]++;
    publisher_work(publisher, &totals, backlog, now_ms);
    return watchers_picture(watchers)->offset == totals.offset;
}

Test(publisher, the_first_picture_is_shown_at_once_also_before_anything_was_counted) {
    totals_init(&totals);
    publisher_work(publisher, &totals, false, 0);
    cr_assert_eq(watchers_picture(watchers)->count, 3);
}

Test(publisher, a_lone_change_is_shown_at_once_and_a_stream_at_its_pace) {
    struct watcher_peer peer = {.size = 1, .id = {1}};
    cr_assert(shows(1000, false));
    cr_assert_eq(watchers_watch(watchers, &peer, 0, 0, 1000, NULL), RESULT_OK);
    cr_assert_not(shows(1001, false));
    cr_assert_eq(publisher_wake_ms(publisher, &totals), 1000 + PUBLISH_EVERY_MS,
                 "what was held back is shown then");
    cr_assert_not(shows(1000 + PUBLISH_EVERY_MS - 1, false));
    publisher_work(publisher, &totals, false, 1000 + PUBLISH_EVERY_MS);
    cr_assert_eq(watchers_picture(watchers)->offset, totals.offset);
    cr_assert_eq(publisher_wake_ms(publisher, &totals), INT64_MAX, "nothing is held back");
    cr_assert_eq(told, 2, "the snapshot, and one message for both changes");
    cr_assert(shows(5000, false), "quiet again: at once");
}

Test(publisher, a_backlog_is_shown_about_twenty_times_a_second) {
    unsigned shown = 0;
    for (int64_t now_ms = 0; now_ms < 1000; now_ms++)
        shown += shows(now_ms, true);
    cr_assert_eq(shown, 20);
}

/* Billing follows some milliseconds later, when nothing is counted any more. */
Test(publisher, a_bill_that_moves_alone_is_shown_at_the_same_pace) {
    struct watcher_peer peer = {.size = 1, .id = {1}};
    struct billing_heard bill = {.known = true, .running = true, .as_of_ms = 1, .summary = {.offset = 1}};
    cr_assert(shows(1000, false));
    cr_assert_eq(watchers_watch(watchers, &peer, 0, 0, 1000, NULL), RESULT_OK);
    publisher_billing(publisher, &bill);
    cr_assert_eq(publisher_wake_ms(publisher, &totals), 1000 + PUBLISH_EVERY_MS);
    publisher_work(publisher, &totals, false, 1000 + PUBLISH_EVERY_MS);
    cr_assert_eq(told, 2);
    cr_assert(billing_heard_same(&watchers_picture(watchers)->billing, &bill));
    bill.as_of_ms = 2;
    publisher_billing(publisher, &bill);
    cr_assert_eq(publisher_wake_ms(publisher, &totals), INT64_MAX, "heard again, but nothing new");
    publisher_work(publisher, &totals, false, 5000);
    cr_assert_eq(told, 2);
    bill.running = false;
    publisher_billing(publisher, &bill);
    publisher_work(publisher, &totals, false, 5000);
    cr_assert_eq(told, 3);
}
