/* simulate_surge.c - asks billing and reads the journal while layoffs come in bulk (simulate_surge.h). */
#include "simulate_surge.h"

#include "runtime/clock.h"
#include "terminal.h"
#include "wire/wire_billing.h"

#include <string.h>
#include <unistd.h>

#define LOOK_US        250000
#define BUDGET_US      3000000 /* a budget is a preview of all months to the year's end: not for every look */
#define PATIENCE_MS    2000
#define CHARGED_MAX_US INT64_C(60000000)
#define WAIT_US        5000

int64_t surge_city_rupiah(const struct payer_sum sums[PAYER_COUNT]) {
    return sums[PAYER_CITY_IURAN].amount_rupiah + sums[PAYER_CITY_BANTUAN].amount_rupiah;
}

static enum result ask_summary(struct surge *surge, struct billing_summary *out, struct failure *why) {
    Cakupan__BillingSummaryRequest summary = CAKUPAN__BILLING_SUMMARY_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_SUMMARY;
    request.summary = &summary;
    enum result result = billing_ask(surge->billing, &request, PATIENCE_MS, &reply, why);
    if (result == RESULT_OK && !reply->summary)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Billing's answer holds no summary.");
    return result == RESULT_OK ? wire_billing_summary_take(reply->summary, out, why) : result;
}

/* Of both lines of the city together (payer 0). */
static enum result ask_budget(struct surge *surge, struct surge_budget *out, struct failure *why) {
    Cakupan__BudgetRequest budget = CAKUPAN__BUDGET_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_BUDGET;
    request.budget = &budget;
    enum result result = billing_ask(surge->billing, &request, PATIENCE_MS, &reply, why);
    if (result != RESULT_OK)
        return result;
    for (size_t i = 0; reply->budget && i < reply->budget->n_lines; i++) {
        const Cakupan__BudgetLine *line = reply->budget->lines[i];
        if (line->payer == PAYER_NONE)
            *out = (struct surge_budget){.known = line->ceiling_rupiah > 0,
                                         .ceiling_rupiah = line->ceiling_rupiah,
                                         .forecast_rupiah = line->forecast_rupiah,
                                         .runs_out_month = line->runs_out_month,
                                         .runs_out_date = line->runs_out_date};
    }
    return RESULT_OK;
}

enum result surge_open(struct surge *surge, const char *state, const struct region_table *regions,
                       uint64_t head, struct failure *why) {
    *surge = (struct surge){.regions = regions, .redraws = terminal_redraws(stderr)};
    enum result result = billing_open(&surge->billing, state, false, why);
    if (result == RESULT_OK)
        result = ask_summary(surge, &surge->before, why);
    if (result == RESULT_OK)
        result = ask_budget(surge, &surge->budget_before, why);
    if (result == RESULT_OK)
        result = journal_follow_from(&surge->journal, state, head + 1, surge_record, surge, why);
    surge->now = surge->before;
    surge->budget = surge->budget_before;
    surge->budget_us = clock_monotonic_us();
    return result;
}

void surge_close(struct surge *surge) {
    journal_follow_close(&surge->journal);
    billing_close(&surge->billing);
}

static void add_case(struct surge *surge, const struct record *record) {
    if (surge->case_count < SURGE_LISTED)
        surge->cases[surge->case_count++] = (struct surge_case){.offset = record->offset,
                                                                .identity = record->after.identity,
                                                                .refusal = record->refusal,
                                                                .disputed = record->disputed};
}

static void add_moved(struct surge *surge, const struct member *after) {
    uint32_t i = 0;
    while (i < surge->month_count && surge->moved[i].from != after->payer_month)
        i++;
    if (i == surge->month_count && i < SURGE_MONTHS)
        surge->moved[surge->month_count++].from = after->payer_month;
    struct surge_moved *moved = &surge->moved[i < SURGE_MONTHS ? i : SURGE_MONTHS - 1];
    uint16_t kelurahan = region_index(surge->regions, after->kelurahan);
    moved->people++;
    moved->by_kecamatan[kelurahan == REGION_NOWHERE ? KECAMATAN_MAX
                                                    : surge->regions->kelurahan[kelurahan].kecamatan]++;
}

enum result surge_record(void *context, const struct batch_header *batch, const struct record *record,
                         struct failure *why) {
    struct surge *surge = context;
    (void)batch;
    (void)why;
    if (record->kind != CHANGE_LAYOFF)
        return RESULT_OK;
    if (record->refusal == REFUSAL_PROOF_MISSING ||
        (record->refusal == REFUSAL_NONE && record->proof == PROOF_NONE)) {
        surge->unproved++;
        add_case(surge, record);
    }
    if (record->refusal != REFUSAL_NONE)
        return RESULT_OK;
    surge->laid_off++;
    if (record->disputed) {
        surge->disputed++;
        add_case(surge, record);
    } else if (record->after.status == STATUS_GRACE) {
        month_t until = calendar_month((day_t)(record->after.due_day - 1));
        surge->grace++;
        surge->grace_until = until > surge->grace_until ? until : surge->grace_until;
    } else {
        add_moved(surge, &record->after);
    }
    return RESULT_OK;
}

bool surge_look(struct surge *surge, int64_t now_us) {
    struct failure why;
    if (!surge->journal)
        return false;
    if (now_us - surge->shown_us < LOOK_US)
        return true;
    surge->shown_us = now_us;
    if (ask_summary(surge, &surge->now, &why) != RESULT_OK ||
        journal_follow_until(surge->journal, surge->now.head, "Reading", &why) != RESULT_OK)
        return false;
    if (!surge->redraws)
        return true;
    if (now_us - surge->budget_us >= BUDGET_US && ask_budget(surge, &surge->budget, &why) == RESULT_OK)
        surge->budget_us = now_us;
    char line[300];
    surge_line(surge, line, sizeof line);
    fprintf(stderr, "\r%.*s\033[K", terminal_columns(stderr) - 1, line);
    fflush(stderr);
    return true;
}

enum result surge_finish(struct surge *surge, uint64_t head, struct failure *why) {
    int64_t begun_us = clock_monotonic_us();
    if (surge->redraws)
        fputs("\r\033[K", stderr);
    enum result result = ask_summary(surge, &surge->now, why);
    while (result == RESULT_OK && (surge->now.offset < head || !surge->now.complete)) {
        if (clock_monotonic_us() - begun_us > CHARGED_MAX_US)
            return fail(why, RESULT_AGAIN, "BILL_WAITS",
                        "Billing has not counted everything within a minute; see `cakupan billing status`.");
        usleep(WAIT_US);
        result = ask_summary(surge, &surge->now, why);
    }
    surge->charged_ms = (clock_monotonic_us() - begun_us) / 1000;
    if (result == RESULT_OK)
        result = journal_follow_until(surge->journal, head, "Reading", why);
    return result == RESULT_OK ? ask_budget(surge, &surge->budget, why) : result;
}
