/* child_failure.h - what a command of ours says on its standard error: its failure, and how far it is. Reads
 * foreign bytes. Pure. */
#ifndef GATEWAY_CHILD_FAILURE_H
#define GATEWAY_CHILD_FAILURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHILD_SENTENCE_MAX 320
#define CHILD_CODE_MAX     32

/* "cakupan bill close: sentence [CODE]", from the last such line of `text`. False where there is none. */
bool child_failure_decode(const char *text, size_t size, char code[CHILD_CODE_MAX],
                          char sentence[CHILD_SENTENCE_MAX]);

struct child_progress {
    uint64_t done, total; /* total 0: unknown */
    char unit[16];
};
/* "progress DONE TOTAL UNIT" (cli/progress.h), from the last such line. */
bool child_progress_decode(const char *text, size_t size, struct child_progress *out);

/* The problem (problem.h) that a command's code is over HTTP; NULL: none that anybody outside could do
 * something about. `enrollment`: the command asks enrollment, not billing. */
const char *child_failure_problem(const char *code, bool enrollment);
/* What a sentence names, for the problem's own sentence in Indonesian: the last date or month; of a file
 * the line or the column, of a payment what is owed still. "" where it names nothing. */
#define CHILD_VALUE_MAX 80
void child_failure_value(const char *problem, const char *sentence, char out[CHILD_VALUE_MAX]);

#endif
