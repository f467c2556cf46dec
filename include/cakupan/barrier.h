/* barrier.h - the fold that brings all partitions to one offset and lets them act there: previews, closes.
 *
 * Pure. HOLD: partitions stop where they are and report. When all have reported and the feed's head at the
 * beginning is known, S = the highest of them all. RUN: each goes on to exactly S, acts (partition.h:
 * partition_order), reports its answer and goes its way. A close or a change of tariff is decided when S is
 * known: that intent is durable before RUN is ordered, and after a crash the barrier begins in RUN at the
 * same S. So a partition is never beyond S without having acted, whoever owns it. One barrier at a time;
 * others wait in the coordinator's queue.
 */
#ifndef CAKUPAN_BARRIER_H
#define CAKUPAN_BARRIER_H

#include "cakupan/partition.h"

enum barrier_phase {
    BARRIER_NONE = 0,
    BARRIER_HOLD,   /* order all to hold                                              */
    BARRIER_INTENT, /* S is known: make the intent durable, then barrier_decided      */
    BARRIER_RUN,    /* order all to run to S and act                                  */
    BARRIER_DONE    /* all have answered: barrier_sums, then barrier_end              */
};

struct barrier;

struct barrier *barrier_new(uint32_t partitions, const struct region_table *regions);
void barrier_destroy(struct barrier **barrier);

/* Only in BARRIER_NONE. `head`: S is not below it, so that everything acknowledged before the question
 * counts. A preview skips BARRIER_INTENT. `order->offset` is ignored. */
void barrier_begin(struct barrier *barrier, uint64_t id, const struct partition_order *order, uint64_t head);
/* After a crash: in RUN, at order->offset. */
void barrier_resume(struct barrier *barrier, uint64_t id, const struct partition_order *order);
void barrier_decided(struct barrier *barrier);
/* A partition of a worker whose lease holds reports: `holding` this barrier at `position`. */
void barrier_held(struct barrier *barrier, uint32_t partition, uint64_t position);
/* Its lease was lost: what it said about holding counts no more; an answer of a close or a change of tariff
 * does (it is in the journal), that of a preview, too. */
void barrier_lost(struct barrier *barrier, uint32_t partition);
/* Its answer: `sums` of `months` (0 for a tariff); the journal's last sequence and hash after it. Doubled
 * answers are ignored. RESULT_CORRUPT where a doubled one differs, RESULT_INVALID where it is no answer to
 * this order. */
struct barrier_answer {
    uint32_t partition;
    const struct ledger_sums *sums;
    uint16_t months;
    uint64_t sequence;
    uint8_t hash[JOURNAL_HASH_SIZE];
};
MUST_USE enum result barrier_answer(struct barrier *barrier, const struct barrier_answer *answer,
                                    struct failure *why);
/* Gives up a preview, or a close before its intent is durable: its askers are told. Never in RUN of a
 * close. */
void barrier_end(struct barrier *barrier);

enum barrier_phase barrier_phase(const struct barrier *barrier);
uint64_t barrier_id(const struct barrier *barrier);
const struct partition_order *barrier_order(const struct barrier *barrier); /* offset is S from INTENT on */
bool barrier_answered(const struct barrier *barrier, uint32_t partition);
/* In BARRIER_DONE: the sum over all partitions for month `index` of the order, and each one's own (of an
 * order of one month alone: a forecast keeps the total). */
const struct ledger_sums *barrier_sums(const struct barrier *barrier, uint16_t index);
const struct ledger_sums *barrier_partition_sums(const struct barrier *barrier, uint32_t partition,
                                                 uint16_t index, uint64_t *sequence, const uint8_t **hash);

#endif
