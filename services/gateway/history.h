/* history.h - the figures of the city and its kecamatan of all days, in memory: asked of coverage once, each
 * past day made into text once, so that a year is answered without much work. */
#ifndef GATEWAY_HISTORY_H
#define GATEWAY_HISTORY_H

#include "coverage_link.h"
#include "history_link.h"
#include "live.h"

#define HISTORY_DAYS_MAX 366u /* in one answer */

struct history;

/* `endpoint` of coverage's query socket; the others are borrowed. */
MUST_USE enum result history_open(struct history **out, const char *endpoint,
                                  const struct coverage_link *coverage, struct live *live,
                                  const struct policy *policy, struct failure *why);
void history_close(struct history **history);
struct history_link *history_socket_owner(struct history *history);
void history_work(struct history *history, int64_t now_ms);
/* Past days still wait to be made into text: work again soon. */
bool history_pending(const struct history *history);
/* All past days that coverage has are here; before, answers would lack some. */
bool history_complete(const struct history *history);
/* Figures of the days `from` to `to`, of one region (0: all); NULL where too much of it was asked for in this
 * second (BUSY). The page is the history's. */
struct page *history_page(struct history *history, day_t from, day_t to, uint32_t region,
                          enum audience audience);
/* A past day as a picture (without bill and grace windows); false: there is none of that day. */
bool history_day(const struct history *history, day_t day, struct coverage_view *out);

#endif
