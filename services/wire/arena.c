/* arena.c - memory for decoding one message (see arena.h). */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *allocate(void *arena, size_t size) {
    return arena_take(arena, size);
}

static void release(void *arena, void *memory) {
    (void)arena;
    (void)memory; /* given back all at once, by arena_reset */
}

void arena_init(struct arena *arena, size_t budget) {
    void *base =
        mmap(NULL, budget, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        fprintf(stderr, "No address space for an arena of %zu bytes; free memory and start again.\n", budget);
        abort();
    }
    *arena = (struct arena){{allocate, release, arena}, base, 0, budget};
}

void arena_free(struct arena *arena) {
    if (arena->base)
        munmap(arena->base, arena->capacity);
    *arena = (struct arena){0};
}

void *arena_take(struct arena *arena, size_t size) {
    if (size > arena->capacity - arena->used)
        return NULL;
    void *memory = arena->base + arena->used;
    size_t next = arena->used + ((size + 15) & ~(size_t)15);
    arena->used = next < arena->capacity ? next : arena->capacity;
    return memory;
}
