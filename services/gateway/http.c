/* http.c - the HTTP daemon (http.h): connections, bodies, and the life of a request.
 *
 * libmicrohttpd calls `access` once for the headers, once for each piece of the body, once at its end, and
 * again after a suspended request was answered.
 */
#include "http.h"

#include "page.h"
#include "request_internal.h"
#include "runtime/log.h"
#include "runtime/require.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG 512
#define BODY_FIRST     4096u

struct http {
    struct gateway *gateway;
    struct MHD_Daemon *daemon;
    struct request *open; /* all that are not completed */
    int epoll_fd;
};

static struct request *request_new(struct http *http, struct MHD_Connection *connection, const char *path,
                                   const char *method) {
    struct request *request = calloc(1, sizeof *request);
    char allow[64];
    bool path_known;
    if (!request)
        abort();
    request->gateway = http->gateway;
    request->connection = connection;
    request->route = route_find(method, path, request->parts, &path_known, allow);
    snprintf(request->path, sizeof request->path, "%.120s", request->route ? request->route->path : path);
    request_list(request, &http->open);
    if (!request->route) {
        request->state = REQUEST_HANDLED;
        if (path_known)
            request_problem(request, "METHOD_NOT_ALLOWED", allow);
        else
            request_problem(request, "PATH_UNKNOWN", NULL);
    }
    return request;
}

static void completed(void *context, struct MHD_Connection *connection, void **slot,
                      enum MHD_RequestTerminationCode code) {
    struct request *request = *slot;
    (void)context;
    (void)connection;
    (void)code;
    if (!request)
        return;
    if (request->stream.closed)
        request->stream.closed(request->stream.context);
    if (request->response)
        MHD_destroy_response(request->response);
    *request->slot = request->next;
    if (request->next)
        request->next->slot = request->slot;
    free(request->body);
    free(request);
    *slot = NULL;
}

/* False where it is more than the route takes: then it is answered, and the rest dropped. */
static void body_take(struct request *request, const char *data, size_t size) {
    if (request->state != REQUEST_BODY)
        return;
    if (request->body_size + size > request->route->body_max) {
        char most[16];
        snprintf(most, sizeof most, "%u", request->route->body_max);
        request->state = REQUEST_HANDLED;
        request_problem(request, "BODY_TOO_LARGE", most);
        return;
    }
    if (request->body_size + size > request->body_capacity) {
        size_t wanted = request->body_capacity ? request->body_capacity * 2 : BODY_FIRST;
        while (wanted < request->body_size + size)
            wanted *= 2;
        request->body = realloc(request->body, wanted);
        if (!request->body)
            abort();
        request->body_capacity = wanted;
    }
    memcpy(request->body + request->body_size, data, size);
    request->body_size += size;
}

static enum MHD_Result queue(struct request *request) {
    enum MHD_Result result = MHD_queue_response(request->connection, request->status, request->response);
    MHD_destroy_response(request->response);
    request->response = NULL;
    request->state = REQUEST_QUEUED;
    return result;
}

static enum MHD_Result access_handler(void *context, struct MHD_Connection *connection, const char *path,
                                      const char *method, const char *version, const char *data, size_t *size,
                                      void **slot) {
    struct request *request = *slot;
    (void)version;
    if (!request) {
        *slot = request_new(context, connection, path, method);
        return MHD_YES;
    }
    if (*size > 0) {
        body_take(request, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (request->state == REQUEST_BODY) {
        request->state = REQUEST_HANDLED;
        request->route->handle(request);
        require(request->state != REQUEST_HANDLED, "a handler answers or waits");
    }
    if (request->state == REQUEST_WAITING)
        request_suspend(request);
    return request->state == REQUEST_ANSWERED ? queue(request) : MHD_YES;
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

static struct MHD_Daemon *daemon_start(struct http *http, const struct http_config *config, int fd) {
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)config->tls_cert},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)config->tls_key},
                                   {MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem *more = config->tls_cert ? tls : &tls[2];
    if (config->tls_cert)
        flags |= MHD_USE_TLS;
    return MHD_start_daemon(flags, 0, NULL, NULL, access_handler, http, MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_NOTIFY_COMPLETED, completed, http, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                            (unsigned)HTTP_CONNECTIONS_ADDRESS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                            HTTP_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
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
    http->daemon = daemon_start(http, config, fd);
    if (!http->daemon) {
        close(fd);
        free(http);
        return fail(why, RESULT_IO, "CANNOT_START", "The HTTP daemon can't start%s.",
                    config->tls_cert ? ": are --tls-cert and --tls-key a pair of PEM files?" : "");
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    require(info && info->epoll_fd >= 0, "the daemon has an epoll descriptor");
    http->epoll_fd = info->epoll_fd;
    *out = http;
    return RESULT_OK;
}

/* To stop the daemon while something is suspended is undefined: all are answered and resumed first. */
void http_close(struct http **http) {
    if (!*http)
        return;
    for (struct request *request = (*http)->open; request; request = request->next) {
        if (request->state == REQUEST_WAITING)
            request_problem(request, "STOPPING", NULL);
        request_ready(request);
    }
    MHD_run((*http)->daemon);
    MHD_stop_daemon((*http)->daemon);
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
    (void)now_ms;
    if (MHD_run(http->daemon) != MHD_YES)
        log_warning("the HTTP daemon could not poll its connections");
}

unsigned http_connections(const struct http *http) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}
