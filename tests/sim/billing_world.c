/* billing_world.c - lets chance reign over the simulated billing, then calm, and asks the oracle
 * (billing_world.h). */
#include "billing_world.h"

#include "store/city_tariff.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHAOS_US       INT64_C(9000000)
#define CALM_MAX_US    INT64_C(90000000)
#define LIFE_STEPS     85u
#define LIFE_US        200000u
#define OPERATOR_US    600000u
#define MISCHIEF_US    1200000u
#define STOPPED_US     5000000u
#define REST_MS        1500 /* longer than what waits for a commit, and than a heartbeat */
#define TEN_O_CLOCK_MS (10 * INT64_C(3600000))

void billing_complain(struct billing_world *world, const char *format, ...) {
    if (world->failed)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->complaint, sizeof world->complaint, format, arguments);
    va_end(arguments);
    world->failed = true;
}

int64_t billing_now_ms(const struct billing_world *world) {
    return 100000 + world->network.now_us / 1000;
}

int64_t billing_time_ms(const struct billing_world *world) {
    return calendar_time_of_day(world->history->today) + TEN_O_CLOCK_MS + world->network.now_us / 1000;
}

month_t billing_first_month(void) {
    return calendar_month(calendar_day(2026, 11, 1)); /* in which the history begins */
}

bool billing_inbox_put(struct inbox *inbox, struct message *message) {
    if (inbox->count == BILLING_INBOX)
        return false;
    inbox->messages[inbox->count++] = *message;
    return true;
}

void billing_inbox_clear(struct inbox *inbox) {
    for (uint32_t i = 0; i < inbox->count; i++)
        message_free(&inbox->messages[i]);
    inbox->count = 0;
}

/* Memory where there is some to be had as files: durability is not what is tested here. */
void billing_world_open(struct billing_world *world) {
    static const char memory[] = "/dev/shm/cakupan.XXXXXX";
    struct failure why;
    memset(world, 0, sizeof *world);
    strcpy(world->state, memory);
    if (!mkdtemp(world->state))
        scratch_make(world->state);
    world->rows = calloc(BILLING_ROWS, sizeof *world->rows);
    if (!world->rows || tariff_load(&world->tariffs[0], CITY_DIRECTORY, &why) != RESULT_OK)
        abort();
    world->tariffs[1] = world->tariffs[0];
    for (uint16_t i = 0; i < world->tariffs[1].count; i++) /* dearer, also for months gone by */
        for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
            if (world->tariffs[1].rows[i].segment != SEGMENT_BP)
                world->tariffs[1].rows[i].share[payer] += world->tariffs[1].rows[i].share[payer] / 5;
    world->terms = (struct payment_terms){
        .count = 1, .rows = {{.valid_from = 1, .due_day_of_month = 10, .due_month = 1, .due_moves = true}}};
}

void billing_world_close(struct billing_world *world) {
    scratch_remove(world->state);
    free(world->rows);
}

static void make_directories(const struct billing_world *world) {
    static const char *const names[] = {"", "/run"};
    char path[SCRATCH_PATH + 8];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s%s", world->state, names[i]);
        mkdir(path, 0700);
    }
}

static void stop_for_a_while(struct billing_world *world, struct worker_node *node) {
    if (!node->up || node->frozen || node->on_stack)
        return;
    node->frozen = true;
    world->freezes++;
    network_alarm(&world->network, ALARM_THAW, node->index, node->connection,
                  dice_roll(&world->dice, STOPPED_US));
}

static void mischief(struct billing_world *world) {
    struct worker_node *node = &world->workers[dice_roll(&world->dice, BILLING_WORKERS)];
    switch (dice_roll(&world->dice, 6)) {
    case 0:
    case 1:
        worker_node_kill(world, node);
        break;
    case 2:
    case 3:
        stop_for_a_while(world, node);
        break;
    case 4:
        if (world->coordinator.up)
            coordinator_node_crash(world);
        break;
    default:
        break;
    }
    network_alarm(&world->network, ALARM_MISCHIEF, 0, 0, dice_roll(&world->dice, MISCHIEF_US));
}

/* One worker is dead or stopped for ever from now on, in three of four worlds. */
static void begin_calm(struct billing_world *world) {
    struct worker_node *node = &world->workers[dice_roll(&world->dice, BILLING_WORKERS)];
    uint32_t fate = dice_roll(&world->dice, 4);
    world->network.calm = true;
    month_t open = (month_t)(billing_first_month() + world->closes);
    month_t now = calendar_month(world->history->today);
    world->last_month = open < now ? open : (month_t)(now - 1);
    if (fate == 0 || node->on_stack || world->lies)
        return;
    node->gone = true;
    if (fate == 1)
        node->frozen = true;
    else
        worker_node_kill(world, node);
}

