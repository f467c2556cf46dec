/* lease_property.c - the promises of lease.h under 1,000 seeds: workers that join, freeze, wake, die, leave
 * and lag, messages that take their time or are lost, a coordinator that is stopped or starts again from what
 * it stored.
 *
 * Workers are modelled as proto/README.md has them: a lease is counted from the sending of the report that
 * was answered, and who finds it ended drops everything. Demanded after every step: an epoch is given once;
 * nobody gets a partition while the one before may still write by its own clock; what is free is granted
 * where somebody lives; a death moves only what the dead had. Demanded at the end, when nothing happens any
 * more: all is held and ready, and shares differ by one at most. LEASE_SEED=n runs that one seed.
 */
#include "cakupan/lease.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS          1000u
#define MODELS         12u
#define NUMBERS        400u
#define TURN_MS        20
#define HEARTBEAT_MS   200
#define LEASE_MS       2000u
#define MESSAGES_MAX   4096u
#define PARTITIONS_MAX 24u
#define HISTORY_MS     20000
#define QUIET_MS       12000

/* A worker process. */
struct model {
    bool runs, local, leaving, stop;
    uint32_t number;
    int64_t frozen_until_ms, start_ms, report_due_ms, lease_until_ms;
    uint64_t sequence;
    int64_t sent_ms[64];
    struct lease_held held[PARTITIONS_MAX];
    uint32_t held_count;
};

/* On its way; orders say which partitions, reports what is held. */
struct message {
    int64_t at_ms;
    uint32_t number, count;
    bool to_worker, leaving, stop, local;
    uint64_t answers;
    struct lease_held held[PARTITIONS_MAX];
};

static struct run {
    uint64_t seed, dice;
    uint32_t partitions;
    struct lease_table *table;
    struct lease_config config;
    int64_t now_ms, deaf_until_ms;
    struct model models[MODELS];
    struct message messages[MESSAGES_MAX];
    uint32_t message_count;
    uint64_t stored_epoch[PARTITIONS_MAX];
    uint32_t stored_worker[PARTITIONS_MAX];
    bool stored_local[PARTITIONS_MAX];
    uint64_t heard_sequence[NUMBERS];
    int64_t asked_back_ms[PARTITIONS_MAX];
    uint64_t opened_epoch[PARTITIONS_MAX]; /* the partition's newest segment */
    uint64_t head;
    bool calm; /* nothing bad happens any more */
} run;
static struct lease_effects effects;

#define check(condition) cr_assert(condition, "seed %llu: %s", (unsigned long long)run.seed, #condition)

static uint64_t roll_dice(void) {
    run.dice ^= run.dice << 13;
    run.dice ^= run.dice >> 7;
    run.dice ^= run.dice << 17;
    return run.dice;
}
static bool one_in(uint32_t count) {
    return roll_dice() % count == 0;
}

static struct model *model_of(uint32_t number) {
    for (uint32_t i = 0; i < MODELS; i++)
        if (run.models[i].runs && run.models[i].number == number)
            return &run.models[i];
    return NULL;
}

static void post(const struct message *message) {
    if (!run.calm && one_in(50))
        return; /* lost */
    check(run.message_count < MESSAGES_MAX);
    struct message *posted = &run.messages[run.message_count++];
    *posted = *message;
    posted->at_ms = run.now_ms + 1 + (int64_t)(roll_dice() % (run.calm ? 5 : 60));
    for (uint32_t i = 0; i + 1 < run.message_count; i++) /* one connection keeps its order */
        if (run.messages[i].number == message->number && run.messages[i].to_worker == message->to_worker &&
            run.messages[i].at_ms > posted->at_ms)
            posted->at_ms = run.messages[i].at_ms;
}

static void send_orders(uint32_t number, bool stop) {
    struct message orders = {
        .number = number, .to_worker = true, .stop = stop, .answers = run.heard_sequence[number]};
    for (uint32_t i = 0; i < run.partitions; i++) {
        struct lease_partition is;
        lease_partition(run.table, i, &is);
        if (is.worker == number && (is.state == LEASE_GRANTED || is.state == LEASE_HELD))
            orders.held[orders.count++] = (struct lease_held){.partition = i, .epoch = is.epoch};
    }
    post(&orders);
}

/* By its own clock: may it still write to the partition under this epoch? A frozen one will look at its
 * clock before it goes on. */
static bool may_write(const struct model *model, uint32_t partition) {
    if (!model->runs || run.now_ms >= model->lease_until_ms)
        return false;
    for (uint32_t i = 0; i < model->held_count; i++)
        if (model->held[i].partition == partition)
            return !model->held[i].fenced;
    return false;
}

