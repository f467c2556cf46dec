/* wire_batch.c - a batch's records one after the other: written without copies, walked without decoding
 * (proto/record.proto: Records). */
#include "wire_bytes.h"
#include "wire_record.h"

#define ENTRY_TAG  (1u << 3 | WIRE_BYTES)
#define OFFSET_TAG (1u << 3 | WIRE_FIXED64)
#define MEMBER_TAG (2u << 3 | WIRE_FIXED32)
#define OFFSET_END (1 + sizeof(uint64_t))
#define MEMBER_END (OFFSET_END + 1 + sizeof(uint32_t))

size_t wire_record_append(const struct record *record, uint8_t *out, size_t capacity) {
    const size_t usual_head = 3; /* the tag and a length of two bytes: records of 128 bytes to 16 KiB */
    if (capacity <= 2)
        return 0;
    size_t room = capacity > usual_head ? usual_head : 2;
    size_t size = wire_record_encode(record, out + room, capacity - room);
    if (size == 0 && room == usual_head) { /* it may fit yet behind a length of one byte */
        room = 2;
        size = wire_record_encode(record, out + room, capacity - room);
    }
    if (size == 0 || size > RECORD_MAX_BYTES)
        return 0;
    uint8_t head[1 + WIRE_VARINT_MAX_BYTES] = {ENTRY_TAG};
    size_t head_size = (size_t)(wire_store_varint(head + 1, size) - head);
    if (size > capacity - head_size)
        return 0;
    if (head_size != room)
        memmove(out + head_size, out + room, size);
    memcpy(out, head, head_size);
    return head_size + size;
}

enum result wire_record_next(const uint8_t *batch, size_t size, size_t *position,
                             struct wire_record_entry *entry) {
    if (*position >= size)
        return *position == size ? RESULT_NOT_FOUND : RESULT_CORRUPT;
    struct wire_reader reader = {batch + *position + 1, batch + size};
    uint64_t record_size;
    if (batch[*position] != ENTRY_TAG || !wire_read_varint(&reader, &record_size) ||
        record_size > (size_t)(reader.end - reader.at) || record_size > RECORD_MAX_BYTES)
        return RESULT_CORRUPT;
    if (record_size < OFFSET_END || reader.at[0] != OFFSET_TAG)
        return RESULT_CORRUPT;
    *entry = (struct wire_record_entry){
        .data = reader.at,
        .size = record_size,
        .entry = batch + *position,
        .entry_size = (size_t)(reader.at - (batch + *position)) + record_size,
        .offset = wire_load64(reader.at + 1),
    };
    if (record_size >= MEMBER_END && reader.at[OFFSET_END] == MEMBER_TAG)
        entry->member_id = wire_load32(reader.at + OFFSET_END + 1);
    *position += entry->entry_size;
    return RESULT_OK;
}
