/* bill_audit_print.c - what a self-audit found, as tables, JSON and CSV (bill_audit_run.h). */
#include "bill_audit_run.h"

#include "view/format.h"
#include "output_file.h"
#include "person.h"
#include "table.h"

#include <errno.h>
#include <string.h>

static const char *const titles[FINDING_COUNT] = {
    [FINDING_CHARGED_TWICE] = "charged twice: alike to another one charged",
    [FINDING_DECEASED] = "died before the month",
    [FINDING_MOVED_OUT] = "moved out before the month",
    [FINDING_ALSO_PPU] = "alike to a wage worker",
    [FINDING_NIK_INVALID] = "NIK can't be",
    [FINDING_TEMPORARY_OLD] = "temporary id for too long",
    [FINDING_VULNERABLE_UNAPPROVED] = "vulnerable, and nobody approved",
    [FINDING_LAYOFF_UNPROVED] = "laid off without a proof",
    [FINDING_LAYOFF_DISPUTED] = "layoff in dispute",
};

static const char *place_name(const struct bill_audit *audit, uint32_t kelurahan) {
    uint16_t place = region_index(&audit->regions, kelurahan);
    return place == REGION_NOWHERE ? "-" : audit->regions.kelurahan[place].name;
}

static void row_print(const struct bill_audit *audit, struct table *table, const struct bill_audit_row *row) {
    const struct audit_finding *finding = &row->finding;
    char nik[24], day[FORMAT_TEXT];
    table_text(table, "%s", finding_name((enum finding)finding->finding));
    table_text(table, "%u", finding->entry.member_id);
    table_text(table, "%s", person_name_identity(finding->entry.identity, false, nik));
    table_text(table, "%s", row->name[0] ? row->name : "-");
    table_text(table, "%s", place_name(audit, finding->entry.kelurahan));
    table_text(table, finding->other_member_id ? "%u" : "-", finding->other_member_id);
    table_text(table, "%s", format_date(calendar_to_number(finding->day), day));
    table_text(table, "%llu", (unsigned long long)finding->cause_offset);
}

static void people_print(const struct bill_audit *audit, uint64_t list, FILE *out, bool colour) {
    static const struct table_column columns[] = {
        {"Finding", TABLE_LEFT},   {"Member", TABLE_RIGHT}, {"NIK", TABLE_LEFT},   {"Name", TABLE_LEFT},
        {"Kelurahan", TABLE_LEFT}, {"Alike", TABLE_RIGHT},  {"Since", TABLE_LEFT}, {"Offset", TABLE_RIGHT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    uint64_t shown[FINDING_COUNT] = {0};
    for (uint64_t i = 0; i < audit->count; i++)
        if (shown[audit->rows[i].finding.finding]++ < list)
            row_print(audit, table, &audit->rows[i]);
    fputc('\n', out);
    table_print(table, out, colour);
    table_destroy(&table);
}

void bill_audit_print(const struct bill_audit *audit, uint64_t list, FILE *out, bool colour) {
    static const struct table_column columns[] = {
        {"Finding", TABLE_LEFT}, {"People", TABLE_RIGHT}, {"", TABLE_LEFT}};
    char month[CALENDAR_TEXT], offset[FORMAT_TEXT], roster[FORMAT_TEXT], count[FORMAT_TEXT];
    calendar_format_month(audit->month, month);
    fprintf(out, "Self-audit of %s over %s people, as of offset %s: %s.\n", month,
            format_count(audit->roster, roster), format_count(audit->offset, offset),
            audit->count ? "findings to look at" : "nothing found");
    if (!audit->count)
        return;
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (int finding = 0; finding < FINDING_COUNT; finding++) {
        if (!audit->counts[finding])
            continue;
        table_text(table, "%s", finding_name((enum finding)finding));
        table_text(table, "%s", format_count(audit->counts[finding], count));
        table_text(table, "%s", titles[finding]);
    }
    table_print(table, out, colour);
    table_destroy(&table);
    if (list)
        people_print(audit, list, out, colour);
}

static json_t *row_json(const struct bill_audit_row *row) {
    const struct audit_finding *finding = &row->finding;
    char nik[24], day[FORMAT_TEXT], kelurahan[16];
    snprintf(kelurahan, sizeof kelurahan, "%u", finding->entry.kelurahan);
    json_t *object = json_pack(
        "{s:s, s:I, s:s, s:s, s:s, s:I, s:I}", "finding", finding_name((enum finding)finding->finding),
        "member", (json_int_t)finding->entry.member_id, "nik",
        person_name_identity(finding->entry.identity, false, nik), "name", row->name, "kelurahan", kelurahan,
        "amount", (json_int_t)finding->entry.amount_rupiah, "offset", (json_int_t)finding->cause_offset);
    if (object && finding->other_member_id)
        json_object_set_new(object, "other_member", json_integer(finding->other_member_id));
    if (object && finding->day != DAY_NONE)
        json_object_set_new(object, "since", json_string(format_date(calendar_to_number(finding->day), day)));
    return object;
}

json_t *bill_audit_json(const struct bill_audit *audit, uint64_t limit) {
    json_t *counts = json_object(), *rows = json_array();
    char month[CALENDAR_TEXT];
    for (int finding = 0; finding < FINDING_COUNT; finding++)
        json_object_set_new(counts, finding_name((enum finding)finding),
                            json_integer((json_int_t)audit->counts[finding]));
    for (uint64_t i = 0; i < audit->count && i < limit; i++)
        json_array_append_new(rows, row_json(&audit->rows[i]));
    calendar_format_month(audit->month, month);
    return json_pack("{s:s, s:I, s:I, s:o, s:o}", "month", month, "as_of_offset", (json_int_t)audit->offset,
                     "people", (json_int_t)audit->roster, "counts", counts, "findings", rows);
}

static void csv_row(FILE *out, const struct bill_audit *audit, const struct bill_audit_row *row,
                    bool whole_nik) {
    const struct audit_finding *finding = &row->finding;
    char nik[24], day[FORMAT_TEXT];
    fprintf(out, "%s,%u,%s,", finding_name((enum finding)finding->finding), finding->entry.member_id,
            person_name_identity(finding->entry.identity, whole_nik, nik));
    output_csv_text(out, row->name);
    fputc(',', out);
    output_csv_text(out, place_name(audit, finding->entry.kelurahan));
    fprintf(out, ",%lld,%u,%s,%llu\n", (long long)finding->entry.amount_rupiah, finding->other_member_id,
            finding->day == DAY_NONE ? "" : format_date(calendar_to_number(finding->day), day),
            (unsigned long long)finding->cause_offset);
}

enum result bill_audit_write(const struct bill_audit *audit, const char *path, bool whole_nik,
                             struct failure *why) {
    char begun[OUTPUT_PATH];
    enum result result = output_begin(path, begun, why);
    if (result != RESULT_OK)
        return result;
    FILE *out = fopen(begun, "we");
    bool written = out != NULL;
    if (out) {
        fputs("finding,member_id,nik,name,kelurahan,amount,other_member_id,since,offset\n", out);
        for (uint64_t i = 0; i < audit->count; i++)
            csv_row(out, audit, &audit->rows[i], whole_nik);
        written = !ferror(out);
        written = fclose(out) == 0 && written;
    }
    if (written)
        return output_end(path, begun, why);
    output_abandon(begun);
    return fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written: %s.", path, strerror(errno));
}