/* Nobody else may write to it, unless it was asked back for so long that it is fenced all the same. */
static void check_grant(const struct lease_effect *effect) {
    uint32_t partition = effect->partition;
    check(effect->epoch == run.stored_epoch[partition] + 1);
    bool waited = run.asked_back_ms[partition] >= 0 &&
                  run.now_ms - run.asked_back_ms[partition] >= (int64_t)run.config.release_ms;
    for (uint32_t i = 0; i < MODELS && !waited; i++)
        if (run.models[i].number != effect->worker)
            check(!may_write(&run.models[i], partition));
    run.asked_back_ms[partition] = -1;
    run.stored_epoch[partition] = effect->epoch;
    run.stored_worker[partition] = effect->worker;
    run.stored_local[partition] = effect->worker < 101;
}

static void start_model(uint32_t number, bool local) {
    for (uint32_t i = 0; i < MODELS; i++) {
        struct model *model = &run.models[i];
        if (model->runs)
            continue;
        *model = (struct model){.runs = true, .local = local, .number = number};
        model->start_ms = run.now_ms + (int64_t)(roll_dice() % 300);
        return;
    }
}

static void step(struct lease_event event);

static void end_model(struct model *model, bool told) {
    uint32_t number = model->number;
    model->runs = false;
    if (told)
        step((struct lease_event){.kind = LEASE_GONE, .worker = number});
}

static void carry_out(const struct lease_effect *effect) {
    struct model *model = model_of(effect->worker);
    switch ((enum lease_effect_kind)effect->kind) {
    case LEASE_GRANT:
        break; /* checked by the caller */
    case LEASE_ORDERS:
        send_orders(effect->worker, false);
        break;
    case LEASE_START_WORKER:
        start_model(effect->worker, true);
        break;
    case LEASE_STOP_WORKER:
        send_orders(effect->worker, true);
        if (model)
            model->stop = true;
        break;
    case LEASE_EXPEL:
        if (model && model->local)
            model->frozen_until_ms = -1; /* killed: found dead at the next turn */
        break;
    }
}

/* Nobody has more than a part once all grants are known to have arrived; where all is shared out, parts
 * differ by one at most. */
static void check_shares(void) {
    struct lease_worker workers[LEASE_WORKERS_MAX];
    uint32_t count = lease_workers(run.table, workers), living = 0, most = 0, least = UINT32_MAX, shared = 0;
    for (uint32_t i = 0; i < count; i++)
        living += !workers[i].stopping && run.heard_sequence[workers[i].number] > 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t share = 0;
        for (uint32_t p = 0; p < run.partitions; p++) {
            struct lease_partition is;
            lease_partition(run.table, p, &is);
            if (is.state == LEASE_GRANTED)
                return;
            share += is.worker == workers[i].number && is.state == LEASE_HELD;
        }
        if (workers[i].stopping)
            check(share == 0);
        else if (run.heard_sequence[workers[i].number] > 0) {
            most = share > most ? share : most;
            least = share < least ? share : least;
            shared += share;
        }
    }
    if (living > 0 && shared == run.partitions)
        check(most - least <= 1);
    if (living > 0)
        check(most <= run.partitions / living + (run.partitions % living != 0));
}

static bool is_seated(uint32_t worker) {
    struct lease_worker workers[LEASE_WORKERS_MAX];
    uint32_t count = lease_workers(run.table, workers);
    for (uint32_t i = 0; i < count; i++)
        if (workers[i].number == worker)
            return true;
    return false;
}

static void step(struct lease_event event) {
    struct lease_effects said;
    struct lease_partition before[PARTITIONS_MAX];
    for (uint32_t i = 0; i < run.partitions; i++)
        lease_partition(run.table, i, &before[i]);
    event.now_ms = run.now_ms;
    lease_step(run.table, &event, &effects);
    said = effects;
    for (uint32_t i = 0; i < run.partitions; i++) {
        struct lease_partition is;
        lease_partition(run.table, i, &is);
        if (is.state == LEASE_ASKED_BACK && before[i].state != LEASE_ASKED_BACK)
            run.asked_back_ms[i] = run.now_ms;
    }
    for (uint32_t i = 0; i < said.count; i++) {
        if (said.effects[i].kind == LEASE_START_WORKER)
            run.heard_sequence[said.effects[i].worker] = 0;
        if (said.effects[i].kind != LEASE_GRANT)
            continue;
        check_grant(&said.effects[i]);
        uint32_t partition = said.effects[i].partition;
        if (event.kind == LEASE_GONE && before[partition].state == LEASE_HELD)
            check(before[partition].worker == event.worker || !is_seated(before[partition].worker));
    }
    check_shares();
    for (uint32_t i = 0; i < said.count; i++)
        carry_out(&said.effects[i]);
}

