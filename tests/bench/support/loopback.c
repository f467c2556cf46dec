/* loopback.c - TCP connections to a port of this machine (loopback.h). */
#include "loopback.h"
#include "measure.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int loopback_connect(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        measure_die("Nobody answers at port %s.", port);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void loopback_send(int fd, const char *text) {
    for (size_t left = strlen(text); left > 0;) {
        ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);
        if (sent <= 0)
            measure_die("The other end hung up.");
        text += sent;
        left -= (size_t)sent;
    }
}

void loopback_watch(int fd) {
    loopback_send(fd, "GET /v1/totals/stream HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n");
}
