/* mutate.c - damages bytes at random (see mutate.h). */
#include "mutate.h"

#include <string.h>

uint64_t mutate_random(uint64_t *seed) {
    uint64_t value = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

static size_t mutate_once(uint8_t *data, size_t size, size_t capacity, uint64_t *seed) {
    static const uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x1a};
    uint64_t random = mutate_random(seed);
    size_t at = size > 0 ? (random >> 8) % size : 0;
    switch (random % 6) {
    case 0:
        if (size > 0)
            data[at] ^= (uint8_t)(1u << (random >> 40) % 8);
        return size;
    case 1:
        if (size > 0)
            data[at] = (uint8_t)(random >> 40);
        return size;
    case 2:
        if (size > 0)
            data[at] = telling[(random >> 40) % sizeof telling];
        return size;
    case 3:
        return at; /* cut off */
    case 4:
        if (size == capacity)
            return size;
        memmove(data + at + 1, data + at, size - at);
        data[at] = (uint8_t)(random >> 40);
        return size + 1;
    default: /* a part comes twice */
        if (size == 0 || size + (size - at) > capacity)
            return size;
        memcpy(data + size, data + at, size - at);
        return size + (size - at);
    }
}

size_t mutate(uint8_t *data, size_t size, size_t capacity, uint64_t *seed) {
    uint64_t rounds = 1 + mutate_random(seed) % 4;
    while (rounds-- > 0)
        size = mutate_once(data, size, capacity, seed);
    return size;
}
