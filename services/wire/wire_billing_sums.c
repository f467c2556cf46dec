/* wire_billing_sums.c - sums by payer, and the summary that is made of them (wire_billing.h). */
#include "wire_billing_sums.h"

#include <string.h>

bool wire_amount_fine(int64_t amount_rupiah) {
    return amount_rupiah >= -PAYER_SUM_MAX_RUPIAH && amount_rupiah <= PAYER_SUM_MAX_RUPIAH;
}

bool wire_payer_sums_take(Cakupan__PayerSum *const *list, size_t count, struct payer_sum out[PAYER_COUNT]) {
    memset(out, 0, PAYER_COUNT * sizeof *out);
    if (count > PAYER_COUNT)
        return false;
    for (size_t index = 0; index < count; index++) {
        const Cakupan__PayerSum *sum = list[index];
        if (!wire_amount_fine(sum->amount_rupiah) || !wire_amount_fine(sum->corrections_rupiah) ||
            sum->people > UINT32_MAX)
            return false;
        out[index] = (struct payer_sum){sum->amount_rupiah, sum->people, sum->corrections_rupiah};
    }
    return true;
}

static void put_sums(const struct payer_sum from[PAYER_COUNT], Cakupan__PayerSum *to,
                     Cakupan__PayerSum **list) {
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++) {
        cakupan__payer_sum__init(&to[payer]);
        to[payer].amount_rupiah = from[payer].amount_rupiah;
        to[payer].people = from[payer].people;
        to[payer].corrections_rupiah = from[payer].corrections_rupiah;
        list[payer] = &to[payer];
    }
}

void wire_billing_summary_put(const struct billing_summary *summary, Cakupan__BillingSummary *out,
                              Cakupan__PayerSum sums[2 * PAYER_COUNT],
                              Cakupan__PayerSum *list[2 * PAYER_COUNT]) {
    cakupan__billing_summary__init(out);
    out->offset = summary->offset;
    out->head = summary->head;
    out->complete = summary->complete;
    out->open_month = wire_month_number(summary->open_month);
    put_sums(summary->open, sums, list);
    put_sums(summary->next, sums + PAYER_COUNT, list + PAYER_COUNT);
    out->n_open = out->n_next = PAYER_COUNT;
    out->open = list;
    out->next = list + PAYER_COUNT;
    out->arrears_rupiah = summary->arrears_rupiah;
    out->arrears_months = summary->arrears_months;
    out->invoiced_month = wire_month_number(summary->invoiced_month);
    out->due_date = calendar_to_number(summary->due_day);
    out->owed_rupiah = summary->owed_rupiah;
    out->failures = summary->failures;
    out->workers = summary->workers;
    out->partitions_ready = summary->partitions_ready;
    out->partitions = summary->partitions;
    out->lag_records = summary->lag_records;
    out->lag_ms = summary->lag_ms;
}

enum result wire_billing_summary_take(const Cakupan__BillingSummary *message, struct billing_summary *out,
                                      struct failure *why) {
    *out = (struct billing_summary){
        .offset = message->offset,
        .head = message->head,
        .complete = message->complete,
        .open_month = wire_month(message->open_month),
        .arrears_rupiah = message->arrears_rupiah,
        .arrears_months = message->arrears_months,
        .invoiced_month = wire_month(message->invoiced_month),
        .due_day = calendar_from_number(message->due_date),
        .owed_rupiah = message->owed_rupiah,
        .failures = message->failures,
        .workers = message->workers,
        .partitions_ready = message->partitions_ready,
        .partitions = message->partitions,
        .lag_records = message->lag_records,
        .lag_ms = message->lag_ms,
    };
    bool dates_fine = (message->open_month == 0) == (out->open_month == MONTH_NONE) &&
                      (message->invoiced_month == 0) == (out->invoiced_month == MONTH_NONE) &&
                      (message->due_date == 0) == (out->due_day == DAY_NONE);
    if (!dates_fine || !wire_payer_sums_take(message->open, message->n_open, out->open) ||
        !wire_payer_sums_take(message->next, message->n_next, out->next) ||
        !wire_amount_fine(message->arrears_rupiah) || !wire_amount_fine(message->owed_rupiah))
        return fail(
            why, RESULT_INVALID, "REPLY_MALFORMED",
            "Billing's summary holds a date or an amount that can't be; use programs of one release.");
    return RESULT_OK;
}
