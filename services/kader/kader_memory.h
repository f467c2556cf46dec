/* kader_memory.h - the events of a bulk source on their way: in memory only, in two rings, by sequence.
 *
 * Serialized events lie one behind the other, so packing one costs its encoding and nothing else. One thread.
 */
#ifndef KADER_MEMORY_H
#define KADER_MEMORY_H

#include "wire/wire_event.h"

struct memory;

/* Room for `events`, of some 200 bytes each on the average. Aborts where memory is out. */
struct memory *memory_new(uint32_t events);
void memory_destroy(struct memory **memory);
/* The empty memory's next event will have this sequence. */
void memory_start(struct memory *memory, uint64_t sequence);
/* Where the next event may be serialized, `capacity` bytes of it; NULL: full. */
uint8_t *memory_reserve(struct memory *memory, size_t capacity);
/* The event was serialized where memory_reserve said; returns its sequence. */
uint64_t memory_append(struct memory *memory, size_t size);
/* Points `events` at the events from `first` on: at most `count`, and as many as fit `capacity` bytes. */
uint32_t memory_read(const struct memory *memory, uint64_t first, uint32_t count, size_t capacity,
                     struct text_bytes *events);
/* Events below `sequence` are answered. */
void memory_forget(struct memory *memory, uint64_t sequence);

#endif
