/* plain_main.c - runs a program's tests one after the other, each in a fork (criterion/criterion.h): says
 * "ok SUITE.NAME" or "not ok SUITE.NAME: why" for each. */
#include "criterion/criterion.h"

#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

static struct plain_test *first, **last = &first;

void plain_add(struct plain_test *test) {
    *last = test;
    last = &test->next;
}

void plain_fail(const char *file, int line, const char *what, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: %s:", file, line, what);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _exit(1);
}

static struct plain_options suite_options(const char *suite) {
    for (const struct plain_test *test = first; test; test = test->next)
        if (!test->name && strcmp(test->suite, suite) == 0)
            return test->options;
    return (struct plain_options){0};
}

static void run(const struct plain_test *test) {
    struct plain_options suite = suite_options(test->suite);
    if (suite.init)
        suite.init();
    if (test->options.init)
        test->options.init();
    test->run();
    if (test->options.fini)
        test->options.fini();
    if (suite.fini)
        suite.fini();
}

/* True where the child ended as the test says: by its signal, or with its exit code. */
static bool ended_well(const struct plain_test *test, int status) {
    if (test->options.signal)
        return WIFSIGNALED(status) && WTERMSIG(status) == test->options.signal;
    return WIFEXITED(status) && WEXITSTATUS(status) == test->options.exit_code;
}

static bool run_apart(const struct plain_test *test) {
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        run(test);
        exit(0); /* not _exit: watchers report at the end */
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (ended_well(test, status))
        printf("ok %s.%s\n", test->suite, test->name);
    else if (WIFSIGNALED(status))
        printf("not ok %s.%s: killed by signal %d\n", test->suite, test->name, WTERMSIG(status));
    else
        printf("not ok %s.%s: ended with code %d\n", test->suite, test->name, WEXITSTATUS(status));
    return ended_well(test, status);
}

int main(void) {
    bool fine = true;
    for (const struct plain_test *test = first; test; test = test->next)
        if (test->name)
            fine &= run_apart(test);
    return fine ? 0 : 1;
}
