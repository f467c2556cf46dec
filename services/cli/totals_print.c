/* totals_print.c - a region's totals as tables (totals_print.h). */
#include "totals_print.h"

#include "cakupan/member.h"
#include "cakupan/totals.h"
#include "view/format.h"
#include "table.h"
#include "terminal.h"
#include "totals_bill.h"

#include <string.h>

static void line_cells(struct table *table, const struct coverage_region *region, const char *indent) {
    table_text(table, "%s%s", indent, region->name);
    table_count(table, region->line.population);
    table_count(table, region->line.registered);
    table_share(table, totals_percent_hundredths(region->line.registered, region->line.population));
    table_count(table, region->line.active);
    table_share(table, totals_percent_hundredths(region->line.active, region->line.population));
    table_count(table, region->line.city_paid);
}

static void regions_print(FILE *out, const struct coverage_view *view, const struct coverage_region *region,
                          bool colour) {
    static const struct table_column columns[] = {
        {"Region", TABLE_LEFT},  {"Population", TABLE_RIGHT}, {"Registered", TABLE_RIGHT}, {"%", TABLE_RIGHT},
        {"Active", TABLE_RIGHT}, {"%", TABLE_RIGHT},          {"City-paid", TABLE_RIGHT},
    };
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    line_cells(table, region, "");
    table_emphasise(table);
    for (size_t i = 0; i < view->count; i++)
        if (region_is_below(view->regions[i].code, region->code))
            line_cells(table, &view->regions[i], "  ");
    table_print(table, out, colour);
    table_destroy(&table);
}

static void segments_print(FILE *out, const struct coverage_region *region, bool colour) {
    static const struct table_column columns[] = {
        {"Segment", TABLE_LEFT},
        {"Registered", TABLE_RIGHT},
        {"Active", TABLE_RIGHT},
    };
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t s = SEGMENT_NONE + 1; s < SEGMENT_COUNT; s++) {
        table_text(table, "%s", segment_title((enum segment)s));
        table_count(table, region->line.registered_by_segment[s]);
        table_count(table, region->line.active_by_segment[s]);
    }
    table_print(table, out, colour);
    table_destroy(&table);
}

/* "Today (2026-11-22): 12 enrolled, 3 laid off". */
static void flows_print(FILE *out, const struct coverage_view *view, const struct coverage_region *region) {
    char number[FORMAT_TEXT], date[FORMAT_TEXT];
    bool any = false;
    fprintf(out, "Today (%s):", format_date(calendar_to_number(view->day), date));
    for (size_t f = 0; f < FLOW_COUNT; f++) {
        if (!region->line.flows[f])
            continue;
        char name[32];
        snprintf(name, sizeof name, "%s", flow_name((enum flow)f));
        for (char *at = name; (at = strchr(at, '_'));)
            *at = ' ';
        fprintf(out, "%s %s %s", any ? "," : "", format_count(region->line.flows[f], number), name);
        any = true;
    }
    fprintf(out, "%s\n", any ? "." : " nothing yet.");
}

static void judgement_print(FILE *out, const struct coverage_view *view, bool colour) {
    static const char *const sentences[] = {
        [UHC_NO] = "UHC: no, too few of the city's people are registered.",
        [UHC_REGISTERED_ONLY] =
            "UHC: not yet, enough of the city's people are registered but too few are active.",
        [UHC_YES] = "UHC: yes, the city passes both thresholds (registered and active)."};
    static const char *const styles[] = {STYLE_RED, STYLE_YELLOW, STYLE_GREEN};
    fprintf(out, "%s%s%s\n", colour ? styles[view->uhc] : "", sentences[view->uhc], colour ? STYLE_OFF : "");
}

void totals_print(FILE *out, const struct coverage_view *view, const struct coverage_region *region,
                  bool colour) {
    char instant[FORMAT_TEXT], offset[FORMAT_TEXT], date[FORMAT_TEXT];
    regions_print(out, view, region, colour);
    fputc('\n', out);
    segments_print(out, region, colour);
    fputc('\n', out);
    flows_print(out, view, region);
    judgement_print(out, view, colour);
    if (region->code < 10000)
        totals_bill_print(out, view, colour);
    fprintf(out, "As of %s, offset %s.\nPopulation as of %s: %s.\n", format_instant(view->as_of_ms, instant),
            format_count(view->offset, offset), format_date(view->population_as_of, date),
            view->population_source);
}
