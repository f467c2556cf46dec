/* portfolio_held.c - the life of one held partition: granted, opened, committed, given back, or failed
 * (portfolio_internal.h has the table of states). */
#include "portfolio_internal.h"

#include "runtime/log.h"
#include "runtime/require.h"
#include "snapshots.h"
#include "store/ledger_journal_files.h"

#include <inttypes.h>
#include <string.h>

#define FENCED "FENCED" /* ledger_journal.h */

static void held_become(struct portfolio *portfolio, struct held *held, enum held_state state) {
    static const bool may[HELD_OVER + 1][HELD_OVER + 1] = {
        [HELD_EMPTY] = {[HELD_OPENING] = true},
        [HELD_OPENING] = {[HELD_READY] = true, [HELD_FAILED] = true, [HELD_OVER] = true},
        [HELD_READY] = {[HELD_FAILED] = true, [HELD_OVER] = true},
        [HELD_FAILED] = {[HELD_OVER] = true},
        [HELD_OVER] = {[HELD_OPENING] = true, [HELD_FAILED] = true},
    };
    require(may[held->state][state], "a held partition takes a way that there is not");
    held->state = (uint8_t)state;
    portfolio->report_due = true;
}

/* Lets go of ledger and journal; what the slot knows about itself stays. */
static void let_go(struct held *held) {
    if (held->partition)
        held->position = partition_position(held->partition);
    partition_destroy(&held->partition);
    if (held->journal)
        held->journal->operations->close(&held->journal);
    answer_clear(&held->answer);
    held->followed = held->stalled = held->stalled_acting = false;
    held->commit_due_ms = held->retry_ms = 0;
}

void held_grant(struct portfolio *portfolio, uint32_t number, uint64_t epoch) {
    struct held *held = &portfolio->held[number];
    uint8_t state = held->state;
    *held = (struct held){.state = state, .number = number, .epoch = epoch};
    billing_partition_path(held->directory, portfolio->config.state, number);
    held_become(portfolio, held, HELD_OPENING);
}

void held_over(struct portfolio *portfolio, struct held *held) {
    portfolio->refollow |= held->followed;
    let_go(held);
    held->failure = (struct failure){0};
    held_become(portfolio, held, HELD_OVER);
}

/* The coordinator sees it in the report and grants the partition anew under another epoch, at once where
 * it was fenced, which is no failure, else some seconds later. */
void held_fail(struct portfolio *portfolio, struct held *held, const struct failure *why) {
    uint64_t position = held->partition ? partition_position(held->partition) : held->position;
    if (strcmp(why->code, FENCED) == 0)
        log_info("partition %u: epoch %" PRIu64 " is over", held->number, held->epoch);
    else
        log_alarm("partition %u, offset %" PRIu64 ": %s: %s", held->number, position, why->code,
                  why->sentence);
    portfolio->refollow |= held->followed;
    let_go(held);
    held->failure = *why;
    held_become(portfolio, held, HELD_FAILED);
}

void held_refuse(struct portfolio *portfolio, struct held *held) {
    struct failure why;
    (void)fail(&why, RESULT_CONFLICT, FENCED,
               "Epoch %" PRIu64 " of partition %u was held before: it needs another.", held->epoch,
               held->number);
    held_fail(portfolio, held, &why);
}

static enum result restore(const struct portfolio *portfolio, struct held *held, struct failure *why) {
    struct ledger_journal_place place = {.directory = held->directory,
                                         .partition = held->number,
                                         .count = portfolio->count,
                                         .first_month = portfolio->first_month};
    struct partition_config config = {.number = held->number,
                                      .count = portfolio->count,
                                      .first_month = portfolio->first_month,
                                      .regions = portfolio->config.regions,
                                      .tariff = &portfolio->first_tariff};
    char billing[BILLING_PATH];
    enum result result = billing_directory(billing, portfolio->config.state, why);
    if (result == RESULT_OK)
        result = ledger_journal_files_open(&held->journal, &place, held->epoch, why);
    struct ledger_entry last;
    if (result == RESULT_OK)
        result = held->journal->operations->head(held->journal, &last, why);
    if (result == RESULT_OK)
        result = snapshots_restore_until(&held->partition, &config, held->directory, held->journal,
                                         barrier_position_max(portfolio, held), why);
    if (result == RESULT_OK) /* entries at the very position, too: a snapshot may be of just before a close */
        result = partition_settle(held->partition, partition_position(held->partition), why);
    if (result == RESULT_OK)
        held->journal_offset = last.offset;
    return result;
}

