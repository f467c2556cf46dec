/* socket.h - every ZeroMQ socket of the system is made here, with every option set on purpose.
 *
 * Endpoints: "tcp://host:port" is CURVE, always; "ipc:///path" is a unix socket of mode 0600, plain.
 * Sockets are czmq zsock_t; hot paths use libzmq calls on zsock_resolve(). A socket belongs to one thread.
 */
#ifndef RUNTIME_SOCKET_H
#define RUNTIME_SOCKET_H

#include "cakupan/result.h"

#include <czmq.h>

/* A key pair for CURVE, Z85. A service keeps it in STATE/keys/NAME.key (0600) and NAME.pub. */
struct curve_keys {
    char public_key[41];
    char secret_key[41];
};
/* Loads the pair, making the file when there is none yet. */
MUST_USE enum result curve_keys_load(struct curve_keys *keys, const char *directory, const char *name,
                                     struct failure *why);
/* Reads NAME.pub only. */
MUST_USE enum result curve_public_load(char public_key[41], const char *directory, const char *name,
                                       struct failure *why);

/* Reads a public key from a file of its own. */
MUST_USE enum result curve_public_read(char public_key[41], const char *path, struct failure *why);

struct socket_options {
    const struct curve_keys *keys; /* needed for tcp */
    const char *server_key;        /* connect over tcp: the server's public key, Z85 */
    int high_water;                /* messages per peer, both ways; 0: 1,000 */
    int send_high_water;           /* where sending needs another one; 0: as high_water */
    int64_t max_message_bytes;     /* bigger ones cut the connection; 0: 1 MiB + 4 KiB */
};
/* Binds; RESULT_CONFLICT with code PORT_TAKEN where the address is in use. tcp needs a ZAP handler (zap.h)
 * before. */
MUST_USE enum result socket_bind(zsock_t **out, int type, const char *endpoint,
                                 const struct socket_options *options, struct failure *why);
MUST_USE enum result socket_connect(zsock_t **out, int type, const char *endpoint,
                                    const struct socket_options *options, struct failure *why);
/* Once per process, before the first socket: no signal handlers of czmq's, SIGPIPE ignored, linger 0. */
void socket_setup(void);

#endif
