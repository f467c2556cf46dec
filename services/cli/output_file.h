/* output_file.h - a file that an office takes away: whole or not there. */
#ifndef CLI_OUTPUT_FILE_H
#define CLI_OUTPUT_FILE_H

#include "cakupan/result.h"

#include <stddef.h>
#include <stdio.h>

#define OUTPUT_PATH 512

/* Whether PATH's directory is there and takes files; for commands that have much to do before they write. */
MUST_USE enum result output_check(const char *path, struct failure *why);
/* Makes PATH.new, empty, mode 0600, and writes its name into `begun`: write into that. */
MUST_USE enum result output_begin(const char *path, char begun[OUTPUT_PATH], struct failure *why);
/* Gives it its name; what had that name before is replaced. */
MUST_USE enum result output_end(const char *path, const char *begun, struct failure *why);
/* A text as a field of a CSV file, quoted. What begins like a formula is text to us and a formula to a
 * spreadsheet: an apostrophe in front says text to it (OWASP, CSV injection). */
void output_csv_text(FILE *out, const char *text);
/* The same into memory: how many bytes, at most `capacity` (twice the text and 8 always suffice). No NUL. */
size_t output_csv_quote(const char *text, char *out, size_t capacity);
/* Takes away what was begun. */
void output_abandon(const char *begun);

#endif
