/* term_table.c - a hash table with open addressing over an array of things (term_table.h). */
#include "term_table.h"

#include "member_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_TERMS 512u

static void make_room(struct term_table *table, uint32_t capacity) {
    table->capacity = capacity;
    table->terms = realloc(table->terms, capacity * table->term_size);
    free(table->slots);
    table->slots = calloc((size_t)capacity * 2, sizeof *table->slots);
    assert(table->terms && table->slots && "no memory for a table of terms");
}

void term_table_init(struct term_table *table, size_t term_size) {
    assert(term_size % sizeof(uint64_t) == 0 && "a term is a row of words");
    *table = (struct term_table){.term_size = term_size};
    make_room(table, FIRST_TERMS);
}

void term_table_free(struct term_table *table) {
    free(table->terms);
    free(table->slots);
    *table = (struct term_table){0};
}

void term_table_clear(struct term_table *table) {
    if (table->count)
        memset(table->slots, 0, (size_t)table->capacity * 2 * sizeof *table->slots);
    table->count = 0;
}

/* Each word has a multiplier of its own, so that no multiplication waits for the one before. */
static uint32_t hash_of(const uint8_t *term, size_t size) {
    uint64_t hash = 0, multiplier = UINT64_C(0x9e3779b97f4a7c15);
    for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, term + at, sizeof word);
        hash += (word ^ word >> 32) * multiplier;
        multiplier += UINT64_C(0x3c6ef372fe94f82a);
    }
    return (uint32_t)mix64(hash);
}

/* The slot that holds the term, or the free one where it belongs. */
static uint32_t *slot_of(struct term_table *table, const void *term) {
    uint32_t mask = table->capacity * 2 - 1;
    for (uint32_t at = hash_of(term, table->term_size) & mask;; at = (at + 1) & mask) {
        uint32_t number = table->slots[at];
        if (number == 0 || memcmp(term_table_at(table, number - 1), term, table->term_size) == 0)
            return &table->slots[at];
    }
}

uint32_t term_table_number(struct term_table *table, const void *term) {
    uint32_t *slot = slot_of(table, term);
    if (*slot)
        return *slot - 1;
    if (table->count == table->capacity) {
        make_room(table, table->capacity * 2);
        for (uint32_t number = 0; number < table->count; number++)
            *slot_of(table, term_table_at(table, number)) = number + 1;
        slot = slot_of(table, term);
    }
    memcpy(table->terms + table->count * table->term_size, term, table->term_size);
    *slot = ++table->count;
    return *slot - 1;
}