static void open_table(void) {
    run.table = lease_table_new(&run.config);
    for (uint32_t i = 0; i < run.partitions; i++)
        if (run.stored_epoch[i])
            lease_restore(run.table, i, run.stored_epoch[i], run.stored_worker[i],
                          !run.stored_local[i] && model_of(run.stored_worker[i]), run.now_ms);
}

/* Ours die with it; strangers live on. */
static void restart_coordinator(void) {
    for (uint32_t i = 0; i < MODELS; i++)
        if (run.models[i].runs && run.models[i].local)
            run.models[i].runs = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < run.message_count; i++)
        if (run.messages[i].number >= 101)
            run.messages[kept++] = run.messages[i];
    run.message_count = kept;
    lease_table_destroy(&run.table);
    memset(run.asked_back_ms, -1, sizeof run.asked_back_ms);
    memset(run.heard_sequence, 0, sizeof run.heard_sequence);
    run.now_ms += (int64_t)(roll_dice() % 3000);
    open_table();
}

/* A segment is made once, and none below another: whoever dropped a lease can't open it again. */
static struct lease_held opened(struct lease_held held) {
    held.position = run.head;
    held.fenced = held.epoch <= run.opened_epoch[held.partition];
    if (!held.fenced)
        run.opened_epoch[held.partition] = held.epoch;
    return held;
}

static const struct lease_held *held_already(const struct model *model, const struct lease_held *wanted) {
    for (uint32_t i = 0; i < model->held_count; i++)
        if (model->held[i].partition == wanted->partition && model->held[i].epoch == wanted->epoch)
            return &model->held[i];
    return NULL;
}

static void take_orders(struct model *model, const struct message *orders) {
    struct lease_held next[PARTITIONS_MAX];
    if (orders->answers > 0)
        model->lease_until_ms = model->sent_ms[orders->answers % 64] + LEASE_MS;
    if (orders->stop)
        model->stop = true;
    for (uint32_t i = 0; i < orders->count; i++) {
        const struct lease_held *has = held_already(model, &orders->held[i]);
        next[i] = has ? *has : opened(orders->held[i]);
    }
    memcpy(model->held, next, sizeof next);
    if (model->held_count != orders->count)
        model->report_due_ms = run.now_ms;
    model->held_count = orders->count;
}

static void model_turn(struct model *model) {
    if (!model->runs || run.now_ms < model->start_ms)
        return;
    if (model->frozen_until_ms < 0) {
        end_model(model, true);
        return;
    }
    if (run.now_ms < model->frozen_until_ms)
        return;
    if (run.now_ms >= model->lease_until_ms)
        model->held_count = 0; /* its lease ended: it drops everything */
    if (model->leaving)
        model->held_count = 0;
    for (uint32_t i = 0; i < model->held_count; i++) {
        model->held[i].ready = model->held[i].ready || one_in(3);
        model->held[i].position = run.head;
        model->held[i].failed = !run.calm && one_in(20000);
    }
    if (run.now_ms >= model->report_due_ms) {
        struct message report = {.number = model->number,
                                 .count = model->held_count,
                                 .leaving = model->leaving,
                                 .local = model->local,
                                 .answers = ++model->sequence};
        memcpy(report.held, model->held, sizeof report.held);
        model->sent_ms[model->sequence % 64] = run.now_ms;
        model->report_due_ms = run.now_ms + HEARTBEAT_MS;
        post(&report);
    }
    if ((model->leaving && one_in(4)) || (model->stop && model->held_count == 0))
        end_model(model, model->local);
}

static void deliver(void) {
    for (uint32_t i = 0; i < run.message_count;) {
        if (run.messages[i].at_ms > run.now_ms) {
            i++;
            continue;
        }
        struct message message = run.messages[i];
        struct model *model = model_of(message.number);
        bool wakes_later = message.to_worker && model && run.now_ms < model->frozen_until_ms;
        if (wakes_later || (!message.to_worker && run.now_ms < run.deaf_until_ms)) {
            i++;
            continue;
        }
        memmove(&run.messages[i], &run.messages[i + 1], (--run.message_count - i) * sizeof run.messages[0]);
        if (message.to_worker && model)
            take_orders(model, &message);
        if (message.to_worker || message.answers <= run.heard_sequence[message.number])
            continue;
        run.heard_sequence[message.number] = message.answers;
        step((struct lease_event){.kind = LEASE_REPORT,
                                  .worker = message.number,
                                  .local = message.local,
                                  .leaving = message.leaving,
                                  .count = message.count,
                                  .held = message.held,
                                  .head = run.head});
        send_orders(message.number, false);
    }
}

