/* billing_replay.h - folds the journal anew into one ledger of all members, with every close at its
 * offset: for verify and audits.
 *
 * The decisions of the coordinator say what was closed where and under which tariff; nothing else of billing
 * is believed.
 */
#ifndef CLI_BILLING_REPLAY_H
#define CLI_BILLING_REPLAY_H

#include "billing_client.h"
#include "cakupan/record.h"
#include "cakupan/self_audit.h"
#include "store/city.h"

struct billing_replay;

/* Asks for all decisions. `city` is borrowed; with `audit` it is fed, too. */
MUST_USE enum result billing_replay_open(struct billing_replay **out, struct billing_client *client,
                                         const struct city *city, struct self_audit *audit,
                                         struct failure *why);
void billing_replay_close(struct billing_replay **replay);
/* A feed_on_record with the replay as its context (journal_follow.h). */
enum result billing_replay_record(void *replay, const struct batch_header *batch, const struct record *record,
                                  struct failure *why);
const struct ledger *billing_replay_ledger(const struct billing_replay *replay);
/* A closed month as replayed: its sums, and a digest over all its charges and over its roster, each in
 * order of members. False where it was not reached. */
struct replayed_month {
    month_t month;
    uint64_t offset;
    const struct ledger_sums *sums;
    uint64_t charges_digest, roster_digest;
};
bool billing_replay_month(const struct billing_replay *replay, month_t month, struct replayed_month *out);
/* Names of members as recorded up to the last record, "" where unknown: for rosters. */
struct text billing_replay_name(const struct billing_replay *replay, uint32_t member_id);

#endif
