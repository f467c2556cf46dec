/* service_view.h - what can be seen of a service's process from outside: alive, since when, how big. */
#ifndef CLI_SERVICE_VIEW_H
#define CLI_SERVICE_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct service_view {
    pid_t pid; /* 0: not running */
    int64_t uptime_ms;
    uint64_t resident_bytes;
};

/* A process by its pid; all zero where there is none. */
struct service_view service_view_pid(pid_t pid);
/* A service by STATE/run/NAME.ready. */
struct service_view service_view_ready(const char *state, const char *name);

#endif
