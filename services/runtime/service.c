/* service.c - the start, readiness and end of every service process (service.h). */
#include "service.h"

#include "clock.h"
#include "core_files.h"
#include "file.h"
#include "log.h"
#include "service_options.h"
#include "socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Raised when the layout below STATE changes so that older programs would misread it. */
#define STATE_FORMAT "1"

static void run_path(const char *state, const char *name, const char *ending, char path[PATH_MAX]) {
    snprintf(path, PATH_MAX, "%s/run/%s.%s", state, name, ending);
}

void service_ipc(const char *state, const char *name, char *out, size_t size) {
    snprintf(out, size, "ipc://%s/run/%s.sock", state, name);
}

static bool is_empty(const char *path) {
    DIR *directory = opendir(path);
    if (!directory)
        return false;
    int entries = 0;
    while (readdir(directory))
        entries++;
    closedir(directory);
    return entries <= 2; /* "." and ".." */
}

/* Members' data lies below: nobody else may enter. A directory that is new or ours is closed; one that holds
 * something else (somebody's home, /tmp) is left as it is. */
static enum result close_to_others(const char *state, struct failure *why) {
    struct stat status;
    if (stat(state, &status) < 0)
        return fail(why, RESULT_IO, "STATE_ERROR", "Could not look at %s: %s.", state, strerror(errno));
    if (status.st_uid != geteuid())
        return fail(
            why, RESULT_INVALID, "STATE_FOREIGN",
            "The state directory %s belongs to another account: start as its owner or give another --state.",
            state);
    if (!(status.st_mode & 077))
        return RESULT_OK;
    char format[PATH_MAX];
    snprintf(format, sizeof format, "%s/format", state);
    if (access(format, F_OK) < 0 && !is_empty(state))
        return fail(why, RESULT_INVALID, "STATE_OPEN",
                    "The directory %s holds other things and others can enter it: give an empty --state "
                    "directory, or "
                    "run chmod 700 on it.",
                    state);
    if (chmod(state, 0700) < 0)
        return fail(why, RESULT_IO, "STATE_ERROR", "Could not close %s to others: %s.", state,
                    strerror(errno));
    return RESULT_OK;
}

static enum result check_format(const char *state, struct failure *why) {
    char path[PATH_MAX], format[32];
    snprintf(path, sizeof path, "%s/format", state);
    enum result result = file_read(path, false, format, sizeof format, why);
    if (result == RESULT_NOT_FOUND) {
        result = file_create(path, STATE_FORMAT "\n", strlen(STATE_FORMAT "\n"), why);
        if (result == RESULT_CONFLICT) /* another service of this instance was first */
            result = file_read(path, false, format, sizeof format, why);
        else
            return result;
    }
    if (result == RESULT_IO)
        return result;
    bool known = result == RESULT_OK && strcmp(format, STATE_FORMAT "\n") == 0;
    format[strcspn(format, "\n")] = 0;
    if (!known)
        return fail(why, RESULT_CONFLICT, "STATE_VERSION",
                    "The state in %s has format \"%.8s\", this program needs \"%s\": start the program that "
                    "wrote it, "
                    "or give another --state.",
                    state, result == RESULT_OK ? format : "unreadable", STATE_FORMAT);
    return RESULT_OK;
}

static enum result prepare_state(const char *state, struct failure *why) {
    char run[PATH_MAX];
    snprintf(run, sizeof run, "%s/run", state);
    enum result result = file_make_directory(state, why);
    if (result == RESULT_OK)
        result = close_to_others(state, why);
    if (result == RESULT_OK)
        result = check_format(state, why);
    return result == RESULT_OK ? file_make_directory(run, why) : result;
}

