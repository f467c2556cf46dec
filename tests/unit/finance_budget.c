/* finance_budget.c - tests services/domain/finance_budget.c: spent, committed and forecast by month, when the
 * money runs out, and what other tariffs and layoffs would do. */
#include "cakupan/finance.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE    1000
#define LAST_YEAR 2078

static struct payment_terms terms = {.count = 1, .rows = {{.due_day_of_month = 10, .due_month = 1}}};
static struct policy policy = {.count = 1, .rows = {{.cut_off_day = 19}}};
static struct tariff tariff, other;
static struct finance *finance;
static struct ledger_sums *forecast; /* twelve months, all alike */
static struct budget budget;
static struct failure why;
static uint64_t sequence;

static month_t month(const char *text) {
    month_t out = MONTH_NONE;
    cr_assert(calendar_parse_month(text, 7, &out), "%s", text);
    return out;
}

/* Perpres 64/2020: 35,000 and 2,800 of the city, 4,200 of the centre. */
static struct tariff_row city_row(uint32_t iuran, uint32_t bantuan) {
    struct tariff_row row = {.segment = SEGMENT_PBPU_PEMDA, .care_class = 3};
    row.share[PAYER_CENTRE] = 4200;
    row.share[PAYER_CITY_IURAN] = iuran;
    row.share[PAYER_CITY_BANTUAN] = bantuan;
    return row;
}

static void start(void) {
    tariff = (struct tariff){.count = 1, .rows = {city_row(35000, 2800)}};
    other = (struct tariff){.count = 1, .rows = {city_row(40000, 2000)}};
    finance = finance_new(&terms, &policy);
    forecast = calloc(12, sizeof *forecast);
    for (int i = 0; i < 12; i++) {
        struct ledger_line *line = &forecast[i].line[PAYER_CITY_IURAN][SEGMENT_PBPU_PEMDA][3][i % 3];
        line->people = PEOPLE;
        line->amount_rupiah = PEOPLE * 35000;
        forecast[i].line[PAYER_CITY_BANTUAN][SEGMENT_PBPU_PEMDA][3][i % 3] =
            (struct ledger_line){.people = PEOPLE, .amount_rupiah = PEOPLE * 2800};
        forecast[i].line[PAYER_CENTRE][SEGMENT_PBPU_PEMDA][3][i % 3] =
            (struct ledger_line){.people = PEOPLE, .amount_rupiah = PEOPLE * 4200};
    }
    sequence = 0;
}
static void stop(void) {
    free(forecast);
    finance_destroy(&finance);
}
TestSuite(finance_budget, .init = start, .fini = stop);

static void apply(struct decision decision) {
    decision.sequence = ++sequence;
    cr_assert_eq(finance_apply(finance, &decision, &why), RESULT_OK, "%s", why.sentence);
}

static void begin(const char *first) {
    apply((struct decision){.kind = DECISION_BEGUN, .month = month(first)});
}

static void close_month(const char *text, int64_t iuran, int64_t bantuan) {
    apply((struct decision){.kind = DECISION_INVOICE,
                            .month = month(text),
                            .amount_rupiah = {[PAYER_CITY_IURAN] = iuran, [PAYER_CITY_BANTUAN] = bantuan}});
}

static void set_ceiling(unsigned year, int64_t iuran, int64_t bantuan) {
    apply((struct decision){.kind = DECISION_BUDGET,
                            .year = (uint16_t)year,
                            .amount_rupiah = {[PAYER_CITY_IURAN] = iuran, [PAYER_CITY_BANTUAN] = bantuan}});
}

static struct budget_ask ask_of(unsigned year, const char *from, unsigned months) {
    return (struct budget_ask){.year = (uint16_t)year,
                               .forecast = forecast,
                               .forecast_month = month(from),
                               .forecast_count = (uint16_t)months,
                               .tariff = &tariff};
}

static enum result make(struct budget_ask ask) {
    why = (struct failure){0};
    return finance_budget(finance, &ask, &budget, &why);
}

static const struct budget_line *iuran(void) {
    return &budget.line[PAYER_CITY_IURAN];
}

