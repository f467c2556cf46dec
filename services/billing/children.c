/* children.c - starts, ends and buries worker processes (children.h). */
#include "children.h"

#include "runtime/log.h"
#include "runtime/require.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16
#define CHILD_NAME    32
#define PATIENCE_MS   2000
#define LOOK_MS       10

struct child {
    pid_t pid; /* 0: none */
    uint32_t number;
    bool asked; /* to end */
};
struct children {
    struct children_config config;
    int signal_fd;
    struct child list[LEASE_WORKERS_MAX];
};

struct children *children_new(const struct children_config *config) {
    struct children *children = calloc(1, sizeof *children);
    sigset_t signals;
    require(children, "out of memory for the list of workers");
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    children->config = *config;
    children->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    require(children->signal_fd >= 0, "the end of a worker can be taken by a descriptor");
    return children;
}

int children_descriptor(const struct children *children) {
    return children->signal_fd;
}

static struct child *find(const struct children *children, uint32_t number) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        const struct child *child = &children->list[i];
        if (child->pid != 0 && child->number == number)
            return (struct child *)child;
    }
    return NULL;
}

bool children_has(const struct children *children, uint32_t number) {
    return find(children, number) != NULL;
}

/* Between fork and exec: only calls that are safe there. */
static void become_worker(const char *program, char **arguments, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127); /* the parent died before prctl could tell us */
    setpgid(0, 0);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    execv(program, arguments);
    static const char words[] = "billing: a worker can't be executed\n";
    ssize_t written = write(STDERR_FILENO, words, sizeof words - 1);
    (void)written;
    _exit(127);
}

static void fill_arguments(const struct children_config *config, char *name, char *today,
                           char *arguments[ARGUMENTS_MAX]) {
    uint32_t count = 0;
    const char *const options[][2] = {{"--name", name},         {"--state", config->state},
                                      {"--city", config->city}, {"--today", today},
                                      {"--feed", config->feed}, {"--doorbell", config->doorbell}};
    /* Its own path, /proc/self/exe, would say nothing to who reads a list of processes. */
    arguments[count++] = (char *)"billing";
    arguments[count++] = (char *)"worker";
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!options[i][1] || options[i][1][0] == '\0')
            continue;
        arguments[count++] = (char *)options[i][0];
        arguments[count++] = (char *)options[i][1];
    }
    arguments[count] = NULL;
}

enum result children_start(struct children *children, uint32_t number, struct failure *why) {
    char name[CHILD_NAME], today[CALENDAR_TEXT] = "", *arguments[ARGUMENTS_MAX];
    struct child *child = NULL;
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX && !child; i++)
        child = children->list[i].pid == 0 ? &children->list[i] : NULL;
    require(child && !find(children, number), "a worker is started once, and there is room for it");
    snprintf(name, sizeof name, "billing-worker-%" PRIu32, number);
    if (children->config.today != DAY_NONE)
        calendar_format(children->config.today, today);
    fill_arguments(&children->config, name, today, arguments);
    pid_t self = getpid(), pid = fork();
    if (pid == 0)
        become_worker(children->config.program, arguments, self);
    if (pid < 0)
        return fail(why, RESULT_AGAIN, "FORK", "%s can't be started: %s.", name, strerror(errno));
    *child = (struct child){.pid = pid, .number = number};
    log_info("%s is started (pid %d)", name, (int)pid);
    return RESULT_OK;
}

static void end(struct children *children, uint32_t number, int signal_number) {
    struct child *child = find(children, number);
    if (!child)
        return;
    child->asked = true;
    kill(child->pid, signal_number);
}

void children_stop(struct children *children, uint32_t number) {
    end(children, number, SIGTERM);
}
void children_kill(struct children *children, uint32_t number) {
    end(children, number, SIGKILL);
}

static void say_how_it_ended(const struct child *child, int status) {
    if (child->asked)
        log_info("billing-worker-%" PRIu32 " has ended", child->number);
    else if (WIFSIGNALED(status))
        log_warning("billing-worker-%" PRIu32 " (pid %d) was killed by signal %d (%s)", child->number,
                    (int)child->pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        log_warning("billing-worker-%" PRIu32 " (pid %d) ended with code %d", child->number, (int)child->pid,
                    WEXITSTATUS(status));
}

uint32_t children_reap(struct children *children) {
    struct signalfd_siginfo info;
    while (read(children->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        continue;
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct child *child = &children->list[i];
        int status;
        if (child->pid == 0 || waitpid(child->pid, &status, WNOHANG) != child->pid)
            continue;
        say_how_it_ended(child, status);
        child->pid = 0;
        return child->number;
    }
    return 0;
}

static bool any(const struct children *children) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        if (children->list[i].pid != 0)
            return true;
    }
    return false;
}

static void end_all(struct children *children, int signal_number) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        struct child *child = &children->list[i];
        if (child->pid == 0)
            continue;
        child->asked = true;
        kill(child->pid, signal_number);
    }
}

void children_destroy(struct children **children) {
    if (!*children)
        return;
    end_all(*children, SIGTERM);
    for (int waited_ms = 0; any(*children); waited_ms += LOOK_MS) {
        struct pollfd item = {.fd = (*children)->signal_fd, .events = POLLIN};
        if (waited_ms == PATIENCE_MS)
            end_all(*children, SIGKILL);
        if (children_reap(*children) == 0)
            poll(&item, 1, LOOK_MS);
    }
    close((*children)->signal_fd);
    free(*children);
    *children = NULL;
}

enum worker_sign worker_sign(const char *state, const char *name) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/run/%s.lock", state, name);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return WORKER_UNKNOWN;
    bool taken = flock(descriptor, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    close(descriptor);
    return taken ? WORKER_LIVES : WORKER_DEAD;
}

bool worker_lives(const char *state, const char *name) {
    return worker_sign(state, name) == WORKER_LIVES;
}
