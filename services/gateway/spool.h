/* spool.h - STATE/gateway/spool: uploads and results of jobs, mode 0600, emptied at start and stop. They hold
 * NIKs: none outlives what it is for. */
#ifndef GATEWAY_SPOOL_H
#define GATEWAY_SPOOL_H

#include "cakupan/result.h"

#include <stdint.h>

#define SPOOL_PATH      200
#define SPOOL_BYTES     (1024ull << 20)
#define SPOOL_FILES_MAX 512u
#define SPOOL_FREE_MIN  (256ull << 20) /* of the disk, which belongs to the journal first */

struct spool;
MUST_USE enum result spool_open(struct spool **out, const char *state, struct failure *why);
/* Removes all files. */
void spool_close(struct spool **spool);
/* A new file for writing (`fd` is the caller's). RESULT_FULL: JOBS_FULL beyond SPOOL_BYTES or
 * SPOOL_FILES_MAX, DISK_FULL where the disk has no room for `bytes_expected` beside what others were
 * promised. */
MUST_USE enum result spool_file(struct spool *spool, uint64_t bytes_expected, char path[SPOOL_PATH], int *fd,
                                struct failure *why);
/* The same without the file: a name for what another program will write. */
MUST_USE enum result spool_name(struct spool *spool, uint64_t bytes_expected, char path[SPOOL_PATH],
                                struct failure *why);
/* Counts what the file has become, in place of what was expected; its size, 0 where it is not there. */
uint64_t spool_measure(struct spool *spool, const char *path);
/* "" is none. */
void spool_remove(struct spool *spool, const char *path);
uint64_t spool_bytes(const struct spool *spool);

#endif
