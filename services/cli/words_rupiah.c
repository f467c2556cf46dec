/* words_rupiah.c - an amount in Indonesian words (words_rupiah.h). */
#include "words_rupiah.h"

#include <stdio.h>
#include <string.h>

struct words {
    char *out;
    size_t used;
};

static void say(struct words *words, const char *word) {
    int size = snprintf(words->out + words->used, WORDS_RUPIAH_TEXT - words->used, "%s%s",
                        words->used ? " " : "", word);
    words->used += (size_t)size;
}

/* 1 to 999. Ten, hundred and eleven begin with "se-" instead of "satu". */
static void say_hundreds(struct words *words, unsigned number) {
    static const char *const digits[] = {"",     "satu", "dua",   "tiga",    "empat",
                                         "lima", "enam", "tujuh", "delapan", "sembilan"};
    unsigned hundreds = number / 100, rest = number % 100;
    if (hundreds == 1)
        say(words, "seratus");
    if (hundreds > 1) {
        say(words, digits[hundreds]);
        say(words, "ratus");
    }
    if (rest == 10)
        say(words, "sepuluh");
    else if (rest == 11)
        say(words, "sebelas");
    else if (rest > 11 && rest < 20) {
        say(words, digits[rest - 10]);
        say(words, "belas");
    } else if (rest >= 20) {
        say(words, digits[rest / 10]);
        say(words, "puluh");
    }
    if (rest % 10 && (rest < 10 || rest > 20))
        say(words, digits[rest % 10]);
}

const char *words_rupiah(int64_t amount_rupiah, char out[WORDS_RUPIAH_TEXT]) {
    static const char *const powers[] = {"", "ribu", "juta", "miliar", "triliun", "kuadriliun", "kuintiliun"};
    struct words words = {.out = out};
    uint64_t left = amount_rupiah < 0 ? -(uint64_t)amount_rupiah : (uint64_t)amount_rupiah;
    out[0] = '\0';
    if (amount_rupiah < 0)
        say(&words, "minus");
    if (left == 0)
        say(&words, "nol");
    uint64_t scale = UINT64_C(1000000000000000000);
    for (int power = 6; power >= 0; power--, scale /= 1000) {
        unsigned part = (unsigned)(left / scale % 1000);
        if (part == 1 && power == 1) {
            say(&words, "seribu");
            continue;
        }
        if (part)
            say_hundreds(&words, part);
        if (part && power)
            say(&words, powers[power]);
    }
    say(&words, "rupiah");
    return out;
}
