/* feed_socket.c - carries a follower's requests and replies over real sockets (feed_socket.h).
 *
 * A request that finds no connection is not queued (ZMQ_IMMEDIATE): it is made again at the next call, so
 * an owner that was away for an hour finds one request at its return, not thousands.
 */
#include "feed_socket.h"

#include "feed_pack.h"
#include "require.h"
#include "router.h"
#include "wire/wire_feed.h"

#include <string.h>

#define CONNECT_ANEW_MS  3000
#define REPLIES_PER_CALL 4
#define REQUEST_ROOM     8192
#define REPLY_MAX_FRAMES (FEED_MAX_BATCHES + 1)

struct feed_socket {
    char *feed, *bell, *server_key; /* the last NULL where it is plain */
    struct curve_keys keys;
    zsock_t *dealer, *doorbell;
    int64_t unsent_since_ms; /* since when no request could be sent; 0: the last one was */
    struct feed_follower *follower;
    zmq_msg_t message; /* while its reply is taken */
    struct feed_frame frames[REPLY_MAX_FRAMES];
};

static enum result connect_both(struct feed_socket *socket, zsock_t **dealer, zsock_t **doorbell,
                                struct failure *why) {
    struct socket_options options = {.keys = socket->server_key ? &socket->keys : NULL,
                                     .server_key = socket->server_key,
                                     .max_message_bytes = FEED_PACK_MAX_BYTES};
    const char topic = doorbell_topic(feed_follower_bell(socket->follower));
    enum result result = socket_connect(dealer, ZMQ_DEALER, socket->feed, &options, why);
    if (result == RESULT_OK)
        result = socket_connect(doorbell, ZMQ_SUB, socket->bell, &options, why);
    if (result == RESULT_OK && zmq_setsockopt(zsock_resolve(*doorbell), ZMQ_SUBSCRIBE, &topic, 1) < 0)
        result = fail(why, RESULT_IO, "SOCKET_OPTION", "Could not listen to the doorbell %s: %s.",
                      socket->bell, zmq_strerror(errno));
    return result;
}

static char *copy_of(const char *text) {
    char *copy = text ? strdup(text) : NULL;
    require(copy || !text, "out of memory");
    return copy;
}

enum result feed_socket_open(struct feed_socket **out, struct feed_follower **follower, const char *feed,
                             const char *doorbell, const struct curve_keys *keys, const char *server_key,
                             struct failure *why) {
    struct feed_socket *made = calloc(1, sizeof *made);
    require(made, "out of memory");
    made->follower = *follower;
    *follower = NULL;
    made->feed = copy_of(feed);
    made->bell = copy_of(doorbell);
    made->server_key = copy_of(server_key);
    if (keys)
        made->keys = *keys;
    enum result result = connect_both(made, &made->dealer, &made->doorbell, why);
    if (result != RESULT_OK) {
        feed_socket_close(&made);
        return result;
    }
    *out = made;
    return RESULT_OK;
}

void feed_socket_close(struct feed_socket **socket) {
    if (!socket || !*socket)
        return;
    zsock_destroy(&(*socket)->dealer);
    zsock_destroy(&(*socket)->doorbell);
    feed_follower_destroy(&(*socket)->follower);
    explicit_bzero(&(*socket)->keys, sizeof(*socket)->keys);
    free((*socket)->feed);
    free((*socket)->bell);
    free((*socket)->server_key);
    free(*socket);
    *socket = NULL;
}

void *feed_socket_dealer(struct feed_socket *socket) {
    return zsock_resolve(socket->dealer);
}
void *feed_socket_doorbell(struct feed_socket *socket) {
    return zsock_resolve(socket->doorbell);
}
struct feed_follower *feed_socket_follower(struct feed_socket *socket) {
    return socket->follower;
}

