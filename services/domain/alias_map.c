/* alias_map.c - an insertion-ordered hash map from keys to rows (alias_map.h). */
#include "alias_map.h"

#include "member_index.h"

#include <assert.h>
#include <stdlib.h>

/* The slot that holds `key`, or the empty one where it would go. */
static uint32_t *slot_of(const struct alias_map *map, uint64_t key) {
    uint32_t mask = map->slot_count - 1;
    uint32_t slot = (uint32_t)mix64(key) & mask;
    while (map->slots[slot] != 0 && map->entries[map->slots[slot] - 1].key != key)
        slot = (slot + 1) & mask;
    return &map->slots[slot];
}

static void grow(struct alias_map *map) {
    map->slot_count = map->slot_count ? 2 * map->slot_count : 16;
    free(map->slots);
    map->slots = calloc(map->slot_count, sizeof *map->slots);
    map->entries = realloc(map->entries, map->slot_count / 2 * sizeof *map->entries);
    assert(map->slots && map->entries && "no memory for aliases of members");
    for (uint32_t i = 0; i < map->count; i++)
        *slot_of(map, map->entries[i].key) = i + 1;
}

uint32_t alias_map_find(const struct alias_map *map, uint64_t key) {
    if (map->count == 0)
        return 0;
    uint32_t entry = *slot_of(map, key);
    return entry ? map->entries[entry - 1].row : 0;
}

void alias_map_put(struct alias_map *map, uint64_t key, uint32_t row) {
    if (map->count == map->slot_count / 2)
        grow(map);
    uint32_t *slot = slot_of(map, key);
    if (*slot == 0) {
        map->entries[map->count] = (struct alias){.key = key};
        *slot = ++map->count;
    }
    map->entries[*slot - 1].row = row;
}

void alias_map_forget(struct alias_map *map, uint64_t key) {
    uint32_t entry = map->count ? *slot_of(map, key) : 0;
    if (entry)
        map->entries[entry - 1].row = 0;
}

void alias_map_clear(struct alias_map *map) {
    free(map->entries);
    free(map->slots);
    *map = (struct alias_map){0};
}
