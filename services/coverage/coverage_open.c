/* coverage_open.c - how the service's parts begin and end (see coverage_internal.h). */
#include "coverage_internal.h"

#include "runtime/clock.h"
#include "runtime/file.h"
#include "runtime/log.h"
#include "wire/wire_totals.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Messages; bounds what a watcher that stopped reading may hold of our memory. */
#define QUERY_HIGH_WATER 64

static void endpoint_of(const struct coverage *coverage, const char *given, const char *name, char out[160]) {
    if (given[0] == '\0')
        service_ipc(coverage->service->state, name, out, 160);
    else
        snprintf(out, 160, "%s", given);
}

static enum result open_store(struct coverage *coverage, struct failure *why) {
    char path[256];
    snprintf(path, sizeof path, "%s/coverage", coverage->service->state);
    enum result result = file_make_directory(path, why);
    if (result != RESULT_OK)
        return result;
    snprintf(path, sizeof path, "%s/coverage/coverage.db", coverage->service->state);
    return coverage_store_open(&coverage->store, path, why);
}

/* Takes up the totals where the last commit left them; what can't be used is counted anew. */
static enum result load_state(struct coverage *coverage, struct coverage_state *state, struct failure *why) {
    struct failure reason = {0};
    totals_init(&coverage->totals);
    enum result result = coverage_store_load(coverage->store, state, &reason);
    if (result == RESULT_OK)
        result =
            totals_unpack(&coverage->totals, &coverage->city->regions, state->totals, state->size, &reason);
    if (result == RESULT_OK && coverage->totals.offset != state->offset)
        result = fail(&reason, RESULT_CORRUPT, "COVERAGE_OFFSET", "The stored totals are of another offset.");
    if (result == RESULT_IO || result == RESULT_FULL) {
        *why = reason;
        return result;
    }
    if (result != RESULT_OK) {
        if (result != RESULT_NOT_FOUND)
            log_warning("%s: %s All records are counted again.", reason.code, reason.sentence);
        totals_init(&coverage->totals);
        *state = (struct coverage_state){0};
    }
    coverage->committed_offset = coverage->totals.offset;
    return RESULT_OK;
}

static bool is_tcp(const char *endpoint) {
    return strncmp(endpoint, "tcp://", 6) == 0;
}

static enum result open_feed(struct coverage *coverage, const struct coverage_state *state,
                             struct failure *why) {
    char feed[160], doorbell[160], directory[160], server_key[41] = "";
    struct curve_keys keys;
    endpoint_of(coverage, coverage->config->feed, "enrollment-feed", feed);
    endpoint_of(coverage, coverage->config->doorbell, "enrollment-doorbell", doorbell);
    bool curve = is_tcp(feed) || is_tcp(doorbell);
    enum result result = RESULT_OK;
    if (curve) {
        snprintf(directory, sizeof directory, "%s/keys", coverage->service->state);
        result = curve_keys_load(&keys, directory, "coverage", why);
        if (result == RESULT_OK)
            result = curve_public_load(server_key, directory, "enrollment", why);
    }
    if (result != RESULT_OK)
        return result;
    struct feed_follower_config config = {.next_offset = state->offset + 1,
                                          .chain = state->offset > 0 ? state->chain : NULL};
    struct feed_follower *follower = feed_follower_new(&config, coverage_count, coverage);
    return feed_socket_open(&coverage->feed, &follower, feed, doorbell, curve ? &keys : NULL,
                            curve ? server_key : NULL, why);
}

static enum result open_redis(struct coverage *coverage, struct failure *why) {
    char url[192];
    snprintf(url, sizeof url, "unix://%s/run/redis.sock", coverage->service->state);
    if (url[7] != '/') { /* a state directory given relative to here */
        char absolute[PATH_MAX];
        if (!realpath(coverage->service->state, absolute))
            return fail(why, RESULT_IO, "STATE_ERROR", "The state directory %s is gone.",
                        coverage->service->state);
        snprintf(url, sizeof url, "unix://%.150s/run/redis.sock", absolute);
    }
    const char *given = coverage->config->redis;
    return totals_redis_open(&coverage->redis, given[0] ? given : url, &coverage->city->regions, why);
}

static enum result open_query(struct coverage *coverage, struct failure *why) {
    endpoint_of(coverage, coverage->config->query, "coverage", coverage->query_endpoint);
    if (is_tcp(coverage->query_endpoint))
        return fail(why, RESULT_INVALID, "QUERY_ENDPOINT",
                    "The query socket %s would leave the machine: give ipc:///path.",
                    coverage->query_endpoint);
    struct socket_options options = {.high_water = QUERY_HIGH_WATER,
                                     .max_message_bytes = TOTALS_REPLY_MAX_BYTES};
    return socket_bind(&coverage->query_socket, ZMQ_ROUTER, coverage->query_endpoint, &options, why);
}

static enum result open_billing(struct coverage *coverage, struct failure *why) {
    char endpoint[160];
    endpoint_of(coverage, coverage->config->billing, "billing", endpoint);
    if (is_tcp(endpoint))
        return fail(why, RESULT_INVALID, "BILLING_ENDPOINT",
                    "Billing is asked on this machine only, not at %s: give ipc:///path.", endpoint);
    return billing_link_open(&coverage->billing, endpoint, why);
}

enum result coverage_open(struct coverage *coverage, struct failure *why) {
    struct coverage_state state = {0};
    coverage->started_ms = clock_monotonic_us() / 1000;
    coverage->city = calloc(1, sizeof *coverage->city);
    if (!coverage->city)
        abort();
    enum result result = city_load(coverage->city, coverage->service->city, why);
    if (result == RESULT_OK)
        result = open_store(coverage, why);
    if (result == RESULT_OK)
        result = load_state(coverage, &state, why);
    if (result == RESULT_OK)
        result = open_redis(coverage, why);
    if (result == RESULT_OK)
        result = open_query(coverage, why);
    if (result == RESULT_OK)
        result = open_billing(coverage, why);
    if (result == RESULT_OK)
        result = open_feed(coverage, &state, why);
    if (result != RESULT_OK)
        return result;
    const struct region_table *regions = &coverage->city->regions;
    coverage->watchers = watchers_new(regions, coverage_send, coverage);
    coverage->query = query_new(regions, coverage->watchers, coverage->store, coverage_send, coverage);
    coverage->publisher =
        publisher_new(regions, &coverage->city->policy, coverage->watchers, coverage->redis);
    return RESULT_OK;
}

void coverage_close(struct coverage *coverage) {
    publisher_destroy(&coverage->publisher);
    query_destroy(&coverage->query);
    watchers_destroy(&coverage->watchers);
    feed_socket_close(&coverage->feed);
    billing_link_close(&coverage->billing);
    zsock_destroy(&coverage->query_socket);
    totals_redis_close(&coverage->redis);
    coverage_store_close(&coverage->store);
    free(coverage->city);
    coverage->city = NULL;
}
