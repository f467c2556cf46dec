/* inquiry_barrier.c - what is answered by a barrier: previews, budgets, closes and changes of tariff; who
 * waits for which (inquiry.h). */
#include "inquiry_internal.h"

#include "runtime/require.h"

#include <stdlib.h>
#include <string.h>

#define FORECAST_AHEAD_MAX 120 /* months: what is further says nothing about a budget */

static struct inquiry_waiting *find(struct inquiry *inquiry, uint64_t number) {
    for (size_t i = 0; i < CLOSING_WAITING_MAX; i++)
        if (inquiry->waiting[i].number == number)
            return &inquiry->waiting[i];
    return NULL;
}

/* A place to wait in; NULL with BUSY where all are taken. */
static struct inquiry_waiting *wait_for(struct inquiry_call *call) {
    struct inquiry_waiting *waiting = find(call->inquiry, 0);
    if (!waiting) {
        (void)fail(call->why, RESULT_FULL, "BUSY", "Too many wait for billing: ask again in a second.");
        return NULL;
    }
    *waiting = (struct inquiry_waiting){.number = ++call->inquiry->numbers,
                                        .request_id = call->request->id,
                                        .ask = (int)call->request->ask_case,
                                        .peer = *call->peer,
                                        .today = call->time->today};
    return waiting;
}

/* The answer may come within the call. */
static enum result ask(struct inquiry_call *call, struct inquiry_waiting *waiting,
                       const struct partition_order *order) {
    struct inquiry *inquiry = call->inquiry;
    const char *author = call->request->author;
    uint64_t number = waiting->number;
    struct closing_ask ask = {.order = *order,
                              .asker = {.size = sizeof number},
                              .device = call->asker->operator_here ? 0 : call->asker->device,
                              .author = {author, (uint16_t)strlen(author)}};
    memcpy(ask.asker.id, &number, sizeof number);
    enum result result = closing_ask(inquiry->closing, &ask, call->time->today, call->why);
    bool waits = find(inquiry, number) != NULL;
    call->stop = result == RESULT_IO;
    call->later = result == RESULT_OK || !waits;
    if (result != RESULT_OK && waits)
        find(inquiry, number)->number = 0;
    return waits || call->stop ? result : RESULT_OK;
}

/* What else may be asked of a month closing knows. */
static enum result check_distance(struct inquiry_call *call, month_t month, unsigned months) {
    month_t open = finance_open_month(books_finance(call->inquiry->books));
    unsigned last = month + months - 1u;
    bool far =
        last > (unsigned)open + FORECAST_AHEAD_MAX || calendar_first_day((month_t)(last + 1)) == DAY_NONE;
    if (open == MONTH_NONE || !far)
        return RESULT_OK;
    char asked[CALENDAR_TEXT];
    calendar_format_month(month, asked);
    return fail(call->why, RESULT_CONFLICT, "BILL_MONTH_NOT_OPEN",
                "A forecast of %u months from %s on goes too far: it ends ten years after the open month.",
                months, asked);
}

enum result inquiry_preview(struct inquiry_call *call) {
    month_t month = wire_month(call->request->preview->month);
    uint16_t months = (uint16_t)call->request->preview->months;
    struct partition_order order = {.act = PARTITION_PREVIEW, .month = month, .months = months ? months : 1};
    enum result result = check_distance(call, month, order.months);
    if (result != RESULT_OK)
        return result;
    struct inquiry_waiting *waiting = wait_for(call);
    return waiting ? ask(call, waiting, &order) : RESULT_FULL;
}

static enum result need_author(struct inquiry_call *call) {
    if (call->request->author[0] != '\0')
        return RESULT_OK;
    return fail(call->why, RESULT_INVALID, "AUTHOR_MISSING",
                "What is decided needs the name of who decides it: give an author.");
}

/* Before long work for a close that could not be. */
static enum result check_close(struct inquiry_call *call, month_t month) {
    bool closed = false;
    Cakupan__MonthReply *out = inquiry_take(call->inquiry, sizeof *out);
    cakupan__month_reply__init(out);
    enum result result = finance_decide_close(books_finance(call->inquiry->books), month, call->time->today,
                                              &closed, call->why);
    out->month = wire_month_number(month);
    out->repeated_ask = closed;
    if (result == RESULT_OK)
        call->reply.month = out;
    return result;
}

