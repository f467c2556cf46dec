/* portfolio_work.c - a portfolio's turns: records counted, barriers acted on, what is due committed and
 * saved. */
#include "portfolio_internal.h"

#include <string.h>

/* An entry of the journal at that very offset is repeated at once: none is left open at the position. */
static enum result take_record(struct held *held, const struct record *record, struct failure *why) {
    enum result result = partition_step(held->partition, record, why);
    return result == RESULT_OK ? partition_settle(held->partition, record->offset, why) : result;
}

enum result portfolio_record(void *context, const struct batch_header *batch, const struct record *record,
                             struct failure *why) {
    struct portfolio *portfolio = context;
    struct held *held = &portfolio->held[record_partition(record->member_id, portfolio->count)];
    struct failure reason = {0};
    (void)batch, (void)why;
    if (!held->followed || !held_moves(held))
        return RESULT_OK;
    portfolio->records++;
    held->sums_old = true;
    if (take_record(held, record, &reason) != RESULT_OK)
        held_fail(portfolio, held, &reason); /* the others go on */
    return RESULT_OK;
}

static bool acts_now(const struct portfolio *portfolio, const struct held *held) {
    return portfolio->run && held_moves(held) && barrier_asks(portfolio, held) &&
           partition_position(held->partition) >= portfolio->order.offset;
}

static void settle(struct portfolio *portfolio, struct held *held, uint64_t offset) {
    struct failure why = {0};
    if (offset <= partition_position(held->partition))
        return;
    held->sums_old = true;
    if (partition_settle(held->partition, offset, &why) != RESULT_OK)
        held_fail(portfolio, held, &why);
}

/* Never beyond a barrier: the feed is bound to it (portfolio_until). */
static void settle_all(struct portfolio *portfolio, uint64_t offset) {
    for (uint32_t i = 0; i < portfolio->count; i++)
        if (portfolio->held[i].followed && held_moves(&portfolio->held[i]))
            settle(portfolio, &portfolio->held[i], offset);
}

/* One partition a call: between two of them the lease is looked at. The answers go out together. */
static void act_on_barrier(struct portfolio *portfolio, int64_t now_ms, int64_t time_ms) {
    bool acted = false;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        struct held *held = &portfolio->held[i];
        if (!acts_now(portfolio, held))
            continue;
        if (acted)
            return;
        barrier_act(portfolio, held, now_ms, time_ms);
        acted = true;
    }
    portfolio->report_due |= acted;
}

static void commit_due(struct portfolio *portfolio, struct held *held, int64_t now_ms, int64_t time_ms) {
    uint64_t waiting = partition_waiting(held->partition);
    if (waiting && !held->commit_due_ms)
        held->commit_due_ms = now_ms + COMMIT_EVERY_MS;
    if (waiting >= COMMIT_CHARGES || (held->commit_due_ms && now_ms >= held->commit_due_ms))
        held_commit(portfolio, held, now_ms, time_ms);
}

static bool snapshot_due(const struct portfolio *portfolio, const struct held *held, int64_t now_ms) {
    return held_moves(held) &&
           partition_position(held->partition) - held->snapshot_position >= SNAPSHOT_RECORDS &&
           now_ms - held->snapshot_ms >= SNAPSHOT_PAUSE_MS && barrier_allows_snapshot(portfolio, held);
}

static void snapshot_one(struct portfolio *portfolio, int64_t now_ms, int64_t time_ms) {
    for (uint32_t i = 0; i < portfolio->count; i++) {
        struct held *held = &portfolio->held[i];
        if (!snapshot_due(portfolio, held, now_ms))
            continue;
        if (held_commit(portfolio, held, now_ms, time_ms))
            held_snapshot(held, now_ms);
        return;
    }
}

bool portfolio_work(struct portfolio *portfolio, uint64_t offset, int64_t now_ms, int64_t time_ms) {
    bool repeated = portfolio_repeats(portfolio);
    settle_all(portfolio, offset);
    portfolio->report_due |= repeated && portfolio->barrier && !portfolio_repeats(portfolio);
    act_on_barrier(portfolio, now_ms, time_ms);
    for (uint32_t i = 0; i < portfolio->count; i++) {
        struct held *held = &portfolio->held[i];
        if (held->stalled && now_ms >= held->retry_ms)
            held_commit(portfolio, held, now_ms, time_ms);
        else if (held_moves(held))
            commit_due(portfolio, held, now_ms, time_ms);
    }
    snapshot_one(portfolio, now_ms, time_ms);
    bool due = portfolio->report_due;
    portfolio->report_due = false;
    return due;
}

int64_t portfolio_wake_ms(const struct portfolio *portfolio) {
    int64_t wake_ms = portfolio->report_due ? 0 : INT64_MAX;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        const struct held *held = &portfolio->held[i];
        if (acts_now(portfolio, held) || held->state == HELD_OPENING)
            return 0;
        int64_t due_ms = held->stalled ? held->retry_ms : held->commit_due_ms;
        if (due_ms && due_ms < wake_ms)
            wake_ms = due_ms;
    }
    return wake_ms;
}

static bool repeats(const struct held *held) {
    return held_moves(held) && partition_position(held->partition) < held->journal_offset;
}

bool portfolio_repeats(const struct portfolio *portfolio) {
    for (uint32_t i = 0; i < portfolio->count; i++)
        if (repeats(&portfolio->held[i]))
            return true;
    return false;
}

bool portfolio_wants(const struct portfolio *portfolio, const struct held *held) {
    bool holding = portfolio->barrier && !portfolio->run && portfolio_repeats(portfolio);
    return held_moves(held) && (!holding || repeats(held));
}

uint64_t portfolio_next(const struct portfolio *portfolio) {
    uint64_t next = 0;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        if (!portfolio_wants(portfolio, &portfolio->held[i]))
            continue;
        uint64_t own = partition_position(portfolio->held[i].partition) + 1;
        next = next == 0 || own < next ? own : next;
    }
    return next;
}

/* While it holds, everything stays where it is. Then the offset of the barrier bounds all until the last
 * one has acted; partitions that act sooner wait for the others, who share the feed. One that is beyond
 * the offset already (its order is in the journal) is not asked to go back. */
uint64_t portfolio_until(const struct portfolio *portfolio) {
    uint64_t until = UINT64_MAX;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        const struct held *held = &portfolio->held[i];
        if (!held->followed || !held_moves(held) || !barrier_asks(portfolio, held))
            continue;
        uint64_t bound = partition_position(held->partition);
        if (portfolio->run && bound < portfolio->order.offset)
            bound = portfolio->order.offset;
        else if (!portfolio->run && repeats(held))
            bound = held->journal_offset;
        if (bound < until)
            until = bound;
    }
    return until;
}

uint32_t portfolio_wanted(struct portfolio *portfolio, uint32_t *out, uint32_t *partition_count) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        portfolio->held[i].followed = portfolio_wants(portfolio, &portfolio->held[i]);
        if (portfolio->held[i].followed)
            out[count++] = i;
    }
    *partition_count = portfolio->count;
    return count;
}

uint64_t portfolio_records(const struct portfolio *portfolio) {
    return portfolio->records;
}