static void live(struct billing_world *world) {
    if (world->life_left == 0 || world->network.calm)
        return;
    world->life_left--;
    if (history_go(world->history))
        network_alarm(&world->network, ALARM_LIFE, 0, 0, dice_roll(&world->dice, LIFE_US));
}

static month_t open_month(const struct billing_world *world) {
    return (month_t)(billing_first_month() + world->closes);
}

static void choose_ask(struct billing_world *world, struct billing_ask *ask) {
    month_t open = open_month(world);
    ask->order = (struct partition_order){.act = PARTITION_CLOSE, .month = open};
    if (world->network.calm && open <= world->last_month)
        return;
    uint32_t dice = dice_roll(&world->dice, 20);
    if (dice < 9)
        ask->order = (struct partition_order){.act = PARTITION_PREVIEW,
                                              .month = (month_t)(open + dice_roll(&world->dice, 2)),
                                              .months = (uint16_t)(1 + dice_roll(&world->dice, 2))};
    else if (dice < 11 && world->closes > 0)
        ask->order.month = (month_t)(open - 1 - dice_roll(&world->dice, (uint32_t)world->closes));
    else if (dice == 11)
        ask->order = (struct partition_order){.act = PARTITION_RETARIFF,
                                              .tariff = &world->tariffs[dice_roll(&world->dice, 2)]};
}

/* In the calm: the months that are left, then a preview; then nobody asks any more. */
static bool operator_is_done(const struct billing_world *world) {
    return world->network.calm && open_month(world) > world->last_month;
}

static void operate(struct billing_world *world) {
    for (uint32_t i = 0; i < BILLING_ASKS && !operator_is_done(world); i++) {
        struct billing_ask *ask = &world->asks[i];
        if (ask->number)
            continue;
        *ask = (struct billing_ask){.number = ++world->ask_number, .head = world->history->count};
        choose_ask(world, ask);
        if (!coordinator_node_ask(world, ask))
            ask->number = 0;
        break;
    }
    network_alarm(&world->network, ALARM_OPERATOR, 0, 0, 1000 + dice_roll(&world->dice, OPERATOR_US));
}

/* True where the message now belongs to somebody else. */
static bool deliver(struct billing_world *world, struct message *message) {
    struct worker_node *node = &world->workers[message->node];
    bool same = node->up && message->connection == node->connection;
    switch (message->kind) {
    case MESSAGE_REPORT:
        return world->coordinator.up && billing_inbox_put(&world->coordinator.inbox, message);
    case MESSAGE_ORDERS:
        return same && billing_inbox_put(&node->inbox, message);
    case ALARM_WORKER:
        if (same)
            worker_node_turn(world, node);
        break;
    case ALARM_START:
        worker_node_start(world, node);
        break;
    case ALARM_THAW:
        if (same && !node->on_stack && !node->gone) {
            node->frozen = false;
            network_alarm(&world->network, ALARM_WORKER, node->index, node->connection, 0);
        }
        break;
    case ALARM_COORDINATOR:
        if (message->connection == world->coordinator.connection)
            coordinator_node_turn(world);
        break;
    case ALARM_LIFE:
        live(world);
        break;
    case ALARM_OPERATOR:
        operate(world);
        break;
    case ALARM_MISCHIEF:
        if (!world->network.calm)
            mischief(world);
        break;
    default:
        break;
    }
    return false;
}

static bool step(struct billing_world *world) {
    struct message message;
    if (world->failed || !network_next(&world->network, &message))
        return false;
    if (!deliver(world, &message))
        message_free(&message);
    return true;
}

void billing_world_meanwhile(struct billing_world *world, int64_t until_us) {
    while (world->network.now_us < until_us && step(world))
        continue;
}

static bool everything_is_counted(struct billing_world *world) {
    for (uint32_t partition = 0; partition < world->partitions; partition++) {
        uint32_t owners = 0;
        for (uint32_t i = 0; i < BILLING_WORKERS; i++)
            owners += worker_node_has(world, &world->workers[i], partition);
        if (owners != 1)
            return false;
    }
    return true;
}

static bool at_rest(struct billing_world *world) {
    bool waits = false;
    for (uint32_t i = 0; i < BILLING_ASKS; i++)
        waits |= world->asks[i].number != 0;
    bool rests = world->network.calm && operator_is_done(world) && !waits && world->coordinator.up &&
                 roll_complete(world->coordinator.roll) && everything_is_counted(world);
    int64_t now_ms = billing_now_ms(world);
    if (!rests)
        world->rest_ms = 0;
    else if (world->rest_ms == 0)
        world->rest_ms = now_ms;
    return rests && now_ms - world->rest_ms >= REST_MS;
}

