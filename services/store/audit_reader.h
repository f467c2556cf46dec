/* audit_reader.h - reads audit.db beside its projector, for those who compare it with what it was made from.
 *
 * Everything is read as it stood at the opening, while the projector goes on.
 */
#ifndef STORE_AUDIT_READER_H
#define STORE_AUDIT_READER_H

#include "audit_store.h"

struct audit_reader;

/* RESULT_NOT_FOUND (AUDIT_NONE) where there is no such file. */
MUST_USE enum result audit_reader_open(struct audit_reader **out, const char *path, struct failure *why);
void audit_reader_close(struct audit_reader **reader);
/* How far it was at the opening (audit_store.h); entry 0: nothing of it. */
MUST_USE enum result audit_reader_progress(struct audit_reader *reader, int partition,
                                           struct audit_progress *out, struct failure *why);
/* Every row of `charges`. RESULT_CORRUPT (AUDIT_DAMAGED) where a row is none. */
typedef void audit_on_charge(void *context, const struct charge *charge);
MUST_USE enum result audit_reader_charges(struct audit_reader *reader, audit_on_charge *on_charge,
                                          void *context, struct failure *why);
/* Sums of the rows of a month. */
struct audit_sum {
    month_t month;
    uint64_t rows, as_of_offset;
    int64_t people, amount_rupiah, corrections, corrections_rupiah;
    char invoice_hash[65]; /* "" where the rows have several */
};
typedef void audit_on_sum(void *context, const struct audit_sum *sum);
MUST_USE enum result audit_reader_invoices(struct audit_reader *reader, audit_on_sum *on_sum, void *context,
                                           struct failure *why);
/* Of payments only `rows` and `amount_rupiah`. */
MUST_USE enum result audit_reader_payments(struct audit_reader *reader, audit_on_sum *on_sum, void *context,
                                           struct failure *why);

#endif
