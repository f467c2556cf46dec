/* coverage.h - the service: one thread, one loop: follow the feed, count, show, keep. */
#ifndef COVERAGE_COVERAGE_H
#define COVERAGE_COVERAGE_H

#include "runtime/service.h"

struct coverage_config {
    const char *feed;     /* endpoint of enrollment's feed, "": ipc in STATE/run */
    const char *doorbell; /* "": ipc in STATE/run */
    const char *query;    /* endpoint for requests and watchers, "": ipc in STATE/run */
    const char *billing;  /* of billing's coordinator, "": ipc in STATE/run; nobody needs to be there */
    const char *redis;    /* unix:///path or redis://host:port, "": STATE/run/redis.sock */
};

/* Opens everything and runs until a stop is asked for. Returns the process's exit code. */
int coverage_run(struct service *service, const struct coverage_config *config);

#endif
