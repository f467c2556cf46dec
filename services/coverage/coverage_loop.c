/* coverage_loop.c - the loop of coverage: wait, count what came, show it, answer, keep it now and then.
 *
 * The totals live in memory and are folded from the feed; the store holds them as of the last commit, so a
 * kill costs counting a second again. Redis and the watchers see pictures (publisher.h); nothing here ever
 * waits for either.
 */
#include "coverage_internal.h"

#include "runtime/clock.h"
#include "runtime/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TURN_MAX_MS     100
#define COMMIT_EVERY_MS 1000
#define COMMIT_EVERY    250000u /* records: a backlog interrupted again and again gets shorter */
#define BACKLOG         20000u  /* records behind the head from which showing gives way to counting */

static struct feed_follower *follower_of(const struct coverage *coverage) {
    return feed_socket_follower(coverage->feed);
}

/* Writes the history rows of the day that the totals are of. */
static enum result keep_day(struct coverage *coverage, struct failure *why) {
    if (coverage->totals.day == DAY_NONE)
        return RESULT_OK;
    totals_picture(&coverage->totals, &coverage->city->regions, &coverage->city->policy,
                   &coverage->day_picture);
    return coverage_store_day(coverage->store, &coverage->day_picture, why);
}

enum result coverage_count(void *context, const struct batch_header *batch, const struct record *record,
                           struct failure *why) {
    struct coverage *coverage = context;
    if (batch->day > coverage->totals.day) { /* the day before is over: its figures are final */
        enum result result = keep_day(coverage, why);
        if (result != RESULT_OK)
            return result;
    }
    return totals_step(&coverage->totals, &coverage->city->regions, batch, record, why);
}

/* Only between replies: then the totals end with a whole batch, and its hash is the follower's chain. */
static enum result commit(struct coverage *coverage, int64_t now_ms, struct failure *why) {
    const uint8_t *chain = feed_follower_chain(follower_of(coverage));
    coverage->commit_ms = now_ms;
    if (coverage->totals.offset == coverage->committed_offset || !chain)
        return RESULT_OK;
    struct coverage_state state = {.offset = coverage->totals.offset, .totals = coverage->packed};
    memcpy(state.chain, chain, sizeof state.chain);
    state.size = totals_pack(&coverage->totals, &coverage->city->regions, coverage->packed);
    enum result result = keep_day(coverage, why);
    if (result == RESULT_OK)
        result = coverage_store_commit(coverage->store, &state, why);
    if (result == RESULT_OK)
        coverage->committed_offset = state.offset;
    return result;
}

static void say_how_redis_is(struct coverage *coverage, enum result result, const struct failure *why) {
    struct totals_redis_status status;
    totals_redis_status(coverage->redis, &status);
    if (result == RESULT_IO && !coverage->redis_away) {
        coverage->redis_away = true;
        log_warning("%s Counting goes on; all totals are written when it is back.", why->sentence);
    }
    if (coverage->redis_away && status.current) {
        coverage->redis_away = false;
        log_info("Redis is back and holds the totals of offset %" PRIu64, status.offset);
    }
    if (status.found_other != coverage->redis_found_other) {
        coverage->redis_found_other = status.found_other;
        log_warning("Redis did not hold what was written last (flushed, restored, or another writer): all is "
                    "written again");
    }
}

static void work_redis(struct coverage *coverage, int64_t now_ms) {
    struct failure why;
    enum result result = totals_redis_work(coverage->redis, now_ms, &why);
    say_how_redis_is(coverage, result, &why);
}

/* Ready when everything is counted that was there when the feed was first heard. */
static enum result check_ready(struct coverage *coverage, int64_t now_ms, struct failure *why) {
    uint64_t head = feed_follower_head(follower_of(coverage)), next = coverage->totals.offset + 1;
    if (coverage->first_head == 0)
        coverage->first_head = head;
    if (coverage->ready || head == 0 || next <= coverage->first_head)
        return RESULT_OK;
    char details[256];
    coverage->ready = true;
    snprintf(details, sizeof details, "query=%s\noffset=%" PRIu64 "\n", coverage->query_endpoint,
             coverage->totals.offset);
    log_info("ready at offset %" PRIu64 " after %lld ms", coverage->totals.offset,
             (long long)(now_ms - coverage->started_ms));
    return service_ready(coverage->service, details, why);
}

static int64_t earlier(int64_t first, int64_t second) {
    return first < second ? first : second;
}

