/* closing_end.c - what a barrier ends with: a preview's figures, a frozen invoice, another tariff
 * (closing_state.h).
 *
 * The invoice's time is that of the intent, and its partitions stand by number, so that its bytes do not
 * depend on who answered first or on how often the coordinator was started meanwhile.
 */
#include "closing_state.h"
#include "parking.h"

#include "runtime/log.h"
#include "runtime/require.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_MS 5000

enum result closing_park(struct closing *closing, const struct failure *failure, month_t month,
                         int64_t time_ms, day_t today, struct failure *why) {
    struct parking parking = {.failure = failure,
                              .month = month,
                              .partition = PARKING_NO_PARTITION,
                              .time_ms = time_ms,
                              .today = today};
    return parking_park(closing->books, &parking, &closing->parked, why);
}

static void fill_partition(const struct barrier *barrier, uint32_t number, struct invoice_partition *out) {
    const uint8_t *hash;
    const struct ledger_sums *sums = barrier_partition_sums(barrier, number, 0, &out->sequence, &hash);
    memcpy(out->hash, hash, sizeof out->hash);
    invoice_partition_total(sums, out);
}

static struct invoice preview_of(const struct closing *closing, uint16_t index) {
    const struct partition_order *order = barrier_order(closing->barrier);
    return (struct invoice){.month = (month_t)(order->month + index),
                            .as_of_offset = order->offset,
                            .tariff_digest = tariff_digest(books_tariff(closing->books)),
                            .regions = closing->regions,
                            .sums = barrier_sums(closing->barrier, index)};
}

static enum result end_preview(struct closing *closing) {
    const struct partition_order *order = barrier_order(closing->barrier);
    const struct ledger_sums *sums[PREVIEW_MONTHS_MAX];
    struct wire_bytes_view invoices[PREVIEW_MONTHS_MAX];
    uint8_t *copies[PREVIEW_MONTHS_MAX];
    require(order->months <= PREVIEW_MONTHS_MAX, "a preview has a bounded number of months");
    for (uint16_t i = 0; i < order->months; i++) {
        struct invoice invoice = preview_of(closing, i);
        size_t size = invoice_write(&invoice, closing->bytes, INVOICE_MAX_BYTES);
        copies[i] = malloc(size ? size : 1);
        require(size > 0 && copies[i], "a preview fits the room for an invoice");
        memcpy(copies[i], closing->bytes, size);
        invoices[i] = (struct wire_bytes_view){copies[i], size};
        sums[i] = invoice.sums;
    }
    struct closing_answer answer = {
        .as_of_offset = order->offset, .months = order->months, .sums = sums, .invoices = invoices};
    closing_tell_joined(closing, &answer);
    for (uint16_t i = 0; i < order->months; i++)
        free(copies[i]);
    return RESULT_OK;
}

/* The bytes into closing->bytes. RESULT_CORRUPT: control totals and sums contradict each other. */
static enum result write_invoice(struct closing *closing, struct decision *decision, struct failure *why) {
    struct invoice_partition partitions[LEDGER_PARTITIONS_MAX] = {0};
    struct invoice invoice = preview_of(closing, 0);
    for (uint32_t i = 0; i < closing->partitions; i++)
        fill_partition(closing->barrier, i, &partitions[i]);
    invoice.frozen = true;
    invoice.closed_ms = books_unfinished_time_ms(closing->books);
    invoice.due_day = finance_due(books_finance(closing->books), invoice.month, &invoice.due_provisional);
    invoice.partition_count = closing->partitions;
    invoice.partitions = partitions;
    enum result result = invoice_check(&invoice, why);
    if (result != RESULT_OK)
        return result;
    decision->bytes = closing->bytes;
    decision->size = invoice_write(&invoice, closing->bytes, INVOICE_MAX_BYTES);
    if (decision->size == 0)
        return fail(why, RESULT_CORRUPT, "INVOICE_LONG", "The invoice does not fit %u bytes.",
                    INVOICE_MAX_BYTES);
    decision->month = invoice.month;
    decision->offset = invoice.as_of_offset;
    decision->due_day = invoice.due_day;
    for (enum payer payer = PAYER_NONE; payer < PAYER_COUNT; payer++) {
        struct ledger_line total = ledger_sums_total(invoice.sums, payer);
        decision->amount_rupiah[payer] = total.amount_rupiah + total.corrections_rupiah;
    }
    return RESULT_OK;
}

