/* wire_bytes.c - the protobuf encoding by hand (see wire_bytes.h). */
#include "wire_bytes.h"

/* Reading goes over plain pointers, NULL meaning "no such thing here", so that they stay in registers. */

/* Byte by byte: near the end of the bytes, and for numbers of nine and ten bytes. */
static const uint8_t *varint_slowly(const uint8_t *at, const uint8_t *end, uint64_t *out) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at < end; shift += 7) {
        uint8_t byte = *at++;
        if (shift == 63 && byte > 1)
            return NULL; /* more than 64 bits */
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return at;
        }
    }
    return NULL;
}

/* Up to eight bytes at once: the groups of seven bits are moved together in pairs, fours and eights. */
static inline const uint8_t *varint(const uint8_t *at, const uint8_t *end, uint64_t *out) {
    if (at < end && *at < 0x80) {
        *out = *at;
        return at + 1;
    }
    if (end - at < 8)
        return varint_slowly(at, end, out);
    uint64_t word = wire_load64(at);
    uint64_t ends = ~word & UINT64_C(0x8080808080808080);
    if (ends == 0)
        return varint_slowly(at, end, out);
    unsigned last_bit = (unsigned)__builtin_ctzll(ends); /* the top bit of the last byte */
    word &= UINT64_MAX >> (63 - last_bit);
    word = (word & UINT64_C(0x007f007f007f007f)) | (word & UINT64_C(0x7f007f007f007f00)) >> 1;
    word = (word & UINT64_C(0x00003fff00003fff)) | (word & UINT64_C(0x3fff00003fff0000)) >> 2;
    *out = (word & UINT64_C(0x000000000fffffff)) | (word & UINT64_C(0x0fffffff00000000)) >> 4;
    return at + last_bit / 8 + 1;
}

static inline const uint8_t *read_field(const uint8_t *at, const uint8_t *end, struct wire_field *field) {
    uint64_t tag, number;
    if (!(at = varint(at, end, &tag)) || tag > UINT32_MAX || tag < 8)
        return NULL;
    field->number = (uint32_t)(tag >> 3);
    field->type = tag & 7;
    field->value.data = NULL;
    switch (field->type) {
    case WIRE_VARINT:
        at = varint(at, end, &number);
        break;
    case WIRE_BYTES:
        if (!(at = varint(at, end, &number)) || number > (size_t)(end - at))
            return NULL;
        field->value.data = at;
        at += number;
        break;
    case WIRE_FIXED64:
        if (end - at < 8)
            return NULL;
        number = wire_load64(at);
        at += 8;
        break;
    case WIRE_FIXED32:
        if (end - at < 4)
            return NULL;
        number = wire_load32(at);
        at += 4;
        break;
    default:
        return NULL; /* groups, and what never was */
    }
    if (at)
        field->value.number = number;
    return at;
}

bool wire_read_varint(struct wire_reader *reader, uint64_t *out) {
    const uint8_t *at = varint(reader->at, reader->end, out);
    if (at)
        reader->at = at;
    return at;
}

bool wire_read_field(struct wire_reader *reader, struct wire_field *field) {
    const uint8_t *at = read_field(reader->at, reader->end, field);
    if (at)
        reader->at = at;
    return at;
}

bool wire_read_message(const uint8_t *data, size_t size, const struct wire_rule *rules, uint32_t count,
                       struct wire_value *values, uint32_t *over) {
    const uint8_t *end = wire_past(data, size);
    struct wire_field field;
    uint64_t seen = 0; /* tables have fewer than 64 fields */
    *over = 0;
    while (data < end) {
        data = read_field(data, end, &field);
        if (!data || field.number >= count || rules[field.number].type != field.type ||
            (seen >> field.number & 1) != 0)
            return false;
        seen |= UINT64_C(1) << field.number;
        if (field.value.number > rules[field.number].max && *over == 0)
            *over = field.number;
        values[field.number] = field.value;
    }
    return true;
}

/* Bytes of the character at `at`, 0 where it is none or a control character. RFC 3629 section 4: no
 * overlong forms, no surrogates, nothing above U+10FFFF. */
