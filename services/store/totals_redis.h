/* totals_redis.h - live totals in Redis, as proto/README.md "Redis keys" describes them: absolute, with their
 * offset.
 *
 * One MULTI ... EXEC carries everything, so a reader sees the figures of one offset. The first command of
 * every transaction reads the offset that Redis holds: where it is not the one we wrote last (flushed,
 * restarted, restored, another writer) everything is written anew. When nothing happens the same question is
 * asked once a second, and once a minute everything is written, whatever was changed by hand. Never blocks
 * (redis_link.h). One thread.
 */
#ifndef STORE_TOTALS_REDIS_H
#define STORE_TOTALS_REDIS_H

#include "cakupan/totals.h"

struct totals_redis;

/* The picture as serialized TotalsReply messages: all levels, and each alone. Borrowed for the call. */
struct totals_packed {
    const uint8_t *data;
    size_t size;
};
enum totals_packed_level { PACKED_ALL, PACKED_CITY, PACKED_KECAMATAN, PACKED_KELURAHAN, PACKED_COUNT };

/* `url`: unix:///path or redis://host[:port]. `regions` is borrowed and must outlive it. */
MUST_USE enum result totals_redis_open(struct totals_redis **out, const char *url,
                                       const struct region_table *regions, struct failure *why);
void totals_redis_close(struct totals_redis **redis);

/* For the owner's poll: the descriptor (-1: none), whether to wait for writing, and when to call work at the
 * latest. */
int totals_redis_descriptor(const struct totals_redis *redis);
bool totals_redis_wants_write(const struct totals_redis *redis);
int64_t totals_redis_wake_ms(const struct totals_redis *redis);

/* Does what is possible at once. RESULT_IO: Redis was lost or can't be reached, `why` says how (every failed
 * attempt says so); the next attempt is made by itself. RESULT_OK or RESULT_AGAIN: fine. */
MUST_USE enum result totals_redis_work(struct totals_redis *redis, int64_t now_ms, struct failure *why);

/* Whether totals_redis_publish may be called and would bring Redis something that it lacks. */
bool totals_redis_wants(const struct totals_redis *redis, const struct totals_picture *picture,
                        int64_t now_ms);
/* Sends one transaction; copies everything. Only where totals_redis_wants. */
void totals_redis_publish(struct totals_redis *redis, const struct totals_picture *picture,
                          const struct totals_packed packed[PACKED_COUNT], int64_t now_ms);

struct totals_redis_status {
    bool current;          /* Redis holds what was published last, as far as we know */
    uint64_t offset;       /* that Redis confirmed last                              */
    uint64_t transactions; /* confirmed, of which ...                                */
    uint64_t full_writes;  /* ... wrote everything                                   */
    uint64_t found_other;  /* times that Redis held something else than we wrote     */
};
void totals_redis_status(const struct totals_redis *redis, struct totals_redis_status *out);

#endif
