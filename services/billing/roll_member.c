/* roll_member.c - which process a report is of: names, instances and numbers of workers (roll_state.h).
 *
 * Ours are numbered as their names are. Others get numbers from 101 on. A name belongs to one process at a
 * time: on this machine the lock of STATE/run sees to it, so another instance says that the one before has
 * ended; over tcp the newcomer is not heard before the other has been silent for a lease.
 */
#include "roll_state.h"

#include "runtime/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRANGERS_FROM 101u
#define LOCAL_PREFIX   "billing-worker-"

struct roll_member *roll_member_of(struct roll *roll, uint32_t number) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        if (roll->members[i].number == number)
            return &roll->members[i];
    }
    return NULL;
}

void roll_member_forget(struct roll *roll, uint32_t number) {
    struct roll_member *member = number ? roll_member_of(roll, number) : NULL;
    if (member)
        member->number = 0;
}

static struct roll_member *by_name(struct roll *roll, const char *name) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct roll_member *member = &roll->members[i];
        if (member->number != 0 && strcmp(member->name, name) == 0)
            return member;
    }
    return NULL;
}

/* The number of one of our own processes, 0 where it is none. */
static uint32_t local_number(const struct roll *roll, const char *name, const struct worker_peer *peer) {
    size_t prefix = strlen(LOCAL_PREFIX);
    if (peer->tcp || !roll->children || strncmp(name, LOCAL_PREFIX, prefix) != 0 ||
        strspn(name + prefix, "0123456789") != strlen(name + prefix))
        return 0;
    uint32_t number = (uint32_t)strtoul(name + prefix, NULL, 10);
    return number < STRANGERS_FROM && children_has(roll->children, number) ? number : 0;
}

static uint32_t strangers_number(struct roll *roll) {
    uint32_t number = STRANGERS_FROM;
    while (roll_member_of(roll, number))
        number++;
    return number;
}

static struct roll_member *enrol(struct roll *roll, const struct wire_worker_report *report,
                                 const struct worker_peer *peer) {
    struct roll_member *member = roll_member_of(roll, 0);
    if (!member)
        return NULL;
    uint32_t local = local_number(roll, report->name, peer);
    *member = (struct roll_member){.local = local != 0, .instance = report->instance};
    member->number = local ? local : strangers_number(roll);
    snprintf(member->name, sizeof member->name, "%s", report->name);
    log_info("%s has joined as worker %" PRIu32 " (pid %" PRIu32 ")", member->name, member->number,
             report->pid);
    return member;
}

static bool heard_lately(const struct roll *roll, uint32_t number, int64_t now_ms) {
    struct lease_worker workers[LEASE_WORKERS_MAX];
    uint32_t count = lease_workers(roll->leases, workers);
    for (uint32_t i = 0; i < count; i++) {
        if (workers[i].number == number)
            return now_ms - workers[i].heard_ms < roll->config.lease.lease_ms;
    }
    return false;
}

struct roll_member *roll_member_for(struct roll *roll, const struct wire_worker_report *report,
                                    const struct worker_peer *peer, int64_t now_ms, uint32_t *gone) {
    struct roll_member *member = by_name(roll, report->name);
    *gone = 0;
    if (!member)
        return enrol(roll, report, peer);
    if (member->instance == report->instance)
        return member;
    if (!(peer->tcp || member->peer.tcp) || !heard_lately(roll, member->number, now_ms))
        *gone = member->number;
    return NULL;
}
