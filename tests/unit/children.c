/* children.c - tests of worker processes: real ones, made of a shell script: started, ended, found dead. */
#include "billing/children.h"

#include "runtime/clock.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char state[SCRATCH_PATH], program[SCRATCH_PATH + 16];
static struct children *children;
static struct failure why;

/* $5 is the state: billing worker --name N --state S ... */
static void write_program(const char *script) {
    FILE *file = fopen(program, "w");
    cr_assert(file);
    fprintf(file, "#!/bin/sh\nstate=$5\necho \"$@\" > $state/arguments\necho $$ > $state/pid\n%s\n", script);
    fclose(file);
    chmod(program, 0700);
}
static void begin(void) {
    scratch_make(state);
    snprintf(program, sizeof program, "%s/program", state);
    write_program("trap 'exit 0' TERM; while :; do sleep 0.05; done");
    struct children_config config = {
        .program = program, .state = state, .city = "cities/x", .feed = "", .doorbell = ""};
    children = children_new(&config);
}
static void end(void) {
    children_destroy(&children);
    cr_assert_null(children);
    scratch_remove(state);
}
TestSuite(children, .init = begin, .fini = end, .timeout = 30);

static void read_line(const char *name, char *out, size_t size) {
    char path[SCRATCH_PATH + 16];
    snprintf(path, sizeof path, "%s/%s", state, name);
    out[0] = '\0';
    for (int tries = 0; tries < 500 && !strchr(out, '\n'); tries++) {
        FILE *file = fopen(path, "r");
        if (file) {
            if (!fgets(out, (int)size, file))
                out[0] = '\0';
            fclose(file);
        }
        usleep(10000);
    }
    out[strcspn(out, "\n")] = '\0';
}
static pid_t pid_of_child(void) {
    char line[32];
    read_line("pid", line, sizeof line);
    return (pid_t)strtol(line, NULL, 10);
}
static void start(uint32_t number) {
    cr_assert_eq(children_start(children, number, &why), RESULT_OK, "%s", why.sentence);
}
/* Which one ends within a second. */
static uint32_t next_end(int patience_ms) {
    struct pollfd item = {.fd = children_descriptor(children), .events = POLLIN};
    uint32_t number = 0;
    for (int64_t until_ms = clock_monotonic_us() / 1000 + patience_ms;
         number == 0 && clock_monotonic_us() / 1000 < until_ms; number = children_reap(children))
        poll(&item, 1, 50);
    return number;
}

Test(children, a_worker_is_told_its_name_and_where_it_works) {
    char line[256], expected[256];
    start(3);
    cr_assert(children_has(children, 3));
    cr_assert_not(children_has(children, 1));
    read_line("arguments", line, sizeof line);
    snprintf(expected, sizeof expected, "worker --name billing-worker-3 --state %s --city cities/x", state);
    cr_assert_str_eq(line, expected);
}

Test(children, a_rehearsals_date_and_other_endpoints_are_handed_on) {
    char line[256];
    children_destroy(&children);
    struct children_config config = {.program = program,
                                     .state = state,
                                     .city = "c",
                                     .feed = "ipc:///f",
                                     .doorbell = "ipc:///d",
                                     .today = calendar_day(2026, 12, 25)};
    children = children_new(&config);
    start(1);
    read_line("arguments", line, sizeof line);
    cr_assert(strstr(line, " --city c --today 2026-12-25 --feed ipc:///f --doorbell ipc:///d"), "%s", line);
}

Test(children, one_that_is_asked_ends_and_is_found_dead) {
    start(2);
    pid_of_child();
    children_stop(children, 2);
    cr_assert_eq(next_end(5000), 2);
    cr_assert_not(children_has(children, 2));
    cr_assert_eq(children_reap(children), 0);
    start(2);
    cr_assert(children_has(children, 2));
}

Test(children, a_stopped_one_is_killed) {
    start(1);
    kill(pid_of_child(), SIGSTOP);
    children_kill(children, 1);
    cr_assert_eq(next_end(5000), 1);
}

