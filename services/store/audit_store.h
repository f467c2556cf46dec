/* audit_store.h - SQL projections for auditors: charges, postings, invoices and payments in STATE/billing/
 * audit.db.
 *
 * Made from the partitions' journals and the coordinator's decisions by `billing projector`; may be
 * dropped and made anew. WAL, synchronous=NORMAL, its one writer commits in steps; auditors read with any
 * SQLite. Tables and columns are a public interface: only add.
 *
 *   charges(member_id, month, payer, cause, cause_offset, invoice_month, segment, class, vulnerable,
 *           kecamatan, amount_rupiah, partition, entry)    unique (member_id, month, payer, cause,
 *           cause_offset, entry); of CHARGE_MONTH already (member_id, month, payer) is: nobody pays twice
 *   postings(partition, entry, line, account, debit_rupiah, credit_rupiah, month, invoice_month, cause,
 *           cause_offset, member_id)   two rows a charge; accounts: the payer's name, and BPJS_PREMIUM
 *   invoices(month, as_of_offset, closed_at, due_date, payer, segment, class, kecamatan, budget_line, people,
 *           amount_rupiah, corrections, corrections_rupiah, decision, invoice_hash)    a row a line
 *   payments(sp2d, month, date, payer, amount_rupiah, author, decision, reverses, reason)    a row a budget
 *           line; a reversal is rows of its own, below zero, that name the decision of the payment
 *   progress(partition, entry, hash, record_offset; partition -1: decisions)
 * Months are 'YYYY-MM', days 'YYYY-MM-DD'. `postings` is a view over charges, so that both always agree; so
 * is `progress` one over `trail`, which keeps every commit for going back after a take-over.
 */
#ifndef STORE_AUDIT_STORE_H
#define STORE_AUDIT_STORE_H

#include "cakupan/decision.h"
#include "cakupan/ledger_journal.h"
#include "cakupan/ledger.h"

struct audit_store;

/* Opens or creates `path` (mode 0600). A file of another version is removed and made anew. RESULT_CONFLICT
 * where another projector has it. */
MUST_USE enum result audit_store_open(struct audit_store **out, const char *path, struct failure *why);
/* The same, but what the file holds is dropped first. */
MUST_USE enum result audit_store_open_anew(struct audit_store **out, const char *path, struct failure *why);
void audit_store_close(struct audit_store **store);

struct audit_progress {
    uint64_t entry; /* the last one projected; 0: none */
    uint64_t offset;
    uint8_t hash[JOURNAL_HASH_SIZE];
};
#define AUDIT_DECISIONS (-1) /* instead of a partition: the coordinator's decisions */
MUST_USE enum result audit_store_progress(struct audit_store *store, int partition,
                                          struct audit_progress *out, struct failure *why);
/* The newest commit of the partition before entry `before`; entry 0 where there is none. */
MUST_USE enum result audit_store_trail(struct audit_store *store, int partition, uint64_t before,
                                       struct audit_progress *out, struct failure *why);
/* Adding begins a transaction where none is open; nothing is durable before the commit. */
MUST_USE enum result audit_store_charge(struct audit_store *store, uint32_t partition, uint64_t entry,
                                        const struct charge *charge, struct failure *why);
/* DECISION_INVOICE (with its lines, read from its bytes), DECISION_PAYMENT and DECISION_PAYMENT_REVERSED;
 * others add nothing. */
MUST_USE enum result audit_store_decision(struct audit_store *store, const struct decision *decision,
                                          struct failure *why);
/* With what was added since the last commit. */
MUST_USE enum result audit_store_commit(struct audit_store *store, int partition,
                                        const struct audit_progress *progress, struct failure *why);
/* Forgets what was added since the last commit. */
MUST_USE enum result audit_store_undo(struct audit_store *store, struct failure *why);
/* A take-over made entries after `entry` void: takes their rows out. Commits. */
MUST_USE enum result audit_store_back(struct audit_store *store, uint32_t partition,
                                      const struct audit_progress *to, struct failure *why);

#endif