static void hear_doorbell(struct feed_socket *socket) {
    uint8_t ring[DOORBELL_RING_SIZE + 1];
    uint64_t head;
    int size;
    while ((size = zmq_recv(feed_socket_doorbell(socket), ring, sizeof ring, ZMQ_DONTWAIT)) >= 0)
        if (doorbell_read(ring, (size_t)size, &head))
            feed_follower_doorbell(socket->follower, head);
}

static void send_request(struct feed_socket *socket, const uint8_t *request, size_t size, int64_t now_ms) {
    if (size == 0)
        return;
    bool sent = zmq_send(feed_socket_dealer(socket), request, size, ZMQ_DONTWAIT) >= 0;
    if (!sent)
        feed_follower_unsent(socket->follower);
    if (sent || socket->unsent_since_ms == 0)
        socket->unsent_since_ms = sent ? 0 : now_ms;
}

/* Where the owner did not know this follower's key (its registration may still be on its way there), libzmq
 * gives the connection up for good: new sockets ask again. */
static enum result connect_anew(struct feed_socket *socket, int64_t now_ms, struct failure *why) {
    zsock_t *dealer = NULL, *doorbell = NULL;
    if (socket->unsent_since_ms == 0 || now_ms - socket->unsent_since_ms < CONNECT_ANEW_MS)
        return RESULT_OK;
    socket->unsent_since_ms = now_ms;
    enum result result = connect_both(socket, &dealer, &doorbell, why);
    if (result == RESULT_OK) {
        zsock_t *given_up[] = {socket->dealer, socket->doorbell};
        socket->dealer = dealer;
        socket->doorbell = doorbell;
        dealer = given_up[0];
        doorbell = given_up[1];
    }
    zsock_destroy(&dealer);
    zsock_destroy(&doorbell);
    return result;
}

/* Receives one message; false: none waits. Of one that has more parts than the protocol's one, nothing is
 * kept. */
static bool receive(struct feed_socket *socket) {
    void *dealer = feed_socket_dealer(socket);
    zmq_msg_init(&socket->message);
    if (zmq_msg_recv(&socket->message, dealer, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&socket->message);
        return false;
    }
    if (zmq_msg_more(&socket->message)) {
        router_skip_rest(dealer);
        zmq_msg_close(&socket->message);
        zmq_msg_init(&socket->message);
    }
    return true;
}

/* The frames of the message; 0: it is no reply. */
static size_t unpack(struct feed_socket *socket) {
    const uint8_t *data = zmq_msg_data(&socket->message);
    size_t size = zmq_msg_size(&socket->message), position = 0, count = 0;
    while (count < REPLY_MAX_FRAMES && feed_pack_next(data, size, &position, &socket->frames[count]))
        count++;
    return position == size ? count : 0;
}

static enum result take_reply(struct feed_socket *socket, int64_t now_ms, struct failure *why) {
    uint8_t request[REQUEST_ROOM];
    size_t count = unpack(socket);
    if (count == 0)
        return fail(why, RESULT_CORRUPT, "FEED_REPLY",
                    "The owner's answer of %zu bytes is no feed reply; use programs of one release.",
                    zmq_msg_size(&socket->message));
    size_t size = feed_follower_ahead(socket->follower, &socket->frames[0], now_ms, request, sizeof request);
    send_request(socket, request, size, now_ms);
    return feed_follower_reply(socket->follower, socket->frames, count, now_ms, why);
}

enum result feed_socket_work(struct feed_socket *socket, int64_t now_ms, struct failure *why) {
    uint8_t request[REQUEST_ROOM];
    hear_doorbell(socket);
    for (int i = 0; i < REPLIES_PER_CALL; i++) {
        if (!receive(socket))
            break;
        enum result result = take_reply(socket, now_ms, why);
        zmq_msg_close(&socket->message);
        if (result != RESULT_OK)
            return result;
    }
    size_t size = feed_follower_request(socket->follower, now_ms, request, sizeof request);
    send_request(socket, request, size, now_ms);
    return connect_anew(socket, now_ms, why);
}
