/* up_port.c - looks whether the devices' and the browsers' ports are free before a start makes anything
 * (up.h). */
#include "up.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As the service will bind it. What is no IPv4 address (a name, an interface) is left to the service. */
static bool address_of(const char *listen, int port, struct sockaddr_in *address) {
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return inet_pton(AF_INET, strcmp(listen, "*") == 0 ? "0.0.0.0" : listen, &address->sin_addr) == 1;
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

static enum result port_check(const char *listen, int port, struct failure *why) {
    struct sockaddr_in address;
    if (address_of(listen, port, &address) && is_taken(&address))
        return fail(why, RESULT_CONFLICT, "PORT_TAKEN",
                    "The address tcp://%.100s:%d is taken by another program: stop it or choose another "
                    "--port. Nothing was made.",
                    listen, port);
    return RESULT_OK;
}

enum result up_port_check(const struct up *up, struct failure *why) {
    const struct up_options *options = &up->options;
    if (instance_supervisor(options->state) != 0) /* it holds the ports itself: STATE_IN_USE says it better */
        return RESULT_OK;
    enum result result = port_check(options->listen, (int)options->port, why);
    if (result == RESULT_OK)
        result = port_check(options->web_listen, (int)options->port + UP_PORT_GATEWAY, why);
    return result;
}
