/* inquiry_status.c - answers who works, what waits and what it will cost (inquiry.h). */
#include "inquiry_internal.h"

#include <unistd.h>

static void put_workers(struct inquiry_call *call, Cakupan__BillingStatus *status) {
    struct roll_worker *workers = inquiry_take(call->inquiry, LEASE_WORKERS_MAX * sizeof *workers);
    uint32_t count = roll_workers(call->inquiry->roll, workers);
    status->workers = inquiry_take(call->inquiry, (count + 1) * sizeof *status->workers);
    status->n_workers = count;
    for (uint32_t i = 0; i < count; i++) {
        int64_t silent_ms = call->time->now_ms - workers[i].lease.heard_ms;
        Cakupan__WorkerStatus *out = status->workers[i] = inquiry_take(call->inquiry, sizeof *out);
        cakupan__worker_status__init(out);
        out->number = workers[i].lease.number;
        out->name = workers[i].name;
        out->pid = workers[i].pid;
        out->local = workers[i].lease.local;
        out->partitions = workers[i].lease.partitions;
        out->heard_ms_ago = silent_ms > 0 ? (uint64_t)silent_ms : 0;
        out->resident_bytes = workers[i].resident_bytes;
        out->records = workers[i].records;
    }
}

/* Lent: the fold keeps what it says until the reply is packed. */
static void put_stuck(const struct failure *stuck, int64_t stuck_since_ms, char **code, char **sentence,
                      int64_t *since_ms) {
    if (!stuck)
        return;
    *code = (char *)stuck->code;
    *sentence = (char *)stuck->sentence;
    *since_ms = stuck_since_ms;
}

static void put_partitions(struct inquiry_call *call, uint32_t count, Cakupan__BillingStatus *status) {
    const struct lease_table *leases = roll_leases(call->inquiry->roll);
    status->partitions = inquiry_take(call->inquiry, (count + 1) * sizeof *status->partitions);
    status->n_partitions = count;
    for (uint32_t i = 0; i < count; i++) {
        struct lease_partition lease;
        int64_t since_ms;
        lease_partition(leases, i, &lease);
        Cakupan__PartitionStatus *out = status->partitions[i] = inquiry_take(call->inquiry, sizeof *out);
        cakupan__partition_status__init(out);
        out->partition = i;
        out->worker = lease.worker;
        out->epoch = lease.epoch;
        out->position = lease.position;
        out->ready = lease.ready;
        out->members = roll_members(call->inquiry->roll, i);
        const struct failure *stuck = roll_stuck(call->inquiry->roll, i, &since_ms);
        put_stuck(stuck, since_ms, &out->code, &out->sentence, &out->since_ms);
    }
}

static void put_failures(struct inquiry_call *call, Cakupan__BillingStatus *status) {
    struct decision *parked = inquiry_take(call->inquiry, FINANCE_FAILURES_MAX * sizeof *parked);
    uint32_t count = finance_failures(books_finance(call->inquiry->books), parked);
    if (count > FINANCE_FAILURES_MAX)
        count = FINANCE_FAILURES_MAX;
    status->failures = inquiry_take(call->inquiry, (count + 1) * sizeof *status->failures);
    status->n_failures = count;
    for (uint32_t i = 0; i < count; i++) {
        Cakupan__ParkedFailure *out = status->failures[i] = inquiry_take(call->inquiry, sizeof *out);
        cakupan__parked_failure__init(out);
        out->id = parked[i].failure_id;
        out->code = parked[i].code;
        out->sentence = parked[i].sentence;
        out->time_ms = parked[i].time_ms;
        out->month = wire_month_number(parked[i].month);
    }
}

static void put_barrier(struct inquiry_call *call, uint32_t partitions, Cakupan__BillingStatus *status) {
    struct partition_order order = {0};
    bool run = false;
    status->barrier = closing_barrier(call->inquiry->closing, &run, &order);
    if (status->barrier == 0)
        return;
    status->barrier_month = wire_month_number(order.month);
    for (uint32_t i = 0; i < partitions; i++)
        status->barrier_answers += closing_taken(call->inquiry->closing, i);
}

