/* enrollment_open.c - opens journal, registry and sockets in the order that makes a failed start harmless. */
#include "enrollment_internal.h"

#include "journal_place.h"
#include "runtime/clock.h"
#include "runtime/log.h"
#include "store/journal_sqlite.h"
#include "wire/wire_door.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define FEED_TAIL_BYTES     (12u << 20)
#define CONTROL_ARENA_BYTES (64u << 20)
/* Replies on their way to one follower, whole ones: libzmq counts a reply of many frames as one message. A
 * follower has at most two requests out; one that never reads must not gather gigabytes here. */
#define FEED_HIGH_WATER 8
/* Of one device: frames, of 1 MiB at most, wait here until the loop takes them; acks that do not fit are
 * dropped, and libzmq learns what was read in steps of half its bound only, so that is far above a window. */
#define FRAMES_HIGH_WATER 256
#define ACKS_HIGH_WATER   8192
/* As many questions as the gateway may have open. */
#define DOOR_HIGH_WATER 1024
#define BULK_FACTOR     50
#define CLOCK_BEHIND_MS 60000

/* A revoked device may connect, to be told so with every message (intake.c): turned away at the handshake it
 * could not tell a revocation from a network that is down. */
static bool lookup_device(void *context, const uint8_t key[32], char user_id[32]) {
    const struct enrollment *enrollment = context;
    const struct device *device = registry_device_by_key(enrollment->registry, key);
    if (!device)
        return false;
    snprintf(user_id, 32, "%u", device->id);
    return true;
}

static enum result open_journal(struct enrollment *enrollment, struct failure *why) {
    char path[200];
    struct failure unmarked;
    const char *state = enrollment->service->state;
    enum result result = journal_place_find(state, path, sizeof path, why);
    if (result == RESULT_OK)
        result = journal_sqlite_open(&enrollment->journal, path, why);
    /* A disk without room for the mark may have room for events: the next start makes it. */
    if (result == RESULT_OK && journal_place_mark(state, &unmarked) != RESULT_OK)
        log_warning("a journal that is lost would not be noticed: %s", unmarked.sentence);
    return result;
}

static void log_recovery(const struct recovery *recovery) {
    uint64_t offset = registry_next_offset(recovery->registry) - 1;
    if (recovery->lost_offset > 0)
        log_alarm("the journal ends at offset %llu, but was at %llu: what was acknowledged between is "
                  "forgotten, as --accept-lost-end says",
                  (unsigned long long)offset, (unsigned long long)recovery->lost_offset);
    if (recovery->snapshot_bad)
        log_alarm(
            "the registry's snapshot failed its check and was left aside: replayed the journal instead");
    log_info("recovered %u members at offset %llu: snapshot at %llu, then %llu records",
             registry_member_count(recovery->registry), (unsigned long long)offset,
             (unsigned long long)recovery->snapshot_offset, (unsigned long long)recovery->replayed);
}

static enum result open_state(struct enrollment *enrollment, struct failure *why) {
    const char *state = enrollment->service->state;
    enum result result = open_journal(enrollment, why);
    if (result != RESULT_OK)
        return result;
    snprintf(enrollment->snapshotter.path, sizeof enrollment->snapshotter.path,
             "%s/journal/registry.snapshot", state);
    struct recovery recovery;
    struct recovery_config config = {.snapshot_path = enrollment->snapshotter.path,
                                     .regions = &enrollment->city->regions,
                                     .policy = &enrollment->city->policy,
                                     .accept_lost_end = enrollment->config->accept_lost_end};
    result = recovery_run(&recovery, enrollment->journal, &config, why);
    if (result != RESULT_OK)
        return result;
    log_recovery(&recovery);
    enrollment->registry = recovery.registry;
    enrollment->snapshotter.done_offset = recovery.snapshot_offset;
    enrollment->clock.time_ms = recovery.head.time_ms;
    if (clock_now_ms() + CLOCK_BEHIND_MS < enrollment->clock.time_ms)
        log_alarm(
            "the clock is behind the journal's last batch by %lld s: business time stands still until it "
            "has caught up; check the clock, or --today",
            (long long)(enrollment->clock.time_ms - clock_now_ms()) / 1000);
    return RESULT_OK;
}

static enum result open_local(struct enrollment *enrollment, zsock_t **out, int type, const char *endpoint,
                              const char *name, int send_high_water, struct failure *why) {
    char path[160];
    if (endpoint[0] == '\0')
        service_ipc(enrollment->service->state, name, path, sizeof path);
    else
        snprintf(path, sizeof path, "%s", endpoint);
    struct socket_options options = {.keys = &enrollment->keys, .send_high_water = send_high_water};
    return socket_bind(out, type, path, &options, why);
}

