/* gateway_loop.c - the gateway's loop (gateway.h): wait; take what the services said; serve what came.
 *
 * Everything that a request waits for is a message or a child, so one thread serves all: none of them ever
 * waits for another.
 */
#include "gateway_internal.h"

#include "runtime/clock.h"
#include "runtime/log.h"

#include <stdio.h>
#include <stdlib.h>

#define TURN_MAX_MS 100
enum { LINKS = 5 }; /* descriptors that are always there */

static int wait_ms(const struct gateway *gateway) {
    int64_t due_ms = streams_wake_ms(gateway->streams) - clock_monotonic_us() / 1000;
    if (history_pending(gateway->history))
        return 1;
    return due_ms < 0 ? 0 : due_ms < TURN_MAX_MS ? (int)due_ms : TURN_MAX_MS;
}

static void figures_work(struct gateway *gateway) {
    bool changed = coverage_link_work(gateway->coverage, gateway->now_ms);
    if (changed)
        live_changed(gateway->live);
    if (live_work(gateway->live, gateway->now_ms) || changed)
        streams_changed(gateway->streams);
    history_work(gateway->history, gateway->now_ms);
}

static void turn(struct gateway *gateway) {
    zmq_pollitem_t items[LINKS + JOBS_DESCRIPTORS_MAX] = {
        {coverage_link_socket(gateway->coverage), 0, ZMQ_POLLIN, 0},
        {history_link_socket(history_socket_owner(gateway->history)), 0, ZMQ_POLLIN, 0},
        {door_link_socket(gateway->door), 0, ZMQ_POLLIN, 0},
        {NULL, http_descriptor(gateway->http), ZMQ_POLLIN, 0},
        {NULL, gateway->service->signal_fd, ZMQ_POLLIN, 0},
    };
    unsigned count = LINKS + jobs_poll_items(gateway->jobs, items + LINKS, JOBS_DESCRIPTORS_MAX);
    zmq_poll(items, (int)count, http_wait_ms(gateway->http, wait_ms(gateway)));
    gateway->now_ms = clock_monotonic_us() / 1000;
    figures_work(gateway);
    door_link_work(gateway->door, gateway->now_ms);
    enrollment_watch_work(gateway->enrollment, gateway->now_ms);
    jobs_work(gateway->jobs, gateway->now_ms);
    metrics_gauge(gateway->metrics, GAUGE_JOBS_QUEUED, jobs_queued(gateway->jobs));
    metrics_gauge(gateway->metrics, GAUGE_JOBS_RUNNING, jobs_running(gateway->jobs));
    streams_work(gateway->streams, gateway->now_ms);
    metrics_gauge(gateway->metrics, GAUGE_WATCHERS_PUBLIC, streams_count(gateway->streams, AUDIENCE_PUBLIC));
    metrics_gauge(gateway->metrics, GAUGE_WATCHERS_OFFICER,
                  streams_count(gateway->streams, AUDIENCE_OFFICER));
    http_work(gateway->http, gateway->now_ms);
}

static enum result ready(struct gateway *gateway, struct failure *why) {
    char details[256];
    snprintf(details, sizeof details, "listen=%.200s\n", gateway->config->listen);
    log_info("serves %s://%s", gateway->config->tls_cert[0] ? "https" : "http", gateway->config->listen);
    return service_ready(gateway->service, details, why);
}

int gateway_run(struct service *service, const struct gateway_config *config) {
    struct failure why = {0};
    struct gateway *gateway = calloc(1, sizeof *gateway);
    if (!gateway)
        abort();
    gateway->service = service;
    gateway->config = config;
    gateway->now_ms = clock_monotonic_us() / 1000;
    enum result result = gateway_open(gateway, &why);
    if (result == RESULT_OK)
        result = ready(gateway, &why);
    while (result == RESULT_OK && !service_stopping(service))
        turn(gateway);
    if (result != RESULT_OK)
        log_alarm("%s: %s", why.code, why.sentence);
    gateway_close(gateway);
    free(gateway);
    return result == RESULT_OK ? SERVICE_EXIT_OK : SERVICE_EXIT_CANNOT_START;
}
