/* wire_bytes.c - the protobuf encoding by hand (see wire_bytes.h). */
#include "wire_bytes.h"

bool wire_read_long_varint(struct wire_reader *reader, uint64_t *out) {
    uint64_t value = 0;
    const uint8_t *at = reader->at;
    for (unsigned shift = 0; shift < 64 && at < reader->end; shift += 7) {
        uint8_t byte = *at++;
        if (shift == 63 && byte > 1)
            return false; /* more than 64 bits */
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            reader->at = at;
            *out = value;
            return true;
        }
    }
    return false;
}

static bool read_fixed(struct wire_reader *reader, struct wire_field *field, size_t width) {
    if ((size_t)(reader->end - reader->at) < width)
        return false;
    field->value.number = width == 8 ? wire_load64(reader->at) : wire_load32(reader->at);
    field->value.data = NULL;
    reader->at += width;
    return true;
}

static inline bool read_field(struct wire_reader *reader, struct wire_field *field) {
    uint64_t tag;
    if (!wire_read_varint(reader, &tag) || tag > UINT32_MAX || tag < 8)
        return false;
    field->number = (uint32_t)(tag >> 3);
    field->type = tag & 7;
    switch (field->type) {
    case WIRE_VARINT:
        field->value.data = NULL;
        return wire_read_varint(reader, &field->value.number);
    case WIRE_BYTES:
        if (!wire_read_varint(reader, &field->value.number) ||
            field->value.number > (size_t)(reader->end - reader->at))
            return false;
        field->value.data = reader->at;
        reader->at += field->value.number;
        return true;
    case WIRE_FIXED64:
        return read_fixed(reader, field, 8);
    case WIRE_FIXED32:
        return read_fixed(reader, field, 4);
    default:
        return false;
    }
}

bool wire_read_field(struct wire_reader *reader, struct wire_field *field) {
    return read_field(reader, field);
}

bool wire_read_message(const uint8_t *data, size_t size, const struct wire_rule *rules, uint32_t count,
                       struct wire_value *values, uint32_t *over) {
    struct wire_reader reader = {data, data + size};
    struct wire_field field;
    *over = 0;
    while (reader.at < reader.end) {
        if (!read_field(&reader, &field) || field.number >= count || rules[field.number].type != field.type)
            return false;
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

bool wire_text_clean(const uint8_t *data, size_t size) {
    size_t index = 0;
    while (index < size) {
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
