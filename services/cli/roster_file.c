/* roster_file.c - rosters as CSV and XLSX (bill_files.h). */
#include "bill_files.h"

#include "cakupan/nik.h"
#include "view/format.h"
#include "output_file.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

/* Excel's own limit is 1,048,576 rows a sheet; a bigger roster goes on in the next one. */
enum { SHEET_ROWS_MAX = 1000000, CELL_TEXT = TEXT_MAX + 1 };

static const char *const headers[] = {"nik",   "name",       "kecamatan", "kelurahan", "segment",
                                      "class", "vulnerable", "amount",    "member_id", "cause_offset"};
enum { HEADER_COUNT = sizeof headers / sizeof headers[0] };

struct roster_file {
    enum roster_format format;
    char path[OUTPUT_PATH], begun[OUTPUT_PATH], directory[OUTPUT_PATH];
    const struct region_table *regions;
    bool whole_nik;
    char title[160];
    int64_t created_ms;
    uint64_t rows;
    int64_t sum_rupiah;
    FILE *csv;
    lxw_workbook *workbook;
    lxw_worksheet *sheet;
    lxw_format *bold, *money;
    lxw_row_t next; /* row of the sheet */
    bool failed;
};

/* What all formats write of a row. */
struct cells {
    char nik[24], name[CELL_TEXT];
    const char *kecamatan, *kelurahan, *segment;
};

static void cells_fill(const struct roster_file *file, const struct roster_row *row, struct cells *cells) {
    uint16_t place = region_index(file->regions, row->entry.kelurahan);
    cells->nik[0] = '\0';
    if (row->entry.identity && file->whole_nik)
        identity_format(row->entry.identity, cells->nik);
    else if (row->entry.identity)
        identity_mask(row->entry.identity, cells->nik);
    snprintf(cells->name, sizeof cells->name, "%.*s", (int)row->name.size,
             row->name.size ? row->name.data : "");
    cells->kelurahan = cells->kecamatan = "";
    if (place != REGION_NOWHERE) {
        const struct kelurahan *kelurahan = &file->regions->kelurahan[place];
        cells->kelurahan = kelurahan->name;
        cells->kecamatan = file->regions->kecamatan[kelurahan->kecamatan].name;
    }
    cells->segment = segment_name((enum segment)row->entry.segment);
}

static void csv_header(struct roster_file *file) {
    for (size_t i = 0; i < HEADER_COUNT; i++)
        fprintf(file->csv, "%s%s", i ? "," : "", headers[i]);
    fputc('\n', file->csv);
}

static void csv_text(FILE *out, const char *text) {
    output_csv_text(out, text);
    fputc(',', out);
}

static void csv_row_write(struct roster_file *file, const struct roster_row *row, const struct cells *cells) {
    const struct roster_entry *entry = &row->entry;
    fprintf(file->csv, "%s,", cells->nik);
    csv_text(file->csv, cells->name);
    csv_text(file->csv, cells->kecamatan);
    csv_text(file->csv, cells->kelurahan);
    fprintf(file->csv, "%s,%u,%s,%lld,%u,%llu\n", cells->segment, entry->care_class,
            entry->vulnerable ? "yes" : "no", (long long)entry->amount_rupiah, entry->member_id,
            (unsigned long long)entry->cause_offset);
}

static void sheet_begin(struct roster_file *file) {
    static const double widths[HEADER_COUNT] = {19, 30, 18, 20, 14, 7, 11, 14, 11, 14};
    file->sheet = workbook_add_worksheet(file->workbook, NULL);
    file->next = 0;
    if (!file->sheet) {
        file->failed = true;
        return;
    }
    for (unsigned i = 0; i < HEADER_COUNT; i++)
        worksheet_set_column(file->sheet, (lxw_col_t)i, (lxw_col_t)i, widths[i], NULL);
    worksheet_write_string(file->sheet, file->next++, 0, file->title, file->bold);
    for (unsigned i = 0; i < HEADER_COUNT; i++)
        worksheet_write_string(file->sheet, file->next, (lxw_col_t)i, headers[i], file->bold);
    worksheet_freeze_panes(file->sheet, ++file->next, 0);
    worksheet_repeat_rows(file->sheet, file->next - 1, file->next - 1);
}

static void xlsx_row_write(struct roster_file *file, const struct roster_row *row,
                           const struct cells *cells) {
    const struct roster_entry *entry = &row->entry;
    if (file->next >= SHEET_ROWS_MAX)
        sheet_begin(file);
    if (file->failed)
        return;
    const char *const texts[] = {cells->nik, cells->name, cells->kecamatan, cells->kelurahan, cells->segment};
    lxw_error error = LXW_NO_ERROR;
    enum { TEXTS = sizeof texts / sizeof texts[0] };
    for (unsigned i = 0; i < TEXTS; i++)
        error |= worksheet_write_string(file->sheet, file->next, (lxw_col_t)i, texts[i], NULL);
    const char *vulnerable = entry->vulnerable ? "yes" : "no";
    double amount = (double)entry->amount_rupiah; /* exact: far below 2^53 */
    error |= worksheet_write_number(file->sheet, file->next, TEXTS, entry->care_class, NULL);
    error |= worksheet_write_string(file->sheet, file->next, TEXTS + 1, vulnerable, NULL);
    error |= worksheet_write_number(file->sheet, file->next, TEXTS + 2, amount, file->money);
    error |= worksheet_write_number(file->sheet, file->next, TEXTS + 3, entry->member_id, NULL);
    error |= worksheet_write_number(file->sheet, file->next, TEXTS + 4, (double)entry->cause_offset, NULL);
    file->next++;
    file->failed = error != LXW_NO_ERROR;
}

