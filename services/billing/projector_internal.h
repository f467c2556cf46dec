/* projector_internal.h - what projects journals into audit.db: one step at a time. For projector*.c alone. */
#ifndef BILLING_PROJECTOR_INTERNAL_H
#define BILLING_PROJECTOR_INTERNAL_H

#include "billing.h"
#include "store/audit_store.h"
#include "store/ledger_journal_files.h"

struct projector;
/* Reads partition `partition` from where audit.db is, at most `charges_max` charges; `*more`: call again. */
MUST_USE enum result projector_partition(struct projector *projector, uint32_t partition,
                                         uint32_t charges_max, bool *more, struct failure *why);
/* Asks the coordinator for decisions after those projected. RESULT_AGAIN: it does not answer, later. */
MUST_USE enum result projector_decisions(struct projector *projector, struct failure *why);

#endif
