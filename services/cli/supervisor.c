/* supervisor.c - starts processes, keeps them alive, stops them in reverse order (supervisor.h). */
#include "supervisor.h"

#include "backoff.h"
#include "child_lock.h"
#include "child_log.h"
#include "view/format.h"
#include "runtime/clock.h"
#include "runtime/service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READY_POLL_MS = 10,
    SLOW_START_MS = 15000,  /* then we say that we are still waiting */
    START_ATTEMPTS_MAX = 5, /* of a child that dies before it was ever ready */
    STOP_PATIENCE_MS = 30000,
    ALARM_TEXT = 400
};

struct child {
    char name[32];
    char *arguments[SUPERVISOR_ARGUMENTS_MAX + 1];
    size_t lasting; /* so many of them also once it was ready */
    char ready[INSTANCE_PATH];
    char log[INSTANCE_PATH];
    bool ready_is_socket, may_rest;
    bool rests; /* not started again */
    pid_t pid;  /* 0: not running */
    int exit_status;
    int64_t started_ms, restart_ms; /* monotonic */
    int64_t delay_ms;
    off_t log_from;
    int deaths;
    bool was_ready;
};

struct supervisor {
    const char *state;
    struct child children[SUPERVISOR_CHILDREN_MAX];
    size_t count;
    int signal_fd;
    int lock_fd; /* of child_lock.h */
    bool stopping;
};

static int64_t now_ms(void) {
    return clock_monotonic_us() / 1000;
}

/* One line for the person at the terminal (or STATE/log/up.log): the time and what happened. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    char when[FORMAT_TEXT];
    va_list arguments;
    printf("%s  ", format_instant(clock_wall_ms(), when));
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

/* What a killed supervisor started is draining: waits until the last of it has gone. */
static enum result children_inherit(struct supervisor *supervisor, struct failure *why) {
    int64_t begun_ms = now_ms();
    enum result result;
    while ((result = child_lock_open(supervisor->state, &supervisor->lock_fd, why)) == RESULT_AGAIN) {
        if (!supervisor_step(supervisor, READY_POLL_MS))
            return fail(why, RESULT_AGAIN, "STOPPED", "Stopped while an earlier start was ending.");
        if (now_ms() - begun_ms > STOP_PATIENCE_MS)
            return RESULT_CONFLICT;
    }
    return result;
}

enum result supervisor_open(struct supervisor **out, const char *state, struct failure *why) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    *out = NULL;
    if (signal_fd < 0)
        return fail(why, RESULT_IO, "SIGNALS", "Signals can't be taken by a descriptor: %s.",
                    strerror(errno));
    *out = calloc(1, sizeof **out);
    if (!*out)
        abort();
    (*out)->state = state;
    (*out)->signal_fd = signal_fd;
    (*out)->lock_fd = -1;
    enum result result = children_inherit(*out, why);
    if (result != RESULT_OK)
        supervisor_close(out);
    return result;
}

/* Between fork and exec: only calls that are safe there. */
static void child_become(const struct child *child, int log_fd, int lock_fd, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(SERVICE_EXIT_RECOVER); /* the parent died before prctl could tell us */
    setpgid(0, 0);
    int null_fd = open("/dev/null", O_RDONLY);
    if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || dup2(log_fd, STDOUT_FILENO) < 0 ||
        dup2(log_fd, STDERR_FILENO) < 0)
        _exit(SERVICE_EXIT_CANNOT_START);
    if (lock_fd > STDERR_FILENO + 1)
        close_range(STDERR_FILENO + 1, (unsigned)lock_fd - 1, 0);
    close_range((unsigned)lock_fd + 1, ~0u, 0);
    execvp(child->arguments[0], child->arguments);
    static const char words[] = "The program can't be executed; is it installed and built?\n";
    ssize_t written = write(STDERR_FILENO, words, sizeof words - 1);
    (void)written;
    _exit(SERVICE_EXIT_CANNOT_START);
}

static enum result child_spawn(struct child *child, int lock_fd, struct failure *why) {
    int log_fd;
    enum result result = child_log_open(child->log, &log_fd, &child->log_from, why);
    if (result != RESULT_OK)
        return result;
    unlink(child->ready);
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0)
        child_become(child, log_fd, lock_fd, self);
    close(log_fd);
    if (pid < 0)
        return fail(why, RESULT_IO, "FORK", "%s can't be started: %s.", child->name, strerror(errno));
    child->pid = pid;
    child->started_ms = now_ms();
    return RESULT_OK;
}