/* Who holds what, for the complaint. */
static void describe(struct billing_world *world, char out[300]) {
    size_t size = (size_t)snprintf(
        out, 300, "coordinator %s, complete %d, head %u;", world->coordinator.up ? "up" : "down",
        world->coordinator.up && roll_complete(world->coordinator.roll), (unsigned)world->history->count);
    for (uint32_t i = 0; i < BILLING_WORKERS && size < 240; i++) {
        struct worker_node *node = &world->workers[i];
        uint32_t count = 0;
        const struct wire_held *held = node->up ? portfolio_report(node->portfolio, &count) : NULL;
        size += (size_t)snprintf(out + size, 300 - size, " worker %u%s%s%s%s:", (unsigned)i + 1,
                                 node->up ? "" : " down", node->frozen ? " frozen" : "",
                                 node->gone ? " gone" : "", node->lapsed ? " lapsed" : "");
        for (uint32_t k = 0; k < count && size < 260; k++)
            size += (size_t)snprintf(out + size, 300 - size, " %u@%llu%s%s", (unsigned)held[k].partition,
                                     (unsigned long long)held[k].position, held[k].ready ? "" : "!",
                                     held[k].code);
    }
}

static void complain_of_unrest(struct billing_world *world) {
    char state[300];
    describe(world, state);
    billing_complain(world, "billing does not come to rest: %d of %d months closed, %u partitions; %s",
                     (int)world->closes, world->last_month + 1 - billing_first_month(),
                     (unsigned)world->partitions, state);
}

static void run(struct billing_world *world) {
    while (step(world)) {
        if (!world->network.calm && world->network.now_us > CHAOS_US)
            begin_calm(world);
        if (world->network.calm && at_rest(world))
            return;
        if (world->network.now_us > CHAOS_US + CALM_MAX_US)
            complain_of_unrest(world);
    }
}

static void tear_down(struct billing_world *world) {
    for (uint32_t i = 0; i < BILLING_WORKERS; i++) {
        world->workers[i].gone = true;
        worker_node_kill(world, &world->workers[i]);
    }
    if (world->coordinator.up)
        coordinator_node_crash(world);
    network_free(&world->network);
    billing_disk_clear(world);
    for (uint32_t i = 0; i < world->preview_count; i++)
        free(world->previews[i].sums);
    for (uint32_t i = 0; i < BILLING_MONTHS; i++)
        free(world->invoices[i].bytes);
    history_end(&world->history);
    scratch_remove(world->state);
    make_directories(world);
}

/* What outlives a seed is kept, the rest begins anew. */
static void begin(struct billing_world *world, uint64_t seed, bool lies) {
    struct billing_world kept = *world;
    memset(world, 0, sizeof *world);
    memcpy(world->state, kept.state, sizeof kept.state);
    memcpy(world->tariffs, kept.tariffs, sizeof kept.tariffs);
    world->terms = kept.terms;
    world->rows = kept.rows;
    world->seed = seed;
    world->dice.state = seed ^ UINT64_C(0x62696c6c696e67); /* other worlds than the city's */
    world->lies = lies;
    world->life_left = LIFE_STEPS;
    network_init(&world->network, &world->dice);
    world->history = history_begin(dice_next(&world->dice));
    world->partitions = 1 + dice_roll(&world->dice, BILLING_PARTITIONS);
    scratch_remove(world->state); /* a seed before that aborted in a child has left its files */
    make_directories(world);
    billing_disk_run(world, NULL);
}

bool billing_world_run(struct billing_world *world, uint64_t seed, bool lies) {
    begin(world, seed, lies);
    coordinator_node_start(world);
    for (uint32_t i = 0; i < BILLING_WORKERS; i++) {
        world->workers[i].index = i;
        world->workers[i].lock_fd = -1;
        network_alarm(&world->network, ALARM_START, i, 0, dice_roll(&world->dice, 500000));
    }
    network_alarm(&world->network, ALARM_LIFE, 0, 0, 1000);
    network_alarm(&world->network, ALARM_OPERATOR, 0, 0, OPERATOR_US);
    network_alarm(&world->network, ALARM_MISCHIEF, 0, 0, MISCHIEF_US);
    run(world);
    if (!world->failed)
        billing_oracle_judge(world);
    tear_down(world);
    return !world->failed;
}
