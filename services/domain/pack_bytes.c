/* pack_bytes.c - bytes that grow, and numbers read from bytes that nobody vouches for (pack_bytes.h). */
#include "pack_bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void pack_grow(struct pack_out *out, size_t more) {
    size_t capacity = out->capacity * 2 < out->size + more ? out->size + more : out->capacity * 2;
    capacity = capacity < 256 ? 256 : capacity;
    out->data = realloc(out->data, capacity);
    assert(out->data && "no memory for packed bytes");
    out->capacity = capacity;
}

void pack_free(struct pack_out *out) {
    free(out->data);
    *out = (struct pack_out){0};
}

void pack_bytes(struct pack_out *out, const void *data, size_t size) {
    pack_reserve(out, size);
    if (size)
        memcpy(out->data + out->size, data, size);
    out->size += size;
}

void pack_fixed(struct pack_out *out, uint64_t value, unsigned bytes) {
    pack_reserve(out, bytes);
    for (unsigned i = 0; i < bytes; i++)
        out->data[out->size++] = (uint8_t)(value >> (8 * i));
}

static uint64_t refuse(struct pack_in *in) {
    in->failed = true;
    in->next = in->end;
    return 0;
}

uint64_t pack_take_leb(struct pack_in *in) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && in->next < in->end; shift += 7) {
        uint8_t byte = *in->next++;
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        return byte == 0 && shift > 0 ? refuse(in) : value; /* one form for a number, the shortest */
    }
    return refuse(in);
}

uint64_t pack_take_leb_to(struct pack_in *in, uint64_t most) {
    uint64_t value = pack_take_leb(in);
    return value <= most ? value : refuse(in);
}

uint64_t pack_take_fixed(struct pack_in *in, unsigned bytes) {
    uint64_t value = 0;
    if (pack_left(in) < bytes)
        return refuse(in);
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)*in->next++ << (8 * i);
    return value;
}

const uint8_t *pack_take_bytes(struct pack_in *in, uint64_t size) {
    if (size > pack_left(in)) {
        refuse(in);
        return NULL;
    }
    const uint8_t *bytes = in->next;
    in->next += size;
    return bytes;
}
