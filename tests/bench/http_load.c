/* http_load.c - requests a second over keep-alive connections, one on the way on each: the gateway's totals
 * of all levels, or Redis's HGETALL of as many cells, by the same client.
 *
 * usage: http_load http|gzip|redis PORT PREFIX REQUESTS CONNECTIONS
 * Every answer is checked: status, ETag and length are those of the first; of Redis the length and the end.
 */
#include "support/loopback.h"
#include "support/measure.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ANSWER_MAX = 1 << 18, CONNECTIONS_MAX = 1024 };

struct connection {
    int fd;
    size_t size;
    int64_t sent_us;
    char answer[ANSWER_MAX];
};

static struct {
    bool redis;
    const char *question;
    size_t answer_size; /* of every answer; 0: none came yet */
    char etag[64];
} load;

/* The size of the whole answer; 0 while its headers are not all there. */
static size_t http_size(const struct connection *connection) {
    char *end = memmem(connection->answer, connection->size, "\r\n\r\n", 4);
    if (!end)
        return 0;
    *end = '\0'; /* headers as a text, for a moment */
    const char *length = strcasestr(connection->answer, "\r\nContent-Length: ");
    const char *etag = strcasestr(connection->answer, "\r\nETag: ");
    if (strncmp(connection->answer, "HTTP/1.1 200", 12) != 0 || !length || !etag)
        measure_die("The gateway answers otherwise: %.60s", connection->answer);
    etag += strlen("\r\nETag: ");
    if (load.etag[0] && strncmp(load.etag, etag, strlen(load.etag)) != 0)
        measure_die("The figures changed in the middle of a measurement.");
    if (!load.etag[0])
        snprintf(load.etag, sizeof load.etag, "%.*s", (int)strcspn(etag, "\r"), etag);
    size_t size = (size_t)(end + 4 - connection->answer) + strtoul(length + 18, NULL, 10);
    *end = '\r';
    return size;
}

/* An array of bulk strings: "*4\r\n$3\r\nabc\r\n...". 0 while it is not whole. */
static size_t redis_size(const struct connection *connection) {
    if (load.answer_size)
        return load.answer_size;
    const char *at = connection->answer, *end = at + connection->size;
    const char *line = memmem(at, connection->size, "\r\n", 2);
    if (*at != '*' || !line)
        return 0;
    unsigned long words = strtoul(at + 1, NULL, 10);
    for (at = line + 2; words > 0; words--) {
        line = at < end ? memmem(at, (size_t)(end - at), "\r\n", 2) : NULL;
        if (!line)
            return 0;
        at = line + 4 + strtoul(at + 1, NULL, 10);
    }
    return at <= end ? (size_t)(at - connection->answer) : 0;
}

static void ask(struct connection *connection) {
    connection->size = 0;
    connection->sent_us = measure_now_us();
    loopback_send(connection->fd, load.question);
}

/* True where the answer is whole. */
static bool take(struct connection *connection) {
    ssize_t got = read(connection->fd, connection->answer + connection->size, ANSWER_MAX - connection->size);
    if (got <= 0)
        measure_die("The other end hung up.");
    connection->size += (size_t)got;
    size_t size = load.redis ? redis_size(connection) : http_size(connection);
    if (size == 0 || connection->size < size)
        return false;
    if (connection->size > size || (load.redis && memcmp(connection->answer + size - 2, "\r\n", 2) != 0))
        measure_die("An answer is longer than it says.");
    if (load.redis)
        load.answer_size = size;
    else if (load.answer_size && load.answer_size != size)
        measure_die("An answer has another length.");
    load.answer_size = size;
    return true;
}

static void drive(struct connection *connections, unsigned count, unsigned long requests,
                  struct samples *times) {
    struct epoll_event events[CONNECTIONS_MAX];
    unsigned long asked = 0, answered = 0;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < count; i++, asked++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
        ask(&connections[i]);
    }
    while (answered < requests) {
        int ready = epoll_wait(epoll, events, CONNECTIONS_MAX, 10000);
        if (ready <= 0)
            measure_die("No answer for 10 s.");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!take(connection))
                continue;
            samples_add(times, (double)(measure_now_us() - connection->sent_us) / 1000);
            answered++;
            if (asked < requests) {
                ask(connection);
                asked++;
            }
        }
    }
    close(epoll);
}

static void report(const char *prefix, const char *what, double value) {
    char name[96];
    snprintf(name, sizeof name, "%s.%s", prefix, what);
    measure_report(name, value);
}

int main(int argc, char **argv) {
    struct samples times = {0};
    if (argc != 6)
        measure_die("usage: http_load http|gzip|redis PORT PREFIX REQUESTS CONNECTIONS");
    unsigned long requests = strtoul(argv[4], NULL, 10);
    unsigned count = (unsigned)atoi(argv[5]);
    if (count == 0 || count > CONNECTIONS_MAX || requests < count)
        measure_die("1 to %d connections, and no fewer requests.", CONNECTIONS_MAX);
    load.redis = strcmp(argv[1], "redis") == 0;
    load.question = load.redis ? "HGETALL cells\r\n"
                    : strcmp(argv[1], "gzip") == 0
                        ? "GET /v1/totals?level=all HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\n\r\n"
                        : "GET /v1/totals?level=all HTTP/1.1\r\nHost: bench\r\n\r\n";
    struct connection *connections = calloc(count, sizeof *connections);
    if (!connections)
        measure_die("No memory.");
    for (unsigned i = 0; i < count; i++)
        connections[i].fd = loopback_connect(argv[2]);
    int64_t begun_us = measure_now_us();
    drive(connections, count, requests, &times);
    report(argv[3], "requests_per_s", (double)requests * 1e6 / (double)(measure_now_us() - begun_us));
    report(argv[3], "p99_ms", samples_percentile(&times, 99));
    report(argv[3], "bytes", (double)load.answer_size);
    for (unsigned i = 0; i < count; i++)
        close(connections[i].fd);
    free(connections);
    samples_free(&times);
    return 0;
}
