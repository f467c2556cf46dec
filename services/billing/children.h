/* children.h - worker processes of this machine: started, ended, found dead.
 *
 * fork + exec at once. A child dies with the coordinator (PR_SET_PDEATHSIG, SIGKILL), so that after a crash
 * none of ours is left that nobody knows. A child that was expelled is killed by SIGKILL, which also ends a
 * stopped one.
 */
#ifndef BILLING_CHILDREN_H
#define BILLING_CHILDREN_H

#include "cakupan/lease.h"

struct children;

struct children_config {
    const char *program, *state, *city;
    const char *feed, *doorbell; /* "": the usual ones */
    day_t today;                 /* DAY_NONE: the real one */
};
/* Borrowed. Blocks SIGCHLD and takes it by a descriptor. */
struct children *children_new(const struct children_config *config);
/* Ends all (SIGTERM, SIGKILL after 2 s) and waits for them. */
void children_destroy(struct children **children);
int children_descriptor(const struct children *children); /* readable when one has ended */
/* Starts "billing-worker-NUMBER". */
MUST_USE enum result children_start(struct children *children, uint32_t number, struct failure *why);
void children_stop(struct children *children, uint32_t number); /* SIGTERM: it gives back first */
void children_kill(struct children *children, uint32_t number);
bool children_has(const struct children *children, uint32_t number);
/* The number of one that has ended, 0: none (more). Unasked ends are logged. When another is started is the
 * lease fold's to say. */
uint32_t children_reap(struct children *children);

/* What STATE/run/NAME.lock says: who runs under a name holds its lock while the process lives. */
enum worker_sign {
    WORKER_UNKNOWN, /* no such lock: nobody of this name ever ran in this state, or on another machine */
    WORKER_LIVES,
    WORKER_DEAD
};
enum worker_sign worker_sign(const char *state, const char *name);
/* Whether the process that runs STATE/run/NAME.lock lives: any worker of this machine, ours or not. */
bool worker_lives(const char *state, const char *name);

#endif
