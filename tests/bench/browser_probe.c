/* browser_probe.c - how long after its ack an event's new number is with a browser: one device sends one
 * event at a time, a client of the stream (server-sent events) waits for the totals that hold it.
 *
 * --target is the state directory of a running city (pair first: cakupan_load does); BENCH_WEB is the port of
 * its gateway.
 */
#include "support/loopback.h"
#include "support/measure.h"
#include "support/workload.h"

#include "cakupan/kader.h"
#include "people.h"
#include "runtime/socket.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPTURED_AT_MS INT64_C(1763600000000)
#define PAUSE_US       3000
#define PATIENCE_US    INT64_C(10000000)
enum { STREAM_MAX = 1 << 20 };

struct answer {
    uint64_t offset;
    int64_t at_us;
};

/* The stream's bytes that are not parsed yet. */
static struct {
    int fd;
    size_t size;
    uint64_t offset; /* of the newest message that came whole */
    char bytes[STREAM_MAX];
} stream;

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    *(struct answer *)context = (struct answer){outcome->offset, measure_now_us()};
}

/* Every message: "event: totals", "id: OFFSET-HASH", "data: {...}", an empty line. The lines of HTTP's chunks
 * between them end no message. */
static void messages_take(void) {
    char *end;
    stream.bytes[stream.size] = '\0';
    while ((end = strstr(stream.bytes, "}\n\n"))) {
        char *id = strstr(stream.bytes, "\nid: ");
        if (id && id < end)
            stream.offset = strtoull(id + 5, NULL, 10);
        stream.size -= (size_t)(end + 3 - stream.bytes);
        memmove(stream.bytes, end + 3, stream.size + 1);
    }
}

static void stream_read(int wait_ms) {
    struct pollfd poller = {.fd = stream.fd, .events = POLLIN};
    if (poll(&poller, 1, wait_ms) <= 0)
        return;
    ssize_t got = read(stream.fd, stream.bytes + stream.size, STREAM_MAX - 1 - stream.size);
    if (got <= 0)
        measure_die("The stream ended.");
    stream.size += (size_t)got;
    messages_take();
}

static void must(enum result result, const struct failure *why) {
    if (result != RESULT_OK)
        measure_die("%s: %s", why->code, why->sentence);
}

static void probe(struct kader *kader, const struct event *event, struct answer *answer,
                  struct samples *samples) {
    struct failure why;
    uint64_t sequence;
    must(kader_queue(kader, event, &sequence, &why), &why);
    must(kader_sync(kader, 10000, &why), &why);
    while (stream.offset < answer->offset) {
        stream_read(1000);
        if (measure_now_us() - answer->at_us > PATIENCE_US)
            measure_die("Offset %llu is not in the stream after 10 s.", (unsigned long long)answer->offset);
    }
    samples_add(samples, (double)(measure_now_us() - answer->at_us) / 1000);
}

/* Reads on between two events, as a browser does. */
static void rest(uint64_t number) {
    usleep(PAUSE_US + (useconds_t)(number * 7919 % 97000));
    stream_read(0);
}

int main(int argc, char **argv) {
    struct workload_options options;
    struct samples samples = {0};
    struct answer answer = {0};
    struct kader *kader;
    struct failure why;
    char path[300], name[96];
    struct region_table *regions = malloc(sizeof *regions);
    workload_options(&options, argc, argv);
    if (!regions || !getenv("BENCH_WEB"))
        measure_die("BENCH_WEB is the port of the gateway.");
    socket_setup();
    workload_regions(options.city, regions);
    stream.fd = loopback_connect(getenv("BENCH_WEB"));
    loopback_watch(stream.fd);
    snprintf(path, sizeof path, "%s/bench-0.device", options.target);
    struct kader_config config = {.device_file = path, .frame_events = 1, .window_events = 1};
    must(kader_open(&kader, &config, on_outcome, &answer, &why), &why);
    must(kader_sync(kader, 10000, &why), &why);
    for (uint64_t i = 0; i < options.events; i++) {
        char person[PERSON_NAME_SIZE];
        struct event event;
        person_enrolment(options.first + i, regions, CAPTURED_AT_MS, person, &event);
        probe(kader, &event, &answer, &samples);
        rest(i);
    }
    snprintf(name, sizeof name, "%s.p50_ms", options.prefix);
    measure_report(name, samples_percentile(&samples, 50));
    snprintf(name, sizeof name, "%s.p99_ms", options.prefix);
    measure_report(name, samples_percentile(&samples, 99));
    kader_close(&kader);
    close(stream.fd);
    samples_free(&samples);
    free(regions);
    return 0;
}
