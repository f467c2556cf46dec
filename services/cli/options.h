/* options.h - how every command of `cakupan` reads its line: a table of options, one parser, one form of
 * --help.
 *
 * Parsing fills the targets of the table and touches nothing else; options_read is the shell around it
 * that prints help or the mistake and ends the process. One thread (getopt_long keeps globals).
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cakupan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What `cakupan` exits with, and what each command's help explains. */
enum exit_code {
    EXIT_FINE = 0,
    EXIT_REFUSED = 1, /* it ran, and the answer is no: rows refused, differences found, nobody there */
    EXIT_USAGE = 2,   /* the command line is wrong                                                   */
    EXIT_FAILED = 3   /* it could not be done: nothing running, file unreadable, cannot start        */
};

enum option_kind {
    OPTION_FLAG,    /* target: bool, becomes true                         */
    OPTION_TEXT,    /* target: const char *, borrowed from the line       */
    OPTION_NUMBER,  /* target: uint64_t, between `minimum` and `maximum`  */
    OPTION_DAY,     /* target: day_t, from 2026-11-22                     */
    OPTION_LANGUAGE /* target: enum language, "en" or "id"               */
};

struct option_row {
    const char *name; /* "region" for --region; NULL ends the table */
    enum option_kind kind;
    void *target;            /* holds the default before parsing */
    const char *placeholder; /* "DIR"; NULL for a flag */
    const char *help;
    uint64_t minimum, maximum; /* OPTION_NUMBER; maximum 0: none */
};

#define STATE_DEFAULT "var"
#define OPTION_STATE(variable)                                                                               \
    { "state", OPTION_TEXT, variable, "DIR", "state directory (default var)", 0, 0 }

#define OPTION_LANGUAGE_ROW(variable)                                                                        \
    { "language", OPTION_LANGUAGE, variable, "en|id", "of the sentences (default en)", 0, 0 }

struct command {
    const char *name;
    const char *arguments; /* "FILE.csv", "[-]"; "" where it takes none */
    const char *summary;   /* one line of the list of commands */
    const char *details;   /* paragraph of --help, lines ended by \n; may be "" */
    const char *examples;  /* one a line */
    const char *exit_codes;
    int (*run)(const struct command *command, int argc, char **argv);
    int argument_minimum, argument_maximum;
};

/* Reads `argv` (argv[0] is the command's name) into the targets. `values` (at least argc) gets the
 * arguments that are no options. `*help` where --help was there: then nothing else counts. RESULT_INVALID:
 * `why` says what is wrong. */
MUST_USE enum result options_parse(const struct command *command, const struct option_row *rows, int argc,
                                   char **argv, const char **values, int *count, bool *help,
                                   struct failure *why);
void options_help(FILE *out, const struct command *command, const struct option_row *rows);

/* Parses, or prints help (exits 0) or the mistake (exits EXIT_USAGE). Returns the number of `values`. */
int options_read(const struct command *command, const struct option_row *rows, int argc, char **argv,
                 const char **values);

/* "cakupan totals: sentence [CODE]" on stderr; returns `exit_code` so that a command can end in it. */
int report_failure(const char *command, const struct failure *why, int exit_code);

#endif
