/* service_view.c - what can be seen of a service's process from outside (service_view.h). */
#include "service_view.h"

#include "instance.h"
#include "runtime/clock.h"
#include "runtime/file.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Field 22 of /proc/PID/stat, in clock ticks since boot; the name in field 2 may hold spaces and brackets
 * (proc(5)). */
static int64_t started_ms(pid_t pid) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    char *at = read ? strrchr(line, ')') : NULL;
    unsigned long long ticks = 0;
    if (!at ||
        sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &ticks) != 1)
        return -1;
    return (int64_t)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

static uint64_t resident_bytes(pid_t pid) {
    char path[64];
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

struct service_view service_view_pid(pid_t pid) {
    struct timespec boot;
    int64_t started = pid > 0 ? started_ms(pid) : -1;
    if (started < 0 || clock_gettime(CLOCK_BOOTTIME, &boot) != 0)
        return (struct service_view){0};
    return (struct service_view){.pid = pid,
                                 .uptime_ms = (int64_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000 - started,
                                 .resident_bytes = resident_bytes(pid)};
}

struct service_view service_view_ready(const char *state, const char *name) {
    char path[INSTANCE_PATH], text[4096];
    instance_path(path, state, "run/%s.ready", name);
    if (file_read(path, false, text, sizeof text, NULL) != RESULT_OK)
        return (struct service_view){0};
    const char *pid = strstr(text, "pid=");
    return service_view_pid(pid ? (pid_t)strtol(pid + 4, NULL, 10) : 0);
}
