/* finance_budget.c - will the year's budget last: closed months as invoiced, the rest as forecast, and what
 * if the tariff changes or people are laid off (finance.h). */
#include "finance_state.h"

#include <inttypes.h>

static const enum payer lines[] = {PAYER_CITY_IURAN, PAYER_CITY_BANTUAN};
#define LINE_COUNT (sizeof lines / sizeof *lines)

/* People of one segment, class and place: whoever pays for them, each payer counts the same ones. */
static uint64_t people_of(const struct ledger_sums *sums, unsigned segment, unsigned care_class,
                          unsigned place) {
    uint64_t most = 0;
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        uint64_t people = sums->line[payer][segment][care_class][place].people;
        most = people > most ? people : most;
    }
    return most;
}

/* What one segment and class costs the payer under another tariff. False where it overflows. */
static bool add_repriced(const struct ledger_sums *sums, enum payer payer, unsigned segment,
                         unsigned care_class, const struct tariff_row *row, int64_t *amount_rupiah) {
    bool fits = true;
    for (unsigned place = 0; place <= KECAMATAN_MAX; place++) {
        int64_t part = 0;
        if (row && row->per_mille)
            part = sums->line[payer][segment][care_class][place].amount_rupiah;
        else if (row)
            fits = !__builtin_mul_overflow(people_of(sums, segment, care_class, place), row->share[payer],
                                           &part) &&
                   fits;
        fits = !__builtin_add_overflow(*amount_rupiah, part, amount_rupiah) && fits;
    }
    return fits;
}

static bool repriced(const struct ledger_sums *sums, enum payer payer, const struct tariff *tariff,
                     month_t month, int64_t *amount_rupiah) {
    bool fits = true;
    for (unsigned segment = 1; segment < SEGMENT_COUNT; segment++)
        for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++) {
            const struct tariff_row *row =
                tariff_at(tariff, (enum segment)segment, (uint8_t)care_class, month);
            fits = add_repriced(sums, payer, segment, care_class, row, amount_rupiah) && fits;
        }
    return fits;
}

/* The city pays for a laid-off person in class III; city-paid people have no other (Perpres 64/2020). */
static bool add_layoffs(const struct budget_ask *ask, enum payer payer, month_t month,
                        int64_t *amount_rupiah) {
    const struct tariff *tariff = ask->what_if_tariff ? ask->what_if_tariff : ask->tariff;
    const struct tariff_row *row =
        ask->what_if_layoffs > 0 ? tariff_at(tariff, SEGMENT_PBPU_PEMDA, 3, month) : NULL;
    int64_t cost_rupiah = 0;
    bool fits = !row || row->per_mille ||
                !__builtin_mul_overflow((int64_t)ask->what_if_layoffs, row->share[payer], &cost_rupiah);
    return fits && !__builtin_add_overflow(*amount_rupiah, cost_rupiah, amount_rupiah);
}

static bool forecast_amount(const struct finance *finance, const struct budget_ask *ask, enum payer payer,
                            month_t month, int64_t *amount_rupiah) {
    const struct ledger_sums *sums = &ask->forecast[month - ask->forecast_month];
    struct ledger_line total = ledger_sums_total(sums, payer);
    *amount_rupiah = total.corrections_rupiah;
    bool fits = ask->what_if_tariff
                    ? repriced(sums, payer, ask->what_if_tariff, month, amount_rupiah)
                    : !__builtin_add_overflow(*amount_rupiah, total.amount_rupiah, amount_rupiah);
    if (month > finance_open_month(finance))
        fits = add_layoffs(ask, payer, month, amount_rupiah) && fits;
    return fits && *amount_rupiah <= FINANCE_AMOUNT_MAX && *amount_rupiah >= -FINANCE_AMOUNT_MAX;
}

static enum result fill_month(const struct finance *finance, const struct budget_ask *ask, month_t month,
                              struct budget_month *out, struct failure *why) {
    const struct closed_month *closed = finance_closed(finance, month);
    char text[CALENDAR_TEXT];
    calendar_format_month(month, text);
    *out = (struct budget_month){.month = month, .closed = closed != NULL};
    bool forecast = month >= ask->forecast_month && month - ask->forecast_month < ask->forecast_count;
    if (!closed && !forecast)
        return fail(why, RESULT_INVALID, "BUDGET_FORECAST",
                    "The forecast lacks %s: it must have every month of the year that is not closed.", text);
    for (unsigned i = 0; i < LINE_COUNT; i++) {
        enum payer payer = lines[i];
        if (closed) {
            out->amount_rupiah[payer] = closed->owed_rupiah[payer];
            out->paid_rupiah[payer] = closed->paid_rupiah[payer];
        } else if (!forecast_amount(finance, ask, payer, month, &out->amount_rupiah[payer])) {
            return fail(
                why, RESULT_INVALID, "BUDGET_RANGE",
                "What %s would cost is beyond all bounds: correct the tariff or the layoffs asked for.",
                text);
        }
    }
    return RESULT_OK;
}

