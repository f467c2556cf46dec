/* main.c - the enrollment program: options in, exit code out. */
#include "enrollment.h"

#include "runtime/log.h"
#include "runtime/service_options.h"

#include <stddef.h>

enum { LISTEN, FEED, DOORBELL, MIN_FREE, RATE, ACCEPT_LOST_END };

int main(int argc, char **argv) {
    struct service_option options[] = {
        [LISTEN] = {"listen", "tcp://127.0.0.1:7300", "endpoint for devices (CURVE)"},
        [FEED] = {"feed", "", "endpoint of the feed; default: a unix socket in STATE/run"},
        [DOORBELL] = {"doorbell", "", "endpoint of the feed's doorbell; default: a unix socket in STATE/run"},
        [MIN_FREE] = {"min-free-mib", "256", "answer BUSY while less disk space than this is free"},
        [RATE] = {"device-rate", "20000", "events per second that one kader device may send"},
        [ACCEPT_LOST_END] =
            {"accept-lost-end", "no",
             "yes: go on though the journal lost its end, without what was acknowledged there"},
        {NULL, NULL, NULL}};
    struct service service;
    struct failure why;
    enum result started = service_start(&service, "enrollment",
                                        "takes events from devices, makes them durable, then acknowledges",
                                        argc, argv, options, &why);
    if (started != RESULT_OK) {
        log_alarm("%s: %s", why.code, why.sentence);
        return SERVICE_EXIT_CANNOT_START;
    }
    struct enrollment_config config = {
        .listen = options[LISTEN].value,
        .feed = options[FEED].value,
        .doorbell = options[DOORBELL].value,
        .min_free_bytes = (uint64_t)service_option_number(&service, &options[MIN_FREE], 1, 1u << 20) << 20,
        .events_per_second = service_option_number(&service, &options[RATE], 1, 10000000),
        .accept_lost_end = service_option_yes(&service, &options[ACCEPT_LOST_END]),
    };
    int code = enrollment_run(&service, &config);
    service_end(&service);
    return code;
}
