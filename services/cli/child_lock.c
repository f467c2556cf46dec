/* child_lock.c - STATE/run/children.lock (child_lock.h). */
#include "child_lock.h"

#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum result child_lock_open(const char *state, int *fd, struct failure *why) {
    char path[INSTANCE_PATH];
    instance_path(path, state, "run/children.lock");
    *fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return fail(why, RESULT_IO, errno == ENOSPC ? "DISK_FULL" : "STATE_UNWRITABLE",
                    "%s can't be made: %s.", path, strerror(errno));
    /* flock, not fcntl: it belongs to the open file, which children share, and not to one process */
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return RESULT_OK;
    int error = errno;
    close(*fd);
    *fd = -1;
    if (error != EWOULDBLOCK)
        return fail(why, RESULT_IO, "STATE_ERROR", "%s can't be locked: %s.", path, strerror(error));
    return fail(why, RESULT_AGAIN, "STATE_IN_USE",
                "Processes of an earlier start still use the state %s; end them (`fuser %s` names them) and "
                "start again.",
                state, path);
}
