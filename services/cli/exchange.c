/* exchange.c - questions and answers with a service of this machine (exchange.h). */
#include "exchange.h"

#include "instance.h"
#include "runtime/service.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX_BYTES = 64 << 20, CONNECT_TIMEOUT_MS = 5000 };

struct exchange {
    zsock_t *socket;
    zsock_t *monitor; /* tells of lost connections; NULL: not watched */
    char name[48];
    zmq_msg_t message;
};

static enum result exchange_connect(struct exchange **out, const char *name, const char *endpoint,
                                    const struct socket_options *options, struct failure *why) {
    socket_setup();
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        abort();
    enum result result = socket_connect(&exchange->socket, ZMQ_DEALER, endpoint, options, why);
    if (result != RESULT_OK) {
        free(exchange);
        return result;
    }
    snprintf(exchange->name, sizeof exchange->name, "%s", name);
    zmq_msg_init(&exchange->message);
    *out = exchange;
    return RESULT_OK;
}

enum result exchange_open(struct exchange **out, const char *state, const char *name, struct failure *why) {
    *out = NULL;
    enum result result = instance_state_check(state, why);
    if (result != RESULT_OK)
        return result;
    if (!instance_listens(state, name))
        return instance_silent(state, name, why);
    char endpoint[INSTANCE_PATH];
    service_ipc(state, name, endpoint, sizeof endpoint);
    struct socket_options options = {.max_message_bytes = ANSWER_MAX_BYTES};
    return exchange_connect(out, name, endpoint, &options, why);
}

enum result exchange_open_remote(struct exchange **out, const char *name, const char *endpoint,
                                 const struct curve_keys *keys, const char *server_key, struct failure *why) {
    struct socket_options options = {
        .keys = keys, .server_key = server_key, .max_message_bytes = ANSWER_MAX_BYTES};
    *out = NULL;
    return exchange_connect(out, name, endpoint, &options, why);
}

enum result exchange_watch(struct exchange *exchange, struct failure *why) {
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "inproc://exchange-%p", (void *)exchange);
    if (zmq_socket_monitor(zsock_resolve(exchange->socket), endpoint, ZMQ_EVENT_DISCONNECTED) == 0)
        exchange->monitor = zsock_new(ZMQ_PAIR);
    if (exchange->monitor && zsock_connect(exchange->monitor, "%s", endpoint) == 0)
        return RESULT_OK;
    return fail(why, RESULT_IO, "NO_ANSWER", "%s can't be watched: %s.", exchange->name, zmq_strerror(errno));
}

/* True where the connection was lost since the last look. */
static bool lost_take(struct exchange *exchange) {
    bool lost = false;
    zmq_msg_t part;
    zmq_msg_init(&part);
    while (exchange->monitor && zmq_msg_recv(&part, zsock_resolve(exchange->monitor), ZMQ_DONTWAIT) >= 0)
        lost = true;
    zmq_msg_close(&part);
    return lost;
}

void exchange_close(struct exchange **exchange) {
    if (!exchange || !*exchange)
        return;
    zmq_msg_close(&(*exchange)->message);
    if ((*exchange)->monitor)
        zmq_socket_monitor(zsock_resolve((*exchange)->socket), NULL, 0);
    zsock_destroy(&(*exchange)->monitor);
    zsock_destroy(&(*exchange)->socket);
    free(*exchange);
    *exchange = NULL;
}

enum result exchange_send(struct exchange *exchange, const uint8_t *data, size_t size, struct failure *why) {
    void *socket = zsock_resolve(exchange->socket);
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLOUT};
    int ready;
    do { /* a new connection takes a moment before it carries anything */
        ready = zmq_poll(&item, 1, CONNECT_TIMEOUT_MS);
    } while (ready < 0 && errno == EINTR);
    if (zmq_send(socket, data, size, ZMQ_DONTWAIT) >= 0)
        return RESULT_OK;
    return fail(why, RESULT_IO, "NO_ANSWER", "%s takes no question now: %s.", exchange->name,
                zmq_strerror(errno));
}

enum result exchange_receive(struct exchange *exchange, int timeout_ms, const uint8_t **data, size_t *size,
                             struct failure *why) {
    void *socket = zsock_resolve(exchange->socket);
    zmq_pollitem_t items[] = {
        {.socket = socket, .events = ZMQ_POLLIN},
        {.socket = exchange->monitor ? zsock_resolve(exchange->monitor) : NULL, .events = ZMQ_POLLIN}};
    int ready;
    do {
        ready = zmq_poll(items, exchange->monitor ? 2 : 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready > 0 && !(items[0].revents & ZMQ_POLLIN) && lost_take(exchange))
        return fail(why, RESULT_AGAIN, EXCHANGE_LOST, "%s ended before it answered; see its log.",
                    exchange->name);
    if (ready <= 0)
        return fail(why, RESULT_AGAIN, "NO_ANSWER",
                    "%s gave no answer within %d ms; see `cakupan status` and its log.", exchange->name,
                    timeout_ms);
    zmq_msg_close(&exchange->message);
    zmq_msg_init(&exchange->message);
    if (zmq_msg_recv(&exchange->message, socket, 0) < 0)
        return fail(why, RESULT_IO, "NO_ANSWER", "%s could not be read: %s.", exchange->name,
                    zmq_strerror(errno));
    if (zmq_msg_more(&exchange->message))
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED",
                    "%s answered in a form that this version does not know.", exchange->name);
    *data = zmq_msg_data(&exchange->message);
    *size = zmq_msg_size(&exchange->message);
    return RESULT_OK;
}
