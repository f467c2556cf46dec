/* main.c - the coverage program: options in, exit code out. */
#include "coverage.h"

#include "runtime/log.h"

#include <stddef.h>

enum { FEED, DOORBELL, QUERY, BILLING, REDIS };

int main(int argc, char **argv) {
    struct service_option options[] = {
        [FEED] = {"feed", "", "endpoint of enrollment's feed; default: a unix socket in STATE/run"},
        [DOORBELL] = {"doorbell", "", "endpoint of the feed's doorbell; default: a unix socket in STATE/run"},
        [QUERY] = {"query", "", "endpoint for requests and watchers; default: a unix socket in STATE/run"},
        [BILLING] = {"billing", "", "endpoint of billing's coordinator; default: a unix socket in STATE/run"},
        [REDIS] = {"redis", "",
                   "unix:///path or redis://host:port; default: the unix socket STATE/run/redis.sock"},
        {NULL, NULL, NULL}};
    struct service service;
    struct failure why;
    if (service_start(&service, "coverage", "counts the city: live totals for Redis, queries and watchers",
                      argc, argv, options, &why) != RESULT_OK) {
        log_alarm("%s: %s", why.code, why.sentence);
        return SERVICE_EXIT_CANNOT_START;
    }
    struct coverage_config config = {
        .feed = options[FEED].value,
        .doorbell = options[DOORBELL].value,
        .query = options[QUERY].value,
        .billing = options[BILLING].value,
        .redis = options[REDIS].value,
    };
    int code = coverage_run(&service, &config);
    service_end(&service);
    return code;
}
