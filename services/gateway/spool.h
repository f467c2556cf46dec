/* spool.h - STATE/gateway/spool: uploads and results of jobs, mode 0600, emptied at start. */
#ifndef GATEWAY_SPOOL_H
#define GATEWAY_SPOOL_H

#include "cakupan/result.h"

#include <stdint.h>

#define SPOOL_PATH  200
#define SPOOL_BYTES (512ull << 20)

struct spool;
MUST_USE enum result spool_open(struct spool **out, const char *state, struct failure *why);
void spool_close(struct spool **spool);
/* A new file for writing; RESULT_FULL (JOBS_FULL) beyond SPOOL_BYTES. */
MUST_USE enum result spool_file(struct spool *spool, uint64_t bytes_expected, char path[SPOOL_PATH], int *fd,
                                struct failure *why);
void spool_remove(struct spool *spool, const char *path);

#endif