static void put_figures(struct inquiry_call *call, Cakupan__BillingStatus *status) {
    struct billing_summary summary;
    struct roll_counts counts;
    bool automatic = false;
    roll_summary(call->inquiry->roll, call->time->now_ms, &summary);
    roll_count(call->inquiry->roll, &counts);
    status->desired_workers = lease_desired(roll_leases(call->inquiry->roll), &automatic);
    status->automatic = automatic;
    status->lag_records = summary.lag_records;
    status->lag_ms = summary.lag_ms;
    status->zombies_refused = counts.zombies_refused;
    status->takeovers = counts.takeovers;
    status->takeover_last_ms = counts.takeover_last_ms;
}

enum result inquiry_status(struct inquiry_call *call) {
    struct inquiry *inquiry = call->inquiry;
    const struct finance *finance = books_finance(inquiry->books);
    struct books_begun begun;
    int64_t since_ms;
    Cakupan__BillingStatus *status = inquiry_take(inquiry, sizeof *status);
    cakupan__billing_status__init(status);
    bool has_begun = books_begun(inquiry->books, &begun);
    status->version = (char *)CAKUPAN_VERSION;
    status->pid = (uint32_t)getpid();
    status->uptime_ms = (uint64_t)(call->time->now_ms - inquiry->config.started_ms);
    status->head = call->time->head;
    status->feed_silent_ms = (uint64_t)call->time->feed_silent_ms;
    status->first_month = wire_month_number(finance_first_month(finance));
    status->open_month = wire_month_number(finance_open_month(finance));
    status->tariff_differs = has_begun && tariff_digest(&inquiry->config.city_tariff) !=
                                              tariff_digest(books_tariff(inquiry->books));
    status->decisions = books_sequence(inquiry->books);
    const struct failure *stuck = books_stuck(inquiry->books, &since_ms);
    put_stuck(stuck, since_ms, &status->code, &status->sentence, &status->since_ms);
    put_figures(call, status);
    put_workers(call, status);
    put_partitions(call, begun.partitions, status);
    put_failures(call, status);
    put_barrier(call, begun.partitions, status);
    call->reply.status = status;
    return RESULT_OK;
}

/* What only the books know; roll has the rest. */
static void add_money(const struct finance *finance, day_t today, struct billing_summary *summary) {
    month_t open = finance_open_month(finance);
    struct finance_month last;
    summary->open_month = open;
    summary->arrears_rupiah = finance_arrears(finance, today, &summary->arrears_months);
    summary->failures = finance_failures(finance, NULL);
    if (open == MONTH_NONE || !finance_month(finance, (month_t)(open - 1), today, &last))
        return;
    summary->invoiced_month = last.month;
    summary->due_day = last.due_day;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        if (payer_is_city((enum payer)payer))
            summary->owed_rupiah += last.owed_rupiah[payer] - last.paid_rupiah[payer];
}

enum result inquiry_summary(struct inquiry_call *call) {
    struct inquiry *inquiry = call->inquiry;
    struct billing_summary summary = {0};
    roll_summary(inquiry->roll, call->time->now_ms, &summary);
    summary.arrears_rupiah = summary.owed_rupiah = 0;
    summary.invoiced_month = MONTH_NONE;
    summary.due_day = DAY_NONE;
    add_money(books_finance(inquiry->books), call->time->today, &summary);
    Cakupan__PayerSum *sums = inquiry_take(inquiry, 2 * PAYER_COUNT * sizeof *sums);
    Cakupan__PayerSum **list = inquiry_take(inquiry, 2 * PAYER_COUNT * sizeof *list);
    Cakupan__BillingSummary *out = inquiry_take(inquiry, sizeof *out);
    cakupan__billing_summary__init(out);
    wire_billing_summary_put(&summary, out, sums, list);
    call->reply.summary = out;
    return RESULT_OK;
}
