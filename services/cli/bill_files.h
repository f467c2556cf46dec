/* bill_files.h - what an office takes away: rosters as CSV and XLSX, the minutes (Berita Acara) as PDF.
 *
 * Written to PATH.new and renamed when whole; mode 0600. Cells that a spreadsheet would read as a formula are
 * written as text. The same input gives the same bytes (no time of writing in them).
 */
#ifndef CLI_BILL_FILES_H
#define CLI_BILL_FILES_H

#include "bill_view.h"
#include "cakupan/region.h"
#include "cakupan/self_audit.h"

struct roster_row {
    struct roster_entry entry;
    struct text name; /* "" where it is not known */
};
struct roster_file;
enum roster_format { ROSTER_CSV, ROSTER_XLSX };
/* XLSX is written row by row (libxlsxwriter, constant_memory); NIKs are masked where `whole_nik` is false. */
MUST_USE enum result roster_file_open(struct roster_file **out, const char *path, enum roster_format format,
                                      const struct region_table *regions, bool whole_nik,
                                      const struct bill_view *bill, struct failure *why);
MUST_USE enum result roster_file_row(struct roster_file *file, const struct roster_row *row,
                                     struct failure *why);
/* Ends and renames; frees in any case. */
MUST_USE enum result roster_file_close(struct roster_file **file, struct failure *why);
void roster_file_abandon(struct roster_file **file);

struct minutes {
    const struct bill_view *bill;
    const struct region_table *regions;
    const uint64_t *audit_counts; /* by enum finding, NULL: no audit was made */
    uint64_t audit_offset;
    const char *city_officer, *bpjs_officer; /* names under the lines for signatures, may be "" */
};
/* One A4 document in Indonesian (libharu): parties, month, offset, lines by budget line, segment, class and
 * kecamatan, totals in words, the invoice's hash, room for signatures. */
MUST_USE enum result minutes_write(const struct minutes *minutes, const char *path, struct failure *why);

#endif
