/* worker.c - the loop of a worker: wait, count what came, act as ordered while the lease holds, report.
 *
 * A worker decides nothing. It may be killed, stopped or cut off at any instant: what counts is in the
 * journals of its partitions, and another one goes on from there.
 */
#include "worker_internal.h"

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define TURN_MAX_MS     100
#define MOVED_REPORT_MS 50 /* between reports that say no more than how far the counting is */
#define FEED_RETRY_MS   5000
#define LEAVE_MS        1500 /* less than what a supervisor waits before it kills */

static int64_t earlier(int64_t first, int64_t second) {
    return first < second ? first : second;
}

/* Heartbeats, and sooner when the counting has moved. */
static int64_t report_due_ms(const struct worker *worker) {
    int64_t moved_ms =
        worker->settled != worker->reported ? worker->reported_ms + MOVED_REPORT_MS : INT64_MAX;
    return earlier(worker->report_due_ms, moved_ms);
}

/* Waits until something can be done. */
static void wait_for_work(struct worker *worker, bool more) {
    int64_t now_ms = clock_monotonic_us() / 1000, wake_ms = now_ms + TURN_MAX_MS;
    zmq_pollitem_t items[] = {
        {zsock_resolve(worker->coordinator), 0, ZMQ_POLLIN, 0},
        {NULL, worker->service->signal_fd, ZMQ_POLLIN, 0},
        {worker->feed ? feed_socket_dealer(worker->feed) : NULL, 0, ZMQ_POLLIN, 0},
        {worker->feed ? feed_socket_doorbell(worker->feed) : NULL, 0, ZMQ_POLLIN, 0},
    };
    wake_ms = earlier(wake_ms, report_due_ms(worker));
    if (!worker->lapsed)
        wake_ms = earlier(wake_ms, portfolio_wake_ms(worker->portfolio));
    if (worker->leave_sequence)
        wake_ms = earlier(wake_ms, worker->leave_until_ms);
    bool at_once = more || wake_ms <= now_ms;
    zmq_poll(items, worker->feed ? 4 : 2, at_once ? 0 : (long)(wake_ms - now_ms));
}

/* The feed is let go and tried again; partitions stay where they are. */
static void feed_failed(struct worker *worker, int64_t now_ms, const struct failure *why) {
    log_alarm("%s: %s It is tried again every %d s.", why->code, why->sentence, FEED_RETRY_MS / 1000);
    feed_socket_close(&worker->feed);
    portfolio_feed_failed(worker->portfolio, why);
    worker->follow_ms = now_ms + FEED_RETRY_MS;
}

static void follow(struct worker *worker, int64_t now_ms) {
    struct failure why = {0};
    if (worker_follow(worker, &why) != RESULT_OK)
        feed_failed(worker, now_ms, &why);
}

static void work_feed(struct worker *worker, int64_t now_ms) {
    struct failure why = {0};
    uint64_t until = portfolio_until(worker->portfolio);
    struct feed_follower *follower = feed_socket_follower(worker->feed);
    if (until != worker->feed_until)
        feed_follower_until(follower, until);
    worker->feed_until = until;
    if (feed_socket_work(worker->feed, now_ms, &why) != RESULT_OK) {
        feed_failed(worker, now_ms, &why);
        return;
    }
    if (feed_follower_head(follower) == 0) /* no word yet */
        return;
    worker->head = feed_follower_head(follower);
    portfolio_feed_failed(worker->portfolio, NULL);
}

/* Whether the leases hold at `now_ms`. Once they have ended only orders make them hold again (obey). */
static bool lease_holds(struct worker *worker, int64_t now_ms) {
    if (worker->lapsed || now_ms < worker->lease_until_ms)
        return !worker->lapsed;
    if (worker->lease_until_ms)
        log_warning("no word of the coordinator in time: nothing is written until there is");
    portfolio_lapse(worker->portfolio);
    worker->lapsed = true;
    return false;
}

