/* wire_feed.h - the feed's requests and reply headers (proto/feed.proto). */
#ifndef WIRE_FEED_H
#define WIRE_FEED_H

#include "arena.h"
#include "cakupan/journal.h"
#include "cakupan/result.h"

#define FEED_VERSION           1u
#define FEED_MAX_BYTES         (16u << 20)
#define FEED_REQUEST_MAX_BYTES 8192u /* all partitions named take 2 KiB */
#define FEED_MAX_BATCHES       4096u
#define PARTITIONS_MAX         1024u

struct wire_feed_request {
    uint64_t from_offset;
    uint32_t max_bytes;
    uint32_t partition_count; /* 0: all */
    bool wanted[PARTITIONS_MAX];
    uint64_t ticket; /* repeated in the reply */
};
struct wire_feed_reply {
    uint16_t refusal;
    const char *sentence;
    uint64_t from_offset, next_offset, head;
    uint64_t ticket;
    const struct wire_feed_batch *batches;
    uint32_t batch_count;
};
struct wire_feed_batch {
    struct batch_header header;
    uint8_t hash[JOURNAL_HASH_SIZE];
    bool filtered;
};

size_t wire_feed_request_encode(const struct wire_feed_request *request, uint8_t *out, size_t capacity);
/* RESULT_INVALID where it is none, of another version, or over a limit; `why` has the sentence. */
MUST_USE enum result wire_feed_request_decode(const uint8_t *data, size_t size, struct arena *arena,
                                              struct wire_feed_request *out, struct failure *why);
/* Returns the size; 0 where it does not fit. */
size_t wire_feed_reply_encode(const struct wire_feed_reply *reply, struct arena *arena, uint8_t *out,
                              size_t capacity);
MUST_USE enum result wire_feed_reply_decode(const uint8_t *data, size_t size, struct arena *arena,
                                            struct wire_feed_reply *out);

#endif
