/* kader.h - the client library for apps that report membership changes to enrollment.
 *
 * An app opens a kader, queues events (durable in its outbox when the call returns, with or without a
 * network) and syncs when there is one; every event's outcome comes back once. Events carry (device,
 * sequence), so a lost ack, a crash or a bad link never doubles a person. An event leaves the outbox after
 * its outcome was told: an app that is killed right then is told again, the same, when it comes back, so it
 * should note outcomes by sequence. One kader belongs to one thread; several kaders may share a process.
 * Link with libcakupan_kader. A complete example: services/kader/example.c.
 */
#ifndef CAKUPAN_KADER_H
#define CAKUPAN_KADER_H

#include "cakupan/event.h"
#include "cakupan/result.h"

struct kader;

struct kader_config {
    /* The pairing file that `cakupan device add` wrote (mode 0600, refused otherwise): device number,
     * endpoint, keys. */
    const char *device_file;
    /* SQLite outbox on this device (mode 0600, made when first opened). NULL: events stay in memory only,
     * for bulk sources that can produce them again; sequences then go on from what enrollment expects. */
    const char *outbox;
    /* Overrides the endpoint of the pairing file; NULL: as paired. */
    const char *endpoint;
    uint32_t frame_events;  /* events a frame at most, 1..4096; 0: 50                               */
    uint32_t window_events; /* events on the way at most; 0: 20 frames                              */
    uint32_t resend_ms;     /* silence after which frames are sent again; 0: 5,000                  */
    enum language language; /* of the sentences in outcomes                                         */
};

struct kader_outcome {
    uint64_t sequence;
    uint64_t offset;      /* where it stands in the journal, accepted or refused */
    enum refusal refusal; /* REFUSAL_NONE: accepted */
    enum refusal warning; /* >= 200, or REFUSAL_NONE */
    const char *sentence; /* "" where there is nothing to say; valid during the call */
    const char *value;    /* the value at fault, masked */
    uint32_t ack_us;      /* from sending to the ack, microseconds */
};
/* Called from kader_step / kader_sync, once per event, in the order of sequences. Must not call back into
 * the kader. */
typedef void kader_on_outcome(void *context, const struct kader_outcome *outcome);

struct kader_counts {
    uint64_t queued;   /* in the outbox, not answered yet (sent or not) */
    uint64_t sent;     /* events sent since opening, repeats included   */
    uint64_t accepted; /* since opening */
    uint64_t refused;
    uint64_t busy;   /* frames answered "busy, retry after" */
    uint64_t resent; /* frames */
};

/* Opens the outbox and begins to connect; does not wait for a network. The caller owns `*out`. */
MUST_USE enum result kader_open(struct kader **out, const struct kader_config *config,
                                kader_on_outcome *on_outcome, void *context, struct failure *why);
/* Closes; what is queued stays in the outbox. NULLs the pointer; NULL is fine. */
void kader_close(struct kader **kader);

/* Queues one event: copies it, gives it the next sequence (event->sequence is ignored; event->captured_at_ms
 * 0 means now). Durable in the outbox when it returns; `sequence` may be NULL. RESULT_FULL: the memory
 * window of a bulk source is full (or enrollment has not said yet where its numbers go on), step first; or
 * the disk is full. RESULT_IO: whether it was stored is unknown, close and open again. */
MUST_USE enum result kader_queue(struct kader *kader, const struct event *event, uint64_t *sequence,
                                 struct failure *why);
/* The sequence that the next event queued will get; 0 while a bulk source has not heard yet what enrollment
 * expects (call kader_step). How a source that can produce its events again knows where to go on. */
uint64_t kader_next_sequence(const struct kader *kader);
/* Between these two, queued events become durable together, at the end: for many events at once. kader_step
 * waits for the commit (RESULT_CONFLICT before): only what is durable may be sent. */
MUST_USE enum result kader_begin(struct kader *kader, struct failure *why);
MUST_USE enum result kader_commit(struct kader *kader, struct failure *why);

/* An id for somebody without a NIK, made on this device, never twice (durable with the outbox). */
MUST_USE enum result kader_temporary_id(struct kader *kader, identity_t *out, struct failure *why);

/* One round: receives what has come, sends what may be sent, repeats what was lost; waits at most `wait_ms`
 * for the network (0: not at all). RESULT_OK: nothing is left to do; RESULT_AGAIN: something is on the way
 * or waits; RESULT_INVALID: enrollment and this device can't go on together, for good: DEVICE_REVOKED,
 * ID_REUSED (the outbox was copied), OUTBOX_BEHIND (it was lost or restored), ENROLLMENT_BEHIND (enrollment
 * lost data). Events stay queued. */
MUST_USE enum result kader_step(struct kader *kader, int wait_ms, struct failure *why);
/* Steps until all is answered (RESULT_OK) or `timeout_ms` has passed (RESULT_AGAIN). */
MUST_USE enum result kader_sync(struct kader *kader, int timeout_ms, struct failure *why);
/* Dry run: what enrollment would say to `count` events now; nothing is stored or queued. `outcomes` has room
 * for `count`; sentences are copied into it. */
struct kader_answer {
    enum refusal refusal, warning;
    char sentence[256];
    char value[64];
};
MUST_USE enum result kader_check(struct kader *kader, const struct event *events, size_t count,
                                 struct kader_answer *answers, int timeout_ms, struct failure *why);

void kader_count(const struct kader *kader, struct kader_counts *out);
/* Readable when kader_step has something to receive (edge-triggered, as ZMQ_FD). */
int kader_descriptor(const struct kader *kader);

/* Pairing: what `cakupan device add` writes and kader_open reads. Keys are Z85 (40 characters). */
struct kader_pairing {
    uint32_t device;
    char name[48];
    char endpoint[160];
    char server_key[41];
    char public_key[41];
    char secret_key[41];
};
/* Makes a new key pair. */
void kader_pairing_keys(struct kader_pairing *pairing);
/* Writes it with mode 0600, never over another file. */
MUST_USE enum result kader_pairing_save(const struct kader_pairing *pairing, const char *path,
                                        struct failure *why);
MUST_USE enum result kader_pairing_load(struct kader_pairing *pairing, const char *path, struct failure *why);

#endif
