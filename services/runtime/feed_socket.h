/* feed_socket.h - a feed_follower on real sockets: DEALER to the owner, SUB for the doorbell. */
#ifndef RUNTIME_FEED_SOCKET_H
#define RUNTIME_FEED_SOCKET_H

#include "feed_follower.h"
#include "socket.h"

struct feed_socket;
/* Takes ownership of `*follower` (NULLs it). Endpoints as socket.h; `keys` and `server_key` for tcp, else
 * NULL. */
MUST_USE enum result feed_socket_open(struct feed_socket **out, struct feed_follower **follower,
                                      const char *feed, const char *doorbell, const struct curve_keys *keys,
                                      const char *server_key, struct failure *why);
void feed_socket_close(struct feed_socket **socket);
/* libzmq sockets to poll. */
void *feed_socket_dealer(struct feed_socket *socket);
void *feed_socket_doorbell(struct feed_socket *socket);
/* Receives what waits (at most a few replies), sends the next request. Call after polling and every 100
 * ms. */
MUST_USE enum result feed_socket_work(struct feed_socket *socket, int64_t now_ms, struct failure *why);
struct feed_follower *feed_socket_follower(struct feed_socket *socket);

#endif
