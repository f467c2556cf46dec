/* watchers.h - who watches the totals, and what each is told: the whole picture, then exactly the next.
 *
 * No socket in here: messages leave through the owner's `send`. A watcher that could not be told in time gets
 * the whole picture again, so nobody ever misses a change without knowing. Bounded: WATCHERS_MAX. One thread.
 */
#ifndef COVERAGE_WATCHERS_H
#define COVERAGE_WATCHERS_H

#include "cakupan/result.h"
#include "cakupan/totals.h"

#define WATCHERS_MAX       256u
#define WATCHER_SILENCE_MS 30000 /* without a sign of life it is forgotten */
#define WATCHER_PEER_MAX   255u  /* a routing id's longest */

struct watchers;

/* Whom a message goes to: a ROUTER's routing id. */
struct watcher_peer {
    uint8_t size;
    uint8_t id[WATCHER_PEER_MAX];
};
enum watchers_sent { SENT, SENT_NOT_NOW, SENT_TO_NOBODY };
/* Hands over a message, at once or not at all. NOT_NOW: the peer's queue is full; TO_NOBODY: it is gone. */
typedef enum watchers_sent watchers_send(void *context, const struct watcher_peer *peer, const uint8_t *data,
                                         size_t size);

/* `regions` is borrowed and must outlive them. */
struct watchers *watchers_new(const struct region_table *regions, watchers_send *send, void *context);
void watchers_destroy(struct watchers **watchers);

/* Tells all watchers what differs from the picture before, and forgets those who were silent for too long. */
void watchers_tell(struct watchers *watchers, const struct totals_picture *picture, int64_t now_ms);
/* The picture told last: what a request that comes now is answered with. */
const struct totals_picture *watchers_picture(const struct watchers *watchers);

/* A request to watch `region` (0: all), or its sign of life: answered at once. RESULT_FULL: no room for
 * another. */
MUST_USE enum result watchers_watch(struct watchers *watchers, const struct watcher_peer *peer,
                                    uint32_t region, uint64_t since_offset, int64_t now_ms,
                                    struct failure *why);
unsigned watchers_count(const struct watchers *watchers);

#endif
