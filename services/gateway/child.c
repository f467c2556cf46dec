/* child.c - one run of our own command line (child.h).
 *
 * fork and execve instead of posix_spawn, which can neither tie a child's life to ours (PR_SET_PDEATHSIG) nor
 * bound its memory before its first instruction. Between the two only calls that are safe after a fork of a
 * process with threads (signal-safety(7)).
 */
#include "child.h"

#include "runtime/require.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE_BYTES      65536u
#define MEMORY_MAX       (UINT64_C(4) << 30)
#define FILES_MAX        256u
#define KIND_NICE        5 /* acks and live totals come first */
#define EXIT_NOT_STARTED 127
#define CPU_CORES        2 /* how many it may keep busy all its time: libzmq has a thread, too */

struct child {
    pid_t pid; /* 0: reaped */
    int process_fd, output_fd, errors_fd;
    int64_t deadline_ms;
    int exit_code;
    bool too_slow, too_long;
    char *output, *errors;
    size_t output_size, output_capacity, errors_size;
};

void child_argument(struct child_order *order, const char *format, ...) {
    va_list values;
    size_t room = sizeof order->bytes - order->used;
    va_start(values, format);
    int size = vsnprintf(order->bytes + order->used, room, format, values);
    va_end(values);
    if (size < 0 || (size_t)size >= room || order->count == CHILD_ARGUMENTS_MAX) {
        order->cut = true;
        return;
    }
    order->used += (size_t)size + 1;
    order->count++;
}

