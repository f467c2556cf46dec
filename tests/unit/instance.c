/* instance.c - tests of what a command is told where a service does not listen (services/cli/instance.h). */
#include "cli/instance.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static char directory[SCRATCH_PATH];
static struct failure why;

static void set_up(void) {
    scratch_make(directory);
    cr_assert_eq(instance_directories(directory, &why), RESULT_OK, "%s", why.sentence);
}
static void tear_down(void) {
    scratch_remove(directory);
}
TestSuite(instance, .init = set_up, .fini = tear_down, .timeout = 30);

Test(instance, no_city_runs) {
    cr_assert_eq(instance_silent(directory, "billing", &why), RESULT_NOT_FOUND);
    cr_assert_str_eq(why.code, "NOT_RUNNING");
    cr_assert(strstr(why.sentence, "/run/billing.sock; start the city"), "%s", why.sentence);
}

/* Another process has the lock: the kernel tells nobody of his own. */
Test(instance, a_service_that_is_started_again) {
    int ready[2], lock_fd;
    char byte;
    cr_assert_eq(pipe(ready), 0);
    pid_t supervisor = fork();
    cr_assert_geq(supervisor, 0);
    if (supervisor == 0) {
        if (instance_lock(directory, &lock_fd, &why) == RESULT_OK && write(ready[1], "", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1, "the lock was taken");
    close(ready[0]);
    enum result result = instance_silent(directory, "billing", &why);
    kill(supervisor, SIGKILL);
    waitpid(supervisor, NULL, 0);
    cr_assert_eq(result, RESULT_NOT_FOUND);
    cr_assert_str_eq(why.code, "NOT_RUNNING");
    cr_assert(strstr(why.sentence, "again in a few seconds"), "%s", why.sentence);
}

Test(instance, a_state_of_somebody_else) {
    pid_t stranger = fork();
    cr_assert_geq(stranger, 0);
    if (stranger == 0) {
        bool closed = geteuid() == 0 ? setuid(NOBODY) == 0 : chmod(directory, 0) == 0;
        bool told = closed && instance_silent(directory, "billing", &why) == RESULT_IO &&
                    strcmp(why.code, "NO_PERMISSION") == 0;
        _exit(told ? 0 : 1);
    }
    int status;
    cr_assert_eq(waitpid(stranger, &status, 0), stranger);
    cr_assert_eq(chmod(directory, 0700), 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
