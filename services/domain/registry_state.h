/* registry_state.h - what the registry holds; shared by the files registry*.c alone. */
#ifndef DOMAIN_REGISTRY_STATE_H
#define DOMAIN_REGISTRY_STATE_H

#include "cakupan/registry.h"

#include "alias_map.h"
#include "device_table.h"
#include "member_index.h"
#include "member_rows.h"

struct registry {
    const struct region_table *regions; /* borrowed */
    const struct policy *policy;        /* borrowed */
    struct member_rows rows;
    struct member_index *index; /* of rows that are not merged, by their present identity */
    struct alias_map aliases;
    struct device_table devices;
    uint64_t next_offset;
    day_t day;
};

/* The row of whoever is known by `identity` now, merges followed to the member that goes on; 0 where nobody
 * is. */
uint32_t registry_resolve(const struct registry *registry, identity_t identity);

#endif
