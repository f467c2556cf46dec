/* words_rupiah.h - an amount in Indonesian words, as minutes spell it out. Pure. */
#ifndef CLI_WORDS_RUPIAH_H
#define CLI_WORDS_RUPIAH_H

#include <stdint.h>

#define WORDS_RUPIAH_TEXT 512

/* "empat belas miliar ... enam ratus rupiah"; returns `out`. */
const char *words_rupiah(int64_t amount_rupiah, char out[WORDS_RUPIAH_TEXT]);

#endif
