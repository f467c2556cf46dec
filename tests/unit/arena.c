/* arena.c - tests of the arena: alignment, the budget to the byte, mark and rewind, protobuf-c's view of
 * it. */
#include "wire/arena.h"

#include <criterion/criterion.h>
#include <string.h>

Test(arena, pieces_are_aligned_and_apart) {
    struct arena arena;
    arena_init(&arena, 4096);
    uint8_t *first = arena_take(&arena, 1), *second = arena_take(&arena, 17), *third = arena_take(&arena, 16);
    cr_assert_eq((uintptr_t)first % 16, 0);
    cr_assert_eq(second - first, 16);
    cr_assert_eq(third - second, 32);
    memset(first, 1, 16);
    memset(second, 2, 32);
    memset(third, 3, 16);
    cr_assert_eq(first[15], 1);
    cr_assert_eq(second[31], 2);
    arena_free(&arena);
    arena_free(&arena);
}

Test(arena, the_budget_is_hard) {
    struct arena arena;
    arena_init(&arena, 100);
    cr_assert_null(arena_take(&arena, 101));
    cr_assert_null(arena_take(&arena, SIZE_MAX));
    cr_assert_not_null(arena_take(&arena, 64));
    cr_assert_null(arena_take(&arena, 37));
    cr_assert_not_null(arena_take(&arena, 36));
    cr_assert_null(arena_take(&arena, 1));
    cr_assert_not_null(arena_take(&arena, 0), "nothing always fits");
    arena_reset(&arena);
    cr_assert_not_null(arena_take(&arena, 100));
    arena_free(&arena);
}

Test(arena, a_mark_gives_back_what_came_after_it) {
    struct arena arena;
    arena_init(&arena, 1024);
    void *kept = arena_take(&arena, 10);
    size_t mark = arena_mark(&arena);
    void *dropped = arena_take(&arena, 900);
    cr_assert_null(arena_take(&arena, 900));
    arena_rewind(&arena, mark);
    cr_assert_eq(arena_take(&arena, 900), dropped);
    cr_assert_neq(kept, dropped);
    arena_free(&arena);
}

Test(arena, protobuf_gets_its_memory_here) {
    struct arena arena;
    arena_init(&arena, 64);
    void *memory = arena.allocator.alloc(arena.allocator.allocator_data, 48);
    cr_assert_eq(memory, arena.base);
    arena.allocator.free(arena.allocator.allocator_data, memory);
    cr_assert_null(arena.allocator.alloc(arena.allocator.allocator_data, 48), "free gives nothing back");
    arena_free(&arena);
}
