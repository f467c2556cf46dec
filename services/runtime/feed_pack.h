/* feed_pack.h - the frames of a feed reply in one message (proto/feed.proto): each is its size in 4 bytes,
 * little-endian, and its bytes.
 *
 * A message part of its own for each batch would take libzmq's thread a fraction of a millisecond when lone
 * events were committed one by one, and the next ack waits for that thread.
 */
#ifndef RUNTIME_FEED_PACK_H
#define RUNTIME_FEED_PACK_H

#include "feed_follower.h"

#include <stdbool.h>

/* The largest reply: 16 MiB of records, the header, and the sizes. */
#define FEED_PACK_MAX_BYTES ((16 << 20) + (1 << 20))

struct feed_pack {
    uint8_t *bytes; /* zeroed at the beginning */
    size_t size, capacity;
};

void feed_pack_add(struct feed_pack *pack, const uint8_t *data, size_t size);
/* Sends what was added as one message part, without waiting, and empties the pack. False where it could
 * not. */
bool feed_pack_send(struct feed_pack *pack, void *socket);
/* The frame at `*position`, which moves behind it. False at the end, and where the bytes are none: then
 * `*position` is not the size. */
bool feed_pack_next(const uint8_t *data, size_t size, size_t *position, struct feed_frame *out);

#endif
