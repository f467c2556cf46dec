/* words.c - gathers words into pieces and reads them back (words.h). */
#include "words.h"

static uint64_t turned(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

bool words_end(struct words_out *out) {
    if (out->count && !out->failed)
        out->failed = !out->write(out->context, out->at, out->count * sizeof *out->at);
    out->count = 0;
    return !out->failed;
}

void words_put(struct words_out *out, uint64_t word) {
    if (out->count == WORDS_PIECE)
        words_end(out);
    out->at[out->count++] = turned(word);
}

static void fill(struct words_in *in) {
    size_t count = in->left < WORDS_PIECE ? (size_t)in->left : WORDS_PIECE;
    in->failed = in->failed || count == 0 || !in->read(in->context, in->at, count * sizeof *in->at);
    in->left -= count;
    in->at_next = 0;
    in->count = in->failed ? 0 : count;
}

uint64_t words_take(struct words_in *in) {
    if (in->at_next == in->count)
        fill(in);
    return in->failed ? 0 : turned(in->at[in->at_next++]);
}
