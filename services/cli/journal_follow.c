/* journal_follow.c - reads the whole journal through enrollment's feed (journal_follow.h). */
#include "journal_follow.h"

#include "instance.h"
#include "progress.h"
#include "runtime/clock.h"
#include "runtime/feed_socket.h"
#include "runtime/service.h"

#include <stdlib.h>

enum { CREDIT_BYTES = 4 << 20, SILENCE_US = 30000000, POLL_MS = 100, BAR_AFTER_US = 500000 };

struct journal_follow {
    struct feed_socket *socket;
};

enum result journal_follow_from(struct journal_follow **out, const char *state, uint64_t first_offset,
                                feed_on_record *on_record, void *context, struct failure *why) {
    char feed[INSTANCE_PATH], doorbell[INSTANCE_PATH];
    *out = NULL;
    if (!instance_listens(state, "enrollment-feed"))
        return instance_silent(state, "enrollment-feed", why);
    socket_setup();
    service_ipc(state, "enrollment-feed", feed, sizeof feed);
    service_ipc(state, "enrollment-doorbell", doorbell, sizeof doorbell);
    struct feed_follower_config config = {.next_offset = first_offset, .max_bytes = CREDIT_BYTES};
    struct feed_follower *follower = feed_follower_new(&config, on_record, context);
    struct feed_socket *socket;
    enum result result = feed_socket_open(&socket, &follower, feed, doorbell, NULL, NULL, why);
    if (result != RESULT_OK) {
        feed_follower_destroy(&follower);
        return result;
    }
    *out = calloc(1, sizeof **out);
    if (!*out)
        abort();
    (*out)->socket = socket;
    return RESULT_OK;
}

enum result journal_follow_open(struct journal_follow **out, const char *state, feed_on_record *on_record,
                                void *context, struct failure *why) {
    return journal_follow_from(out, state, 1, on_record, context, why);
}

void journal_follow_close(struct journal_follow **follow) {
    if (!follow || !*follow)
        return;
    feed_socket_close(&(*follow)->socket);
    free(*follow);
    *follow = NULL;
}

uint64_t journal_follow_offset(const struct journal_follow *follow) {
    return feed_follower_next(feed_socket_follower(follow->socket)) - 1;
}

const uint8_t *journal_follow_chain(const struct journal_follow *follow) {
    return feed_follower_chain(feed_socket_follower(follow->socket));
}

enum result journal_follow_until(struct journal_follow *follow, uint64_t until, const char *label,
                                 struct failure *why) {
    struct progress progress;
    uint64_t first = journal_follow_offset(follow);
    int64_t begun_us = clock_monotonic_us(), heard_us = begun_us;
    progress_begin(&progress, stderr, label, "records", first, until, begun_us);
    for (uint64_t before = first, at; (at = journal_follow_offset(follow)) < until; before = at) {
        int64_t now_us = clock_monotonic_us();
        if (at > before)
            heard_us = now_us;
        if (now_us - heard_us > SILENCE_US)
            return fail(why, RESULT_AGAIN, "NO_ANSWER",
                        "The feed is silent since offset %llu; see `cakupan status`.",
                        (unsigned long long)at);
        if (now_us - begun_us > BAR_AFTER_US)
            progress_show(&progress, at, now_us);
        enum result result = feed_socket_work(follow->socket, now_us / 1000, why);
        if (result != RESULT_OK)
            return result;
        zmq_pollitem_t items[] = {{.socket = feed_socket_dealer(follow->socket), .events = ZMQ_POLLIN},
                                  {.socket = feed_socket_doorbell(follow->socket), .events = ZMQ_POLLIN}};
        zmq_poll(items, 2, POLL_MS);
    }
    if (progress.shown)
        progress_end(&progress, journal_follow_offset(follow), clock_monotonic_us());
    return RESULT_OK;
}
