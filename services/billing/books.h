/* books.h - the coordinator's state: its journal of decisions, and the folds over it. No socket in here.
 *
 * Everything durable that the coordinator knows goes through books_decide: stored first, applied then. At
 * start all decisions are read once.
 */
#ifndef BILLING_BOOKS_H
#define BILLING_BOOKS_H

#include "cakupan/finance.h"
#include "cakupan/lease.h"
#include "cakupan/partition.h"

struct books;

struct books_config {
    const char *path; /* books.db */
    const struct payment_terms *terms;
    const struct policy *policy;
};
MUST_USE enum result books_open(struct books **out, const struct books_config *config, struct failure *why);
void books_close(struct books **books);
/* Makes decisions durable, all or none, then applies them. Fills their sequences, the hash of an INVOICE's
 * bytes, and the failure_id of a FAILED that has none. Each is checked against the state before the call:
 * one that contradicts it, or could not be read back, is RESULT_CORRUPT or RESULT_INVALID and nothing is
 * stored; decisions that build on one another go into calls of their own. RESULT_FULL: certainly not stored.
 * RESULT_IO: stop. */
MUST_USE enum result books_decide(struct books *books, struct decision *decisions, size_t count,
                                  struct failure *why);

const struct finance *books_finance(const struct books *books);
/* Why the last decisions could not be stored, and since when they can't (business time): the disk is full.
 * NULL: they were. */
const struct failure *books_stuck(const struct books *books, int64_t *since_ms);
/* DECISION_BEGUN's; false before. */
struct books_begun {
    uint32_t partitions;
    month_t first_month;
    const struct tariff *first_tariff;
};
bool books_begun(const struct books *books, struct books_begun *out);
const struct tariff *books_tariff(const struct books *books); /* in force */
/* The epoch granted last, and to whom; epoch 0: never. */
struct books_epoch {
    uint64_t epoch;
    uint32_t worker;
    bool local;
    char name[32]; /* the worker's, for worker_lives */
};
struct books_epoch books_epoch(const struct books *books, uint32_t partition);
uint32_t books_scaled(const struct books *books); /* 0: automatic */
/* A close or change of tariff whose intent is stored and whose end is not: to be resumed. */
bool books_unfinished(const struct books *books, struct partition_order *out);
/* When that intent was stored: a close's time, also after a crash. */
int64_t books_unfinished_time_ms(const struct books *books);
/* The frozen invoice, lent until the next call. RESULT_NOT_FOUND where the month is not closed. */
MUST_USE enum result books_invoice(struct books *books, month_t month, const uint8_t **bytes, size_t *size,
                                   struct failure *why);
/* The entry of its journal that the partition's close of the month is: as the invoice names it, or as it was
 * made anew since (DECISION_REBUILT). RESULT_NOT_FOUND where the month is not closed. */
MUST_USE enum result books_close_entry(struct books *books, month_t month, uint32_t partition,
                                       uint64_t *sequence, uint8_t hash[JOURNAL_HASH_SIZE],
                                       struct failure *why);
/* How many changes of tariff were done since the last invoice. */
uint32_t books_retariffs(const struct books *books);
/* Devices as known, and the offset up to which enrollment's journal was read for them. */
const struct device *books_device(const struct books *books, uint32_t id);
const struct device *books_device_by_key(const struct books *books, const uint8_t key[DEVICE_KEY_SIZE]);
uint64_t books_device_offset(const struct books *books);
day_t books_followed_day(const struct books *books); /* DECISION_FOLLOWED's; DAY_NONE: none */
uint64_t books_sequence(const struct books *books);  /* of the last decision; 0: none */
/* Serialized decisions from `from` on; `on_bytes` false: enough. */
typedef bool books_on_bytes(void *context, uint64_t sequence, const uint8_t *bytes, size_t size);
MUST_USE enum result books_list(struct books *books, uint64_t from, books_on_bytes *on_bytes, void *context,
                                struct failure *why);

#endif
