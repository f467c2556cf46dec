/* stream.c - one device of the end-to-end test: sends enrolments through the kader library and keeps a log
 * of its own, outside the system, of each event sent ("sent SEQUENCE NIK") and answered ("told SEQUENCE
 * OFFSET REFUSAL").
 *
 * May be killed at any time: started again with the same outbox and log it goes on. Ends when all is
 * answered.
 * usage: e2e_stream PAIRING OUTBOX LOG CITY FIRST_PERSON EVENTS EVENTS_PER_SECOND
 */
#include "cakupan/kader.h"
#include "people.h"
#include "runtime/clock.h"
#include "runtime/socket.h"
#include "store/city.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP_MS 20

static volatile sig_atomic_t stopping;
static void on_stop(int number) {
    (void)number;
    stopping = 1;
}

struct stream {
    int log_fd;
    struct kader *kader;
    struct city city;
    uint64_t first_person, events;
    int64_t events_per_second;
};

static void die(const struct failure *why) {
    fprintf(stderr, "stream: %s: %s\n", why->code, why->sentence);
    exit(1);
}

/* One write a line: a kill leaves whole lines. */
static void note(const struct stream *stream, const char *format, ...) {
    char line[120];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (write(stream->log_fd, line, (size_t)size) != size) {
        perror("stream: the log can't be written");
        exit(1);
    }
}

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    note(context, "told %" PRIu64 " %" PRIu64 " %u\n", outcome->sequence, outcome->offset,
         (unsigned)outcome->refusal);
}

/* Event N of a device is always person FIRST + N - 1. */
static void queue_one(struct stream *stream, uint64_t sequence) {
    char name[PERSON_NAME_SIZE];
    struct event event;
    struct failure why;
    uint64_t given;
    person_enrolment(stream->first_person + sequence - 1, &stream->city.regions, clock_now_ms(), name,
                     &event);
    note(stream, "sent %" PRIu64 " %" PRIu64 "\n", sequence, event.identity);
    if (kader_queue(stream->kader, &event, &given, &why) != RESULT_OK)
        die(&why);
    if (given != sequence) {
        fprintf(stderr, "stream: event %" PRIu64 " got number %" PRIu64 "\n", sequence, given);
        exit(1);
    }
}

static void run(struct stream *stream) {
    struct failure why;
    int64_t start_us = clock_monotonic_us();
    uint64_t next = kader_next_sequence(stream->kader), begun_at = next;
    for (;;) {
        int64_t due = (clock_monotonic_us() - start_us) * stream->events_per_second / 1000000 + 1;
        while (!stopping && next <= stream->events && next - begun_at < (uint64_t)due)
            queue_one(stream, next++);
        enum result result = kader_step(stream->kader, STEP_MS, &why);
        if (result != RESULT_OK && result != RESULT_AGAIN)
            die(&why);
        if (result == RESULT_OK && (stopping || next > stream->events))
            return;
    }
}

int main(int argc, char **argv) {
    static struct stream stream;
    struct failure why;
    if (argc != 8) {
        fprintf(stderr, "usage: e2e_stream PAIRING OUTBOX LOG CITY FIRST_PERSON EVENTS EVENTS_PER_SECOND\n");
        return 2;
    }
    stream.first_person = strtoull(argv[5], NULL, 10);
    stream.events = strtoull(argv[6], NULL, 10);
    stream.events_per_second = strtoll(argv[7], NULL, 10);
    stream.log_fd = open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (stream.log_fd < 0) {
        perror("stream: the log can't be opened");
        return 1;
    }
    socket_setup();
    signal(SIGTERM, on_stop);
    struct kader_config config = {.device_file = argv[1], .outbox = argv[2], .resend_ms = 500};
    if (city_load(&stream.city, argv[4], &why) != RESULT_OK ||
        kader_open(&stream.kader, &config, on_outcome, &stream, &why) != RESULT_OK)
        die(&why);
    run(&stream);
    kader_close(&stream.kader);
    close(stream.log_fd);
    return 0;
}
