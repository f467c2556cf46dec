/* world.c - sets the city up, lets chance reign, then calm, and asks the oracle (world.h). */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_IN_ALL 260u
#define CHAOS_US      INT64_C(1500000)
#define CALM_MAX_US   INT64_C(120000000)
#define MISCHIEF_US   50000
#define DAY_MS        INT64_C(86400000)

void world_complain(struct world *world, const char *format, ...) {
    if (world->failed)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->complaint, sizeof world->complaint, format, arguments);
    va_end(arguments);
    world->failed = true;
}

/* The city's day begins at ten in the morning of 20 November 2025. */
int64_t world_business_ms(const struct world *world) {
    return calendar_time_of_day(calendar_day(2025, 11, 20)) + 10 * INT64_C(3600000) + world->days_ms +
           world->network.now_us / 1000;
}

static void found_city(struct world *world) {
    static const uint32_t codes[] = {3671011001, 3671011002, 3671011003, 3671021001, 3671021002, 3671031001};
    world->regions.city_code = 3671;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (!region_table_add(&world->regions, codes[i], "Kelurahan", "Kecamatan", 1000))
            abort();
    world->policy.count = 1;
    world->policy.rows[0] = (struct policy_row){
        .valid_from = calendar_day(2020, 1, 1),
        .layoff_payer = (uint8_t)dice_roll(&world->dice, 2),
        .grace_months = (uint8_t)(1 + dice_roll(&world->dice, 6)),
        .activation = (uint8_t)dice_roll(&world->dice, 2),
        .cut_off_day = 20,
        .newborn_days = 28,
        .newborn_nik_months = 3,
        .uhc_registered_permille = 980,
        .uhc_active_permille = 800,
    };
}

/* Days pass (sometimes half a year), apps crash, coverage crashes, a device is revoked. */
static void mischief(struct world *world) {
    static const int64_t days[] = {1, 1, 2, 31, 190};
    if (dice_chance(&world->dice, 100))
        world->days_ms += DAY_MS * days[dice_roll(&world->dice, 5)];
    if (dice_chance(&world->dice, 150))
        device_crash(world, &world->devices[dice_roll(&world->dice, DEVICES)]);
    if (dice_chance(&world->dice, 60))
        coverage_crash(world);
    if (dice_chance(&world->dice, 60))
        enrollment_crash(world);
    if (dice_chance(&world->dice, 10))
        enrollment_revoke(world, 2);
    network_alarm(&world->network, ALARM_MISCHIEF, 0, 0, dice_roll(&world->dice, MISCHIEF_US));
}

static void on_device_alarm(struct world *world, struct device_node *device, const struct message *message) {
    if (message->connection == device->connection)
        device_work(world, device);
}

/* True where the message now belongs to somebody else. */
static bool deliver(struct world *world, struct message *message) {
    struct device_node *device = &world->devices[message->node];
    switch (message->kind) {
    case MESSAGE_FRAME:
    case MESSAGE_REQUEST:
        enrollment_receive(world, message);
        return true;
    case MESSAGE_ACK:
        device_receive(world, device, message);
        break;
    case MESSAGE_REPLY:
    case MESSAGE_DOORBELL:
        coverage_receive(world, message);
        break;
    case ALARM_TURN:
        if (message->connection == world->enrollment.starts)
            enrollment_turn(world);
        break;
    case ALARM_ENROLLMENT:
        enrollment_start(world);
        break;
    case ALARM_COVERAGE:
        if (message->connection == world->coverage.connection)
            coverage_work(world);
        break;
    case ALARM_DEVICE:
        on_device_alarm(world, device, message);
        break;
    case ALARM_CAPTURE:
        device_capture(world, device);
        break;
    case ALARM_MISCHIEF:
        if (!world->network.calm)
            mischief(world);
        break;
    default: /* billing's */
        break;
    }
    return false;
}

static bool at_rest(const struct world *world) {
    if (world->events_left > 0 || !world->enrollment.up || !world->coverage.up)
        return false;
    for (uint32_t i = 0; i < DEVICES; i++) {
        const struct device_node *device = &world->devices[i];
        if (!device->refused && (!device->link || device->oldest != device->end))
            return false;
    }
    return intake_is_empty(world->enrollment.intake) &&
           world->coverage.totals.offset == world->enrollment.disk.record_count;
}

static void run(struct world *world) {
    struct message message;
    while (!world->failed && network_next(&world->network, &message)) {
        if (!deliver(world, &message))
            message_free(&message);
        if (world->network.now_us > CHAOS_US)
            world->network.calm = true;
        if (world->network.calm && at_rest(world))
            return;
        if (world->network.now_us > CHAOS_US + CALM_MAX_US)
            world_complain(world, "the city does not come to rest");
    }
}

static void tear_down(struct world *world) {
    struct enrollment_node *node = &world->enrollment;
    world->stored = node->disk.record_count;
    for (size_t i = 0; i < node->disk.record_count; i++)
        world->refused += node->disk.records[i].refusal != REFUSAL_NONE;
    enrollment_crash(world);
    disk_free(&node->disk);
    feed_follower_destroy(&world->coverage.follower);
    for (uint32_t i = 0; i < DEVICES; i++) {
        if (world->devices[i].link)
            link_destroy(&world->devices[i].link);
        for (uint32_t j = 0; j <= EVENTS_MAX; j++)
            free(world->devices[i].events[j]);
    }
    network_free(&world->network);
    arena_free(&world->arena);
}

bool world_run(struct world *world, uint64_t seed, bool disk_lies) {
    memset(world, 0, sizeof *world);
    world->seed = seed;
    world->dice.state = seed;
    world->disk_lies = disk_lies;
    world->events_left = EVENTS_IN_ALL;
    arena_init(&world->arena, 1u << 20);
    network_init(&world->network, &world->dice);
    disk_init(&world->enrollment.disk);
    totals_init(&world->coverage.saved);
    found_city(world);
    enrollment_start(world);
    coverage_start(world);
    for (uint32_t i = 0; i < DEVICES; i++) {
        struct device_node *device = &world->devices[i];
        device->number = i + 1;
        device->oldest = device->durable_oldest = device->end = 1;
        device_start(world, device);
        network_alarm(&world->network, ALARM_CAPTURE, i, 0, dice_roll(&world->dice, 20000));
    }
    network_alarm(&world->network, ALARM_MISCHIEF, 0, 0, MISCHIEF_US);
    run(world);
    if (!world->failed)
        oracle_judge(world);
    tear_down(world);
    return !world->failed;
}
