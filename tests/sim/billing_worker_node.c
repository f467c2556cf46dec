/* billing_worker_node.c - a worker of the simulated billing: the services' portfolio in a loop like
 * worker.c's (billing_world.h). */
#include "billing_world.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define TURN_US        15000u
#define RESTART_US     1500000u
#define RECORDS_A_TURN 12u
#define REPORT_BYTES   (1u << 20)
#define ORDERS_BUDGET  (1u << 20)

static void name_of(const struct worker_node *node, char out[WORKER_NAME_MAX + 1]) {
    snprintf(out, WORKER_NAME_MAX + 1, "billing-worker-%u", node->index + 1);
}

/* As service_start does: whether the process lives is whether this is held. */
static void take_lock(struct billing_world *world, struct worker_node *node) {
    char path[160], name[WORKER_NAME_MAX + 1];
    name_of(node, name);
    snprintf(path, sizeof path, "%s/run/%s.lock", world->state, name);
    node->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int failed = node->lock_fd < 0 || flock(node->lock_fd, LOCK_EX | LOCK_NB) != 0;
    assert(!failed && "a worker's lock is free when it starts");
    (void)failed;
}

void worker_node_start(struct billing_world *world, struct worker_node *node) {
    if (node->up || node->on_stack || node->gone)
        return;
    struct portfolio_config config = {.state = world->state, .regions = &world->history->regions};
    uint32_t index = node->index, connection = node->connection + 1;
    *node = (struct worker_node){.index = index, .connection = connection, .up = true};
    take_lock(world, node);
    arena_init(&node->arena, ORDERS_BUDGET);
    node->portfolio = portfolio_new(&config);
    world->starts++;
    network_alarm(&world->network, ALARM_WORKER, index, connection, 1000);
}

static void end(struct billing_world *world, struct worker_node *node) {
    billing_disk_run(world, node);
    portfolio_destroy(&node->portfolio);
    arena_free(&node->arena);
    billing_inbox_clear(&node->inbox);
    node->up = node->dying = false;
    if (!node->gone)
        network_alarm(&world->network, ALARM_START, node->index, 0, dice_roll(&world->dice, RESTART_US));
}

void worker_node_kill(struct billing_world *world, struct worker_node *node) {
    if (!node->up)
        return;
    world->kills += !node->dying;
    node->dying = true;
    if (node->lock_fd >= 0)
        close(node->lock_fd);
    node->lock_fd = -1;
    if (!node->on_stack)
        end(world, node);
}

/* The feed is asked for what the portfolio wants, from where it needs it. */
static void follow(struct worker_node *node) {
    uint32_t wanted[LEDGER_PARTITIONS_MAX], partition_count;
    node->feed_next = portfolio_next(node->portfolio);
    memset(node->wanted, 0, sizeof node->wanted);
    uint32_t count = portfolio_wanted(node->portfolio, wanted, &partition_count);
    for (uint32_t i = 0; i < count; i++)
        node->wanted[wanted[i]] = true;
    if (count == 0)
        node->feed_next = 0;
}

static void work_feed(struct billing_world *world, struct worker_node *node) {
    uint64_t until = portfolio_until(node->portfolio), head = world->history->count;
    uint32_t left = 1 + dice_roll(&world->dice, RECORDS_A_TURN);
    for (; left > 0 && node->feed_next <= head && node->feed_next <= until; left--, node->feed_next++) {
        const struct record *record = &world->history->records[node->feed_next - 1];
        struct batch_header batch = {.first_offset = record->offset,
                                     .count = 1,
                                     .time_ms = billing_time_ms(world),
                                     .day = world->history->today};
        struct failure why = {0};
        if (node->wanted[record_partition(record->member_id, world->partitions)] &&
            portfolio_record(node->portfolio, &batch, record, &why) != RESULT_OK)
            billing_complain(world, "worker %u, record %llu: %s", node->index + 1,
                             (unsigned long long)record->offset, why.sentence);
    }
}