enum result inquiry_close(struct inquiry_call *call) {
    struct partition_order order = {.act = PARTITION_CLOSE, .month = wire_month(call->request->close->month)};
    enum result result = need_author(call);
    if (result != RESULT_OK)
        return result;
    if (call->request->close->check)
        return check_close(call, order.month);
    struct inquiry_waiting *waiting = wait_for(call);
    if (!waiting)
        return RESULT_FULL;
    waiting->month = order.month;
    return ask(call, waiting, &order);
}

static enum result take_tariff(ProtobufCBinaryData packed, struct tariff *out, struct failure *why) {
    if (tariff_unpack(out, packed.data, packed.len, NULL) == RESULT_OK)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "TARIFF_INVALID",
                "The tariff can't be read: use tools of the same release.");
}

enum result inquiry_retariff(struct inquiry_call *call) {
    struct tariff tariff;
    enum result result = need_author(call);
    if (result == RESULT_OK)
        result = take_tariff(call->request->retariff->tariff, &tariff, call->why);
    if (result != RESULT_OK)
        return result;
    struct inquiry_waiting *waiting = wait_for(call);
    struct partition_order order = {.act = PARTITION_RETARIFF, .tariff = &tariff};
    return waiting ? ask(call, waiting, &order) : RESULT_FULL;
}

/* Of a year: from which month on a forecast is needed, and how many months; 0 where all are closed. */
static uint16_t forecast_of(const struct finance *finance, unsigned year, month_t *from) {
    month_t open = finance_open_month(finance);
    month_t january = calendar_month(calendar_day((int)year, 1, 1));
    *from = open > january ? open : january;
    return *from <= january + FINANCE_YEAR_MONTHS - 1 ? (uint16_t)(january + FINANCE_YEAR_MONTHS - *from) : 0;
}

static enum result fill_budget(struct inquiry *inquiry, const struct inquiry_waiting *waiting,
                               const struct ledger_sums *forecast, uint16_t months, uint64_t as_of_offset,
                               Cakupan__BillingReply *reply, struct failure *why) {
    struct budget_ask ask = {.year = waiting->year,
                             .forecast = forecast,
                             .forecast_month = waiting->month,
                             .forecast_count = months,
                             .what_if_tariff = waiting->what_if ? &waiting->tariff : NULL,
                             .what_if_layoffs = waiting->layoffs,
                             .tariff = books_tariff(inquiry->books)};
    struct budget budget;
    enum result result = finance_budget(books_finance(inquiry->books), &ask, &budget, why);
    if (result == RESULT_OK)
        reply->budget = inquiry_budget_reply(inquiry, &budget, as_of_offset);
    return result;
}

static enum result check_year(struct inquiry_call *call, unsigned year, month_t first) {
    int first_year, month, day;
    calendar_civil(calendar_first_day(first), &first_year, &month, &day);
    if (year >= (unsigned)first_year)
        return RESULT_OK;
    return fail(call->why, RESULT_INVALID, "BUDGET_YEAR",
                "%u has no budget here: this state began in %d; give that year or a later one.", year,
                first_year);
}

/* The year asked for, and what if. */
static enum result plan_budget(struct inquiry_call *call, struct inquiry_waiting *plan) {
    const Cakupan__BudgetRequest *wanted = call->request->budget;
    struct books_begun begun;
    int year = (int)wanted->year, month, day;
    enum result result = inquiry_begun(call, &begun);
    if (result != RESULT_OK)
        return result;
    if (year == 0)
        calendar_civil(calendar_first_day(finance_open_month(books_finance(call->inquiry->books))), &year,
                       &month, &day);
    plan->year = (uint16_t)year;
    plan->layoffs = wanted->what_if_layoffs;
    plan->what_if = wanted->what_if_tariff.len > 0;
    result = check_year(call, plan->year, begun.first_month);
    return result == RESULT_OK && plan->what_if
               ? take_tariff(wanted->what_if_tariff, &plan->tariff, call->why)
               : result;
}

