/* fleet.c - kaders by the thousand on one epoll (fleet.h). */
#include "fleet.h"

#include "runtime/clock.h"
#include "runtime/require.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define WAVE              128 /* devices that shake hands at a time: CURVE costs enrollment 1 ms each */
#define READY_MAX         256
#define SWEEP_US          20000 /* how often timers of all devices are looked at */
#define DESCRIPTORS_EACH  4     /* of one device: mailbox, connection, spare ones to reconnect */
#define DESCRIPTORS_OTHER 64

struct fleet_member {
    struct fleet *fleet;
    struct kader *kader;
    uint32_t device, area;
    uint8_t group;
    bool refused;
    uint64_t waiting;
};

struct fleet {
    struct fleet_options options;
    struct fleet_member **members; /* by pointer: outcomes bear it as their context */
    size_t count, capacity;
    size_t refused;
    struct failure first_refusal;
    uint64_t waiting;
    int epoll;
    int64_t swept_us;
};

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    struct fleet_member *member = context;
    member->waiting--;
    member->fleet->waiting--;
    member->fleet->options.on_outcome(member->fleet->options.context, member->group, outcome);
}

enum result fleet_new(struct fleet **out, const struct fleet_options *options, struct failure *why) {
    struct fleet *fleet = calloc(1, sizeof *fleet);
    require(fleet, "out of memory");
    fleet->options = *options;
    fleet->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (fleet->epoll < 0) {
        free(fleet);
        return fail(why, RESULT_FULL, "DESCRIPTORS", "No file descriptor is left (%s): raise ulimit -n.",
                    strerror(errno));
    }
    *out = fleet;
    return RESULT_OK;
}

void fleet_destroy(struct fleet **fleet) {
    if (!*fleet)
        return;
    for (size_t i = 0; i < (*fleet)->count; i++) {
        kader_close(&(*fleet)->members[i]->kader);
        free((*fleet)->members[i]);
    }
    close((*fleet)->epoll);
    free((*fleet)->members);
    free(*fleet);
    *fleet = NULL;
}

/* Raises the soft limit of descriptors to what so many devices need. */
static enum result allow_descriptors(size_t devices, struct failure *why) {
    struct rlimit limit;
    rlim_t needed = (rlim_t)devices * DESCRIPTORS_EACH + DESCRIPTORS_OTHER;
    require(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit failed");
    if (limit.rlim_cur >= needed)
        return RESULT_OK;
    if (limit.rlim_max >= needed) {
        limit.rlim_cur = needed;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
            return RESULT_OK;
    }
    return fail(
        why, RESULT_FULL, "DESCRIPTORS",
        "%zu devices need %lu file descriptors, %lu are allowed: raise ulimit -n or take fewer devices.",
        devices, (unsigned long)needed, (unsigned long)limit.rlim_max);
}

static void refuse(struct fleet_member *member, const struct failure *why) {
    struct fleet *fleet = member->fleet;
    if (fleet->refused++ == 0)
        fleet->first_refusal = *why;
    member->refused = true;
    fleet->waiting -= member->waiting;
    member->waiting = 0;
    kader_close(&member->kader);
}

static enum result step(struct fleet_member *member, struct failure *why) {
    if (member->refused)
        return RESULT_OK;
    struct failure failure;
    enum result result = kader_step(member->kader, 0, &failure);
    if (result == RESULT_OK || result == RESULT_AGAIN)
        return RESULT_OK;
    if (result == RESULT_INVALID) {
        refuse(member, &failure);
        return RESULT_OK;
    }
    return fail(why, result, failure.code, "%s", failure.sentence);
}

static enum result open_member(struct fleet *fleet, const struct fleet_device *device, struct failure *why) {
    struct kader_pairing pairing;
    enum result result = kader_pairing_load(&pairing, device->device_file, why);
    uint32_t number = pairing.device;
    explicit_bzero(&pairing, sizeof pairing);
    if (result != RESULT_OK)
        return result;
    struct fleet_member *member = calloc(1, sizeof *member);
    require(member, "out of memory");
    *member =
        (struct fleet_member){.fleet = fleet, .device = number, .area = device->area, .group = device->group};
    struct kader_config config = {.device_file = device->device_file,
                                  .endpoint = fleet->options.endpoint,
                                  .frame_events = device->frame_events,
                                  .window_events = device->window_events};
    result = kader_open(&member->kader, &config, on_outcome, member, why);
    if (result != RESULT_OK) {
        free(member);
        return result;
    }
    fleet->members[fleet->count++] = member;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = member};
    if (epoll_ctl(fleet->epoll, EPOLL_CTL_ADD, kader_descriptor(member->kader), &event) != 0)
        return fail(why, RESULT_FULL, "DESCRIPTORS", "A device can't be waited for (%s).", strerror(errno));
    return step(member, why);
}

