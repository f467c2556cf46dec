/* bill_print.c - a bill as a table for people, and as JSON for programs (bill_view.h). */
#include "bill_view.h"

#include "view/format.h"
#include "table.h"
#include "terminal.h"

#include <stdlib.h>

/* The kecamatan comes first, so that a table without it is the same one from its second column on. */
static const struct table_column columns[] = {
    {"Kecamatan", TABLE_LEFT}, {"Payer", TABLE_LEFT},        {"Budget line", TABLE_LEFT},
    {"Segment", TABLE_LEFT},   {"Class", TABLE_RIGHT},       {"People", TABLE_RIGHT},
    {"Premiums", TABLE_RIGHT}, {"Corrections", TABLE_RIGHT}, {"Owed", TABLE_RIGHT}};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

static void figures_print(struct table *table, uint64_t people, int64_t amount_rupiah,
                          int64_t corrections_rupiah) {
    char amount[RUPIAH_TEXT];
    table_count(table, people);
    table_text(table, "%s", format_rupiah(amount_rupiah, amount));
    table_text(table, "%s", corrections_rupiah ? format_rupiah(corrections_rupiah, amount) : "-");
    table_text(table, "%s", format_rupiah(amount_rupiah + corrections_rupiah, amount));
}

static void line_print(struct table *table, const struct bill_line *line, bool by_kecamatan) {
    char place[FORMAT_TEXT];
    if (by_kecamatan)
        table_text(table, "%s", line->kecamatan ? format_region(line->kecamatan, place) : "outside");
    table_text(table, "%s", bill_payer_title((enum payer)line->payer));
    table_text(table, "%s", bill_budget_line((enum payer)line->payer));
    table_text(table, "%s", segment_title((enum segment)line->segment));
    table_text(table, line->care_class ? "%u" : "-", line->care_class);
    figures_print(table, line->people, line->amount_rupiah, line->corrections_rupiah);
}

static void sum_print(struct table *table, const char *payer, const char *budget_line, const char *segment,
                      const struct ledger_line *sum, bool by_kecamatan) {
    if (by_kecamatan)
        table_text(table, "all");
    table_text(table, "%s", payer);
    table_text(table, "%s", budget_line);
    table_text(table, "%s", segment);
    table_text(table, "%s", "");
    figures_print(table, sum->people, sum->amount_rupiah, sum->corrections_rupiah);
    table_emphasise(table);
}

static void sums_print(struct table *table, const struct bill_view *view, bool by_kecamatan) {
    for (int payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++) {
        const struct ledger_line *sum = &view->payers[payer];
        if (sum->people || sum->corrections)
            sum_print(table, bill_payer_title((enum payer)payer), bill_budget_line((enum payer)payer), "all",
                      sum, by_kecamatan);
    }
    sum_print(table, "City", "both", segment_title(SEGMENT_PBPU_PEMDA), &view->city_paid, by_kecamatan);
    if (view->vulnerable.people || view->vulnerable.corrections)
        sum_print(table, "City", "both", "of these without the local card", &view->vulnerable, by_kecamatan);
    sum_print(table, "City", "both", "all", &view->city, by_kecamatan);
}

static void title_print(const struct bill_view *view, FILE *out) {
    char month[CALENDAR_TEXT], offset[FORMAT_TEXT], instant[FORMAT_TEXT], due[FORMAT_TEXT];
    calendar_format_month(view->month, month);
    format_count(view->as_of_offset, offset);
    if (!view->frozen)
        fprintf(out, "Bill of %s as of offset %s: a preview, nothing is closed.\n\n", month, offset);
    else
        fprintf(out, "Invoice of %s as of offset %s, closed %s, due %s%s.\n\n", month, offset,
                format_instant(view->closed_ms, instant), format_date(calendar_to_number(view->due_day), due),
                view->due_provisional ? " (or later: that year's holidays were not known)" : "");
}

void bill_view_print(const struct bill_view *view, bool by_kecamatan, FILE *out, bool colour) {
    struct table *table = table_new(columns + !by_kecamatan, COLUMN_COUNT - !by_kecamatan);
    struct bill_line *sums = calloc(view->count + 1, sizeof *sums);
    if (!sums)
        abort();
    size_t count = by_kecamatan ? view->count : bill_view_sum(view, sums);
    title_print(view, out);
    for (size_t i = 0; i < count; i++)
        line_print(table, by_kecamatan ? &view->lines[i] : &sums[i], by_kecamatan);
    sums_print(table, view, by_kecamatan);
    table_print(table, out, colour);
    table_destroy(&table);
    free(sums);
}

