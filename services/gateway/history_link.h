/* history_link.h - asks coverage for past days (proto/totals.proto), one question after the other. */
#ifndef GATEWAY_HISTORY_LINK_H
#define GATEWAY_HISTORY_LINK_H

#include "runtime/socket.h"
#include "wire/wire_totals.h"

#define HISTORY_DEADLINE_MS 5000

struct history_link;
/* `reply` NULL: coverage did not answer in time. Valid during the call. */
typedef void history_on_reply(void *context, const struct wire_totals_reply *reply);

MUST_USE enum result history_link_open(struct history_link **out, const char *endpoint,
                                       history_on_reply *on_reply, void *context, struct failure *why);
void history_link_close(struct history_link **link);
void *history_link_socket(struct history_link *link);
bool history_link_busy(const struct history_link *link); /* a question is open */
/* The figures of these days, of more than TOTALS_HISTORY_MAX_DAYS the last. Not while busy. */
void history_link_ask(struct history_link *link, day_t from, day_t to, int64_t now_ms);
void history_link_work(struct history_link *link, int64_t now_ms);

#endif
