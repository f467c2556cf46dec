/* feed_tail.c - a ring of pointers to copied batches, oldest first, found by binary search (feed_tail.h). */
#include "feed_tail.h"

#include "require.h"

#include <string.h>

struct held {
    struct journal_batch batch;
    uint8_t records[];
};

struct feed_tail {
    struct held **ring; /* capacity is a power of two */
    size_t ring_capacity, first, count;
    size_t used_bytes, capacity_bytes;
};

struct feed_tail *feed_tail_new(size_t capacity_bytes) {
    struct feed_tail *tail = calloc(1, sizeof *tail);
    require(tail, "out of memory");
    tail->ring_capacity = 1024;
    tail->ring = calloc(tail->ring_capacity, sizeof *tail->ring);
    require(tail->ring, "out of memory");
    tail->capacity_bytes = capacity_bytes;
    return tail;
}

static struct held **slot(const struct feed_tail *tail, size_t index) {
    return &tail->ring[(tail->first + index) & (tail->ring_capacity - 1)];
}

static size_t cost(size_t records_size) {
    return sizeof(struct held) + sizeof(struct held *) + records_size;
}

static void drop_oldest(struct feed_tail *tail) {
    struct held *oldest = *slot(tail, 0);
    tail->used_bytes -= cost(oldest->batch.size);
    free(oldest);
    tail->first++;
    tail->count--;
}

void feed_tail_destroy(struct feed_tail **tail) {
    if (!tail || !*tail)
        return;
    while ((*tail)->count)
        drop_oldest(*tail);
    free((*tail)->ring);
    free(*tail);
    *tail = NULL;
}

static void grow(struct feed_tail *tail) {
    struct held **ring = calloc(tail->ring_capacity * 2, sizeof *ring);
    require(ring, "out of memory");
    for (size_t i = 0; i < tail->count; i++)
        ring[i] = *slot(tail, i);
    free(tail->ring);
    tail->ring = ring;
    tail->ring_capacity *= 2;
    tail->first = 0;
}

void feed_tail_add(struct feed_tail *tail, const struct journal_batch *batch) {
    size_t needed = cost(batch->size);
    while (tail->count && tail->used_bytes + needed > tail->capacity_bytes)
        drop_oldest(tail);
    if (needed > tail->capacity_bytes)
        return;
    if (tail->count == tail->ring_capacity)
        grow(tail);
    struct held *held = malloc(sizeof *held + batch->size);
    require(held, "out of memory");
    held->batch = *batch;
    held->batch.records = held->records;
    memcpy(held->records, batch->records, batch->size);
    tail->used_bytes += needed;
    *slot(tail, tail->count++) = held;
}

const struct journal_batch *feed_tail_find(const struct feed_tail *tail, uint64_t offset) {
    if (!tail->count || offset < (*slot(tail, 0))->batch.header.first_offset)
        return NULL;
    size_t low = 0, high = tail->count; /* the batch sought is in [low, high) if anywhere */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if ((*slot(tail, middle))->batch.header.first_offset <= offset)
            low = middle;
        else
            high = middle;
    }
    const struct journal_batch *batch = &(*slot(tail, low))->batch;
    return offset < batch->header.first_offset + batch->header.count ? batch : NULL;
}