static json_t *budget_line_json(enum payer payer) {
    return payer_is_city(payer) ? json_string(bill_budget_line(payer)) : json_null();
}

/* Both budget lines are the city's: `budget_line` tells which. */
static const char *payer_text(enum payer payer) {
    return payer_is_city(payer) ? "CITY" : payer_name(payer);
}

static json_t *line_json(const struct bill_line *line, bool by_kecamatan) {
    enum payer payer = (enum payer)line->payer;
    json_t *object =
        json_pack("{s:s, s:o, s:s, s:i, s:I, s:I, s:I, s:I}", "payer", payer_text(payer), "budget_line",
                  budget_line_json(payer), "segment", segment_name((enum segment)line->segment), "class",
                  (int)line->care_class, "people", (json_int_t)line->people, "amount",
                  (json_int_t)line->amount_rupiah, "corrections", (json_int_t)line->corrections,
                  "corrections_amount", (json_int_t)line->corrections_rupiah);
    if (by_kecamatan)
        json_object_set_new(object, "kecamatan", json_integer(line->kecamatan));
    return object;
}

static json_t *sum_json(const struct ledger_line *sum) {
    json_int_t owed = sum->amount_rupiah + sum->corrections_rupiah;
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "people", (json_int_t)sum->people, "amount",
                     (json_int_t)sum->amount_rupiah, "corrections", (json_int_t)sum->corrections,
                     "corrections_amount", (json_int_t)sum->corrections_rupiah, "owed", owed);
}

/* What the city pays for each segment, both budget lines. */
static json_t *city_segments_json(const struct bill_line *lines, size_t count) {
    json_t *segments = json_object();
    for (int segment = SEGMENT_NONE + 1; segment < SEGMENT_COUNT; segment++) {
        struct ledger_line sum = {0}, bantuan = {0};
        for (size_t i = 0; i < count; i++) {
            struct ledger_line *line = lines[i].payer == PAYER_CITY_IURAN ? &sum : &bantuan;
            if (lines[i].segment != segment || !payer_is_city((enum payer)lines[i].payer))
                continue;
            line->people += lines[i].people;
            line->corrections += lines[i].corrections;
            line->amount_rupiah += lines[i].amount_rupiah;
            line->corrections_rupiah += lines[i].corrections_rupiah;
        }
        sum.people = sum.people > bantuan.people ? sum.people : bantuan.people; /* on both lines: once */
        sum.corrections += bantuan.corrections;
        sum.amount_rupiah += bantuan.amount_rupiah;
        sum.corrections_rupiah += bantuan.corrections_rupiah;
        if (sum.people || sum.corrections)
            json_object_set_new(segments, segment_name((enum segment)segment), sum_json(&sum));
    }
    return segments;
}

static json_t *totals_json(const struct bill_view *view, const struct bill_line *sums, size_t count) {
    json_t *totals = json_object(), *city = sum_json(&view->city), *lines = json_object();
    json_object_set_new(totals, "city", city);
    for (int payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++) {
        const struct ledger_line *sum = &view->payers[payer];
        if (payer_is_city((enum payer)payer))
            json_object_set_new(lines, bill_budget_line((enum payer)payer), sum_json(sum));
        else if (sum->people || sum->corrections)
            json_object_set_new(totals, payer_name((enum payer)payer), sum_json(sum));
    }
    json_object_set_new(city, "budget_lines", lines);
    json_object_set_new(city, "vulnerable", sum_json(&view->vulnerable));
    json_object_set_new(city, "segments", city_segments_json(sums, count));
    return totals;
}

json_t *bill_view_json(const struct bill_view *view, bool by_kecamatan) {
    char month[CALENDAR_TEXT], due[FORMAT_TEXT];
    struct bill_line *sums = calloc(view->count + 1, sizeof *sums);
    if (!sums)
        abort();
    size_t sum_count = bill_view_sum(view, sums), count = by_kecamatan ? view->count : sum_count;
    json_t *lines = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(lines, line_json(by_kecamatan ? &view->lines[i] : &sums[i], by_kecamatan));
    calendar_format_month(view->month, month);
    json_t *object = json_pack("{s:s, s:I, s:b, s:s, s:o, s:o}", "month", month, "as_of_offset",
                               (json_int_t)view->as_of_offset, "frozen", (int)view->frozen, "currency", "IDR",
                               "lines", lines, "totals", totals_json(view, sums, sum_count));
    if (view->frozen) {
        format_date(calendar_to_number(view->due_day), due);
        json_object_set_new(object, "due_date", json_string(due));
        json_object_set_new(object, "invoice_hash", json_string(view->hash));
    }
    free(sums);
    return object;
}
