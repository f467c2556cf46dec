/* stream.h - /v1/totals/stream: server-sent events, one message shared by all watchers of an audience.
 *
 * Each message is the whole state, so a slow watcher skips to the newest and misses nothing. Bounded:
 * STREAM_WATCHERS_MAX. */
#ifndef GATEWAY_STREAM_H
#define GATEWAY_STREAM_H

#include "coverage_link.h"
#include "request.h"

#define STREAM_WATCHERS_MAX         2048u
#define STREAM_WATCHERS_ADDRESS_MAX 1024u
#define STREAM_PACE_MS              50
#define STREAM_PACE_MANY_MS         100 /* from STREAM_MANY watchers on */
#define STREAM_MANY                 100u
#define STREAM_PING_MS              15000

struct streams;
struct streams *streams_new(const struct coverage_link *link);
/* Ends every stream with the event `end`. */
void streams_destroy(struct streams **streams);
/* Watches on behalf of the request; `last_id` NULL or Last-Event-ID. */
void streams_watch(struct streams *streams, struct request *request, const char *last_id);
void streams_changed(struct streams *streams, int64_t now_ms);
/* Pings, paces, asks again whether officers' tokens hold; when it is due again. */
int64_t streams_work(struct streams *streams, int64_t now_ms);
unsigned streams_count(const struct streams *streams, enum audience audience);

#endif
