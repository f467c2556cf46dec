/* enrollment_node.c - enrollment without sockets: its loop's turn as in services/enrollment/enrollment.c,
 * and crashes between any two of its steps. */
#include "world.h"

#include "enrollment/recovery.h"

#include <stdlib.h>
#include <string.h>

#define RESTART_US     50000
#define TURN_US        300
#define FEED_TAIL      (8u << 10) /* small: followers must fall back to the journal */
#define CRASH_PERMILLE 12
#define FAULT_PERMILLE 8
#define REPLY_PARTS    4200u

static const struct doors_config doors = {.events_per_second = 100000, .bulk_events_per_second = 100000};

/* One step of the process: whether it dies here. */
static bool step_kills(struct enrollment_node *node) {
    if (node->dying)
        return true;
    if (node->fuse > 0 && --node->fuse == 0)
        node->dying = true;
    return node->dying;
}

static struct intake_time time_of_turn(struct world *world) {
    struct enrollment_node *node = &world->enrollment;
    int64_t now_ms = world_business_ms(world);
    if (now_ms < node->last_time_ms)
        now_ms = node->last_time_ms;
    node->last_time_ms = now_ms;
    day_t today = calendar_day_of_time(now_ms);
    if (today < registry_day(node->registry))
        today = registry_day(node->registry);
    return (struct intake_time){now_ms, today, world->network.now_us / 1000 + 1};
}

static void free_process(struct enrollment_node *node) {
    for (uint32_t i = 0; i < node->inbox_count; i++)
        message_free(&node->inbox[i]);
    node->inbox_count = 0;
    intake_destroy(&node->intake);
    feed_server_destroy(&node->feed);
    registry_destroy(&node->registry);
    node->up = node->dying = node->turn_due = false;
    node->fuse = 0;
}

void enrollment_crash(struct world *world) {
    struct enrollment_node *node = &world->enrollment;
    if (!node->up)
        return;
    free_process(node);
    if (world->disk_lies && dice_chance(&world->dice, 300)) {
        disk_forget_last(&node->disk);
        world->lies++;
    }
    network_alarm(&world->network, ALARM_ENROLLMENT, 0, 0, RESTART_US);
}

static void add_device(struct world *world, uint32_t number, enum role role, uint32_t area,
                       const struct intake_time *time) {
    struct device device = {.id = number, .role = (uint8_t)role, .area = area, .next_sequence = 1};
    struct record record = {.kind = CHANGE_DEVICE_ADDED, .new_device = &device};
    struct failure why;
    memset(device.public_key, (int)number, sizeof device.public_key);
    record.effective_day = time->today;
    record.captured_at_ms = time->now_ms;
    if (intake_record(world->enrollment.intake, &record, time, &why) != RESULT_OK)
        world_complain(world, "device %u can't be added: %s", number, why.sentence);
}

/* Paired once, on an empty journal. */
static void add_devices(struct world *world) {
    static const struct {
        enum role role;
        uint32_t area;
    } roles[DEVICES] = {
        {ROLE_KADER, 3671}, {ROLE_KADER, 367101}, {ROLE_LABOUR_OFFICE, 3671}, {ROLE_HEALTH_OFFICE, 3671}};
    struct intake_time time = time_of_turn(world);
    for (uint32_t i = 0; i < DEVICES; i++)
        add_device(world, i + 1, roles[i].role, roles[i].area, &time);
}

void enrollment_start(struct world *world) {
    struct enrollment_node *node = &world->enrollment;
    struct recovery recovery;
    struct failure why = {0};
    struct recovery_config config = {
        .snapshot_path = "no snapshot here", .regions = &world->regions, .policy = &world->policy};
    if (recovery_run(&recovery, &node->disk.journal, &config, &why) != RESULT_OK) {
        world_complain(world, "recovery failed: %s", why.sentence);
        return;
    }
    node->registry = recovery.registry;
    node->intake = intake_new(&node->disk.journal, node->registry, &doors);
    node->feed = feed_server_new(&node->disk.journal, FEED_TAIL);
    node->up = true;
    node->starts++;
    if (recovery.head.time_ms > node->last_time_ms)
        node->last_time_ms = recovery.head.time_ms;
    if (registry_device_count(node->registry) == 0)
        add_devices(world);
    node->turn_due = true;
    network_alarm(&world->network, ALARM_TURN, 0, node->starts, TURN_US);
}

void enrollment_receive(struct world *world, struct message *message) {
    struct enrollment_node *node = &world->enrollment;
    if (!node->up || node->inbox_count == INBOX_MAX) {
        message_free(message);
        return;
    }
    node->inbox[node->inbox_count++] = *message;
    if (!node->turn_due)
        network_alarm(&world->network, ALARM_TURN, 0, node->starts, dice_roll(&world->dice, TURN_US));
    node->turn_due = true;
}

static void on_ack(void *context, const struct intake_peer *peer, const uint8_t *data, size_t size) {
    struct world *world = context;
    uint32_t address[2];
    struct wire_ack ack;
    if (step_kills(&world->enrollment))
        return;
    memcpy(address, peer->id, sizeof address);
    struct device_node *device = &world->devices[address[0]];
    arena_reset(&world->arena);
    if (wire_ack_decode(data, size, &world->arena, &ack) == RESULT_OK)
        oracle_ack(world, device, &ack);
    else
        world_complain(world, "enrollment sent an ack that can't be decoded");
    network_send(&world->network, MESSAGE_ACK, address[0], address[1], data, size);
}

