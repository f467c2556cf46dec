/* scratch.h - what tests of files and crashes need: a directory of their own, and children that can be
 * killed. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <sys/types.h>

#define SCRATCH_PATH 64

/* Makes an empty private directory; scratch_remove takes it away with all in it. */
void scratch_make(char directory[SCRATCH_PATH]);
void scratch_remove(const char *directory);
/* A child process that runs `work` and ends with its result, without the parent's clean-up. */
pid_t scratch_child(int (*work)(void *context), void *context);

#endif
