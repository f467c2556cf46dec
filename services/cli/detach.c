/* detach.c - goes on in a process of its own session (detach.h). */
#include "detach.h"

#include "child_log.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void give_up(const char *what) {
    fprintf(stderr, "cakupan up: Could not go to the background: %s: %s. [DETACH]\n", what, strerror(errno));
    exit(EXIT_FAILED);
}

/* The caller's side: until a byte comes (ready) or the pipe closes (it ended). */
static void wait_ready(pid_t pid, int pipe_fd) {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    int signal_fd = signalfd(-1, &stops, SFD_CLOEXEC);
    struct pollfd items[] = {{.fd = pipe_fd, .events = POLLIN}, {.fd = signal_fd, .events = POLLIN}};
    for (;;) {
        if (poll(items, 2, -1) < 0 && errno != EINTR)
            give_up("poll");
        if (items[1].revents & POLLIN) {
            kill(pid, SIGTERM);
            items[1].fd = -1; /* once is enough: it drains and ends */
        }
        char byte;
        if (items[0].revents && read(pipe_fd, &byte, 1) == 1)
            exit(EXIT_FINE);
        if (items[0].revents)
            break;
    }
    int status;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        exit(EXIT_FAILED);
    exit(WEXITSTATUS(status) ? WEXITSTATUS(status) : EXIT_FAILED);
}

int detach_begin(void) {
    int ends[2];
    /* Whatever the caller's shell had open (a lock, a pipe) ends with the caller, not with the city. */
    close_range(STDERR_FILENO + 1, ~0u, 0);
    if (pipe2(ends, O_CLOEXEC) != 0)
        give_up("pipe");
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork");
    if (pid > 0) {
        close(ends[1]);
        wait_ready(pid, ends[0]);
    }
    close(ends[0]);
    setsid();
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0)
        give_up("/dev/null");
    close(null_fd);
    return ends[1];
}

void detach_ready(int ready_fd, const char *log) {
    fflush(NULL);
    int log_fd;
    off_t end;
    struct failure why;
    if (child_log_open(log, &log_fd, &end, &why) != RESULT_OK)
        log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (log_fd < 0 || dup2(log_fd, STDOUT_FILENO) < 0 || dup2(log_fd, STDERR_FILENO) < 0)
        give_up(log);
    close(log_fd);
    ssize_t written = write(ready_fd, "r", 1);
    (void)written; /* the caller may be gone already; then nobody waits */
    close(ready_fd);
}
