/* terminal.h - what the stream that we print to can do. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* A terminal that can redraw a line (a pipe, a file and TERM=dumb can't). */
bool terminal_redraws(FILE *stream);
/* Colour only on such a terminal, and not with NO_COLOR (https://no-color.org). */
bool terminal_colours(FILE *stream);
/* Columns of the terminal; 80 where unknown. */
int terminal_columns(FILE *stream);
/* Clears the screen and goes to its top left. */
void terminal_clear(FILE *stream);

#define STYLE_BOLD   "\033[1m"
#define STYLE_DIM    "\033[2m"
#define STYLE_RED    "\033[31m"
#define STYLE_GREEN  "\033[32m"
#define STYLE_YELLOW "\033[33m"
#define STYLE_OFF    "\033[0m"

#endif
