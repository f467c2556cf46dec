/* child_failure.c - fuzzes what the gateway reads of a command's standard error. */
#include "examples.h"

#include "gateway/child_failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    int size =
        snprintf((char *)out, capacity,
                 "Sending %u events\nprogress %u 1000 sent\ncakupan bill close: 2026-11 can be closed from "
                 "2026-12-01 on. [BILL_TOO_EARLY]\ncakupan layoff: standard input, line %u: column 'nik'. "
                 "[CSV_INVALID]\n",
                 seed, seed, seed);
    return size > 0 && (size_t)size < capacity ? (size_t)size : 0;
}
FUZZ_EXAMPLES(example)

static void values_check(const char *code, const char *sentence) {
    static const char *const problems[] = {"CSV_INVALID", "PAYMENT_RANGE", "BILL_TOO_EARLY"};
    char value[CHILD_VALUE_MAX];
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        child_failure_value(problems[i], sentence, value);
        if (strlen(value) >= sizeof value)
            abort();
    }
    child_failure_problem(code, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char code[CHILD_CODE_MAX], sentence[CHILD_SENTENCE_MAX];
    struct child_progress progress;
    char *text = malloc(size + 1); /* with a NUL behind, as children's output has */
    memcpy(text, data, size);
    text[size] = '\0';
    bool failed = child_failure_decode(text, size, code, sentence);
    if (failed != (code[0] != '\0') || failed != (sentence[0] != '\0') || strlen(code) >= sizeof code ||
        strlen(sentence) >= sizeof sentence)
        abort();
    for (const char *at = sentence; *at; at++)
        if ((unsigned char)*at < ' ')
            abort();
    values_check(code, sentence);
    if (child_progress_decode(text, size, &progress) != (progress.unit[0] != '\0'))
        abort();
    free(text);
    return 0;
}
