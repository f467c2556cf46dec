/* worker_open.c - how a worker's parts begin and end (worker_internal.h). */
#include "worker_internal.h"

#include "runtime/log.h"
#include "runtime/require.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT           160
#define ORDERS_BUDGET      (1u << 20)
#define FIRST_HEARTBEAT_MS 200
/* Each report says everything: two that wait are one too many. */
#define REPORTS_WAITING 2

static void endpoint_of(const struct worker *worker, const char *given, const char *name,
                        char out[ENDPOINT]) {
    if (given[0] == '\0')
        service_ipc(worker->service->state, name, out, ENDPOINT);
    else
        snprintf(out, ENDPOINT, "%s", given);
}

static bool is_tcp(const char *endpoint) {
    return strncmp(endpoint, "tcp://", 6) == 0;
}

/* Over tcp only: our keys, and the public one of the other side. */
static enum result load_keys(struct worker *worker, const char *server, char server_key[41],
                             struct failure *why) {
    char directory[ENDPOINT];
    snprintf(directory, sizeof directory, "%s/keys", worker->service->state);
    enum result result = curve_keys_load(&worker->keys, directory, "billing-worker", why);
    return result == RESULT_OK ? curve_public_load(server_key, directory, server, why) : result;
}

enum result worker_connect(struct worker *worker, struct failure *why) {
    char endpoint[ENDPOINT], server_key[41] = "";
    endpoint_of(worker, worker->config->coordinator, "billing-workers", endpoint);
    bool curve = is_tcp(endpoint);
    enum result result = curve ? load_keys(worker, "billing", server_key, why) : RESULT_OK;
    if (result != RESULT_OK)
        return result;
    struct socket_options options = {.keys = curve ? &worker->keys : NULL,
                                     .server_key = curve ? server_key : NULL,
                                     .send_high_water = REPORTS_WAITING,
                                     .max_message_bytes = WORKER_ORDERS_MAX_BYTES};
    return socket_connect(&worker->coordinator, ZMQ_DEALER, endpoint, &options, why);
}

enum result worker_follow(struct worker *worker, struct failure *why) {
    char feed[ENDPOINT], doorbell[ENDPOINT], server_key[41] = "";
    uint32_t partitions[LEDGER_PARTITIONS_MAX];
    struct feed_follower_config config = {
        .next_offset = portfolio_next(worker->portfolio), .seldom = true, .partitions = partitions};
    feed_socket_close(&worker->feed);
    worker->follow_ms = 0;
    config.partitions_wanted = portfolio_wanted(worker->portfolio, partitions, &config.partition_count);
    if (config.partitions_wanted == 0)
        return RESULT_OK;
    endpoint_of(worker, worker->config->feed, "enrollment-feed", feed);
    endpoint_of(worker, worker->config->doorbell, "enrollment-doorbell", doorbell);
    bool curve = is_tcp(feed) || is_tcp(doorbell);
    enum result result = curve ? load_keys(worker, "enrollment", server_key, why) : RESULT_OK;
    if (result != RESULT_OK)
        return result;
    struct feed_follower *follower = feed_follower_new(&config, portfolio_record, worker->portfolio);
    worker->feed_until = portfolio_until(worker->portfolio);
    feed_follower_until(follower, worker->feed_until);
    return feed_socket_open(&worker->feed, &follower, feed, doorbell, curve ? &worker->keys : NULL,
                            curve ? server_key : NULL, why);
}

enum result worker_open(struct worker *worker, struct failure *why) {
    arena_init(&worker->arena, ORDERS_BUDGET);
    worker->heartbeat_ms = FIRST_HEARTBEAT_MS;
    worker->instance = randombytes_random() | 1;
    worker->report = malloc(WORKER_REPORT_MAX_BYTES); /* pages are used as far as reports reach */
    worker->city = calloc(1, sizeof *worker->city);
    require(worker->report && worker->city, "out of memory for a worker");
    enum result result = city_load(worker->city, worker->service->city, why);
    if (result == RESULT_OK)
        result = worker_connect(worker, why);
    if (result != RESULT_OK)
        return result;
    struct portfolio_config config = {.state = worker->service->state, .regions = &worker->city->regions};
    worker->portfolio = portfolio_new(&config);
    return service_ready(worker->service, NULL, why);
}

void worker_close(struct worker *worker) {
    feed_socket_close(&worker->feed);
    portfolio_destroy(&worker->portfolio);
    zsock_destroy(&worker->coordinator);
    arena_free(&worker->arena);
    free(worker->report);
    free(worker->city);
    worker->report = NULL;
    worker->city = NULL;
}
