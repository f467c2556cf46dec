/* billing_replay.h - folds the journal anew into one ledger of all members, with every close at its
 * offset: for verify and audits.
 *
 * The decisions of the coordinator say what was closed where and under which tariff; nothing else of billing
 * is believed.
 */
#ifndef CLI_BILLING_REPLAY_H
#define CLI_BILLING_REPLAY_H

#include "billing_client.h"
#include "cakupan/decision.h"
#include "cakupan/record.h"
#include "cakupan/self_audit.h"
#include "store/city.h"

struct billing_replay;

/* Asks for all decisions. `city` is borrowed; with `audit` (may be NULL) it is fed, too. RESULT_NOT_FOUND
 * (BILLING_NOT_BEGUN) where the state has none yet. */
MUST_USE enum result billing_replay_open(struct billing_replay **out, struct billing_client *client,
                                         const struct city *city, struct self_audit *audit,
                                         struct failure *why);
void billing_replay_close(struct billing_replay **replay);
/* A feed_on_record with the replay as its context (journal_follow.h). */
enum result billing_replay_record(void *replay, const struct batch_header *batch, const struct record *record,
                                  struct failure *why);
const struct ledger *billing_replay_ledger(const struct billing_replay *replay);
/* The month that is open after all closes that were decided. */
month_t billing_replay_next_month(const struct billing_replay *replay);
uint32_t billing_replay_partitions(const struct billing_replay *replay); /* of the state */

/* Sums of many charges or roster entries in which their order does not matter: partitions tell theirs one
 * after the other, a ledger of all members by member. */
struct replay_digest {
    uint64_t count, sum;
};
void replay_digest_charge(struct replay_digest *digest, const struct charge *charge);
void replay_digest_entry(struct replay_digest *digest, const struct roster_entry *entry);
static inline bool replay_digest_equal(struct replay_digest a, struct replay_digest b) {
    return a.count == b.count && a.sum == b.sum;
}

/* A closed month as replayed. False where it was not reached. */
struct replayed_month {
    month_t month;
    uint64_t offset;
    const struct ledger_sums *sums;
    struct replay_digest charges, roster;    /* of the close                                           */
    struct replay_digest corrections;        /* posted since the beginning of the state, up to `offset` */
    uint8_t invoice_hash[JOURNAL_HASH_SIZE]; /* as decided; zeros: there is no invoice yet           */
    uint64_t invoice_decision;               /* its number; 0: there is no invoice yet               */
};
bool billing_replay_month(const struct billing_replay *replay, month_t month, struct replayed_month *out);

/* Payments for the month and reversals of them that were decided, up to decision `until`: how many amounts, a
 * budget line each, and their sum. */
uint64_t billing_replay_payments(const struct billing_replay *replay, month_t month, uint64_t until,
                                 int64_t *rupiah);

/* The acts of decisions, for tests: what billing_replay_open makes of the coordinator's answers. */
struct billing_replay *billing_replay_new(const struct city *city, struct self_audit *audit);
/* RESULT_CORRUPT where it does not follow the ones before. */
MUST_USE enum result billing_replay_decision(struct billing_replay *replay, const struct decision *decision,
                                             struct failure *why);

#endif
