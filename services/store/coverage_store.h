/* coverage_store.h - what coverage keeps on disk: how far it has counted, and the figures of every day.
 *
 * One SQLite file, one connection, WAL with synchronous=NORMAL: a commit lost with the power is no loss,
 * since the journal has everything and is counted again from the commit before. Table `history` is a public
 * interface for reports: a row per day and region (city and kecamatan), its columns named as in totals.h. One
 * thread; calls block for the disk, hence about one commit a second.
 */
#ifndef STORE_COVERAGE_STORE_H
#define STORE_COVERAGE_STORE_H

#include "cakupan/journal.h"
#include "cakupan/totals.h"

struct coverage_store;

struct coverage_state {
    uint64_t offset;                  /* of the last record counted                */
    uint8_t chain[JOURNAL_HASH_SIZE]; /* hash of the batch that ends with it       */
    const uint8_t *totals;            /* totals_pack                               */
    size_t size;
};

/* Opens or creates `path` (mode 0600). RESULT_CONFLICT where another process has it open or it is of another
 * version. */
MUST_USE enum result coverage_store_open(struct coverage_store **out, const char *path, struct failure *why);
void coverage_store_close(struct coverage_store **store);

/* The state committed last; `state->totals` is valid until the next call. RESULT_NOT_FOUND where there is
 * none, RESULT_CORRUPT where it fails its check: then count the journal from its beginning. */
MUST_USE enum result coverage_store_load(struct coverage_store *store, struct coverage_state *state,
                                         struct failure *why);
/* Writes (or writes over) the rows of picture->day: durable with the next commit, never without it. */
MUST_USE enum result coverage_store_day(struct coverage_store *store, const struct totals_picture *picture,
                                        struct failure *why);
MUST_USE enum result coverage_store_commit(struct coverage_store *store, const struct coverage_state *state,
                                           struct failure *why);

/* Calls `on_row` for the last `days_max` days within [from, to] (DAY_NONE: no bound), ascending by day and
 * code; `code` 0: all regions. */
typedef void coverage_on_row(void *context, day_t day, uint64_t offset, uint32_t code,
                             const struct totals_line *line);
MUST_USE enum result coverage_store_history(struct coverage_store *store, day_t from, day_t to, uint32_t code,
                                            unsigned days_max, coverage_on_row *on_row, void *context,
                                            struct failure *why);

#endif