static void close_on(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void limit(int resource, uint64_t most) {
    const struct rlimit both = {most, most};
    setrlimit((__rlimit_resource_t)resource, &both);
}

static void limits(const struct child_order *order) {
    uint64_t seconds = ((uint64_t)order->time_ms / 1000 + 1) * CPU_CORES;
    limit(RLIMIT_CORE, 0); /* a core would hold NIKs */
    limit(RLIMIT_CPU, seconds);
    limit(RLIMIT_FSIZE, order->file_bytes ? order->file_bytes : CHILD_FILE_MAX);
    limit(RLIMIT_NOFILE, FILES_MAX);
#ifndef __SANITIZE_ADDRESS__ /* which reserves terabytes of addresses */
    limit(RLIMIT_AS, MEMORY_MAX);
#endif
    setpriority(PRIO_PROCESS, 0, KIND_NICE);
}

/* In the child. Does not return. */
static void run(const char *program, char *const *arguments, const int fds[3], pid_t parent,
                const struct child_order *order) {
    static const char *const environment[] = {"PATH=/usr/bin:/bin",     "LANG=C.UTF-8",
                                              "HOME=/nonexistent",      "USER=gateway",
                                              "CAKUPAN_PROGRESS=lines", NULL};
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before that */
        _exit(EXIT_NOT_STARTED);
    for (int to = 0; to < 3; to++)
        if (dup2(fds[to], to) < 0)
            _exit(EXIT_NOT_STARTED);
    if (syscall(SYS_close_range, 3u, ~0u, 0u) != 0) /* else all of ours are O_CLOEXEC */
        for (int fd = 3; fd < (int)FILES_MAX; fd++)
            close(fd);
    limits(order);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too long is a failure, with its sentence */
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(program, arguments, (char *const *)(uintptr_t)environment);
    _exit(EXIT_NOT_STARTED);
}

/* Those below 3 would be closed by the dup2 of another one. */
static int above_standard(int fd) {
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(fd);
    return higher;
}

static bool pipe_open(int *ours, int *theirs) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    *ours = ends[0];
    *theirs = above_standard(ends[1]);
    return *theirs >= 0 && fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

static bool spawn(struct child *child, const char *program, const struct child_order *order) {
    char *arguments[CHILD_ARGUMENTS_MAX + 2] = {(char *)(uintptr_t)program};
    int fds[3] = {-1, -1, -1};
    const char *at = order->bytes;
    for (unsigned i = 0; i < order->count; at += strlen(at) + 1)
        arguments[++i] = (char *)(uintptr_t)at;
    fds[0] = above_standard(open(order->input[0] ? order->input : "/dev/null", O_RDONLY | O_CLOEXEC));
    bool ready =
        fds[0] >= 0 && pipe_open(&child->output_fd, &fds[1]) && pipe_open(&child->errors_fd, &fds[2]);
    pid_t parent = getpid();
    child->pid = ready ? fork() : -1;
    if (child->pid == 0)
        run(program, arguments, fds, parent, order);
    int error = errno;
    for (int i = 0; i < 3; i++)
        close_on(&fds[i]);
    errno = error;
    if (child->pid < 0) {
        child->pid = 0;
        return false;
    }
    setpgid(child->pid, child->pid); /* whoever of both is first */
    child->process_fd = pidfd_open(child->pid, 0);
    return child->process_fd >= 0;
}

enum result child_start(struct child **out, const char *program, const struct child_order *order,
                        int64_t now_ms, struct failure *why) {
    *out = NULL;
    if (order->cut)
        return fail(why, RESULT_INVALID, "PARAMETER_INVALID",
                    "What was sent is too long for a command line.");
    struct child *child = calloc(1, sizeof *child);
    if (!child)
        abort();
    child->process_fd = child->output_fd = child->errors_fd = -1;
    child->exit_code = -1;
    child->deadline_ms = now_ms + order->time_ms;
    child->errors = malloc(CHILD_ERRORS_MAX + 1);
    child->output_capacity = PIECE_BYTES;
    child->output = malloc(child->output_capacity + 1);
    if (!child->errors || !child->output)
        abort();
    if (!spawn(child, program, order)) {
        int error = errno;
        child_end(&child);
        return fail(why, RESULT_IO, "JOB_CRASHED", "The work can't be started: %s.", strerror(error));
    }
    *out = child;
    return RESULT_OK;
}

static void reap(struct child *child, int flags) {
    int status;
    if (child->pid == 0 || waitpid(child->pid, &status, flags) != child->pid)
        return;
    kill(-child->pid, SIGKILL); /* whoever it left behind in its group */
    child->pid = 0;
    child->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The group, and where it has none yet the process. */
static void end_now(struct child *child) {
    if (child->pid == 0)
        return;
    if (kill(-child->pid, SIGKILL) != 0)
        kill(child->pid, SIGKILL);
    reap(child, 0);
    child->exit_code = -1;
}

void child_end(struct child **child) {
    if (!*child)
        return;
    end_now(*child);
    close_on(&(*child)->process_fd);
    close_on(&(*child)->output_fd);
    close_on(&(*child)->errors_fd);
    free((*child)->output);
    free((*child)->errors);
    free(*child);
    *child = NULL;
}

unsigned child_descriptors(const struct child *child, int out[CHILD_DESCRIPTORS]) {
    const int all[CHILD_DESCRIPTORS] = {child->output_fd, child->errors_fd, child->process_fd};
    unsigned count = 0;
    for (unsigned i = 0; i < CHILD_DESCRIPTORS; i++)
        if (all[i] >= 0)
            out[count++] = all[i];
    return count;
}

static void output_read(struct child *child) {
    ssize_t size = 1;
    while (child->output_fd >= 0 && size > 0) {
        if (child->output_size == child->output_capacity && child->output_capacity < CHILD_OUTPUT_MAX) {
            child->output_capacity *= 2;
            child->output = realloc(child->output, child->output_capacity + 1);
            if (!child->output)
                abort();
        }
        size_t room = child->output_capacity - child->output_size;
        if (room == 0) {
            child->too_long = true;
            return;
        }
        size = read(child->output_fd, child->output + child->output_size, room);
        if (size > 0)
            child->output_size += (size_t)size;
        else if (size == 0 || (errno != EAGAIN && errno != EINTR))
            close_on(&child->output_fd);
    }
}

/* Of a long tale the last is kept: that is where a failure stands. */
static void errors_read(struct child *child) {
    ssize_t size = 1;
    while (child->errors_fd >= 0 && size > 0) {
        if (child->errors_size == CHILD_ERRORS_MAX) {
            child->errors_size = CHILD_ERRORS_MAX / 2;
            memmove(child->errors, child->errors + CHILD_ERRORS_MAX - child->errors_size, child->errors_size);
        }
        size =
            read(child->errors_fd, child->errors + child->errors_size, CHILD_ERRORS_MAX - child->errors_size);
        if (size > 0)
            child->errors_size += (size_t)size;
        else if (size == 0 || (errno != EAGAIN && errno != EINTR))
            close_on(&child->errors_fd);
    }
}

bool child_work(struct child *child, int64_t now_ms) {
    reap(child, WNOHANG); /* before the reading, so that all it wrote is there */
    output_read(child);
    errors_read(child);
    child->too_slow = child->too_slow || (child->pid != 0 && now_ms >= child->deadline_ms);
    if (child->too_slow || child->too_long)
        end_now(child);
    if (child->pid != 0)
        return false;
    close_on(&child->process_fd);
    close_on(&child->output_fd);
    close_on(&child->errors_fd);
    return true;
}

void child_outcome(const struct child *child, struct child_outcome *out) {
    child->output[child->output_size] = '\0';
    child->errors[child->errors_size] = '\0';
    *out = (struct child_outcome){.exit_code = child->exit_code,
                                  .too_slow = child->too_slow,
                                  .too_long = child->too_long,
                                  .output = child->output,
                                  .size = child->output_size,
                                  .errors = child->errors,
                                  .errors_size = child->errors_size};
}
