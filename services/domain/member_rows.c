/* member_rows.c - chunks of member rows, and their form in snapshots (member_rows.h). */
#include "member_rows.h"

#include <assert.h>
#include <stdlib.h>

#define HUGE_PAGE  ((size_t)2 << 20) /* so that a kernel with huge pages for all can use them */
#define CACHE_LINE ((size_t)64)

static struct member_row *new_chunk(unsigned chunk) {
    size_t size = (sizeof(struct member_row) << MEMBER_ROWS_SHIFT) << chunk;
    struct member_row *rows = aligned_alloc(size % HUGE_PAGE == 0 ? HUGE_PAGE : CACHE_LINE, size);
    assert(rows && "no memory for members");
    return rows;
}

uint32_t member_rows_add(struct member_rows *rows) {
    assert(rows->count < MEMBER_ROWS_MAX && "more members than ids");
    uint32_t number = rows->count + MEMBER_ROWS_FIRST;
    if ((number & (number - 1)) == 0) { /* all chunks are full */
        unsigned chunk = 31u - (unsigned)__builtin_clz(number) - MEMBER_ROWS_SHIFT;
        rows->chunks[chunk] = new_chunk(chunk);
    }
    return ++rows->count;
}

void member_rows_clear(struct member_rows *rows) {
    for (unsigned i = 0; i < MEMBER_ROWS_CHUNKS; i++)
        free(rows->chunks[i]);
    *rows = (struct member_rows){0};
}

void member_row_pack(const struct member_row *row, uint64_t words[MEMBER_ROW_WORDS]) {
    const struct member *m = &row->member;
    words[0] = m->identity;
    words[1] = m->family;
    words[2] = m->wage_rupiah | (uint64_t)m->employer << 32;
    words[3] = m->kelurahan | (uint64_t)m->birth_day << 32 | (uint64_t)m->segment_day << 48;
    words[4] = m->due_day | (uint64_t)m->payer_month << 16 | (uint64_t)m->segment << 32 |
               (uint64_t)m->status << 40 | (uint64_t)m->care_class << 48 | (uint64_t)m->sex << 50 |
               (uint64_t)m->flags << 52;
    words[5] = row->last_offset;
}

void member_row_unpack(const uint64_t words[MEMBER_ROW_WORDS], struct member_row *row) {
    *row = (struct member_row){
        .member = {.identity = words[0],
                   .family = words[1],
                   .wage_rupiah = (uint32_t)words[2],
                   .employer = (uint32_t)(words[2] >> 32),
                   .kelurahan = (uint32_t)words[3],
                   .birth_day = (day_t)(words[3] >> 32),
                   .segment_day = (day_t)(words[3] >> 48),
                   .due_day = (day_t)words[4],
                   .payer_month = (month_t)(words[4] >> 16),
                   .segment = (uint8_t)(words[4] >> 32),
                   .status = (uint8_t)(words[4] >> 40),
                   .care_class = words[4] >> 48 & 3,
                   .sex = words[4] >> 50 & 3,
                   .flags = (uint8_t)(words[4] >> 52)},
        .last_offset = words[5],
    };
}

/* Not memcmp: a member has bits that belong to no field. */
bool member_equal(const struct member *a, const struct member *b) {
    return a->identity == b->identity && a->family == b->family && a->wage_rupiah == b->wage_rupiah &&
           a->employer == b->employer && a->kelurahan == b->kelurahan && a->birth_day == b->birth_day &&
           a->segment_day == b->segment_day && a->due_day == b->due_day && a->payer_month == b->payer_month &&
           a->segment == b->segment && a->status == b->status && a->care_class == b->care_class &&
           a->sex == b->sex && a->flags == b->flags;
}