Test(children, a_death_makes_the_descriptor_readable) {
    start(1);
    struct pollfd item = {.fd = children_descriptor(children), .events = POLLIN};
    pid_t pid = pid_of_child();
    cr_assert_eq(poll(&item, 1, 0), 0);
    kill(pid, SIGKILL);
    cr_assert_eq(poll(&item, 1, 5000), 1);
    cr_assert_eq(children_reap(children), 1);
}

Test(children, several_deaths_are_all_found) {
    for (uint32_t number = 1; number <= 5; number++)
        start(number);
    for (uint32_t number = 1; number <= 5; number++)
        children_kill(children, number);
    uint32_t seen = 0;
    for (int i = 0; i < 5; i++)
        seen |= 1u << next_end(5000);
    cr_assert_eq(seen, 0x3e);
}

Test(children, a_program_that_is_not_there_is_a_worker_that_ended) {
    unlink(program);
    start(1);
    cr_assert_eq(next_end(5000), 1);
}

Test(children, what_others_have_open_is_not_handed_on) {
    char line[256];
    int extra[20];
    write_program("set -- /proc/$$/fd/*; echo $# > $state/open; sleep 60");
    for (int i = 0; i < 20; i++)
        extra[i] = open("/dev/null", O_RDONLY);
    start(1);
    read_line("open", line, sizeof line);
    for (int i = 0; i < 20; i++)
        close(extra[i]);
    /* 0 to 2, the shell's script, the directory read; with those of others it were over twenty. */
    cr_assert(atoi(line) >= 3 && atoi(line) < 10, "%s", line);
}

Test(children, who_does_not_end_when_asked_is_killed_at_the_end) {
    write_program("trap '' TERM; while :; do sleep 0.05; done");
    start(1);
    pid_t pid = pid_of_child();
    usleep(100000);
    int64_t begun_ms = clock_monotonic_us() / 1000;
    children_destroy(&children);
    int64_t took_ms = clock_monotonic_us() / 1000 - begun_ms;
    cr_assert(took_ms >= 1900 && took_ms < 8000, "%lld ms", (long long)took_ms);
    cr_assert_eq(kill(pid, 0), -1);
    begin();
}

static int start_and_die(void *context) {
    (void)context;
    struct children_config config = {
        .program = program, .state = state, .city = "c", .feed = "", .doorbell = ""};
    struct children *others = children_new(&config);
    if (children_start(others, 1, &why) != RESULT_OK || pid_of_child() == 0)
        return 1;
    kill(getpid(), SIGKILL);
    return 2;
}

Test(children, they_die_with_the_coordinator) {
    int status;
    pid_t parent = scratch_child(start_and_die, NULL);
    cr_assert_eq(waitpid(parent, &status, 0), parent);
    cr_assert(WIFSIGNALED(status));
    pid_t pid = pid_of_child();
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    for (int tries = 0; tries < 300; tries++) { /* a zombie whose parent is gone has no command line */
        FILE *file = fopen(path, "r");
        bool lives = file && fgetc(file) != EOF;
        if (file)
            fclose(file);
        if (!lives)
            return;
        usleep(10000);
    }
    cr_assert(false, "process %d outlives the coordinator", (int)pid);
}

Test(children, a_name_lives_as_long_as_its_lock_is_held) {
    char path[SCRATCH_PATH + 32];
    snprintf(path, sizeof path, "%s/run", state);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/run/billing-worker-7.lock", state);
    cr_assert_eq(worker_sign(state, "billing-worker-7"), WORKER_UNKNOWN);
    int lock = open(path, O_RDWR | O_CREAT, 0600);
    cr_assert_eq(flock(lock, LOCK_EX), 0);
    cr_assert_eq(worker_sign(state, "billing-worker-7"), WORKER_LIVES);
    cr_assert(worker_lives(state, "billing-worker-7"));
    close(lock);
    cr_assert_eq(worker_sign(state, "billing-worker-7"), WORKER_DEAD);
    cr_assert_not(worker_lives(state, "billing-worker-7"));
}
