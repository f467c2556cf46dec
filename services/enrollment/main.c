/* main.c - the enrollment program: options in, exit code out. */
#include "enrollment.h"

#include "runtime/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { LISTEN, FEED, DOORBELL, MIN_FREE, RATE };

/* A whole number of the command line, or exit with a usage error. */
static uint32_t number(const struct service_option *option, uint32_t most) {
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(option->value, &end, 10);
    if (errno || end == option->value || *end != '\0' || value == 0 || value > most) {
        fprintf(stderr, "enrollment: --%s is '%s', but must be a whole number from 1 to %u.\n", option->name,
                option->value, most);
        exit(SERVICE_EXIT_USAGE);
    }
    return (uint32_t)value;
}

int main(int argc, char **argv) {
    struct service_option options[] = {
        [LISTEN] = {"listen", "tcp://127.0.0.1:7300", "endpoint for devices (CURVE)"},
        [FEED] = {"feed", "", "endpoint of the feed; default: a unix socket in STATE/run"},
        [DOORBELL] = {"doorbell", "", "endpoint of the feed's doorbell; default: a unix socket in STATE/run"},
        [MIN_FREE] = {"min-free-mib", "256", "answer BUSY while less disk space than this is free"},
        [RATE] = {"device-rate", "20000", "events per second that one kader device may send"},
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
        .min_free_bytes = (uint64_t)number(&options[MIN_FREE], 1u << 20) << 20,
        .events_per_second = number(&options[RATE], 10000000),
    };
    int code = enrollment_run(&service, &config);
    service_end(&service);
    return code;
}
