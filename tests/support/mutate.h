/* mutate.h - damages bytes at random, the same way for the same seed: for tests of decoders. */
#ifndef SUPPORT_MUTATE_H
#define SUPPORT_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* The next number of a sequence (splitmix64, Steele et al. 2014). */
uint64_t mutate_random(uint64_t *seed);
/* Flips, overwrites, cuts, doubles or inserts up to four times. `size` bytes at `data`, room for
 * `capacity`; returns the new size. */
size_t mutate(uint8_t *data, size_t size, size_t capacity, uint64_t *seed);

#endif