enum result inquiry_budget(struct inquiry_call *call) {
    struct inquiry_waiting plan = {0};
    enum result result = plan_budget(call, &plan);
    if (result != RESULT_OK)
        return result;
    uint16_t months = forecast_of(books_finance(call->inquiry->books), plan.year, &plan.month);
    if (months == 0)
        return fill_budget(call->inquiry, &plan, NULL, 0, 0, &call->reply, call->why);
    result = check_distance(call, plan.month, months);
    struct inquiry_waiting *waiting = result == RESULT_OK ? wait_for(call) : NULL;
    if (!waiting)
        return result == RESULT_OK ? RESULT_FULL : result;
    waiting->year = plan.year;
    waiting->layoffs = plan.layoffs;
    waiting->month = plan.month;
    waiting->what_if = plan.what_if;
    waiting->tariff = plan.tariff;
    struct partition_order order = {.act = PARTITION_PREVIEW, .month = plan.month, .months = months};
    return ask(call, waiting, &order);
}

static enum result answer_budget(struct inquiry *inquiry, const struct inquiry_waiting *waiting,
                                 const struct closing_answer *answer, Cakupan__BillingReply *reply,
                                 struct failure *why) {
    struct ledger_sums *forecast = malloc(answer->months * sizeof *forecast);
    require(forecast, "no memory for a forecast");
    for (uint16_t i = 0; i < answer->months; i++)
        forecast[i] = *answer->sums[i];
    enum result result =
        fill_budget(inquiry, waiting, forecast, answer->months, answer->as_of_offset, reply, why);
    free(forecast);
    return result;
}

static void answer_invoices(struct inquiry *inquiry, const struct closing_answer *answer,
                            Cakupan__BillingReply *reply) {
    reply->invoice = (ProtobufCBinaryData){answer->invoices[0].size, (uint8_t *)answer->invoices[0].data};
    if (answer->months < 2)
        return;
    reply->forecast = inquiry_take(inquiry, answer->months * sizeof *reply->forecast);
    for (uint16_t i = 0; i < answer->months; i++)
        reply->forecast[reply->n_forecast++] =
            (ProtobufCBinaryData){answer->invoices[i].size, (uint8_t *)answer->invoices[i].data};
}

static enum result fill_answer(struct inquiry *inquiry, const struct inquiry_waiting *waiting,
                               const struct closing_answer *answer, Cakupan__BillingReply *reply,
                               struct failure *why) {
    bool closed_meanwhile = answer->why && waiting->ask == CAKUPAN__BILLING_REQUEST__ASK_BUDGET &&
                            strcmp(answer->why->code, "BILL_MONTH_CLOSED") == 0;
    if (closed_meanwhile) /* by a close that stood before it in the queue: a budget names no month */
        return fail(why, RESULT_AGAIN, "BILL_WAITS", "A month was closed meanwhile: ask again.");
    if (answer->why) {
        *why = *answer->why;
        return why->result == RESULT_OK ? RESULT_INVALID : why->result;
    }
    switch (waiting->ask) {
    case CAKUPAN__BILLING_REQUEST__ASK_BUDGET:
        return answer_budget(inquiry, waiting, answer, reply, why);
    case CAKUPAN__BILLING_REQUEST__ASK_PREVIEW:
        answer_invoices(inquiry, answer, reply);
        return RESULT_OK;
    case CAKUPAN__BILLING_REQUEST__ASK_CLOSE:
        answer_invoices(inquiry, answer, reply);
        reply->month = inquiry_month(inquiry, waiting->month, waiting->today, answer->repeated);
        return RESULT_OK;
    default:
        return RESULT_OK;
    }
}

void inquiry_answer(void *context, const struct closing_answer *answer) {
    struct inquiry *inquiry = context;
    uint64_t number = 0;
    struct failure why = {0};
    Cakupan__BillingReply reply = CAKUPAN__BILLING_REPLY__INIT;
    if (answer->asker && answer->asker->size == sizeof number)
        memcpy(&number, answer->asker->id, sizeof number);
    struct inquiry_waiting *waiting = number ? find(inquiry, number) : NULL;
    require(waiting, "an answer is for somebody who waits");
    size_t mark = arena_mark(&inquiry->arena); /* a request may be on its way in the same arena */
    reply.id = waiting->request_id;
    if (fill_answer(inquiry, waiting, answer, &reply, &why) != RESULT_OK)
        inquiry_refuse(&reply, &why);
    inquiry_reply(inquiry, &waiting->peer, &reply);
    arena_rewind(&inquiry->arena, mark);
    waiting->number = 0;
}