/* The intent stands, so nothing is given up: it is tried again when a person has settled it, or there is
 * room on the disk. */
static enum result postpone(struct closing *closing, const struct failure *failure, enum result result,
                            month_t month, int64_t time_ms, day_t today, struct failure *why) {
    log_alarm("%s: %s The close waits.", failure->code, failure->sentence);
    closing->retry_ms = time_ms + RETRY_MS;
    closing_tell_joined_failure(closing, failure);
    if (result == RESULT_FULL)
        return RESULT_OK;
    return closing_park(closing, failure, month, time_ms, today, why);
}

static enum result end_close(struct closing *closing, int64_t time_ms, day_t today, bool *done,
                             struct failure *why) {
    month_t month = barrier_order(closing->barrier)->month;
    struct decision decision = {.kind = DECISION_INVOICE, .time_ms = time_ms, .day = today};
    struct failure failure;
    enum result result = write_invoice(closing, &decision, &failure);
    if (result == RESULT_OK)
        result = books_decide(closing->books, &decision, 1, &failure);
    *done = result == RESULT_OK;
    if (result == RESULT_IO)
        *why = failure;
    if (result == RESULT_IO || result == RESULT_OK)
        return result;
    return postpone(closing, &failure, result, month, time_ms, today, why);
}

static enum result end_retariff(struct closing *closing, int64_t time_ms, day_t today, bool *done,
                                struct failure *why) {
    struct decision decision = {.kind = DECISION_RETARIFFED,
                                .time_ms = time_ms,
                                .day = today,
                                .offset = barrier_order(closing->barrier)->offset};
    struct failure failure;
    enum result result = books_decide(closing->books, &decision, 1, &failure);
    *done = result == RESULT_OK;
    if (result == RESULT_IO)
        *why = failure;
    if (result == RESULT_IO || result == RESULT_OK)
        return result;
    return postpone(closing, &failure, result, MONTH_NONE, time_ms, today, why);
}

/* Those who waited for the close get what is stored, as everybody who asks later. */
static enum result tell_closed(struct closing *closing, month_t month, struct failure *why) {
    struct closing_asker asker;
    for (uint32_t i = 0; i < closing->count;) {
        if (!closing->waiting[i]->joined) {
            i++;
            continue;
        }
        asker = closing->waiting[i]->ask.asker;
        closing_leave(closing, i);
        enum result result = closing_tell_closed(closing, &asker, month, false, why);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

enum result closing_end(struct closing *closing, int64_t time_ms, day_t today, bool *done,
                        struct failure *why) {
    const struct partition_order order = *barrier_order(closing->barrier);
    enum result result = RESULT_OK;
    *done = false;
    if (closing->parked && finance_failure(books_finance(closing->books), closing->parked))
        return RESULT_OK;
    closing->parked = 0;
    if (order.act != PARTITION_PREVIEW && time_ms < closing->retry_ms)
        return RESULT_OK;
    if (order.act == PARTITION_PREVIEW) {
        *done = true;
        result = end_preview(closing);
    } else if (order.act == PARTITION_CLOSE) {
        result = end_close(closing, time_ms, today, done, why);
    } else {
        result = end_retariff(closing, time_ms, today, done, why);
    }
    if (result != RESULT_OK || !*done)
        return result;
    struct closing_answer answer = {.as_of_offset = order.offset};
    closing->retry_ms = 0;
    barrier_end(closing->barrier);
    if (order.act == PARTITION_RETARIFF)
        closing_tell_joined(closing, &answer);
    return order.act == PARTITION_CLOSE ? tell_closed(closing, order.month, why) : RESULT_OK;
}
