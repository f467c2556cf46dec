/* gateway_open.c - how the service's parts begin and end (gateway_internal.h). */
#include "gateway_internal.h"

#include "runtime/file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEM_MAX_BYTES             (256u << 10)
#define LIMIT_ENTRIES             65536u
#define TOKEN_REQUESTS_PER_SECOND 50u

static enum result open_coverage(struct gateway *gateway, struct failure *why) {
    char endpoint[160];
    if (gateway->config->coverage[0])
        snprintf(endpoint, sizeof endpoint, "%s", gateway->config->coverage);
    else
        service_ipc(gateway->service->state, "coverage", endpoint, sizeof endpoint);
    enum result result = coverage_link_open(&gateway->coverage, endpoint, why);
    if (result != RESULT_OK)
        return result;
    gateway->live = live_new(gateway->coverage);
    return history_open(&gateway->history, endpoint, gateway->coverage, gateway->live, &gateway->city->policy,
                        why);
}

/* The largest frame, or an ack of as many events, decoded. */
#define PEOPLE_ARENA_BYTES (8u << 20)

static enum result open_door(struct gateway *gateway, struct failure *why) {
    char endpoint[160], keys[160];
    snprintf(keys, sizeof keys, "%s/keys", gateway->service->state);
    enum result result = token_secret_load(gateway->token_secret, keys, why);
    if (result != RESULT_OK)
        return result;
    if (gateway->config->door[0])
        snprintf(endpoint, sizeof endpoint, "%s", gateway->config->door);
    else
        service_ipc(gateway->service->state, "enrollment-door", endpoint, sizeof endpoint);
    arena_init(&gateway->arena, PEOPLE_ARENA_BYTES);
    return door_link_open(&gateway->door, endpoint, why);
}

static enum result open_http(struct gateway *gateway, struct failure *why) {
    const struct gateway_config *config = gateway->config;
    struct http_config http = {.listen = config->listen};
    char *cert = NULL, *key = NULL;
    enum result result = RESULT_OK;
    if ((config->tls_cert[0] != '\0') != (config->tls_key[0] != '\0'))
        return fail(why, RESULT_INVALID, "OPTION_VALUE",
                    "--tls-cert and --tls-key belong together: give both.");
    if (config->tls_cert[0]) {
        cert = malloc(PEM_MAX_BYTES);
        key = malloc(PEM_MAX_BYTES);
        if (!cert || !key)
            abort();
        result = file_read(config->tls_cert, false, cert, PEM_MAX_BYTES, why);
        if (result == RESULT_OK)
            result = file_read(config->tls_key, true, key, PEM_MAX_BYTES, why);
        http.tls_cert = cert;
        http.tls_key = key;
    }
    if (result == RESULT_OK)
        result = http_open(&gateway->http, &http, gateway, why);
    free(cert);
    if (key)
        explicit_bzero(key, PEM_MAX_BYTES);
    free(key);
    return result;
}

/* Bursts of four seconds. Pairing codes have 60 bits; that nobody may try many of them keeps it so. */
static struct limits *limits_make(const struct gateway_config *config) {
    const uint32_t a_second = config->requests_per_second;
    const struct limit_rate rates[LIMIT_KIND_COUNT] = {
        [LIMIT_ADDRESS] = {a_second * 60, a_second * 4},
        [LIMIT_TOKEN] = {a_second ? TOKEN_REQUESTS_PER_SECOND * 60 : 0, TOKEN_REQUESTS_PER_SECOND * 4},
        [LIMIT_PAIRING] = {10, 10},
        [LIMIT_PAIRING_ALL] = {6000, 600}, /* of 2^60 codes: a few senders must not keep all others out */
    };
    uint64_t seed;
    randombytes_buf(&seed, sizeof seed);
    return limits_new(rates, LIMIT_ENTRIES, seed);
}

/* The command line, which stands beside this program. */
static struct jobs *jobs_open(struct gateway *gateway) {
    char path[CHILD_PATH] = "";
    if (gateway->config->program[0]) {
        snprintf(path, sizeof path, "%s", gateway->config->program);
    } else {
        ssize_t size = readlink("/proc/self/exe", path, sizeof path - sizeof "/cakupan");
        char *end = size > 0 ? strrchr(path, '/') : NULL;
        snprintf(end ? end : path, sizeof "/cakupan", "/cakupan");
    }
    return jobs_new(path, gateway->spool, gateway->now_ms);
}

enum result gateway_open(struct gateway *gateway, struct failure *why) {
    gateway->city = calloc(1, sizeof *gateway->city);
    if (!gateway->city)
        abort();
    enum result result = city_load(gateway->city, gateway->service->city, why);
    if (result == RESULT_OK)
        result = open_coverage(gateway, why);
    if (result == RESULT_OK)
        result = open_door(gateway, why);
    if (result == RESULT_OK)
        result = spool_open(&gateway->spool, gateway->service->state, why);
    if (result != RESULT_OK)
        return result;
    gateway->jobs = jobs_open(gateway);
    gateway->streams = streams_new(gateway->coverage, gateway->live, gateway->door);
    gateway->limits = limits_make(gateway->config);
    gateway->metrics = metrics_new();
    gateway->enrollment = enrollment_watch_new(gateway->door, gateway->metrics);
    gateway->documents = documents_new(&gateway->city->regions);
    result = static_files_open(&gateway->files, gateway->config->web, why);
    return result == RESULT_OK ? open_http(gateway, why) : result;
}

/* Those who may answer a request that waits end before the daemon, which needs all of them answered. */
void gateway_close(struct gateway *gateway) {
    gateway->stopping = true;
    if (gateway->streams)
        streams_stop(gateway->streams);
    door_link_close(&gateway->door);
    jobs_destroy(&gateway->jobs);
    http_close(&gateway->http);
    streams_destroy(&gateway->streams);
    enrollment_watch_destroy(&gateway->enrollment);
    static_files_close(&gateway->files);
    documents_destroy(&gateway->documents);
    metrics_destroy(&gateway->metrics);
    limits_destroy(&gateway->limits);
    history_close(&gateway->history);
    live_destroy(&gateway->live);
    spool_close(&gateway->spool);
    coverage_link_close(&gateway->coverage);
    arena_free(&gateway->arena);
    explicit_bzero(gateway->token_secret, sizeof gateway->token_secret);
    free(gateway->city);
    gateway->city = NULL;
}
