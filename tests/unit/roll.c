/* roll.c - tests of the coordinator's roll: reports in, orders out, over real books; processes are not needed
 * but for locks. */
#include "billing/roll.h"

#include "runtime/clock.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTITIONS 4u
#define HEAD       1000u

static char state[SCRATCH_PATH], path[SCRATCH_PATH + 16];
static struct payment_terms terms = {.count = 1, .rows = {{.due_day_of_month = 10, .due_month = 1}}};
static struct policy policy = {.count = 1, .rows = {{.cut_off_day = 1}}};
static struct region_table regions;
static struct books *books;
static struct closing *closing;
static struct roll *roll;
static struct failure why;
static month_t first;
static int64_t now_ms;

/* A worker: its name, and what it was told last. */
struct worker {
    const char *name;
    uint32_t instance;
    uint64_t sequence;
    bool tcp;
    struct wire_held held[PARTITIONS];
    uint32_t held_count;
    struct wire_worker_orders orders;
    unsigned told;
};
static struct worker one = {.name = "billing-worker-a", .instance = 11},
                     two = {.name = "billing-worker-b", .instance = 22};
static struct worker *all[] = {&one, &two};

/* Orders go to the peer whose id is the worker's instance; epochs that they show are stored already. */
static bool on_orders(void *context, const struct worker_peer *peer, const uint8_t *orders, size_t size) {
    static struct arena arena;
    cr_assert_null(context);
    if (!arena.base)
        arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct worker *worker = all[i];
        if (peer->size != sizeof worker->instance ||
            memcmp(peer->id, &worker->instance, sizeof worker->instance) != 0)
            continue;
        cr_assert_eq(wire_worker_orders_decode(orders, size, &arena, &worker->orders, &why), RESULT_OK, "%s",
                     why.sentence);
        cr_assert_eq(worker->orders.instance, worker->instance);
        worker->told++;
        for (uint32_t g = 0; g < worker->orders.granted_count; g++)
            cr_assert_eq(books_epoch(books, worker->orders.granted[g].partition).epoch,
                         worker->orders.granted[g].epoch);
    }
    return true;
}
static void no_answer(void *context, const struct closing_answer *answer) {
    (void)context;
    (void)answer;
}

static void open_all(void) {
    struct books_config config = {.path = path, .terms = &terms, .policy = &policy};
    struct roll_config settings = {.lease = {.partitions = PARTITIONS,
                                             .lease_ms = 2000,
                                             .release_ms = 2000,
                                             .workers_min = 0,
                                             .workers_max = 4,
                                             .lag_high = 1000,
                                             .lag_low = 10,
                                             .scale_up_ms = 500,
                                             .scale_down_ms = 60000,
                                             .start_ms = 10000},
                                   .state = state,
                                   .regions = &regions,
                                   .heartbeat_ms = 200};
    cr_assert_eq(books_open(&books, &config, &why), RESULT_OK, "%s", why.sentence);
    closing = closing_new(books, &regions, no_answer, NULL);
    roll = roll_new(&settings, books, closing, NULL, on_orders, NULL);
    now_ms = clock_monotonic_us() / 1000;
}
static void close_all(void) {
    roll_destroy(&roll);
    closing_destroy(&closing);
    books_close(&books);
}
static void start(void) {
    scratch_make(state);
    snprintf(path, sizeof path, "%s/run", state);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/books.db", state);
    first = calendar_month(calendar_day(2026, 1, 1));
    open_all();
}
static void begin_state(void) {
    struct tariff tariff = {.count = 1, .rows = {{.segment = SEGMENT_PBPU_PEMDA, .care_class = 3}}};
    uint8_t packed[TARIFF_PACKED_MAX];
    struct decision begun = {.kind = DECISION_BEGUN,
                             .month = first,
                             .offset = 1,
                             .count = PARTITIONS,
                             .bytes = packed,
                             .size = tariff_pack(&tariff, packed)};
    cr_assert_eq(books_decide(books, &begun, 1, &why), RESULT_OK, "%s", why.sentence);
}
static void setup(void) {
    start();
    begin_state();
}
static void teardown(void) {
    close_all();
    scratch_remove(state);
}
TestSuite(roll, .init = setup, .fini = teardown);
TestSuite(roll_before, .init = start, .fini = teardown);

