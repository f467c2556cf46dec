/* arena.h - memory for decoding one message: taken piece by piece, given back all at once, with a hard
 * budget.
 *
 * protobuf-c turns 1 MiB of foreign bytes into some 50 MB of allocations; the budget stops that. One
 * thread.
 */
#ifndef WIRE_ARENA_H
#define WIRE_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
    ProtobufCAllocator allocator; /* hand this to protobuf-c; its free does nothing */
    uint8_t *base;
    size_t used, capacity; /* capacity is the budget */
};

/* Reserves address space for `budget` bytes (memory is used only as touched). Aborts where that fails. */
void arena_init(struct arena *arena, size_t budget);
void arena_free(struct arena *arena);
/* 16-byte aligned; NULL where the budget is spent. */
void *arena_take(struct arena *arena, size_t size);
static inline void arena_reset(struct arena *arena) {
    arena->used = 0;
}
/* Mark and rewind: to decode many events in the same warm memory. */
static inline size_t arena_mark(const struct arena *arena) {
    return arena->used;
}
static inline void arena_rewind(struct arena *arena, size_t mark) {
    arena->used = mark;
}

#endif
