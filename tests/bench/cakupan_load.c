/* cakupan_load.c - our side: --clients paired devices send the same events through the kader library over
 * CURVE.
 *
 * --target is the state directory of a running enrollment; devices are paired there once and reused. One
 * thread drives all of them, as redis_peer.c does with its connections; the library serializes, so our
 * client does more work.
 */
#include "support/measure.h"
#include "support/workload.h"

#include "cakupan/kader.h"
#include "cli/local_device.h"
#include "people.h"
#include "runtime/socket.h"
#include "store/city.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IDLE_WAIT_MS   2
#define CAPTURED_AT_MS INT64_C(1763600000000)

struct client {
    struct kader *kader;
    uint64_t next, end; /* people still to be queued */
    uint64_t answered;
};

/* An event with the memory of its name. */
struct person {
    struct event event;
    char name[PERSON_NAME_SIZE];
};

struct load {
    const struct workload_options *options;
    struct person *people; /* made before the clock runs */
    struct client *clients;
    uint64_t answered, refused;
    struct samples latency;
};

static void must(enum result result, const struct failure *why) {
    if (result != RESULT_OK)
        measure_die("%s: %s", why->code, why->sentence);
}

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    struct load *load = context;
    load->answered++;
    load->refused += outcome->refusal != REFUSAL_NONE;
    if (outcome->refusal != REFUSAL_NONE && load->refused == 1)
        fprintf(stderr, "refused: %s\n", outcome->sentence);
    if (outcome->sequence % load->options->frame == 0)
        samples_add(&load->latency, outcome->ack_us);
}

/* The endpoint of the running service: the first word after "listen" is what --listen said. */
static const char *endpoint(void) {
    const char *named = getenv("BENCH_ENDPOINT");
    return named ? named : "tcp://127.0.0.1:7300";
}

static void pair(const char *state, uint32_t index, char path[INSTANCE_PATH]) {
    struct control_client *control;
    struct failure why;
    char name[32];
    uint32_t id;
    instance_path(path, state, "bench-%u.device", index);
    if (access(path, F_OK) == 0)
        return;
    snprintf(name, sizeof name, "bench %u", index);
    must(control_open(&control, state, &why), &why);
    must(device_pair(control, state, endpoint(), name, ROLE_KADER, 3671, path, &id, &why), &why);
    control_close(&control);
}

static void open_client(struct load *load, uint32_t index) {
    char path[INSTANCE_PATH];
    struct failure why;
    struct client *client = &load->clients[index];
    const struct workload_options *options = load->options;
    uint64_t share = options->events / options->clients;
    pair(options->target, index, path);
    struct kader_config config = {
        .device_file = path, .frame_events = options->frame, .window_events = options->window};
    must(kader_open(&client->kader, &config, on_outcome, load, &why), &why);
    client->next = index * share;
    client->end = index + 1 == options->clients ? options->events : client->next + share;
}

/* Connects and greets before the clock runs: the first events need no handshake. */
static void greet(struct load *load) {
    for (uint32_t i = 0; i < load->options->clients; i++) {
        struct failure why;
        enum result result = kader_sync(load->clients[i].kader, 10000, &why);
        must(result, &why);
    }
}

static void queue_events(struct load *load, struct client *client) {
    while (client->next < client->end) {
        struct failure why;
        uint64_t sequence;
        enum result result = kader_queue(client->kader, &load->people[client->next].event, &sequence, &why);
        if (result == RESULT_FULL)
            return;
        must(result, &why);
        client->next++;
    }
}

static void make_people(struct load *load) {
    struct region_table *regions = malloc(sizeof *regions);
    load->people = calloc(load->options->events, sizeof *load->people);
    if (!regions || !load->people)
        measure_die("No memory for %llu events.", (unsigned long long)load->options->events);
    workload_regions(load->options->city, regions);
    for (uint64_t i = 0; i < load->options->events; i++)
        person_enrolment(load->options->first + i, regions, CAPTURED_AT_MS, load->people[i].name,
                         &load->people[i].event);
    free(regions);
}

static void run(struct load *load) {
    const struct workload_options *options = load->options;
    /* A descriptor of libzmq is edge-triggered: what came while a step sent is seen by the next step only.
     * Many clients have one soon; a lone one would sleep on it, so it waits inside its step. */
    const bool alone = options->clients == 1;
    struct pollfd *polls = calloc(options->clients, sizeof *polls);
    if (!polls)
        measure_die("No memory for %u clients.", options->clients);
    for (uint32_t i = 0; i < options->clients; i++)
        polls[i] = (struct pollfd){kader_descriptor(load->clients[i].kader), POLLIN, 0};
    while (load->answered < options->events) {
        uint64_t before = load->answered;
        for (uint32_t i = 0; i < options->clients; i++) {
            struct failure why;
            queue_events(load, &load->clients[i]);
            enum result result = kader_step(load->clients[i].kader, alone ? IDLE_WAIT_MS : 0, &why);
            if (result != RESULT_OK && result != RESULT_AGAIN)
                must(result, &why);
        }
        if (load->answered == before && !alone)
            poll(polls, options->clients, IDLE_WAIT_MS);
    }
    free(polls);
}

static void report(struct load *load, double elapsed_s) {
    char name[96];
    snprintf(name, sizeof name, "%s.events_per_s", load->options->prefix);
    measure_report(name, (double)load->options->events / elapsed_s);
    snprintf(name, sizeof name, "%s.ack_p50_us", load->options->prefix);
    measure_report(name, samples_percentile(&load->latency, 50));
    snprintf(name, sizeof name, "%s.ack_p99_us", load->options->prefix);
    measure_report(name, samples_percentile(&load->latency, 99));
    if (load->refused)
        measure_die("%llu of %llu events were refused: the figures are worth nothing.",
                    (unsigned long long)load->refused, (unsigned long long)load->options->events);
}

int main(int argc, char **argv) {
    struct workload_options options;
    workload_options(&options, argc, argv);
    struct load load = {.options = &options, .clients = calloc(options.clients, sizeof *load.clients)};
    if (!load.clients)
        measure_die("No memory for %u clients.", options.clients);
    socket_setup();
    make_people(&load);
    for (uint32_t i = 0; i < options.clients; i++)
        open_client(&load, i);
    greet(&load);
    int64_t start_us = measure_now_us();
    run(&load);
    double elapsed_s = (double)(measure_now_us() - start_us) / 1e6;
    for (uint32_t i = 0; i < options.clients; i++)
        kader_close(&load.clients[i].kader);
    report(&load, elapsed_s);
    samples_free(&load.latency);
    free(load.clients);
    free(load.people);
    return 0;
}