static void work(void) {
    cr_assert_eq(roll_work(roll, HEAD, now_ms, false, &why), RESULT_OK, "%s", why.sentence);
}
static void send_report(struct worker *worker, bool leaving) {
    static uint8_t bytes[1 << 16];
    struct wire_worker_report report = {.sequence = ++worker->sequence,
                                        .pid = 77,
                                        .instance = worker->instance,
                                        .leaving = leaving,
                                        .head = HEAD,
                                        .held_count = worker->held_count,
                                        .held = worker->held};
    struct worker_peer peer = {.size = sizeof worker->instance, .tcp = worker->tcp};
    memcpy(peer.id, &worker->instance, sizeof worker->instance);
    snprintf(report.name, sizeof report.name, "%s", worker->name);
    size_t size = wire_worker_report_encode(&report, bytes, sizeof bytes);
    cr_assert_gt(size, 0);
    cr_assert_eq(roll_report(roll, &peer, bytes, size, now_ms, &why), RESULT_OK, "%s", why.sentence);
}
/* Makes what it has into what its orders say, and reports. */
static void obey(struct worker *worker) {
    worker->held_count = 0;
    for (uint32_t i = 0; i < worker->orders.granted_count; i++) {
        struct wire_held *held = &worker->held[worker->held_count++];
        *held = (struct wire_held){.partition = worker->orders.granted[i].partition,
                                   .epoch = worker->orders.granted[i].epoch,
                                   .position = HEAD,
                                   .ready = true,
                                   .open_month = first,
                                   .tariff_digest = tariff_digest(books_tariff(books)),
                                   .members = 10,
                                   .code = "",
                                   .sentence = ""};
        held->projected[PAYER_CITY_IURAN] = (struct payer_sum){.amount_rupiah = 100, .people = 1};
        held->projected_next[PAYER_CITY_IURAN] = (struct payer_sum){.amount_rupiah = 200, .people = 2};
    }
    send_report(worker, false);
}
static void settle(void) {
    for (int i = 0; i < 4; i++) {
        obey(&one);
        if (two.sequence)
            obey(&two);
    }
}

Test(roll_before, who_asks_before_the_state_begins_is_told_to_ask_again) {
    send_report(&one, false);
    cr_assert_eq(one.told, 1);
    cr_assert_eq(one.orders.partition_count, 0);
    cr_assert_eq(one.orders.granted_count, 0);
    cr_assert_not(roll_complete(roll));
    begin_state();
    send_report(&one, false);
    cr_assert_eq(one.orders.partition_count, PARTITIONS);
    cr_assert_eq(one.orders.granted_count, PARTITIONS);
}

Test(roll, a_worker_gets_everything_with_the_answer_to_its_first_report) {
    send_report(&one, false);
    cr_assert_eq(one.orders.granted_count, PARTITIONS);
    cr_assert_eq(one.orders.answers_sequence, 1);
    cr_assert_eq(one.orders.lease_ms, 2000);
    cr_assert_eq(one.orders.first_month, first);
    cr_assert_gt(one.orders.first_tariff.size, 0);
    cr_assert_str_eq(books_epoch(books, 0).name, "billing-worker-a");
    cr_assert_not(roll_complete(roll));
    obey(&one);
    cr_assert(roll_complete(roll));
}

Test(roll, an_old_report_says_nothing) {
    settle();
    uint32_t count = one.held_count;
    one.held_count = 0;
    one.sequence -= 2; /* one that was on its way for long */
    unsigned told = one.told;
    send_report(&one, false);
    cr_assert_eq(one.told, told);
    cr_assert_eq(one.orders.granted_count, count);
    cr_assert(roll_complete(roll));
}

Test(roll, bytes_that_are_no_report_are_dropped) {
    struct worker_peer peer = {.size = 1};
    cr_assert_eq(roll_report(roll, &peer, (const uint8_t *)"\xff\xff", 2, now_ms, &why), RESULT_OK);
    cr_assert_eq(roll_report(roll, &peer, NULL, 0, now_ms, &why), RESULT_OK);
    struct roll_worker workers[LEASE_WORKERS_MAX];
    cr_assert_eq(roll_workers(roll, workers), 0);
}

