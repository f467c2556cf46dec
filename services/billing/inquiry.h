/* inquiry.h - answers tools (proto/billing.proto, BillingRequest). Bytes in, bytes out: no socket in here.
 *
 * What can be answered at once is; previews, budgets, closes and changes of tariff go to closing and are
 * answered later, by the asker's id. Frozen parts are read from the partitions' journals, a piece a turn.
 */
#ifndef BILLING_INQUIRY_H
#define BILLING_INQUIRY_H

#include "closing.h"
#include "rights.h"
#include "roll.h"
#include "wire/arena.h"

struct inquiry_peer {
    uint8_t size;
    uint8_t id[255];
    bool tcp;
};
/* Hands a reply over, at once or not at all (the tool asks again). */
typedef void inquiry_send(void *context, const struct inquiry_peer *peer, const uint8_t *data, size_t size);

struct inquiry;
struct inquiry_config {
    const char *state;
    const struct region_table *regions;
    struct tariff city_tariff; /* as tariff.json has it now */
    int64_t started_ms;
};
/* All borrowed. */
struct inquiry *inquiry_new(const struct inquiry_config *config, struct books *books, struct roll *roll,
                            struct closing *closing, inquiry_send *send, void *context);
void inquiry_destroy(struct inquiry **inquiry);
struct inquiry_time {
    int64_t now_ms;  /* monotonic */
    int64_t time_ms; /* business */
    day_t today;
    uint64_t head;
    int64_t feed_silent_ms; /* since the feed answered */
};
/* Answers one message, now or later; bad ones get a refusal. RESULT_IO: stop. */
MUST_USE enum result inquiry_request(struct inquiry *inquiry, const struct inquiry_peer *peer,
                                     const struct asker *asker, const uint8_t *data, size_t size,
                                     const struct inquiry_time *time, struct failure *why);
/* closing_on_answer, with the inquiry as its context. */
void inquiry_answer(void *inquiry, const struct closing_answer *answer);

#endif
