/* socket.c - makes every ZeroMQ socket (socket.h). The table of options is the only place where any is
 * chosen. */
#include "socket.h"

#include "zap.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Enough for a simulator of thousands of devices in one process. */
#define SOCKETS_MAX 32768
/* In Debian's library, but its header shows it only to programs that use draft sockets. */
#define OPTION_ZAP_ENFORCE_DOMAIN 93
#define MESSAGE_MAX_BYTES         ((1 << 20) + 4096)
#define HIGH_WATER                1000

struct option {
    int name;
    int value;
};

/* Defaults of libzmq that would hang, drop or grow without bound are replaced one by one. */
static const struct option always[] = {
    {ZMQ_LINGER, 0},                /* acks make delivery sure, not a closing socket       */
    {ZMQ_IMMEDIATE, 1},             /* queue to living connections only                    */
    {ZMQ_HANDSHAKE_IVL, 15000},     /* a silent stranger holds a connection no longer      */
    {ZMQ_HEARTBEAT_IVL, 10000},     /* finds half-open connections ...                     */
    {ZMQ_HEARTBEAT_TIMEOUT, 30000}, /* ... and cuts them                                   */
    {ZMQ_HEARTBEAT_TTL, 60000},     /* the other side cuts us after this silence           */
    {ZMQ_RECONNECT_IVL, 50},        /* a service that restarts is found again quickly ...  */
    {ZMQ_RECONNECT_IVL_MAX, 3000},  /* ... and one that is away is not hammered            */
    {ZMQ_CONNECT_TIMEOUT, 10000},   /* the system's own is two minutes                     */
    {ZMQ_TCP_KEEPALIVE, 1},         /* keeps NAT entries alive, too                        */
    {ZMQ_TCP_KEEPALIVE_IDLE, 30},
    {ZMQ_TCP_KEEPALIVE_INTVL, 10},
    {ZMQ_TCP_KEEPALIVE_CNT, 3},
    {ZMQ_BACKLOG, 4096}, /* thousands of devices come back at once after a restart */
};
/* An unknown peer is an error instead of silence; a routing id never moves to another connection (libzmq
 * #4503). */
static const struct option router_only[] = {{ZMQ_ROUTER_MANDATORY, 1}, {ZMQ_ROUTER_HANDOVER, 0}};
static const struct option curve_server[] = {{ZMQ_CURVE_SERVER, 1}, {OPTION_ZAP_ENFORCE_DOMAIN, 1}};

void socket_setup(void) {
    static bool done;
    if (done)
        return;
    done = true;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    signal(SIGPIPE, SIG_IGN);
    zsys_handler_set(NULL);
    zsys_init();
    /* czmq installs its handlers in zsys_init whatever it was told before: taken out again here. */
    zsys_handler_reset();
    zsys_set_max_sockets(SOCKETS_MAX);
    zsys_set_linger(0);
}

static bool set_all(void *socket, const struct option *options, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof options[i].value) < 0)
            return false;
    return true;
}
#define SET_ALL(socket, options) set_all(socket, options, sizeof(options) / sizeof *(options))

static bool set_bounds(void *socket, const struct socket_options *options) {
    int high_water = options->high_water ? options->high_water : HIGH_WATER;
    int send_high_water = options->send_high_water ? options->send_high_water : high_water;
    const struct option waters[] = {{ZMQ_SNDHWM, send_high_water}, {ZMQ_RCVHWM, high_water}};
    int64_t bytes = options->max_message_bytes ? options->max_message_bytes : MESSAGE_MAX_BYTES;
    return SET_ALL(socket, waters) && zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes, sizeof bytes) == 0;
}

static bool set_text(void *socket, int name, const char *text) {
    return zmq_setsockopt(socket, name, text, strlen(text) + 1) == 0;
}

static bool set_curve(void *socket, bool bind, const struct socket_options *options) {
    if (!set_text(socket, ZMQ_CURVE_SECRETKEY, options->keys->secret_key))
        return false;
    if (bind)
        return SET_ALL(socket, curve_server) &&
               zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)) == 0;
    return set_text(socket, ZMQ_CURVE_PUBLICKEY, options->keys->public_key) &&
           set_text(socket, ZMQ_CURVE_SERVERKEY, options->server_key);
}

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

/* libzmq would take port 99999 for 34463. A listener may leave the choice to the system by "*". */
static bool port_is_sound(const char *endpoint, bool bind) {
    const char *port = strrchr(endpoint, ':') + 1;
    size_t digits = strspn(port, "0123456789");
    if (bind && strcmp(port, "*") == 0)
        return true;
    return digits && digits <= 5 && !port[digits] && atoi(port) >= 1 && atoi(port) <= 65535;
}

