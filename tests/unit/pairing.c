/* pairing.c - the table of pairing codes (services/enrollment/pairing.h): bounds, age, and who makes room. */
#include "enrollment/pairing.h"

#include <criterion/criterion.h>
#include <string.h>

static struct pairing code(uint8_t number, int64_t until_ms) {
    struct pairing pairing = {.role = ROLE_KADER, .area = 3671, .until_ms = until_ms};
    memset(pairing.code_hash, number, sizeof pairing.code_hash);
    pairing.name[0] = (char)('A' + number % 26);
    return pairing;
}

static struct pairing *find(struct pairings *pairings, uint8_t number) {
    struct pairing wanted = code(number, 0);
    return pairings_find(pairings, wanted.code_hash);
}

static bool add(struct pairings *pairings, uint8_t number, int64_t until_ms, int64_t now_ms) {
    struct pairing pairing = code(number, until_ms);
    return pairings_open(pairings, &pairing, now_ms);
}

Test(pairing, a_code_is_found_and_no_other) {
    struct pairings *pairings = pairings_new();
    cr_assert_null(find(pairings, 0), "an empty table holds no code of zeroes");
    cr_assert(add(pairings, 1, 100, 0));
    cr_assert_eq(find(pairings, 1)->name[0], 'B');
    cr_assert_null(find(pairings, 2));
    pairings_destroy(&pairings);
    cr_assert_null(pairings);
    pairings_destroy(&pairings);
}

Test(pairing, the_same_code_again_begins_anew) {
    struct pairings *pairings = pairings_new();
    cr_assert(add(pairings, 1, 100, 0));
    find(pairings, 1)->used = true;
    cr_assert(add(pairings, 1, 200, 0));
    cr_assert_not(find(pairings, 1)->used);
    cr_assert_eq(find(pairings, 1)->until_ms, 200);
    pairings_destroy(&pairings);
}

Test(pairing, a_full_table_refuses_until_one_has_ended) {
    struct pairings *pairings = pairings_new();
    for (uint8_t i = 0; i < PAIRINGS_MAX; i++)
        cr_assert(add(pairings, i, 1000 + i, 0));
    cr_assert_not(add(pairings, 100, 5000, 999), "all wait still");
    cr_assert_null(find(pairings, 100));
    cr_assert(add(pairings, 3, 4000, 999), "one that is there takes no more room");
    cr_assert(add(pairings, 100, 5000, 1000), "the first has ended at its very millisecond");
    cr_assert_null(find(pairings, 0), "it made room");
    cr_assert_not_null(find(pairings, 1));
    cr_assert_not(add(pairings, 101, 5000, 1000));
    find(pairings, 40)->used = true;
    cr_assert(add(pairings, 101, 5000, 1000), "one that was used makes room, too");
    cr_assert_null(find(pairings, 40));
    pairings_destroy(&pairings);
}
