/* world.h - one simulated city: devices, enrollment and coverage on a bad network, one oracle who sees
 * everything.
 *
 * The nodes run the very code of the services (kader_link, intake, recovery, feed, totals); what is
 * simulated is what surrounds it: time, network, disk, crashes. A seed decides everything.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "cakupan/totals.h"
#include "disk.h"
#include "enrollment/intake.h"
#include "kader/kader_link.h"
#include "network.h"
#include "runtime/feed_follower.h"
#include "runtime/feed_server.h"
#include "wire/arena.h"

#define DEVICES       4u
#define EVENTS_MAX    160u /* of one device */
#define INBOX_MAX     64u
#define PEOPLE        25u
#define LABOUR_OFFICE 3u /* numbers of the devices with these roles */
#define HEALTH_OFFICE 4u

/* What a device was told about one of its events. */
struct fate {
    bool told;
    uint64_t offset;
    uint16_t refusal, warning;
};

struct device_node {
    struct link *link; /* NULL: the app is not running */
    uint32_t number;
    uint32_t connection;
    bool refused;                    /* enrollment wants no more of it */
    uint64_t oldest, durable_oldest; /* first event without an answer, in memory and in the outbox */
    uint64_t end;
    int64_t alarm_at_us;             /* earliest alarm that is set */
    uint8_t *events[EVENTS_MAX + 1]; /* by sequence, serialized: the outbox */
    size_t sizes[EVENTS_MAX + 1];
    uint64_t hashes[EVENTS_MAX + 1];
    struct fate fates[EVENTS_MAX + 1]; /* the oracle's */
};

struct enrollment_node {
    bool up;
    bool dying;    /* crashes as soon as the code that runs returns */
    uint32_t fuse; /* steps until it crashes; 0: no crash is due */
    struct disk disk;
    struct registry *registry;
    struct intake *intake;
    struct feed_server *feed;
    int64_t last_time_ms;
    bool turn_due;
    struct message inbox[INBOX_MAX];
    uint32_t inbox_count;
    uint32_t starts;
};

struct coverage_node {
    bool up;
    uint32_t connection;
    struct feed_follower *follower;
    struct totals totals;
    struct totals saved; /* as last saved, with the chain's hash there */
    uint8_t saved_chain[JOURNAL_HASH_SIZE];
    uint64_t last_offset; /* the oracle's: what was counted last, per run */
};

struct world {
    uint64_t seed;
    struct dice dice;
    struct network network;
    struct region_table regions;
    struct policy policy;
    int64_t days_ms; /* business time is ahead of virtual time by so much */
    struct device_node devices[DEVICES];
    struct enrollment_node enrollment;
    struct coverage_node coverage;
    uint32_t events_left;     /* to be captured */
    uint64_t stored, refused; /* records on the disk at the end */
    uint64_t lies;            /* batches that a lying disk has lost; only in the negative control */
    bool disk_lies;
    struct arena arena; /* for decoding what is on its way, one message at a time */
    bool failed;
    char complaint[400];
};

/* The oracle has seen something that must not be. The first complaint counts. */
void world_complain(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
int64_t world_business_ms(const struct world *world);
/* Runs one seed to its end. False, with a complaint, where a promise was broken. */
bool world_run(struct world *world, uint64_t seed, bool disk_lies);

/* enrollment_node.c */
void enrollment_start(struct world *world);
void enrollment_receive(struct world *world, struct message *message);
void enrollment_turn(struct world *world);
void enrollment_crash(struct world *world);
void enrollment_revoke(struct world *world, uint32_t device);

/* device_node.c */
void device_start(struct world *world, struct device_node *device);
void device_crash(struct world *world, struct device_node *device);
void device_receive(struct world *world, struct device_node *device, const struct message *message);
void device_work(struct world *world, struct device_node *device);
void device_capture(struct world *world, struct device_node *device);

/* coverage_node.c */
void coverage_start(struct world *world);
void coverage_crash(struct world *world);
void coverage_receive(struct world *world, const struct message *message);
void coverage_work(struct world *world);

/* life.c: one event that may happen to somebody (or nonsense), serialized. Returns its size. */
size_t life_event(struct world *world, const struct device_node *device, uint8_t *out, size_t capacity);

/* oracle.c */
void oracle_ack(struct world *world, struct device_node *device, const struct wire_ack *ack);
/* All has come to rest: is everything as it must be? */
void oracle_judge(struct world *world);

#endif