Test(finance_budget, a_year_of_the_future_is_all_forecast) {
    begin("2026-11");
    cr_assert_eq(make(ask_of(2027, "2027-01", 12)), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(budget.month_count, 12);
    cr_assert_eq(budget.months[0].month, month("2027-01"));
    cr_assert_eq(budget.months[11].month, month("2027-12"));
    cr_assert_eq(iuran()->forecast_rupiah, INT64_C(12) * PEOPLE * 35000);
    cr_assert_eq(budget.line[PAYER_CITY_BANTUAN].forecast_rupiah, INT64_C(12) * PEOPLE * 2800);
    cr_assert_eq(budget.both.forecast_rupiah, INT64_C(12) * PEOPLE * 37800);
    cr_assert_eq(budget.line[PAYER_CENTRE].forecast_rupiah, 0, "the centre's budget is not ours");
    cr_assert_eq(iuran()->spent_rupiah, 0);
    cr_assert_eq(iuran()->committed_rupiah, 0);
    cr_assert_eq(iuran()->ceiling_rupiah, 0);
    cr_assert_eq(iuran()->runs_out, MONTH_NONE, "without a ceiling nothing runs out");
}

Test(finance_budget, the_first_year_has_the_months_of_the_state_alone) {
    begin("2026-11");
    close_month("2026-11", 5000, 700);
    struct decision payment = {.kind = DECISION_PAYMENT, .month = month("2026-11"), .sp2d = "1"};
    payment.amount_rupiah[PAYER_CITY_IURAN] = 2000;
    payment.amount_rupiah[PAYER_CITY_BANTUAN] = 700;
    apply(payment);
    cr_assert_eq(make(ask_of(2026, "2026-12", 1)), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(budget.month_count, 2);
    cr_assert(budget.months[0].closed && !budget.months[1].closed);
    cr_assert_eq(budget.months[0].amount_rupiah[PAYER_CITY_IURAN], 5000);
    cr_assert_eq(budget.months[0].paid_rupiah[PAYER_CITY_IURAN], 2000);
    cr_assert_eq(budget.months[1].amount_rupiah[PAYER_CITY_IURAN], PEOPLE * 35000);
    cr_assert_eq(iuran()->spent_rupiah, 2000);
    cr_assert_eq(iuran()->committed_rupiah, 3000);
    cr_assert_eq(iuran()->forecast_rupiah, PEOPLE * 35000);
    cr_assert_eq(budget.both.spent_rupiah, 2700);
    cr_assert_eq(budget.both.committed_rupiah, 3000);
    payment.kind = DECISION_PAYMENT_REVERSED;
    payment.reverses = sequence;
    payment.reason = (struct text){"December", 8};
    payment.amount_rupiah[PAYER_CITY_IURAN] = -2000;
    payment.amount_rupiah[PAYER_CITY_BANTUAN] = -700;
    apply(payment);
    cr_assert_eq(make(ask_of(2026, "2026-12", 1)), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(budget.both.spent_rupiah, 0, "as before the payment");
    cr_assert_eq(budget.both.committed_rupiah, 5700);
}

Test(finance_budget, a_closed_year_needs_no_forecast) {
    begin("2026-12");
    close_month("2026-12", 5000, 700);
    struct budget_ask ask = {.year = 2026, .tariff = &tariff};
    cr_assert_eq(make(ask), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(budget.month_count, 1);
    cr_assert_eq(iuran()->forecast_rupiah, 0);
}

Test(finance_budget, the_forecast_must_reach_the_years_end) {
    static const struct {
        const char *from;
        unsigned months;
        enum result result;
    } expected[] = {
        {"2027-02", 11, RESULT_OK},      {"2027-01", 12, RESULT_OK}, /* more than is needed */
        {"2027-02", 10, RESULT_INVALID}, {"2027-03", 11, RESULT_INVALID},
        {"2027-02", 0, RESULT_INVALID},  {"2028-01", 12, RESULT_INVALID},
    };
    begin("2027-01");
    close_month("2027-01", 1, 1);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        cr_assert_eq(make(ask_of(2027, expected[i].from, expected[i].months)), expected[i].result, "%zu", i);
        cr_assert_str_eq(why.code, expected[i].result == RESULT_OK ? "" : "BUDGET_FORECAST");
    }
    cr_assert_not_null(strstr(why.sentence, "2027-02"), "the month is named: %s", why.sentence);
}

Test(finance_budget, years_before_the_state_have_no_budget) {
    cr_assert_eq(make(ask_of(2026, "2026-01", 12)), RESULT_INVALID, "not begun");
    begin("2026-11");
    cr_assert_eq(make(ask_of(2025, "2025-01", 12)), RESULT_INVALID);
    cr_assert_str_eq(why.code, "BUDGET_YEAR");
    cr_assert_eq(make(ask_of(LAST_YEAR + 1, "2026-11", 12)), RESULT_INVALID);
    cr_assert_eq(make(ask_of(LAST_YEAR, "2078-01", 12)), RESULT_OK, "%s", why.sentence);
}

/* A month costs 35,000,000 on the line of iuran. */
Test(finance_budget, the_month_and_day_at_which_the_money_ends) {
    static const struct {
        int64_t ceiling;
        const char *month, *day;
    } expected[] = {
        {INT64_C(420000000), NULL, NULL},              /* to the rupiah */
        {INT64_C(419999999), "2027-12", "2027-12-31"}, /* one rupiah short */
        {INT64_C(385000000), "2027-12", "2027-12-01"}, /* eleven months exactly */
        {INT64_C(384999999), "2027-11", "2027-11-30"},
        {INT64_C(52500000), "2027-02", "2027-02-15"}, /* half of February is covered */
        {INT64_C(34999999), "2027-01", "2027-01-31"},
        {1, "2027-01", "2027-01-01"},
        {INT64_C(1000000000000000), NULL, NULL},
    };
    begin("2026-11");
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char day[CALENDAR_TEXT], ends[CALENDAR_TEXT];
        set_ceiling(2027, expected[i].ceiling, 0);
        cr_assert_eq(make(ask_of(2027, "2027-01", 12)), RESULT_OK);
        cr_assert_eq(iuran()->ceiling_rupiah, expected[i].ceiling, "a later ceiling replaces an earlier");
        calendar_format_month(iuran()->runs_out, ends);
        calendar_format(iuran()->runs_out_day, day);
        cr_assert_str_eq(ends, expected[i].month ? expected[i].month : "-", "case %zu", i);
        cr_assert_str_eq(day, expected[i].day ? expected[i].day : "-", "case %zu", i);
        cr_assert_eq(budget.both.ceiling_rupiah, 0, "the other line has none");
        cr_assert_eq(budget.both.runs_out, MONTH_NONE);
    }
}

Test(finance_budget, a_year_may_run_out_in_a_closed_month) {
    begin("2027-01");
    set_ceiling(2027, 100, 1000);
    close_month("2027-01", 60, 10);
    close_month("2027-02", 60, 10);
    cr_assert_eq(make(ask_of(2027, "2027-03", 10)), RESULT_OK);
    cr_assert_eq(iuran()->runs_out, month("2027-02"));
    cr_assert_eq(iuran()->runs_out_day, calendar_day(2027, 2, 19)); /* 40 of 60: 18 of 28 days */
    cr_assert_eq(budget.both.ceiling_rupiah, 1100);
    cr_assert_eq(budget.both.runs_out, month("2027-03"), "both lines together last a month longer");
}

Test(finance_budget, a_month_that_gives_back_money_makes_it_last) {
    begin("2027-01");
    set_ceiling(2027, 100, 0);
    close_month("2027-01", 90, 0);
    close_month("2027-02", -50, 0);
    close_month("2027-03", 60, 0);
    cr_assert_eq(make(ask_of(2027, "2027-04", 9)), RESULT_OK);
    cr_assert_eq(iuran()->runs_out, month("2027-04"));
    cr_assert_eq(iuran()->runs_out_day, calendar_day(2027, 4, 1));
}

Test(finance_budget, corrections_of_the_open_month_count) {
    begin("2027-01");
    forecast[0].line[PAYER_CITY_IURAN][SEGMENT_PBPU_PEMDA][3][1] =
        (struct ledger_line){.corrections = 2, .corrections_rupiah = -70000};
    cr_assert_eq(make(ask_of(2027, "2027-01", 12)), RESULT_OK);
    cr_assert_eq(budget.months[0].amount_rupiah[PAYER_CITY_IURAN], PEOPLE * 35000 - 70000);
    struct budget_ask ask = ask_of(2027, "2027-01", 12);
    ask.what_if_tariff = &other;
    cr_assert_eq(make(ask), RESULT_OK);
    cr_assert_eq(budget.months[0].amount_rupiah[PAYER_CITY_IURAN], PEOPLE * 40000 - 70000,
                 "what is past stays as it is");
}

Test(finance_budget, layoffs_cost_from_the_month_after_the_open_one) {
    struct budget_ask ask = ask_of(2027, "2027-02", 11);
    begin("2027-01");
    close_month("2027-01", 1, 1);
    ask.what_if_layoffs = 100000;
    cr_assert_eq(make(ask), RESULT_OK);
    cr_assert_eq(budget.months[1].amount_rupiah[PAYER_CITY_IURAN], PEOPLE * 35000, "February is open");
    cr_assert_eq(budget.months[2].amount_rupiah[PAYER_CITY_IURAN], INT64_C(101000) * 35000);
    cr_assert_eq(budget.months[11].amount_rupiah[PAYER_CITY_BANTUAN], INT64_C(101000) * 2800);
    ask.what_if_tariff = &other;
    cr_assert_eq(make(ask), RESULT_OK);
    cr_assert_eq(budget.months[2].amount_rupiah[PAYER_CITY_IURAN], INT64_C(101000) * 40000,
                 "at the tariff that is asked for");
    cr_assert_eq(budget.months[2].amount_rupiah[PAYER_CITY_BANTUAN], INT64_C(101000) * 2000);
}

Test(finance_budget, layoffs_of_a_year_to_come_count_in_all_its_months) {
    struct budget_ask ask = ask_of(2027, "2027-01", 12);
    begin("2026-11");
    ask.what_if_layoffs = 1;
    cr_assert_eq(make(ask), RESULT_OK);
    cr_assert_eq(iuran()->forecast_rupiah, INT64_C(12) * (PEOPLE + 1) * 35000);
}

Test(finance_budget, another_tariff_prices_the_people_of_the_forecast) {
    struct budget_ask ask = ask_of(2027, "2027-01", 12);
    begin("2027-01");
    other.rows[0].valid_from = calendar_day(2027, 7, 1);
    other.rows[1] = city_row(35000, 2800);
    other.rows[1].valid_to = calendar_day(2027, 6, 30);
    other.count = 2;
    ask.what_if_tariff = &other;
    cr_assert_eq(make(ask), RESULT_OK);
    cr_assert_eq(budget.months[5].amount_rupiah[PAYER_CITY_IURAN], PEOPLE * 35000);
    cr_assert_eq(budget.months[6].amount_rupiah[PAYER_CITY_IURAN], PEOPLE * 40000, "from July on");
    cr_assert_eq(iuran()->forecast_rupiah, INT64_C(6) * PEOPLE * 75000);
}

Test(finance_budget, a_payer_new_under_the_tariff_pays_for_the_same_people) {
    struct budget_ask ask = ask_of(2027, "2027-01", 12);
    begin("2027-01");
    /* Class III that pays itself (Perpres 64/2020 as of 2021); the city's help of 2,800 is not in force. */
    struct tariff_row row = {.segment = SEGMENT_PBPU, .care_class = 3};
    row.share[PAYER_MEMBER] = 35000;
    row.share[PAYER_CITY_BANTUAN] = 2800;
    other.rows[1] = row;
    other.count = 2;
    forecast[0].line[PAYER_MEMBER][SEGMENT_PBPU][3][KECAMATAN_MAX] =
        (struct ledger_line){.people = 50, .amount_rupiah = 50 * 37800};
    ask.what_if_tariff = &other;
    cr_assert_eq(make(ask), RESULT_OK);
    cr_assert_eq(budget.months[0].amount_rupiah[PAYER_CITY_BANTUAN], PEOPLE * 2000 + 50 * 2800);
    cr_assert_eq(budget.months[1].amount_rupiah[PAYER_CITY_BANTUAN], PEOPLE * 2000);
}

Test(finance_budget, a_tariff_without_a_row_costs_nothing_and_shares_of_wages_stay) {
    struct budget_ask ask = ask_of(2027, "2027-01", 12);
    struct tariff wages = {.count = 1};
    begin("2027-01");
    wages.rows[0] = (struct tariff_row){.segment = SEGMENT_PBPU_PEMDA, .care_class = 3, .per_mille = true};
    wages.rows[0].share[PAYER_CITY_IURAN] = 40;
    ask.what_if_tariff = &wages;
    ask.what_if_layoffs = 10;
    cr_assert_eq(make(ask), RESULT_OK);
    cr_assert_eq(iuran()->forecast_rupiah, INT64_C(12) * PEOPLE * 35000);
    wages.count = 0;
    cr_assert_eq(make(ask), RESULT_OK);
    cr_assert_eq(budget.both.forecast_rupiah, 0);
}

Test(finance_budget, amounts_beyond_all_bounds_are_refused) {
    struct budget_ask ask = ask_of(2027, "2027-01", 12);
    begin("2027-01");
    ask.what_if_layoffs = UINT32_MAX;
    other.rows[0].share[PAYER_CITY_IURAN] = UINT32_MAX;
    ask.what_if_tariff = &other;
    cr_assert_eq(make(ask), RESULT_INVALID);
    cr_assert_str_eq(why.code, "BUDGET_RANGE");
    ask.what_if_layoffs = 0;
    forecast[3].line[PAYER_CENTRE][SEGMENT_PBPU_PEMDA][3][0].people = UINT64_MAX;
    cr_assert_eq(make(ask), RESULT_INVALID);
    cr_assert_str_eq(why.code, "BUDGET_RANGE");
}