Test(roll, two_workers_share) {
    settle();
    send_report(&two, false);
    settle();
    cr_assert_eq(one.orders.granted_count, 2);
    cr_assert_eq(two.orders.granted_count, 2);
    struct roll_worker workers[LEASE_WORKERS_MAX];
    cr_assert_eq(roll_workers(roll, workers), 2);
    cr_assert_str_eq(workers[0].name, "billing-worker-a");
    cr_assert_eq(workers[0].lease.number, 101, "started by somebody else");
    cr_assert_eq(workers[0].pid, 77);
    struct roll_counts counts;
    roll_count(roll, &counts);
    cr_assert_eq(counts.takeovers, 0, "what is given back is moved, not taken over");
}

Test(roll, another_instance_of_a_name_says_that_the_one_before_is_dead) {
    settle();
    one.instance = 12;
    one.sequence = 0;
    one.held_count = 0;
    send_report(&one, false);
    cr_assert_eq(one.orders.granted_count, PARTITIONS);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(one.orders.granted[i].epoch, 2);
    obey(&one);
    struct roll_counts counts;
    roll_count(roll, &counts);
    cr_assert_eq(counts.takeovers, PARTITIONS);
}

Test(roll, over_the_network_a_name_is_its_holders_until_that_is_silent) {
    one.tcp = true;
    settle();
    two.name = one.name;
    two.tcp = true;
    send_report(&two, false);
    cr_assert_eq(two.told, 0);
    for (int i = 0; i < 9; i++) {
        now_ms += 250;
        work();
    }
    send_report(&two, false);
    cr_assert_eq(two.orders.granted_count, PARTITIONS);
}

Test(roll, a_silent_worker_loses_its_partitions_and_its_return_is_counted) {
    settle();
    send_report(&two, false);
    settle();
    for (int i = 0; i < 9; i++) {
        now_ms += 250;
        obey(&one);
        work();
    }
    cr_assert_eq(one.orders.granted_count, PARTITIONS);
    obey(&one);
    struct roll_counts counts;
    roll_count(roll, &counts);
    cr_assert_eq(counts.takeovers, 2);
    cr_assert(counts.takeover_last_ms >= 2000 && counts.takeover_last_ms <= 2500, "%u ms",
              counts.takeover_last_ms);
    cr_assert_eq(counts.zombies_refused, 0);
    send_report(&two, false); /* with all that it had */
    roll_count(roll, &counts);
    cr_assert_eq(counts.zombies_refused, 2);
    cr_assert_eq(two.orders.granted_count, 0, "it has what a new worker has");
}

Test(roll, a_stranger_of_this_machine_is_dead_when_its_lock_is_free) {
    char lock_path[SCRATCH_PATH + 40];
    snprintf(lock_path, sizeof lock_path, "%s/run/billing-worker-a.lock", state);
    int lock = open(lock_path, O_RDWR | O_CREAT, 0600);
    cr_assert_eq(flock(lock, LOCK_EX), 0);
    settle();
    now_ms += 300;
    work();
    cr_assert(roll_complete(roll));
    close(lock);
    now_ms += 300;
    work();
    cr_assert_not(roll_complete(roll));
    send_report(&two, false);
    cr_assert_eq(two.orders.granted_count, PARTITIONS);
}

Test(roll, after_a_restart_a_stranger_that_lives_goes_on) {
    settle();
    close_all();
    open_all();
    send_report(&one, false);
    cr_assert_eq(one.orders.granted_count, PARTITIONS);
    cr_assert_eq(one.orders.granted[0].epoch, 1, "the same leases");
    cr_assert(roll_complete(roll));
}

Test(roll, after_a_restart_the_dead_are_not_waited_for) {
    char lock_path[SCRATCH_PATH + 40];
    settle();
    snprintf(lock_path, sizeof lock_path, "%s/run/billing-worker-a.lock", state);
    close(open(lock_path, O_RDWR | O_CREAT, 0600));
    close_all();
    open_all();
    send_report(&two, false);
    cr_assert_eq(two.orders.granted_count, PARTITIONS);
    cr_assert_eq(two.orders.granted[0].epoch, 2);
}

