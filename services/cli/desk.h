/* desk.h - an office of this command line that reports events: its paired device, its outbox, and answers
 * in order.
 *
 * Events are durable in STATE/outbox/NAME.db before they are sent. Where a command was interrupted, the
 * next desk_open sends what is left, and nothing happens twice.
 */
#ifndef CLI_DESK_H
#define CLI_DESK_H

#include "cakupan/kader.h"
#include "local_device.h"

struct desk;

struct desk_answer {
    enum refusal refusal, warning;
    uint64_t offset; /* 0 for a dry run */
    char sentence[256];
};

/* Opens the office's outbox, sets the clock to the instance's business day and sends what an earlier
 * command left. `*out` is NULL where it fails. */
MUST_USE enum result desk_open(struct desk **out, const char *state, enum local_device office,
                               enum language language, struct failure *why);
void desk_close(struct desk **desk);
/* What enrollment would say; changes nothing. `answers` has room for `count`. */
MUST_USE enum result desk_check(struct desk *desk, const struct event *events, size_t count,
                                struct desk_answer *answers, struct failure *why);
/* Queues all durably, sends them and waits for every answer. RESULT_AGAIN: no network, they stay in the
 * outbox. */
MUST_USE enum result desk_send(struct desk *desk, const struct event *events, size_t count,
                               struct desk_answer *answers, struct failure *why);

#endif