static void begin_to_leave(struct worker *worker, int64_t now_ms) {
    if (worker->leaving)
        return;
    worker->leaving = true;
    worker->leave_until_ms = now_ms + LEAVE_MS;
    log_info("leaving: what is held is given back");
}

/* Not wanted: another version, another city, a name that is taken. A person, or time, must change that. */
static bool refused(struct worker *worker) {
    const struct wire_worker_orders *orders = &worker->orders;
    if (!worker->ordered || orders->refusal == 0)
        return false;
    log_alarm("the coordinator refuses this worker: %s: %s", orders->code, orders->sentence);
    worker->exit_code = SERVICE_EXIT_CANNOT_START;
    worker->done = true;
    return true;
}

/* True where there is more to do at once. A close packs megabytes for a moment; when it is over they go
 * back to the system, or they would stay in the heap (some 10 bytes a member). */
static bool obey(struct worker *worker, int64_t now_ms) {
    bool more = false, refollow = false, barrier = worker->orders.barrier != 0;
    if (worker->orders.stop)
        begin_to_leave(worker, now_ms);
    if (worker->leaving)
        worker->orders.granted_count = 0;
    portfolio_obey(worker->portfolio, &worker->orders, now_ms, clock_now_ms(), &more, &refollow);
    worker->lapsed = false;
    if (worker->at_barrier && !barrier)
        malloc_trim(0);
    worker->at_barrier = barrier;
    if (refollow)
        follow(worker, now_ms);
    return more;
}

/* Left when the last report, which holds nothing any more, was answered, or soon after it. */
static void check_left(struct worker *worker, int64_t now_ms) {
    if (!worker->leaving)
        return;
    uint32_t held;
    portfolio_report(worker->portfolio, &held);
    if (held == 0 && !worker->leave_sequence)
        worker_report(worker, now_ms);
    bool answered = worker->leave_sequence && worker->ordered &&
                    worker->orders.answers_sequence >= worker->leave_sequence;
    worker->done = answered || worker->lapsed || now_ms >= worker->leave_until_ms;
}

/* Counting, then settling, then orders: so a barrier's bound is never behind what was counted already. */
static bool turn(struct worker *worker) {
    int64_t now_ms = clock_monotonic_us() / 1000;
    bool due = false, more = false;
    if (service_stopping(worker->service))
        begin_to_leave(worker, now_ms);
    if (lease_holds(worker, now_ms) && worker->feed)
        work_feed(worker, now_ms);
    now_ms = clock_monotonic_us() / 1000;
    if (lease_holds(worker, now_ms)) {
        worker->settled = worker->feed ? feed_follower_next(feed_socket_follower(worker->feed)) - 1 : 0;
        due = portfolio_work(worker->portfolio, worker->settled, now_ms, clock_now_ms());
        if (worker->follow_ms && now_ms >= worker->follow_ms)
            follow(worker, now_ms);
    }
    worker_take_orders(worker);
    if (refused(worker))
        return false;
    if (worker->ordered && now_ms < worker->lease_until_ms)
        more = obey(worker, now_ms);
    now_ms = clock_monotonic_us() / 1000;
    if (due || now_ms >= report_due_ms(worker))
        worker_report(worker, now_ms);
    check_left(worker, now_ms);
    return more;
}

static int run(struct worker *worker) {
    bool more = false;
    log_info("asks for work as instance %" PRIu32, worker->instance);
    while (!worker->done) {
        wait_for_work(worker, more);
        more = turn(worker);
    }
    log_info("stopped after %" PRIu64 " records", portfolio_records(worker->portfolio));
    return worker->exit_code;
}

int worker_run(struct service *service, const struct worker_config *config) {
    struct failure why = {0};
    struct worker *worker = calloc(1, sizeof *worker);
    require(worker, "out of memory for a worker");
    worker->service = service;
    worker->config = config;
    int code = SERVICE_EXIT_CANNOT_START;
    if (worker_open(worker, &why) == RESULT_OK)
        code = run(worker);
    else
        log_alarm("%s: %s", why.code, why.sentence);
    worker_close(worker);
    free(worker);
    return code;
}
