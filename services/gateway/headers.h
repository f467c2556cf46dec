/* headers.h - headers that every answer bears: what browsers may do with it. */
#ifndef GATEWAY_HEADERS_H
#define GATEWAY_HEADERS_H

#include <microhttpd.h>

/* Content-Security-Policy and its kin. */
void headers_secure(struct MHD_Response *response);

#endif
