/* inquiry_money.c - invoices, payments and ceilings: what the books know and decide at once (inquiry.h). */
#include "inquiry_internal.h"

#include <string.h>

static int64_t *amounts_copy(struct inquiry *inquiry, const int64_t amounts_rupiah[PAYER_COUNT]) {
    int64_t *copy = inquiry_take(inquiry, PAYER_COUNT * sizeof *copy);
    return memcpy(copy, amounts_rupiah, PAYER_COUNT * sizeof *copy);
}

/* Of more than a reply has room for the newest. */
struct booked_list {
    struct inquiry *inquiry;
    Cakupan__MonthReply *reply;
    size_t count, left_out;
};

static void count_payment(void *context, const struct decision *payment) {
    struct booked_list *list = context;
    (void)payment;
    list->count++;
}

static void add_payment(void *context, const struct decision *payment) {
    struct booked_list *list = context;
    if (list->left_out > 0) {
        list->left_out--;
        return;
    }
    bool reversal = payment->kind == DECISION_PAYMENT_REVERSED;
    Cakupan__BookedPayment *out = inquiry_take(list->inquiry, sizeof *out);
    cakupan__booked_payment__init(out);
    out->decision = payment->sequence;
    out->sp2d =
        memcpy(inquiry_take(list->inquiry, sizeof payment->sp2d), payment->sp2d, sizeof payment->sp2d);
    out->date = calendar_to_number(reversal ? payment->day : payment->due_day);
    out->amount_rupiah = amounts_copy(list->inquiry, payment->amount_rupiah);
    out->n_amount_rupiah = PAYER_COUNT;
    out->reverses = payment->reverses;
    out->reason = inquiry_take(list->inquiry, payment->reason.size + 1u);
    memcpy(out->reason, payment->reason.data, payment->reason.size);
    list->reply->payments[list->reply->n_payments++] = out;
}

static void add_payments(struct inquiry *inquiry, month_t month, Cakupan__MonthReply *out) {
    struct booked_list list = {.inquiry = inquiry, .reply = out};
    finance_payments(books_finance(inquiry->books), month, count_payment, &list);
    list.left_out = list.count > BOOKED_PAYMENTS_MAX ? list.count - BOOKED_PAYMENTS_MAX : 0;
    out->payments = inquiry_take(inquiry, (list.count - list.left_out + 1) * sizeof *out->payments);
    finance_payments(books_finance(inquiry->books), month, add_payment, &list);
}

Cakupan__MonthReply *inquiry_month(struct inquiry *inquiry, month_t month, day_t today, bool repeated) {
    const struct finance *finance = books_finance(inquiry->books);
    struct finance_month closed;
    uint32_t months;
    if (!finance_month(finance, month, today, &closed))
        return NULL;
    Cakupan__MonthReply *out = inquiry_take(inquiry, sizeof *out);
    cakupan__month_reply__init(out);
    out->month = wire_month_number(month);
    out->owed_rupiah = amounts_copy(inquiry, closed.owed_rupiah);
    out->paid_rupiah = amounts_copy(inquiry, closed.paid_rupiah);
    out->n_owed_rupiah = out->n_paid_rupiah = PAYER_COUNT;
    out->due_date = calendar_to_number(closed.due_day);
    out->overdue = closed.overdue;
    out->repeated_ask = repeated;
    out->arrears_rupiah = finance_arrears(finance, today, &months);
    out->as_of_offset = closed.as_of_offset;
    add_payments(inquiry, month, out);
    return out;
}

enum result inquiry_invoice(struct inquiry_call *call) {
    struct inquiry *inquiry = call->inquiry;
    month_t month = wire_month(call->request->invoice->month);
    const uint8_t *bytes;
    size_t size;
    enum result result = inquiry_in_state(call, month);
    if (result == RESULT_OK)
        result = books_invoice(inquiry->books, month, &bytes, &size, call->why);
    if (result != RESULT_OK)
        return result;
    call->reply.invoice = (ProtobufCBinaryData){size, (uint8_t *)bytes};
    call->reply.month = inquiry_month(inquiry, month, call->time->today, false);
    return RESULT_OK;
}

