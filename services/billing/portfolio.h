/* portfolio.h - the partitions that a worker has: opened, stepped, committed and given back. No socket in
 * here.
 *
 * The feed is followed once for all of them, from the lowest position on; a partition that is ahead skips
 * what it has. So a worker's partitions move together, and a barrier is one bound for the feed. Commits are
 * gathered: at once where COMMIT_CHARGES wait or an order asks for it, else COMMIT_EVERY_MS after the first
 * posting; a partition without postings writes nothing at all.
 */
#ifndef BILLING_PORTFOLIO_H
#define BILLING_PORTFOLIO_H

#include "cakupan/partition.h"
#include "cakupan/record.h"
#include "wire/wire_billing.h"

#define COMMIT_EVERY_MS  200
#define COMMIT_CHARGES   20000u
#define SNAPSHOT_RECORDS 300000u /* of the feed, since the partition's last snapshot */

struct portfolio;

struct portfolio_config {
    const char *state;
    const struct region_table *regions; /* borrowed */
};
struct portfolio *portfolio_new(const struct portfolio_config *config);
/* Drops all partitions without committing anything. */
void portfolio_destroy(struct portfolio **portfolio);

/* Makes what it has into what the orders say: opens what was granted (one a call, `*more` asks to call on),
 * gives back what is not (commit, snapshot, close), takes the barrier. An epoch that differs from the one
 * held: the old one is dropped, not given back. Failures of one partition are kept with it
 * (portfolio_report) and end nothing else. `*refollow`: the feed must be followed anew from
 * portfolio_next. */
void portfolio_obey(struct portfolio *portfolio, const struct wire_worker_orders *orders, int64_t now_ms,
                    int64_t time_ms, bool *more, bool *refollow);
/* Its leases have ended: drops everything, writes nothing. */
void portfolio_drop(struct portfolio *portfolio);

uint64_t portfolio_next(const struct portfolio *portfolio);  /* first offset that some partition needs */
uint64_t portfolio_until(const struct portfolio *portfolio); /* feed_follower_until: the barrier's bound */
/* Fills `out`, at most LEDGER_PARTITIONS_MAX numbers, ascending: what to ask the feed for. */
uint32_t portfolio_wanted(const struct portfolio *portfolio, uint32_t *out, uint32_t *partition_count);

/* A record of one of its partitions: a feed_on_record with the portfolio as its context. */
enum result portfolio_record(void *portfolio, const struct batch_header *batch, const struct record *record,
                             struct failure *why);
/* The feed has settled everything up to `offset`: positions move, barriers are reached and acted on, what is
 * due is committed, a snapshot that is due is written (one a call). True where a report should be sent
 * now. */
bool portfolio_work(struct portfolio *portfolio, uint64_t offset, int64_t now_ms, int64_t time_ms);
int64_t portfolio_wake_ms(const struct portfolio *portfolio);
/* What it has, for the report; lent until the next call of anything. */
const struct wire_held *portfolio_report(struct portfolio *portfolio, uint32_t *count);

#endif
