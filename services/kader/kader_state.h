/* kader_state.h - what the files of the client library share about one kader (include/cakupan/kader.h). */
#ifndef KADER_STATE_H
#define KADER_STATE_H

#include "cakupan/kader.h"
#include "kader_link.h"
#include "kader_memory.h"
#include "kader_outbox.h"
#include "kader_socket.h"

#define KADER_EVENT_BYTES 1024 /* a serialized event at most: four texts of TEXT_MAX and the numbers */

/* A dry run that waits for its ack. */
struct kader_dry_run {
    uint64_t first_sequence; /* tells its ack from that of an earlier one; 0: none waits */
    uint32_t count;
    struct kader_answer *answers;
    bool answered;
    enum result result;
    struct failure failure;
};

struct kader {
    uint32_t device;
    char endpoint[160];
    enum language language;
    uint32_t frame_events;
    int64_t resend_us;
    struct outbox *outbox; /* one of these two holds the events */
    struct memory *memory;
    struct link *link;
    struct kader_socket *socket;
    struct arena arena; /* of the ack that is being read */
    kader_on_outcome *on_outcome;
    void *context;
    bool telling; /* inside on_outcome */
    bool blocked; /* the last frame could not go out yet */
    uint64_t accepted, refused;
    struct text_bytes *events; /* of the frame that is being made ... */
    uint8_t *contents;         /* ... their bytes, where they come from the outbox ... */
    uint8_t *frame;            /* ... and the frame */
    size_t contents_bytes, frame_bytes;
    struct kader_dry_run dry_run;
    uint64_t dry_runs;
};

/* Receives what has come, tells outcomes, sends what may go out. `*received`: whether anything came. */
MUST_USE enum result kader_exchange(struct kader *kader, bool *received, struct failure *why);
/* An ack of a dry run came. */
void kader_dry_run_answered(struct kader *kader, const struct wire_ack *ack);
/* Serializes kader->events[0..count) and sends them. False where the socket can't take them now. */
bool kader_send_frame(struct kader *kader, uint64_t first_sequence, uint32_t count, bool check_only);

#endif