enum result inquiry_pay(struct inquiry_call *call) {
    const Cakupan__PayRequest *pay = call->request->pay;
    const struct finance *finance = books_finance(call->inquiry->books);
    struct payment_ask ask = {.month = wire_month(pay->month),
                              .whole_rupiah = pay->amount_rupiah,
                              .sp2d = pay->sp2d,
                              .day = calendar_from_number(pay->date)};
    struct decision decision;
    bool repeated = false;
    for (size_t payer = 0; payer < pay->n_line_rupiah && payer < PAYER_COUNT; payer++)
        ask.amount_rupiah[payer] = pay->line_rupiah[payer];
    enum result result =
        finance_decide_payment(finance, &ask, call->time->today, &decision, &repeated, call->why);
    if (result == RESULT_OK && !repeated)
        result = inquiry_decide(call, &decision);
    if (result == RESULT_OK)
        call->reply.month = inquiry_month(call->inquiry, ask.month, call->time->today, repeated);
    return result;
}

enum result inquiry_reverse(struct inquiry_call *call) {
    const Cakupan__ReverseRequest *reverse = call->request->reverse;
    struct reversal_ask ask = {
        .month = wire_month(reverse->month), .sp2d = reverse->sp2d, .reason = reverse->reason};
    struct decision decision;
    bool repeated = false;
    enum result result =
        finance_decide_reversal(books_finance(call->inquiry->books), &ask, &decision, &repeated, call->why);
    if (result == RESULT_OK && !repeated)
        result = inquiry_decide(call, &decision);
    if (result == RESULT_OK)
        call->reply.month = inquiry_month(call->inquiry, ask.month, call->time->today, repeated);
    return result;
}

enum result inquiry_budget_set(struct inquiry_call *call) {
    const Cakupan__BudgetSetRequest *ask = call->request->budget_set;
    int64_t ceiling_rupiah[PAYER_COUNT] = {0};
    struct decision decision;
    for (size_t payer = 0; payer < ask->n_ceiling_rupiah && payer < PAYER_COUNT; payer++)
        ceiling_rupiah[payer] = ask->ceiling_rupiah[payer];
    enum result result = finance_decide_budget(books_finance(call->inquiry->books), (uint16_t)ask->year,
                                               ceiling_rupiah, &decision, call->why);
    return result == RESULT_OK ? inquiry_decide(call, &decision) : result;
}

static Cakupan__BudgetLine *line_of(struct inquiry *inquiry, unsigned payer, const struct budget_line *line) {
    Cakupan__BudgetLine *out = inquiry_take(inquiry, sizeof *out);
    cakupan__budget_line__init(out);
    out->payer = payer;
    out->ceiling_rupiah = line->ceiling_rupiah;
    out->spent_rupiah = line->spent_rupiah;
    out->committed_rupiah = line->committed_rupiah;
    out->forecast_rupiah = line->forecast_rupiah;
    out->runs_out_month = wire_month_number(line->runs_out);
    out->runs_out_date = calendar_to_number(line->runs_out_day);
    return out;
}

static Cakupan__BudgetMonth *month_of(struct inquiry *inquiry, const struct budget_month *month) {
    Cakupan__BudgetMonth *out = inquiry_take(inquiry, sizeof *out);
    cakupan__budget_month__init(out);
    out->month = wire_month_number(month->month);
    out->closed = month->closed;
    out->amount_rupiah = amounts_copy(inquiry, month->amount_rupiah);
    out->paid_rupiah = amounts_copy(inquiry, month->paid_rupiah);
    out->n_amount_rupiah = out->n_paid_rupiah = PAYER_COUNT;
    return out;
}

Cakupan__BudgetReply *inquiry_budget_reply(struct inquiry *inquiry, const struct budget *budget,
                                           uint64_t as_of_offset) {
    Cakupan__BudgetReply *out = inquiry_take(inquiry, sizeof *out);
    cakupan__budget_reply__init(out);
    out->year = budget->year;
    out->as_of_offset = as_of_offset;
    out->months = inquiry_take(inquiry, FINANCE_YEAR_MONTHS * sizeof *out->months);
    for (unsigned i = 0; i < budget->month_count; i++)
        out->months[out->n_months++] = month_of(inquiry, &budget->months[i]);
    out->lines = inquiry_take(inquiry, (PAYER_COUNT + 1) * sizeof *out->lines);
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        if (payer_is_city((enum payer)payer))
            out->lines[out->n_lines++] = line_of(inquiry, payer, &budget->line[payer]);
    out->lines[out->n_lines++] = line_of(inquiry, PAYER_NONE, &budget->both);
    return out;
}
