/* words.h - a stream of 64-bit little-endian words in large pieces: the form of a fold's snapshot.
 *
 * Lives on the stack of whoever saves or loads. After a failure of the callback nothing more is written or
 * read.
 */
#ifndef DOMAIN_WORDS_H
#define DOMAIN_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORDS_PIECE 2048u /* 16 KiB */

typedef bool words_write(void *context, const void *data, size_t size);
typedef bool words_read(void *context, void *data, size_t size);

struct words_out {
    words_write *write;
    void *context;
    size_t count;
    bool failed;
    uint64_t at[WORDS_PIECE];
};
void words_put(struct words_out *out, uint64_t word);
/* Writes what is gathered; false where anything could not be written. */
bool words_end(struct words_out *out);

/* `left`: how many words may still be read from the stream; the reader never asks for more. */
struct words_in {
    words_read *read;
    void *context;
    uint64_t left;
    size_t at_next, count;
    bool failed;
    uint64_t at[WORDS_PIECE];
};
/* The next word; 0, and `failed` set, past the end. */
uint64_t words_take(struct words_in *in);

#endif
