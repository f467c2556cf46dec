/* portfolio_barrier.c - a partition at a barrier: held, run to its offset, asked to act, answered
 * (cakupan/barrier.h). */
#include "portfolio_internal.h"

#include "runtime/log.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void answer_clear(struct held_answer *answer) {
    free(answer->bytes);
    free(answer->sums);
    *answer = (struct held_answer){0};
}

static void take_order(struct portfolio *portfolio, const struct wire_worker_orders *orders) {
    portfolio->order = orders->order;
    portfolio->order.tariff = NULL;
    portfolio->order_bad = false;
    if (orders->order.act != PARTITION_RETARIFF)
        return;
    struct failure why = {0};
    const struct wire_bytes_view *packed = &orders->order_tariff;
    portfolio->order_bad =
        packed->size > sizeof portfolio->order_tariff_packed ||
        tariff_unpack(&portfolio->order_tariff, packed->data, packed->size, &why) != RESULT_OK;
    if (portfolio->order_bad)
        return;
    memcpy(portfolio->order_tariff_packed, packed->data, packed->size);
    portfolio->order_tariff_size = packed->size;
    portfolio->order.tariff = &portfolio->order_tariff;
}

void barrier_obey(struct portfolio *portfolio, const struct wire_worker_orders *orders) {
    bool changed = portfolio->barrier != orders->barrier || portfolio->run != orders->run;
    portfolio->barrier = orders->barrier;
    portfolio->run = orders->barrier && orders->run;
    if (changed && portfolio->run)
        take_order(portfolio, orders);
    for (uint32_t i = 0; i < orders->granted_count; i++) {
        struct held *held = &portfolio->held[orders->granted[i].partition];
        if (held->epoch == orders->granted[i].epoch && orders->granted[i].answer_taken)
            held->acted = orders->barrier;
        bool done = held->answer.barrier &&
                    (held->answer.barrier != orders->barrier || orders->granted[i].answer_taken);
        if (done) { /* another one may have waited for its room in the report */
            answer_clear(&held->answer);
            portfolio->report_due = true;
        }
    }
    portfolio->report_due |= changed && portfolio->barrier;
}

bool barrier_asks(const struct portfolio *portfolio, const struct held *held) {
    return portfolio->barrier && held->granted && held->acted != portfolio->barrier;
}

uint64_t barrier_position_max(const struct portfolio *portfolio, const struct held *held) {
    return portfolio->run && barrier_asks(portfolio, held) ? portfolio->order.offset : UINT64_MAX;
}

bool barrier_allows_snapshot(const struct portfolio *portfolio, const struct held *held) {
    return !held->answer.barrier || !portfolio->run ||
           partition_position(held->partition) <= portfolio->order.offset;
}

void answer_ready(const struct portfolio *portfolio, struct held *held, uint64_t sequence,
                  const uint8_t *hash) {
    held->answer.barrier = held->acted = portfolio->barrier;
    held->answer.sequence = sequence;
    memcpy(held->answer.hash, hash, JOURNAL_HASH_SIZE);
}

static void answer_begin(struct held_answer *answer, uint16_t months, size_t size) {
    answer_clear(answer);
    answer->bytes = malloc(size + 1);
    answer->sums = calloc((size_t)months + 1, sizeof *answer->sums);
    require(answer->bytes && answer->sums, "out of memory for an answer");
}

static void answer_add(struct held_answer *answer, const uint8_t *data, size_t size) {
    if (size)
        memcpy(answer->bytes + answer->size, data, size);
    answer->sums[answer->months++] = (struct wire_bytes_view){answer->bytes + answer->size, size};
    answer->size += size;
}

static void answer_pack(const struct portfolio *portfolio, struct held *held, const struct ledger_sums *sums,
                        uint16_t months) {
    uint8_t *packed = malloc(LEDGER_SUMS_PACKED_MAX);
    require(packed, "out of memory for packed sums");
    size_t total = 0, *sizes = calloc((size_t)months + 1, sizeof *sizes);
    require(sizes, "out of memory for packed sums");
    for (uint16_t i = 0; i < months; i++) {
        sizes[i] = ledger_sums_pack(&sums[i], portfolio->config.regions, packed, LEDGER_SUMS_PACKED_MAX);
        require(sizes[i], "packed sums fit the room for them");
        total += sizes[i];
    }
    answer_begin(&held->answer, months, total);
    for (uint16_t i = 0; i < months; i++) {
        if (months > 1)
            ledger_sums_pack(&sums[i], portfolio->config.regions, packed, LEDGER_SUMS_PACKED_MAX);
        answer_add(&held->answer, packed, sizes[i]);
    }
    free(sizes);
    free(packed);
}

/* Whether the entry is the order carried out. */
static enum result is_ordered(const struct portfolio *portfolio, const struct ledger_entry *entry,
                              bool *ordered, struct failure *why) {
    const struct partition_order *order = &portfolio->order;
    *ordered = false;
    if (order->act == PARTITION_CLOSE)
        *ordered = entry->kind == LEDGER_ENTRY_CLOSE && entry->month == order->month;
    if (order->act != PARTITION_RETARIFF || entry->kind != LEDGER_ENTRY_RETARIFF ||
        entry->offset != order->offset) /* the same tariff may have been in force before */
        return RESULT_OK;
    struct partition_retariff stored;
    enum result result = partition_retariff_read(entry, &stored, why);
    *ordered = result == RESULT_OK && stored.tariff_size == portfolio->order_tariff_size &&
               memcmp(stored.tariff, portfolio->order_tariff_packed, stored.tariff_size) == 0;
    return result;
}

