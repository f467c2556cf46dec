/* bpjs_list.h - BPJS's list of a month, a CSV file with the columns nik, segment, class, amount, row by
 * row. */
#ifndef CLI_BPJS_LIST_H
#define CLI_BPJS_LIST_H

#include "cakupan/reconcile.h"
#include "csv_file.h"

/* Columns to ask csv_read_file for. */
extern const struct csv_column bpjs_columns[];
/* A row's texts as figures. The number is a NIK or, as our own roster writes newborns, a temporary id;
 * another one gives identity 0. A segment or class left out is 0; RESULT_INVALID names the line where the
 * amount, segment or class is none. Amounts: whole rupiah; points or commas between thousands, and ",00" or
 * ".00" behind, are read, too. */
MUST_USE enum result bpjs_row_read(const struct csv_row *csv, struct bpjs_row *out, struct failure *why);

#endif
