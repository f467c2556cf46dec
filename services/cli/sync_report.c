/* sync_report.c - what `cakupan sync` found and did (sync_report.h). */
#include "sync_report.h"

#include "cakupan/nik.h"
#include "view/format.h"
#include "table.h"
#include "terminal.h"

#include <stdlib.h>

static const struct {
    const char *name, *title;
} findings[SYNC_FINDINGS] = {
    [SYNC_EMPLOYER_COVERS] = {"employer_covers", "an employer covers them, yet the city or the centre pays"},
    [SYNC_OTHER_SEGMENT] = {"other_segment", "in another segment"},
    [SYNC_OTHER_CLASS] = {"other_class", "in another class"},
    [SYNC_SUSPENDED_THERE] = {"suspended_there", "covered here, not active at BPJS"},
    [SYNC_ACTIVE_THERE] = {"active_there", "suspended here, active at BPJS"},
    [SYNC_LAID_OFF_HERE] = {"laid_off_here",
                            "laid off here, still employed in the list: ask the labour office"},
    [SYNC_LEFT_HERE] = {"left_here", "deceased, moved or merged here, still in the list"},
    [SYNC_NEW] = {"new", "new: needs a kader (no birth date, no place in the list)"},
    [SYNC_GONE] = {"gone", "gone: registered here, not in the list"},
    [SYNC_TWICE] = {"twice", "twice in the list"},
    [SYNC_BAD_ROW] = {"bad_row", "rows that can't be read"},
    [SYNC_SAME] = {"same", "as here"},
};

void sync_report_begin(struct sync_report *report) {
    report->examples = calloc(SYNC_FINDINGS * report->list + 1, sizeof *report->examples);
    if (!report->examples)
        abort();
}

void sync_report_free(struct sync_report *report) {
    free(report->examples);
    report->examples = NULL;
}

void sync_report_example(struct sync_report *report, enum sync_finding finding, struct sync_example example) {
    if (finding == SYNC_SAME || report->example_counts[finding] >= report->list)
        return;
    report->examples[finding * report->list + report->example_counts[finding]++] = example;
}

void sync_report_refusal(struct sync_report *report, enum refusal code) {
    report->refused++;
    for (int i = 0; i < SYNC_REFUSAL_CODES; i++) {
        if (report->refusals[i].code != code && report->refusals[i].code != REFUSAL_NONE)
            continue;
        report->refusals[i].code = code;
        report->refusals[i].count++;
        return;
    }
}

static const char *segment_text(uint8_t segment) {
    return segment == SEGMENT_NONE ? "-" : segment_name((enum segment)segment);
}

static void examples_print(const struct sync_report *report, enum sync_finding finding) {
    static const struct table_column example_columns[] = {
        {"Line", TABLE_RIGHT}, {"NIK", TABLE_LEFT}, {"Here", TABLE_LEFT}, {"At BPJS", TABLE_LEFT}};
    struct table *table = table_new(example_columns, sizeof example_columns / sizeof example_columns[0]);
    if (report->example_counts[finding] == 0) {
        table_destroy(&table);
        return;
    }
    for (size_t i = 0; i < report->example_counts[finding]; i++) {
        const struct sync_example *example = &report->examples[finding * report->list + i];
        char masked[24] = "-", line[FORMAT_TEXT] = "-";
        if (example->identity)
            identity_mask(example->identity, masked);
        table_text(table, "%s", example->line ? format_count(example->line, line) : "-");
        table_text(table, "%s", masked);
        table_text(table, "%s", segment_text(example->here));
        table_text(table, "%s", segment_text(example->there));
    }
    printf("\n%s:\n", findings[finding].title);
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
}

static void applied_print(const struct sync_report *report, const struct sync_compare *compare) {
    char count[FORMAT_THINGS];
    if (!report->apply) {
        printf("\n%s would be sent; see --apply.\n", format_things(compare->change_count, "event", count));
        return;
    }
    printf("\nSent: %s accepted, ", format_count(report->accepted, count));
    printf("%s refused.\n", format_count(report->refused, count));
    for (int i = 0; i < SYNC_REFUSAL_CODES && report->refusals[i].code; i++)
        printf("  %-24s %12s\n", refusal_name(report->refusals[i].code),
               format_count(report->refusals[i].count, count));
}

void sync_report_print(const struct sync_report *report, const struct sync_compare *compare) {
    static const struct table_column finding_columns[] = {{"People", TABLE_RIGHT}, {"Finding", TABLE_LEFT}};
    struct table *table = table_new(finding_columns, sizeof finding_columns / sizeof finding_columns[0]);
    for (int f = 0; f < SYNC_FINDINGS; f++) {
        table_count(table, compare->counts[f]);
        table_text(table, "%s", findings[f].title);
        if (f == SYNC_EMPLOYER_COVERS && compare->counts[f])
            table_emphasise(table);
    }
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
    for (int f = 0; f < SYNC_FINDINGS; f++)
        examples_print(report, (enum sync_finding)f);
    applied_print(report, compare);
}

json_t *sync_report_json(const struct sync_report *report, const struct sync_compare *compare) {
    json_t *counts = json_object(), *refusals = json_object();
    for (int f = 0; f < SYNC_FINDINGS; f++)
        json_object_set_new(counts, findings[f].name, json_integer((json_int_t)compare->counts[f]));
    for (int i = 0; i < SYNC_REFUSAL_CODES && report->refusals[i].code; i++)
        json_object_set_new(refusals, refusal_name(report->refusals[i].code),
                            json_integer((json_int_t)report->refusals[i].count));
    return json_pack("{s:I, s:I, s:b, s:I, s:I, s:o, s:o}", "rows", (json_int_t)report->rows, "changes",
                     (json_int_t)compare->change_count, "applied", report->apply, "accepted",
                     (json_int_t)report->accepted, "refused", (json_int_t)report->refused, "findings", counts,
                     "refusals", refusals);
}
