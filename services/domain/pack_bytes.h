/* pack_bytes.h - growing bytes to write numbers into, and bounded bytes to read them from: what the packed
 * forms of billing are made of (charge_pack.h).
 *
 * Numbers are LEB128 in their shortest form, or little-endian of a fixed width. A reader that met something
 * impossible says `failed` and gives zeros from then on.
 */
#ifndef DOMAIN_PACK_BYTES_H
#define DOMAIN_PACK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEB_MAX 10u /* bytes of the largest number */

struct pack_out {
    uint8_t *data;
    size_t size, capacity;
};
/* Room for `more` bytes behind the last one; aborts where memory is out. */
void pack_grow(struct pack_out *out, size_t more);
static inline void pack_reserve(struct pack_out *out, size_t more) {
    if (out->capacity - out->size < more)
        pack_grow(out, more);
}
void pack_free(struct pack_out *out);
void pack_bytes(struct pack_out *out, const void *data, size_t size);
void pack_fixed(struct pack_out *out, uint64_t value, unsigned bytes);
/* The same for who writes several numbers in a row: where they go, and where they have ended. */
static inline uint8_t *pack_room(struct pack_out *out, size_t more) {
    pack_reserve(out, more);
    return out->data + out->size;
}
static inline void pack_end(struct pack_out *out, const uint8_t *end) {
    out->size = (size_t)(end - out->data);
}
/* Puts a number where there is room of LEB_MAX; returns its end. Most numbers have one byte or two, and which
 * of them can't be foreseen: both are written, and the end says which counts. */
static inline uint8_t *leb_put(uint8_t *next, uint64_t value) {
    for (; value >= 0x4000; value >>= 7)
        *next++ = (uint8_t)(value | 0x80);
    unsigned two = value >= 0x80;
    next[0] = (uint8_t)((value & 0x7f) | two << 7);
    next[1] = (uint8_t)(value >> 7);
    return next + 1 + two;
}
static inline void pack_leb(struct pack_out *out, uint64_t value) {
    pack_end(out, leb_put(pack_room(out, LEB_MAX), value));
}
/* Eight bytes, where there is room for them. */
static inline uint8_t *word_put(uint8_t *next, uint64_t value) {
    next[0] = (uint8_t)value;
    next[1] = (uint8_t)(value >> 8);
    next[2] = (uint8_t)(value >> 16);
    next[3] = (uint8_t)(value >> 24);
    next[4] = (uint8_t)(value >> 32);
    next[5] = (uint8_t)(value >> 40);
    next[6] = (uint8_t)(value >> 48);
    next[7] = (uint8_t)(value >> 56);
    return next + 8;
}

struct pack_in {
    const uint8_t *next, *end;
    bool failed;
};
static inline struct pack_in pack_in_of(const uint8_t *data, size_t size) {
    return (struct pack_in){.next = data, .end = size ? data + size : data}; /* nothing may be NULL */
}
static inline size_t pack_left(const struct pack_in *in) {
    return (size_t)(in->end - in->next);
}
uint64_t pack_take_leb(struct pack_in *in);
/* A number of at most `most`. */
uint64_t pack_take_leb_to(struct pack_in *in, uint64_t most);
uint64_t pack_take_fixed(struct pack_in *in, unsigned bytes);
/* The next `size` bytes; NULL where there are not so many. */
const uint8_t *pack_take_bytes(struct pack_in *in, uint64_t size);

/* Differences in both directions as small numbers: 0, -1, 1, -2 ... are 0, 1, 2, 3 ... */
static inline uint64_t zigzag(uint64_t difference) {
    return difference << 1 ^ (difference >> 63 ? UINT64_MAX : 0);
}
static inline uint64_t unzigzag(uint64_t number) {
    return number >> 1 ^ (number & 1 ? UINT64_MAX : 0);
}

#endif