static void misfortune(void) {
    struct model *model = &run.models[roll_dice() % MODELS];
    static uint32_t stranger;
    switch (roll_dice() % 9) {
    case 0:
    case 1: /* killed; a stranger's death shows by its silence only */
        if (model->runs)
            end_model(model, model->local);
        break;
    case 2:
    case 3: /* SIGSTOP, SIGCONT */
        if (model->runs)
            model->frozen_until_ms = run.now_ms + (int64_t)(roll_dice() % 6000);
        break;
    case 4:
        stranger = 101 + (stranger + 1) % (NUMBERS - 101);
        if (!model_of(stranger)) {
            run.heard_sequence[stranger] = 0;
            start_model(stranger, false);
        }
        break;
    case 5:
        if (model->runs)
            model->leaving = true;
        break;
    case 6:
        step((struct lease_event){.kind = LEASE_SCALE, .count = (uint32_t)(roll_dice() % 5)});
        break;
    case 7:
        run.deaf_until_ms = run.now_ms + (int64_t)(roll_dice() % 4000);
        break;
    case 8:
        restart_coordinator();
        break;
    }
}

static void turns(int64_t span_ms) {
    for (int64_t until_ms = run.now_ms + span_ms; run.now_ms < until_ms; run.now_ms += TURN_MS) {
        run.head += roll_dice() % 100;
        if (!run.calm && one_in(50))
            misfortune();
        deliver();
        for (uint32_t i = 0; i < MODELS; i++)
            model_turn(&run.models[i]);
        if (run.now_ms >= run.deaf_until_ms && run.now_ms >= lease_wake_ms(run.table))
            step((struct lease_event){.kind = LEASE_TICK});
    }
}

static void check_rest(void) {
    struct lease_worker workers[LEASE_WORKERS_MAX];
    bool automatic;
    uint32_t count = lease_workers(run.table, workers), local = 0, most = 0, least = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        local += workers[i].local;
        check(!workers[i].stopping);
        most = workers[i].partitions > most ? workers[i].partitions : most;
        least = workers[i].partitions < least ? workers[i].partitions : least;
        check(model_of(workers[i].number) != NULL);
    }
    check(count > 0);
    check(local == lease_desired(run.table, &automatic));
    check(most - least <= 1);
    for (uint32_t i = 0; i < run.partitions; i++) {
        struct lease_partition is;
        lease_partition(run.table, i, &is);
        check(is.state == LEASE_HELD);
        check(is.ready);
        check(is.epoch == run.stored_epoch[i]);
        struct model *model = model_of(is.worker);
        check(model && may_write(model, i));
    }
}

static void run_seed(uint64_t seed) {
    memset(&run, 0, sizeof run);
    run.seed = seed;
    run.dice = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    run.partitions = 1 + (uint32_t)(roll_dice() % PARTITIONS_MAX);
    run.now_ms = 1000000;
    memset(run.asked_back_ms, -1, sizeof run.asked_back_ms);
    run.config = (struct lease_config){.partitions = run.partitions,
                                       .lease_ms = LEASE_MS,
                                       .release_ms = 2000,
                                       .workers_min = 1,
                                       .workers_max = 4,
                                       .lag_high = 10000,
                                       .lag_low = 10,
                                       .scale_up_ms = 500,
                                       .scale_down_ms = 60000,
                                       .start_ms = 10000};
    open_table();
    turns(HISTORY_MS);
    run.calm = true;
    step((struct lease_event){.kind = LEASE_SCALE, .count = 1 + (uint32_t)(seed % 4)});
    turns(QUIET_MS);
    check_rest();
    lease_table_destroy(&run.table);
}

Test(lease_property, promises_hold_whatever_happens, .timeout = 110) {
    const char *only = getenv("LEASE_SEED"), *count = getenv("LEASE_SEEDS");
    uint64_t seeds = count ? strtoull(count, NULL, 10) : SEEDS;
    if (only)
        run_seed(strtoull(only, NULL, 10));
    for (uint64_t seed = 1; !only && seed <= seeds; seed++)
        run_seed(seed);
}
