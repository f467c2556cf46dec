/* snapshotter.h - writes the registry's snapshot beside the journal without stopping the service.
 *
 * A child made by fork sees the state as it was at that instant, writes it and exits; the parent goes on. The
 * child uses nothing but its memory and plain system calls: no ZeroMQ, no SQLite, no allocation, no locks of
 * other threads.
 */
#ifndef ENROLLMENT_SNAPSHOTTER_H
#define ENROLLMENT_SNAPSHOTTER_H

#include "recovery.h"

#include <sys/types.h>

struct snapshotter {
    char path[256];
    pid_t child; /* 0: none at work */
    uint64_t child_offset;
    uint64_t done_offset; /* of the last snapshot that was completed */
    int64_t retry_at_ms;  /* after a failure: not before */
};

/* Due when this many records came after the last one, or fewer when the service is at rest. */
#define SNAPSHOT_RECORDS         1000000u
#define SNAPSHOT_RECORDS_AT_REST 20000u

/* Starts a child where one is due and none at work; reaps one that has ended. */
void snapshotter_work(struct snapshotter *snapshotter, const struct registry *registry,
                      struct journal *journal, bool at_rest, int64_t monotonic_ms);
/* At a clean stop: in this process, after the last commit. */
MUST_USE enum result snapshotter_final(struct snapshotter *snapshotter, const struct registry *registry,
                                       struct journal *journal, struct failure *why);

#endif
