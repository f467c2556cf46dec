/* term_table.h - numbers for things that many others have in common: what is packed names a thing once and
 * by its number from then on (charge_pack.c, roster_pack.c).
 *
 * Things are compared as bytes: they hold no padding. Numbers are 0, 1, 2 ... in the order of first naming.
 */
#ifndef DOMAIN_TERM_TABLE_H
#define DOMAIN_TERM_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct term_table {
    size_t term_size; /* a multiple of eight */
    uint8_t *terms;
    uint32_t count, capacity;
    uint32_t *slots; /* of a hash table, twice as many as there is room for: a number from 1, 0 free */
};

/* All abort where memory is out. */
void term_table_init(struct term_table *table, size_t term_size);
void term_table_free(struct term_table *table);
void term_table_clear(struct term_table *table);
uint32_t term_table_number(struct term_table *table, const void *term);
static inline const void *term_table_at(const struct term_table *table, uint32_t number) {
    return table->terms + number * table->term_size;
}

#endif
