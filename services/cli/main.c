/* main.c - `cakupan`, the command line: a table of commands. */
#include "commands.h"

#include "runtime/core_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_up,       &command_down,   &command_status, &command_totals, &command_member,   &command_history,
    &command_enroll,   &command_layoff, &command_grace,  &command_sync,   &command_refusals, &command_device,
    &command_simulate, &command_verify, &command_bill,   &command_pay,    &command_budget,   &command_billing,
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void overview(FILE *out) {
    fprintf(out, "cakupan - a city's health insurance coverage, live\n\nUsage: cakupan COMMAND "
                 "[options]\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(
        out,
        "\n`cakupan COMMAND --help` explains one, with examples. Exit codes: 0 fine, 1 the answer is no,\n"
        "2 the command line is wrong, 3 it could not be done.\n");
}

/* Where we are started without standard streams, the first files that we open (the state's lock) would take
 * their numbers, and be lost when `up` puts its log there. */
static void standard_streams_fill(void) {
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* At every exit: output that was cut short (a full disk) must not pass for a whole one. Somebody who
 * stopped reading (`| head`) needs no sentence, but gets the code. */
static void output_check(void) {
    struct failure why;
    bool failed = ferror(stdout) != 0;
    errno = 0;
    failed = fflush(stdout) != 0 || failed;
    if (!failed)
        return;
    if (errno != EPIPE) {
        fail(&why, RESULT_IO, "OUTPUT_CUT",
             "The output could not be written whole (is the disk full?): do not use what was written.");
        report_failure(NULL, &why, EXIT_FAILED);
    }
    _exit(EXIT_FAILED);
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    core_files_forbid();
    standard_streams_fill();
    if (atexit(output_check) != 0)
        abort();
    if (strcmp(name, "--version") == 0) {
        printf("cakupan %s\n", CAKUPAN_VERSION);
        return EXIT_FINE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        overview(stdout);
        return EXIT_FINE;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i]->run(commands[i], argc - 1, argv + 1);
    if (!name[0]) {
        overview(stderr);
        return EXIT_USAGE;
    }
    struct failure why;
    fail(&why, RESULT_INVALID, "COMMAND_UNKNOWN", "There is no command '%.40s'; `cakupan --help` lists them.",
         name);
    return report_failure(NULL, &why, EXIT_USAGE);
}
