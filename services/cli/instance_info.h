/* instance_info.h - STATE/run/instance.json: what `cakupan up` tells the other commands about the instance
 * it runs. */
#ifndef CLI_INSTANCE_INFO_H
#define CLI_INSTANCE_INFO_H

#include "cakupan/result.h"

#include <stdint.h>

struct instance_info {
    char version[16];
    char endpoint[160]; /* where local devices reach enrollment's event socket */
    char billing[160];  /* where the finance office reaches billing */
    char gateway[160];  /* where browsers reach the gateway */
    char redis[256];    /* URL of the Redis that coverage writes to */
    char city[256];     /* absolute directory of the city's data files */
    int64_t started_ms; /* Unix time */
    int32_t pid;        /* of the supervisor */
};

MUST_USE enum result instance_info_save(const char *state, const struct instance_info *info,
                                        struct failure *why);
/* RESULT_NOT_FOUND (NOT_RUNNING) where no `cakupan up` ever ran here. */
MUST_USE enum result instance_info_load(const char *state, struct instance_info *info, struct failure *why);

#endif
