/* invoice.h - the invoice of a month: from control totals to lines, and from lines to bytes that never
 * change.
 *
 * Pure. The bytes are the invoice: UTF-8 JSON of one form (keys in a fixed order, no spaces, integers only),
 * so that they can be read by anybody for ever, compared byte for byte and hashed. A preview is written by
 * the same code, with "frozen":false and without what only a close has (partitions, due date).
 */
#ifndef CAKUPAN_INVOICE_H
#define CAKUPAN_INVOICE_H

#include "cakupan/ledger_journal.h"
#include "cakupan/ledger.h"

#define INVOICE_MAX_BYTES (4u << 20)

struct invoice_partition {
    uint64_t sequence; /* of its CLOSE entry */
    uint8_t hash[JOURNAL_HASH_SIZE];
    int64_t amount_rupiah[PAYER_COUNT]; /* control totals: the month and its corrections */
    uint64_t people[PAYER_COUNT];       /* charged for the month itself */
};
struct invoice {
    month_t month;
    uint64_t as_of_offset;
    bool frozen;
    int64_t closed_ms; /* business time of the intent; 0 in a preview */
    day_t due_day;
    bool due_provisional; /* the holidays of that time are not known yet (payment_terms.h) */
    uint64_t tariff_digest;
    const struct region_table *regions;
    const struct ledger_sums *sums;
    uint32_t partition_count; /* 0 in a preview */
    const struct invoice_partition *partitions;
};

/* Writes {"month":"2026-12","as_of_offset":N,"frozen":B,"currency":"IDR","tariff_digest":"16 hex digits",
 * "closed_ms":N,"due_date":"2027-01-11","due_date_provisional":B,"lines":[...],"totals":{...},
 * "partitions":[...]}; closed_ms, due_date(_provisional) and partitions are a frozen one's alone.
 *
 * A line: payer, budget_line ("iuran", "bantuan iuran", else null), segment, class, kecamatan (code, 0
 * outside; sums without places come from adding), people, amount_rupiah (of the month itself), corrections,
 * corrections_rupiah; lines of zeros are left out; order: payer, segment, class, kecamatan.
 * totals: "city" and "city_paid" (both lines of the city; the second only members of PBPU & BP Pemda):
 * amount_rupiah, corrections_rupiah, owed_rupiah, which is their sum; "payers", "vulnerable": a list with
 * payer, people, amount_rupiah, corrections, corrections_rupiah, owed_rupiah, without payers of zeros.
 * A partition: partition, sequence, hash, payers with payer, people, owed_rupiah, without those of zeros.
 * Returns the size; 0 where it does not fit. */
size_t invoice_write(const struct invoice *invoice, uint8_t *out, size_t capacity);
/* Do the partitions' control totals add up to the sums? Is there no amount without people and none below a
 * rupiah each, no amount of corrections without one, and are the vulnerable among all? RESULT_CORRUPT is
 * parked as a failure, and nothing is frozen. */
MUST_USE enum result invoice_check(const struct invoice *invoice, struct failure *why);
/* Which entry of its journal a partition closed the month with, by a frozen invoice's bytes. False where they
 * have no such partition. */
bool invoice_find_partition(const uint8_t *bytes, size_t size, uint32_t partition, uint64_t *sequence,
                            uint8_t hash[JOURNAL_HASH_SIZE]);
/* All that they say of the partition, control totals included. False as above. */
bool invoice_read_partition(const uint8_t *bytes, size_t size, uint32_t partition,
                            struct invoice_partition *out);
/* A partition's control totals, by its sums of the month; sequence and hash stay as they are. */
void invoice_partition_total(const struct ledger_sums *sums, struct invoice_partition *out);
/* "iuran", "bantuan iuran"; NULL for payers that are not the city's. */
const char *invoice_budget_line(enum payer payer);

#endif
