/* epoch_files.h - files of a directory that bear an epoch in their name, PREFIX-EPOCH (twenty digits):
 * each has one writer in its life. */
#ifndef STORE_EPOCH_FILES_H
#define STORE_EPOCH_FILES_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EPOCH_PATH_BYTES 512

/* RESULT_INVALID where the path is too long. */
MUST_USE enum result epoch_path(char out[EPOCH_PATH_BYTES], const char *directory, const char *prefix,
                                uint64_t epoch, struct failure *why);
/* The epochs of all such files, highest first. `*out` is the caller's, to be freed; NULL where there is
 * none. */
MUST_USE enum result epoch_files_list(uint64_t **out, size_t *count, const char *directory,
                                      const char *prefix, struct failure *why);
/* The highest one; 0 where there is none. */
MUST_USE enum result epoch_files_newest(uint64_t *epoch, const char *directory, const char *prefix,
                                        struct failure *why);

#endif
