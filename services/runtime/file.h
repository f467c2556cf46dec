/* file.h - small private files, written so that a crash or a second process never leaves half of one. */
#ifndef RUNTIME_FILE_H
#define RUNTIME_FILE_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>

/* Makes the directory with mode 0700 where there is none (its parent must exist). */
MUST_USE enum result file_make_directory(const char *path, struct failure *why);
/* Writes a file of mode 0600, durable when it returns: whoever opens PATH sees all of it or the one
 * before. */
MUST_USE enum result file_replace(const char *path, const char *content, size_t size, struct failure *why);
/* The same, but RESULT_CONFLICT (and nothing changed) where PATH exists: of two who create it, one wins. */
MUST_USE enum result file_create(const char *path, const char *content, size_t size, struct failure *why);
/* Reads all of it as text with a NUL. RESULT_NOT_FOUND where there is none, RESULT_INVALID where it does
 * not fit or, with `secret`, where anybody but its owner may read or write it; `out` is then "". */
MUST_USE enum result file_read(const char *path, bool secret, char *out, size_t capacity,
                               struct failure *why);

#endif
