/* child.h - one run of our own command line: fixed arguments, no shell, bounded output and time. */
#ifndef GATEWAY_CHILD_H
#define GATEWAY_CHILD_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHILD_ARGUMENTS_MAX 20
#define CHILD_OUTPUT_MAX    (32u << 20)
#define CHILD_ERRORS_MAX    (64u << 10)

struct child_order {
    const char
        *arguments[CHILD_ARGUMENTS_MAX]; /* behind the program's name; copied; never a NIK or a token */
    const char *input;                   /* file for its standard input; NULL: /dev/null */
    const char *output;                  /* file for its standard output (0600); NULL: into memory */
    int time_ms;
};
struct child;
/* posix_spawn in a process group of its own. */
MUST_USE enum result child_start(struct child **out, const char *program, const struct child_order *order,
                                 int64_t now_ms, struct failure *why);
/* Kills what runs still. */
void child_end(struct child **child);
int child_descriptors(const struct child *child, int out[3]); /* to poll: output, errors, pidfd; how many */
/* Reads and reaps without waiting; true when it has ended (or was ended for its time). */
bool child_work(struct child *child, int64_t now_ms);
struct child_outcome {
    int exit_code; /* -1: killed */
    bool too_slow, too_long;
    const char *output; /* NUL behind `size` bytes */
    size_t size;
    const char *errors;
    size_t errors_size;
};
void child_outcome(const struct child *child, struct child_outcome *out);

#endif
