/* exchange.h - questions and answers with a service: one DEALER on its unix socket below STATE, or over
 * tcp. */
#ifndef CLI_EXCHANGE_H
#define CLI_EXCHANGE_H

#include "runtime/socket.h"

#include <stddef.h>
#include <stdint.h>

/* The code of a question that a watched service took with it when it ended. */
#define EXCHANGE_LOST "CONNECTION_LOST"

struct exchange;

/* Connects to STATE/run/NAME.sock. Where nobody listens there, fails at once as instance_silent says. */
MUST_USE enum result exchange_open(struct exchange **out, const char *state, const char *name,
                                   struct failure *why);
/* Connects to `endpoint` (tcp, CURVE) by `keys`; `name` is for sentences. Whether anybody listens shows with
 * the first answer. */
MUST_USE enum result exchange_open_remote(struct exchange **out, const char *name, const char *endpoint,
                                          const struct curve_keys *keys, const char *server_key,
                                          struct failure *why);
/* From now on a wait ends at once, RESULT_AGAIN (EXCHANGE_LOST), where the service ends: it will never answer
 * what was asked before. What may be asked twice can then be sent again, a moment later. A connection that
 * was lost before the question is told with the first wait after it, too. */
MUST_USE enum result exchange_watch(struct exchange *exchange, struct failure *why);
void exchange_close(struct exchange **exchange);
MUST_USE enum result exchange_send(struct exchange *exchange, const uint8_t *data, size_t size,
                                   struct failure *why);
/* Waits for one message of one frame; `*data` is valid until the next call. RESULT_AGAIN (NO_ANSWER) after
 * the timeout. */
MUST_USE enum result exchange_receive(struct exchange *exchange, int timeout_ms, const uint8_t **data,
                                      size_t *size, struct failure *why);

#endif