/* Months are closed in order: behind an earlier month's close there is no later one's. */
static bool is_closed_before(const struct partition_order *order, const struct ledger_entry *entry) {
    return order->act == PARTITION_CLOSE && entry->kind == LEDGER_ENTRY_CLOSE && entry->month < order->month;
}

/* Of the changes of tariff at one offset only the last one can be the one ordered: the same tariff further
 * back was replaced since, and is to be carried out again. */
static bool is_other_tariff(const struct partition_order *order, const struct ledger_entry *entry) {
    return order->act == PARTITION_RETARIFF && entry->kind == LEDGER_ENTRY_RETARIFF;
}

/* Looks among the entries at or after the barrier for the order already carried out, by us or by an owner
 * before us. RESULT_NOT_FOUND: it is not. What `head` says of an entry is enough to look no further: to read
 * a close means to check megabytes. */
static enum result find_stored(const struct portfolio *portfolio, const struct held *held,
                               struct ledger_entry *entry, struct failure *why) {
    struct ledger_journal *journal = held->journal;
    bool ordered = false;
    enum result result = journal->operations->head(journal, entry, why);
    for (uint64_t sequence = entry->sequence; result == RESULT_OK && !ordered; sequence--) {
        if (sequence == 0 || entry->offset < portfolio->order.offset ||
            is_closed_before(&portfolio->order, entry))
            return RESULT_NOT_FOUND;
        result = journal->operations->read(journal, sequence, entry, why);
        if (result == RESULT_OK)
            result = is_ordered(portfolio, entry, &ordered, why);
        if (result == RESULT_OK && !ordered && is_other_tariff(&portfolio->order, entry))
            return RESULT_NOT_FOUND;
    }
    return result;
}

static enum result answer_from_journal(struct portfolio *portfolio, struct held *held,
                                       const struct ledger_entry *entry, struct failure *why) {
    struct partition_close close = {0};
    if (entry->offset != portfolio->order.offset)
        return fail(why, RESULT_CORRUPT, "BILL_CLOSED_ELSEWHERE",
                    "The journal has what is ordered at offset %" PRIu64 ", but the order says %" PRIu64 ".",
                    entry->offset, portfolio->order.offset);
    if (portfolio->order.act == PARTITION_CLOSE) {
        enum result result = partition_close_read(entry, &close, why);
        if (result != RESULT_OK)
            return result;
    }
    answer_begin(&held->answer, 1, close.sums_size);
    if (portfolio->order.act == PARTITION_CLOSE)
        answer_add(&held->answer, close.sums, close.sums_size);
    answer_ready(portfolio, held, entry->sequence, entry->hash);
    return RESULT_OK;
}

static uint16_t months_of(const struct partition_order *order) {
    return order->act == PARTITION_PREVIEW ? order->months : order->act == PARTITION_CLOSE;
}

/* The order itself; its answer is packed before the entry is offered to the journal. */
static enum result act(struct portfolio *portfolio, struct held *held, int64_t now_ms, int64_t time_ms,
                       struct failure *why) {
    const struct partition_order *order = &portfolio->order;
    uint16_t months = months_of(order);
    if (partition_position(held->partition) > order->offset)
        return fail(why, RESULT_CORRUPT, "BARRIER_PASSED",
                    "The order is for offset %" PRIu64 ", but %" PRIu64 " is counted already.", order->offset,
                    partition_position(held->partition));
    struct ledger_sums *sums = calloc((size_t)months + 1, sizeof *sums);
    require(sums, "out of memory for sums");
    enum result result = partition_act(held->partition, order, time_ms, sums, why);
    if (result == RESULT_OK)
        answer_pack(portfolio, held, sums, months);
    free(sums);
    if (result != RESULT_OK)
        return result;
    held->sums_old = true;
    held->stalled_acting = true;
    if (order->act != PARTITION_PREVIEW && !held_commit(portfolio, held, now_ms, time_ms))
        return RESULT_OK; /* it failed and says so, or it is stalled: answered when it is stored */
    held->stalled_acting = false;
    answer_ready(portfolio, held, partition_sequence(held->partition), partition_hash(held->partition));
    return RESULT_OK;
}

void barrier_act(struct portfolio *portfolio, struct held *held, int64_t now_ms, int64_t time_ms) {
    struct failure why = {0};
    struct ledger_entry entry = {0};
    enum result result = RESULT_NOT_FOUND;
    if (portfolio->order_bad)
        result = fail(&why, RESULT_CORRUPT, "ORDER_TARIFF", "The tariff in the orders can't be read.");
    else if (portfolio->order.act != PARTITION_PREVIEW) {
        if (!held_commit(portfolio, held, now_ms, time_ms)) /* what waits is not the order's */
            return;
        result = find_stored(portfolio, held, &entry, &why);
        if (result == RESULT_OK)
            result = answer_from_journal(portfolio, held, &entry, &why);
    }
    if (result == RESULT_NOT_FOUND)
        result = act(portfolio, held, now_ms, time_ms, &why);
    if (result != RESULT_OK)
        held_fail(portfolio, held, &why);
}
