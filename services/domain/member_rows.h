/* member_rows.h - the members themselves: rows in the order of first enrolment, in chunks that never move.
 *
 * Growing takes one more chunk, as large as all before it together: no append ever copies what is there, a
 * pointer to a row stays valid, and a small city takes little memory. What is not filled yet was never
 * touched, so a kernel has given no page for it.
 */
#ifndef DOMAIN_MEMBER_ROWS_H
#define DOMAIN_MEMBER_ROWS_H

#include "cakupan/member.h"

#define MEMBER_ROWS_SHIFT  12u /* 4,096 rows in the first chunk, 8,192 in the next, ... */
#define MEMBER_ROWS_FIRST  (1u << MEMBER_ROWS_SHIFT)
#define MEMBER_ROWS_CHUNKS (32u - MEMBER_ROWS_SHIFT)
#define MEMBER_ROWS_MAX    (UINT32_MAX - MEMBER_ROWS_FIRST)

struct member_row {
    struct member member;
    uint64_t last_offset; /* of the member's last accepted record */
};
_Static_assert(sizeof(struct member_row) == 48, "two million rows must stay below 128 MB with their index");

struct member_rows {
    struct member_row *chunks[MEMBER_ROWS_CHUNKS];
    uint32_t count;
};

/* Counted from MEMBER_ROWS_FIRST on, a row's number has as many bits as its chunk's first one. */
static inline struct member_row *member_rows_at(const struct member_rows *rows, uint32_t id) {
    uint32_t number = id - 1 + MEMBER_ROWS_FIRST;
    uint32_t bits = 31u - (uint32_t)__builtin_clz(number);
    return &rows->chunks[bits - MEMBER_ROWS_SHIFT][number - (1u << bits)];
}

/* Appends a row, not filled yet, and returns its id. Aborts where memory is out. */
uint32_t member_rows_add(struct member_rows *rows);
void member_rows_clear(struct member_rows *rows);

/* A row as six words, the same on every machine: for snapshots and digests. */
#define MEMBER_ROW_WORDS 6
void member_row_pack(const struct member_row *row, uint64_t words[MEMBER_ROW_WORDS]);
void member_row_unpack(const uint64_t words[MEMBER_ROW_WORDS], struct member_row *row);
bool member_equal(const struct member *a, const struct member *b);

#endif