static void on_batch(void *context, const struct journal_batch *batch) {
    struct world *world = context;
    if (!step_kills(&world->enrollment))
        feed_server_committed(world->enrollment.feed, batch);
}

/* A reply's frames, until the last one. */
struct reply {
    uint8_t *data;
    size_t size;
    size_t sizes[REPLY_PARTS];
    uint32_t parts;
};

static void on_feed_frame(void *context, const uint8_t *data, size_t size, bool more) {
    struct reply *reply = context;
    (void)more;
    reply->data = realloc(reply->data, reply->size + size + 1);
    if (!reply->data || reply->parts == REPLY_PARTS)
        abort();
    if (size)
        memcpy(reply->data + reply->size, data, size);
    reply->size += size;
    reply->sizes[reply->parts++] = size;
}

static void answer_follower(struct world *world, const struct message *request) {
    struct reply reply = {0};
    struct failure why;
    if (step_kills(&world->enrollment))
        return;
    if (feed_server_answer(world->enrollment.feed, request->data, request->sizes[0], on_feed_frame, &reply,
                           &why) != RESULT_OK)
        world_complain(world, "the feed can't be served: %s", why.sentence);
    else
        network_send_parts(&world->network, MESSAGE_REPLY, 0, request->connection, reply.data, reply.sizes,
                           reply.parts);
    free(reply.data);
}

static void stage(struct world *world, const struct message *message, const struct intake_time *time) {
    struct enrollment_node *node = &world->enrollment;
    uint32_t address[2] = {message->node, message->connection};
    struct intake_peer peer = {.size = sizeof address};
    bool busy = !world->network.calm && dice_chance(&world->dice, 20);
    memcpy(peer.id, address, sizeof address);
    if (intake_has_room(node->intake) && !step_kills(node))
        intake_frame(node->intake, &peer, world->devices[message->node].number, message->data,
                     message->sizes[0], time, busy);
}

static void lay_fuse(struct world *world) {
    struct enrollment_node *node = &world->enrollment;
    if (world->network.calm)
        return;
    if (dice_chance(&world->dice, CRASH_PERMILLE))
        node->fuse = 1 + dice_roll(&world->dice, 12);
    if (dice_chance(&world->dice, FAULT_PERMILLE))
        node->disk.next_fault = (enum disk_fault)(1 + dice_roll(&world->dice, 3));
}

/* Commits what is staged; false where the process must end. */
static bool commit(struct world *world) {
    struct enrollment_node *node = &world->enrollment;
    struct failure why;
    uint64_t head = feed_server_head(node->feed);
    if (step_kills(node))
        return false;
    if (!intake_is_empty(node->intake) &&
        intake_commit(node->intake, on_ack, on_batch, world, &why) != RESULT_OK)
        return false;
    if (step_kills(node))
        return false;
    uint64_t now = feed_server_head(node->feed);
    if (now != head)
        network_send(&world->network, MESSAGE_DOORBELL, 0, 0, (const uint8_t *)&now, sizeof now);
    return true;
}

void enrollment_turn(struct world *world) {
    struct enrollment_node *node = &world->enrollment;
    if (!node->up)
        return;
    struct intake_time time = time_of_turn(world);
    struct failure why;
    node->turn_due = false;
    lay_fuse(world);
    enum result due = intake_due(node->intake, &time, &why);
    if (due != RESULT_OK && due != RESULT_AGAIN)
        world_complain(world, "due work failed: %s", why.sentence);
    for (uint32_t i = 0; i < node->inbox_count; i++)
        if (node->inbox[i].kind == MESSAGE_FRAME)
            stage(world, &node->inbox[i], &time);
    bool alive = commit(world);
    node->disk.next_fault = DISK_FINE;
    for (uint32_t i = 0; alive && i < node->inbox_count; i++)
        if (node->inbox[i].kind == MESSAGE_REQUEST)
            answer_follower(world, &node->inbox[i]);
    if (!alive || node->dying) {
        enrollment_crash(world);
        return;
    }
    for (uint32_t i = 0; i < node->inbox_count; i++)
        message_free(&node->inbox[i]);
    node->inbox_count = 0;
}

void enrollment_revoke(struct world *world, uint32_t number) {
    struct enrollment_node *node = &world->enrollment;
    if (!node->up || !registry_device(node->registry, number) ||
        registry_device(node->registry, number)->revoked)
        return;
    struct intake_time time = time_of_turn(world);
    struct device device = *registry_device(node->registry, number);
    struct record record = {.kind = CHANGE_DEVICE_REVOKED, .new_device = &device};
    struct failure why;
    device.revoked = true;
    record.effective_day = time.today;
    record.captured_at_ms = time.now_ms;
    if (intake_record(node->intake, &record, &time, &why) != RESULT_OK)
        world_complain(world, "device %u can't be revoked: %s", number, why.sentence);
    if (!commit(world))
        enrollment_crash(world);
}
