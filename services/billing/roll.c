/* roll.c - reports in, orders out: the roll of workers over time (roll.h). */
#include "roll_state.h"

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BUDGET (64u << 20) /* a report of 16 MiB in pieces */
#define COMPLAIN_MS  60000
#define LOOK_MS      200

/* Ours died with the coordinator before us, unless their lock says otherwise; strangers on other machines
 * may live. */
static bool may_live(const struct roll *roll, const struct books_epoch *epoch) {
    enum worker_sign sign = worker_sign(roll->config.state, epoch->name);
    return sign == WORKER_LIVES || (sign == WORKER_UNKNOWN && !epoch->local);
}

static void restore(struct roll *roll) {
    int64_t now_ms = clock_monotonic_us() / 1000;
    struct books_begun begun;
    if (!books_begun(roll->books, &begun))
        return;
    require(begun.partitions == roll->config.lease.partitions, "the leases are of the state's partitions");
    for (uint32_t i = 0; i < begun.partitions; i++) {
        struct books_epoch epoch = books_epoch(roll->books, i);
        if (epoch.epoch > 0)
            lease_restore(roll->leases, i, epoch.epoch, epoch.worker, may_live(roll, &epoch), now_ms);
    }
}

struct roll *roll_new(const struct roll_config *config, struct books *books, struct closing *closing,
                      struct children *children, roll_send *send, void *context) {
    struct roll *roll = calloc(1, sizeof *roll);
    require(roll, "out of memory for the roll of workers");
    roll->config = *config;
    roll->books = books;
    roll->closing = closing;
    roll->children = children;
    roll->send = send;
    roll->context = context;
    roll->leases = lease_table_new(&config->lease);
    arena_init(&roll->arena, ARENA_BUDGET);
    restore(roll);
    roll_part_recall_failures(roll);
    return roll;
}

void roll_destroy(struct roll **roll) {
    if (!*roll)
        return;
    lease_table_destroy(&(*roll)->leases);
    arena_free(&(*roll)->arena);
    free(*roll);
    *roll = NULL;
}

day_t roll_today(const struct roll *roll) {
    day_t clock = calendar_day_of_time(clock_now_ms()), followed = books_followed_day(roll->books);
    return clock > followed ? clock : followed;
}

static struct lease_event tell_leases(const struct wire_worker_report *report,
                                      const struct roll_member *member, struct lease_held *held,
                                      int64_t now_ms) {
    for (uint32_t i = 0; i < report->held_count; i++) {
        const struct wire_held *said = &report->held[i];
        bool fenced = strcmp(said->code, "FENCED") == 0;
        held[i] = (struct lease_held){.partition = said->partition,
                                      .epoch = said->epoch,
                                      .position = said->position,
                                      .ready = said->ready,
                                      .fenced = fenced,
                                      .failed = !said->ready && !fenced && said->code[0] != '\0'};
    }
    return (struct lease_event){.kind = LEASE_REPORT,
                                .now_ms = now_ms,
                                .worker = member->number,
                                .local = member->local,
                                .leaving = report->leaving,
                                .count = report->held_count,
                                .held = held,
                                .head = report->head};
}

/* What it says of what it holds by lease, before or after the step, counts; the rest is a zombie's. */
static enum result take_held(struct roll *roll, const struct wire_worker_report *report,
                             struct roll_member *member, int64_t now_ms, struct failure *why) {
    struct lease_held held[LEDGER_PARTITIONS_MAX];
    bool holds[LEDGER_PARTITIONS_MAX];
    uint32_t number = member->number;
    struct lease_event event = tell_leases(report, member, held, now_ms);
    for (uint32_t i = 0; i < report->held_count; i++)
        holds[i] = lease_holds(roll->leases, number, held[i].partition, held[i].epoch);
    enum result result = roll_step(roll, &event, why);
    for (uint32_t i = 0; i < report->held_count && result == RESULT_OK; i++) {
        if (holds[i] || lease_holds(roll->leases, number, held[i].partition, held[i].epoch))
            result = roll_part_take(roll, &report->held[i], now_ms, why);
        else
            roll->counts.zombies_refused++;
    }
    return result;
}

static enum result take_report(struct roll *roll, const struct wire_worker_report *report,
                               const struct worker_peer *peer, int64_t now_ms, struct failure *why) {
    struct books_begun begun;
    uint32_t gone;
    struct roll_member *member = roll_member_for(roll, report, peer, now_ms, &gone);
    enum result result = RESULT_OK;
    if (gone != 0) {
        struct lease_event event = {.kind = LEASE_GONE, .now_ms = now_ms, .worker = gone};
        result = roll_step(roll, &event, why);
        member = roll_member_for(roll, report, peer, now_ms, &gone);
    }
    if (result != RESULT_OK || !member || report->sequence <= member->sequence)
        return result;
    uint32_t number = member->number;
    member->peer = *peer;
    member->sequence = report->sequence;
    member->heard_ms = now_ms;
    member->pid = report->pid;
    member->resident_bytes = report->resident_bytes;
    member->records = report->records;
    if (books_begun(roll->books, &begun))
        result = take_held(roll, report, member, now_ms, why);
    member = roll_member_of(roll, number);
    if (result == RESULT_OK && member)
        roll_order(roll, member);
    return result;
}

