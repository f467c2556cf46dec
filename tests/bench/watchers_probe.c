/* watchers_probe.c - many clients of the stream at once, some of which read slowly: who is lost, who lags,
 * who sees the final state.
 *
 * usage: watchers_probe PORT PREFIX WATCHERS SLOW SECONDS
 * Reads for SECONDS while others make the totals change, then until every watcher has the offset that
 * /v1/totals says, 10 s at most. Slow ones take 512 bytes a second, and read on at the end.
 */
#include "support/loopback.h"
#include "support/measure.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WATCHERS_MAX = 1024, BUFFER_SIZE = 65536, EVENTS = 256, SLOW_BYTES = 512, FINAL_S = 10 };

struct watcher {
    int fd;
    bool slow, lost;
    uint64_t messages, offset;
    size_t size; /* of the line that is not whole */
    char line[64];
};

static struct watcher watchers[WATCHERS_MAX];
static unsigned count;

/* Only the first bytes of a line matter: "id: OFFSET-HASH". */
static void bytes_take(struct watcher *watcher, const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            if (watcher->size < sizeof watcher->line - 1)
                watcher->line[watcher->size++] = bytes[i];
            continue;
        }
        watcher->line[watcher->size] = '\0';
        if (strncmp(watcher->line, "id: ", 4) == 0) {
            watcher->offset = strtoull(watcher->line + 4, NULL, 10);
            watcher->messages++;
        }
        watcher->size = 0;
    }
}

static void watcher_read(struct watcher *watcher, size_t most) {
    char bytes[BUFFER_SIZE];
    ssize_t got = recv(watcher->fd, bytes, most, MSG_DONTWAIT);
    if (got > 0)
        bytes_take(watcher, bytes, (size_t)got);
    else if (got == 0)
        watcher->lost = true;
}

static void read_for(int epoll, int64_t until_us, bool done(void)) {
    struct epoll_event events[EVENTS];
    int64_t slow_us = measure_now_us();
    while (measure_now_us() < until_us && !(done && done())) {
        int ready = epoll_wait(epoll, events, EVENTS, 100);
        for (int i = 0; i < ready; i++) {
            struct watcher *watcher = events[i].data.ptr;
            watcher_read(watcher, BUFFER_SIZE);
            if (watcher->lost)
                epoll_ctl(epoll, EPOLL_CTL_DEL, watcher->fd, NULL);
        }
        if (measure_now_us() - slow_us < 1000000)
            continue;
        slow_us = measure_now_us();
        for (unsigned i = 0; i < count && !done; i++)
            if (watchers[i].slow)
                watcher_read(&watchers[i], SLOW_BYTES);
    }
}

static void watch(int epoll, unsigned index) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &watchers[index]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, watchers[index].fd, &event);
}

static uint64_t final_offset(const char *port) {
    char answer[512] = "";
    int fd = loopback_connect(port);
    loopback_send(fd, "HEAD /v1/totals HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n");
    size_t size = 0;
    ssize_t got;
    while (size < sizeof answer - 1 && (got = read(fd, answer + size, sizeof answer - 1 - size)) > 0)
        size += (size_t)got;
    close(fd);
    const char *etag = strcasestr(answer, "ETag: W/\"");
    return etag ? strtoull(etag + 9, NULL, 10) : 0;
}

static uint64_t wanted;

static unsigned behind(void) {
    unsigned some = 0;
    for (unsigned i = 0; i < count; i++)
        some += !watchers[i].lost && watchers[i].offset < wanted;
    return some;
}
static bool all_there(void) {
    return behind() == 0;
}

static void report(const char *prefix, const char *what, double value) {
    char name[96];
    snprintf(name, sizeof name, "%s.%s", prefix, what);
    measure_report(name, value);
}

int main(int argc, char **argv) {
    struct samples messages = {0};
    unsigned lost = 0;
    if (argc != 6 || atoi(argv[3]) < 1 || atoi(argv[3]) > WATCHERS_MAX)
        measure_die("usage: watchers_probe PORT PREFIX WATCHERS SLOW SECONDS");
    count = (unsigned)atoi(argv[3]);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < count; i++) {
        watchers[i].fd = loopback_connect(argv[1]);
        watchers[i].slow = i < (unsigned)atoi(argv[4]);
        loopback_watch(watchers[i].fd);
        if (!watchers[i].slow)
            watch(epoll, i);
    }
    read_for(epoll, measure_now_us() + atoi(argv[5]) * INT64_C(1000000), NULL);
    wanted = final_offset(argv[1]);
    for (unsigned i = 0; i < count; i++)
        if (watchers[i].slow)
            watch(epoll, i);
    int64_t begun_us = measure_now_us();
    read_for(epoll, begun_us + FINAL_S * INT64_C(1000000), all_there);
    report(argv[2], "final_ms", (double)(measure_now_us() - begun_us) / 1000);
    for (unsigned i = 0; i < count; i++) {
        lost += watchers[i].lost;
        if (!watchers[i].slow)
            samples_add(&messages, (double)watchers[i].messages);
        close(watchers[i].fd);
    }
    report(argv[2], "lost", lost);
    report(argv[2], "behind", behind());
    report(argv[2], "messages_min", samples_percentile(&messages, 0));
    report(argv[2], "messages_p50", samples_percentile(&messages, 50));
    samples_free(&messages);
    close(epoll);
    return 0;
}