/* The gateway is one peer with the frames of all its people. */
static enum result open_door(struct enrollment *enrollment, struct failure *why) {
    char path[160];
    service_ipc(enrollment->service->state, "enrollment-door", path, sizeof path);
    struct socket_options options = {.keys = &enrollment->keys,
                                     .high_water = DOOR_HIGH_WATER,
                                     .max_message_bytes = DOOR_REQUEST_MAX_BYTES};
    enrollment->pairings = pairings_new();
    return socket_bind(&enrollment->door, ZMQ_ROUTER, path, &options, why);
}

static enum result open_sockets(struct enrollment *enrollment, struct failure *why) {
    char keys[160];
    snprintf(keys, sizeof keys, "%s/keys", enrollment->service->state);
    const struct enrollment_config *config = enrollment->config;
    struct socket_options events = {
        .keys = &enrollment->keys, .high_water = FRAMES_HIGH_WATER, .send_high_water = ACKS_HIGH_WATER};
    enum result result = curve_keys_load(&enrollment->keys, keys, "enrollment", why);
    if (result == RESULT_OK)
        result = zap_open(&enrollment->zap, lookup_device, enrollment, why);
    if (result == RESULT_OK)
        result = socket_bind(&enrollment->events, ZMQ_ROUTER, config->listen, &events, why);
    if (result == RESULT_OK)
        result = open_local(enrollment, &enrollment->control, ZMQ_ROUTER, "", "enrollment-control", 0, why);
    if (result == RESULT_OK)
        result = open_door(enrollment, why);
    if (result == RESULT_OK)
        result = open_local(enrollment, &enrollment->feed, ZMQ_ROUTER, config->feed, "enrollment-feed",
                            FEED_HIGH_WATER, why);
    if (result == RESULT_OK)
        result = open_local(enrollment, &enrollment->doorbell, ZMQ_PUB, config->doorbell,
                            "enrollment-doorbell", 0, why);
    return result;
}

static void open_poller(struct enrollment *enrollment) {
    enrollment->poller = poller_new();
    poller_add_socket(enrollment->poller, POLL_EVENTS, zsock_resolve(enrollment->events));
    poller_add_socket(enrollment->poller, POLL_ZAP, zap_socket(enrollment->zap));
    poller_add_socket(enrollment->poller, POLL_FEED, zsock_resolve(enrollment->feed));
    poller_add_socket(enrollment->poller, POLL_CONTROL, zsock_resolve(enrollment->control));
    poller_add_socket(enrollment->poller, POLL_DOOR, zsock_resolve(enrollment->door));
    poller_add_descriptor(enrollment->poller, POLL_SIGNAL, enrollment->service->signal_fd);
}

enum result enrollment_open(struct enrollment *enrollment, struct failure *why) {
    enrollment->started_us = clock_monotonic_us();
    enrollment->city = calloc(1, sizeof *enrollment->city);
    if (!enrollment->city)
        abort();
    arena_init(&enrollment->control_arena, CONTROL_ARENA_BYTES);
    enum result result = city_load(enrollment->city, enrollment->service->city, why);
    if (result == RESULT_OK)
        result = open_state(enrollment, why);
    if (result == RESULT_OK)
        result = open_sockets(enrollment, why);
    if (result != RESULT_OK)
        return result;
    open_poller(enrollment);
    uint32_t rate = enrollment->config->events_per_second;
    struct doors_config doors = {.events_per_second = rate, .bulk_events_per_second = rate * BULK_FACTOR};
    enrollment->intake = intake_new(enrollment->journal, enrollment->registry, &doors);
    enrollment->feed_server = feed_server_new(enrollment->journal, FEED_TAIL_BYTES);
    enrollment->startup_ms = (clock_monotonic_us() - enrollment->started_us) / 1000;
    return RESULT_OK;
}

void enrollment_close(struct enrollment *enrollment) {
    poller_destroy(&enrollment->poller);
    zsock_destroy(&enrollment->events);
    zsock_destroy(&enrollment->control);
    zsock_destroy(&enrollment->door);
    pairings_destroy(&enrollment->pairings);
    zsock_destroy(&enrollment->feed);
    zsock_destroy(&enrollment->doorbell);
    zap_close(&enrollment->zap);
    feed_server_destroy(&enrollment->feed_server);
    intake_destroy(&enrollment->intake);
    registry_destroy(&enrollment->registry);
    if (enrollment->journal)
        enrollment->journal->operations->close(&enrollment->journal);
    arena_free(&enrollment->control_arena);
    free(enrollment->city);
    sodium_memzero(&enrollment->keys, sizeof enrollment->keys);
}
