/* simulate_surge_print.c - a surge as a line, as tables, and as JSON (simulate_surge.h). */
#include "simulate_surge.h"

#include "bill_view.h"
#include "cakupan/nik.h"
#include "view/format.h"
#include "table.h"
#include "wire/wire_billing.h"

#include <inttypes.h>

static uint64_t moved_people(const struct surge *surge) {
    uint64_t people = 0;
    for (uint32_t i = 0; i < surge->month_count; i++)
        people += surge->moved[i].people;
    return people;
}

/* What a month costs the city more than before the surge. The month after the open one tells: layoffs count
 * from the next month. */
static int64_t growth(const struct surge *surge) {
    return surge_city_rupiah(surge->now.next) - surge_city_rupiah(surge->before.next);
}

static const char *lasts_until(const struct surge_budget *budget, char out[FORMAT_TEXT]) {
    if (!budget->known)
        return "no ceiling set";
    if (budget->runs_out_date == 0)
        return "lasts to the year's end";
    return format_date(budget->runs_out_date, out);
}

void surge_line(const struct surge *surge, char *out, size_t size) {
    char laid_off[FORMAT_TEXT], moved[FORMAT_TEXT], rupiah[RUPIAH_TEXT], end[FORMAT_TEXT],
        from[CALENDAR_TEXT] = "-";
    if (surge->month_count)
        calendar_format_month(surge->moved[0].from, from);
    snprintf(out, size,
             "%s laid off, %s to city-paid from %s, bill %s%s a month, budget %s, billing %.1f s behind",
             format_count(surge->laid_off, laid_off), format_count(moved_people(surge), moved), from,
             growth(surge) >= 0 ? "+" : "", format_rupiah(growth(surge), rupiah),
             lasts_until(&surge->budget, end), surge->now.lag_ms / 1000.0);
}

static void print_moved(const struct surge *surge, FILE *out, bool colour) {
    static const struct table_column columns[] = {
        {"To city-paid", TABLE_LEFT}, {"From", TABLE_LEFT}, {"People", TABLE_RIGHT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < surge->month_count; i++) {
        char from[CALENDAR_TEXT];
        calendar_format_month(surge->moved[i].from, from);
        for (uint32_t place = 0; place <= KECAMATAN_MAX; place++) {
            if (surge->moved[i].by_kecamatan[place] == 0)
                continue;
            table_text(table, "%s",
                       place < KECAMATAN_MAX ? surge->regions->kecamatan[place].name : "outside");
            table_text(table, "%s", from);
            table_count(table, surge->moved[i].by_kecamatan[place]);
        }
        table_text(table, "City");
        table_text(table, "%s", from);
        table_count(table, surge->moved[i].people);
        table_emphasise(table);
    }
    table_print(table, out, colour);
    table_destroy(&table);
}

static void print_bill(const struct surge *surge, FILE *out, bool colour) {
    static const struct table_column columns[] = {{"A month costs", TABLE_LEFT},
                                                  {"Before", TABLE_RIGHT},
                                                  {"Now", TABLE_RIGHT},
                                                  {"More", TABLE_RIGHT},
                                                  {"People more", TABLE_RIGHT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (enum payer payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++) {
        const struct payer_sum *before = &surge->before.next[payer], *now = &surge->now.next[payer];
        char was[RUPIAH_TEXT], is[RUPIAH_TEXT], more[RUPIAH_TEXT], people[FORMAT_TEXT];
        if (before->amount_rupiah == 0 && now->amount_rupiah == 0)
            continue;
        table_text(table, "%s%s%s", bill_payer_title(payer), *bill_budget_line(payer) ? ", " : "",
                   bill_budget_line(payer));
        table_text(table, "%s", format_rupiah(before->amount_rupiah, was));
        table_text(table, "%s", format_rupiah(now->amount_rupiah, is));
        table_text(table, "%s", format_rupiah(now->amount_rupiah - before->amount_rupiah, more));
        table_text(table, "%s", format_change((int64_t)now->people - (int64_t)before->people, people));
    }
    table_print(table, out, colour);
    table_destroy(&table);
}

static const char *case_why(const struct surge_case *listed) {
    if (listed->refusal != REFUSAL_NONE)
        return "refused for want of a proof; send it again with one";
    return listed->disputed ? "in dispute: employer and worker go on paying (Perpres 82/2018 art. 27(4))"
                            : "accepted without a proof";
}

static void print_cases(const struct surge *surge, FILE *out) {
    char disputed[FORMAT_THINGS], unproved[FORMAT_THINGS];
    fprintf(out, "\nTo be looked after: %s in dispute, %s without a proof.\n",
            format_things(surge->disputed, "person", disputed),
            format_things(surge->unproved, "person", unproved));
    for (uint32_t i = 0; i < surge->case_count; i++) {
        char who[32] = "(see `cakupan refusals`)";
        if (surge->cases[i].identity)
            identity_mask(surge->cases[i].identity, who);
        fprintf(out, "  %-24s offset %" PRIu64 "  %s\n", who, surge->cases[i].offset,
                case_why(&surge->cases[i]));
    }
    if (surge->disputed + surge->unproved > surge->case_count)
        fprintf(out, "  ... and %" PRIu64 " more\n", surge->disputed + surge->unproved - surge->case_count);
}

void surge_print(const struct surge *surge, FILE *out, bool colour) {
    char before[FORMAT_TEXT], after[FORMAT_TEXT], took[FORMAT_TEXT], month[CALENDAR_TEXT];
    fputc('\n', out);
    print_moved(surge, out, colour);
    if (surge->grace) {
        calendar_format_month(surge->grace_until, month);
        fprintf(out, "%" PRIu64 " in months without premium, the last of them until %s\n", surge->grace,
                month);
    }
    fputc('\n', out);
    print_bill(surge, out, colour);
    fprintf(out, "\nBudget: %s before, %s now.\n", lasts_until(&surge->budget_before, before),
            lasts_until(&surge->budget, after));
    print_cases(surge, out);
    fprintf(out, "\nEverything was charged %s after the last answer.\n",
            format_duration(surge->charged_ms, took));
}

static json_t *budget_json(const struct surge_budget *budget) {
    return json_pack("{s:b, s:I, s:I, s:i, s:i}", "set", budget->known, "ceiling",
                     (json_int_t)budget->ceiling_rupiah, "forecast", (json_int_t)budget->forecast_rupiah,
                     "runs_out_month", (int)budget->runs_out_month, "runs_out_date",
                     (int)budget->runs_out_date);
}

json_t *surge_json(const struct surge *surge) {
    json_t *moved = json_array();
    for (uint32_t i = 0; i < surge->month_count; i++)
        json_array_append_new(moved,
                              json_pack("{s:i, s:I}", "from", (int)wire_month_number(surge->moved[i].from),
                                        "people", (json_int_t)surge->moved[i].people));
    return json_pack("{s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I}", "laid_off",
                     (json_int_t)surge->laid_off, "to_city_paid", moved, "in_grace", (json_int_t)surge->grace,
                     "disputed", (json_int_t)surge->disputed, "unproved", (json_int_t)surge->unproved,
                     "city_before", (json_int_t)surge_city_rupiah(surge->before.next), "city_now",
                     (json_int_t)surge_city_rupiah(surge->now.next), "growth_a_month",
                     (json_int_t)growth(surge), "budget_before", budget_json(&surge->budget_before), "budget",
                     budget_json(&surge->budget), "charged_ms", (json_int_t)surge->charged_ms);
}
