/* child.h - one run of our own command line: fixed arguments, no shell, bounded output, memory and time.
 *
 * It dies with us: also where we are killed, none of them is left running. Loop thread only.
 */
#ifndef GATEWAY_CHILD_H
#define GATEWAY_CHILD_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHILD_ARGUMENTS_MAX   20u
#define CHILD_ARGUMENTS_BYTES 1536u
#define CHILD_PATH            200u
#define CHILD_OUTPUT_MAX      (8u << 20)
#define CHILD_FILE_MAX        (UINT64_C(1) << 30)
#define CHILD_ERRORS_MAX      (32u << 10) /* the last of what it says there */
#define CHILD_DESCRIPTORS     3u

/* What to run: a value, to be copied. Other processes can read arguments: never a NIK or a token. */
struct child_order {
    unsigned count; /* of arguments behind the program's name */
    size_t used;
    bool cut;                          /* something did not fit: it can't be started */
    char bytes[CHILD_ARGUMENTS_BYTES]; /* one after the other, each with its NUL */
    char input[CHILD_PATH];            /* file for its standard input; "": /dev/null */
    int time_ms;
    uint64_t file_bytes; /* the longest file that it may write; 0: CHILD_FILE_MAX */
};
void child_argument(struct child_order *order, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct child;
/* Starts it in a process group of its own, with nothing of ours but three descriptors. RESULT_IO
 * (JOB_CRASHED): it can't be started. */
MUST_USE enum result child_start(struct child **out, const char *program, const struct child_order *order,
                                 int64_t now_ms, struct failure *why);
/* Kills what runs still, and frees. */
void child_end(struct child **child);
/* To poll for reading: output, errors, the process itself; how many. */
unsigned child_descriptors(const struct child *child, int out[CHILD_DESCRIPTORS]);
/* Reads and reaps without waiting; true when it has ended (or was ended for its time or its output). */
bool child_work(struct child *child, int64_t now_ms);
struct child_outcome {
    int exit_code; /* -1: killed */
    bool too_slow, too_long;
    const char *output; /* NUL behind `size` bytes */
    size_t size;
    const char *errors; /* the last of them, also while it runs */
    size_t errors_size;
};
void child_outcome(const struct child *child, struct child_outcome *out);

#endif
