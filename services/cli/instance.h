/* instance.h - one running instance of the city: the files below STATE that its parts find each other by.
 *
 * STATE/run/supervisor.lock is locked (fcntl) by `cakupan up` while it lives, so the kernel knows its pid
 * and a pid file can't lie; a service is alive where its unix socket accepts a connection.
 */
#ifndef CLI_INSTANCE_H
#define CLI_INSTANCE_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define INSTANCE_PATH 256

/* STATE/`relative`, printf-like. Too long a path is cut: callers check STATE once by instance_state_check. */
void instance_path(char out[INSTANCE_PATH], const char *state, const char *relative, ...)
    __attribute__((format(printf, 3, 4)));
/* RESULT_INVALID where unix sockets below `state` would not fit into a socket address (107 bytes). */
MUST_USE enum result instance_state_check(const char *state, struct failure *why);
/* Makes STATE, run, log, keys, keys/devices and outbox where they are missing, mode 0700. */
MUST_USE enum result instance_directories(const char *state, struct failure *why);

/* Takes the supervisor's lock; RESULT_CONFLICT (STATE_IN_USE) names the pid that has it. Held until the
 * process ends. */
MUST_USE enum result instance_lock(const char *state, int *lock_fd, struct failure *why);
/* The pid of the supervisor that runs this state; 0 where there is none. */
pid_t instance_supervisor(const char *state);
/* Whether somebody listens on STATE/run/NAME.sock. */
bool instance_listens(const char *state, const char *name);
/* RESULT_IO (NO_PERMISSION) where STATE is there and this user may not enter it. */
MUST_USE enum result instance_permission(const char *state, struct failure *why);
/* Says why nobody does: STATE may not be entered (NO_PERMISSION), the supervisor is about to start NAME
 * again, or no city runs (both NOT_RUNNING). Never RESULT_OK. */
MUST_USE enum result instance_silent(const char *state, const char *name, struct failure *why);
bool instance_socket_listens(const char *path);

#endif
