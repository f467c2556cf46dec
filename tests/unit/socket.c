/* socket.c - real connections: who gets in over CURVE, what is bounded, and what a taken address says. */
#include "runtime/socket.h"
#include "runtime/zap.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct curve_keys server_keys, known, stranger;
static struct failure why;
static struct zap *zap;
static zsock_t *server;
static char endpoint[256];
static int lookups;

static bool look_up(void *context, const uint8_t key[32], char user_id[32]) {
    uint8_t known_key[32];
    (void)context;
    lookups++;
    zmq_z85_decode(known_key, known.public_key);
    strcpy(user_id, "17");
    return memcmp(key, known_key, sizeof known_key) == 0;
}

static void make_keys(struct curve_keys *keys) {
    cr_assert_eq(zmq_curve_keypair(keys->public_key, keys->secret_key), 0);
}

static void open_server(const struct socket_options *more) {
    struct socket_options options = more ? *more : (struct socket_options){0};
    size_t size = sizeof endpoint;
    socket_setup();
    make_keys(&server_keys);
    make_keys(&known);
    make_keys(&stranger);
    options.keys = &server_keys;
    cr_assert_eq(zap_open(&zap, look_up, NULL, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(socket_bind(&server, ZMQ_ROUTER, "tcp://127.0.0.1:*", &options, &why), RESULT_OK, "%s",
                 why.sentence);
    cr_assert_eq(zmq_getsockopt(zsock_resolve(server), ZMQ_LAST_ENDPOINT, endpoint, &size), 0);
}

static zsock_t *connect_with(const struct curve_keys *keys, const char *server_key) {
    struct socket_options options = {.keys = keys, .server_key = server_key};
    zsock_t *client = NULL;
    cr_assert_eq(socket_connect(&client, ZMQ_DEALER, endpoint, &options, &why), RESULT_OK, "%s",
                 why.sentence);
    return client;
}

static void clean(zsock_t *client) {
    zsock_destroy(&client);
    zsock_destroy(&server);
    zap_close(&zap);
    cr_assert_null(zap);
}

/* Turns the service's loop for up to `timeout_ms`, sending `size` bytes once connected; the body frame
 * that came in, if any, is left in `body` with the user id it carried. */
static bool exchange(zsock_t *client, size_t size, int timeout_ms, zmq_msg_t *body, char user_id[32]) {
    bool sent = false;
    char *bytes = calloc(1, size + 1);
    for (int waited_ms = 0; waited_ms < timeout_ms; waited_ms += 5) {
        zmq_pollitem_t items[] = {{zap_socket(zap), 0, ZMQ_POLLIN, 0},
                                  {zsock_resolve(server), 0, ZMQ_POLLIN, 0}};
        zmq_poll(items, 2, 5);
        zap_handle(zap);
        sent = sent || zmq_send(zsock_resolve(client), bytes, size, ZMQ_DONTWAIT) >= 0;
        zmq_msg_t peer;
        zmq_msg_init(&peer);
        if (zmq_msg_recv(&peer, zsock_resolve(server), ZMQ_DONTWAIT) >= 0) {
            zmq_msg_init(body);
            cr_assert_geq(zmq_msg_recv(body, zsock_resolve(server), ZMQ_DONTWAIT), 0);
            const char *carried = zmq_msg_gets(body, "User-Id");
            snprintf(user_id, 32, "%s", carried ? carried : "none");
            zmq_msg_close(&peer);
            free(bytes);
            return true;
        }
        zmq_msg_close(&peer);
    }
    free(bytes);
    return false;
}

static bool gets_in(zsock_t *client, int timeout_ms) {
    zmq_msg_t body;
    char user_id[32];
    if (!exchange(client, 10, timeout_ms, &body, user_id))
        return false;
    cr_assert_eq(zmq_msg_size(&body), 10);
    cr_assert_str_eq(user_id, "17");
    zmq_msg_close(&body);
    return true;
}

Test(socket, the_right_key_gets_in_and_its_user_id_is_on_the_body) {
    open_server(NULL);
    zsock_t *client = connect_with(&known, server_keys.public_key);
    cr_assert(gets_in(client, 5000));
    cr_assert_eq(lookups, 1);
    clean(client);
}

Test(socket, an_unknown_key_stays_out) {
    open_server(NULL);
    zsock_t *client = connect_with(&stranger, server_keys.public_key);
    cr_assert_not(gets_in(client, 700));
    cr_assert_gt(lookups, 0);
    clean(client);
}

Test(socket, the_wrong_server_key_stays_out) {
    open_server(NULL);
    zsock_t *client = connect_with(&known, stranger.public_key);
    cr_assert_not(gets_in(client, 700));
    cr_assert_eq(lookups, 0, "not even looked up");
    clean(client);
}

Test(socket, no_key_stays_out) {
    open_server(NULL);
    zsock_t *client = zsock_new(ZMQ_DEALER);
    cr_assert_eq(zmq_connect(zsock_resolve(client), endpoint), 0);
    cr_assert_not(gets_in(client, 700));
    cr_assert_eq(lookups, 0);
    clean(client);
}

Test(socket, without_a_zap_handler_nobody_gets_in) {
    open_server(NULL);
    zsock_t *nobody = NULL;
    zap_close(&zap);
    zsock_t *client = connect_with(&known, server_keys.public_key);
    char byte;
    for (int i = 0; i < 140; i++) {
        (void)zmq_send(zsock_resolve(client), "x", 1, ZMQ_DONTWAIT);
        cr_assert_lt(zmq_recv(zsock_resolve(server), &byte, 1, ZMQ_DONTWAIT), 0);
        usleep(5000);
    }
    zsock_destroy(&client);
    clean(nobody);
}

Test(socket, a_message_at_the_bound_passes_and_one_byte_more_cuts_the_connection) {
    zmq_msg_t body;
    char user_id[32];
    open_server(&(struct socket_options){.max_message_bytes = 5000});
    zsock_t *client = connect_with(&known, server_keys.public_key);
    /* CURVE adds a nonce, an authenticator and a flag byte to what the engine counts. */
    cr_assert(exchange(client, 4900, 5000, &body, user_id));
    cr_assert_eq(zmq_msg_size(&body), 4900);
    zmq_msg_close(&body);
    int before = lookups;
    cr_assert_not(exchange(client, 5001, 500, &body, user_id));
    cr_assert(gets_in(client, 5000), "the client comes back");
    cr_assert_gt(lookups, before, "by a new handshake: the connection was cut");
    clean(client);
}

Test(socket, an_unknown_peer_is_an_error) {
    open_server(NULL);
    zmq_send(zsock_resolve(server), "peer", 4, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    cr_assert_eq(errno, EHOSTUNREACH);
    clean(NULL);
}

static void assert_option(zsock_t *socket, int name, int expected) {
    int value = -1;
    size_t size = sizeof value;
    cr_assert_eq(zmq_getsockopt(zsock_resolve(socket), name, &value, &size), 0);
    cr_assert_eq(value, expected, "option %d is %d", name, value);
}

Test(socket, no_default_of_libzmq_is_left_that_hangs_or_grows) {
    open_server(&(struct socket_options){.high_water = 77});
    int64_t bytes = 0;
    size_t size = sizeof bytes;
    cr_assert_eq(zmq_getsockopt(zsock_resolve(server), ZMQ_MAXMSGSIZE, &bytes, &size), 0);
    cr_assert_eq(bytes, (1 << 20) + 4096);
    assert_option(server, ZMQ_SNDHWM, 77);
    assert_option(server, ZMQ_RCVHWM, 77);
    assert_option(server, ZMQ_LINGER, 0);
    assert_option(server, ZMQ_IMMEDIATE, 1);
    assert_option(server, ZMQ_CURVE_SERVER, 1);
    zsock_t *client = connect_with(&known, server_keys.public_key);
    assert_option(client, ZMQ_SNDHWM, 1000);
    assert_option(client, ZMQ_CURVE_SERVER, 0);
    const int positive[] = {ZMQ_HANDSHAKE_IVL, ZMQ_HEARTBEAT_IVL, ZMQ_HEARTBEAT_TIMEOUT,
                            ZMQ_HEARTBEAT_TTL, ZMQ_RECONNECT_IVL, ZMQ_RECONNECT_IVL_MAX,
                            ZMQ_TCP_KEEPALIVE};
    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++) {
        int value = 0;
        size = sizeof value;
        cr_assert_eq(zmq_getsockopt(zsock_resolve(client), positive[i], &value, &size), 0);
        cr_assert_gt(value, 0, "option %d", positive[i]);
    }
    clean(client);
}

Test(socket, a_taken_port_is_said_so) {
    zsock_t *second = NULL;
    open_server(NULL);
    struct socket_options options = {.keys = &server_keys};
    cr_assert_eq(socket_bind(&second, ZMQ_ROUTER, endpoint, &options, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "PORT_TAKEN");
    cr_assert_not_null(strstr(why.sentence, endpoint));
    cr_assert_null(second);
    clean(NULL);
}

Test(socket, endpoints_without_keys_or_sense_are_refused) {
    zsock_t *socket = NULL;
    struct socket_options none = {0}, keys = {.keys = &known};
    socket_setup();
    make_keys(&known);
    cr_assert_eq(socket_bind(&socket, ZMQ_ROUTER, "tcp://127.0.0.1:*", &none, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "KEYS_MISSING");
    cr_assert_eq(socket_connect(&socket, ZMQ_DEALER, "tcp://127.0.0.1:1", &keys, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "KEYS_MISSING");
    static const char *const senseless[] = {"tcp://127.0.0.1:99999",
                                            "tcp://127.0.0.1:0",
                                            "tcp://127.0.0.1",
                                            "tcp://127.0.0.1:",
                                            "tcp://127.0.0.1:7x",
                                            "",
                                            "udp://x",
                                            "tcp:/x",
                                            "inproc://x",
                                            "ipc://",
                                            "ipc://@me",
                                            "ipc://*",
                                            "/run/x.sock"};
    for (size_t i = 0; i < sizeof senseless / sizeof *senseless; i++) {
        cr_assert_eq(socket_bind(&socket, ZMQ_ROUTER, senseless[i], &keys, &why), RESULT_INVALID, "%s",
                     senseless[i]);
        cr_assert_str_eq(why.code, "ENDPOINT_INVALID");
    }
    cr_assert_eq(socket_bind(&socket, ZMQ_ROUTER, "ipc:///nowhere/at/all.sock", &keys, &why), RESULT_INVALID);
    struct curve_keys damaged = {"short", "short"};
    keys.keys = &damaged;
    cr_assert_eq(socket_bind(&socket, ZMQ_ROUTER, "tcp://127.0.0.1:*", &keys, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "SOCKET_OPTION");
    cr_assert_null(socket);
}

static char path[128], ipc[140];
static void make_path(void) {
    strcpy(path, "/tmp/socket-test-XXXXXX");
    cr_assert_not_null(mkdtemp(path));
    strcat(path, "/s");
    snprintf(ipc, sizeof ipc, "ipc://%s", path);
    socket_setup();
}

static void remove_path(void) {
    unlink(path);
    *strrchr(path, '/') = 0;
    cr_assert_eq(rmdir(path), 0);
}

Test(socket, a_unix_socket_is_private_and_taken_only_when_nobody_listens) {
    zsock_t *first = NULL, *second = NULL, *client = NULL;
    struct socket_options options = {0};
    struct stat status;
    char byte = 0;
    make_path();
    umask(0);
    cr_assert_eq(socket_bind(&first, ZMQ_ROUTER, ipc, &options, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(umask(0), 0, "the process's umask is as before");
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 07777, 0600);
    cr_assert_eq(socket_bind(&second, ZMQ_ROUTER, ipc, &options, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "PORT_TAKEN");
    cr_assert_eq(socket_connect(&client, ZMQ_DEALER, ipc, &options, &why), RESULT_OK);
    zsock_set_sndtimeo(client, 2000);
    zsock_set_rcvtimeo(first, 2000);
    cr_assert_eq(zmq_send(zsock_resolve(client), "x", 1, 0), 1);
    cr_assert_gt(zmq_recv(zsock_resolve(first), &byte, 1, 0), 0, "the first one still has its socket");
    zsock_destroy(&client);
    zsock_destroy(&first);
    remove_path();
}

Test(socket, a_stale_unix_socket_is_replaced_and_a_file_is_not) {
    zsock_t *made = NULL;
    struct socket_options options = {0};
    make_path();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(dead, (struct sockaddr *)&address, sizeof address), 0);
    close(dead);
    cr_assert_eq(socket_bind(&made, ZMQ_ROUTER, ipc, &options, &why), RESULT_OK, "%s", why.sentence);
    zsock_destroy(&made);
    unlink(path);
    FILE *file = fopen(path, "w");
    fclose(file);
    cr_assert_eq(socket_bind(&made, ZMQ_ROUTER, ipc, &options, &why), RESULT_CONFLICT);
    cr_assert_eq(access(path, F_OK), 0, "the file is untouched");
    remove_path();
}

Test(socket, a_long_unix_path_is_refused_at_the_byte) {
    zsock_t *made = NULL;
    struct socket_options options = {0};
    make_path();
    while (strlen(path) < 107)
        strcat(path, "s");
    snprintf(ipc, sizeof ipc, "ipc://%s", path);
    cr_assert_eq(strlen(path), 107);
    cr_assert_eq(socket_bind(&made, ZMQ_ROUTER, ipc, &options, &why), RESULT_OK, "%s", why.sentence);
    zsock_destroy(&made);
    strcat(ipc, "0");
    cr_assert_eq(socket_bind(&made, ZMQ_ROUTER, ipc, &options, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "SOCKET_PATH_LONG");
    remove_path();
}

Test(socket, setup_leaves_signals_to_the_service_and_room_for_thousands) {
    struct sigaction action;
    struct rlimit files;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    socket_setup();
    socket_setup();
    zsock_t *first = zsock_new(ZMQ_DEALER);
    sigaction(SIGINT, NULL, &action);
    cr_assert_eq(action.sa_handler, SIG_DFL);
    sigaction(SIGTERM, NULL, &action);
    cr_assert_eq(action.sa_handler, SIG_DFL);
    sigaction(SIGPIPE, NULL, &action);
    cr_assert_eq(action.sa_handler, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files);
    cr_assert_eq(files.rlim_cur, files.rlim_max);
    enum { MANY = 3000 };
    static zsock_t *many[MANY];
    for (int i = 0; i < MANY; i++)
        cr_assert_not_null(many[i] = zsock_new(ZMQ_DEALER), "socket %d: %s", i, zmq_strerror(errno));
    for (int i = 0; i < MANY; i++)
        zsock_destroy(&many[i]);
    zsock_destroy(&first);
}
