/* control.h - answers the operator's tools (proto/control.proto). Bytes in, bytes out: no socket in here. */
#ifndef ENROLLMENT_CONTROL_H
#define ENROLLMENT_CONTROL_H

#include "intake.h"
#include "latency.h"
#include "pairing.h"
#include "snapshotter.h"
#include "wire/arena.h"

/* What control looks at; all borrowed. */
struct control {
    struct intake *intake;
    struct registry *registry;
    struct journal *journal;
    const struct snapshotter *snapshotter;
    struct arena *arena;
    struct pairings *pairings;
    const struct latency *commit, *ack; /* NULL: not measured */
    int64_t started_ms, startup_ms;     /* monotonic; and how long the start took */
    uint64_t disk_free_bytes;
    bool busy;
    struct intake_time time; /* of this turn */
};

/* Answers one request into `out` (the caller frees it). A device that is added or revoked is staged as a
 * record: `*staged` becomes true, and the answer may go out only after the next commit. Nothing may be staged
 * when called. */
MUST_USE enum result control_answer(struct control *control, const uint8_t *request, size_t size,
                                    uint8_t **out, size_t *out_size, bool *staged, struct failure *why);

#endif
