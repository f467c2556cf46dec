/* zap.h - our own ZAP handler (ZeroMQ RFC 27): decides at the handshake whose CURVE key may connect.
 *
 * Runs in the service's own thread: the loop polls `zap_socket` and calls zap_handle. The user id of an
 * accepted connection is what the look-up wrote ("17" for device 17); services read it from each message's
 * body frame (zmq_msg_gets "User-Id") and check revocation per message.
 */
#ifndef RUNTIME_ZAP_H
#define RUNTIME_ZAP_H

#include "cakupan/result.h"

#include <czmq.h>
#include <stdbool.h>
#include <stdint.h>

#define ZAP_DOMAIN "cakupan"

/* Whether this 32-byte public key may connect; writes its user id (at most 31 characters). */
typedef bool zap_lookup(void *context, const uint8_t key[32], char user_id[32]);

struct zap;
/* Binds inproc://zeromq.zap.01; before any CURVE socket is bound. */
MUST_USE enum result zap_open(struct zap **out, zap_lookup *lookup, void *context, struct failure *why);
void zap_close(struct zap **zap);
void *zap_socket(struct zap *zap); /* libzmq socket to poll */
void zap_handle(struct zap *zap);  /* answers what waits, at most 64 requests a call */

#endif
