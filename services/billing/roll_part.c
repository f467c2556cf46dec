/* roll_part.c - what the holder of a lease says of its partition: figures, readiness, failures
 * (roll_state.h). */
#include "parking.h"
#include "roll_state.h"

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void take_sums(struct roll_part *part, const struct wire_held *held) {
    if (!held->ready)
        return;
    if (part->now.open_month != held->open_month)
        part->before = part->now;
    part->members = held->members;
    part->now.open_month = held->open_month;
    memcpy(part->now.open, held->projected, sizeof part->now.open);
    memcpy(part->now.next, held->projected_next, sizeof part->now.next);
}

static void notice_takeover(struct roll *roll, struct roll_part *part, int64_t now_ms) {
    if (part->lost_ms == 0)
        return;
    roll->counts.takeovers++;
    roll->counts.takeover_last_ms = (uint32_t)(now_ms - part->lost_ms);
    part->lost_ms = 0;
}

/* Also what can't be parked, since the books' disk is full, too. */
static void notice_stuck(struct roll_part *part, const struct wire_held *held) {
    if (held->code[0] == '\0') {
        part->stuck.code[0] = '\0';
        return;
    }
    if (strcmp(part->stuck.code, held->code) != 0)
        part->stuck_since_ms = clock_now_ms();
    (void)fail(&part->stuck, RESULT_AGAIN, held->code, "%s", held->sentence);
}

/* With what can be done about it, where that is the same for every such failure. */
static void describe(const struct wire_held *held, struct failure *out) {
    bool journal = strcmp(held->code, "JOURNAL_CORRUPT") == 0 || strcmp(held->code, "JOURNAL_FOREIGN") == 0;
    char advice[64] = "";
    if (journal)
        snprintf(advice, sizeof advice, " Or count it anew: cakupan up --rebuild-partition %" PRIu32 ".",
                 held->partition);
    (void)fail(out, RESULT_CORRUPT, held->code, "Partition %" PRIu32 ": %.220s%s", held->partition,
               held->sentence, advice);
}

/* What the disk did with a write that it could not sync is for a person to look into: that the next owner
 * goes on proves nothing. */
static bool needs_person(const struct decision *parked) {
    return parked && strcmp(parked->code, LEDGER_JOURNAL_SYNC) == 0;
}

/* Parked where it can't go on, settled when it does. */
static enum result keep_failure(struct roll *roll, const struct wire_held *held, struct failure *why) {
    struct roll_part *part = &roll->parts[held->partition];
    const struct decision *parked =
        part->failure_id ? finance_failure(books_finance(roll->books), part->failure_id) : NULL;
    if (held->code[0] == '\0') {
        uint64_t failure_id = part->failure_id;
        if (!held->ready || failure_id == 0 || needs_person(parked))
            return RESULT_OK;
        part->failure_id = 0;
        return parking_settle(roll->books, failure_id, clock_now_ms(), roll_today(roll), why);
    }
    if (parked && strcmp(parked->code, held->code) == 0)
        return RESULT_OK;
    struct failure failure;
    describe(held, &failure);
    log_alarm("%s: %s", failure.code, failure.sentence);
    struct parking parking = {.failure = &failure,
                              .month = MONTH_NONE,
                              .partition = held->partition,
                              .time_ms = clock_now_ms(),
                              .today = roll_today(roll)};
    return parking_park(roll->books, &parking, &part->failure_id, why);
}

enum result roll_part_take(struct roll *roll, const struct wire_held *held, int64_t now_ms,
                           struct failure *why) {
    struct roll_part *part = &roll->parts[held->partition];
    take_sums(part, held);
    if (held->ready)
        notice_takeover(roll, part, now_ms);
    closing_report(roll->closing, held);
    if (strcmp(held->code, "FENCED") == 0) /* no failure: another epoch is on its way */
        return RESULT_OK;
    notice_stuck(part, held);
    return keep_failure(roll, held, why);
}

void roll_part_recall_failures(struct roll *roll) {
    struct decision *parked = calloc(FINANCE_FAILURES_MAX, sizeof *parked);
    require(parked, "out of memory for the list of failures");
    uint32_t count = finance_failures(books_finance(roll->books), parked);
    for (uint32_t i = 0; i < count && i < FINANCE_FAILURES_MAX; i++) {
        if (parked[i].count == 1 && parked[i].partition < roll->config.lease.partitions)
            roll->parts[parked[i].partition].failure_id = parked[i].failure_id;
    }
    free(parked);
}
