/* portfolio.h - the partitions that a worker has: opened, stepped, committed and given back. No socket
 * in here.
 *
 * The feed is followed once for all of them, from the lowest position on; a partition that is ahead
 * skips what it has. So a worker's partitions move together, and a barrier is one bound for the feed.
 * Commits are gathered: at once where COMMIT_CHARGES wait or an order asks for it, else COMMIT_EVERY_MS
 * after the first posting; a partition without postings writes nothing at all.
 *
 * What goes wrong with one partition stays with it and is reported. A full disk: it stands still, and
 * its entry is offered again every RETRY_MS. Everything else: what it has in memory is dropped, and the
 * coordinator grants it anew under another epoch.
 */
#ifndef BILLING_PORTFOLIO_H
#define BILLING_PORTFOLIO_H

#include "cakupan/partition.h"
#include "cakupan/record.h"
#include "wire/wire_billing.h"

#define COMMIT_EVERY_MS   200
#define COMMIT_CHARGES    20000u
#define SNAPSHOT_RECORDS  300000u /* of the feed, since the partition's last snapshot ... */
#define SNAPSHOT_PAUSE_MS 2000    /* ... and not sooner after it: to count anew for 2 s is no worse */
#define SNAPSHOT_LEAVING  20000u  /* records from which giving back is worth one */
#define RETRY_MS          5000
#define ANSWERS_MAX_BYTES (8u << 20) /* of one report; the others follow when these are taken */

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
 * portfolio_next. To be called every turn: it finishes what the last one left over. */
void portfolio_obey(struct portfolio *portfolio, const struct wire_worker_orders *orders, int64_t now_ms,
                    int64_t time_ms, bool *more, bool *refollow);
/* Its leases may have ended: nothing may be called but portfolio_report until portfolio_obey. Partitions that
 * are granted then under the epochs held go on as if nothing had been; others are dropped: what they did not
 * write is their next owner's business. */
void portfolio_lapse(struct portfolio *portfolio);
/* The feed does not serve us (`why`), or does again (NULL): told in the report, nothing is given up. */
void portfolio_feed_failed(struct portfolio *portfolio, const struct failure *why);

uint64_t
portfolio_next(const struct portfolio *portfolio); /* first offset that some partition needs; 0: none */
uint64_t portfolio_until(const struct portfolio *portfolio); /* feed_follower_until: the barrier's bound */
/* Fills `out`, at most LEDGER_PARTITIONS_MAX numbers, ascending: what to ask the feed for from portfolio_next
 * on. From this call on that is what portfolio_record and portfolio_work are about. */
uint32_t portfolio_wanted(struct portfolio *portfolio, uint32_t *out, uint32_t *partition_count);

/* A record of one of its partitions: a feed_on_record with the portfolio as its context. */
enum result portfolio_record(void *portfolio, const struct batch_header *batch, const struct record *record,
                             struct failure *why);
/* The feed has settled everything up to `offset` (0: no feed): positions move, barriers are reached and acted
 * on (one partition a call), what is due is committed, a snapshot that is due is written (one a call). True
 * where a report should be sent now. */
bool portfolio_work(struct portfolio *portfolio, uint64_t offset, int64_t now_ms, int64_t time_ms);
/* When portfolio_work is due at the latest; 0: at once, INT64_MAX: never. */
int64_t portfolio_wake_ms(const struct portfolio *portfolio);
/* What it has, for the report; lent until the next call of anything. */
const struct wire_held *portfolio_report(struct portfolio *portfolio, uint32_t *count);
uint64_t portfolio_records(const struct portfolio *portfolio); /* taken since the start */

#endif
