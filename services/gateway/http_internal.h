/* http_internal.h - the daemon's own state, shared by its opening (http.c) and the way of a request
 * through it (http_access.c). For those two alone. */
#ifndef GATEWAY_HTTP_INTERNAL_H
#define GATEWAY_HTTP_INTERNAL_H

#include "http.h"
#include "request_internal.h"

struct http {
    struct gateway *gateway;
    struct MHD_Daemon *daemon;
    struct connections *connections;
    struct request *open; /* all that are not completed */
    size_t body_bytes;    /* of bodies in memory */
    int epoll_fd;
    bool tls;
};

/* Callbacks of libmicrohttpd; their context is the http. */
void *http_target(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result http_access(void *context, struct MHD_Connection *connection, const char *path,
                            const char *method, const char *version, const char *data, size_t *size,
                            void **slot);
void http_completed(void *context, struct MHD_Connection *connection, void **slot,
                    enum MHD_RequestTerminationCode code);

/* admission.c: looks at the headers: answers with a problem, waits for enrollment's word on the token, or
 * lets the body come. */
void request_admit(struct request *request, const char *method, const char *version);

#endif
