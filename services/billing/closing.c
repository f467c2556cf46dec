/* closing.c - the queue of what is asked at barriers, and the steps of the barrier in front (closing.h). */
#include "closing_state.h"

#include "runtime/log.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct closing *closing_new(struct books *books, const struct region_table *regions,
                            closing_on_answer *answer, void *context) {
    struct closing *closing = calloc(1, sizeof *closing);
    uint8_t *bytes = malloc(INVOICE_MAX_BYTES); /* pages are used as far as an invoice reaches */
    require(closing && bytes, "out of memory for closes");
    closing->books = books;
    closing->regions = regions;
    closing->answer = answer;
    closing->context = context;
    closing->bytes = bytes;
    return closing;
}

void closing_destroy(struct closing **closing) {
    if (!*closing)
        return;
    while ((*closing)->count > 0)
        closing_leave(*closing, 0);
    barrier_destroy(&(*closing)->barrier);
    free((*closing)->bytes);
    free(*closing);
    *closing = NULL;
}

static enum result check_preview(const struct closing *closing, const struct partition_order *order,
                                 struct failure *why) {
    const struct finance *finance = books_finance(closing->books);
    char month[CALENDAR_TEXT], open[CALENDAR_TEXT];
    calendar_format_month(order->month, month);
    calendar_format_month(finance_open_month(finance), open);
    if (order->months == 0 || order->months > PREVIEW_MONTHS_MAX || order->month == MONTH_NONE ||
        order->month > UINT16_MAX - PREVIEW_MONTHS_MAX)
        return fail(why, RESULT_INVALID, "REQUEST_MALFORMED",
                    "%u months from %s on were asked for: 1 to %d are possible.", order->months, month,
                    PREVIEW_MONTHS_MAX);
    if (order->month < finance_first_month(finance))
        return fail(why, RESULT_INVALID, "BILL_MONTH_BEFORE_STATE",
                    "%s is before this state began: the first month that can be billed is %s.", month, open);
    if (order->month < finance_open_month(finance))
        return fail(why, RESULT_CONFLICT, "BILL_MONTH_CLOSED",
                    "%s is closed: ask for its invoice. The open month is %s.", month, open);
    return RESULT_OK;
}

static enum result check_tariff(const struct closing *closing, const struct tariff *tariff,
                                struct failure *why) {
    if (!tariff || tariff->count == 0)
        return fail(why, RESULT_INVALID, "TARIFF_INVALID", "The tariff has no rows: nothing is changed.");
    if (tariff_digest(tariff) == tariff_digest(books_tariff(closing->books)))
        return fail(why, RESULT_CONFLICT, "TARIFF_UNCHANGED",
                    "This tariff is in force already: nothing is changed.");
    return RESULT_OK;
}

enum result closing_check(const struct closing *closing, const struct partition_order *order, day_t today,
                          bool *closed, struct failure *why) {
    struct books_begun begun;
    *closed = false;
    if (!books_begun(closing->books, &begun))
        return fail(why, RESULT_AGAIN, "BILLING_NOT_BEGUN",
                    "Nothing was enrolled yet: billing begins with the first event.");
    switch ((enum partition_act)order->act) {
    case PARTITION_PREVIEW:
        return check_preview(closing, order, why);
    case PARTITION_CLOSE:
        return finance_decide_close(books_finance(closing->books), order->month, today, closed, why);
    case PARTITION_RETARIFF:
        return check_tariff(closing, order->tariff, why);
    }
    return fail(why, RESULT_INVALID, "ASK_UNKNOWN", "No barrier does what was asked (%u).", order->act);
}

enum result closing_ask(struct closing *closing, const struct closing_ask *ask, day_t today,
                        struct failure *why) {
    bool closed;
    enum result result = closing_check(closing, &ask->order, today, &closed, why);
    if (result == RESULT_OK && closed)
        return closing_tell_closed(closing, &ask->asker, ask->order.month, true, why);
    if (result != RESULT_OK)
        return result;
    if (closing->count == CLOSING_WAITING_MAX)
        return fail(why, RESULT_FULL, "BUSY", "%u previews and closes wait already: ask again in a while.",
                    CLOSING_WAITING_MAX);
    struct waiting *waiting = calloc(1, sizeof *waiting);
    require(waiting && ask->author.size <= sizeof waiting->author, "an asker has a name of bounded length");
    waiting->ask = *ask;
    if (ask->author.size > 0)
        memcpy(waiting->author, ask->author.data, ask->author.size);
    waiting->ask.author.data = waiting->author;
    if (ask->order.tariff) {
        waiting->tariff = *ask->order.tariff;
        waiting->ask.order.tariff = &waiting->tariff;
    }
    closing->waiting[closing->count++] = waiting;
    return RESULT_OK;
}

