/* coordinator_rebuild.c - a partition is counted anew before billing starts: the feed into a rebuild
 * (coordinator_internal.h). */
#include "coordinator_internal.h"

#include "journals.h"
#include "rebuild.h"
#include "runtime/clock.h"
#include "runtime/log.h"

#include <inttypes.h>
#include <string.h>

#define TURN_MS 100

static void wait_for_feed(const struct coordinator *coordinator, struct feed_socket *feed) {
    zmq_pollitem_t items[] = {{feed_socket_dealer(feed), 0, ZMQ_POLLIN, 0},
                              {feed_socket_doorbell(feed), 0, ZMQ_POLLIN, 0},
                              {NULL, coordinator->service->signal_fd, ZMQ_POLLIN, 0}};
    zmq_poll(items, 3, TURN_MS);
}

static enum result follow(struct coordinator *coordinator, struct rebuild *rebuild, struct feed_socket *feed,
                          struct failure *why) {
    struct feed_follower *follower = feed_socket_follower(feed);
    enum result result = RESULT_OK;
    uint64_t until;
    while (result == RESULT_OK && (until = rebuild_until(rebuild)) > 0) {
        if (service_stopping(coordinator->service))
            return fail(why, RESULT_AGAIN, "REBUILD_STOPPED",
                        "Stopped while a partition was being counted anew: ask for it again.");
        feed_follower_until(follower, until);
        wait_for_feed(coordinator, feed);
        result = feed_socket_work(feed, clock_monotonic_us() / 1000, why);
        if (result == RESULT_OK)
            result = rebuild_settled(rebuild, feed_follower_next(follower) - 1, why);
    }
    return result;
}

static enum result count_anew(struct coordinator *coordinator, uint32_t partition, struct failure *why) {
    struct books_begun begun;
    struct rebuild *rebuild = NULL;
    struct feed_socket *feed = NULL;
    day_t clock = calendar_day_of_time(clock_now_ms()), followed = books_followed_day(coordinator->books);
    struct rebuild_config config = {.state = coordinator->service->state,
                                    .regions = &coordinator->city->regions,
                                    .partition = partition,
                                    .time_ms = clock_now_ms(),
                                    .today = clock > followed ? clock : followed};
    enum result result = rebuild_begin(&rebuild, coordinator->books, &config, why);
    if (result != RESULT_OK)
        return result;
    (void)books_begun(coordinator->books, &begun);
    struct feed_follower_config wanted = {.next_offset = 1,
                                          .partition_count = begun.partitions,
                                          .partitions = &partition,
                                          .partitions_wanted = 1};
    struct feed_follower *follower = feed_follower_new(&wanted, rebuild_record, rebuild);
    result = coordinator_follow(coordinator, follower, &feed, why);
    if (result == RESULT_OK)
        result = follow(coordinator, rebuild, feed, why);
    if (result == RESULT_OK)
        result = rebuild_end(rebuild, why);
    feed_socket_close(&feed);
    rebuild_destroy(&rebuild);
    return result;
}

enum result coordinator_rebuild(struct coordinator *coordinator, uint32_t partition, struct failure *why) {
    int64_t begun_ms = clock_monotonic_us() / 1000;
    enum result result =
        journals_check_whole(coordinator->books, coordinator->service->state, partition, why);
    if (result == RESULT_OK) {
        log_info("partition %" PRIu32 " is whole: there is nothing to count anew", partition);
        return RESULT_OK;
    }
    if (strcmp(why->code, "BOOKS_LOST") == 0)
        return result;
    log_warning("%s: %s It is counted anew now.", why->code, why->sentence);
    result = count_anew(coordinator, partition, why);
    if (result == RESULT_OK)
        log_info("partition %" PRIu32 " is counted anew, as its invoices say, in %" PRId64 " ms", partition,
                 clock_monotonic_us() / 1000 - begun_ms);
    return result;
}