static enum result in_use(const struct service *service, struct failure *why) {
    char holder[16] = "";
    ssize_t size = pread(service->lock_fd, holder, sizeof holder - 1, 0);
    holder[size > 0 ? (size_t)size : 0] = 0;
    holder[strspn(holder, "0123456789")] = 0;
    return fail(why, RESULT_CONFLICT, "STATE_IN_USE",
                "Another %s (process %s) uses the state in %s: stop it, or give another --state.",
                service->name, *holder ? holder : "unknown", service->state);
}

static enum result take_lock(struct service *service, struct failure *why) {
    char path[PATH_MAX], pid[16];
    run_path(service->state, service->name, "lock", path);
    service->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (service->lock_fd < 0)
        return fail(why, RESULT_IO, "STATE_ERROR", "Could not open %s: %s.", path, strerror(errno));
    if (flock(service->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK
                   ? in_use(service, why)
                   : fail(why, RESULT_IO, "STATE_ERROR", "Could not lock %s: %s.", path, strerror(errno));
    int size = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    if (ftruncate(service->lock_fd, 0) < 0 || pwrite(service->lock_fd, pid, (size_t)size, 0) != size)
        return fail(why, RESULT_IO, "STATE_ERROR", "Could not write %s: %s.", path, strerror(errno));
    return RESULT_OK;
}

/* Before any thread exists, so that no thread ever takes one of these signals. */
static enum result open_signals(struct service *service, struct failure *why) {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    /* Who starts us in the background may have them ignored, and ignored signals are lost before a
     * signalfd. */
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    if (sigprocmask(SIG_BLOCK, &stops, NULL) == 0)
        service->signal_fd = signalfd(-1, &stops, SFD_NONBLOCK | SFD_CLOEXEC);
    if (service->signal_fd < 0)
        return fail(why, RESULT_IO, "SIGNALS", "Could not receive stop signals: %s.", strerror(errno));
    return RESULT_OK;
}

enum result service_start(struct service *service, const char *name, const char *summary, int argc,
                          char **argv, struct service_option *options, struct failure *why) {
    core_files_forbid();
    *service = (struct service){.name = name, .signal_fd = -1, .lock_fd = -1};
    service_options_parse(service, summary, argc, argv, options);
    log_open(name);
    clock_set_today(service->today);
    enum result result = open_signals(service, why);
    if (result == RESULT_OK)
        result = prepare_state(service->state, why);
    if (result == RESULT_OK)
        result = take_lock(service, why);
    if (result != RESULT_OK) {
        service_end(service);
        return result;
    }
    char ready[PATH_MAX];
    run_path(service->state, name, "ready", ready);
    unlink(ready); /* of a process that was killed */
    socket_setup();
    return RESULT_OK;
}

enum result service_ready(struct service *service, const char *details, struct failure *why) {
    char path[PATH_MAX], text[4096];
    run_path(service->state, service->name, "ready", path);
    int size = snprintf(text, sizeof text, "pid=%d\nversion=%s\nready_ms=%lld\n%s", (int)getpid(),
                        CAKUPAN_VERSION, (long long)clock_wall_ms(), details ? details : "");
    if (size >= (int)sizeof text)
        return fail(why, RESULT_INVALID, "READY_LONG", "The details for %s do not fit %zu bytes.", path,
                    sizeof text);
    return file_replace(path, text, (size_t)size, why);
}

bool service_stopping(struct service *service) {
    struct signalfd_siginfo signal_info;
    while (read(service->signal_fd, &signal_info, sizeof signal_info) == (ssize_t)sizeof signal_info)
        service->stopping = true;
    return service->stopping;
}

void service_end(struct service *service) {
    /* Only who holds the lock may take the readiness back; the lock file stays, removing it would race. */
    if (service->lock_fd >= 0 && flock(service->lock_fd, LOCK_EX | LOCK_NB) == 0) {
        char ready[PATH_MAX];
        run_path(service->state, service->name, "ready", ready);
        unlink(ready);
    }
    if (service->signal_fd >= 0)
        close(service->signal_fd);
    if (service->lock_fd >= 0)
        close(service->lock_fd);
    service->signal_fd = service->lock_fd = -1;
}
