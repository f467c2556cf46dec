/* device_web.h - devices without a CURVE key of their own: a browser paired by a code, or a token for
 * programs. */
#ifndef CLI_DEVICE_WEB_H
#define CLI_DEVICE_WEB_H

#include "control_client.h"

#include <stdbool.h>
#include <stdio.h>

struct device_web {
    const char *name, *role;
    uint32_t area;
    const char *url; /* of the gateway, as the browser reaches it */
    bool json;
};

/* Opens a pairing and prints its code, its URL and, on a terminal, the URL as a QR code. */
MUST_USE enum result device_web_pair(struct control_client *client, const struct device_web *device,
                                     struct failure *why);
/* Adds the device and prints its token, once. */
MUST_USE enum result device_web_token(struct control_client *client, const struct device_web *device,
                                      struct failure *why);
/* Prints a text as a QR code, two rows of it a line; with colours it is black on white whatever the
 * terminal's own are. False where it is too long for one. */
bool qr_print(FILE *out, const char *text, bool colours);

#endif