Test(roll, who_leaves_gives_back_and_is_let_go) {
    settle();
    send_report(&one, true);
    cr_assert_eq(one.orders.granted_count, 0);
    one.held_count = 0;
    send_report(&one, true);
    cr_assert(one.orders.stop);
    struct roll_worker workers[LEASE_WORKERS_MAX];
    cr_assert_eq(roll_workers(roll, workers), 0);
}

Test(roll, a_partition_that_fails_is_parked_once_and_settled_when_it_goes_on) {
    settle();
    one.held[1].ready = false;
    one.held[1].code = "LEDGER_CORRUPT";
    one.held[1].sentence = "An entry fails its check.";
    send_report(&one, false);
    send_report(&one, false);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1);
    cr_assert_eq(one.orders.granted_count, PARTITIONS - 1, "it is tried again later");
    for (int i = 0; i < 21; i++) {
        now_ms += 250;
        obey(&one);
        work();
    }
    cr_assert_eq(one.orders.granted_count, PARTITIONS);
    obey(&one);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 0);
}

/* The next owner goes on from what it can read; whether the disk has it, a person must say. */
Test(roll, a_sync_that_failed_waits_for_a_person) {
    settle();
    one.held[1].ready = false;
    one.held[1].code = "JOURNAL_SYNC";
    one.held[1].sentence = "Can't sync it: Input/output error; check the disk.";
    send_report(&one, false);
    for (int i = 0; i < 21; i++) {
        now_ms += 250;
        obey(&one);
        work();
    }
    cr_assert_eq(one.orders.granted_count, PARTITIONS);
    obey(&one);
    static struct decision parked[FINANCE_FAILURES_MAX];
    cr_assert_eq(finance_failures(books_finance(books), parked), 1);
    struct decision settled = {.kind = DECISION_SETTLED, .failure_id = parked[0].failure_id};
    cr_assert_eq(books_decide(books, &settled, 1, &why), RESULT_OK);
    obey(&one);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 0);
}

Test(roll, who_can_not_go_on_is_told_with_its_reason_and_since_when) {
    int64_t since_ms = 0, later_ms = 0;
    send_report(&one, false);
    obey(&one);
    send_report(&one, false);
    cr_assert_null(roll_stuck(roll, 1, &since_ms));
    one.held[1].code = "DISK_FULL";
    one.held[1].sentence = "The disk is full: make room.";
    send_report(&one, false);
    const struct failure *stuck = roll_stuck(roll, 1, &since_ms);
    cr_assert_not_null(stuck);
    cr_assert_str_eq(stuck->code, "DISK_FULL");
    cr_assert_str_eq(stuck->sentence, "The disk is full: make room.");
    cr_assert_gt(since_ms, 0);
    cr_assert_null(roll_stuck(roll, 0, &later_ms));
    clock_set_today(calendar_day(2099, 1, 1));
    send_report(&one, false);
    cr_assert_not_null(roll_stuck(roll, 1, &later_ms));
    cr_assert_eq(later_ms, since_ms, "since it began");
    one.held[1].code = "";
    send_report(&one, false);
    cr_assert_null(roll_stuck(roll, 1, &since_ms));
}

Test(roll, all_is_settled_when_those_that_are_not_ready_have_said_why) {
    cr_assert(!roll_settled(roll));
    settle();
    cr_assert(roll_complete(roll) && roll_settled(roll));
    one.held[1].ready = false;
    send_report(&one, false);
    cr_assert(!roll_complete(roll) && !roll_settled(roll), "it is being read");
    one.held[1].code = "JOURNAL_CORRUPT";
    one.held[1].sentence = "An entry fails its check.";
    send_report(&one, false);
    cr_assert(!roll_complete(roll) && roll_settled(roll));
}

Test(roll, what_failed_in_an_earlier_life_is_settled_when_it_goes_on) {
    settle();
    one.held[1].code = "DISK_FULL";
    one.held[1].sentence = "No room.";
    send_report(&one, false);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1);
    cr_assert_eq(one.orders.granted_count, PARTITIONS, "ready: the worker tries by itself");
    close_all();
    open_all();
    send_report(&one, false);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1, "still the same one");
    obey(&one);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 0);
}