static day_t day_in_month(month_t month, int64_t left_rupiah, int64_t amount_rupiah) {
    day_t first = calendar_first_day(month);
    int64_t days = calendar_first_day((month_t)(month + 1)) - first;
    /* Both are at most a year of bounded amounts: 31 times that fits. */
    return (day_t)(first + left_rupiah * days / amount_rupiah);
}

/* The first month whose amount the ceiling does not cover any more. */
static void find_end(struct budget_line *line, const struct budget_month *months, unsigned count,
                     const int64_t amounts_rupiah[FINANCE_YEAR_MONTHS]) {
    int64_t left_rupiah = line->ceiling_rupiah;
    for (unsigned i = 0; line->ceiling_rupiah > 0 && i < count; i++) {
        if (amounts_rupiah[i] > left_rupiah) {
            line->runs_out = months[i].month;
            line->runs_out_day = day_in_month(months[i].month, left_rupiah, amounts_rupiah[i]);
            return;
        }
        left_rupiah -= amounts_rupiah[i];
    }
}

static void fill_line(struct budget *out, enum payer payer, int64_t ceiling_rupiah) {
    struct budget_line *line = &out->line[payer];
    int64_t amounts_rupiah[FINANCE_YEAR_MONTHS];
    line->ceiling_rupiah = ceiling_rupiah;
    for (unsigned i = 0; i < out->month_count; i++) {
        const struct budget_month *month = &out->months[i];
        amounts_rupiah[i] = month->amount_rupiah[payer];
        line->spent_rupiah += month->paid_rupiah[payer];
        if (month->closed)
            line->committed_rupiah += month->amount_rupiah[payer] - month->paid_rupiah[payer];
        else
            line->forecast_rupiah += month->amount_rupiah[payer];
    }
    find_end(line, out->months, out->month_count, amounts_rupiah);
}

static void fill_both(struct budget *out) {
    const struct budget_line *iuran = &out->line[PAYER_CITY_IURAN];
    const struct budget_line *bantuan = &out->line[PAYER_CITY_BANTUAN];
    int64_t amounts_rupiah[FINANCE_YEAR_MONTHS];
    out->both = (struct budget_line){
        .spent_rupiah = iuran->spent_rupiah + bantuan->spent_rupiah,
        .committed_rupiah = iuran->committed_rupiah + bantuan->committed_rupiah,
        .forecast_rupiah = iuran->forecast_rupiah + bantuan->forecast_rupiah,
    };
    if (iuran->ceiling_rupiah > 0 && bantuan->ceiling_rupiah > 0)
        out->both.ceiling_rupiah = iuran->ceiling_rupiah + bantuan->ceiling_rupiah;
    for (unsigned i = 0; i < out->month_count; i++)
        amounts_rupiah[i] =
            out->months[i].amount_rupiah[PAYER_CITY_IURAN] + out->months[i].amount_rupiah[PAYER_CITY_BANTUAN];
    find_end(&out->both, out->months, out->month_count, amounts_rupiah);
}

enum result finance_budget(const struct finance *finance, const struct budget_ask *ask, struct budget *out,
                           struct failure *why) {
    *out = (struct budget){.year = ask->year};
    month_t first = finance->first_month;
    if (first == MONTH_NONE || ask->year < finance_year_of(first) || ask->year > FINANCE_YEAR_LAST)
        return fail(why, RESULT_INVALID, "BUDGET_YEAR",
                    "%u has no budget here: give a year from the state's first one to %u.", ask->year,
                    FINANCE_YEAR_LAST);
    month_t january = finance_january(ask->year);
    month_t from = first > january ? first : january;
    for (month_t month = from; month < january + FINANCE_YEAR_MONTHS; month++) {
        enum result result = fill_month(finance, ask, month, &out->months[out->month_count++], why);
        if (result != RESULT_OK)
            return result;
    }
    const struct ceiling *ceiling = finance_ceiling(finance, ask->year);
    for (unsigned i = 0; i < LINE_COUNT; i++)
        fill_line(out, lines[i], ceiling ? ceiling->rupiah[lines[i]] : 0);
    fill_both(out);
    return RESULT_OK;
}