static bool may_write(struct worker_node *node, int64_t now_ms) {
    if (node->lapsed || now_ms < node->lease_until_ms)
        return !node->lapsed;
    portfolio_lapse(node->portfolio);
    node->lapsed = true;
    return false;
}

static void read_orders(struct billing_world *world, struct worker_node *node,
                        const struct message *message) {
    struct failure why = {0};
    arena_reset(&node->arena);
    node->ordered = wire_worker_orders_decode(message->data, message->sizes[0], &node->arena, &node->orders,
                                              &why) == RESULT_OK;
    if (!node->ordered)
        billing_complain(world, "orders can't be read: %s", why.sentence);
    uint64_t answered = node->orders.answers_sequence;
    if (node->orders.instance != node->connection)
        node->ordered = false;
    else if (answered > 0 && answered <= node->report_sequence && node->report_sequence - answered < 64) {
        int64_t until_ms = node->report_sent_ms[answered % 64] + node->orders.lease_ms;
        if (until_ms > node->lease_until_ms)
            node->lease_until_ms = until_ms;
    }
}

static void take_orders(struct billing_world *world, struct worker_node *node) {
    for (uint32_t i = 0; i < node->inbox.count; i++)
        read_orders(world, node, &node->inbox.messages[i]);
    billing_inbox_clear(&node->inbox);
}

static void report(struct billing_world *world, struct worker_node *node, int64_t now_ms) {
    static uint8_t bytes[REPORT_BYTES];
    struct wire_worker_report report = {.sequence = ++node->report_sequence,
                                        .pid = 1000 + node->index,
                                        .instance = node->connection,
                                        .head = world->history->count,
                                        .records = portfolio_records(node->portfolio)};
    name_of(node, report.name);
    report.held = portfolio_report(node->portfolio, &report.held_count);
    node->report_sent_ms[report.sequence % 64] = now_ms;
    node->report_due_ms = now_ms + BILLING_HEARTBEAT_MS;
    size_t size = wire_worker_report_encode(&report, bytes, sizeof bytes);
    if (size == 0)
        billing_complain(world, "a report does not fit");
    network_send_in_order(&world->network, MESSAGE_REPORT, node->index, node->connection, bytes, size,
                          &node->reports_us);
}

/* Time may pass within each call: then the caller's `now` is old, as a stopped process's is. */
static void turn(struct billing_world *world, struct worker_node *node) {
    int64_t now_ms = billing_now_ms(world);
    bool due = false, more = true, refollow = false;
    if (may_write(node, now_ms) && node->feed_next)
        work_feed(world, node);
    if (may_write(node, now_ms))
        due = portfolio_work(node->portfolio, node->feed_next ? node->feed_next - 1 : 0, now_ms,
                             billing_time_ms(world));
    if (node->dying)
        return;
    take_orders(world, node);
    now_ms = billing_now_ms(world);
    while (!node->dying && more && node->ordered && now_ms < node->lease_until_ms) {
        portfolio_obey(node->portfolio, &node->orders, now_ms, billing_time_ms(world), &more, &refollow);
        node->lapsed = false;
        if (refollow)
            follow(node);
    }
    now_ms = billing_now_ms(world);
    if (!node->dying && (due || now_ms >= node->report_due_ms))
        report(world, node, now_ms);
}

void worker_node_turn(struct billing_world *world, struct worker_node *node) {
    if (!node->up || node->frozen || node->on_stack)
        return;
    node->on_stack = true;
    billing_disk_run(world, node);
    turn(world, node);
    node->on_stack = false;
    if (node->dying)
        end(world, node);
    else
        network_alarm(&world->network, ALARM_WORKER, node->index, node->connection,
                      1000 + dice_roll(&world->dice, TURN_US));
}

bool worker_node_has(struct billing_world *world, struct worker_node *node, uint32_t partition) {
    uint32_t count;
    if (!node->up || node->gone || node->lapsed)
        return false;
    const struct wire_held *held = portfolio_report(node->portfolio, &count);
    for (uint32_t i = 0; i < count; i++)
        if (held[i].partition == partition)
            return held[i].ready && !held[i].code[0] && held[i].position == world->history->count;
    return false;
}
