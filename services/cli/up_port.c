/* up_port.c - looks whether the devices' port is free before a start makes anything (up.h). */
#include "up.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As libzmq will bind it. What is no IPv4 address (a name, an interface) is left to enrollment. */
static bool address_of(const struct up_options *options, struct sockaddr_in *address) {
    const char *listen = strcmp(options->listen, "*") == 0 ? "0.0.0.0" : options->listen;
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)options->port)};
    return inet_pton(AF_INET, listen, &address->sin_addr) == 1;
}

static bool is_taken(const struct sockaddr_in *address) {
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool taken = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                 bind(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == EADDRINUSE;
    close(fd);
    return taken;
}

enum result up_port_check(const struct up *up, struct failure *why) {
    struct sockaddr_in address;
    if (instance_supervisor(up->options.state) !=
        0) /* it holds the port itself: STATE_IN_USE says it better */
        return RESULT_OK;
    if (address_of(&up->options, &address) && is_taken(&address))
        return fail(why, RESULT_CONFLICT, "PORT_TAKEN",
                    "The address tcp://%.100s:%d is taken by another program: stop it or choose another "
                    "--port. Nothing was made.",
                    up->options.listen, (int)up->options.port);
    return RESULT_OK;
}
