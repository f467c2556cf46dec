/* doors.h - one door per device: how fast it may send, and when it is closed for a while. Pure: time is an
 * argument.
 *
 * A token bucket bounds events per second, so that a flooding device is slowed (BUSY, retry after) and others
 * do not notice; a device that goes on sending bytes which are no frames finds its door closed.
 */
#ifndef ENROLLMENT_DOORS_H
#define ENROLLMENT_DOORS_H

#include "cakupan/device.h"

struct doors;

struct doors_config {
    uint32_t events_per_second;      /* for one device; burst: one second's worth             */
    uint32_t bulk_events_per_second; /* for roles that send whole lists (offices, BPJS)       */
};

struct door_answer {
    enum refusal refusal; /* REFUSAL_NONE: come in; REFUSAL_BUSY or REFUSAL_DOOR_CLOSED */
    uint32_t retry_after_ms;
};

struct doors *doors_new(const struct doors_config *config);
void doors_destroy(struct doors **doors);
/* Whether `device` may bring in a frame of `events` now (0 counts as 1), and takes them off its allowance. */
struct door_answer doors_knock(struct doors *doors, const struct device *device, uint32_t events,
                               int64_t now_ms);
/* Takes off the allowance what an answer turned out to cost, in events: it may go into debt. */
void doors_charge(struct doors *doors, uint32_t device, uint32_t events);
/* The device sent something that is no frame: DOOR_MALFORMED_MAX of them within a minute close its door for a
 * while. */
#define DOOR_MALFORMED_MAX 10
#define DOOR_CLOSED_MS     30000
void doors_malformed(struct doors *doors, uint32_t device, int64_t now_ms);
/* Whether the door is closed, without looking at an allowance: asked before a frame is decoded. */
struct door_answer doors_closed(struct doors *doors, uint32_t device, int64_t now_ms);

#endif