Test(roll, a_fenced_partition_is_no_failure_and_gets_another_epoch) {
    settle();
    one.held[2].ready = false;
    one.held[2].code = "FENCED";
    one.held[2].sentence = "Epoch 1 is over.";
    send_report(&one, false);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 0);
    cr_assert_eq(one.orders.granted[2].epoch, 2);
}

Test(roll, figures_are_those_of_all_partitions) {
    struct billing_summary summary;
    settle();
    work();
    roll_summary(roll, now_ms, &summary);
    cr_assert(summary.complete);
    cr_assert_eq(summary.offset, HEAD);
    cr_assert_eq(summary.head, HEAD);
    cr_assert_eq(summary.open_month, first);
    cr_assert_eq(summary.open[PAYER_CITY_IURAN].amount_rupiah, 100 * PARTITIONS);
    cr_assert_eq(summary.next[PAYER_CITY_IURAN].people, 2 * PARTITIONS);
    cr_assert_eq(summary.partitions_ready, PARTITIONS);
    cr_assert_eq(summary.workers, 1);
    cr_assert_eq(roll_members(roll, 0), 10);
}

Test(roll, while_a_month_is_closed_no_partition_counts_for_two_months) {
    struct billing_summary summary;
    settle();
    one.held[0].open_month = first + 1;
    one.held[0].projected[PAYER_CITY_IURAN].amount_rupiah = 777;
    send_report(&one, false);
    send_report(&one, false);
    roll_summary(roll, now_ms, &summary);
    cr_assert_eq(summary.open[PAYER_CITY_IURAN].amount_rupiah, 100 * PARTITIONS);
    cr_assert(summary.complete);
}

Test(roll, figures_without_an_owner_are_not_complete) {
    struct billing_summary summary;
    settle();
    one.held_count = 3;
    one.orders.granted_count = 0;
    send_report(&one, false);
    roll_summary(roll, now_ms, &summary);
    cr_assert_not(summary.complete);
}

Test(roll, a_barrier_is_in_the_orders_of_all_and_of_who_comes_later) {
    bool changed;
    struct closing_ask ask = {.order = {.act = PARTITION_PREVIEW, .month = first, .months = 1}};
    settle();
    cr_assert_eq(one.orders.barrier, 0);
    cr_assert_eq(closing_ask(closing, &ask, calendar_day(2026, 1, 20), &why), RESULT_OK, "%s", why.sentence);
    closing_wants_head(closing);
    cr_assert_eq(closing_work(closing, HEAD, true, 1000, 40000, &changed, &why), RESULT_OK);
    unsigned told = one.told;
    cr_assert_eq(roll_work(roll, HEAD, now_ms, changed, &why), RESULT_OK);
    cr_assert_gt(one.told, told);
    cr_assert_neq(one.orders.barrier, 0);
    cr_assert_not(one.orders.run);
    send_report(&two, false);
    cr_assert_eq(two.orders.barrier, one.orders.barrier);
}

Test(roll, what_a_lost_worker_said_at_a_barrier_counts_no_more) {
    bool changed, run;
    struct partition_order order;
    struct closing_ask ask = {.order = {.act = PARTITION_PREVIEW, .month = first, .months = 1}};
    settle();
    cr_assert_eq(closing_ask(closing, &ask, calendar_day(2026, 1, 20), &why), RESULT_OK);
    closing_wants_head(closing);
    cr_assert_eq(closing_work(closing, HEAD, true, 1000, 40000, &changed, &why), RESULT_OK);
    uint64_t id = closing_barrier(closing, &run, &order);
    for (uint32_t i = 0; i < 3; i++)
        one.held[i].holding = id;
    send_report(&one, false);
    one.instance = 13; /* killed; its successor begins with nothing */
    one.sequence = 0;
    one.held_count = 0;
    send_report(&one, false);
    obey(&one);
    one.held[3].holding = id;
    send_report(&one, false);
    closing_barrier(closing, &run, &order);
    cr_assert_not(run);
    for (uint32_t i = 0; i < 3; i++)
        one.held[i].holding = id;
    send_report(&one, false);
    closing_barrier(closing, &run, &order);
    cr_assert(run);
}
