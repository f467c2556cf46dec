/* supervisor.h - starts processes, keeps them alive, stops them in reverse order. One thread.
 *
 * A child is fork + exec at once (nothing but async-signal-safe calls between), so it does not matter that
 * this process may hold ZeroMQ contexts. It dies with us (PR_SET_PDEATHSIG), has a process group of its
 * own (Ctrl-C reaches only us, so that we stop things in order) and writes to STATE/log/NAME.log.
 */
#ifndef CLI_SUPERVISOR_H
#define CLI_SUPERVISOR_H

#include "cakupan/result.h"
#include "instance.h"

#include <stdbool.h>
#include <stdint.h>

#define SUPERVISOR_CHILDREN_MAX  8
#define SUPERVISOR_ARGUMENTS_MAX 24

struct supervisor;

/* `state` is borrowed. Blocks SIGINT, SIGTERM, SIGHUP and SIGCHLD and takes them by a descriptor. Waits (30
 * s) for what a killed supervisor of this state left running. */
MUST_USE enum result supervisor_open(struct supervisor **out, const char *state, struct failure *why);
/* Stops everything (30 s each, then SIGKILL) and frees. */
void supervisor_close(struct supervisor **supervisor);

/* What to start: `arguments` (copied, NULL at the end) begin with the program's path or name. It is ready
 * once `ready` exists: a file, or with `ready_is_socket` a unix socket that accepts connections. `ready`
 * is removed before each start. What a person allowed for this start alone is in `first_arguments`: once the
 * child was ready, a restart goes without them. One that `may_rest` is a helper that the others can be
 * without: when it ends because a person must look (SERVICE_EXIT_CANNOT_START), that is said once, and it is
 * not started again. */
struct child_plan {
    const char *name;
    const char *const *arguments;
    const char *const *first_arguments; /* more of them, until it was ready; NULL: none */
    const char *ready;
    bool ready_is_socket;
    bool may_rest;
};
/* Starts it and waits until it is ready. RESULT_INVALID with the child's own code and sentence where it
 * can't start; RESULT_AGAIN where a stop was asked for meanwhile. */
MUST_USE enum result supervisor_start(struct supervisor *supervisor, const struct child_plan *plan,
                                      struct failure *why);
/* One round: takes signals, reaps, restarts what is due; waits at most `wait_ms`. False once a stop was
 * asked for. */
bool supervisor_step(struct supervisor *supervisor, int wait_ms);

#endif
