/* service.h - what every service process does the same way: options, state directory, signals, readiness.
 *
 * Start: service_start parses the common options, changes nothing outside STATE, takes STATE/run/NAME.lock
 * (a second instance fails with STATE_IN_USE), opens signals. Ready: service_ready writes
 * STATE/run/NAME.ready (pid, endpoints) atomically. Stop: SIGTERM or SIGINT makes service_stopping true;
 * the loop drains and ends.
 */
#ifndef RUNTIME_SERVICE_H
#define RUNTIME_SERVICE_H

#include "cakupan/calendar.h"
#include "cakupan/result.h"

#include <stdbool.h>

struct service {
    const char *name;
    const char *command; /* how it is called, for its help: argv[0] without its directory */
    char state[128];     /* directory; kept short since unix socket paths end at 107 bytes */
    char city[256];      /* directory with the city's data files */
    int signal_fd;       /* readable when a stop was asked for; poll it */
    int lock_fd;
    day_t today;   /* --today, DAY_NONE: the real one; the clock is set to it already */
    bool stopping; /* a stop was asked for */
};

/* An option of the service's own: "--listen" with a value to be stored. */
struct service_option {
    const char *name;  /* "listen" */
    const char *value; /* default; replaced by what the command line says */
    const char *help;
};
/* Parses --state, --city, --today, --help and `options` (ended by a NULL name). Prints help or the failure
 * and exits (0, or 2 for usage). Otherwise directories exist (0700) and the lock is held: failures go to
 * `why`. Calls log_open and socket_setup. STATE/format holds the version of the state's layout: another
 * one is RESULT_CONFLICT with STATE_VERSION. A child made by fork must close lock_fd, or it holds the lock
 * on after its parent. */
MUST_USE enum result service_start(struct service *service, const char *name, const char *summary, int argc,
                                   char **argv, struct service_option *options, struct failure *why);
/* `details`: lines "key=value" for whoever starts services, NULL: none. */
MUST_USE enum result service_ready(struct service *service, const char *details, struct failure *why);
/* Reads what waits on signal_fd; true from the first stop signal on. */
bool service_stopping(struct service *service);
void service_end(struct service *service);
/* STATE/run/NAME.sock as "ipc://..." endpoint. */
void service_ipc(const char *state, const char *name, char *out, size_t size);

/* Exit codes of services, so that whoever supervises knows what to do. */
enum service_exit {
    SERVICE_EXIT_OK = 0,
    SERVICE_EXIT_USAGE = 2,
    SERVICE_EXIT_CANNOT_START = 3, /* needs a person: port taken, state of another version */
    SERVICE_EXIT_RECOVER = 75      /* start me again: I/O error, recover from the journal  */
};

#endif
