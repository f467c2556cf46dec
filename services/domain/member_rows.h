/* member_rows.h - the members themselves: rows in the order of first enrolment, in chunks that never move.
 *
 * Growing takes one more chunk, so no append ever copies what is there, and a pointer to a row stays valid.
 */
#ifndef DOMAIN_MEMBER_ROWS_H
#define DOMAIN_MEMBER_ROWS_H

#include "cakupan/member.h"

#define MEMBER_ROWS_SHIFT 17u /* 131,072 rows of 48 bytes: 6 MiB a chunk */
#define MEMBER_ROWS_MAX   (UINT32_MAX - 1u)

struct member_row {
    struct member member;
    uint64_t last_offset; /* of the member's last accepted record */
};
_Static_assert(sizeof(struct member_row) == 48, "two million rows must stay below 128 MB with their index");

struct member_rows {
    struct member_row **chunks;
    uint32_t chunk_count;
    uint32_t count;
};

static inline struct member_row *member_rows_at(const struct member_rows *rows, uint32_t id) {
    uint32_t index = id - 1;
    return &rows->chunks[index >> MEMBER_ROWS_SHIFT][index & ((1u << MEMBER_ROWS_SHIFT) - 1)];
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
