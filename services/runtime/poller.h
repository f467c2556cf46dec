/* poller.h - waits for several ZeroMQ sockets and descriptors with one system call.
 *
 * zmq_poll asks every socket anew before and after it sleeps, two system calls each: a lone event's answer
 * waits for all of them. Here a socket is asked only when its descriptor says that something happened, or
 * when it was named by the wait before, since to use a socket is what may hide a message that has come.
 */
#ifndef RUNTIME_POLLER_H
#define RUNTIME_POLLER_H

#include <stdint.h>

#define POLLER_MAX 32

struct poller;

struct poller *poller_new(void);
void poller_destroy(struct poller **poller);
/* `number` below POLLER_MAX, each once. The socket is libzmq's, is borrowed, and may from now on be sent to
 * or received from only by who was told its number by the last poller_wait. */
void poller_add_socket(struct poller *poller, unsigned number, void *socket);
void poller_add_descriptor(struct poller *poller, unsigned number, int descriptor);
/* Waits until something can be received, at most `timeout_ms`. Bit `number` of what it returns: there may be
 * a message; receive without waiting until there is none, or as many as a turn allows. */
uint32_t poller_wait(struct poller *poller, int timeout_ms);

#endif
