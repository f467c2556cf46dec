/* snapshot.h - a state written beside its journal: a file with a header, a checksum and an atomic rename.
 *
 * Layout: magic, version, size, XXH3-128 of the body, then the body as the fold wrote it. A snapshot that
 * fails its check is set aside (renamed .bad) and never used: the journal has everything.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes through `body` into PATH.new, syncs file and directory, renames. Uses only calls that are safe in
 * a child made by fork (no locks of other threads): see enrollment/snapshotter.c. */
typedef bool snapshot_write(void *context, const void *data, size_t size);
typedef bool snapshot_read(void *context, void *data, size_t size);
MUST_USE enum result snapshot_save(const char *path,
                                   bool (*body)(void *state, snapshot_write *write, void *context),
                                   void *state, struct failure *why);
/* Checks the file, then lets `body` read it. RESULT_NOT_FOUND where there is none. */
MUST_USE enum result snapshot_load(const char *path,
                                   bool (*body)(void *state, snapshot_read *read, void *context), void *state,
                                   struct failure *why);

#endif
