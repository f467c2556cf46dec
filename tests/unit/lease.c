/* lease.c - tests of the leases: grants, give-backs, deaths, silence, restarts, scaling. */
#include "cakupan/lease.h"

#include <criterion/criterion.h>

#define PARTITIONS 16u

static struct lease_table *table;
static struct lease_effects effects;
static int64_t now_ms;
/* What each worker would report: it does what its orders say at once. */
static struct lease_held held[200][PARTITIONS];

static const struct lease_config usual = {.partitions = PARTITIONS,
                                          .lease_ms = 2000,
                                          .release_ms = 2000,
                                          .workers_min = 1,
                                          .workers_max = 4,
                                          .lag_high = 1000,
                                          .lag_low = 100,
                                          .scale_up_ms = 500,
                                          .scale_down_ms = 60000,
                                          .start_ms = 10000};

static void setup_with(const struct lease_config *config) {
    now_ms = 1000000;
    lease_table_destroy(&table);
    table = lease_table_new(config);
}
static void setup(void) {
    setup_with(&usual);
}
static void teardown(void) {
    lease_table_destroy(&table);
    cr_assert_null(table);
}
TestSuite(lease, .init = setup, .fini = teardown);

static void step(struct lease_event event) {
    event.now_ms = now_ms;
    lease_step(table, &event, &effects);
}
static void tick(void) {
    step((struct lease_event){.kind = LEASE_TICK});
}
static void gone(uint32_t worker) {
    step((struct lease_event){.kind = LEASE_GONE, .worker = worker});
}

static uint32_t said(enum lease_effect_kind kind) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < effects.count; i++)
        count += effects.effects[i].kind == kind;
    return count;
}
static uint32_t said_to(enum lease_effect_kind kind, uint32_t worker) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < effects.count; i++)
        count += effects.effects[i].kind == kind && effects.effects[i].worker == worker;
    return count;
}

/* What its orders say now. */
static uint32_t obey(uint32_t worker, struct lease_held *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        struct lease_partition is;
        lease_partition(table, i, &is);
        if (is.worker == worker && (is.state == LEASE_GRANTED || is.state == LEASE_HELD))
            out[count++] = (struct lease_held){i, is.epoch, 0, true, false, false};
    }
    return count;
}
static void report_position(uint32_t worker, uint64_t position, uint64_t head) {
    uint32_t count = obey(worker, held[worker]);
    for (uint32_t i = 0; i < count; i++)
        held[worker][i].position = position;
    step((struct lease_event){.kind = LEASE_REPORT,
                              .worker = worker,
                              .local = worker < 101,
                              .count = count,
                              .held = held[worker],
                              .head = head});
}
static void report(uint32_t worker) {
    report_position(worker, 0, 0);
}
static uint32_t has(uint32_t worker) {
    struct lease_held mine[PARTITIONS];
    return obey(worker, mine);
}
static void settle(const uint32_t *workers, uint32_t count) {
    for (int round = 0; round < 4; round++)
        for (uint32_t i = 0; i < count; i++)
            report(workers[i]);
}
#define SETTLE(...) settle((uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t))

Test(lease, the_least_number_of_workers_is_started_at_once) {
    tick();
    cr_assert_eq(said_to(LEASE_START_WORKER, 1), 1);
    cr_assert_eq(effects.count, 1);
    tick();
    cr_assert_eq(effects.count, 0, "a start is asked for once");
}

Test(lease, the_first_worker_gets_everything_in_the_step_of_its_report) {
    report(1);
    cr_assert_eq(said_to(LEASE_GRANT, 1), PARTITIONS);
    cr_assert_eq(said_to(LEASE_ORDERS, 1), 1);
    cr_assert_eq(effects.effects[effects.count - 1].kind, LEASE_ORDERS, "grants come before orders");
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert(lease_holds(table, 1, i, 1));
    cr_assert_not(lease_holds(table, 1, 0, 2));
    cr_assert_not(lease_holds(table, 2, 0, 1));
    cr_assert_not(lease_holds(table, 1, PARTITIONS, 1));
}

Test(lease, a_report_sent_before_the_grant_arrived_gives_nothing_back) {
    report(1);
    step((struct lease_event){.kind = LEASE_REPORT, .worker = 1, .local = true});
    cr_assert_eq(effects.count, 0);
    cr_assert_eq(has(1), PARTITIONS);
}

