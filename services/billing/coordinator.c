/* coordinator.c - the coordinator's loop: wait, hear the feed and the workers, answer tools, go on with
 * barriers, give orders.
 *
 * Reports are taken before leases are looked at: what waits in the socket since we were busy is a sign of
 * life. What is decided is durable before anybody is told (books_decide).
 */
#include "coordinator_internal.h"

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TURN_MAX_MS 100

static struct feed_follower *follower_of(const struct coordinator *coordinator) {
    return feed_socket_follower(coordinator->feed);
}

/* Waits until something can be done, at most TURN_MAX_MS. */
static void wait_for_work(const struct coordinator *coordinator) {
    int64_t now_ms = clock_monotonic_us() / 1000, wake_ms = roll_wake_ms(coordinator->roll);
    zmq_pollitem_t items[9] = {
        {feed_socket_dealer(coordinator->feed), 0, ZMQ_POLLIN, 0},
        {feed_socket_doorbell(coordinator->feed), 0, ZMQ_POLLIN, 0},
        {zsock_resolve(coordinator->tools), 0, ZMQ_POLLIN, 0},
        {zsock_resolve(coordinator->workers), 0, ZMQ_POLLIN, 0},
        {zap_socket(coordinator->zap), 0, ZMQ_POLLIN, 0},
        {NULL, coordinator->service->signal_fd, ZMQ_POLLIN, 0},
        {NULL, children_descriptor(coordinator->children), ZMQ_POLLIN, 0},
    };
    int count = 7;
    if (coordinator->tools_tcp)
        items[count++] = (zmq_pollitem_t){zsock_resolve(coordinator->tools_tcp), 0, ZMQ_POLLIN, 0};
    if (coordinator->workers_tcp)
        items[count++] = (zmq_pollitem_t){zsock_resolve(coordinator->workers_tcp), 0, ZMQ_POLLIN, 0};
    int64_t pause_ms = wake_ms - now_ms;
    if (pause_ms < 0 || pause_ms > TURN_MAX_MS)
        pause_ms = pause_ms < 0 && wake_ms > 0 ? 0 : TURN_MAX_MS;
    zmq_poll(items, count, (long)pause_ms);
}

/* The head as it is after the asks that wait; 0 where it is not needed or not heard yet. */
static enum result head_for_closing(struct coordinator *coordinator, int64_t now_ms, uint64_t *head,
                                    struct failure *why) {
    *head = 0;
    if (coordinator->head_ticket == 0 && closing_wants_head(coordinator->closing)) {
        coordinator->head_ticket = feed_follower_ask_head(follower_of(coordinator));
        return feed_socket_work(coordinator->feed, now_ms, why);
    }
    if (coordinator->head_ticket == 0 ||
        !feed_follower_answered(follower_of(coordinator), coordinator->head_ticket))
        return RESULT_OK;
    coordinator->head_ticket = 0;
    *head = feed_follower_head(follower_of(coordinator));
    return RESULT_OK;
}

static enum result work_closing(struct coordinator *coordinator, bool *orders_changed, struct failure *why) {
    int64_t now_ms = clock_monotonic_us() / 1000;
    uint64_t head;
    enum result result = head_for_closing(coordinator, now_ms, &head, why);
    if (result != RESULT_OK)
        return result;
    return closing_work(coordinator->closing, head, roll_complete(coordinator->roll), clock_now_ms(),
                        roll_today(coordinator->roll), orders_changed, why);
}

static enum result take_requests(struct coordinator *coordinator, int64_t now_ms, struct failure *why) {
    int64_t heard_ms = feed_follower_heard_ms(follower_of(coordinator));
    struct inquiry_time time = {.now_ms = now_ms,
                                .time_ms = clock_now_ms(),
                                .today = roll_today(coordinator->roll),
                                .head = feed_follower_head(follower_of(coordinator)),
                                .feed_silent_ms = now_ms - (heard_ms ? heard_ms : coordinator->started_ms)};
    return coordinator_take_requests(coordinator, &time, why);
}

/* Ready when every partition has an owner that has restored it, or that said why it can't: tools must be able
 * to ask for the reason. With an empty journal at once. */
static enum result check_ready(struct coordinator *coordinator, struct failure *why) {
    struct books_begun begun;
    bool has_begun = books_begun(coordinator->books, &begun);
    bool empty = !has_begun && feed_follower_answered(follower_of(coordinator), coordinator->first_ticket) &&
                 feed_follower_head(follower_of(coordinator)) == 0;
    if (coordinator->ready || !(empty || (has_begun && roll_settled(coordinator->roll))))
        return RESULT_OK;
    coordinator->ready = true;
    log_info("ready after %" PRId64 " ms", clock_monotonic_us() / 1000 - coordinator->started_ms);
    return service_ready(coordinator->service, NULL, why);
}

static enum result turn(struct coordinator *coordinator, struct failure *why) {
    bool orders_changed = false;
    wait_for_work(coordinator);
    int64_t now_ms = clock_monotonic_us() / 1000;
    zap_handle(coordinator->zap);
    enum result result = feed_socket_work(coordinator->feed, now_ms, why);
    if (result == RESULT_OK)
        result = coordinator_followed(coordinator, false, why);
    if (result == RESULT_OK)
        result = coordinator_take_reports(coordinator, now_ms, why);
    if (result == RESULT_OK)
        result = take_requests(coordinator, now_ms, why);
    if (result == RESULT_OK)
        result = work_closing(coordinator, &orders_changed, why);
    if (result == RESULT_OK)
        result = roll_work(coordinator->roll, feed_follower_head(follower_of(coordinator)), now_ms,
                           orders_changed, why);
    return result == RESULT_OK ? check_ready(coordinator, why) : result;
}

static int run(struct coordinator *coordinator) {
    struct failure why = {0};
    enum result result = RESULT_OK;
    coordinator->first_ticket = feed_follower_ask_head(follower_of(coordinator));
    while (result == RESULT_OK && !service_stopping(coordinator->service))
        result = turn(coordinator, &why);
    if (result == RESULT_OK)
        result = coordinator_followed(coordinator, true, &why);
    if (result == RESULT_OK) {
        log_info("stopped");
        return SERVICE_EXIT_OK;
    }
    bool foreign = strcmp(why.code, "FEED_FOREIGN") == 0;
    log_alarm("%s: %s%s%s%s", why.code, why.sentence,
              foreign ? " To bill enrollment's journal anew, remove " : "",
              foreign ? coordinator->service->state : "", foreign ? "/billing." : "");
    return result == RESULT_CONFLICT ? SERVICE_EXIT_CANNOT_START : SERVICE_EXIT_RECOVER;
}

int coordinator_run(struct service *service, const struct coordinator_config *config) {
    struct failure why = {0};
    struct coordinator *coordinator = calloc(1, sizeof *coordinator);
    require(coordinator, "out of memory for the coordinator");
    coordinator->service = service;
    coordinator->config = config;
    int code = SERVICE_EXIT_CANNOT_START;
    if (coordinator_open(coordinator, &why) == RESULT_OK)
        code = run(coordinator);
    else
        log_alarm("%s: %s", why.code, why.sentence);
    coordinator_close(coordinator);
    free(coordinator);
    return code;
}
