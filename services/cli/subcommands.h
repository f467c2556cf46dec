/* subcommands.h - a command that is a family: `cakupan bill preview`, `cakupan budget show`. */
#ifndef CLI_SUBCOMMANDS_H
#define CLI_SUBCOMMANDS_H

#include "options.h"

/* Runs the one that argv[1] names; each has its full name ("bill preview"), options and help of its own.
 * `list` ends with NULL. */
int subcommands_run(const struct command *family, const struct command *const *list, int argc, char **argv);

#endif
