/* coverage_node.c - coverage without sockets and Redis: a follower that folds records into totals and saves
 * them with their offset; a crash goes back to what was saved. */
#include "world.h"

#include <string.h>

#define RESTART_US   40000
#define ASK_US       20000
#define RETRY_MS     60
#define REQUEST_SIZE (8u << 10)

/* In the middle of a batch the chain is that of the batch before: the next start must skip what it has. */
static void save_within_batch(struct world *world, const struct batch_header *batch) {
    struct coverage_node *node = &world->coverage;
    const uint8_t *chain = feed_follower_chain(node->follower);
    if (!chain || node->totals.offset + 1 == batch->first_offset + batch->count)
        return;
    node->saved = node->totals;
    memcpy(node->saved_chain, chain, JOURNAL_HASH_SIZE);
}

static enum result on_record(void *context, const struct batch_header *batch, const struct record *record,
                             struct failure *why) {
    struct world *world = context;
    struct coverage_node *node = &world->coverage;
    if (record->offset != node->last_offset + 1)
        world_complain(world, "coverage got offset %llu after %llu", (unsigned long long)record->offset,
                       (unsigned long long)node->last_offset);
    if (record->offset > world->enrollment.disk.record_count)
        world_complain(world, "coverage counted offset %llu, which is not durable",
                       (unsigned long long)record->offset);
    node->last_offset = record->offset;
    enum result result = totals_step(&node->totals, &world->regions, batch, record, why);
    if (result == RESULT_OK && dice_chance(&world->dice, 30))
        save_within_batch(world, batch);
    return result;
}

void coverage_start(struct world *world) {
    struct coverage_node *node = &world->coverage;
    node->totals = node->saved;
    node->last_offset = node->totals.offset;
    struct feed_follower_config config = {.next_offset = node->totals.offset + 1,
                                          .chain = node->totals.offset ? node->saved_chain : NULL,
                                          .max_bytes = 200 + dice_roll(&world->dice, 8000),
                                          .retry_ms = RETRY_MS};
    node->follower = feed_follower_new(&config, on_record, world);
    node->up = true;
    network_alarm(&world->network, ALARM_COVERAGE, 0, node->connection, 0);
}

void coverage_crash(struct world *world) {
    struct coverage_node *node = &world->coverage;
    if (!node->up)
        return;
    feed_follower_destroy(&node->follower);
    node->up = false;
    node->connection++;
    network_alarm(&world->network, ALARM_COVERAGE, 0, node->connection, RESTART_US);
}

static void save(struct world *world) {
    struct coverage_node *node = &world->coverage;
    const uint8_t *chain = feed_follower_chain(node->follower);
    if (!chain || feed_follower_next(node->follower) != node->totals.offset + 1)
        return;
    node->saved = node->totals;
    memcpy(node->saved_chain, chain, JOURNAL_HASH_SIZE);
}

static void ask(struct world *world) {
    struct coverage_node *node = &world->coverage;
    uint8_t request[REQUEST_SIZE];
    size_t size =
        feed_follower_request(node->follower, world->network.now_us / 1000 + 1, request, sizeof request);
    if (size)
        network_send(&world->network, MESSAGE_REQUEST, 0, node->connection, request, size);
}

void coverage_work(struct world *world) {
    struct coverage_node *node = &world->coverage;
    if (!node->up) {
        coverage_start(world);
        return;
    }
    ask(world);
    network_alarm(&world->network, ALARM_COVERAGE, 0, node->connection, ASK_US);
}

static void take_reply(struct world *world, const struct message *message) {
    struct coverage_node *node = &world->coverage;
    struct feed_frame frames[message->parts];
    struct failure why;
    const uint8_t *at = message->data;
    for (uint32_t i = 0; i < message->parts; i++) {
        frames[i] = (struct feed_frame){at, message->sizes[i]};
        at += message->sizes[i];
    }
    int64_t now_ms = world->network.now_us / 1000 + 1;
    uint8_t request[REQUEST_SIZE];
    size_t size = feed_follower_ahead(node->follower, &frames[0], now_ms, request, sizeof request);
    if (size)
        network_send(&world->network, MESSAGE_REQUEST, 0, node->connection, request, size);
    if (feed_follower_reply(node->follower, frames, message->parts, now_ms, &why) != RESULT_OK)
        world_complain(world, "coverage stopped: %s %s", why.code, why.sentence);
    if (dice_chance(&world->dice, 400))
        save(world);
}

void coverage_receive(struct world *world, const struct message *message) {
    struct coverage_node *node = &world->coverage;
    if (!node->up || (message->kind == MESSAGE_REPLY && message->connection != node->connection))
        return;
    if (message->kind == MESSAGE_REPLY) {
        take_reply(world, message);
    } else {
        uint64_t head;
        memcpy(&head, message->data, sizeof head);
        feed_follower_doorbell(node->follower, head);
    }
    ask(world);
    if (!world->network.calm && dice_chance(&world->dice, 8))
        coverage_crash(world);
}
