/* kader_socket.h - the device's socket to enrollment: a DEALER with CURVE; only kader_socket_wait waits.
 *
 * Made by runtime/socket.h, so all kaders of a process share czmq's context and I/O thread. One thread each.
 */
#ifndef KADER_SOCKET_H
#define KADER_SOCKET_H

#include "cakupan/kader.h"

struct kader_socket;

/* Begins to connect; `high_water` is in messages. The caller owns `*out`. */
MUST_USE enum result kader_socket_open(struct kader_socket **out, const struct kader_pairing *pairing,
                                       const char *endpoint, int high_water, struct failure *why);
void kader_socket_close(struct kader_socket **socket);
/* False where it can't go out now: no connection, or too much is on the way already. */
bool kader_socket_send(struct kader_socket *socket, const void *data, size_t size);
/* The next message, borrowed until the next call; NULL where none waits. */
const uint8_t *kader_socket_receive(struct kader_socket *socket, size_t *size);
/* Until something came, or (with `to_send`) may be sent; at most `timeout_ms`. */
void kader_socket_wait(struct kader_socket *socket, bool to_send, int timeout_ms);
int kader_socket_descriptor(const struct kader_socket *socket);

#endif
