/* member_index.c - tests of the index against a plain list, of hostile identities, and of aliases. */
#include "domain/alias_map.h"
#include "domain/member_index.h"

#include <criterion/criterion.h>

static struct member_rows rows;
static struct member_index *members;

static void setup(void) {
    members = member_index_new();
}
static void teardown(void) {
    member_index_destroy(&members);
    cr_assert_null(members);
    member_index_destroy(&members);
    member_rows_clear(&rows);
}
TestSuite(member_index, .init = setup, .fini = teardown);

static uint32_t add(identity_t identity) {
    uint32_t id = member_rows_add(&rows);
    *member_rows_at(&rows, id) = (struct member_row){.member.identity = identity};
    member_index_add(members, &rows, identity, id);
    return id;
}

static uint32_t find(identity_t identity) {
    return member_index_find(members, &rows, identity);
}

Test(member_index, empty) {
    cr_assert_eq(find(1), 0);
    cr_assert_eq(find(0), 0);
    member_index_prefetch(members, 1);
}

/* All chunks of rows up to one that fits huge pages, in numbers as close as NIKs are. */
Test(member_index, finds_all_and_nothing_else) {
    uint32_t count = 31 * MEMBER_ROWS_FIRST + 1000;
    for (uint32_t i = 1; i <= count; i++)
        cr_assert_eq(add(UINT64_C(3671010101900000) + 2 * i), i);
    for (uint32_t i = 1; i <= count; i++) {
        member_index_prefetch(members, UINT64_C(3671010101900000) + 2 * i);
        cr_assert_eq(find(UINT64_C(3671010101900000) + 2 * i), i);
        cr_assert_eq(find(UINT64_C(3671010101900001) + 2 * i), 0);
    }
}

Test(member_index, removed_slots_are_used_again) {
    struct index_table *table = NULL;
    for (uint32_t i = 1; i <= 1000; i++)
        add(i);
    for (uint32_t round = 0; round < 2000;
         round++) { /* one identity comes and goes: its table must not grow */
        uint32_t id = add(5000);
        member_index_remove(members, 5000, id);
        cr_assert_eq(find(5000), 0);
    }
    uint64_t slots = 0;
    for (uint32_t i = 0; i < 1u << INDEX_TABLE_BITS; i++) {
        table = &members->tables[i];
        slots += (uint64_t)table->group_count * INDEX_GROUP_SLOTS;
    }
    cr_assert_lt(slots, 20000);
    for (uint32_t i = 1; i <= 1000; i++)
        cr_assert_eq(find(i), i);
}

Test(member_index, reserved_room_is_enough) {
    for (uint32_t i = 1; i <= 100; i++) /* some are there before */
        add(i);
    member_index_reserve(members, &rows, 500000);
    static uint32_t before[1u << INDEX_TABLE_BITS];
    for (uint32_t i = 0; i < 1u << INDEX_TABLE_BITS; i++)
        before[i] = members->tables[i].group_count;
    for (uint32_t i = 101; i <= 500000; i++)
        add(i);
    uint32_t grown = 0;
    for (uint32_t i = 0; i < 1u << INDEX_TABLE_BITS; i++)
        grown += members->tables[i].group_count != before[i];
    cr_assert_lt(grown,
                 (1u << INDEX_TABLE_BITS) / 10); /* those that chance gave much more than their share */
    for (uint32_t i = 1; i <= 500000; i++)
        cr_assert_eq(find(i), i);
}

Test(member_index, random_changes_agree_with_a_list) {
    enum { KEYS = 5000 };
    static uint32_t list[KEYS];
    uint64_t state = 42;
    for (uint32_t step = 0; step < 200000; step++) {
        state = mix64(state + step);
        uint32_t key = (uint32_t)(state % KEYS);
        cr_assert_eq(find(key + 1), list[key]);
        if (list[key]) {
            member_index_remove(members, key + 1, list[key]);
            list[key] = 0;
        } else {
            list[key] = add(key + 1);
        }
    }
    for (uint32_t key = 0; key < KEYS; key++)
        cr_assert_eq(find(key + 1), list[key]);
}

/* Identities that share a table and a tag, as somebody who reads this source would choose them: with one more
 * entry than the bound allows, the table takes another seed, and the probes are short again. */
Test(member_index, hostile_identities_are_spread) {
    enum { HOSTILE = INDEX_GROUP_SLOTS * (INDEX_PROBE_LIMIT + 4) };
    identity_t hostile[HOSTILE];
    uint32_t found = 0;
    uint64_t mask =
        ~UINT64_C(0) << (64 - INDEX_TABLE_BITS) | 0xff00; /* nearly one tag: the same home for long */
    for (identity_t identity = 1; found < HOSTILE; identity++)
        if ((mix64(identity) & mask) == 0)
            hostile[found++] = identity;
    for (uint32_t i = 0; i < HOSTILE; i++)
        add(hostile[i]);
    const struct index_table *table = &members->tables[0];
    cr_assert_gt(table->seed, 0);
    cr_assert_eq(table->probe_limit, INDEX_PROBE_LIMIT);
    cr_assert_leq(table->group_count, 4 * HOSTILE / INDEX_GROUP_SLOTS); /* and memory stays in proportion */
    for (uint32_t i = 0; i < HOSTILE; i++)
        cr_assert_eq(find(hostile[i]), i + 1);
}

Test(member_index, rows_pack_and_unpack) {
    struct member_row row = {.member = {.identity = UINT64_MAX - 1,
                                        .family = UINT64_MAX - 2,
                                        .wage_rupiah = UINT32_MAX - 3,
                                        .employer = UINT32_MAX - 4,
                                        .kelurahan = UINT32_MAX - 5,
                                        .birth_day = UINT16_MAX - 6,
                                        .segment_day = UINT16_MAX - 7,
                                        .due_day = UINT16_MAX - 8,
                                        .payer_month = UINT16_MAX - 9,
                                        .segment = 250,
                                        .status = 251,
                                        .care_class = 3,
                                        .sex = 2,
                                        .flags = 13},
                             .last_offset = UINT64_MAX - 10};
    struct member_row back;
    uint64_t words[MEMBER_ROW_WORDS];
    member_row_pack(&row, words);
    member_row_unpack(words, &back);
    cr_assert(member_equal(&row.member, &back.member));
    cr_assert_eq(row.last_offset, back.last_offset);
}

Test(member_index, aliases) {
    struct alias_map map = {0};
    cr_assert_eq(alias_map_find(&map, 1), 0);
    alias_map_forget(&map, 1);
    for (uint32_t i = 1; i <= 1000; i++)
        alias_map_put(&map, i * 7, i);
    for (uint32_t i = 1; i <= 1000; i++)
        cr_assert_eq(alias_map_find(&map, i * 7), i);
    alias_map_put(&map, 7, 99);
    alias_map_forget(&map, 14);
    cr_assert_eq(alias_map_find(&map, 7), 99);
    cr_assert_eq(alias_map_find(&map, 14), 0);
    cr_assert_eq(alias_map_find(&map, 8), 0);
    cr_assert_eq(map.count, 1000);
    alias_map_put(&map, 14, 3);
    cr_assert_eq(alias_map_find(&map, 14), 3);
    cr_assert_eq(map.count, 1000);
    cr_assert_eq(map.entries[0].key, 7); /* in the order they came */
    alias_map_clear(&map);
}
