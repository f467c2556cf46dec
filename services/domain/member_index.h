/* member_index.h - from an identity to a row's number.
 *
 * The index is cut into 4,096 small tables by the top bits of a hash; each grows by a quarter on its own, so
 * no insert waits for the whole (20 million members: some 5,000 entries a table). A table is a list of groups
 * of one cache line; a slot is a row number and a 16-bit tag. The tag alone says which group is an entry's
 * home, so growing moves slots without reading the rows they name, and a look-up reads one line of the index
 * and, as a rule, no row but the one it finds.
 *
 * Devices choose the identities they send, and the hash is public: whoever sends many that share a table and
 * a tag makes long probes. So a probe is bounded; past the bound the table takes another seed, under which
 * the same identities lie apart. The layout has no bearing on the registry's state, digest or snapshot.
 */
#ifndef DOMAIN_MEMBER_INDEX_H
#define DOMAIN_MEMBER_INDEX_H

#include "member_rows.h"

#define INDEX_TABLE_BITS  12u
#define INDEX_GROUP_SLOTS 10u
#define INDEX_PROBE_LIMIT 16u /* groups looked at beyond the home before a table takes another seed */

struct index_group {
    uint32_t rows[INDEX_GROUP_SLOTS]; /* 0: empty; all after it are, too */
    uint16_t tags[INDEX_GROUP_SLOTS];
    uint32_t unused;
};
_Static_assert(sizeof(struct index_group) == 64, "a group is a cache line");

struct index_table {
    struct index_group *groups;
    uint32_t group_count;
    uint32_t used; /* slots taken, removed ones included */
    uint32_t seed; /* 0: as hashed; else the times the table was seeded again */
    uint32_t probe_limit;
};

struct member_index {
    struct index_table tables[1u << INDEX_TABLE_BITS];
};

/* A strong 64-bit mixer (Stafford's variant 13 of MurmurHash3's finalizer, keyed): also for digests. */
static inline uint64_t mix64(uint64_t value) {
    value ^= UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

/* Aborts where memory is out. */
struct member_index *member_index_new(void);
void member_index_destroy(struct member_index **index);
/* Makes room for `count` members in all, so that adding them moves nothing. */
void member_index_reserve(struct member_index *index, const struct member_rows *rows, uint32_t count);
/* The row of `identity`, 0 where there is none. */
uint32_t member_index_find(const struct member_index *index, const struct member_rows *rows,
                           identity_t identity);
/* Adds the row `id`, which must hold `identity` already; no other row of the index may. */
void member_index_add(struct member_index *index, const struct member_rows *rows, identity_t identity,
                      uint32_t id);
/* Takes out the row `id` that was added under `identity`; aborts where it was not. */
void member_index_remove(struct member_index *index, identity_t identity, uint32_t id);
void member_index_prefetch(const struct member_index *index, identity_t identity);

#endif
