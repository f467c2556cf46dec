/* progress.h - a progress bar with rate and time left on a terminal; a plain line now and then elsewhere.
 *
 * Programs that start a command and want to tell how far it is put CAKUPAN_PROGRESS=lines into its
 * environment: then it writes lines "progress DONE TOTAL UNIT" (TOTAL 0: unknown) twice a second instead. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *out;
    const char *label; /* "Loading the baseline", borrowed */
    const char *unit;  /* "people", borrowed */
    uint64_t total;    /* 0: unknown */
    uint64_t first;    /* where counting began: rates are of what was done since */
    int64_t started_us, shown_us;
    bool redraws;
    bool lines; /* for programs */
    bool shown;
};

void progress_begin(struct progress *progress, FILE *out, const char *label, const char *unit, uint64_t first,
                    uint64_t total, int64_t now_us);
/* Shows `done` where enough time has passed since the last time (0.1 s on a terminal, 5 s elsewhere). */
void progress_show(struct progress *progress, uint64_t done, int64_t now_us);
/* Shows the final state and ends the line. */
void progress_end(struct progress *progress, uint64_t done, int64_t now_us);

/* The text of one state, at most `columns` wide with a bar where it fits. Pure. */
void progress_line(const struct progress *progress, uint64_t done, int64_t now_us, int columns, char *out,
                   size_t size);

#endif
