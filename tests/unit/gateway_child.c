/* gateway_child.c - tests of the gateway's children: what they get, and how they end. */
#include "gateway/child.h"

#include "runtime/clock.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct failure why;

static int64_t now_ms(void) {
    return clock_monotonic_us() / 1000;
}

static struct child_order shell(const char *script, int time_ms) {
    struct child_order order = {.time_ms = time_ms};
    child_argument(&order, "-c");
    child_argument(&order, "%s", script);
    return order;
}

static void until_ended(struct child *child) {
    int fds[CHILD_DESCRIPTORS];
    for (int turns = 0; !child_work(child, now_ms()); turns++) {
        struct pollfd items[CHILD_DESCRIPTORS];
        unsigned count = child_descriptors(child, fds);
        for (unsigned i = 0; i < count; i++)
            items[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
        cr_assert_lt(turns, 20000, "it ends");
        poll(items, count, 20);
    }
}

static struct child *ended(const struct child_order *order, struct child_outcome *outcome) {
    struct child *child;
    cr_assert_eq(child_start(&child, "/bin/sh", order, now_ms(), &why), RESULT_OK, "%s", why.sentence);
    until_ended(child);
    child_outcome(child, outcome);
    return child;
}

static bool lives(pid_t pid) {
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    int read = fscanf(file, "%*d (%*[^)]) %c", &state);
    fclose(file);
    return read == 1 && state != 'Z';
}

static void gone_soon(pid_t pid) {
    for (int i = 0; i < 500 && lives(pid); i++)
        usleep(10000);
    cr_assert(!lives(pid), "%d runs still", (int)pid);
}

Test(gateway_child, output_errors_and_exit_code_come_back) {
    struct child_outcome outcome;
    struct child_order order = shell("echo out; echo err >&2; exit 7", 5000);
    struct child *child = ended(&order, &outcome);
    cr_assert_eq(outcome.exit_code, 7);
    cr_assert_str_eq(outcome.output, "out\n");
    cr_assert_str_eq(outcome.errors, "err\n");
    cr_assert(!outcome.too_slow && !outcome.too_long);
    child_end(&child);
    cr_assert_null(child);
}

Test(gateway_child, arguments_reach_it_as_they_are) {
    struct child_outcome outcome;
    struct child_order order = shell("printf '%s|' \"$@\"", 5000);
    child_argument(&order, "zero");
    child_argument(&order, "--author=%s", "Siti; rm -rf $HOME `id` \"'");
    child_argument(&order, "%s", "");
    struct child *child = ended(&order, &outcome);
    cr_assert_str_eq(outcome.output, "--author=Siti; rm -rf $HOME `id` \"'||");
    child_end(&child);
}

Test(gateway_child, input_is_the_file) {
    struct child_outcome outcome;
    char directory[SCRATCH_PATH];
    struct child_order order = shell("cat", 5000);
    scratch_make(directory);
    snprintf(order.input, sizeof order.input, "%s/in", directory);
    FILE *file = fopen(order.input, "w");
    fputs("nik\n", file);
    fclose(file);
    struct child *child = ended(&order, &outcome);
    cr_assert_str_eq(outcome.output, "nik\n");
    child_end(&child);
    order.input[0] = '\0';
    child = ended(&order, &outcome);
    cr_assert_eq(outcome.size, 0, "nothing else is its input");
    child_end(&child);
    scratch_remove(directory);
}

Test(gateway_child, nothing_of_ours_is_inherited) {
    struct child_outcome outcome;
    setenv("SECRET", "token", 1);
    int fd = dup(STDERR_FILENO); /* without O_CLOEXEC */
    sigset_t blocked;
    sigfillset(&blocked);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    struct child_order order =
        shell("env; ls /proc/$$/fd; grep SigBlk /proc/self/status; ulimit -c; nice", 5000);
    struct child *child = ended(&order, &outcome);
    char open_fd[16];
    snprintf(open_fd, sizeof open_fd, "\n%d\n", fd);
    cr_assert_null(strstr(outcome.output, "SECRET"));
    cr_assert_null(strstr(outcome.output, open_fd), "%s", outcome.output);
    cr_assert_not_null(strstr(outcome.output, "SigBlk:\t0000000000000000"), "%s", outcome.output);
    cr_assert_not_null(strstr(outcome.output, "\n0\n5\n"), "no core, nice: %s", outcome.output);
    child_end(&child);
}

Test(gateway_child, its_time_ends_the_whole_group) {
    struct child *child;
    struct child_outcome outcome;
    struct child_order order = shell("sleep 1000 & echo $!; wait", 300);
    cr_assert_eq(child_start(&child, "/bin/sh", &order, now_ms(), &why), RESULT_OK);
    until_ended(child);
    child_outcome(child, &outcome);
    cr_assert(outcome.too_slow);
    cr_assert_eq(outcome.exit_code, -1);
    pid_t grandchild = (pid_t)atoi(outcome.output);
    cr_assert_gt(grandchild, 1);
    gone_soon(grandchild);
    child_end(&child);
}

Test(gateway_child, what_it_leaves_behind_ends_with_it) {
    struct child_outcome outcome;
    struct child_order order = shell("sleep 1000 & echo $!", 20000);
    struct child *child = ended(&order, &outcome);
    cr_assert_eq(outcome.exit_code, 0);
    gone_soon((pid_t)atoi(outcome.output));
    child_end(&child);
}

Test(gateway_child, endless_output_is_cut_off) {
    struct child_outcome outcome;
    struct child_order order = shell("yes", 20000);
    struct child *child = ended(&order, &outcome);
    cr_assert(outcome.too_long);
    cr_assert_leq(outcome.size, CHILD_OUTPUT_MAX);
    child_end(&child);
}

Test(gateway_child, of_endless_errors_the_last_are_kept) {
    struct child_outcome outcome;
    struct child_order order =
        shell("i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i+1)); done", 30000);
    struct child *child = ended(&order, &outcome);
    cr_assert_eq(outcome.exit_code, 0);
    cr_assert_leq(outcome.errors_size, CHILD_ERRORS_MAX);
    cr_assert_str_eq(outcome.errors + outcome.errors_size - 11, "line 19999\n");
    child_end(&child);
}

Test(gateway_child, a_signal_is_no_exit_code) {
    struct child_outcome outcome;
    struct child_order order = shell("echo '{}'; kill -9 $$", 5000);
    struct child *child = ended(&order, &outcome);
    cr_assert_eq(outcome.exit_code, -1);
    child_end(&child);
}

Test(gateway_child, a_program_that_is_not_there) {
    struct child *child;
    struct child_outcome outcome;
    struct child_order order = {.time_ms = 5000};
    cr_assert_eq(child_start(&child, "/nonexistent/cakupan", &order, now_ms(), &why), RESULT_OK);
    until_ended(child);
    child_outcome(child, &outcome);
    cr_assert_eq(outcome.exit_code, 127);
    child_end(&child);
    snprintf(order.input, sizeof order.input, "/nonexistent/input");
    cr_assert_eq(child_start(&child, "/bin/sh", &order, now_ms(), &why), RESULT_IO);
    cr_assert_null(child);
    cr_assert_str_eq(why.code, "JOB_CRASHED");
}

Test(gateway_child, too_many_or_too_long_arguments_start_nothing) {
    struct child *child;
    struct child_order order = {.time_ms = 5000}, longer = {.time_ms = 5000};
    for (unsigned i = 0; i <= CHILD_ARGUMENTS_MAX; i++)
        child_argument(&order, "x");
    cr_assert_eq(child_start(&child, "/bin/sh", &order, now_ms(), &why), RESULT_INVALID);
    child_argument(&longer, "%*d", (int)CHILD_ARGUMENTS_BYTES, 1);
    cr_assert_eq(child_start(&child, "/bin/sh", &longer, now_ms(), &why), RESULT_INVALID);
    cr_assert_null(child);
}

/* The gateway killed with -9 while a child runs. */
Test(gateway_child, none_outlives_its_gateway) {
    int told[2];
    pid_t pid = 0;
    cr_assert_eq(pipe(told), 0);
    pid_t gateway = fork();
    if (gateway == 0) {
        struct child *child;
        struct child_outcome outcome;
        struct child_order order = shell("echo $$; exec sleep 1000", 100000);
        if (child_start(&child, "/bin/sh", &order, now_ms(), &why) != RESULT_OK)
            _exit(1);
        do {
            child_work(child, now_ms());
            child_outcome(child, &outcome);
        } while (outcome.size == 0);
        pid = (pid_t)atoi(outcome.output);
        if (write(told[1], &pid, sizeof pid) != sizeof pid)
            _exit(1);
        pause();
    }
    cr_assert_eq(read(told[0], &pid, sizeof pid), (ssize_t)sizeof pid);
    cr_assert(lives(pid));
    kill(gateway, SIGKILL);
    waitpid(gateway, NULL, 0);
    gone_soon(pid);
}

Test(gateway_child, its_files_end_where_it_was_told) {
    struct child_outcome outcome;
    char directory[SCRATCH_PATH];
    struct stat file;
    scratch_make(directory);
    char script[SCRATCH_PATH + 100];
    snprintf(script, sizeof script, "head -c 5000 /dev/zero >%s/out || exit 3", directory);
    struct child_order order = shell(script, 5000);
    order.file_bytes = 4096;
    struct child *child = ended(&order, &outcome);
    cr_assert_eq(outcome.exit_code, 3, "it may say so itself: %d", outcome.exit_code);
    child_end(&child);
    snprintf(script, sizeof script, "%s/out", directory);
    cr_assert_eq(stat(script, &file), 0);
    cr_assert_leq(file.st_size, 4096);
    scratch_remove(directory);
}
