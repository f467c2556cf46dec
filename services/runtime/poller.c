/* poller.c - waits for several ZeroMQ sockets (poller.h): epoll over the descriptors of their mailboxes.
 *
 * A mailbox's descriptor stays readable until its commands are taken, which every receive and every look at
 * ZMQ_EVENTS does, and a send may do. So behind a descriptor that is not readable there is nothing new,
 * unless the socket was used meanwhile.
 */
#include "poller.h"

#include "require.h"

#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <zmq.h>

struct poller {
    int epoll;
    void *sockets[POLLER_MAX]; /* NULL: a plain descriptor, or none */
    uint32_t used;             /* sockets that were named by the last wait */
};

struct poller *poller_new(void) {
    struct poller *poller = calloc(1, sizeof *poller);
    require(poller, "out of memory");
    poller->epoll = epoll_create1(EPOLL_CLOEXEC);
    require(poller->epoll >= 0, "no descriptor is left to wait with: raise the limit of open files");
    return poller;
}

void poller_destroy(struct poller **poller) {
    if (!*poller)
        return;
    close((*poller)->epoll);
    free(*poller);
    *poller = NULL;
}

void poller_add_descriptor(struct poller *poller, unsigned number, int descriptor) {
    require(number < POLLER_MAX, "a poller was given a number beyond its last one");
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    int added = epoll_ctl(poller->epoll, EPOLL_CTL_ADD, descriptor, &event);
    require(added == 0, "a descriptor can't be waited for");
}

void poller_add_socket(struct poller *poller, unsigned number, void *socket) {
    int descriptor = -1;
    size_t size = sizeof descriptor;
    int got = zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size);
    require(got == 0, "a socket has no descriptor");
    poller_add_descriptor(poller, number, descriptor);
    poller->sockets[number] = socket;
    poller->used |= 1u << number; /* what came before it was added */
}

/* A message can be received; an error says so, too: who receives meets it. */
static bool has_message(void *socket) {
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) != 0 || events & ZMQ_POLLIN;
}

static uint32_t look_at_used(const struct poller *poller) {
    uint32_t ready = 0;
    for (unsigned number = 0; number < POLLER_MAX; number++)
        if (poller->used & 1u << number && has_message(poller->sockets[number]))
            ready |= 1u << number;
    return ready;
}

uint32_t poller_wait(struct poller *poller, int timeout_ms) {
    struct epoll_event events[POLLER_MAX];
    uint32_t ready = poller->used ? look_at_used(poller) : 0;
    int count = epoll_wait(poller->epoll, events, POLLER_MAX, ready ? 0 : timeout_ms);
    for (int i = 0; i < count; i++)
        ready |= 1u << events[i].data.u32;
    poller->used = 0;
    for (unsigned number = 0; number < POLLER_MAX; number++)
        if (ready & 1u << number && poller->sockets[number])
            poller->used |= 1u << number;
    return ready;
}
