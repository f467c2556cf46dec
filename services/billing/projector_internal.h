/* projector_internal.h - what projects journals into audit.db: one step at a time. For projector*.c alone. */
#ifndef BILLING_PROJECTOR_INTERNAL_H
#define BILLING_PROJECTOR_INTERNAL_H

#include "billing.h"
#include "runtime/socket.h"
#include "store/audit_store.h"
#include "store/ledger_journal_files.h"
#include "wire/arena.h"

struct projector {
    const char *state;
    int signal_fd; /* -1: none to look at */
    struct audit_store *store;
    zsock_t *coordinator;
    uint64_t request; /* id of the last one */
    struct arena arena;
    /* Of DECISION_BEGUN; 0 and MONTH_NONE before it was read. */
    uint32_t partition_count;
    month_t first_month;
    struct projected {
        struct ledger_journal *journal; /* NULL: to be opened */
        bool checked;                   /* `progress` was found in this journal */
        struct audit_progress progress;
    } partitions[LEDGER_PARTITIONS_MAX];
};

/* Opens audit.db in STATE/billing, with `anew` an empty one, and connects to the coordinator. */
MUST_USE enum result projector_open(struct projector *projector, const char *state, bool anew,
                                    struct failure *why);
void projector_close(struct projector *projector);
/* Reads partition `partition` from where audit.db is, entry by entry until `charges_max` charges were read;
 * `*more`: call again. */
MUST_USE enum result projector_partition(struct projector *projector, uint32_t partition,
                                         uint32_t charges_max, bool *more, struct failure *why);
/* Asks the coordinator for decisions after those projected; `*more`: call again. RESULT_AGAIN: it does not
 * answer, later. */
MUST_USE enum result projector_decisions(struct projector *projector, bool *more, struct failure *why);
/* Takes one decision as the coordinator has it serialized: the next one after those projected. */
MUST_USE enum result projector_take(struct projector *projector, const uint8_t *data, size_t size,
                                    uint64_t expected, struct failure *why);

#endif
