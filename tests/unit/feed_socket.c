/* feed_socket.c - following over real sockets: plain and CURVE, an owner that starts late, dies and comes
 * back. */
#include "feed_fixture.h"
#include "runtime/clock.h"
#include "runtime/feed_pack.h"
#include "runtime/feed_socket.h"
#include "runtime/zap.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

static struct feed_fixture fixture;
static struct feed_server *server;
static zsock_t *feed, *doorbell;
static struct feed_socket *follower_socket;
static struct zap *zap;
static struct curve_keys keys, follower_keys;
static struct failure why;
static char place[64], feed_endpoint[96], doorbell_endpoint[96];
static uint64_t counted, mute_replies;
static bool admitted = true; /* whether the follower's key is known */

static enum result count_record(void *context, const struct batch_header *batch, const struct record *record,
                                struct failure *out) {
    (void)context;
    (void)batch;
    (void)out;
    cr_assert_eq(record->offset, ++counted);
    return RESULT_OK;
}

static void make_place(void) {
    strcpy(place, "/tmp/feed-test-XXXXXX");
    cr_assert_not_null(mkdtemp(place));
    snprintf(feed_endpoint, sizeof feed_endpoint, "ipc://%s/feed", place);
    snprintf(doorbell_endpoint, sizeof doorbell_endpoint, "ipc://%s/bell", place);
    socket_setup();
}

static void open_owner(void) {
    struct socket_options options = {.keys = &keys};
    server = feed_server_new(&fixture.journal, 1 << 20);
    cr_assert_eq(socket_bind(&feed, ZMQ_ROUTER, feed_endpoint, &options, &why), RESULT_OK, "%s",
                 why.sentence);
    cr_assert_eq(socket_bind(&doorbell, ZMQ_PUB, doorbell_endpoint, &options, &why), RESULT_OK, "%s",
                 why.sentence);
}

static void close_owner(void) {
    feed_server_destroy(&server);
    zsock_destroy(&feed);
    zsock_destroy(&doorbell);
}

static void open_follower(const struct curve_keys *own, const char *server_key) {
    struct feed_follower_config config = {.next_offset = 1, .max_bytes = 20000, .retry_ms = 200};
    struct feed_follower *follower = feed_follower_new(&config, count_record, NULL);
    cr_assert_eq(feed_socket_open(&follower_socket, &follower, feed_endpoint, doorbell_endpoint, own,
                                  server_key, &why),
                 RESULT_OK, "%s", why.sentence);
    cr_assert_null(follower);
}

static void clean(void) {
    feed_socket_close(&follower_socket);
    feed_socket_close(&follower_socket);
    close_owner();
    zap_close(&zap);
    feed_fixture_free(&fixture);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", place);
    cr_assert_eq(system(command), 0);
}

struct peer {
    zmq_msg_t id;
    struct feed_pack pack;
};

static void send_frame(void *context, const uint8_t *data, size_t size, bool more) {
    struct peer *peer = context;
    feed_pack_add(&peer->pack, data, size);
    if (more)
        return;
    if (!mute_replies) {
        zmq_msg_send(&peer->id, zsock_resolve(feed), ZMQ_SNDMORE);
        cr_assert(feed_pack_send(&peer->pack, zsock_resolve(feed)));
    }
    free(peer->pack.bytes);
    peer->pack = (struct feed_pack){0};
}

/* One turn of the owner's loop. */
static void serve(void) {
    struct peer peer = {0};
    zmq_msg_t request;
    if (zap)
        zap_handle(zap);
    while (feed) {
        zmq_msg_init(&peer.id);
        zmq_msg_init(&request);
        if (zmq_msg_recv(&peer.id, zsock_resolve(feed), ZMQ_DONTWAIT) < 0)
            break;
        cr_assert_geq(zmq_msg_recv(&request, zsock_resolve(feed), ZMQ_DONTWAIT), 0);
        cr_assert_not(zmq_msg_more(&request), "a request is one frame");
        cr_assert_eq(feed_server_answer(server, zmq_msg_data(&request), zmq_msg_size(&request), send_frame,
                                        &peer, &why),
                     RESULT_OK);
        if (mute_replies)
            mute_replies--;
        zmq_msg_close(&request);
        zmq_msg_close(&peer.id);
    }
}

/* Turns both loops until `records` are counted; returns how long that took, -1: longer than `timeout_ms`. */
static int64_t follow(uint64_t records, int64_t timeout_ms) {
    int64_t begin_us = clock_monotonic_us();
    for (;;) {
        int64_t now_ms = clock_monotonic_us() / 1000;
        serve();
        cr_assert_eq(feed_socket_work(follower_socket, now_ms, &why), RESULT_OK, "%s", why.sentence);
        cr_assert_leq(counted, records);
        if (counted == records)
            return (clock_monotonic_us() - begin_us) / 1000;
        if (clock_monotonic_us() - begin_us > timeout_ms * 1000)
            return -1;
        zmq_pollitem_t items[] = {{feed_socket_dealer(follower_socket), 0, ZMQ_POLLIN, 0},
                                  {feed_socket_doorbell(follower_socket), 0, ZMQ_POLLIN, 0},
                                  {feed ? zsock_resolve(feed) : NULL, 0, ZMQ_POLLIN, 0}};
        zmq_poll(items, feed ? 3 : 2, 5);
    }
}

