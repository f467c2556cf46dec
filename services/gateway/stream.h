/* stream.h - /v1/totals/stream: server-sent events, one message shared by all watchers of an audience.
 *
 * Each message is the whole state, so a slow watcher skips to the newest and misses nothing. Bounded:
 * STREAM_WATCHERS_MAX (of one address: as many as it may have connections, http.h). */
#ifndef GATEWAY_STREAM_H
#define GATEWAY_STREAM_H

#include "coverage_link.h"
#include "door_link.h"
#include "live.h"
#include "request.h"

#define STREAM_WATCHERS_MAX 2048u
#define STREAM_PACE_MS      50
#define STREAM_PACE_MANY_MS 100 /* from STREAM_MANY watchers on */
#define STREAM_MANY         100u
#define STREAM_PING_MS      15000 /* then officers' tokens are asked about again, too */

struct streams;

/* All are borrowed. */
struct streams *streams_new(const struct coverage_link *link, struct live *live, struct door_link *door);
/* When no request of theirs is left: after http_close. */
void streams_destroy(struct streams **streams);
/* Watches on behalf of the request; `last_id` NULL or Last-Event-ID. BUSY where there are too many. */
void streams_watch(struct streams *streams, struct request *request, const char *last_id);
/* The picture changed, or coverage went or came back. */
void streams_changed(struct streams *streams);
/* Sends what is due, pings, asks again whether officers' tokens hold. */
void streams_work(struct streams *streams, int64_t now_ms);
/* When the next message is due; INT64_MAX: none is. */
int64_t streams_wake_ms(const struct streams *streams);
/* Every watcher is told `end` at its next read, which http_close asks for. */
void streams_stop(struct streams *streams);
unsigned streams_count(const struct streams *streams, enum audience audience);

#endif
