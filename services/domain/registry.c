/* registry.c - the registry's life and its questions; the fold itself is in registry_decide.c and
 * registry_apply.c. */
#include "registry_state.h"

#include <assert.h>
#include <stdlib.h>

struct registry *registry_new(const struct region_table *regions, const struct policy *policy) {
    assert(regions && policy && policy->count > 0 && "a registry needs regions and a policy");
    struct registry *registry = calloc(1, sizeof *registry);
    assert(registry && "no memory for the registry");
    registry->regions = regions;
    registry->policy = policy;
    registry->index = member_index_new();
    registry->next_offset = 1;
    return registry;
}

void registry_destroy(struct registry **registry) {
    if (!registry || !*registry)
        return;
    member_index_destroy(&(*registry)->index);
    member_rows_clear(&(*registry)->rows);
    alias_map_clear(&(*registry)->aliases);
    device_table_clear(&(*registry)->devices);
    free(*registry);
    *registry = NULL;
}

uint32_t registry_resolve(const struct registry *registry, identity_t identity) {
    uint32_t id = member_index_find(registry->index, &registry->rows, identity);
    if (id != 0)
        return id;
    id = alias_map_find(&registry->aliases, identity);
    /* Ends: a merge leads to a row that was not merged at that time, so the merges of rows form no circle. */
    while (id != 0 && member_rows_at(&registry->rows, id)->member.status == STATUS_MERGED)
        id = alias_map_find(&registry->aliases, ALIAS_OF_MERGED_ROW(id));
    return id;
}

const struct member *registry_find(const struct registry *registry, identity_t identity, uint32_t *id) {
    uint32_t row = registry_resolve(registry, identity);
    if (id)
        *id = row;
    return registry_member(registry, row);
}

const struct member *registry_member(const struct registry *registry, uint32_t id) {
    return id >= 1 && id <= registry->rows.count ? &member_rows_at(&registry->rows, id)->member : NULL;
}

uint64_t registry_last_offset(const struct registry *registry, uint32_t id) {
    return id >= 1 && id <= registry->rows.count ? member_rows_at(&registry->rows, id)->last_offset : 0;
}

void registry_prefetch(const struct registry *registry, identity_t identity) {
    member_index_prefetch(registry->index, identity);
}

const struct device *registry_device(const struct registry *registry, uint32_t id) {
    return device_table_at(&registry->devices, id);
}

const struct device *registry_device_by_key(const struct registry *registry,
                                            const uint8_t key[DEVICE_KEY_SIZE]) {
    return device_table_by_key(&registry->devices, key);
}

uint32_t registry_device_count(const struct registry *registry) {
    return registry->devices.count;
}
uint64_t registry_next_offset(const struct registry *registry) {
    return registry->next_offset;
}
uint32_t registry_member_count(const struct registry *registry) {
    return registry->rows.count;
}
day_t registry_day(const struct registry *registry) {
    return registry->day;
}
