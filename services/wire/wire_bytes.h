/* wire_bytes.h - the protobuf encoding by hand, for what passes 500,000 times a second: frames, events,
 * records.
 *
 * protobuf-c takes about 20 ns a field, copies every text, hides NUL bytes inside strings and lets the last
 * of two doubled fields win after it has allocated both. Here a message of numbers and byte strings is read
 * into an array of values by field number, in place, against a table of what each field may hold. What is
 * written is byte for byte what protobuf-c writes; tests/unit/wire_event.c and wire_record.c hold the two
 * against each other. Encoding: https://protobuf.dev/programming-guides/encoding. Pure; nothing is
 * allocated.
 */
#ifndef WIRE_BYTES_H
#define WIRE_BYTES_H

#include "cakupan/event.h"

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_FIXED32 = 5,
    WIRE_UNUSED = 7 /* no such type: a hole in a table of rules */
};

#define WIRE_VARINT_MAX_BYTES 10
#define WIRE_TAG_MAX_BYTES    5

/* What a field may be: its type and the largest number, or the most bytes. Indexed by field number. */
struct wire_rule {
    uint8_t type;
    uint64_t max;
    const char *name;
};
/* A field's value: a number, or `number` bytes at `data`. An absent field is { 0, NULL }. */
struct wire_value {
    uint64_t number;
    const uint8_t *data;
};
struct wire_reader {
    const uint8_t *at, *end;
};
struct wire_field {
    uint32_t number;
    uint8_t type;
    struct wire_value value;
};

/* False where the bytes end too early or the number has more than 64 bits. */
/* Empty bytes may come as NULL (protobuf-c), to which C adds nothing, not even 0. */
static inline const uint8_t *wire_past(const uint8_t *data, size_t size) {
    return size ? data + size : data;
}
bool wire_read_varint(struct wire_reader *reader, uint64_t *out);
/* The next field. False where the bytes are none: end, cut off, a group, field number 0. */
bool wire_read_field(struct wire_reader *reader, struct wire_field *field);
/* Reads a whole message into `values` (of `count`, at most 64, zeroed by the caller). False where the bytes
 * are no message of these rules; a field that comes twice is against them, for two readers could take
 * different ones. `*over` is the number of the first field found above its `max`, else 0. */
bool wire_read_message(const uint8_t *data, size_t size, const struct wire_rule *rules, uint32_t count,
                       struct wire_value *values, uint32_t *over);

/* Copies a text to `copy`, points `out` at it and returns where the next may go. An absent one stays {
 * NULL, 0 }. */
static inline char *wire_copy_text(char *copy, struct wire_value value, struct text *out) {
    if (value.number == 0)
        return copy;
    *out = (struct text){memcpy(copy, value.data, value.number), (uint16_t)value.number};
    return copy + value.number;
}
static inline int64_t wire_unzigzag(uint64_t value) {
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}
static inline uint64_t wire_zigzag(int64_t value) {
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

/* Whether the bytes are UTF-8 (RFC 3629) without control characters. */
bool wire_text_clean(const uint8_t *data, size_t size);

/* Appends to a buffer; what does not fit sets `full` and writes nothing more. Fields that are zero or empty
 * are not written, as proto3 has it. */
struct wire_writer {
    uint8_t *at, *end;
    bool full;
};
static inline struct wire_writer wire_writer(uint8_t *out, size_t capacity) {
    return (struct wire_writer){out, out + capacity, false};
}
void wire_put_raw(struct wire_writer *writer, const void *data, size_t size);
/* Tag, length and bytes, also where there are none. */
void wire_put_entry(struct wire_writer *writer, uint32_t number, const void *data, size_t size);

static inline uint8_t *wire_store_varint(uint8_t *at, uint64_t value) {
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}
static inline void wire_put_number(struct wire_writer *writer, uint32_t number, uint64_t value) {
    if (value == 0)
        return;
    if (writer->end - writer->at >= WIRE_TAG_MAX_BYTES + WIRE_VARINT_MAX_BYTES) {
        writer->at = wire_store_varint(wire_store_varint(writer->at, number << 3 | WIRE_VARINT), value);
        return;
    }
    uint8_t field[WIRE_TAG_MAX_BYTES + WIRE_VARINT_MAX_BYTES];
    uint8_t *field_end = wire_store_varint(wire_store_varint(field, number << 3 | WIRE_VARINT), value);
    wire_put_raw(writer, field, (size_t)(field_end - field));
}
void wire_put_fixed64(struct wire_writer *writer, uint32_t number, uint64_t value);
void wire_put_fixed32(struct wire_writer *writer, uint32_t number, uint32_t value);
static inline void wire_put_text(struct wire_writer *writer, uint32_t number, struct text text) {
    if (text.size > 0)
        wire_put_entry(writer, number, text.data, text.size);
}
/* A NUL-terminated text; NULL is an empty one. */
void wire_put_string(struct wire_writer *writer, uint32_t number, const char *text);
/* A message within a message, also an empty one: what is put between the two calls is its content, below 256
 * MiB. Written behind room for the longest length, then moved together. */
uint8_t *wire_begin(struct wire_writer *writer);
void wire_end(struct wire_writer *writer, uint32_t number, uint8_t *begun);
static inline size_t wire_written(const struct wire_writer *writer, const uint8_t *out) {
    return writer->full ? 0 : (size_t)(writer->at - out);
}

/* Numbers of fixed width on the wire are little-endian. */
static inline uint64_t wire_load64(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return le64toh(value);
}
static inline uint32_t wire_load32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

#endif