static enum result check_endpoint(const char *endpoint, bool bind, const struct socket_options *options,
                                  struct failure *why) {
    struct sockaddr_un address;
    /* Abstract (@name) and wildcard sockets have no file whose mode would keep others out. */
    if (starts_with(endpoint, "ipc://") && endpoint[6] && !strchr("@*", endpoint[6])) {
        if (strlen(endpoint + 6) >= sizeof address.sun_path)
            return fail(
                why, RESULT_INVALID, "SOCKET_PATH_LONG",
                "The socket path %s is longer than the 107 bytes that unix sockets allow: use a state "
                "directory with a shorter path.",
                endpoint + 6);
        return RESULT_OK;
    }
    if (!starts_with(endpoint, "tcp://") || !port_is_sound(endpoint, bind))
        return fail(why, RESULT_INVALID, "ENDPOINT_INVALID",
                    "The endpoint %s is neither tcp://host:port (1 to 65535) nor ipc:///path.", endpoint);
    if (!options->keys || (!bind && !options->server_key))
        return fail(why, RESULT_INVALID, "KEYS_MISSING",
                    "The endpoint %s leaves the machine, so it needs %s: tcp is never used without CURVE.",
                    endpoint, options->keys ? "the server's public key" : "a key pair");
    return RESULT_OK;
}

static enum result make(zsock_t **out, int type, const char *endpoint, bool bind,
                        const struct socket_options *options, struct failure *why) {
    enum result result = check_endpoint(endpoint, bind, options, why);
    if (result != RESULT_OK)
        return result;
    zsock_t *made = zsock_new(type);
    if (!made)
        return fail(why, RESULT_FULL, "NO_SOCKET", "No socket for %s: %s. Raise the limit of open files.",
                    endpoint, zmq_strerror(errno));
    void *socket = zsock_resolve(made);
    bool set = SET_ALL(socket, always) && set_bounds(socket, options) &&
               (type != ZMQ_ROUTER || SET_ALL(socket, router_only)) &&
               (!starts_with(endpoint, "tcp://") || set_curve(socket, bind, options));
    if (!set) {
        result = fail(why, RESULT_INVALID, "SOCKET_OPTION",
                      "The socket for %s refused an option (%s): is this libzmq 4.3 with CURVE, and are the "
                      "keys whole?",
                      endpoint, zmq_strerror(errno));
        zsock_destroy(&made);
        return result;
    }
    *out = made;
    return RESULT_OK;
}

/* libzmq would unlink whatever stands at the path, also a socket at which another process listens. */
static enum result clear_stale(const char *path, struct failure *why) {
    struct stat status;
    if (lstat(path, &status) < 0)
        return RESULT_OK;
    if (!S_ISSOCK(status.st_mode))
        return fail(why, RESULT_CONFLICT, "PORT_TAKEN", "%s is in the way and is no socket: move it away.",
                    path);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return fail(why, RESULT_IO, "NO_SOCKET", "No socket to look at %s: %s.", path, strerror(errno));
    bool refused = connect(probe, (struct sockaddr *)&address, sizeof address) < 0 && errno == ECONNREFUSED;
    close(probe);
    if (!refused)
        return fail(why, RESULT_CONFLICT, "PORT_TAKEN",
                    "Another process listens at %s: stop it or give another state directory.", path);
    unlink(path);
    return RESULT_OK;
}

static enum result bind_failure(const char *endpoint, struct failure *why) {
    if (errno == EADDRINUSE)
        return fail(why, RESULT_CONFLICT, "PORT_TAKEN",
                    "The address %s is taken by another program: stop it or choose another port.", endpoint);
    return fail(why, RESULT_INVALID, "ENDPOINT_INVALID", "Could not listen at %s: %s.", endpoint,
                zmq_strerror(errno));
}

static enum result bind_private(void *socket, const char *endpoint, struct failure *why) {
    enum result result = clear_stale(endpoint + strlen("ipc://"), why);
    if (result != RESULT_OK)
        return result;
    mode_t before = umask(0177); /* the file is 0600 from its first instant */
    int bound = zmq_bind(socket, endpoint);
    int error = errno;
    umask(before);
    errno = error;
    return bound < 0 ? bind_failure(endpoint, why) : RESULT_OK;
}

enum result socket_bind(zsock_t **out, int type, const char *endpoint, const struct socket_options *options,
                        struct failure *why) {
    zsock_t *made = NULL;
    enum result result = make(&made, type, endpoint, true, options, why);
    if (result != RESULT_OK)
        return result;
    if (starts_with(endpoint, "ipc://"))
        result = bind_private(zsock_resolve(made), endpoint, why);
    else if (zmq_bind(zsock_resolve(made), endpoint) < 0)
        result = bind_failure(endpoint, why);
    if (result != RESULT_OK) {
        zsock_destroy(&made);
        return result;
    }
    *out = made;
    return RESULT_OK;
}

enum result socket_connect(zsock_t **out, int type, const char *endpoint,
                           const struct socket_options *options, struct failure *why) {
    zsock_t *made = NULL;
    enum result result = make(&made, type, endpoint, false, options, why);
    if (result != RESULT_OK)
        return result;
    if (zmq_connect(zsock_resolve(made), endpoint) < 0) {
        result = fail(why, RESULT_INVALID, "ENDPOINT_INVALID", "Could not connect to %s: %s.", endpoint,
                      zmq_strerror(errno));
        zsock_destroy(&made);
        return result;
    }
    *out = made;
    return RESULT_OK;
}
