/* billing_link.h - asks billing's coordinator how the bill stands, now and then, and never waits for it.
 *
 * Asked every quarter of a second while figures move and twice a second at rest, for a close or a payment
 * moves no record. An answer that does not come is asked for again, and after some seconds billing counts as
 * not running: what was heard last stays, with its time. One thread.
 */
#ifndef COVERAGE_BILLING_LINK_H
#define COVERAGE_BILLING_LINK_H

#include "cakupan/billing_summary.h"
#include "runtime/socket.h"

#define BILLING_ASK_MS      250  /* while figures move */
#define BILLING_ASK_REST_MS 500  /* at rest, and after a lost answer */
#define BILLING_SILENCE_MS  3000 /* without an answer it is not running */

struct billing_link;

/* `endpoint`: of billing's socket for tools on this machine; nobody needs to be there. */
MUST_USE enum result billing_link_open(struct billing_link **out, const char *endpoint, struct failure *why);
void billing_link_close(struct billing_link **link);
void *billing_link_socket(struct billing_link *link); /* to poll */
/* Takes the answers that wait and asks where it is time to. `offset`: counted by the owner; `now_ms`
 * monotonic, `time_ms` business time. */
void billing_link_work(struct billing_link *link, uint64_t offset, int64_t now_ms, int64_t time_ms);
/* When billing_link_work is due again, answers apart. */
int64_t billing_link_wake_ms(const struct billing_link *link, uint64_t offset);
/* As heard last. */
const struct billing_heard *billing_link_heard(const struct billing_link *link);

#endif