enum result roll_report(struct roll *roll, const struct worker_peer *peer, const uint8_t *data, size_t size,
                        int64_t now_ms, struct failure *why) {
    struct wire_worker_report report;
    struct failure reason;
    arena_reset(&roll->arena);
    if (wire_worker_report_decode(data, size, &roll->arena, &report, &reason) == RESULT_OK)
        return take_report(roll, &report, peer, now_ms, why);
    if (roll->complaint_ms == 0 || now_ms - roll->complaint_ms >= COMPLAIN_MS)
        log_warning("a worker's report can't be read: %s: %s", reason.code, reason.sentence);
    roll->complaint_ms = now_ms;
    return RESULT_OK;
}

static enum result bury(struct roll *roll, uint32_t number, int64_t now_ms, struct failure *why) {
    struct lease_event event = {.kind = LEASE_GONE, .now_ms = now_ms, .worker = number};
    return roll_step(roll, &event, why);
}

static enum result bury_children(struct roll *roll, int64_t now_ms, struct failure *why) {
    enum result result = RESULT_OK;
    for (uint32_t number = 1; roll->children && number != 0 && result == RESULT_OK;) {
        number = children_reap(roll->children);
        if (number != 0)
            result = bury(roll, number, now_ms, why);
    }
    return result;
}

/* Strangers of this machine: their lock is free as soon as they are dead. */
static enum result bury_strangers(struct roll *roll, int64_t now_ms, struct failure *why) {
    enum result result = RESULT_OK;
    if (now_ms - roll->looked_ms < LOOK_MS)
        return RESULT_OK;
    roll->looked_ms = now_ms;
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX && result == RESULT_OK; i++) {
        const struct roll_member *member = &roll->members[i];
        if (member->number != 0 && !member->local && !member->peer.tcp &&
            worker_sign(roll->config.state, member->name) == WORKER_DEAD) {
            log_warning("%s has ended", member->name);
            result = bury(roll, member->number, now_ms, why);
        }
    }
    return result;
}

static enum result pass_time(struct roll *roll, uint64_t head, int64_t now_ms, struct failure *why) {
    enum result result = RESULT_OK;
    if (!roll->scaled) { /* once: as it was before the restart */
        struct lease_event scale = {
            .kind = LEASE_SCALE, .now_ms = now_ms, .count = books_scaled(roll->books)};
        roll->scaled = true;
        result = roll_step(roll, &scale, why);
    }
    if (result == RESULT_OK && head > roll->head) {
        struct lease_event lag = {.kind = LEASE_LAG, .now_ms = now_ms, .head = head};
        roll->head = head;
        heads_note(&roll->heads, head, now_ms);
        result = roll_step(roll, &lag, why);
    }
    if (result == RESULT_OK && now_ms >= lease_wake_ms(roll->leases)) {
        struct lease_event tick = {.kind = LEASE_TICK, .now_ms = now_ms};
        result = roll_step(roll, &tick, why);
    }
    return result;
}

enum result roll_work(struct roll *roll, uint64_t head, int64_t now_ms, bool orders_changed,
                      struct failure *why) {
    struct books_begun begun;
    enum result result = bury_children(roll, now_ms, why);
    if (result != RESULT_OK || !books_begun(roll->books, &begun))
        return result;
    result = bury_strangers(roll, now_ms, why);
    if (result == RESULT_OK)
        result = pass_time(roll, head, now_ms, why);
    if (result == RESULT_OK && roll->store_retry_ms != 0 && now_ms >= roll->store_retry_ms) {
        roll->store_retry_ms = 0;
        orders_changed = true;
        result = roll_store_grants(roll, now_ms, why);
    }
    if (result == RESULT_OK && orders_changed)
        roll_order_all(roll);
    return result;
}

enum result roll_scale(struct roll *roll, uint32_t workers, int64_t now_ms, struct failure *why) {
    struct lease_event scale = {.kind = LEASE_SCALE, .now_ms = now_ms, .count = workers};
    struct books_begun begun;
    roll->scaled = books_begun(roll->books, &begun); /* else told with the first step */
    return roll->scaled ? roll_step(roll, &scale, why) : RESULT_OK;
}

int64_t roll_wake_ms(const struct roll *roll) {
    return lease_wake_ms(roll->leases);
}

static bool is_ready(const struct roll *roll, uint32_t partition) {
    struct lease_partition is;
    lease_partition(roll->leases, partition, &is);
    return is.state == LEASE_HELD && is.ready;
}

bool roll_complete(const struct roll *roll) {
    for (uint32_t i = 0; i < roll->config.lease.partitions; i++)
        if (!is_ready(roll, i))
            return false;
    return true;
}

bool roll_settled(const struct roll *roll) {
    for (uint32_t i = 0; i < roll->config.lease.partitions; i++)
        if (!is_ready(roll, i) && !roll->parts[i].stuck.code[0])
            return false;
    return true;
}

const struct lease_table *roll_leases(const struct roll *roll) {
    return roll->leases;
}
