/* gateway.h - the service: HTTP for browsers and offices. One thread, one loop; owns nothing but what is
 * on the way. */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include "runtime/service.h"

#include <stdint.h>

struct gateway_config {
    const char *listen;             /* ADDRESS:PORT or [ADDRESS]:PORT */
    const char *coverage;           /* endpoint of coverage's query socket, "": ipc in STATE/run */
    const char *door;               /* endpoint of enrollment's door, "": ipc in STATE/run */
    const char *web;                /* directory of the built pages; "": none are served */
    const char *tls_cert, *tls_key; /* PEM files; "": plain HTTP */
    uint32_t requests_per_second;   /* of an address; 0: no limits, for measurements and behind a proxy */
    const char *program;            /* `cakupan`, for the offices' work; "": beside ourselves */
};

/* Opens everything and runs until a stop is asked for. Returns the process's exit code. */
int gateway_run(struct service *service, const struct gateway_config *config);

#endif
