/* coordinator_open.c - how the coordinator's parts begin and end (coordinator_internal.h). */
#include "coordinator_internal.h"

#include "journals.h"
#include "paths.h"
#include "runtime/clock.h"
#include "runtime/require.h"
#include "wire/wire_feed.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT      160
#define RELEASE_MS    2000
#define SCALE_UP_MS   500
#define SCALE_DOWN_MS 60000
#define START_MS      10000
/* A worker at its work is some thousand records behind the head, as many as a reply of the feed has; a
 * backlog above this that stays for half a second is more than it can do. */
#define LAG_HIGH         50000
#define LAG_LOW          5000
#define HEARTBEAT_MS     200
#define HEARTBEATS_LEASE 5 /* at least so many in a lease: one that is lost ends nothing */
/* Messages: what a tool that stopped reading may hold of our memory; a worker's orders say everything. */
#define REPLIES_WAITING 8
#define ORDERS_WAITING  64

static enum result open_books(struct coordinator *coordinator, struct failure *why) {
    char directory[BILLING_PATH], path[BILLING_PATH];
    enum result result = billing_directory(directory, coordinator->service->state, why);
    if (result != RESULT_OK)
        return result;
    billing_books_path(path, coordinator->service->state);
    struct books_config config = {
        .path = path, .terms = &coordinator->terms, .policy = &coordinator->city->policy};
    return books_open(&coordinator->books, &config, why);
}

/* Closes answer through inquiry, which is made after them. */
static void answer(void *context, const struct closing_answer *said) {
    struct coordinator *coordinator = context;
    inquiry_answer(coordinator->inquiry, said);
}

static struct roll_config roll_settings(const struct coordinator *coordinator) {
    const struct coordinator_config *config = coordinator->config;
    struct books_begun begun;
    bool has_begun = books_begun(coordinator->books, &begun);
    uint32_t heartbeat_ms = config->lease_ms / HEARTBEATS_LEASE;
    return (struct roll_config){.lease = {.partitions = has_begun ? begun.partitions : config->partitions,
                                          .lease_ms = config->lease_ms,
                                          .release_ms = RELEASE_MS,
                                          .workers_min = config->workers_min,
                                          .workers_max = config->workers_max,
                                          .lag_high = LAG_HIGH,
                                          .lag_low = LAG_LOW,
                                          .scale_up_ms = SCALE_UP_MS,
                                          .scale_down_ms = SCALE_DOWN_MS,
                                          .start_ms = START_MS},
                                .state = coordinator->service->state,
                                .regions = &coordinator->city->regions,
                                .heartbeat_ms = heartbeat_ms < HEARTBEAT_MS ? heartbeat_ms : HEARTBEAT_MS};
}

static void make_parts(struct coordinator *coordinator) {
    const struct service *service = coordinator->service;
    const struct region_table *regions = &coordinator->city->regions;
    struct children_config children = {.program = coordinator->config->program,
                                       .state = service->state,
                                       .city = service->city,
                                       .feed = coordinator->config->feed,
                                       .doorbell = coordinator->config->doorbell,
                                       .today = service->today};
    struct roll_config roll = roll_settings(coordinator);
    struct inquiry_config inquiry = {.state = service->state,
                                     .regions = regions,
                                     .city_tariff = coordinator->tariff,
                                     .started_ms = coordinator->started_ms};
    coordinator->children = children_new(&children);
    coordinator->closing = closing_new(coordinator->books, regions, answer, coordinator);
    coordinator->roll = roll_new(&roll, coordinator->books, coordinator->closing, coordinator->children,
                                 coordinator_send_orders, coordinator);
    coordinator->inquiry = inquiry_new(&inquiry, coordinator->books, coordinator->roll, coordinator->closing,
                                       coordinator_send_reply, coordinator);
}

static void endpoint_of(const struct coordinator *coordinator, const char *given, const char *name,
                        char out[ENDPOINT]) {
    if (given[0] == '\0')
        service_ipc(coordinator->service->state, name, out, ENDPOINT);
    else
        snprintf(out, ENDPOINT, "%s", given);
}

static bool is_tcp(const char *endpoint) {
    return strncmp(endpoint, "tcp://", strlen("tcp://")) == 0;
}

enum result coordinator_follow(struct coordinator *coordinator, struct feed_follower *follower,
                               struct feed_socket **out, struct failure *why) {
    char feed[ENDPOINT], doorbell[ENDPOINT], keys[ENDPOINT], server_key[41] = "";
    endpoint_of(coordinator, coordinator->config->feed, "enrollment-feed", feed);
    endpoint_of(coordinator, coordinator->config->doorbell, "enrollment-doorbell", doorbell);
    bool curve = is_tcp(feed) || is_tcp(doorbell);
    snprintf(keys, sizeof keys, "%s/keys", coordinator->service->state);
    enum result result = curve ? curve_public_load(server_key, keys, "enrollment", why) : RESULT_OK;
    if (result == RESULT_OK)
        return feed_socket_open(out, &follower, feed, doorbell, curve ? &coordinator->keys : NULL,
                                curve ? server_key : NULL, why);
    feed_follower_destroy(&follower);
    return result;
}

