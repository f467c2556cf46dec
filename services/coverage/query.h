/* query.h - answers requests for totals, history and watching (proto/totals.proto). No socket in here. */
#ifndef COVERAGE_QUERY_H
#define COVERAGE_QUERY_H

#include "store/coverage_store.h"
#include "watchers.h"

struct query;

/* All arguments are borrowed and must outlive it; `send` and `context` as for the watchers. */
struct query *query_new(const struct region_table *regions, struct watchers *watchers,
                        struct coverage_store *store, watchers_send *send, void *context);
void query_destroy(struct query **query);
/* Answers one message; bad ones get a refusal. `data` NULL: the message had not exactly one frame. */
void query_answer(struct query *query, const struct watcher_peer *peer, const uint8_t *data, size_t size,
                  int64_t now_ms);

#endif
