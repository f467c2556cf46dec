/* headers.c - headers that every answer bears (headers.h). */
#include "headers.h"

#include "runtime/require.h"

#include <stddef.h>

static const struct {
    const char *name, *value;
} headers[] = {
    /* data: is for the small pictures of styles; nothing comes from, or goes to, another host */
    {"Content-Security-Policy",
     "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(self), geolocation=(), microphone=()"},
};

void headers_secure(struct MHD_Response *response) {
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        require(MHD_add_response_header(response, headers[i].name, headers[i].value) == MHD_YES,
                "a header of ours is a header");
}
