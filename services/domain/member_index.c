/* member_index.c - the hash index over member rows (member_index.h tells how it lies in memory). */
#include "member_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define REMOVED          UINT32_MAX /* a slot whose row was taken out; probes go on past it */
#define LOAD_NUMERATOR   4u /* a table is at most 4/5 full: short probes, about 8 to 10 bytes a member */
#define LOAD_DENOMINATOR 5u
/* Slots reserved for each entry expected: 7/10 full, so that tables with more than their share need not grow.
 */
#define RESERVE_NUMERATOR   10u
#define RESERVE_DENOMINATOR 7u

struct index_place {
    uint32_t table;
    uint16_t tag;
};

static uint16_t tag_of(identity_t identity, uint64_t hash, uint32_t seed) {
    return (uint16_t)(seed == 0 ? hash : mix64(hash + seed * UINT64_C(0xd6e8feb86659fd93) + identity));
}

static struct index_place place_of(const struct member_index *index, identity_t identity) {
    uint64_t hash = mix64(identity);
    uint32_t table = (uint32_t)(hash >> (64 - INDEX_TABLE_BITS));
    return (struct index_place){table, tag_of(identity, hash, index->tables[table].seed)};
}

static uint32_t home_of(const struct index_table *table, uint16_t tag) {
    return (uint32_t)((uint64_t)tag * table->group_count >> 16);
}

static uint32_t group_after(const struct index_table *table, uint32_t group) {
    return group + 1 == table->group_count ? 0 : group + 1;
}

/* False where no slot is free within the table's bound. */
static bool place_slot(struct index_table *table, uint16_t tag, uint32_t id) {
    uint32_t group = home_of(table, tag);
    for (uint32_t probe = 0; probe < table->group_count && probe <= table->probe_limit; probe++) {
        struct index_group *at = &table->groups[group];
        for (uint32_t i = 0; i < INDEX_GROUP_SLOTS; i++) {
            if (at->rows[i] != 0 && at->rows[i] != REMOVED)
                continue;
            table->used += at->rows[i] == 0;
            at->rows[i] = id;
            at->tags[i] = tag;
            return true;
        }
        group = group_after(table, group);
    }
    return false;
}

/* Moves every slot of `from` into the empty table `to`. Reads rows only where the seed has changed. */
static bool move_slots(const struct index_table *from, struct index_table *to,
                       const struct member_rows *rows) {
    for (uint32_t group = 0; group < from->group_count; group++) {
        const struct index_group *at = &from->groups[group];
        for (uint32_t i = 0; i < INDEX_GROUP_SLOTS && at->rows[i] != 0; i++) {
            if (at->rows[i] == REMOVED)
                continue;
            uint16_t tag = at->tags[i];
            if (to->seed != from->seed) {
                identity_t identity = member_rows_at(rows, at->rows[i])->member.identity;
                tag = tag_of(identity, mix64(identity), to->seed);
            }
            if (!place_slot(to, tag, at->rows[i]))
                return false;
        }
    }
    return true;
}

static uint32_t next_size(const struct index_table *table) {
    return table->group_count + table->group_count / 4 + 1;
}

/* A larger table with the same slots; another seed where `reseed`. An attempt that finds a probe too long is
 * followed by one with the next seed, and from then on with a wider bound, so the loop ends whatever the
 * identities are. */
static void rebuild(struct index_table *table, const struct member_rows *rows, uint32_t group_count,
                    bool reseed) {
    struct index_table to = {.group_count = group_count,
                             .seed = table->seed + reseed,
                             .probe_limit = table->probe_limit ? table->probe_limit : INDEX_PROBE_LIMIT};
    to.groups = aligned_alloc(sizeof *to.groups, to.group_count * sizeof *to.groups);
    assert(to.groups && "no memory for the index of members");
    for (;;) {
        memset(to.groups, 0, to.group_count * sizeof *to.groups);
        to.used = 0;
        if (move_slots(table, &to, rows))
            break;
        if (to.seed != table->seed)
            to.probe_limit *= 2;
        to.seed++;
    }
    free(table->groups);
    *table = to;
}

struct member_index *member_index_new(void) {
    struct member_index *index = calloc(1, sizeof *index);
    assert(index && "no memory for the index of members");
    return index;
}

void member_index_destroy(struct member_index **index) {
    if (!*index)
        return;
    for (uint32_t i = 0; i < 1u << INDEX_TABLE_BITS; i++)
        free((*index)->tables[i].groups);
    free(*index);
    *index = NULL;
}

void member_index_reserve(struct member_index *index, const struct member_rows *rows, uint32_t count) {
    uint64_t slots = (uint64_t)(count >> INDEX_TABLE_BITS) * RESERVE_NUMERATOR / RESERVE_DENOMINATOR;
    uint32_t group_count = (uint32_t)(slots / INDEX_GROUP_SLOTS) + 1;
    for (uint32_t i = 0; i < 1u << INDEX_TABLE_BITS; i++)
        if (index->tables[i].group_count < group_count)
            rebuild(&index->tables[i], rows, group_count, false);
}

uint32_t member_index_find(const struct member_index *index, const struct member_rows *rows,
                           identity_t identity) {
    struct index_place place = place_of(index, identity);
    const struct index_table *table = &index->tables[place.table];
    uint32_t group = home_of(table, place.tag);
    for (uint32_t probe = 0; probe < table->group_count && probe <= table->probe_limit; probe++) {
        const struct index_group *at = &table->groups[group];
        for (uint32_t i = 0; i < INDEX_GROUP_SLOTS; i++) {
            uint32_t row = at->rows[i];
            if (row == 0)
                return 0;
            if (at->tags[i] == place.tag && row != REMOVED &&
                member_rows_at(rows, row)->member.identity == identity)
                return row;
        }
        group = group_after(table, group);
    }
    return 0;
}

void member_index_add(struct member_index *index, const struct member_rows *rows, identity_t identity,
                      uint32_t id) {
    struct index_place place = place_of(index, identity);
    struct index_table *table = &index->tables[place.table];
    uint64_t slots = (uint64_t)table->group_count * INDEX_GROUP_SLOTS;
    if ((uint64_t)(table->used + 1) * LOAD_DENOMINATOR > slots * LOAD_NUMERATOR)
        rebuild(table, rows, next_size(table), false);
    uint64_t hash = mix64(identity);
    while (!place_slot(table, tag_of(identity, hash, table->seed), id))
        rebuild(table, rows, next_size(table), true);
}

void member_index_remove(struct member_index *index, identity_t identity, uint32_t id) {
    struct index_place place = place_of(index, identity);
    struct index_table *table = &index->tables[place.table];
    uint32_t group = home_of(table, place.tag);
    for (uint32_t probe = 0; probe < table->group_count && probe <= table->probe_limit; probe++) {
        struct index_group *at = &table->groups[group];
        for (uint32_t i = 0; i < INDEX_GROUP_SLOTS; i++) {
            if (at->rows[i] == id) {
                at->rows[i] = REMOVED;
                return;
            }
        }
        group = group_after(table, group);
    }
    assert(!"a row to be removed is not in the index of members");
}

void member_index_prefetch(const struct member_index *index, identity_t identity) {
    struct index_place place = place_of(index, identity);
    const struct index_table *table = &index->tables[place.table];
    if (table->groups)
        __builtin_prefetch(&table->groups[home_of(table, place.tag)], 0, 1);
}
