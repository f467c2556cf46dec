/* child_failure.h - what a command of ours said when it failed: "cakupan bill close: sentence [CODE]".
 * Pure. */
#ifndef GATEWAY_CHILD_FAILURE_H
#define GATEWAY_CHILD_FAILURE_H

#include <stdbool.h>
#include <stddef.h>

#define CHILD_SENTENCE_MAX 320

/* From the last such line of `text`. False where there is none. */
bool child_failure_decode(const char *text, size_t size, char code[32], char sentence[CHILD_SENTENCE_MAX]);

#endif
