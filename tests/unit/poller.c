/* poller.c - tests of waiting for several sockets: what has come is named, however it came, nothing else. */
#include "runtime/poller.h"
#include "runtime/socket.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { FIRST, SECOND, PLAIN };

static struct poller *poller;
static zsock_t *near[2], *far[2];
static int descriptor;

static void send_text(zsock_t *socket) {
    cr_assert_eq(zmq_send(zsock_resolve(socket), "text", 4, 0), 4);
}

static bool take(zsock_t *socket) {
    char text[4];
    return zmq_recv(zsock_resolve(socket), text, sizeof text, ZMQ_DONTWAIT) == 4;
}

static void start(void) {
    socket_setup();
    for (int i = 0; i < 2; i++) {
        char endpoint[32];
        snprintf(endpoint, sizeof endpoint, "inproc://poller-%d", i);
        near[i] = zsock_new(ZMQ_DEALER);
        far[i] = zsock_new(ZMQ_DEALER);
        cr_assert(near[i] && far[i]);
        cr_assert_eq(zmq_bind(zsock_resolve(near[i]), endpoint), 0);
        cr_assert_eq(zmq_connect(zsock_resolve(far[i]), endpoint), 0);
    }
    descriptor = eventfd(0, EFD_NONBLOCK);
    poller = poller_new();
}

static void add_all(void) {
    poller_add_socket(poller, FIRST, zsock_resolve(near[0]));
    poller_add_socket(poller, SECOND, zsock_resolve(near[1]));
    poller_add_descriptor(poller, PLAIN, descriptor);
}

/* Takes the sockets' first commands, which are no messages. */
static void settle(void) {
    for (int i = 0; i < 5; i++)
        for (uint32_t ready = poller_wait(poller, 0), n = 0; n < 2; n++)
            if (ready & 1u << n)
                cr_assert_not(take(near[n]));
}

static void clean(void) {
    poller_destroy(&poller);
    poller_destroy(&poller);
    for (int i = 0; i < 2; i++) {
        zsock_destroy(&near[i]);
        zsock_destroy(&far[i]);
    }
    close(descriptor);
}

Test(poller, names_only_what_has_something) {
    start();
    add_all();
    settle();
    cr_assert_eq(poller_wait(poller, 20), 0, "nothing came");
    send_text(far[1]);
    cr_assert_eq(poller_wait(poller, 1000), 1u << SECOND);
    cr_assert(take(near[1]));
    cr_assert_eq(poller_wait(poller, 20), 0);
    clean();
}

Test(poller, names_what_came_before_it_was_added) {
    start();
    send_text(far[0]);
    /* A look takes the mailbox's command: its descriptor says nothing of the message any more. */
    int events = 0;
    size_t size = sizeof events;
    cr_assert_eq(zmq_getsockopt(zsock_resolve(near[0]), ZMQ_EVENTS, &events, &size), 0);
    cr_assert(events & ZMQ_POLLIN);
    add_all();
    cr_assert(poller_wait(poller, 1000) & 1u << FIRST);
    cr_assert(take(near[0]));
    settle();
    clean();
}

Test(poller, names_again_what_was_left) {
    start();
    add_all();
    settle();
    for (int i = 0; i < 3; i++)
        send_text(far[0]);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(poller_wait(poller, 1000), 1u << FIRST, "message %d is left", i);
        cr_assert(take(near[0]));
    }
    cr_assert_eq(poller_wait(poller, 20), 0);
    clean();
}

/* To send may take the command that told of a message: the descriptor is quiet, and the message is there. */
Test(poller, names_what_came_while_the_socket_was_used) {
    start();
    add_all();
    settle();
    send_text(far[0]);
    cr_assert_eq(poller_wait(poller, 1000), 1u << FIRST);
    cr_assert(take(near[0]));
    send_text(far[0]);
    int events = 0;
    size_t size = sizeof events;
    cr_assert_eq(zmq_getsockopt(zsock_resolve(near[0]), ZMQ_EVENTS, &events, &size), 0);
    int quiet = -1;
    size = sizeof quiet;
    cr_assert_eq(zmq_getsockopt(zsock_resolve(near[0]), ZMQ_FD, &quiet, &size), 0);
    struct pollfd look = {.fd = quiet, .events = POLLIN};
    cr_assert_eq(poll(&look, 1, 0), 0, "or this test shows nothing");
    cr_assert_eq(poller_wait(poller, 1000), 1u << FIRST);
    cr_assert(take(near[0]));
    clean();
}

Test(poller, names_sockets_and_descriptors_together) {
    start();
    add_all();
    settle();
    send_text(far[0]);
    send_text(far[1]);
    cr_assert_eq(eventfd_write(descriptor, 1), 0);
    cr_assert_eq(poller_wait(poller, 1000), 1u << FIRST | 1u << SECOND | 1u << PLAIN);
    cr_assert(take(near[0]) && take(near[1]));
    cr_assert_eq(poller_wait(poller, 0), 1u << PLAIN, "until it is read");
    eventfd_t value;
    cr_assert_eq(eventfd_read(descriptor, &value), 0);
    cr_assert_eq(poller_wait(poller, 20), 0);
    clean();
}