static enum barrier_phase phase_of(const struct closing *closing) {
    return closing->barrier ? barrier_phase(closing->barrier) : BARRIER_NONE;
}

bool closing_wants_head(struct closing *closing) {
    if (phase_of(closing) != BARRIER_NONE || closing->count == 0 || closing->waiting[0]->marked)
        return false;
    for (uint32_t i = 0; i < closing->count; i++)
        closing->waiting[i]->marked = true;
    return true;
}

static bool same_order(const struct partition_order *first, const struct partition_order *second) {
    if (first->act != second->act || first->month != second->month)
        return false;
    if (first->act == PARTITION_RETARIFF)
        return tariff_digest(first->tariff) == tariff_digest(second->tariff);
    return first->act == PARTITION_CLOSE || first->months == second->months;
}

/* Strictly ascending, also over restarts: an answer to a barrier of an earlier life is taken for none. */
static uint64_t next_id(struct closing *closing, int64_t time_ms) {
    uint64_t id = time_ms > 0 ? (uint64_t)time_ms : 1;
    closing->last_id = id > closing->last_id ? id : closing->last_id + 1;
    return closing->last_id;
}

static void begin(struct closing *closing, uint64_t head, int64_t time_ms) {
    const struct partition_order order = closing->waiting[0]->ask.order;
    for (uint32_t i = 0; i < closing->count; i++) {
        struct waiting *waiting = closing->waiting[i];
        waiting->joined = waiting->marked && same_order(&order, &waiting->ask.order);
        waiting->marked = waiting->joined; /* the others' head is to be heard anew */
    }
    closing->overtaken = false;
    barrier_begin(closing->barrier, next_id(closing, time_ms), &order, head);
}

/* What was possible when it was asked may not be any more. True where something was done. */
static enum result begin_first(struct closing *closing, uint64_t head, int64_t time_ms, day_t today,
                               bool *begun, struct failure *why) {
    struct waiting *first = closing->count > 0 ? closing->waiting[0] : NULL;
    struct failure reason;
    bool closed;
    *begun = false;
    if (!first || !first->marked || head == 0)
        return RESULT_OK;
    *begun = true;
    enum result result = closing_check(closing, &first->ask.order, today, &closed, &reason);
    if (result != RESULT_OK) {
        closing_tell_failure(closing, 0, &reason);
    } else if (closed) {
        struct closing_asker asker = first->ask.asker;
        month_t month = first->ask.order.month;
        closing_leave(closing, 0);
        return closing_tell_closed(closing, &asker, month, true, why);
    } else {
        begin(closing, head, time_ms);
    }
    return RESULT_OK;
}

static enum result resume_or_begin(struct closing *closing, uint64_t head, int64_t time_ms, day_t today,
                                   bool *changed, struct failure *why) {
    struct partition_order order;
    if (!books_unfinished(closing->books, &order))
        return begin_first(closing, head, time_ms, today, changed, why);
    log_info("going on with what was decided before the restart, at offset %" PRIu64, order.offset);
    barrier_resume(closing->barrier, next_id(closing, time_ms), &order);
    *changed = true;
    return RESULT_OK;
}

/* Everything is where S is known: from here on the close happens, whoever dies. */
static enum result decide(struct closing *closing, int64_t time_ms, day_t today, struct failure *why) {
    const struct partition_order *order = barrier_order(closing->barrier);
    uint8_t packed[TARIFF_PACKED_MAX];
    struct decision decision = {.time_ms = time_ms, .day = today, .offset = order->offset};
    uint32_t first = 0; /* of those who wait for it: who began it, or the next one after him */
    while (first < closing->count && !closing->waiting[first]->joined)
        first++;
    require(first < closing->count, "nothing is decided in nobody's name");
    decision.device = closing->waiting[first]->ask.device;
    decision.author = closing->waiting[first]->ask.author;
    decision.kind = order->act == PARTITION_CLOSE ? DECISION_CLOSING : DECISION_RETARIFF;
    decision.month = order->act == PARTITION_CLOSE ? order->month : MONTH_NONE;
    if (order->act == PARTITION_RETARIFF) {
        decision.size = tariff_pack(order->tariff, packed);
        decision.bytes = packed;
    }
    return books_decide(closing->books, &decision, 1, why);
}

static enum result intend(struct closing *closing, int64_t time_ms, day_t today, struct failure *why) {
    struct failure reason;
    enum result result = decide(closing, time_ms, today, &reason);
    if (result == RESULT_IO) {
        *why = reason;
        return result;
    }
    if (result == RESULT_OK) {
        barrier_decided(closing->barrier);
    } else {
        log_alarm("%s: %s What was asked is given up.", reason.code, reason.sentence);
        barrier_end(closing->barrier);
        closing_tell_joined_failure(closing, &reason);
    }
    return RESULT_OK;
}

