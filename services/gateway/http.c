/* http.c - the HTTP daemon (http.h): its socket, its bounds, its beginning and its end. */
#include "http_internal.h"

#include "gateway_internal.h"
#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/require.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG      512
#define DESCRIPTORS_BESIDES 256  /* of children, files, sockets to the services */
#define SENDING_IDLE_S      35u  /* a little more than CONNECTION_IDLE_MS: who is slow is told so first */
#define DRAIN_MS            3000 /* answers begun are sent, at the stop */
#define DRAIN_STEP_US       10000

/* TLS 1.2 is what the oldest browsers in use speak; there is no older one worth its holes. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

static void connection_notice(void *context, struct MHD_Connection *connection, void **slot,
                              enum MHD_ConnectionNotificationCode code) {
    struct http *http = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        const struct sockaddr *address =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
        *slot = connections_add(http->connections, fd, address, http->tls, http->gateway->now_ms);
    } else {
        struct connection *closed = *slot;
        connections_remove(&closed);
        *slot = NULL;
    }
}

/* "127.0.0.1:7302", "[::1]:7302": numbers only, so that no name server decides where we listen. */
static enum result address_read(const char *listen, struct addrinfo **out, struct failure *why) {
    char host[64] = "";
    const char *colon = strrchr(listen, ':');
    size_t size = colon ? (size_t)(colon - listen) : 0;
    bool bracket = size > 2 && listen[0] == '[' && colon[-1] == ']';
    if (size > 0 && size < sizeof host)
        snprintf(host, sizeof host, "%.*s", (int)(bracket ? size - 2 : size), bracket ? listen + 1 : listen);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    if (!host[0] || getaddrinfo(host, colon + 1, &hints, out) != 0)
        return fail(why, RESULT_INVALID, "OPTION_VALUE",
                    "--listen takes ADDRESS:PORT, such as 127.0.0.1:7302 or [::1]:7302, not '%.80s'.",
                    listen);
    return RESULT_OK;
}

static enum result listen_open(const char *listen_at, int *out, struct failure *why) {
    struct addrinfo *address;
    int on = 1;
    enum result result = address_read(listen_at, &address, why);
    if (result != RESULT_OK)
        return result;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool open = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0;
    int error = errno;
    freeaddrinfo(address);
    *out = fd;
    if (open)
        return RESULT_OK;
    if (fd >= 0)
        close(fd);
    if (error == EADDRINUSE)
        return fail(why, RESULT_CONFLICT, "PORT_TAKEN",
                    "The address %.80s is taken by another program: stop it or choose another port.",
                    listen_at);
    return fail(why, RESULT_IO, "CANNOT_START", "The address %.80s can't be listened at: %s.", listen_at,
                strerror(error));
}

/* As many connections as the descriptors that we may open allow. */
static unsigned connections_max(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return HTTP_CONNECTIONS_ADDRESS_MAX;
    limit.rlim_cur = limit.rlim_max;
    (void)!setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= HTTP_CONNECTIONS_MAX + DESCRIPTORS_BESIDES)
        return HTTP_CONNECTIONS_MAX;
    unsigned files = (unsigned)limit.rlim_cur;
    unsigned most = files > 2 * DESCRIPTORS_BESIDES ? files - DESCRIPTORS_BESIDES : files / 2;
    log_warning("only %u connections at once: this process may open %u files", most, files);
    return most;
}

static struct MHD_Daemon *daemon_start(struct http *http, const struct http_config *config, int fd) {
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)config->tls_cert},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)config->tls_key},
                                   {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
                                   {MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem *more = config->tls_cert ? tls : &tls[3];
    if (config->tls_cert)
        flags |= MHD_USE_TLS;
    return MHD_start_daemon(flags, 0, NULL, NULL, http_access, http, MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_URI_LOG_CALLBACK, http_target, http, MHD_OPTION_NOTIFY_COMPLETED,
                            http_completed, http, MHD_OPTION_NOTIFY_CONNECTION, connection_notice, http,
                            MHD_OPTION_CONNECTION_LIMIT, connections_max(),
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_ADDRESS_MAX,
                            MHD_OPTION_CONNECTION_TIMEOUT, SENDING_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)HTTP_CONNECTION_MEMORY_BYTES, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

enum result http_open(struct http **out, const struct http_config *config, struct gateway *gateway,
                      struct failure *why) {
    int fd;
    enum result result = listen_open(config->listen, &fd, why);
    if (result != RESULT_OK)
        return result;
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        abort();
    http->gateway = gateway;
    http->tls = config->tls_cert != NULL;
    http->connections = connections_new();
    http->daemon = daemon_start(http, config, fd);
    if (!http->daemon) {
        close(fd);
        connections_destroy(&http->connections);
        free(http);
        return fail(why, RESULT_IO, "CANNOT_START", "The HTTP daemon can't start%s.",
                    config->tls_cert ? ": --tls-cert and --tls-key are no pair of PEM files" : "");
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    require(info && info->epoll_fd >= 0, "the daemon has an epoll descriptor");
    http->epoll_fd = info->epoll_fd;
    *out = http;
    return RESULT_OK;
}

/* To stop the daemon while something is suspended is undefined: all are answered and resumed first. Then
 * answers that were begun are sent, and requests that were coming may come to their end, for a while. */
static void drain(struct http *http) {
    int64_t end_us = clock_monotonic_us() + DRAIN_MS * 1000;
    do {
        for (struct request *request = http->open; request; request = request->next) {
            if (request->state == REQUEST_WAITING)
                request_problem(request, "STOPPING", NULL);
            request_ready(request);
        }
        MHD_run(http->daemon);
        usleep(http->open ? DRAIN_STEP_US : 0);
    } while (http->open && clock_monotonic_us() < end_us);
    for (struct request *request = http->open; request; request = request->next)
        request_ready(request);
    MHD_run(http->daemon);
}

void http_close(struct http **http) {
    if (!*http)
        return;
    int fd = MHD_quiesce_daemon((*http)->daemon);
    if (fd >= 0)
        close(fd);
    drain(*http);
    MHD_stop_daemon((*http)->daemon);
    connections_destroy(&(*http)->connections);
    free(*http);
    *http = NULL;
}

int http_descriptor(const struct http *http) {
    return http->epoll_fd;
}

int http_wait_ms(struct http *http, int longest_ms) {
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout(http->daemon, &timeout_ms) != MHD_YES || timeout_ms > (unsigned)longest_ms)
        return longest_ms;
    return (int)timeout_ms;
}

void http_work(struct http *http, int64_t now_ms) {
    connections_work(http->connections, now_ms);
    if (MHD_run(http->daemon) != MHD_YES)
        log_warning("the HTTP daemon could not poll its connections");
}

unsigned http_connections(const struct http *http) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}
