/* loopback.h - TCP connections to a port of this machine, for benchmarks that speak HTTP or Redis's
 * protocol. */
#ifndef BENCH_LOOPBACK_H
#define BENCH_LOOPBACK_H

#include <stddef.h>

/* A connection without delay; ends the program where nobody listens. */
int loopback_connect(const char *port);
/* The whole text; ends the program where the other end went. */
void loopback_send(int fd, const char *text);
/* Asks for /v1/totals/stream. */
void loopback_watch(int fd);

#endif