/* Nobody waits for it any more, or it can't be finished: partitions go their way. */
static void give_up(struct closing *closing) {
    barrier_end(closing->barrier);
    for (uint32_t i = 0; i < closing->count; i++)
        closing->waiting[i]->joined = closing->waiting[i]->marked = false;
    closing->overtaken = false;
}

/* The failure of an answer: a preview's askers are told; a close's waits for a person. */
static enum result contradicted(struct closing *closing, int64_t time_ms, day_t today, bool *changed,
                                struct failure *why) {
    const struct partition_order *order = barrier_order(closing->barrier);
    struct failure failure = closing->contradiction;
    closing->contradiction.code[0] = '\0'; /* the next report says it again */
    if (closing->parked && finance_failure(books_finance(closing->books), closing->parked))
        return RESULT_OK;
    log_alarm("%s: %s", failure.code, failure.sentence);
    if (order->act == PARTITION_PREVIEW) {
        closing_tell_joined_failure(closing, &failure);
        give_up(closing);
        *changed = true;
        return RESULT_OK;
    }
    return closing_park(closing, &failure, order->month, time_ms, today, why);
}

/* One step; `*changed` where there may be another. */
static enum result step(struct closing *closing, uint64_t head, int64_t time_ms, day_t today, bool *changed,
                        struct failure *why) {
    *changed = false;
    if (phase_of(closing) != BARRIER_NONE && closing->contradiction.code[0])
        return contradicted(closing, time_ms, today, changed, why);
    bool preview = barrier_order(closing->barrier)->act == PARTITION_PREVIEW;
    switch (phase_of(closing)) {
    case BARRIER_NONE:
        return resume_or_begin(closing, head, time_ms, today, changed, why);
    case BARRIER_HOLD:
    case BARRIER_RUN:
        *changed = (preview || phase_of(closing) == BARRIER_HOLD) &&
                   (closing->overtaken || !closing_anybody_joined(closing));
        if (*changed)
            give_up(closing);
        return RESULT_OK;
    case BARRIER_INTENT:
        *changed = true;
        if (closing_anybody_joined(closing))
            return intend(closing, time_ms, today, why);
        give_up(closing); /* nothing is durable yet, and who asked was told that it failed */
        return RESULT_OK;
    case BARRIER_DONE:
        return closing_end(closing, time_ms, today, changed, why);
    }
    return RESULT_OK;
}

static void lose_patience(struct closing *closing, bool complete, int64_t time_ms) {
    struct failure why;
    if (closing->stuck.code[0])
        (void)fail(&why, RESULT_AGAIN, "BILL_WAITS", "Partition %" PRIu32 " can't go on (%s): %.200s",
                   closing->stuck_partition, closing->stuck.code, closing->stuck.sentence);
    else
        (void)fail(
            &why, RESULT_AGAIN, "BILL_WAITS",
            complete ? "Billing is busy with what was asked before (a close, a change of tariff): ask again."
                     : "Not every partition has a worker that is ready: ask again in some seconds.");
    for (uint32_t i = 0; i < closing->count;) {
        struct waiting *waiting = closing->waiting[i];
        if (waiting->since_ms == 0)
            waiting->since_ms = time_ms;
        if (time_ms - waiting->since_ms >= CLOSING_PATIENCE_MS)
            closing_tell_failure(closing, i, &why);
        else
            i++;
    }
}

enum result closing_work(struct closing *closing, uint64_t head, bool complete, int64_t time_ms, day_t today,
                         bool *orders_changed, struct failure *why) {
    struct books_begun begun;
    *orders_changed = false;
    if (!books_begun(closing->books, &begun))
        return RESULT_OK;
    if (!closing->barrier) {
        closing->barrier = barrier_new(begun.partitions, closing->regions);
        closing->partitions = begun.partitions;
    }
    lose_patience(closing, complete, time_ms);
    enum result result = RESULT_OK;
    for (bool changed = true; result == RESULT_OK && changed;) {
        result = step(closing, head, time_ms, today, &changed, why);
        *orders_changed |= phase_of(closing) != closing->shown; /* also where a report has moved it */
        closing->shown = phase_of(closing);
    }
    return result;
}

/* The answer of a preview, a close or a change of tariff; the sums are unpacked where they are new. */
static void take_answer(struct closing *closing, const struct wire_held *held) {
    struct barrier_answer answer = {
        .partition = held->partition, .months = held->answer_months, .sequence = held->answer_sequence};
    struct ledger_sums *sums = calloc(held->answer_months ? held->answer_months : 1, sizeof *sums);
    struct failure why;
    enum result result = RESULT_OK;
    require(sums, "out of memory for the sums of a barrier");
    memcpy(answer.hash, held->answer_hash, sizeof answer.hash);
    answer.sums = sums;
    for (uint16_t i = 0; i < held->answer_months && result == RESULT_OK; i++)
        result = ledger_sums_unpack(&sums[i], closing->regions, held->answer_sums[i].data,
                                    held->answer_sums[i].size, &why);
    if (result == RESULT_OK)
        result = barrier_answer(closing->barrier, &answer, &why);
    if (result == RESULT_INVALID)
        log_warning("%s: %s", why.code, why.sentence);
    else if (result != RESULT_OK)
        closing->contradiction = why;
    free(sums);
}