static bool child_is_ready(const struct child *child) {
    if (!child->pid)
        return false;
    return child->ready_is_socket ? instance_socket_listens(child->ready) : access(child->ready, F_OK) == 0;
}

static void death_describe(const struct child *child, char *out, size_t size) {
    if (WIFSIGNALED(child->exit_status))
        snprintf(out, size, "was killed by signal %d (%s)", WTERMSIG(child->exit_status),
                 strsignal(WTERMSIG(child->exit_status)));
    else
        snprintf(out, size, "ended with code %d", WEXITSTATUS(child->exit_status));
}

/* " It says: SENTENCE [CODE]", of the last alarm since its start; "" where it raised none. */
static const char *alarm_describe(const struct child *child, char *out, size_t size) {
    char code[32], sentence[320];
    out[0] = '\0';
    if (child_log_last_alarm(child->log, child->log_from, code, sentence, sizeof sentence))
        snprintf(out, size, " It says: %s [%s]", sentence, code);
    return out;
}

/* It said itself that a person is needed. */
static bool is_hopeless(const struct child *child) {
    return WIFEXITED(child->exit_status) && (WEXITSTATUS(child->exit_status) == SERVICE_EXIT_CANNOT_START ||
                                             WEXITSTATUS(child->exit_status) == SERVICE_EXIT_USAGE);
}

static void child_buried(struct supervisor *supervisor, struct child *child) {
    char death[96], delay[FORMAT_TEXT], alarm[ALARM_TEXT];
    int64_t lived_ms = now_ms() - child->started_ms;
    child->pid = 0;
    child->deaths++;
    child->delay_ms = backoff_next(child->delay_ms, lived_ms);
    child->restart_ms = now_ms() + child->delay_ms;
    if (supervisor->stopping || (!child->was_ready && is_hopeless(child)))
        return; /* asked for, or the end of the start: supervisor_start gives the reason */
    death_describe(child, death, sizeof death);
    child->rests = child->may_rest && is_hopeless(child);
    if (child->rests) {
        say("%s %s and is not started again: a person must look (log: %s).%s", child->name, death, child->log,
            alarm_describe(child, alarm, sizeof alarm));
        return;
    }
    say("%s %s; starting it again in %s (log: %s).%s", child->name, death,
        format_microseconds(child->delay_ms * 1000, delay), child->log,
        alarm_describe(child, alarm, sizeof alarm));
}

static void signals_take(struct supervisor *supervisor) {
    struct signalfd_siginfo info;
    while (read(supervisor->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGCHLD)
            supervisor->stopping = true;
    for (size_t i = 0; i < supervisor->count; i++) {
        struct child *child = &supervisor->children[i];
        if (child->pid && waitpid(child->pid, &child->exit_status, WNOHANG) == child->pid)
            child_buried(supervisor, child);
    }
}

static void restart_due(struct supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->count && !supervisor->stopping; i++) {
        struct child *child = &supervisor->children[i];
        struct failure why;
        if (child->pid || child->rests || now_ms() < child->restart_ms)
            continue;
        if (child_spawn(child, supervisor->lock_fd, &why) == RESULT_OK) {
            say("%s is started again (pid %d)", child->name, (int)child->pid);
        } else {
            child->restart_ms = now_ms() + BACKOFF_MOST_MS;
            say("%s", why.sentence);
        }
    }
}

bool supervisor_step(struct supervisor *supervisor, int wait_ms) {
    for (size_t i = 0; i < supervisor->count; i++) {
        const struct child *child = &supervisor->children[i];
        int64_t until_ms = child->restart_ms - now_ms();
        if (!child->pid && !child->rests && until_ms < wait_ms)
            wait_ms = until_ms > 0 ? (int)until_ms : 0;
    }
    struct pollfd item = {.fd = supervisor->signal_fd, .events = POLLIN};
    poll(&item, 1, wait_ms);
    signals_take(supervisor);
    restart_due(supervisor);
    return !supervisor->stopping;
}