static size_t character_size(const uint8_t *at, size_t left) {
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = at[0];
    size_t size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (size == 0 || size > left)
        return 0;
    uint32_t code = lead & (0x7fu >> size);
    for (size_t index = 1; index < size; index++) {
        if ((at[index] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[index] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    bool control = code < 0xa0; /* C1: U+0080..U+009F */
    return code < smallest[size] || code > 0x10ffff || surrogate || control ? 0 : size;
}

/* Whether all eight bytes are printable ASCII. Bit tricks: Anderson, "Determine if a word has a byte less
 * than n". */
static bool eight_printable(const uint8_t *at) {
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t deletes = word ^ (ones * 0x7f);
    uint64_t control = (word - ones * 0x20) & ~word, delete = (deletes - ones) & ~deletes;
    return ((word | control | delete) & tops) == 0;
}

bool wire_text_clean(const uint8_t *data, size_t size) {
    size_t index = 0;
    while (index < size) {
        if (size - index >= 8 && eight_printable(data + index)) {
            index += 8;
            continue;
        }
        if (data[index] >= 0x20 && data[index] < 0x7f) {
            index++;
            continue;
        }
        size_t step = data[index] < 0x80 ? 0 : character_size(data + index, size - index);
        if (step == 0)
            return false;
        index += step;
    }
    return true;
}

void wire_put_raw(struct wire_writer *writer, const void *data, size_t size) {
    if (writer->full || (size_t)(writer->end - writer->at) < size) {
        writer->full = true;
        writer->end = writer->at; /* so that nothing shorter slips in behind */
        return;
    }
    if (size > 0)
        memcpy(writer->at, data, size);
    writer->at += size;
}

void wire_put_entry(struct wire_writer *writer, uint32_t number, const void *data, size_t size) {
    uint8_t head[WIRE_TAG_MAX_BYTES + WIRE_VARINT_MAX_BYTES];
    uint8_t *head_end = wire_store_varint(wire_store_varint(head, number << 3 | WIRE_BYTES), size);
    wire_put_raw(writer, head, (size_t)(head_end - head));
    wire_put_raw(writer, data, size);
}

void wire_put_fixed64(struct wire_writer *writer, uint32_t number, uint64_t value) {
    uint8_t field[WIRE_TAG_MAX_BYTES + sizeof value];
    if (value == 0)
        return;
    uint8_t *at = wire_store_varint(field, number << 3 | WIRE_FIXED64);
    value = htole64(value);
    memcpy(at, &value, sizeof value);
    wire_put_raw(writer, field, (size_t)(at - field) + sizeof value);
}

void wire_put_fixed32(struct wire_writer *writer, uint32_t number, uint32_t value) {
    uint8_t field[WIRE_TAG_MAX_BYTES + sizeof value];
    if (value == 0)
        return;
    uint8_t *at = wire_store_varint(field, number << 3 | WIRE_FIXED32);
    value = htole32(value);
    memcpy(at, &value, sizeof value);
    wire_put_raw(writer, field, (size_t)(at - field) + sizeof value);
}

void wire_put_string(struct wire_writer *writer, uint32_t number, const char *text) {
    if (text && *text)
        wire_put_entry(writer, number, text, strlen(text));
}

#define MESSAGE_ROOM (WIRE_TAG_MAX_BYTES + 4) /* a tag, and a length below 2^28 */

uint8_t *wire_begin(struct wire_writer *writer) {
    uint8_t *begun = writer->at;
    if (writer->end - writer->at < MESSAGE_ROOM) {
        writer->full = true;
        writer->end = writer->at;
    } else {
        writer->at += MESSAGE_ROOM;
    }
    return begun;
}

void wire_end(struct wire_writer *writer, uint32_t number, uint8_t *begun) {
    size_t size = (size_t)(writer->at - begun) - MESSAGE_ROOM;
    if (writer->full || size >> 28) {
        writer->full = true;
        return;
    }
    uint8_t *at = wire_store_varint(wire_store_varint(begun, number << 3 | WIRE_BYTES), size);
    memmove(at, begun + MESSAGE_ROOM, size);
    writer->at = at + size;
}
