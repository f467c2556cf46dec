/* cli_supervisor.c - tests of the supervisor: back-off, last words, and real children that start, die and
 * stop. */
#include "cli/backoff.h"
#include "cli/child_log.h"
#include "cli/supervisor.h"

#include "runtime/clock.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct failure why;
static char state[SCRATCH_PATH];
static char ready[INSTANCE_PATH], mark[INSTANCE_PATH];
static struct supervisor *supervisor;

static void begin(void) {
    scratch_make(state);
    cr_assert_eq(instance_directories(state, &why), RESULT_OK, "%s", why.sentence);
    instance_path(ready, state, "run/child.ready");
    instance_path(mark, state, "mark");
    cr_assert_eq(supervisor_open(&supervisor, state, &why), RESULT_OK);
}

static void end(void) {
    supervisor_close(&supervisor);
    cr_assert_null(supervisor);
    scratch_remove(state);
}

/* Starts a shell script as the child; $1 is the file that says ready, $2 another one. */
static enum result start(const char *script) {
    const char *arguments[] = {"/bin/sh", "-c", script, "child", ready, mark, NULL};
    struct child_plan plan = {.name = "child", .arguments = arguments, .ready = ready};
    return supervisor_start(supervisor, &plan, &why);
}

/* The same for one that the others can be without. */
static enum result start_helper(const char *script) {
    const char *arguments[] = {"/bin/sh", "-c", script, "child", ready, mark, NULL};
    struct child_plan plan = {.name = "child", .arguments = arguments, .ready = ready, .may_rest = true};
    return supervisor_start(supervisor, &plan, &why);
}

static long mark_size(void) {
    FILE *file = fopen(mark, "r");
    if (!file)
        return 0;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    return size;
}

Test(cli_supervisor, back_off_doubles_up_to_ten_seconds_and_forgets_after_a_healthy_life) {
    int64_t delay_ms = 0, expected_ms[] = {100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000};
    for (size_t i = 0; i < sizeof expected_ms / sizeof expected_ms[0]; i++) {
        delay_ms = backoff_next(delay_ms, 10);
        cr_assert_eq(delay_ms, expected_ms[i]);
    }
    cr_assert_eq(backoff_next(10000, BACKOFF_HEALTHY_MS - 1), 10000);
    cr_assert_eq(backoff_next(10000, BACKOFF_HEALTHY_MS), 100);
}

Test(cli_supervisor, last_words_have_a_code_and_a_sentence) {
    char code[32], sentence[100];
    cr_assert(child_log_line("2026-11-22T08:30:00.123+07:00 enrollment ALARM PORT_TAKEN: The port: is taken.",
                             code, sentence, sizeof sentence));
    cr_assert_str_eq(code, "PORT_TAKEN");
    cr_assert_str_eq(sentence, "The port: is taken.");
    cr_assert(child_log_line("T enrollment ALARM no code here", code, sentence, sizeof sentence));
    cr_assert_str_eq(code, "CANNOT_START");
    cr_assert_str_eq(sentence, "no code here");
    cr_assert(!child_log_line("T enrollment info all is well", code, sentence, sizeof sentence));
}

Test(cli_supervisor, starts_and_stops) {
    begin();
    cr_assert_eq(
        start("trap 'echo stopped >\"$2\"; exit 0' TERM; echo x >\"$1\"; while :; do sleep 0.05; done"),
        RESULT_OK, "%s", why.sentence);
    cr_assert(supervisor_step(supervisor, 0));
    supervisor_close(&supervisor);
    cr_assert_eq(mark_size(), 8, "the child was asked to stop and did so by itself");
    end();
}