static size_t arguments_copy(struct child *child, size_t at, const char *const *from) {
    for (; *from; from++, at++)
        if (at == SUPERVISOR_ARGUMENTS_MAX || !(child->arguments[at] = strdup(*from)))
            abort();
    return at;
}

static void arguments_free(struct child *child, size_t from) {
    for (size_t i = from; child->arguments[i]; i++) {
        free(child->arguments[i]);
        child->arguments[i] = NULL;
    }
}

static struct child *child_add(struct supervisor *supervisor, const struct child_plan *plan) {
    if (supervisor->count == SUPERVISOR_CHILDREN_MAX)
        abort();
    struct child *child = &supervisor->children[supervisor->count++];
    snprintf(child->name, sizeof child->name, "%s", plan->name);
    snprintf(child->ready, sizeof child->ready, "%s", plan->ready);
    instance_path(child->log, supervisor->state, "log/%s.log", plan->name);
    child->ready_is_socket = plan->ready_is_socket;
    child->may_rest = plan->may_rest;
    child->lasting = arguments_copy(child, 0, plan->arguments);
    if (plan->first_arguments)
        arguments_copy(child, child->lasting, plan->first_arguments);
    return child;
}

/* A child that died before it was ready: whether to give up, and with which words. */
static bool start_failed(const struct child *child, struct failure *why) {
    char code[32], words[300], death[96];
    bool hopeless = is_hopeless(child);
    if (!hopeless && child->deaths < START_ATTEMPTS_MAX)
        return false;
    bool spoke = child_log_last_words(child->log, child->log_from, code, words, sizeof words);
    death_describe(child, death, sizeof death);
    if (hopeless && spoke)
        fail(why, RESULT_INVALID, code, "%s can't start: %s", child->name, words);
    else
        fail(why, RESULT_INVALID, "CANNOT_START", "%s %s during its start, %d times; see %s.", child->name,
             death, child->deaths, child->log);
    return true;
}

enum result supervisor_start(struct supervisor *supervisor, const struct child_plan *plan,
                             struct failure *why) {
    struct child *child = child_add(supervisor, plan);
    enum result result = child_spawn(child, supervisor->lock_fd, why);
    if (result != RESULT_OK)
        return result;
    int64_t begun_ms = now_ms();
    char alarm[ALARM_TEXT];
    bool told = false;
    int deaths = 0;
    while (!child_is_ready(child)) {
        if (!supervisor_step(supervisor, READY_POLL_MS))
            return fail(why, RESULT_AGAIN, "STOPPED", "Stopped while %s was starting.", child->name);
        if (child->deaths > deaths && start_failed(child, why))
            return RESULT_INVALID;
        deaths = child->deaths;
        if (!told && now_ms() - begun_ms > SLOW_START_MS) {
            say("%s is still starting; see %s.%s", child->name, child->log,
                alarm_describe(child, alarm, sizeof alarm));
            told = true;
        }
    }
    child->deaths = 0;
    child->was_ready = true;
    arguments_free(child, child->lasting);
    return RESULT_OK;
}

static void child_stop(struct supervisor *supervisor, struct child *child) {
    if (!child->pid)
        return;
    kill(child->pid, SIGTERM);
    int64_t until_ms = now_ms() + STOP_PATIENCE_MS;
    while (child->pid && now_ms() < until_ms) {
        struct pollfd item = {.fd = supervisor->signal_fd, .events = POLLIN};
        poll(&item, 1, 20);
        signals_take(supervisor);
    }
    if (!child->pid)
        return;
    say("%s did not stop within %d s and is killed", child->name, STOP_PATIENCE_MS / 1000);
    kill(child->pid, SIGKILL);
    waitpid(child->pid, &child->exit_status, 0);
    child->pid = 0;
}

void supervisor_close(struct supervisor **supervisor) {
    if (!supervisor || !*supervisor)
        return;
    (*supervisor)->stopping = true;
    for (size_t i = (*supervisor)->count; i-- > 0;) {
        struct child *child = &(*supervisor)->children[i];
        child_stop(*supervisor, child);
        arguments_free(child, 0);
    }
    close((*supervisor)->signal_fd);
    if ((*supervisor)->lock_fd >= 0)
        close((*supervisor)->lock_fd);
    free(*supervisor);
    *supervisor = NULL;
}