void held_open(struct portfolio *portfolio, struct held *held, int64_t now_ms) {
    struct failure why = {0};
    if (restore(portfolio, held, &why) != RESULT_OK) {
        held_fail(portfolio, held, &why);
        return;
    }
    held->failure = (struct failure){0};
    held->snapshot_position = held->position = partition_position(held->partition);
    held->snapshot_ms = now_ms;
    held->sums_old = true;
    held_become(portfolio, held, HELD_READY);
    portfolio->refollow = true;
}

static void stall(struct portfolio *portfolio, struct held *held, int64_t now_ms, const struct failure *why) {
    if (!held->stalled)
        log_alarm("partition %u: %s: %s It is tried again every %d s.", held->number, why->code,
                  why->sentence, RETRY_MS / 1000);
    held->stalled = true;
    held->followed = false;
    held->failure = *why;
    held->retry_ms = now_ms + RETRY_MS;
    portfolio->report_due = true;
}

/* Everything that waited is stored. */
static void stored(struct portfolio *portfolio, struct held *held) {
    if (!held->stalled)
        return;
    log_info("partition %u goes on at offset %" PRIu64, held->number, partition_position(held->partition));
    held->failure = (struct failure){0};
    portfolio->refollow = portfolio->report_due = true;
    if (held->stalled_acting)
        answer_ready(portfolio, held, partition_sequence(held->partition), partition_hash(held->partition));
    held->stalled = held->stalled_acting = false;
    held->retry_ms = 0;
}

bool held_commit(struct portfolio *portfolio, struct held *held, int64_t now_ms, int64_t time_ms) {
    struct ledger_entry entry;
    struct failure why = {0};
    enum result result = RESULT_OK;
    held->commit_due_ms = 0;
    while (result == RESULT_OK && partition_take(held->partition, time_ms, &entry)) {
        result = held->journal->operations->append(held->journal, &entry, &why);
        if (result == RESULT_OK) {
            partition_committed(held->partition, &entry);
            held->sums_old = true;
        }
    }
    if (result == RESULT_OK)
        stored(portfolio, held);
    else if (result == RESULT_FULL)
        stall(portfolio, held, now_ms, &why);
    else
        held_fail(portfolio, held, &why);
    return result == RESULT_OK;
}

void held_snapshot(struct held *held, int64_t now_ms) {
    struct failure why = {0};
    enum result result = snapshots_write(held->partition, held->directory, held->epoch, &why);
    held->snapshot_ms = now_ms;
    if (result == RESULT_AGAIN) /* not yet where the journal is */
        return;
    if (result != RESULT_OK)
        log_warning("partition %u: %s: %s The journal has everything; a start will take longer.",
                    held->number, why.code, why.sentence);
    held->snapshot_position = partition_position(held->partition);
}

void held_give_back(struct portfolio *portfolio, struct held *held, int64_t now_ms, int64_t time_ms) {
    if (held_commit(portfolio, held, now_ms, time_ms)) {
        uint64_t counted = partition_position(held->partition) - held->snapshot_position;
        if (counted >= SNAPSHOT_LEAVING && barrier_allows_snapshot(portfolio, held))
            held_snapshot(held, now_ms);
    }
    if (held->state == HELD_READY || held->state == HELD_FAILED)
        held_over(portfolio, held);
}
