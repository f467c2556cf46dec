/* fleet.h - many devices in one process and one thread: opens their kaders, keeps them moving, tells every
 * outcome.
 *
 * Devices hold their events in memory only. A device that enrollment refuses (revoked) is left out from
 * then on and counted. Waiting is by epoll on all devices together, so an ack is read as soon as it comes.
 */
#ifndef KADER_FLEET_H
#define KADER_FLEET_H

#include "cakupan/kader.h"

struct fleet;

struct fleet_device {
    const char *device_file; /* pairing */
    uint32_t area;           /* as paired: 0 or four, six, ten digits */
    uint8_t group;           /* the caller's; told with every outcome */
    uint32_t frame_events;   /* 0: 50        */
    uint32_t window_events;  /* 0: 20 frames */
};

typedef void fleet_on_outcome(void *context, uint8_t group, const struct kader_outcome *outcome);

struct fleet_options {
    const char *endpoint; /* NULL: as paired */
    uint32_t patience_ms; /* without a sign of enrollment */
    fleet_on_outcome *on_outcome;
    void *context;
};

/* What a group's devices did since they were added. */
struct fleet_counts {
    uint32_t devices, refused_devices;
    uint64_t waiting; /* queued, not answered */
    uint64_t sent, busy, resent;
};

MUST_USE enum result fleet_new(struct fleet **out, const struct fleet_options *options, struct failure *why);
void fleet_destroy(struct fleet **fleet);

/* Opens devices and waits until enrollment has greeted each. RESULT_AGAIN: it gave no sign for the time of
 * patience. */
MUST_USE enum result fleet_add(struct fleet *fleet, const struct fleet_device *devices, size_t count,
                               struct failure *why);
size_t fleet_size(const struct fleet *fleet);
/* The number that `cakupan device add` gave the device, its area and its group. */
uint32_t fleet_device_number(const struct fleet *fleet, size_t index);
uint32_t fleet_device_area(const struct fleet *fleet, size_t index);
uint8_t fleet_device_group(const struct fleet *fleet, size_t index);

/* RESULT_FULL: the device's window is full, or it was refused. */
MUST_USE enum result fleet_queue(struct fleet *fleet, size_t index, const struct event *event,
                                 struct failure *why);
/* Sends what was queued for the device. */
MUST_USE enum result fleet_send(struct fleet *fleet, size_t index, struct failure *why);
/* One round over all devices that have something to receive or to repeat; waits at most `wait_ms` for the
 * first. RESULT_INVALID: enrollment refuses every device. */
MUST_USE enum result fleet_round(struct fleet *fleet, int wait_ms, struct failure *why);
/* Events of all devices that wait for their answer. */
uint64_t fleet_waiting(const struct fleet *fleet);
struct fleet_counts fleet_count(const struct fleet *fleet, uint8_t group);

#endif