static size_t not_greeted(const struct fleet *fleet, size_t from) {
    size_t count = 0;
    for (size_t i = from; i < fleet->count; i++)
        count += !fleet->members[i]->refused && kader_next_sequence(fleet->members[i]->kader) == 0;
    return count;
}

static enum result wait_for_greetings(struct fleet *fleet, size_t from, struct failure *why) {
    size_t left = not_greeted(fleet, from);
    int64_t heard_us = clock_monotonic_us();
    while (left > 0) {
        enum result result = fleet_round(fleet, 10, why);
        if (result != RESULT_OK)
            return result;
        size_t now_left = not_greeted(fleet, from);
        if (now_left < left)
            heard_us = clock_monotonic_us();
        left = now_left;
        if (clock_monotonic_us() - heard_us > fleet->options.patience_ms * INT64_C(1000))
            return fail(why, RESULT_AGAIN, "NO_ANSWER",
                        "Enrollment gave no answer for %u ms to %zu of %zu devices: see whether it runs.",
                        fleet->options.patience_ms, left, fleet->count);
    }
    return RESULT_OK;
}

enum result fleet_add(struct fleet *fleet, const struct fleet_device *devices, size_t count,
                      struct failure *why) {
    enum result result = allow_descriptors(fleet->count + count, why);
    if (result != RESULT_OK)
        return result;
    fleet->members = realloc(fleet->members, (fleet->count + count) * sizeof *fleet->members);
    require(fleet->members || fleet->count + count == 0, "out of memory");
    size_t wave_from = fleet->count;
    for (size_t i = 0; result == RESULT_OK && i < count; i++) {
        result = open_member(fleet, &devices[i], why);
        bool wave_full = fleet->count - wave_from == WAVE || i + 1 == count;
        if (result == RESULT_OK && wave_full) {
            result = wait_for_greetings(fleet, wave_from, why);
            wave_from = fleet->count;
        }
    }
    return result;
}

size_t fleet_size(const struct fleet *fleet) {
    return fleet->count;
}
uint32_t fleet_device_number(const struct fleet *fleet, size_t index) {
    return fleet->members[index]->device;
}
uint32_t fleet_device_area(const struct fleet *fleet, size_t index) {
    return fleet->members[index]->area;
}
uint8_t fleet_device_group(const struct fleet *fleet, size_t index) {
    return fleet->members[index]->group;
}
uint64_t fleet_waiting(const struct fleet *fleet) {
    return fleet->waiting;
}

enum result fleet_queue(struct fleet *fleet, size_t index, const struct event *event, struct failure *why) {
    struct fleet_member *member = fleet->members[index];
    if (member->refused)
        return RESULT_FULL;
    enum result result = kader_queue(member->kader, event, NULL, why);
    if (result == RESULT_OK) {
        member->waiting++;
        fleet->waiting++;
    }
    return result;
}

enum result fleet_send(struct fleet *fleet, size_t index, struct failure *why) {
    return step(fleet->members[index], why);
}

/* A ZeroMQ descriptor tells of a change once, and sending may swallow it: so everybody who waits is looked
 * at now and then; that also keeps their timers going. */
static enum result sweep(struct fleet *fleet, struct failure *why) {
    int64_t now_us = clock_monotonic_us();
    if (now_us - fleet->swept_us < SWEEP_US)
        return RESULT_OK;
    fleet->swept_us = now_us;
    for (size_t i = 0; i < fleet->count; i++) {
        struct fleet_member *member = fleet->members[i];
        bool greeted = member->refused || kader_next_sequence(member->kader) != 0;
        enum result result = greeted && member->waiting == 0 ? RESULT_OK : step(member, why);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

enum result fleet_round(struct fleet *fleet, int wait_ms, struct failure *why) {
    struct epoll_event ready[READY_MAX];
    int count = epoll_wait(fleet->epoll, ready, READY_MAX, wait_ms);
    if (count < 0 && errno != EINTR)
        return fail(why, RESULT_IO, "EPOLL", "Waiting for the devices failed (%s).", strerror(errno));
    for (int i = 0; i < count; i++) {
        enum result result = step(ready[i].data.ptr, why);
        if (result != RESULT_OK)
            return result;
    }
    enum result result = sweep(fleet, why);
    if (result == RESULT_OK && fleet->count > 0 && fleet->refused == fleet->count)
        return fail(why, RESULT_INVALID, fleet->first_refusal.code, "%s", fleet->first_refusal.sentence);
    return result;
}

struct fleet_counts fleet_count(const struct fleet *fleet, uint8_t group) {
    struct fleet_counts total = {0};
    for (size_t i = 0; i < fleet->count; i++) {
        const struct fleet_member *member = fleet->members[i];
        if (member->group != group)
            continue;
        total.devices++;
        total.refused_devices += member->refused;
        if (member->refused)
            continue;
        struct kader_counts counts;
        kader_count(member->kader, &counts);
        total.waiting += member->waiting;
        total.sent += counts.sent;
        total.busy += counts.busy;
        total.resent += counts.resent;
    }
    return total;
}
