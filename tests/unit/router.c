/* router.c - tests services/runtime/router.c: whole messages, whatever number of frames a peer sends. */
#include "runtime/router.h"

#include <criterion/criterion.h>
#include <string.h>

static zsock_t *router, *dealer;
static struct router_message message;

static void start(void) {
    socket_setup();
    router = zsock_new(ZMQ_ROUTER);
    dealer = zsock_new(ZMQ_DEALER);
    zsock_set_identity(dealer, "me");
    cr_assert_eq(zsock_bind(router, "inproc://router"), 0);
    cr_assert_eq(zsock_connect(dealer, "inproc://router"), 0);
}

static void stop(void) {
    zsock_destroy(&dealer);
    zsock_destroy(&router);
}
TestSuite(router, .init = start, .fini = stop);

static void send_frames(const char *const *frames, size_t count) {
    for (size_t i = 0; i < count; i++)
        cr_assert_geq(
            zmq_send(zsock_resolve(dealer), frames[i], strlen(frames[i]), i + 1 < count ? ZMQ_SNDMORE : 0),
            0);
}

/* Receives the next message, which must be from "me" and have this first body frame. */
static void expect(const char *body, bool malformed) {
    cr_assert(router_receive(zsock_resolve(router), &message));
    cr_assert_eq(message.peer_size, 2);
    cr_assert_arr_eq(message.peer, "me", 2);
    cr_assert_eq(message.malformed, malformed);
    cr_assert_eq(zmq_msg_size(&message.body), strlen(body));
    cr_assert_eq(memcmp(zmq_msg_data(&message.body), body, strlen(body)), 0);
    zmq_msg_close(&message.body);
}

Test(router, nothing_waits) {
    cr_assert_not(router_receive(zsock_resolve(router), &message));
}

Test(router, one_body_frame_is_a_message) {
    send_frames((const char *const[]){"hello"}, 1);
    send_frames((const char *const[]){""}, 1);
    expect("hello", false);
    expect("", false);
    cr_assert_not(router_receive(zsock_resolve(router), &message));
}

Test(router, further_frames_are_taken_with_it_and_not_for_the_next) {
    send_frames((const char *const[]){"", "one", "two", "three"}, 4);
    send_frames((const char *const[]){"a", "b"}, 2);
    send_frames((const char *const[]){"next"}, 1);
    expect("", true);
    expect("a", true);
    expect("next", false);
    cr_assert_not(router_receive(zsock_resolve(router), &message));
}

Test(router, the_longest_routing_id_fits) {
    char longest[ROUTER_PEER_MAX + 1];
    zsock_t *other = zsock_new(ZMQ_DEALER);
    memset(longest, 'x', ROUTER_PEER_MAX);
    longest[ROUTER_PEER_MAX] = '\0';
    zsock_set_identity(other, longest);
    cr_assert_eq(zsock_connect(other, "inproc://router"), 0);
    cr_assert_eq(zmq_send(zsock_resolve(other), "hi", 2, 0), 2);
    cr_assert(router_receive(zsock_resolve(router), &message));
    cr_assert_eq(message.peer_size, ROUTER_PEER_MAX);
    cr_assert_arr_eq(message.peer, longest, ROUTER_PEER_MAX);
    zmq_msg_close(&message.body);
    zsock_destroy(&other);
}