static bool csv_begin(struct roster_file *file) {
    file->csv = fopen(file->begun, "we");
    if (!file->csv)
        return false;
    csv_header(file);
    return true;
}

/* The rows wait beside the file itself, not in /tmp: they hold names and numbers. */
static bool xlsx_begin(struct roster_file *file) {
    snprintf(file->directory, sizeof file->directory, "%s", file->begun);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = dirname(file->directory)};
    file->workbook = workbook_new_opt(file->begun, &options);
    if (!file->workbook)
        return false;
    lxw_doc_properties properties = {.title = file->title, .created = (time_t)(file->created_ms / 1000)};
    workbook_set_properties(file->workbook, &properties);
    file->bold = workbook_add_format(file->workbook);
    file->money = workbook_add_format(file->workbook);
    format_set_bold(file->bold);
    format_set_num_format(file->money, "#,##0");
    sheet_begin(file);
    return !file->failed;
}

static void title_write(struct roster_file *file, const struct bill_view *bill) {
    char month[CALENDAR_TEXT];
    calendar_format_month(bill->month, month);
    snprintf(file->title, sizeof file->title, "Roster %s, as of offset %llu, invoice %s", month,
             (unsigned long long)bill->as_of_offset, bill->hash);
    file->created_ms = bill->closed_ms;
}

enum result roster_file_open(struct roster_file **out, const char *path, enum roster_format format,
                             const struct region_table *regions, bool whole_nik, const struct bill_view *bill,
                             struct failure *why) {
    struct roster_file *file = calloc(1, sizeof *file);
    if (!file)
        abort();
    *out = file;
    file->format = format;
    file->regions = regions;
    file->whole_nik = whole_nik;
    title_write(file, bill);
    enum result result = output_begin(path, file->begun, why);
    if (result != RESULT_OK) {
        free(file);
        *out = NULL;
        return result;
    }
    snprintf(file->path, sizeof file->path, "%s", path); /* fits: PATH.new did */
    if (format == ROSTER_CSV ? csv_begin(file) : xlsx_begin(file))
        return RESULT_OK;
    roster_file_abandon(out);
    return fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written: %s.", path, strerror(errno));
}

enum result roster_file_row(struct roster_file *file, const struct roster_row *row, struct failure *why) {
    struct cells cells;
    cells_fill(file, row, &cells);
    if (file->format == ROSTER_CSV) {
        csv_row_write(file, row, &cells);
        file->failed = ferror(file->csv) != 0;
    } else {
        xlsx_row_write(file, row, &cells);
    }
    file->rows++;
    file->sum_rupiah += row->entry.amount_rupiah;
    return file->failed ? fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written: %s.", file->path,
                               strerror(errno))
                        : RESULT_OK;
}

/* The sum as a last row: printed and signed, a roster must add up to its invoice. */
static void sum_write(struct roster_file *file) {
    char words[FORMAT_TEXT + 8], count[FORMAT_TEXT];
    snprintf(words, sizeof words, "%s people", format_count(file->rows, count));
    worksheet_write_string(file->sheet, file->next, 1, words, file->bold);
    worksheet_write_number(file->sheet, file->next, 7, (double)file->sum_rupiah, file->money);
}

/* Closes what is open; false where not all of it was written. */
static bool streams_close(struct roster_file *file) {
    bool written = !file->failed;
    if (file->csv)
        written = fclose(file->csv) == 0 && written;
    if (file->workbook)
        written = workbook_close(file->workbook) == LXW_NO_ERROR && written;
    file->csv = NULL;
    file->workbook = NULL;
    return written;
}

enum result roster_file_close(struct roster_file **file, struct failure *why) {
    struct roster_file *closing = *file;
    if (closing->workbook && !closing->failed)
        sum_write(closing);
    bool written = streams_close(closing);
    enum result result = RESULT_OK;
    if (!written) {
        result = fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written whole: %s.", closing->path,
                      strerror(errno));
        output_abandon(closing->begun);
    } else {
        result = output_end(closing->path, closing->begun, why);
    }
    free(closing);
    *file = NULL;
    return result;
}

void roster_file_abandon(struct roster_file **file) {
    if (!*file)
        return;
    (void)streams_close(*file);
    output_abandon((*file)->begun);
    free(*file);
    *file = NULL;
}
