/* totals_client.h - asks coverage for live totals and watches them (proto/totals.proto). */
#ifndef CLI_TOTALS_CLIENT_H
#define CLI_TOTALS_CLIENT_H

#include "view/coverage_view.h"

struct totals_client;

MUST_USE enum result totals_client_open(struct totals_client **out, const char *state, struct failure *why);
void totals_client_close(struct totals_client **client);
/* Totals of `region` (0: the city) as of now; with `watch` coverage sends further replies unasked. */
MUST_USE enum result totals_client_ask(struct totals_client *client, uint32_t region, bool watch,
                                       uint64_t since_offset, struct coverage_view *view,
                                       struct failure *why);
/* A watcher's sign of life, to be repeated every 10 s; its answer, if any, comes by totals_client_next. */
MUST_USE enum result totals_client_alive(struct totals_client *client, uint32_t region, uint64_t since_offset,
                                         struct failure *why);
/* The next reply; RESULT_AGAIN where none came within the timeout. */
MUST_USE enum result totals_client_next(struct totals_client *client, int timeout_ms,
                                        struct coverage_view *view, struct failure *why);

/* Asks once and closes. */
MUST_USE enum result totals_now(const char *state, struct coverage_view *view, struct failure *why);

#endif
