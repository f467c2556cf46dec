/* billing_coordinator_node.c - the coordinator of the simulated billing: the services' books, closing and
 * roll in a loop like coordinator.c's (billing_world.h). */
#include "billing_world.h"

#include <assert.h>
#include <string.h>

#define TURN_US        12000u
#define RESTART_US     800000u
#define HEAD_ANSWER_MS 30u
#define LEASE_MS       2000u

static bool send_orders(void *context, const struct worker_peer *peer, const uint8_t *orders, size_t size) {
    struct billing_world *world = context;
    uint32_t connection;
    memcpy(&connection, peer->id + 1, sizeof connection);
    network_send_in_order(&world->network, MESSAGE_ORDERS, peer->id[0], connection, orders, size,
                          &world->workers[peer->id[0]].orders_us);
    return true;
}

static void answer_ask(void *context, const struct closing_answer *answer) {
    struct billing_world *world = context;
    uint32_t number;
    assert(answer->asker->size == sizeof number && "an answer to who asked");
    memcpy(&number, answer->asker->id, sizeof number);
    for (uint32_t i = 0; i < BILLING_ASKS; i++) {
        struct billing_ask *ask = &world->asks[i];
        if (ask->number != number || number == 0)
            continue;
        billing_oracle_answer(world, ask, answer);
        ask->number = 0;
        return;
    }
}

static void stop(struct billing_world *world, const struct failure *why) {
    if (why && !world->coordinator.dying && why->result != RESULT_IO)
        billing_complain(world, "the coordinator stops: %s: %s", why->code, why->sentence);
    coordinator_node_crash(world);
}

static enum result begin_state(struct billing_world *world, struct failure *why) {
    static uint8_t packed[TARIFF_PACKED_MAX];
    struct decision begun = {.kind = DECISION_BEGUN,
                             .time_ms = billing_time_ms(world),
                             .day = world->history->today,
                             .month = billing_first_month(),
                             .offset = 1,
                             .count = world->partitions,
                             .bytes = packed};
    begun.size = tariff_pack(&world->tariffs[0], packed);
    return books_decide(world->coordinator.books, &begun, 1, why);
}

void coordinator_node_start(struct billing_world *world) {
    struct coordinator_node *node = &world->coordinator;
    struct failure why = {0};
    struct books_begun begun;
    struct books_config config = {.path = "", .terms = &world->terms, .policy = &world->history->policy};
    billing_disk_run(world, NULL);
    node->connection++;
    node->starts++;
    enum result result = books_open(&node->books, &config, &why);
    node->up = result == RESULT_OK;
    if (node->up && !books_begun(node->books, &begun))
        result = begin_state(world, &why);
    if (result != RESULT_OK) {
        stop(world, &why);
        return;
    }
    struct roll_config roll = {.lease = {.partitions = world->partitions,
                                         .lease_ms = LEASE_MS,
                                         .release_ms = LEASE_MS,
                                         .workers_min = 1,
                                         .workers_max = BILLING_WORKERS,
                                         .lag_high = 1000000,
                                         .lag_low = 100000,
                                         .scale_up_ms = 500,
                                         .scale_down_ms = 60000,
                                         .start_ms = 10000},
                               .state = world->state,
                               .regions = &world->history->regions,
                               .heartbeat_ms = BILLING_HEARTBEAT_MS};
    node->closing = closing_new(node->books, &world->history->regions, answer_ask, world);
    node->roll = roll_new(&roll, node->books, node->closing, NULL, send_orders, world);
    network_alarm(&world->network, ALARM_COORDINATOR, 0, node->connection, 1000);
}

void coordinator_node_crash(struct billing_world *world) {
    struct coordinator_node *node = &world->coordinator;
    if (node->roll)
        roll_destroy(&node->roll);
    if (node->closing)
        closing_destroy(&node->closing);
    if (node->books)
        books_close(&node->books);
    billing_inbox_clear(&node->inbox);
    node->up = node->dying = node->frozen = node->head_wanted = false;
    node->connection++;
    memset(world->asks, 0, sizeof world->asks); /* askers see the connection end, and ask anew */
    network_alarm(&world->network, ALARM_COORDINATOR, 0, node->connection,
                  1000 + dice_roll(&world->dice, RESTART_US));
}

bool coordinator_node_ask(struct billing_world *world, const struct billing_ask *ask) {
    struct coordinator_node *node = &world->coordinator;
    struct failure why = {0};
    struct closing_ask asked = {.order = ask->order, .author = {"Bendahara", 9}};
    asked.asker.size = sizeof ask->number;
    memcpy(asked.asker.id, &ask->number, sizeof ask->number);
    if (!node->up || node->frozen)
        return false;
    enum result result = closing_ask(node->closing, &asked, world->history->today, &why);
    if (result == RESULT_IO)
        stop(world, &why);
    return result == RESULT_OK;
}

static enum result take_reports(struct billing_world *world, struct failure *why) {
    struct coordinator_node *node = &world->coordinator;
    enum result result = RESULT_OK;
    for (uint32_t i = 0; i < node->inbox.count && result == RESULT_OK; i++) {
        const struct message *message = &node->inbox.messages[i];
        struct worker_peer peer = {.size = 1 + sizeof message->connection, .id = {(uint8_t)message->node}};
        memcpy(peer.id + 1, &message->connection, sizeof message->connection);
        result = roll_report(node->roll, &peer, message->data, message->sizes[0], billing_now_ms(world), why);
    }
    billing_inbox_clear(&node->inbox);
    return result;
}

/* 0 until the feed has answered a question that was asked after the ask. */
static uint64_t head_of(struct billing_world *world) {
    struct coordinator_node *node = &world->coordinator;
    int64_t now_ms = billing_now_ms(world);
    if (closing_wants_head(node->closing)) {
        node->head_wanted = true;
        node->head_ms = now_ms + dice_roll(&world->dice, HEAD_ANSWER_MS);
    }
    if (node->head_wanted && now_ms < node->head_ms)
        return 0;
    node->head_wanted = false;
    return world->history->count;
}

static enum result work(struct billing_world *world, struct failure *why) {
    struct coordinator_node *node = &world->coordinator;
    bool changed = false;
    enum result result = take_reports(world, why);
    if (result == RESULT_OK)
        result = closing_work(node->closing, head_of(world), roll_complete(node->roll),
                              billing_time_ms(world), world->history->today, &changed, why);
    if (result == RESULT_OK)
        result = roll_work(node->roll, world->history->count, billing_now_ms(world), changed, why);
    return result;
}

void coordinator_node_turn(struct billing_world *world) {
    struct coordinator_node *node = &world->coordinator;
    struct failure why = {0};
    if (!node->up) {
        coordinator_node_start(world);
        return;
    }
    if (node->frozen)
        return;
    billing_disk_run(world, NULL);
    if (work(world, &why) != RESULT_OK || node->dying) {
        stop(world, &why);
        return;
    }
    network_alarm(&world->network, ALARM_COORDINATOR, 0, node->connection,
                  1000 + dice_roll(&world->dice, TURN_US));
}
