/* verify_redis.h - the totals that Redis holds: the packed picture and the hashes that people read, of one
 * instant. */
#ifndef CLI_VERIFY_REDIS_H
#define CLI_VERIFY_REDIS_H

#include "verify_fold.h"

struct verify_redis {
    uint64_t offset;             /* cakupan:offset */
    struct coverage_view packed; /* cakupan:totals */
    struct coverage_view hashes; /* cakupan:city:*, cakupan:kecamatan:*, cakupan:kelurahan:*, cakupan:grace */
};

/* RESULT_IO: unreachable; RESULT_NOT_FOUND: it holds no totals; RESULT_CORRUPT: they can't be read. */
MUST_USE enum result verify_redis_read(const char *url, const struct region_table *regions,
                                       struct verify_redis *out, struct failure *why);

#endif