static enum result open_feed(struct coordinator *coordinator, struct failure *why) {
    static const uint32_t nobodys = 0;
    struct feed_follower_config config = {.next_offset = books_device_offset(coordinator->books) + 1,
                                          .seldom = true,
                                          .partition_count = PARTITIONS_MAX,
                                          .partitions = &nobodys,
                                          .partitions_wanted = 1};
    struct feed_follower *follower = feed_follower_new(&config, coordinator_record, coordinator);
    return coordinator_follow(coordinator, follower, &coordinator->feed, why);
}

static enum result bind_unix(struct coordinator *coordinator, const char *name,
                             const struct socket_options *options, zsock_t **out, struct failure *why) {
    char endpoint[ENDPOINT];
    service_ipc(coordinator->service->state, name, endpoint, sizeof endpoint);
    return socket_bind(out, ZMQ_ROUTER, endpoint, options, why);
}

static enum result open_sockets(struct coordinator *coordinator, struct failure *why) {
    const char *listen = coordinator->config->listen, *workers = coordinator->config->workers;
    struct socket_options for_tools = {.keys = &coordinator->keys,
                                       .send_high_water = REPLIES_WAITING,
                                       .max_message_bytes = BILLING_REQUEST_MAX_BYTES};
    struct socket_options for_workers = {.keys = &coordinator->keys,
                                         .high_water = ORDERS_WAITING,
                                         .max_message_bytes = WORKER_REPORT_MAX_BYTES};
    enum result result = zap_open(&coordinator->zap, coordinator_lookup, coordinator, why);
    if (result == RESULT_OK)
        result = bind_unix(coordinator, "billing", &for_tools, &coordinator->tools, why);
    if (result == RESULT_OK)
        result = bind_unix(coordinator, "billing-workers", &for_workers, &coordinator->workers, why);
    if (result == RESULT_OK && listen[0])
        result = socket_bind(&coordinator->tools_tcp, ZMQ_ROUTER, listen, &for_tools, why);
    if (result == RESULT_OK && workers[0])
        result = socket_bind(&coordinator->workers_tcp, ZMQ_ROUTER, workers, &for_workers, why);
    return result == RESULT_OK ? open_feed(coordinator, why) : result;
}

/* Nothing is counted on before the journals hold what the books say was done. */
static enum result prepare_journals(struct coordinator *coordinator, struct failure *why) {
    char directory[ENDPOINT];
    snprintf(directory, sizeof directory, "%s/keys", coordinator->service->state);
    enum result result = curve_keys_load(&coordinator->keys, directory, "billing", why);
    if (result == RESULT_OK && coordinator->config->rebuild >= 0)
        result = coordinator_rebuild(coordinator, (uint32_t)coordinator->config->rebuild, why);
    return result == RESULT_OK ? journals_check(coordinator->books, coordinator->service->state, why)
                               : result;
}

enum result coordinator_open(struct coordinator *coordinator, struct failure *why) {
    const char *city = coordinator->service->city;
    coordinator->started_ms = clock_monotonic_us() / 1000;
    coordinator->city = calloc(1, sizeof *coordinator->city);
    require(coordinator->city, "out of memory for the city's files");
    enum result result = city_load(coordinator->city, city, why);
    if (result == RESULT_OK)
        result = tariff_load(&coordinator->tariff, city, why);
    if (result == RESULT_OK)
        result = payment_terms_load(&coordinator->terms, city, why);
    if (result == RESULT_OK)
        result = open_books(coordinator, why);
    if (result == RESULT_OK)
        result = prepare_journals(coordinator, why);
    if (result != RESULT_OK)
        return result;
    coordinator->day = books_followed_day(coordinator->books);
    make_parts(coordinator);
    return open_sockets(coordinator, why);
}

void coordinator_close(struct coordinator *coordinator) {
    children_destroy(&coordinator->children);
    feed_socket_close(&coordinator->feed);
    zsock_destroy(&coordinator->tools);
    zsock_destroy(&coordinator->tools_tcp);
    zsock_destroy(&coordinator->workers);
    zsock_destroy(&coordinator->workers_tcp);
    zap_close(&coordinator->zap);
    inquiry_destroy(&coordinator->inquiry);
    roll_destroy(&coordinator->roll);
    closing_destroy(&coordinator->closing);
    if (coordinator->books)
        books_close(&coordinator->books);
    free(coordinator->city);
    coordinator->city = NULL;
    sodium_memzero(&coordinator->keys, sizeof coordinator->keys);
}
