/* instance.c - the files below STATE by which the parts of one instance find each other (instance.h). */
#include "instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

void instance_path(char out[INSTANCE_PATH], const char *state, const char *relative, ...) {
    int size = snprintf(out, INSTANCE_PATH, "%s/", state);
    if (size < 0 || size >= INSTANCE_PATH)
        return;
    va_list arguments;
    va_start(arguments, relative);
    vsnprintf(out + size, (size_t)(INSTANCE_PATH - size), relative, arguments);
    va_end(arguments);
}

enum result instance_state_check(const char *state, struct failure *why) {
    size_t longest = strlen(state) + strlen("/run/enrollment-doorbell.sock");
    if (state[0] == '\0')
        return fail(why, RESULT_INVALID, "STATE_INVALID", "--state needs a directory, not an empty text.");
    if (longest >= sizeof((struct sockaddr_un *)0)->sun_path)
        return fail(why, RESULT_INVALID, "STATE_TOO_LONG",
                    "The state directory '%.120s...' is too long for unix sockets; use one of at most %zu "
                    "characters.",
                    state, sizeof((struct sockaddr_un *)0)->sun_path - 1 - (longest - strlen(state)));
    return RESULT_OK;
}

static bool is_empty(const char *path) {
    DIR *directory = opendir(path);
    int entries = 0;
    if (!directory)
        return false;
    while (readdir(directory))
        entries++;
    closedir(directory);
    return entries <= 2; /* "." and ".." */
}

/* Before anything is put there: somebody's home or /tmp is no state directory, an empty one is closed to
 * others (the services do that only as long as it is empty). */
static enum result open_refuse(const char *state, struct failure *why) {
    struct stat status;
    char format[INSTANCE_PATH];
    instance_path(format, state, "format");
    if (stat(state, &status) != 0 || !(status.st_mode & 077) || access(format, F_OK) == 0)
        return RESULT_OK;
    if (is_empty(state) && chmod(state, 0700) == 0)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "STATE_OPEN",
                "The directory %s holds other things and others can enter it; give an empty --state "
                "directory, or run "
                "chmod 700 on it.",
                state);
}

enum result instance_directories(const char *state, struct failure *why) {
    static const char *const below[] = {"", "run", "log", "keys", "keys/devices", "outbox"};
    enum result result = open_refuse(state, why);
    if (result != RESULT_OK)
        return result;
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) {
        char path[INSTANCE_PATH];
        instance_path(path, state, "%s", below[i]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return fail(why, RESULT_IO, errno == ENOSPC ? "DISK_FULL" : "STATE_UNWRITABLE",
                        "The state directory %s can't be made: %s.", path, strerror(errno));
    }
    if (access(state, W_OK | X_OK) != 0)
        return fail(why, RESULT_IO, "STATE_UNWRITABLE", "The state directory %s can't be written: %s.", state,
                    strerror(errno));
    return RESULT_OK;
}

static struct flock whole_file(void) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

pid_t instance_supervisor(const char *state) {
    char path[INSTANCE_PATH];
    instance_path(path, state, "run/supervisor.lock");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return 0;
    struct flock lock = whole_file();
    pid_t pid = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 0;
    close(fd);
    return pid;
}

enum result instance_lock(const char *state, int *lock_fd, struct failure *why) {
    char path[INSTANCE_PATH];
    instance_path(path, state, "run/supervisor.lock");
    *lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock_fd < 0)
        return fail(why, RESULT_IO, errno == ENOSPC ? "DISK_FULL" : "STATE_UNWRITABLE",
                    "%s can't be made: %s.", path, strerror(errno));
    struct flock lock = whole_file();
    if (fcntl(*lock_fd, F_SETLK, &lock) == 0)
        return RESULT_OK;
    pid_t owner = fcntl(*lock_fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 0;
    close(*lock_fd);
    *lock_fd = -1;
    return fail(why, RESULT_CONFLICT, "STATE_IN_USE",
                "The state %s is in use by a running instance (pid %d); stop it by `cakupan down --state %s` "
                "or choose another --state and --port.",
                state, (int)owner, state);
}

bool instance_socket_listens(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool listens = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return listens;
}

bool instance_listens(const char *state, const char *name) {
    char path[INSTANCE_PATH];
    instance_path(path, state, "run/%s.sock", name);
    return instance_socket_listens(path);
}

enum result instance_permission(const char *state, struct failure *why) {
    char path[INSTANCE_PATH];
    instance_path(path, state, "run");
    if (access(path, R_OK | W_OK | X_OK) == 0 || errno != EACCES)
        return RESULT_OK;
    return fail(why, RESULT_IO, "NO_PERMISSION",
                "There is no permission to use the state directory %s: run this as the user who started the "
                "city.",
                state);
}

enum result instance_silent(const char *state, const char *name, struct failure *why) {
    char path[INSTANCE_PATH];
    instance_path(path, state, "run/%s.sock", name);
    enum result result = instance_permission(state, why);
    if (result != RESULT_OK)
        return result;
    if (instance_supervisor(state) != 0)
        return fail(why, RESULT_NOT_FOUND, "NOT_RUNNING",
                    "Nothing answers at %s; the city runs and is restarting it: try again in a few seconds, "
                    "then see %s/log.",
                    path, state);
    return fail(why, RESULT_NOT_FOUND, "NOT_RUNNING",
                "Nothing answers at %s; start the city by `deploy/up`, or name its state by --state DIR.",
                path);
}
