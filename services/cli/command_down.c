/* command_down.c - `cakupan down`: stops the city that `cakupan up` runs, and waits until it has. */
#include "commands.h"

#include "instance.h"
#include "runtime/clock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { POLL_MS = 50 };

static void pause_ms(long duration_ms) {
    struct timespec time = {.tv_sec = duration_ms / 1000, .tv_nsec = duration_ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT;
    uint64_t timeout_s = 120;
    const struct option_row rows[] = {
        {"timeout", OPTION_NUMBER, &timeout_s, "SECONDS", "wait at most so long (default 120)", 1, 3600},
        OPTION_STATE(&state),
        {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct failure why;
    if (instance_permission(state, &why) != RESULT_OK)
        return report_failure(command->name, &why, EXIT_FAILED);
    pid_t pid = instance_supervisor(state);
    if (pid == 0) {
        printf("Nothing runs with the state %s.\n", state);
        return EXIT_FINE;
    }
    if (kill(pid, SIGTERM) != 0 && errno != ESRCH) {
        fail(&why, RESULT_IO, "CANNOT_STOP", "The instance (pid %d) can't be stopped: %s.", (int)pid,
             strerror(errno));
        return report_failure(command->name, &why, EXIT_FAILED);
    }
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_s * 1000000;
    while (instance_supervisor(state) == pid) {
        if (clock_monotonic_us() > until_us) {
            fail(&why, RESULT_AGAIN, "CANNOT_STOP",
                 "The instance (pid %d) is still stopping after %d s; see %s/log.", (int)pid, (int)timeout_s,
                 state);
            return report_failure(command->name, &why, EXIT_FAILED);
        }
        pause_ms(POLL_MS);
    }
    printf("Stopped. The state is kept in %s.\n", state);
    return EXIT_FINE;
}

const struct command command_down = {
    .name = "down",
    .arguments = "",
    .summary = "stop the city",
    .details =
        "Drains and stops all services that `cakupan up` started, in reverse order. Nothing is lost.\n",
    .examples = "cakupan down\ncakupan down --state /tmp/rehearsal",
    .exit_codes =
        "0  stopped, or nothing was running\n2  the command line is wrong\n3  it could not be stopped",
    .run = run,
};
