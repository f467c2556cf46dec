/* enrollment_internal.h - what the files of the service's shell share. */
#ifndef ENROLLMENT_ENROLLMENT_INTERNAL_H
#define ENROLLMENT_ENROLLMENT_INTERNAL_H

#include "business_clock.h"
#include "door.h"
#include "enrollment.h"
#include "intake.h"
#include "runtime/doorbell.h"
#include "runtime/feed_server.h"
#include "runtime/poller.h"
#include "runtime/router.h"
#include "runtime/socket.h"
#include "runtime/zap.h"
#include "snapshotter.h"
#include "store/city.h"

/* What the loop waits for, by its number in the poller. */
enum enrollment_poll { POLL_EVENTS, POLL_ZAP, POLL_FEED, POLL_CONTROL, POLL_DOOR, POLL_SIGNAL };

/* What the gateway asked in this turn, until nothing is staged any more. */
#define DOOR_QUESTIONS_A_TURN 64
struct door_questions {
    uint32_t count;
    struct router_message at[DOOR_QUESTIONS_A_TURN + 1]; /* one more to receive into */
};

struct enrollment {
    struct service *service;
    const struct enrollment_config *config;
    struct city *city;
    struct journal *journal;
    struct registry *registry;
    struct intake *intake;
    struct feed_server *feed_server;
    struct snapshotter snapshotter;
    struct arena control_arena;
    struct pairings *pairings;
    struct latency commit, ack;    /* since the start                               */
    int64_t turn_us, committed_us; /* monotonic: when this turn began, its commit ended */
    uint32_t acks;                 /* of this commit                                 */
    struct door_questions questions;

    struct curve_keys keys;
    struct zap *zap;
    zsock_t *events, *control, *door, *feed, *doorbell;
    struct poller *poller;

    struct business_clock clock;
    int64_t started_us, startup_ms;
    int64_t disk_checked_ms, active_ms; /* monotonic */
    uint64_t disk_free_bytes;
    bool disk_low, clock_leapt;
    bool busy; /* for one of these: events are answered so, and no day is begun */
    uint64_t ids_reused_alarmed;
    uint64_t unanswerable_alarmed;
    struct doorbell bells;
    int64_t alarm_again_ms;
};

/* enrollment_open.c: everything that exists before the first turn, and its end. */
MUST_USE enum result enrollment_open(struct enrollment *enrollment, struct failure *why);
void enrollment_close(struct enrollment *enrollment);

/* enrollment_sockets.c: one function per socket; each handles a bounded number of messages. */
void enrollment_take_frames(struct enrollment *enrollment, const struct intake_time *time);
void enrollment_take_door(struct enrollment *enrollment, const struct intake_time *time);
void enrollment_send_ack(void *context, const struct intake_peer *peer, const uint8_t *ack, size_t size);
MUST_USE enum result enrollment_serve_feed(struct enrollment *enrollment, struct failure *why);
MUST_USE enum result enrollment_serve_control(struct enrollment *enrollment, const struct intake_time *time,
                                              struct failure *why);
/* Answers the questions that enrollment_take_door has put aside; nothing may be staged. */
MUST_USE enum result enrollment_answer_door(struct enrollment *enrollment, const struct intake_time *time,
                                            struct failure *why);
void enrollment_ring(struct enrollment *enrollment, enum doorbell_bell bell, uint64_t head);

/* enrollment.c: commits what is staged and rings the doorbell. */
MUST_USE enum result enrollment_commit(struct enrollment *enrollment, struct failure *why);

#endif
