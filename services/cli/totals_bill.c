/* totals_bill.c - the bill as it stands, and windows of grace, as tables (totals_bill.h). */
#include "totals_bill.h"

#include "bill_view.h"
#include "view/format.h"
#include "table.h"
#include "totals_print.h"

static int64_t with_corrections(const struct payer_sum *sum) {
    return sum->amount_rupiah + sum->corrections_rupiah;
}

/* The bantuan iuran is for more people than the iuran: for self-payers of class III, too (Perpres
 * 64/2020). */
static void row_print(struct table *table, month_t month, const char *state,
                      const struct payer_sum sums[PAYER_COUNT]) {
    char text[CALENDAR_TEXT], rupiah[RUPIAH_TEXT];
    calendar_format_month(month, text);
    table_text(table, "%s %s", text, state);
    table_count(table, sums[PAYER_CITY_IURAN].people);
    table_text(table, "%s", format_rupiah(with_corrections(&sums[PAYER_CITY_IURAN]), rupiah));
    table_count(table, sums[PAYER_CITY_BANTUAN].people);
    table_text(table, "%s", format_rupiah(with_corrections(&sums[PAYER_CITY_BANTUAN]), rupiah));
    table_text(table, "%s", format_rupiah(billing_city_rupiah(sums), rupiah));
}

static void months_print(FILE *out, const struct billing_summary *summary, bool colour) {
    static const struct table_column columns[] = {
        {"Bill of the city", TABLE_LEFT}, {"People", TABLE_RIGHT},        {"Iuran", TABLE_RIGHT},
        {"People", TABLE_RIGHT},          {"Bantuan iuran", TABLE_RIGHT}, {"Together", TABLE_RIGHT},
    };
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    row_print(table, summary->open_month, "(open)", summary->open);
    row_print(table, (month_t)(summary->open_month + 1), "(as things stand)", summary->next);
    table_print(table, out, colour);
    table_destroy(&table);
}

static void debts_print(FILE *out, const struct billing_summary *summary) {
    char month[CALENDAR_TEXT], due[CALENDAR_TEXT], rupiah[RUPIAH_TEXT], things[FORMAT_THINGS];
    if (summary->invoiced_month != MONTH_NONE) {
        calendar_format_month(summary->invoiced_month, month);
        calendar_format(summary->due_day, due);
        fprintf(out, "Invoice of %s: %s to pay, due %s.", month, format_rupiah(summary->owed_rupiah, rupiah),
                due);
        fprintf(out, " Arrears: %s (%s).\n", format_rupiah(summary->arrears_rupiah, rupiah),
                format_things(summary->arrears_months, "month", things));
    }
    if (summary->failures)
        fprintf(out, "%s of billing to be looked at: see `cakupan billing status`.\n",
                format_things(summary->failures, "failure", things));
}

static void grace_print(FILE *out, const struct totals_grace grace[TOTALS_GRACE_MONTHS]) {
    char month[CALENDAR_TEXT], people[FORMAT_TEXT];
    for (unsigned i = 0; i < TOTALS_GRACE_MONTHS && grace[i].month != MONTH_NONE; i++) {
        calendar_format_month(grace[i].month, month);
        fprintf(out, "%s %s until %s", i ? "," : "In grace:", format_count(grace[i].people, people), month);
    }
    if (grace[0].month != MONTH_NONE)
        fputs(".\n", out);
}

static void source_print(FILE *out, const struct coverage_view *view) {
    const struct billing_heard *billing = &view->billing;
    char instant[FORMAT_TEXT], offset[FORMAT_TEXT];
    if (!billing->running)
        fprintf(out, "Billing does not answer: its figures are of %s.\n",
                format_instant(billing->as_of_ms, instant));
    if (!billing->summary.complete)
        fprintf(out, "A part of the members is without a billing worker: the bill stands still for them.\n");
    if (billing->summary.offset < view->offset)
        fprintf(out, "Billing has counted up to offset %s.\n", format_count(billing->summary.offset, offset));
}

void totals_bill_print(FILE *out, const struct coverage_view *view, bool colour) {
    const struct billing_heard *billing = &view->billing;
    bool begun = billing->known && billing->summary.open_month != MONTH_NONE;
    if (begun) {
        fputc('\n', out);
        months_print(out, &billing->summary, colour);
        debts_print(out, &billing->summary);
    }
    grace_print(out, view->grace);
    if (begun)
        source_print(out, view);
}
