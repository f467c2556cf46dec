/* coverage_internal.h - the service's parts, shared by its open, loop and sockets files. */
#ifndef COVERAGE_INTERNAL_H
#define COVERAGE_INTERNAL_H

#include "billing_link.h"
#include "coverage.h"
#include "publisher.h"
#include "query.h"
#include "runtime/feed_socket.h"
#include "store/city.h"
#include "store/coverage_store.h"
#include "store/totals_redis.h"

struct coverage {
    struct service *service;
    const struct coverage_config *config;
    struct city *city;
    struct totals totals;
    struct coverage_store *store;
    struct totals_redis *redis;
    struct feed_socket *feed;
    struct billing_link *billing;
    zsock_t *query_socket;
    struct watchers *watchers;
    struct query *query;
    struct publisher *publisher;
    char query_endpoint[160];
    int64_t started_ms;

    uint64_t committed_offset; /* the store holds the totals up to it                          */
    int64_t commit_ms;         /* of the last commit                                           */
    uint64_t first_head;       /* of the feed, as first heard: ready when it is counted; 0: not heard yet */
    bool ready;
    bool redis_away;            /* said so already                                              */
    uint64_t redis_found_other; /* said so up to this count                                    */
    struct totals_picture day_picture;
    uint8_t packed[TOTALS_PACKED_MAX];
};

/* What was opened before a failure is closed by coverage_close all the same. */
enum result coverage_open(struct coverage *coverage, struct failure *why);
void coverage_close(struct coverage *coverage);
/* Counts one record; feed_on_record of the follower. */
enum result coverage_count(void *context, const struct batch_header *batch, const struct record *record,
                           struct failure *why);
/* Hands a message to a peer of the query socket; watchers_send. */
enum watchers_sent coverage_send(void *context, const struct watcher_peer *peer, const uint8_t *data,
                                 size_t size);
/* Answers requests that wait at the query socket, a bounded number. */
void coverage_answer(struct coverage *coverage, int64_t now_ms);

#endif
