/* examples.h - valid messages for the fuzz targets to begin with: made here, so that no binary files are
 * kept.
 *
 * libFuzzer hands inputs to LLVMFuzzerCustomMutator; each target puts a fresh example in their place now
 * and then and lets libFuzzer's own mutations work on it from there.
 */
#ifndef FUZZ_EXAMPLES_H
#define FUZZ_EXAMPLES_H

#include <stddef.h>
#include <stdint.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity);

/* One input in 256, and the very first, becomes an example. */
#define FUZZ_EXAMPLES(example)                                                                               \
    size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t capacity, unsigned seed) {             \
        if (size <= 1 || seed % 256 == 0)                                                                    \
            size = example(data, capacity, seed);                                                            \
        return LLVMFuzzerMutate(data, size, capacity);                                                       \
    }

/* Ends the run as a crash does, with the input kept. */
#define FUZZ_CHECK(condition)                                                                                \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            __builtin_trap();                                                                                \
    } while (0)

#endif