Test(lease, what_was_held_and_is_missing_is_granted_anew_under_a_new_epoch) {
    SETTLE(1);
    uint32_t count = obey(1, held[1]);
    step((struct lease_event){
        .kind = LEASE_REPORT, .worker = 1, .local = true, .count = count - 1, .held = held[1]});
    cr_assert_eq(said(LEASE_GRANT), 1);
    cr_assert(lease_holds(table, 1, PARTITIONS - 1, 2));
}

Test(lease, a_second_worker_gets_half_and_nothing_moves_needlessly) {
    SETTLE(1);
    report(102);
    cr_assert_eq(said(LEASE_GRANT), 0, "everything is held: first it is asked back");
    cr_assert_eq(said_to(LEASE_ORDERS, 1), 1);
    report(1); /* gives back */
    cr_assert_eq(said_to(LEASE_GRANT, 102), PARTITIONS / 2);
    cr_assert_eq(said_to(LEASE_GRANT, 1), 0);
    SETTLE(1, 102);
    cr_assert_eq(said(LEASE_GRANT), 0);
    cr_assert_eq(has(1), 8);
    cr_assert_eq(has(102), 8);
}

Test(lease, three_workers_differ_by_one_at_most) {
    SETTLE(1, 102, 103);
    cr_assert_eq(has(1) + has(102) + has(103), PARTITIONS);
    cr_assert(has(1) >= 5 && has(1) <= 6 && has(102) >= 5 && has(102) <= 6);
}

Test(lease, a_dead_workers_partitions_go_to_the_living_in_the_same_step) {
    SETTLE(1, 102);
    gone(102);
    cr_assert_eq(said_to(LEASE_GRANT, 1), 8);
    cr_assert_eq(has(1), PARTITIONS);
    gone(102);
    cr_assert_eq(effects.count, 0, "told twice, nothing more");
}

Test(lease, a_silent_worker_is_expelled_when_its_lease_ends_and_not_before) {
    SETTLE(1, 102);
    for (int i = 0; i < 7; i++) {
        now_ms += 250;
        report(1);
    }
    now_ms += 249;
    tick();
    cr_assert_eq(said(LEASE_EXPEL), 0, "1,999 ms of silence");
    now_ms += 1;
    tick();
    cr_assert_eq(said_to(LEASE_EXPEL, 102), 1);
    cr_assert_eq(said_to(LEASE_GRANT, 1), 8);
    cr_assert_not(lease_holds(table, 102, 0, 1));
}

Test(lease, a_returning_zombie_holds_nothing_and_is_a_worker_like_a_new_one) {
    SETTLE(1, 102);
    uint32_t count = obey(102, held[102]);
    gone(102);
    report(1);
    struct lease_event zombie = {.kind = LEASE_REPORT, .worker = 102, .count = count, .held = held[102]};
    step(zombie);
    for (uint32_t i = 0; i < count; i++)
        cr_assert_not(lease_holds(table, 102, held[102][i].partition, held[102][i].epoch));
    cr_assert_eq(said_to(LEASE_EXPEL, 1), 0);
    SETTLE(1, 102);
    cr_assert_eq(has(102), 8);
}

Test(lease, who_does_not_listen_expels_nobody) {
    SETTLE(1, 102);
    now_ms += 60000; /* the coordinator itself was stopped */
    tick();
    cr_assert_eq(effects.count, 0);
    SETTLE(1, 102);
    cr_assert_eq(has(102), 8);
    for (int64_t silent_ms = 0; silent_ms < 2000; silent_ms += 250) {
        now_ms += 250;
        report(1);
    }
    tick();
    cr_assert_eq(said_to(LEASE_EXPEL, 102) + has(102), 0, "silence while listening counts as ever");
}

Test(lease, a_partition_asked_back_is_waited_for_and_then_taken) {
    SETTLE(1);
    uint32_t count = obey(1, held[1]);
    report(102);
    for (int i = 0; i < 8; i++) { /* it goes on reporting everything */
        cr_assert_eq(has(102), 0);
        now_ms += 250;
        step((struct lease_event){
            .kind = LEASE_REPORT, .worker = 1, .local = true, .count = count, .held = held[1]});
        if (i < 7)
            report(102);
    }
    report(102);
    cr_assert_eq(has(102), 8);
    cr_assert_eq(has(1), 8);
}

