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
void pack_reserve(struct pack_out *out, size_t more);
void pack_free(struct pack_out *out);
void pack_bytes(struct pack_out *out, const void *data, size_t size);
void pack_fixed(struct pack_out *out, uint64_t value, unsigned bytes);
/* Room was reserved. */
static inline void pack_leb_reserved(struct pack_out *out, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        out->data[out->size++] = (uint8_t)(value | 0x80);
    out->data[out->size++] = (uint8_t)value;
}
static inline void pack_leb(struct pack_out *out, uint64_t value) {
    pack_reserve(out, LEB_MAX);
    pack_leb_reserved(out, value);
}

struct pack_in {
    const uint8_t *next, *end;
    bool failed;
};
static inline struct pack_in pack_in_of(const uint8_t *data, size_t size) {
    return (struct pack_in){.next = data, .end = data + size};
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
