/* feed_follower.h - follows a feed from an offset without gap or double; billing and coverage share it.
 *
 * A state machine without sockets: the shell hands it replies and the time and sends the requests it makes
 * (the wrapper for real sockets is feed_socket.h). It accepts exactly the next offset; checks the hash
 * chain where the feed is not filtered; asks again after silence; keeps one request on the way while
 * records are being counted.
 */
#ifndef RUNTIME_FEED_FOLLOWER_H
#define RUNTIME_FEED_FOLLOWER_H

#include "cakupan/record.h"
#include "cakupan/result.h"
#include "doorbell.h"

struct feed_follower;

struct feed_follower_config {
    uint64_t next_offset; /* first offset wanted */
    const uint8_t *chain; /* hash of the batch before the one that holds it (32 bytes); NULL: unknown, taken
                                * from the first batch, whose own hash can then not be checked */
    uint32_t max_bytes;   /* credit per request; 0: 1 MiB */
    uint32_t partition_count; /* 0: all */
    const uint32_t *partitions;
    uint32_t partitions_wanted;
    uint32_t retry_ms; /* silence after which a request is made again; 0: 1,000 */
    /* Need not be fresh: hears the seldom bell, and where fewer than DOORBELL_MANY_RECORDS are new its
     * requests are DOORBELL_SELDOM_MS apart, so that it disturbs nobody for each record that trickles in. A
     * bound or a wanted head can't wait. */
    bool seldom;
};

/* Called per record in order; `batch` is the header of its batch. Not RESULT_OK: stops and is handed
 * through. */
typedef enum result feed_on_record(void *context, const struct batch_header *batch,
                                   const struct record *record, struct failure *why);

struct feed_follower *feed_follower_new(const struct feed_follower_config *config, feed_on_record *on_record,
                                        void *context);
void feed_follower_destroy(struct feed_follower **follower);
/* The bell that this follower is to hear. */
enum doorbell_bell feed_follower_bell(const struct feed_follower *follower);

/* A doorbell rang: the owner's head. */
void feed_follower_doorbell(struct feed_follower *follower, uint64_t head);
/* A request to send now, if any: writes it to `out` (at least 8 KiB) and returns its size; 0: nothing to
 * ask. */
size_t feed_follower_request(struct feed_follower *follower, int64_t now_ms, uint8_t *out, size_t capacity);
/* The last request could not be sent (no connection): the next call of feed_follower_request makes it
 * again. */
void feed_follower_unsent(struct feed_follower *follower);
struct feed_frame {
    const uint8_t *data;
    size_t size;
};
/* Call with a reply's header just before feed_follower_reply: the request for what follows that reply, so
 * that it is on its way while the reply is being counted; 0 where none is due. Size and `out` as above. */
size_t feed_follower_ahead(struct feed_follower *follower, const struct feed_frame *header, int64_t now_ms,
                           uint8_t *out, size_t capacity);
/* Takes a reply: `frames[0]` the header, then one per batch. Replies that are late, doubled or of another
 * offset are dropped (RESULT_OK). RESULT_CORRUPT: broken chain or bytes that are no records.
 * RESULT_CONFLICT: the owner says why it will never answer this follower; FEED_FOREIGN where the follower
 * is beyond the owner's head (it counted another journal), else FEED_REFUSED. */
MUST_USE enum result feed_follower_reply(struct feed_follower *follower, const struct feed_frame *frames,
                                         size_t count, int64_t now_ms, struct failure *why);
/* Takes no record above `until` (UINT64_MAX: no bound, as at the beginning), though replies bring them:
 * feed_follower_next comes to rest at until + 1, also within a batch of which a filter left nothing. Nothing
 * is asked for beyond it. Raising the bound asks again at once. For barriers (cakupan/barrier.h). */
void feed_follower_until(struct feed_follower *follower, uint64_t until);
/* Asks for the owner's head anew, also beyond the bound. The ticket is answered once a request that was made
 * after this call is: then feed_follower_head is not below anything acknowledged before it. */
uint64_t feed_follower_ask_head(struct feed_follower *follower);
bool feed_follower_answered(const struct feed_follower *follower, uint64_t ticket);
uint64_t feed_follower_next(const struct feed_follower *follower);
/* When a reply was last taken or refused, of the time given with it; 0: never. */
int64_t feed_follower_heard_ms(const struct feed_follower *follower);
uint64_t feed_follower_head(const struct feed_follower *follower); /* as last heard: lag = head + 1 - next */
const uint8_t *
feed_follower_chain(const struct feed_follower *follower); /* hash of the last batch taken, or NULL */

#endif