/* Also where the failure can't be parked (the books' disk is full, too), who waits is told of it. */
static void notice_stuck(struct closing *closing, const struct wire_held *held) {
    if (held->code[0])
        (void)fail(&closing->stuck, RESULT_AGAIN, held->code, "%s", held->sentence);
    else if (closing->stuck_partition == held->partition)
        closing->stuck.code[0] = '\0';
    if (held->code[0])
        closing->stuck_partition = held->partition;
}

/* Who holds has repeated all of its journal (portfolio_wants), so its open month is that of the books, or one
 * of the two lost its end, and whatever were answered would be wrong. */
static bool contradicts_books(struct closing *closing, const struct wire_held *held) {
    month_t open = finance_open_month(books_finance(closing->books));
    char its[CALENDAR_TEXT], ours[CALENDAR_TEXT];
    if (held->open_month == open)
        return false;
    calendar_format_month(held->open_month, its);
    calendar_format_month(open, ours);
    if (held->open_month > open)
        (void)fail(&closing->contradiction, RESULT_CORRUPT, "PARTITION_MONTH",
                   "Partition %" PRIu32 " has %s open and the invoices say %s: the end of the books is "
                   "lost; bring the state's files back from a copy.",
                   held->partition, its, ours);
    else
        (void)fail(&closing->contradiction, RESULT_CORRUPT, "PARTITION_MONTH",
                   "Partition %" PRIu32 " has %s open and the invoices say %s: the end of its journal is "
                   "lost. Count it anew: cakupan down, then cakupan up --rebuild-partition %" PRIu32 ".",
                   held->partition, its, ours, held->partition);
    return true;
}

/* The tariff that an answer must be counted by: after a change the new one, else that of the books, whose
 * digest an invoice has beside its amounts. */
static bool contradicts_tariff(struct closing *closing, const struct wire_held *held, bool answers) {
    const struct partition_order *order = barrier_order(closing->barrier);
    bool changed = answers && order->act == PARTITION_RETARIFF;
    const struct tariff *tariff = changed ? order->tariff : books_tariff(closing->books);
    if (held->tariff_digest == tariff_digest(tariff))
        return false;
    (void)fail(&closing->contradiction, RESULT_CORRUPT, "PARTITION_TARIFF",
               "Partition %" PRIu32 " counts by another tariff than the books say: nothing is billed by it. "
               "Count it anew: cakupan down, then cakupan up --rebuild-partition %" PRIu32 ".",
               held->partition, held->partition);
    return true;
}

void closing_report(struct closing *closing, const struct wire_held *held) {
    notice_stuck(closing, held);
    enum barrier_phase phase = phase_of(closing);
    if (phase == BARRIER_NONE)
        return;
    uint64_t id = barrier_id(closing->barrier);
    const struct partition_order *order = barrier_order(closing->barrier);
    bool holds = held->ready && held->holding == id;
    bool wrong = holds && phase == BARRIER_HOLD &&
                 (contradicts_books(closing, held) || contradicts_tariff(closing, held, false));
    if (holds && !wrong)
        barrier_held(closing->barrier, held->partition, held->position);
    if (held->answer_barrier == id) {
        if (!contradicts_tariff(closing, held, true))
            take_answer(closing, held);
        return;
    }
    /* Its owner before answered, went on and was lost before we heard it. */
    if (phase == BARRIER_RUN && order->act == PARTITION_PREVIEW && held->ready &&
        held->position > order->offset && !barrier_answered(closing->barrier, held->partition))
        closing->overtaken = true;
}

void closing_lost(struct closing *closing, uint32_t partition) {
    if (phase_of(closing) != BARRIER_NONE)
        barrier_lost(closing->barrier, partition);
}

uint64_t closing_barrier(const struct closing *closing, bool *run, struct partition_order *order) {
    enum barrier_phase phase = phase_of(closing);
    if (phase == BARRIER_NONE)
        return 0;
    *run = phase == BARRIER_RUN || phase == BARRIER_DONE;
    *order = *barrier_order(closing->barrier);
    return barrier_id(closing->barrier);
}

bool closing_taken(const struct closing *closing, uint32_t partition) {
    return phase_of(closing) != BARRIER_NONE && barrier_answered(closing->barrier, partition);
}