Test(lease, a_fenced_partition_gets_another_epoch_at_once_and_a_failed_one_after_a_pause) {
    SETTLE(1);
    uint32_t count = obey(1, held[1]);
    held[1][3].fenced = true;
    held[1][5].failed = true;
    step((struct lease_event){
        .kind = LEASE_REPORT, .worker = 1, .local = true, .count = count, .held = held[1]});
    cr_assert_eq(said(LEASE_GRANT), 1);
    cr_assert(lease_holds(table, 1, 3, 2));
    struct lease_partition is;
    for (int64_t waited_ms = 0; waited_ms < LEASE_RETRY_MS; waited_ms += 250) {
        lease_partition(table, 5, &is);
        cr_assert_eq(is.state, LEASE_FREE);
        now_ms += 250;
        report(1);
    }
    cr_assert(lease_holds(table, 1, 5, 2));
}

Test(lease, what_fails_again_and_again_is_tried_ever_more_rarely) {
    int64_t expected_ms[] = {5000, 10000, 20000, 40000, 80000, 160000, 320000, 320000};
    SETTLE(1);
    for (size_t i = 0; i < sizeof expected_ms / sizeof *expected_ms; i++) {
        uint32_t count = obey(1, held[1]);
        held[1][5].failed = true;
        step((struct lease_event){
            .kind = LEASE_REPORT, .worker = 1, .local = true, .count = count, .held = held[1]});
        int64_t failed_ms = now_ms;
        while (has(1) < PARTITIONS) {
            now_ms += 250;
            report(1);
        }
        cr_assert_eq(now_ms - failed_ms, expected_ms[i]);
    }
}

Test(lease, a_grant_that_is_never_reported_is_taken_back) {
    report(1);
    for (int64_t waited_ms = 0; waited_ms < 10000; waited_ms += 250) {
        cr_assert(lease_holds(table, 1, 0, 1));
        now_ms += 250;
        step((struct lease_event){.kind = LEASE_REPORT, .worker = 1, .local = true});
    }
    cr_assert(lease_holds(table, 1, 0, 2));
}

Test(lease, after_a_restart_only_a_living_stranger_is_waited_for) {
    for (uint32_t i = 0; i < PARTITIONS; i++)
        lease_restore(table, i, 7, i < 4 ? 105 : 1, i < 4, now_ms);
    report(1);
    cr_assert_eq(said_to(LEASE_GRANT, 1), 12);
    cr_assert(lease_holds(table, 1, 15, 8));
    /* The stranger still has two of its four. */
    struct lease_held its[2] = {{0, 7, 50, true, false, false}, {1, 7, 60, true, false, false}};
    step((struct lease_event){.kind = LEASE_REPORT, .worker = 108, .count = 2, .held = its});
    cr_assert(lease_holds(table, 108, 0, 7));
    cr_assert(lease_holds(table, 108, 1, 7));
    struct lease_partition is;
    lease_partition(table, 2, &is);
    cr_assert_eq(is.state, LEASE_FREE);
    for (int i = 0; i < 8; i++) {
        now_ms += 250;
        report(1);
        report(108);
    }
    cr_assert_eq(has(1) + has(108), PARTITIONS);
    SETTLE(1, 108);
    cr_assert_eq(has(1), 8);
    cr_assert_eq(has(108), 8);
}

Test(lease, after_a_restart_an_older_epoch_is_nobodys) {
    lease_restore(table, 0, 7, 105, true, now_ms);
    struct lease_held stale = {0, 6, 50, true, false, false};
    step((struct lease_event){.kind = LEASE_REPORT, .worker = 105, .count = 1, .held = &stale});
    cr_assert_not(lease_holds(table, 105, 0, 6));
    cr_assert_not(lease_holds(table, 105, 0, 7));
}

Test(lease, an_opening_that_takes_long_is_no_silence_of_strangers) {
    lease_restore(table, 0, 7, 105, true, now_ms);
    now_ms += 30000;
    report(1);
    cr_assert_not(lease_holds(table, 1, 0, 8));
}