/* Waits until something can be done, at most TURN_MAX_MS. True where a request waits at the query socket. */
static bool wait_for_work(struct coverage *coverage, int64_t now_ms) {
    zmq_pollitem_t items[] = {
        {feed_socket_dealer(coverage->feed), 0, ZMQ_POLLIN, 0},
        {feed_socket_doorbell(coverage->feed), 0, ZMQ_POLLIN, 0},
        {zsock_resolve(coverage->query_socket), 0, ZMQ_POLLIN, 0},
        {NULL, coverage->service->signal_fd, ZMQ_POLLIN, 0},
        {billing_link_socket(coverage->billing), 0, ZMQ_POLLIN, 0},
        {NULL, totals_redis_descriptor(coverage->redis), ZMQ_POLLIN, 0},
    };
    if (totals_redis_wants_write(coverage->redis))
        items[5].events |= ZMQ_POLLOUT;
    int64_t wake_ms = earlier(totals_redis_wake_ms(coverage->redis), now_ms + TURN_MAX_MS);
    wake_ms = earlier(publisher_wake_ms(coverage->publisher, &coverage->totals), wake_ms);
    wake_ms = earlier(billing_link_wake_ms(coverage->billing, coverage->totals.offset), wake_ms);
    zmq_poll(items, items[5].fd < 0 ? 5 : 6, wake_ms > now_ms ? (long)(wake_ms - now_ms) : 0);
    return items[2].revents != 0;
}

static enum result turn(struct coverage *coverage, struct failure *why) {
    bool asked = wait_for_work(coverage, clock_monotonic_us() / 1000);
    int64_t now_ms = clock_monotonic_us() / 1000;
    enum result result = feed_socket_work(coverage->feed, now_ms, why);
    if (result == RESULT_OK)
        result = check_ready(coverage, now_ms, why);
    if (result != RESULT_OK)
        return result;
    bool backlog = feed_follower_head(follower_of(coverage)) > coverage->totals.offset + BACKLOG;
    work_redis(coverage, now_ms);
    billing_link_work(coverage->billing, coverage->totals.offset, now_ms, clock_now_ms());
    publisher_billing(coverage->publisher, billing_link_heard(coverage->billing));
    publisher_work(coverage->publisher, &coverage->totals, backlog, now_ms);
    work_redis(coverage, now_ms); /* what was just published leaves now */
    if (asked)
        coverage_answer(coverage, now_ms);
    bool due = now_ms - coverage->commit_ms >= COMMIT_EVERY_MS ||
               coverage->totals.offset - coverage->committed_offset >= COMMIT_EVERY;
    return due ? commit(coverage, now_ms, why) : RESULT_OK;
}

/* What Redis did not take yet it gets at the next start, which begins with a write of everything. */
static int stop(struct coverage *coverage) {
    struct failure why;
    int64_t now_ms = clock_monotonic_us() / 1000;
    if (commit(coverage, now_ms, &why) != RESULT_OK) {
        log_alarm("%s: %s The next start counts from offset %" PRIu64 ".", why.code, why.sentence,
                  coverage->committed_offset);
        return SERVICE_EXIT_RECOVER;
    }
    log_info("stopped at offset %" PRIu64, coverage->totals.offset);
    return SERVICE_EXIT_OK;
}

/* Counting anew helps against another journal only: a journal with rotten bytes would refuse again. */
static void say_why_refused(const struct coverage *coverage, const struct failure *why) {
    if (strcmp(why->code, "FEED_FOREIGN") == 0)
        log_alarm("%s: %s To count enrollment's journal from its beginning, remove %s/coverage.", why->code,
                  why->sentence, coverage->service->state);
    else
        log_alarm("%s: %s", why->code, why->sentence);
}

static int run(struct coverage *coverage) {
    struct failure why = {0};
    enum result result = RESULT_OK;
    log_info("counting from offset %" PRIu64, coverage->totals.offset + 1);
    while (result == RESULT_OK && !service_stopping(coverage->service))
        result = turn(coverage, &why);
    if (result == RESULT_OK)
        return stop(coverage);
    if (result == RESULT_CONFLICT) {
        say_why_refused(coverage, &why);
        return SERVICE_EXIT_CANNOT_START;
    }
    log_alarm("%s: %s A restart counts again from offset %" PRIu64 "%s", why.code, why.sentence,
              coverage->committed_offset + 1,
              result == RESULT_CORRUPT
                  ? "; where it says so again, run `cakupan verify`, and if the journal is "
                    "sound remove the state's folder coverage to count it from its beginning."
                  : ".");
    return SERVICE_EXIT_RECOVER;
}

int coverage_run(struct service *service, const struct coverage_config *config) {
    struct failure why = {0};
    struct coverage *coverage = calloc(1, sizeof *coverage);
    if (!coverage)
        abort();
    coverage->service = service;
    coverage->config = config;
    int code = SERVICE_EXIT_CANNOT_START;
    if (coverage_open(coverage, &why) == RESULT_OK)
        code = run(coverage);
    else
        log_alarm("%s: %s", why.code, why.sentence);
    coverage_close(coverage);
    free(coverage);
    return code;
}
