/* child_log.h - the log file of a process that we started, or of our own in the background: opened, rotated
 * at its start, its last words read back. */
#ifndef CLI_CHILD_LOG_H
#define CLI_CHILD_LOG_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CHILD_LOG_ROTATE_BYTES (10 << 20)

/* Opens `path` for appending (mode 0600); one of more than 10 MiB becomes PATH.1 first. `*end`: its size
 * now. */
MUST_USE enum result child_log_open(const char *path, int *fd, off_t *end, struct failure *why);
/* What the process said last, behind `from`: its last ALARM line as code and sentence, else its last line.
 * False where it said nothing. */
bool child_log_last_words(const char *path, off_t from, char code[32], char *sentence, size_t size);
/* Its last ALARM line alone. False where it raised none. */
bool child_log_last_alarm(const char *path, off_t from, char code[32], char *sentence, size_t size);
/* The same for one line of a log ("TIME NAME ALARM CODE: sentence"). Pure. */
bool child_log_line(const char *line, char code[32], char *sentence, size_t size);

#endif
