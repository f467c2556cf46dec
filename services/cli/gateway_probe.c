/* gateway_probe.c - GET /readyz of the gateway (gateway_probe.h). */
#include "gateway_probe.h"

#include <errno.h>
#include <jansson.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 2, ANSWER_MAX = 8192 };

/* "http://[::1]:7302" -> "::1" and "7302". */
static bool url_split(const char *url, char host[64], char port[8]) {
    const char *at = strstr(url, "://"), *colon = strrchr(url, ':');
    if (!at || colon <= at)
        return false;
    at += 3;
    bool bracket = *at == '[';
    size_t size = (size_t)(colon - at) - (bracket ? 2 : 0);
    if (size == 0 || size >= 64 || strlen(colon + 1) >= 8)
        return false;
    memcpy(host, at + bracket, size);
    host[size] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return true;
}

static int gateway_connect(const char *url) {
    char host[64], port[8];
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    const struct timeval patience = {PATIENCE_S, 0};
    struct addrinfo *address;
    if (!url_split(url, host, port) || getaddrinfo(host, port, &hints, &address) != 0)
        return -1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
                     setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
                     connect(fd, address->ai_addr, address->ai_addrlen) == 0;
    freeaddrinfo(address);
    if (!connected && fd >= 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* The whole answer; its length, 0 where none came. */
static size_t answer_read(int fd, char answer[ANSWER_MAX]) {
    static const char question[] = "GET /readyz HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n"
                                   "Accept-Language: en\r\n\r\n";
    size_t size = 0;
    if (send(fd, question, sizeof question - 1, MSG_NOSIGNAL) != (ssize_t)sizeof question - 1)
        return 0;
    for (ssize_t got = 1; got > 0 && size<ANSWER_MAX - 1; size += got> 0 ? (size_t)got : 0)
        got = recv(fd, answer + size, ANSWER_MAX - 1 - size, 0);
    answer[size] = '\0';
    return size;
}

/* Which of the services it can't reach. */
static void links_tell(const json_t *ready, char *remark, size_t size) {
    const char *name;
    json_t *up;
    size_t length = 0;
    json_object_foreach(json_object_get(ready, "links"), name, up) {
        if (json_is_false(up) && length < size)
            length +=
                (size_t)snprintf(remark + length, size - length, "%s%s is away", length ? ", " : "", name);
    }
}

bool gateway_probe(const char *url, uint64_t *offset, char *remark, size_t size) {
    char answer[ANSWER_MAX];
    *offset = 0;
    remark[0] = '\0';
    int fd = gateway_connect(url);
    if (fd < 0) {
        snprintf(remark, size, "nobody answers at %s", *url ? url : "its address");
        return false;
    }
    bool https = strncmp(url, "https:", 6) == 0;
    size_t length = https ? 0 : answer_read(fd, answer);
    close(fd);
    if (https)
        return true;
    const char *body = length > 0 ? strstr(answer, "\r\n\r\n") : NULL;
    json_t *ready = body ? json_loads(body + 4, 0, NULL) : NULL;
    if (!ready)
        snprintf(remark, size, "no answer from %s within %d s", url, PATIENCE_S);
    *offset = (uint64_t)json_integer_value(json_object_get(ready, "offset"));
    links_tell(ready, remark, size);
    bool answered = ready != NULL;
    json_decref(ready);
    return answered;
}
