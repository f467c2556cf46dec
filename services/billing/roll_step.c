/* roll_step.c - a step of the leases, and what follows: losses told, epochs stored, processes started and
 * ended, orders sent (roll_state.h). */
#include "roll_state.h"

#include "runtime/clock.h"
#include "runtime/log.h"

#include <inttypes.h>
#include <string.h>

#define STORE_RETRY_MS 5000

enum result roll_store_grants(struct roll *roll, int64_t now_ms, struct failure *why) {
    struct decision epochs[LEDGER_PARTITIONS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < roll->config.lease.partitions; i++) {
        struct lease_partition is;
        lease_partition(roll->leases, i, &is);
        const struct roll_member *member = roll_member_of(roll, is.worker);
        if (is.state != LEASE_GRANTED || books_epoch(roll->books, i).epoch >= is.epoch || !member)
            continue;
        epochs[count++] = (struct decision){.kind = DECISION_EPOCH,
                                            .time_ms = clock_now_ms(),
                                            .day = roll_today(roll),
                                            .author = {member->name, (uint16_t)strlen(member->name)},
                                            .partition = i,
                                            .epoch = is.epoch,
                                            .worker = is.worker,
                                            .local = member->local};
    }
    if (count == 0 || now_ms < roll->store_retry_ms)
        return RESULT_OK;
    enum result result = books_decide(roll->books, epochs, count, why);
    if (result != RESULT_FULL)
        return result;
    log_alarm("%s: %s Partitions wait for their workers.", why->code, why->sentence);
    roll->store_retry_ms = now_ms + STORE_RETRY_MS;
    return RESULT_OK;
}

/* Compares with before the step. What its owner gave back itself is moved, not taken over; what was lost has
 * been without an owner since that one's last sign of life. */
static void notice_losses(struct roll *roll, const struct lease_event *event) {
    for (uint32_t i = 0; i < roll->config.lease.partitions; i++) {
        struct roll_part *part = &roll->parts[i];
        struct lease_partition is;
        lease_partition(roll->leases, i, &is);
        if (part->is.state == LEASE_FREE || (is.state != LEASE_FREE && is.epoch == part->is.epoch))
            continue;
        closing_lost(roll->closing, i);
        const struct roll_member *owner = roll_member_of(roll, part->is.worker);
        bool given_back = event->kind == LEASE_REPORT && event->worker == part->is.worker;
        if (!given_back && part->lost_ms == 0 && part->is.state == LEASE_HELD)
            part->lost_ms = owner ? owner->heard_ms : event->now_ms;
    }
}

static void start_worker(struct roll *roll, uint32_t number, bool *failed) {
    struct failure why;
    if (!roll->children || children_start(roll->children, number, &why) == RESULT_OK)
        return;
    log_alarm("%s: %s", why.code, why.sentence);
    *failed = true;
}

static void stop_worker(struct roll *roll, uint32_t number) {
    struct roll_member *member = roll_member_of(roll, number);
    if (member) {
        member->stop = true;
        roll_order(roll, member);
    }
    if (roll->children && children_has(roll->children, number))
        children_stop(roll->children, number);
    else
        roll_member_forget(roll, number);
}

static void expel_worker(struct roll *roll, uint32_t number) {
    const struct roll_member *member = roll_member_of(roll, number);
    log_warning("worker %" PRIu32 " (%s) is silent: its partitions go to others", number,
                member ? member->name : "never heard");
    if (roll->children && children_has(roll->children, number))
        children_kill(roll->children, number);
    else
        roll_member_forget(roll, number);
}

/* Orders last: all that they may show is stored by then. */
static void carry_out(struct roll *roll, const struct lease_effects *effects, uint32_t *failed_start) {
    for (uint32_t i = 0; i < effects->count; i++) {
        uint32_t worker = effects->effects[i].worker;
        bool failed = false;
        const struct roll_member *member = roll_member_of(roll, worker);
        switch ((enum lease_effect_kind)effects->effects[i].kind) {
        case LEASE_GRANT:
            break; /* stored already */
        case LEASE_ORDERS:
            if (member)
                roll_order(roll, member);
            break;
        case LEASE_START_WORKER:
            start_worker(roll, worker, &failed);
            break;
        case LEASE_STOP_WORKER:
            stop_worker(roll, worker);
            break;
        case LEASE_EXPEL:
            expel_worker(roll, worker);
            break;
        }
        if (failed)
            *failed_start = worker;
    }
}

enum result roll_step(struct roll *roll, const struct lease_event *event, struct failure *why) {
    struct lease_effects effects;
    uint32_t failed_start = 0;
    for (uint32_t i = 0; i < roll->config.lease.partitions; i++)
        lease_partition(roll->leases, i, &roll->parts[i].is);
    lease_step(roll->leases, event, &effects);
    notice_losses(roll, event);
    enum result result = roll_store_grants(roll, event->now_ms, why);
    if (result != RESULT_OK)
        return result;
    carry_out(roll, &effects, &failed_start);
    if (event->kind == LEASE_GONE)
        roll_member_forget(roll, event->worker);
    if (failed_start == 0)
        return RESULT_OK;
    struct lease_event gone = {.kind = LEASE_GONE, .now_ms = event->now_ms, .worker = failed_start};
    return roll_step(roll, &gone, why); /* the fold waits before it tries again: this ends */
}
