/* layoff_list.h - a labour office's list of laid-off workers: a CSV file (nik, employer, date, proof,
 * dispute) as events.
 *
 * What can be seen without enrollment is found here: numbers that can't be, dates, proofs, the same worker
 * twice.
 */
#ifndef CLI_LAYOFF_LIST_H
#define CLI_LAYOFF_LIST_H

#include "csv_file.h"
#include "desk.h"

enum layoff_outcome { LAYOFF_OPEN = 0, LAYOFF_WILL_DO, LAYOFF_DONE, LAYOFF_UNCHANGED, LAYOFF_REFUSED };

struct layoff_row {
    uint64_t line;
    struct event event;
    enum layoff_outcome outcome;
    char code[32]; /* of the refusal or warning */
    char sentence[256];
    size_t sent_at, sent_size; /* the row as it was sent, in `sent` of the list */
};

struct layoff_list {
    struct layoff_row *rows;
    size_t count, capacity;
    enum language language; /* of the sentences */
    size_t columns;         /* of the file */
    char *sent;             /* CSV: the header from 0 on, then the rows */
    size_t sent_size, sent_capacity, header_size;
};

/* Reads the whole file. Rows with a mistake of their own are LAYOFF_REFUSED already, the others
 * LAYOFF_OPEN. */
MUST_USE enum result layoff_list_read(const char *path, enum language language, struct layoff_list *out,
                                      struct failure *why);
void layoff_list_free(struct layoff_list *list);
/* Takes enrollment's answer to a row: a layoff that is recorded already, or is older than the last one or
 * than a rehire, leaves it unchanged. */
void layoff_row_answer(struct layoff_row *row, const struct desk_answer *answer, bool dry_run);
/* Laid off, or would be, and nothing to say of it; or it was so before. */
bool layoff_row_plain(const struct layoff_row *row);
const char *layoff_outcome_name(enum layoff_outcome outcome);

#endif