static void commit(uint32_t count) {
    uint8_t ring[DOORBELL_RING_SIZE];
    feed_server_committed(server, feed_fixture_append(&fixture, count));
    doorbell_write(DOORBELL_PROMPT, feed_server_head(server), ring);
    zmq_send(zsock_resolve(doorbell), ring, sizeof ring, ZMQ_DONTWAIT);
}

static void fill(int batches) {
    feed_fixture_init(&fixture);
    for (int i = 0; i < batches; i++)
        feed_fixture_append(&fixture, 50);
}

Test(feed_socket, follows_to_the_head_and_is_woken_by_the_doorbell) {
    fill(100);
    make_place();
    open_owner();
    open_follower(NULL, NULL);
    cr_assert_geq(follow(5000, 10000), 0);
    (void)follow(5001, 400); /* the doorbell's connection is up by now, and the follower waits */
    for (int i = 0; i < 20; i++) {
        commit(1);
        cr_assert_geq(follow(5001 + (uint64_t)i, 150), 0, "sooner than the timer of 200 ms");
    }
    clean();
}

Test(feed_socket, an_owner_may_start_late_die_and_come_back) {
    fill(40);
    make_place();
    open_follower(NULL, NULL);
    cr_assert_eq(follow(1, 300), -1, "nobody is there");
    open_owner();
    cr_assert_geq(follow(2000, 10000), 0);
    for (int round = 0; round < 3; round++) {
        close_owner();
        for (int i = 0; i < 40; i++)
            feed_fixture_append(&fixture, 50);
        cr_assert_eq(follow(counted + 1, 300), -1);
        open_owner();
        cr_assert_geq(follow(counted + 2000, 10000), 0, "round %d", round);
    }
    clean();
}

Test(feed_socket, lost_replies_are_asked_for_again) {
    fill(10);
    make_place();
    open_owner();
    open_follower(NULL, NULL);
    mute_replies = 2;
    int64_t took_ms = follow(500, 10000);
    cr_assert_geq(took_ms, 400);
    cr_assert_eq(mute_replies, 0);
    clean();
}

static bool admit(void *context, const uint8_t key[32], char user_id[32]) {
    (void)context;
    uint8_t expected[32];
    zmq_z85_decode(expected, follower_keys.public_key);
    strcpy(user_id, "feed");
    return admitted && memcmp(key, expected, sizeof expected) == 0;
}

static void open_owner_over_tcp(void) {
    make_place();
    cr_assert_eq(zmq_curve_keypair(keys.public_key, keys.secret_key), 0);
    cr_assert_eq(zmq_curve_keypair(follower_keys.public_key, follower_keys.secret_key), 0);
    cr_assert_eq(zap_open(&zap, admit, NULL, &why), RESULT_OK);
    strcpy(feed_endpoint, "tcp://127.0.0.1:*");
    open_owner();
    size_t size = sizeof feed_endpoint;
    zmq_getsockopt(zsock_resolve(feed), ZMQ_LAST_ENDPOINT, feed_endpoint, &size);
}

Test(feed_socket, over_tcp_it_needs_its_key) {
    fill(40);
    open_owner_over_tcp();
    open_follower(&keys, keys.public_key); /* a key that nobody let in */
    cr_assert_eq(follow(1, 500), -1);
    feed_socket_close(&follower_socket);
    open_follower(&follower_keys, keys.public_key);
    cr_assert_geq(follow(2000, 10000), 0);
    clean();
}

Test(feed_socket, a_key_registered_later_is_tried_again) {
    fill(40);
    open_owner_over_tcp();
    admitted = false;
    open_follower(&follower_keys, keys.public_key);
    cr_assert_eq(follow(1, 500), -1);
    admitted = true;
    cr_assert_geq(follow(2000, 10000), 0);
    clean();
}

Test(feed_socket, an_endpoint_without_sense_is_refused_and_frees_the_follower) {
    struct feed_follower_config config = {.next_offset = 1};
    struct feed_follower *follower = feed_follower_new(&config, count_record, NULL);
    socket_setup();
    cr_assert_eq(feed_socket_open(&follower_socket, &follower, "feed", "bell", NULL, NULL, &why),
                 RESULT_INVALID);
    cr_assert_null(follower);
    cr_assert_null(follower_socket);
}

Test(feed_socket, an_edited_journal_stops_it) {
    fill(3);
    make_place();
    ((uint8_t *)fixture.batches[1].records)[40] ^= 1;
    open_owner();
    open_follower(NULL, NULL);
    enum result result = RESULT_OK;
    for (int i = 0; i < 2000 && result == RESULT_OK; i++) {
        serve();
        result = feed_socket_work(follower_socket, clock_monotonic_us() / 1000, &why);
        usleep(1000);
    }
    cr_assert_eq(result, RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "FEED_CHAIN");
    cr_assert_eq(counted, 50);
    clean();
}
