/* intake.h - the heart of enrollment without sockets: frames in, one durable batch, acks out.
 *
 * A frame is staged: its events are decided and applied in memory at once, but nothing is answered before
 * intake_commit has made the batch durable. When a commit fails the state in memory is ahead of the disk: the
 * process must end and recover from the journal. Repeated events are answered from the journal, after the
 * commit. One thread; no clock, no socket: the simulation in tests drives this very code.
 */
#ifndef ENROLLMENT_INTAKE_H
#define ENROLLMENT_INTAKE_H

#include "cakupan/journal.h"
#include "cakupan/registry.h"
#include "doors.h"

#define INTAKE_BATCH_EVENTS 16384u
#define INTAKE_BATCH_BYTES  (8u << 20)
#define INTAKE_PEER_MAX     16

struct intake;

/* Where an ack goes: the routing id of the socket that the frame came from. */
struct intake_peer {
    uint8_t size;
    uint8_t id[INTAKE_PEER_MAX];
    bool door;    /* the socket is the door's ...                    */
    uint64_t ask; /* ... and this question of the gateway's waits for it */
};

/* The time of one turn of the loop, read once: business clock, never earlier than the batch before. */
struct intake_time {
    int64_t now_ms;
    day_t today;
    int64_t monotonic_ms; /* for allowances */
};

struct intake_counts {
    uint64_t accepted, refused, repeated; /* events */
    uint64_t frames_malformed, frames_busy, ids_reused, batches;
    uint64_t unanswerable; /* frames whose old answers can't be read from the journal any more */
};

/* All borrowed; `journal` must be at the registry's offset. */
struct intake *intake_new(struct journal *journal, struct registry *registry,
                          const struct doors_config *doors);
void intake_destroy(struct intake **intake);

/* Stages a frame from `device` (a number the ZAP handler gave; unknown or revoked ones are refused). `busy`
 * refuses whatever would be stored (disk nearly full). Call only while intake_has_room. */
void intake_frame(struct intake *intake, const struct intake_peer *peer, uint32_t device, const uint8_t *data,
                  size_t size, const struct intake_time *time, bool busy);
/* A message that can't even be a frame (several parts, too large, no identity). `device` may be 0: only
 * counted. A peer of size 0 can't be answered, but its device's door closes all the same. */
void intake_malformed(struct intake *intake, const struct intake_peer *peer, uint32_t device,
                      const struct intake_time *time);
/* Stages a record of the service's own (a day, due work, devices). Fills its offset. */
MUST_USE enum result intake_record(struct intake *intake, struct record *record,
                                   const struct intake_time *time, struct failure *why);
/* Begins the business day where it has come, then stages what falls due on it, as far as there is room.
 * RESULT_AGAIN: call again after the next commit, there is more. */
MUST_USE enum result intake_due(struct intake *intake, const struct intake_time *time, struct failure *why);

bool intake_has_room(const struct intake *intake);
bool intake_is_empty(const struct intake *intake); /* nothing staged, no ack waiting */

/* Makes what is staged durable, then hands out the acks. Not RESULT_OK: nothing more is answered; end and
 * recover. `committed` (may be NULL) sees the batch before the acks go out, if there was one. */
typedef void intake_on_ack(void *context, const struct intake_peer *peer, const uint8_t *ack, size_t size);
typedef void intake_on_batch(void *context, const struct journal_batch *batch);
MUST_USE enum result intake_commit(struct intake *intake, intake_on_ack *on_ack, intake_on_batch *on_batch,
                                   void *context, struct failure *why);

void intake_count(const struct intake *intake, struct intake_counts *out);
/* Events refused since the start, by enum refusal; those of frames refused as a whole (one where it has
 * none) with them. INTAKE_REFUSALS of them. */
#define INTAKE_REFUSALS 128u
const uint64_t *intake_refusals(const struct intake *intake);

#endif
