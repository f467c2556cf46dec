/* wire_record.h - records of the journal: protobuf <-> domain (proto/record.proto). */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include "arena.h"
#include "cakupan/record.h"
#include "cakupan/result.h"

#define RECORD_MAX_BYTES (128u << 10)

/* Appends one entry of a Records message (tag, length, record) to `out`; returns its size, 0 where it does
 * not fit `capacity`. Entries written one after the other are a batch. */
size_t wire_record_append(const struct record *record, uint8_t *out, size_t capacity);

/* Walks a batch's bytes without decoding: the next entry's record bytes, its offset and member.
 * RESULT_NOT_FOUND at the end, RESULT_CORRUPT where the bytes are no batch. `*position` starts with 0. */
struct wire_record_entry {
    const uint8_t *data; /* the record */
    size_t size;
    const uint8_t *entry; /* with tag and length, as wire_record_append wrote it */
    size_t entry_size;
    uint64_t offset;
    uint32_t member_id;
};
MUST_USE enum result wire_record_next(const uint8_t *batch, size_t size, size_t *position,
                                      struct wire_record_entry *entry);
/* Device and sequence that an entry's record came from; 0 where it is the service's own. In
 * wire_record_source.c. */
void wire_record_source(const struct wire_record_entry *entry, uint32_t *device, uint64_t *sequence);
/* Decodes one record; texts and new_device borrow from `arena`. RESULT_CORRUPT where it is none. */
MUST_USE enum result wire_record_decode(const uint8_t *data, size_t size, struct arena *arena,
                                        struct record *out);
/* The record alone, without tag and length (for replies that carry one). Returns its size, 0 where it does
 * not fit. */
size_t wire_record_encode(const struct record *record, uint8_t *out, size_t capacity);
/* A member alone (MemberState). */
size_t wire_member_encode(const struct member *member, uint8_t *out, size_t capacity);
MUST_USE enum result wire_member_decode(const uint8_t *data, size_t size, struct arena *arena,
                                        struct member *out);

#endif
