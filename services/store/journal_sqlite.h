/* journal_sqlite.h - the journal in one SQLite file (WAL, synchronous=FULL, exclusive): one row per
 * committed batch. */
#ifndef STORE_JOURNAL_SQLITE_H
#define STORE_JOURNAL_SQLITE_H

#include "cakupan/journal.h"

/* Opens or creates `path` (mode 0600). RESULT_CONFLICT where another process has it open or it is of another
 * version. The caller owns `*out`, closes it by out->operations->close. */
MUST_USE enum result journal_sqlite_open(struct journal **out, const char *path, struct failure *why);

#endif
