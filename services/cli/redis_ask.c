/* redis_ask.c - one question to Redis (redis_ask.h), by the link that coverage uses, too. */
#include "redis_ask.h"

#include "runtime/clock.h"
#include "store/redis_link.h"

#include <poll.h>
#include <signal.h>

enum { PATIENCE_MS = 3000, POLL_MS = 20, WORDS_MAX = 8 };

static enum result unreachable(const char *url, const struct failure *cause, struct failure *why) {
    return fail(why, RESULT_IO, "REDIS_UNREACHABLE",
                "Redis at %.100s does not answer (%.150s); start it or correct --redis.", url,
                cause->sentence);
}

enum result redis_ask(const char *url, int count, const char **words, redisReply **reply,
                      struct failure *why) {
    struct redis_link *link;
    struct failure cause = {.sentence = "no answer within 3 s"};
    bool sent = false;
    *reply = NULL;
    signal(SIGPIPE, SIG_IGN); /* hiredis writes to a socket that may be gone */
    enum result result = redis_link_open(&link, url, why);
    if (result != RESULT_OK)
        return result;
    int64_t begun_ms = clock_monotonic_us() / 1000, now_ms = begun_ms;
    while (!*reply && now_ms - begun_ms < PATIENCE_MS) {
        result = redis_link_work(link, now_ms, reply, &cause);
        if (result == RESULT_IO)
            break;
        if (!sent && redis_link_idle(link)) {
            redis_link_add(link, count, words, NULL);
            redis_link_send(link, now_ms);
            sent = true;
        } else if (!*reply) {
            struct pollfd item = {.fd = redis_link_descriptor(link), .events = POLLIN};
            item.events = (short)(POLLIN | (redis_link_wants_write(link) ? POLLOUT : 0));
            poll(&item, 1, POLL_MS);
        }
        now_ms = clock_monotonic_us() / 1000;
    }
    redis_link_close(&link);
    return *reply ? RESULT_OK : unreachable(url, &cause, why);
}
