/* http.h - the HTTP daemon: libmicrohttpd in the loop's own thread, driven by one epoll descriptor. */
#ifndef GATEWAY_HTTP_H
#define GATEWAY_HTTP_H

#include "cakupan/result.h"

#include <stdint.h>

#define HTTP_CONNECTIONS_MAX         4096
#define HTTP_CONNECTIONS_ADDRESS_MAX 1024
#define HTTP_CONNECTION_MEMORY_BYTES (32u << 10)

struct gateway;
struct http;

struct http_config {
    const char *listen;
    const char *tls_cert, *tls_key; /* PEM texts; NULL: plain */
};
/* RESULT_CONFLICT (PORT_TAKEN) where the address is in use. */
MUST_USE enum result http_open(struct http **out, const struct http_config *config, struct gateway *gateway,
                               struct failure *why);
/* Answers all that wait with STOPPING, then closes. */
void http_close(struct http **http);
int http_descriptor(const struct http *http); /* to poll for reading */
/* How long the next wait may be, at most `longest_ms`. */
int http_wait_ms(struct http *http, int longest_ms);
/* Does what is due; call after every poll, and after whatever may have answered a request. */
void http_work(struct http *http, int64_t now_ms);
unsigned http_connections(const struct http *http);

#endif
