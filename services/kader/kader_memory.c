/* kader_memory.c - the events of a bulk source on their way (kader_memory.h). */
#include "kader_memory.h"

#include "runtime/require.h"

#include <stdlib.h>

#define EVENT_AVERAGE_BYTES 200
#define BYTES_MIN           (64u << 10)

struct memory {
    uint8_t *bytes;
    size_t bytes_capacity;
    size_t tail;              /* where the next event goes */
    struct text_bytes *slots; /* ring: slot of sequence s is s % capacity */
    uint32_t capacity;
    uint64_t oldest, end; /* sequences held: [oldest, end) */
};

struct memory *memory_new(uint32_t events) {
    struct memory *memory = calloc(1, sizeof *memory);
    require(memory && events > 0, "out of memory");
    size_t bytes = (size_t)events * EVENT_AVERAGE_BYTES;
    memory->bytes_capacity = bytes > BYTES_MIN ? bytes : BYTES_MIN;
    memory->bytes = malloc(memory->bytes_capacity);
    memory->slots = calloc(events, sizeof *memory->slots);
    require(memory->bytes && memory->slots, "out of memory");
    memory->capacity = events;
    memory->oldest = memory->end = 1;
    return memory;
}

void memory_destroy(struct memory **memory) {
    if (!*memory)
        return;
    free((*memory)->bytes);
    free((*memory)->slots);
    free(*memory);
    *memory = NULL;
}

static struct text_bytes *slot(const struct memory *memory, uint64_t sequence) {
    return &memory->slots[sequence % memory->capacity];
}

void memory_start(struct memory *memory, uint64_t sequence) {
    require(memory->oldest == memory->end, "numbers of queued events would change");
    memory->oldest = memory->end = sequence;
}

/* Events never wrap: what is left at the end of the ring stays unused for a round. */
uint8_t *memory_reserve(struct memory *memory, size_t capacity) {
    if (memory->oldest == memory->end) {
        memory->tail = 0;
        return memory->bytes;
    }
    if (memory->end - memory->oldest == memory->capacity)
        return NULL;
    size_t head = (size_t)(slot(memory, memory->oldest)->data - memory->bytes);
    if (memory->tail > head && memory->bytes_capacity - memory->tail >= capacity)
        return memory->bytes + memory->tail;
    if (memory->tail > head)
        memory->tail = 0;
    return memory->tail < head && head - memory->tail >= capacity ? memory->bytes + memory->tail : NULL;
}

uint64_t memory_append(struct memory *memory, size_t size) {
    *slot(memory, memory->end) = (struct text_bytes){memory->bytes + memory->tail, size};
    memory->tail += size;
    return memory->end++;
}

uint32_t memory_read(const struct memory *memory, uint64_t first, uint32_t count, size_t capacity,
                     struct text_bytes *events) {
    require(first >= memory->oldest && first < memory->end, "an event was asked for that is not held");
    uint32_t loaded = 0;
    size_t used = 0;
    while (loaded < count && first + loaded < memory->end) {
        const struct text_bytes *event = slot(memory, first + loaded);
        if (event->size > capacity - used)
            break;
        used += event->size;
        events[loaded++] = *event;
    }
    return loaded;
}

void memory_forget(struct memory *memory, uint64_t sequence) {
    require(sequence >= memory->oldest && sequence <= memory->end, "events were answered that are not held");
    memory->oldest = sequence;
}
