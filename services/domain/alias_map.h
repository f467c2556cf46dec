/* alias_map.h - what leads to a member besides the present identity: old temporary ids, merged identities,
 * merged rows.
 *
 * Entries keep the order in which they came, so that snapshots of equal histories are equal byte for byte.
 * Few compared with members: one open-addressing table that doubles is enough.
 */
#ifndef DOMAIN_ALIAS_MAP_H
#define DOMAIN_ALIAS_MAP_H

#include "cakupan/member.h"

/* A key that is no identity: where the row `id` was merged to. NIKs are below 10^16, temporary ids have
 * bit 63. */
#define ALIAS_OF_MERGED_ROW(id) (UINT64_C(1) << 62 | (id))

struct alias {
    uint64_t key;
    uint32_t row; /* 0: leads nowhere any more */
};

struct alias_map {
    struct alias *entries;
    uint32_t *slots; /* 1 + index into entries, 0 empty; a power of two, at most half full */
    uint32_t count;
    uint32_t slot_count;
};

/* 0 where the key leads nowhere. */
uint32_t alias_map_find(const struct alias_map *map, uint64_t key);
/* Sets where `key` leads. Aborts where memory is out. */
void alias_map_put(struct alias_map *map, uint64_t key, uint32_t row);
/* Makes the key lead nowhere; nothing happens where it does not lead anywhere. */
void alias_map_forget(struct alias_map *map, uint64_t key);
void alias_map_clear(struct alias_map *map);

#endif
