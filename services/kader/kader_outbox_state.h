/* kader_outbox_state.h - what kader_outbox.c and kader_outbox_open.c share, and nobody else sees. */
#ifndef KADER_OUTBOX_STATE_H
#define KADER_OUTBOX_STATE_H

#include "kader_outbox.h"

#include <sqlite3.h>

/* The row of table `state` that changes. */
struct outbox_counters {
    uint64_t end;       /* next sequence */
    uint32_t temporary; /* last temporary id given */
};

struct outbox {
    sqlite3 *database;
    char *path;
    sqlite3_stmt *begin, *commit, *rollback, *insert, *select, *forget, *update;
    struct outbox_counters durable; /* as on disk */
    struct outbox_counters changed; /* as the transaction that is open will leave it */
    uint64_t oldest;
    bool begun;  /* by outbox_begin */
    bool broken; /* an outcome is unknown: only opening anew tells */
};

/* Turns the last error of SQLite into a result and a sentence: "could not `doing` outbox PATH". */
enum result outbox_fail(struct outbox *outbox, const char *doing, struct failure *why);

#endif
