/* layoff_files.h - what became of a list of laid-off workers, as JSON and as a CSV file of the refused. */
#ifndef CLI_LAYOFF_FILES_H
#define CLI_LAYOFF_FILES_H

#include "layoff_list.h"

#include <jansson.h>

size_t layoff_count(const struct layoff_list *list, enum layoff_outcome outcome);
/* Masked, or "-"; returns `out`. */
const char *layoff_identity_text(const struct layoff_row *row, char out[24]);
/* Field names are public: only add. `most` 0: every row; else only those refused or with a remark, so
 * many. The caller owns it. */
json_t *layoff_json(const struct layoff_list *list, bool dry_run, uint64_t most);
/* Every row, to a file of mode 0600. */
MUST_USE enum result layoff_json_write(const struct layoff_list *list, bool dry_run, const char *path,
                                       struct failure *why);
/* The refused rows as they were sent, in the file's own columns, and the columns code and sentence: to be
 * corrected and sent again as it is. Whole NIKs: mode 0600. */
MUST_USE enum result layoff_refused_write(const struct layoff_list *list, const char *path,
                                          struct failure *why);

#endif
