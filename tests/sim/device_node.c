/* device_node.c - a kader's app around kader_link: an outbox that survives, a process that does not. */
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define RESEND_US      40000
#define RESTART_US     30000
#define CAPTURE_MAX_US 60000
#define FRAME_CAPACITY (64u << 10)
#define EVENT_CAPACITY 2048u

static uint32_t index_of(const struct world *world, const struct device_node *device) {
    return (uint32_t)(device - world->devices);
}

/* Makes sure that the device works no later than `in_us` from now. */
static void wake_in(struct world *world, struct device_node *device, int64_t in_us) {
    if (in_us < 0)
        in_us = 0;
    int64_t at_us = world->network.now_us + in_us;
    if (device->alarm_at_us > world->network.now_us && device->alarm_at_us <= at_us)
        return;
    device->alarm_at_us = at_us;
    network_alarm(&world->network, ALARM_DEVICE, index_of(world, device), device->connection, in_us);
}

void device_start(struct world *world, struct device_node *device) {
    struct link_config config = {.oldest = device->durable_oldest,
                                 .end = device->end,
                                 .frame_events = 1 + dice_roll(&world->dice, 9),
                                 .resend_us = RESEND_US};
    config.window_events = config.frame_events * (1 + dice_roll(&world->dice, 6));
    device->link = link_new(&config);
    device->oldest = device->durable_oldest;
    wake_in(world, device, 0);
}

/* The app ends; what it was told since it last saved is told again to the next one. */
void device_crash(struct world *world, struct device_node *device) {
    if (!device->link)
        return;
    link_destroy(&device->link);
    device->connection++;
    device->alarm_at_us = 0;
    network_alarm(&world->network, ALARM_DEVICE, index_of(world, device), device->connection, RESTART_US);
}

/* Sends what the link names. Returns how many events went (a hello: 0). */
static uint32_t send(struct world *world, struct device_node *device, const struct link_send *send) {
    static uint8_t bytes[FRAME_CAPACITY];
    struct text_bytes events[FRAME_MAX_EVENTS];
    uint32_t count = send->what == LINK_SEND_EVENTS ? send->count : 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t sequence = send->first_sequence + i;
        events[i] = (struct text_bytes){device->events[sequence], device->sizes[sequence]};
    }
    struct wire_frame frame = {.first_sequence = send->first_sequence,
                               .language = LANGUAGE_ENGLISH,
                               .count = count,
                               .events = events};
    size_t size = wire_frame_encode(&frame, bytes, sizeof bytes);
    if (size == 0)
        world_complain(world, "a frame of %u events can't be encoded", count);
    network_send(&world->network, MESSAGE_FRAME, index_of(world, device), device->connection, bytes, size);
    return count;
}

static void note_failure(struct world *world, struct device_node *device) {
    const struct failure *failure = link_failure(device->link);
    if (!failure || device->refused)
        return;
    device->refused = true;
    if (strcmp(failure->code, "DEVICE_REVOKED") != 0)
        world_complain(world, "device %u stopped for good: %s %s", device->number, failure->code,
                       failure->sentence);
}

void device_work(struct world *world, struct device_node *device) {
    int64_t now_us = world->network.now_us;
    device->alarm_at_us = 0;
    if (!device->link) {
        device_start(world, device);
        return;
    }
    for (struct link_send next; (next = link_next(device->link, now_us)).what != LINK_SEND_NOTHING;) {
        uint32_t count = send(world, device, &next);
        link_sent(device->link, &next, count, now_us);
    }
    note_failure(world, device);
    int64_t due_us = link_due_us(device->link, now_us);
    if (due_us != INT64_MAX)
        wake_in(world, device, due_us > now_us ? due_us - now_us : 1);
}

void device_receive(struct world *world, struct device_node *device, const struct message *message) {
    struct wire_ack ack;
    struct link_answer answer;
    if (!device->link || message->connection != device->connection)
        return;
    arena_reset(&world->arena);
    if (wire_ack_decode(message->data, message->sizes[0], &world->arena, &ack) != RESULT_OK) {
        world_complain(world, "device %u got an ack that can't be decoded", device->number);
    } else {
        link_receive(device->link, &ack, world->network.now_us, &answer);
        if (answer.count && answer.first_sequence != device->oldest)
            world_complain(world, "device %u was answered %llu when %llu was next", device->number,
                           (unsigned long long)answer.first_sequence, (unsigned long long)device->oldest);
        device->oldest += answer.count;
        if (answer.count && dice_chance(&world->dice, 700))
            device->durable_oldest = device->oldest;
    }
    device_work(world, device);
}

static void capture_one(struct world *world, struct device_node *device) {
    uint8_t bytes[EVENT_CAPACITY];
    if (device->end > EVENTS_MAX || world->events_left == 0)
        return;
    size_t size = life_event(world, device, bytes, sizeof bytes);
    uint64_t sequence = device->end++;
    device->events[sequence] = malloc(size ? size : 1);
    if (!device->events[sequence])
        abort();
    if (size)
        memcpy(device->events[sequence], bytes, size);
    device->sizes[sequence] = size;
    device->hashes[sequence] = XXH3_64bits(bytes, size);
    world->events_left--;
}

void device_capture(struct world *world, struct device_node *device) {
    for (uint32_t count = 1 + dice_roll(&world->dice, 14); count > 0; count--)
        capture_one(world, device);
    if (device->link) {
        link_extend(device->link, device->end);
        device_work(world, device);
    }
    if (world->events_left > 0 && device->end <= EVENTS_MAX)
        network_alarm(&world->network, ALARM_CAPTURE, index_of(world, device), 0,
                      dice_roll(&world->dice, CAPTURE_MAX_US));
}
