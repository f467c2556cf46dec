/* terminal.c - what the stream that we print to can do (terminal.h). */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_redraws(FILE *stream) {
    const char *kind = getenv("TERM");
    return isatty(fileno(stream)) && kind && strcmp(kind, "dumb") != 0;
}

bool terminal_colours(FILE *stream) {
    const char *refused = getenv("NO_COLOR");
    return terminal_redraws(stream) && !(refused && refused[0]);
}

int terminal_columns(FILE *stream) {
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

void terminal_clear(FILE *stream) {
    fputs("\033[H\033[2J\033[3J", stream);
}