Test(cli_supervisor, a_child_that_needs_a_person_ends_the_start_with_its_sentence) {
    begin();
    cr_assert_eq(start("echo 'T child ALARM PORT_TAKEN: It is taken.' >&2; exit 3"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "PORT_TAKEN");
    cr_assert_str_eq(why.sentence, "child can't start: It is taken.");
    end();
}

Test(cli_supervisor, a_program_that_is_not_there_ends_the_start) {
    begin();
    const char *arguments[] = {"/nonexistent/program", NULL};
    struct child_plan plan = {.name = "child", .arguments = arguments, .ready = ready};
    cr_assert_eq(supervisor_start(supervisor, &plan, &why), RESULT_INVALID);
    cr_assert(strstr(why.sentence, "can't be executed"), "%s", why.sentence);
    end();
}

Test(cli_supervisor, a_child_that_keeps_dying_at_its_start_is_given_up) {
    begin();
    cr_assert_eq(start("echo x >>\"$2\"; exit 75"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CANNOT_START");
    cr_assert_eq(mark_size(), 5 * 2, "five attempts");
    end();
}

Test(cli_supervisor, a_child_that_dies_later_is_started_again) {
    begin();
    cr_assert_eq(start("echo x >>\"$2\"; echo y >\"$1\"; exec sleep 0.1"), RESULT_OK, "%s", why.sentence);
    int64_t until_us = clock_monotonic_us() + 5000000;
    while (mark_size() < 3 * 2 && clock_monotonic_us() < until_us)
        cr_assert(supervisor_step(supervisor, 20));
    cr_assert_geq(mark_size(), 3 * 2, "it was not started three times");
    end();
}

/* What a person allowed for one start is not allowed for ever. A start that never became ready was none. */
Test(cli_supervisor, first_arguments_are_gone_once_the_child_was_ready) {
    begin();
    const char *script = "echo \"$3\" >>\"$2\"; [ -s \"$2.second\" ] || { echo x >\"$2.second\"; exit 75; }; "
                         "echo r >\"$1\"; exec sleep 0.3";
    const char *arguments[] = {"/bin/sh", "-c", script, "child", ready, mark, NULL};
    struct child_plan plan = {.name = "child",
                              .arguments = arguments,
                              .first_arguments = (const char *const[]){"allowed", NULL},
                              .ready = ready};
    cr_assert_eq(supervisor_start(supervisor, &plan, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(mark_size(), 2 * 8, "two attempts, both with it");
    int64_t until_us = clock_monotonic_us() + 5000000;
    while (mark_size() == 2 * 8 && clock_monotonic_us() < until_us)
        cr_assert(supervisor_step(supervisor, 20));
    cr_assert_eq(mark_size(), 2 * 8 + 1, "an empty line from then on");
    end();
}

Test(cli_supervisor, a_helper_that_needs_a_person_rests) {
    begin();
    cr_assert_eq(
        start_helper("echo x >>$2; echo r >$1; sleep 0.1; echo 'T child ALARM AUDIT_TWICE: Twice.' >&2;"
                     "exit 3"),
        RESULT_OK);
    for (int i = 0; i < 15; i++)
        cr_assert(supervisor_step(supervisor, 50));
    cr_assert_eq(mark_size(), 2, "started once");
    end();
}

Test(cli_supervisor, a_helper_that_dies_otherwise_is_started_again) {
    begin();
    cr_assert_eq(start_helper("echo x >>$2; echo r >$1; sleep 0.1; exit 75"), RESULT_OK);
    for (int i = 0; i < 15; i++)
        cr_assert(supervisor_step(supervisor, 50));
    cr_assert_gt(mark_size(), 2);
    end();
}

Test(cli_supervisor, the_last_alarm_is_not_the_last_line) {
    char code[32] = "", sentence[80] = "", log[INSTANCE_PATH];
    scratch_make(state);
    snprintf(log, sizeof log, "%s/x.log", state);
    FILE *file = fopen(log, "w");
    fputs("T a info before\n", file);
    fflush(file);
    cr_assert(!child_log_last_alarm(log, 0, code, sentence, sizeof sentence));
    fputs("T a ALARM PORT_TAKEN: Taken.\nT a ALARM DISK_FULL: Full.\nT a info later\n", file);
    fclose(file);
    cr_assert(child_log_last_alarm(log, 0, code, sentence, sizeof sentence));
    cr_assert_str_eq(code, "DISK_FULL");
    cr_assert_str_eq(sentence, "Full.");
    scratch_remove(state);
}

Test(cli_supervisor, a_stop_signal_ends_a_start_and_is_remembered) {
    begin();
    kill(getpid(), SIGTERM);
    cr_assert_eq(start("sleep 60"), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "STOPPED");
    cr_assert(!supervisor_step(supervisor, 0));
    end();
}

Test(cli_supervisor, an_old_sign_of_readiness_does_not_count) {
    begin();
    FILE *file = fopen(ready, "w");
    cr_assert_not_null(file);
    fclose(file);
    cr_assert_eq(start("sleep 0.2; echo x >\"$2\"; echo y >\"$1\"; exec sleep 60"), RESULT_OK);
    cr_assert_eq(mark_size(), 2, "it was ready only after its own work");
    end();
}

static int lock_and_wait(void *context) {
    int lock_fd;
    if (instance_lock(context, &lock_fd, NULL) != RESULT_OK)
        return 1;
    pause();
    return 0;
}

Test(cli_supervisor, one_instance_a_state_and_the_kernel_knows_whose) {
    begin();
    int lock_fd;
    cr_assert_eq(instance_supervisor(state), 0);
    pid_t other = scratch_child(lock_and_wait, state);
    for (int i = 0; i < 500 && instance_supervisor(state) == 0; i++)
        usleep(10000);
    cr_assert_eq(instance_supervisor(state), other);
    cr_assert_eq(instance_lock(state, &lock_fd, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "STATE_IN_USE");
    kill(other, SIGKILL);
    for (int i = 0; i < 500 && instance_supervisor(state) != 0; i++)
        usleep(10000);
    cr_assert_eq(instance_lock(state, &lock_fd, &why), RESULT_OK, "a crash leaves nothing behind: %s",
                 why.sentence);
    close(lock_fd);
    end();
}

Test(cli_supervisor, a_directory_of_somebody_else_is_left_alone) {
    char path[INSTANCE_PATH];
    scratch_make(state);
    cr_assert_eq(chmod(state, 0755), 0);
    instance_path(path, state, "letter");
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fclose(file);
    cr_assert_eq(instance_directories(state, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "STATE_OPEN");
    instance_path(path, state, "run");
    cr_assert_neq(access(path, F_OK), 0);
    scratch_remove(state);
}

Test(cli_supervisor, a_state_too_long_for_unix_sockets_is_refused) {
    char path[120];
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    cr_assert_eq(instance_state_check(path, &why), RESULT_INVALID);
    path[78] = '\0';
    cr_assert_eq(instance_state_check(path, &why), RESULT_OK, "%s", why.sentence);
    path[78] = 'x';
    path[79] = '\0';
    cr_assert_eq(instance_state_check(path, &why), RESULT_INVALID);
}

/* Its Redis would remove the socket of ours as its last act. */
Test(cli_supervisor, waits_for_what_a_killed_supervisor_left_running) {
    begin();
    supervisor_close(&supervisor);
    pid_t first = fork();
    if (first == 0) {
        if (supervisor_open(&supervisor, state, &why) != RESULT_OK)
            _exit(1);
        (void)!start("trap 'sleep 0.5; echo late >\"$2\"; exit 0' TERM; echo x >\"$1\"; "
                     "while :; do sleep 0.05; done");
        raise(SIGKILL);
    }
    int status;
    cr_assert_eq(waitpid(first, &status, 0), first);
    cr_assert(WIFSIGNALED(status));
    cr_assert_eq(mark_size(), 0, "the child ended before it was waited for");
    cr_assert_eq(supervisor_open(&supervisor, state, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(mark_size(), 5, "the earlier child still runs");
    end();
}