Test(lease, a_start_that_fails_is_tried_again_ever_later) {
    int64_t expected_ms[] = {0, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
    tick();
    for (size_t i = 0; i < sizeof expected_ms / sizeof *expected_ms; i++) {
        cr_assert_eq(said_to(LEASE_START_WORKER, 1), 1, "start %zu", i);
        int64_t died_ms = now_ms;
        gone(1);
        while (said(LEASE_START_WORKER) == 0) {
            cr_assert_gt(lease_wake_ms(table), now_ms);
            now_ms = lease_wake_ms(table);
            tick();
        }
        cr_assert_eq(now_ms - died_ms, expected_ms[i]);
    }
}

Test(lease, a_worker_that_was_killed_at_work_is_replaced_within_a_second) {
    tick();
    for (size_t i = 0; i < 8; i++) {
        cr_assert_eq(said_to(LEASE_START_WORKER, 1), 1, "start %zu", i);
        SETTLE(1);
        cr_assert_eq(has(1), PARTITIONS);
        int64_t died_ms = now_ms;
        gone(1);
        while (said(LEASE_START_WORKER) == 0) {
            now_ms = lease_wake_ms(table);
            tick();
        }
        cr_assert_leq(now_ms - died_ms, 1000);
    }
}

Test(lease, a_worker_that_never_reports_is_killed_and_another_started) {
    tick();
    for (int64_t waited_ms = 0; waited_ms < 10000; waited_ms += 500) {
        cr_assert_eq(said(LEASE_EXPEL), 0);
        now_ms += 500;
        tick();
    }
    cr_assert_eq(said_to(LEASE_EXPEL, 1), 1);
    cr_assert_eq(said_to(LEASE_START_WORKER, 2), 1, "number 1 is taken until it is known to be dead");
}

Test(lease, the_operator_adds_and_removes) {
    SETTLE(1);
    step((struct lease_event){.kind = LEASE_SCALE, .count = 3});
    cr_assert_eq(said(LEASE_START_WORKER), 2);
    SETTLE(1, 2, 3);
    step((struct lease_event){.kind = LEASE_SCALE, .count = 1});
    cr_assert_eq(said(LEASE_STOP_WORKER), 0, "first they give back");
    cr_assert_eq(said_to(LEASE_ORDERS, 2) + said_to(LEASE_ORDERS, 3), 2);
    report(3);
    cr_assert_eq(said_to(LEASE_STOP_WORKER, 3), 1);
    report(2);
    cr_assert_eq(said_to(LEASE_STOP_WORKER, 2), 1);
    report(1);
    cr_assert_eq(has(1), PARTITIONS);
    report(2);
    cr_assert_eq(has(2), 0, "one that ends gets nothing");
    gone(2), gone(3);
    cr_assert_eq(effects.count, 0);
    bool automatic;
    cr_assert_eq(lease_desired(table, &automatic), 1);
    cr_assert_not(automatic);
    step((struct lease_event){.kind = LEASE_SCALE, .count = 0});
    lease_desired(table, &automatic);
    cr_assert(automatic);
}

Test(lease, one_on_its_way_out_is_kept_when_it_is_wanted_again) {
    SETTLE(1);
    step((struct lease_event){.kind = LEASE_SCALE, .count = 2});
    SETTLE(1, 2);
    step((struct lease_event){.kind = LEASE_SCALE, .count = 1});
    step((struct lease_event){.kind = LEASE_SCALE, .count = 2});
    cr_assert_eq(said(LEASE_START_WORKER), 0);
    SETTLE(1, 2);
    cr_assert_eq(has(1), 8);
    cr_assert_eq(has(2), 8);
}

Test(lease, a_worker_that_leaves_by_itself_gets_nothing_any_more) {
    SETTLE(1, 102);
    uint32_t count = obey(102, held[102]);
    step((struct lease_event){
        .kind = LEASE_REPORT, .worker = 102, .leaving = true, .count = count, .held = held[102]});
    cr_assert_eq(has(102), 0);
    step((struct lease_event){.kind = LEASE_REPORT, .worker = 102, .leaving = true});
    cr_assert_eq(said_to(LEASE_STOP_WORKER, 102), 1);
    cr_assert_eq(said_to(LEASE_GRANT, 1), 8);
}

/* One worker that is `behind` records for `span_ms`, reported every 100 ms. */
static uint32_t starts_after(uint64_t behind, int64_t span_ms) {
    uint32_t starts = 0;
    for (int64_t at_ms = 0; at_ms < span_ms; at_ms += 100) {
        now_ms += 100;
        report_position(1, 200000 - behind, 200000);
        starts += said(LEASE_START_WORKER);
    }
    return starts;
}

Test(lease, lag_adds_a_worker_after_a_while_only) {
    report(1);
    report(1);
    cr_assert_eq(starts_after(1001, 600), 1, "500 ms above the mark");
    setup();
    SETTLE(1);
    cr_assert_eq(starts_after(1001, 500), 0);
    cr_assert_eq(starts_after(1000, 100), 0, "at the mark: the clock begins anew");
    cr_assert_eq(starts_after(1001, 500), 0);
}

Test(lease, light_traffic_never_adds_a_worker) {
    SETTLE(1);
    cr_assert_eq(starts_after(900, 600000), 0);
}

Test(lease, one_worker_at_a_time_and_none_while_another_is_starting) {
    SETTLE(1);
    cr_assert_eq(starts_after(100000, 9000), 1, "the second has not joined");
}

Test(lease, a_take_over_is_no_reason_for_more_workers) {
    SETTLE(1);
    uint32_t count = obey(1, held[1]);
    for (int i = 0; i < 20; i++) {
        now_ms += 100;
        held[1][0].ready = false;
        step((struct lease_event){.kind = LEASE_REPORT,
                                  .worker = 1,
                                  .local = true,
                                  .count = count,
                                  .held = held[1],
                                  .head = 1000000});
        cr_assert_eq(said(LEASE_START_WORKER), 0);
    }
}

Test(lease, quiet_removes_a_worker_after_a_minute_and_never_the_last) {
    struct lease_config config = usual;
    config.workers_min = 2;
    config.workers_max = 3;
    setup_with(&config);
    SETTLE(1, 2);
    starts_after(5000, 0);
    for (int i = 0; i < 8; i++) {
        now_ms += 100;
        report_position(1, 0, 5000);
        report_position(2, 0, 5000);
    }
    SETTLE(1, 2, 3);
    cr_assert_eq(has(3), 5);
    uint32_t stopped_after = 0, stops = 0;
    for (uint32_t i = 1; i <= 2000; i++) {
        now_ms += 100;
        for (uint32_t worker = 1; worker <= 3 - stops; worker++) {
            report_position(worker, 5000, 5000);
            if (said(LEASE_STOP_WORKER)) {
                stops++;
                stopped_after = i;
            }
        }
    }
    cr_assert_eq(stops, 1);
    cr_assert(stopped_after >= 600 && stopped_after <= 602, "after %u tenths of a second", stopped_after);
    cr_assert_eq(has(1), 8);
}

Test(lease, more_workers_than_partitions_are_never_started) {
    struct lease_config config = usual;
    config.partitions = 2;
    config.workers_min = 3;
    setup_with(&config);
    tick();
    cr_assert_eq(said(LEASE_START_WORKER), 2);
}

Test(lease, lag_is_that_of_the_slowest_and_of_what_nobody_has) {
    report_position(1, 0, 0);
    report_position(1, 400, 1000);
    cr_assert_eq(lease_lag(table), 600);
    step((struct lease_event){.kind = LEASE_LAG, .head = 5000});
    cr_assert_eq(lease_lag(table), 600,
                 "positions are as old as the report: so is the head they are held to");
    gone(1);
    cr_assert_eq(lease_lag(table), 4600);
}

Test(lease, the_table_of_workers_has_an_end) {
    for (uint32_t worker = 101; worker < 101 + LEASE_WORKERS_MAX; worker++)
        report(worker);
    report(199);
    struct lease_worker workers[LEASE_WORKERS_MAX];
    cr_assert_eq(lease_workers(table, workers), LEASE_WORKERS_MAX);
    cr_assert_eq(has(199), 0);
    for (uint32_t i = 1; i < LEASE_WORKERS_MAX; i++)
        cr_assert_gt(workers[i].number, workers[i - 1].number);
}

Test(lease, a_damaged_report_of_a_partition_that_is_none_is_ignored) {
    struct lease_held wild = {UINT32_MAX, 1, 1, true, false, false};
    step((struct lease_event){.kind = LEASE_REPORT, .worker = 1, .local = true, .count = 1, .held = &wild});
    cr_assert_eq(has(1), PARTITIONS);
}
