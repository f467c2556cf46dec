/* gateway_internal.h - the service's parts, shared by its open, its loop and the handlers. */
#ifndef GATEWAY_GATEWAY_INTERNAL_H
#define GATEWAY_GATEWAY_INTERNAL_H

#include "coverage_link.h"
#include "documents.h"
#include "door_link.h"
#include "enrollment_watch.h"
#include "gateway.h"
#include "history.h"
#include "http.h"
#include "jobs.h"
#include "live.h"
#include "metrics.h"
#include "rate_limits.h"
#include "spool.h"
#include "static_files.h"
#include "stream.h"
#include "store/city.h"

struct gateway {
    struct service *service;
    const struct gateway_config *config;
    struct city *city;
    struct coverage_link *coverage;
    struct door_link *door;
    uint8_t token_secret[TOKEN_BYTES]; /* makes pairing's tokens */
    struct batch *batches;             /* of events, on their way to enrollment */
    struct arena arena;                /* of one question or one answer */
    struct enrollment_watch *enrollment;
    struct live *live;
    struct streams *streams;
    struct history *history;
    struct spool *spool;
    struct jobs *jobs;
    struct limits *limits;
    struct metrics *metrics;
    struct documents *documents;
    struct static_files *files;
    struct http *http;
    int64_t now_ms; /* monotonic, of this turn */
    bool stopping;  /* streams end, and whoever asks is told STOPPING: most of these are closed already */
};

/* gateway_open.c: what was opened before a failure is closed by gateway_close all the same. */
MUST_USE enum result gateway_open(struct gateway *gateway, struct failure *why);
void gateway_close(struct gateway *gateway);

#endif
