/* file.c - small private files (file.h): written under another name with O_EXCL, synced, then linked or
 * renamed. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum result fail_io(struct failure *why, const char *doing, const char *path) {
    return fail(why, RESULT_IO, "FILE_ERROR", "Could not %s %s: %s.", doing, path, strerror(errno));
}

/* Makes a rename or link of PATH durable. */
static bool sync_directory_of(const char *path) {
    char directory[PATH_MAX];
    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash == directory)
        slash[1] = 0;
    else if (slash)
        *slash = 0;
    int descriptor = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool synced = fsync(descriptor) == 0;
    close(descriptor);
    return synced;
}

enum result file_make_directory(const char *path, struct failure *why) {
    if (mkdir(path, 0700) == 0) {
        if (!sync_directory_of(path))
            return fail_io(why, "sync the directory that holds", path);
        return RESULT_OK;
    }
    struct stat status;
    if (errno != EEXIST)
        return fail_io(why, "make the directory", path);
    if (stat(path, &status) < 0)
        return fail_io(why, "look at", path);
    if (!S_ISDIR(status.st_mode))
        return fail(why, RESULT_INVALID, "NO_DIRECTORY", "%s is in the way: a directory is needed there.",
                    path);
    return RESULT_OK;
}

static bool write_all(int descriptor, const char *content, size_t size) {
    while (size) {
        ssize_t written = write(descriptor, content, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        content += written;
        size -= (size_t)written;
    }
    return true;
}

/* Writes PATH.PID, synced; its name goes to `temporary`. What a crash left under that name is removed
 * first. */
static enum result write_temporary(const char *path, const char *content, size_t size,
                                   char temporary[PATH_MAX], struct failure *why) {
    if (snprintf(temporary, PATH_MAX, "%s.%d", path, (int)getpid()) >= PATH_MAX)
        return fail(why, RESULT_INVALID, "PATH_LONG", "The path %.64s... is too long.", path);
    unlink(temporary);
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return fail_io(why, "create", temporary);
    bool written = write_all(descriptor, content, size) && fsync(descriptor) == 0;
    int error = errno;
    if (close(descriptor) < 0 && written) {
        written = false;
        error = errno;
    }
    if (written)
        return RESULT_OK;
    unlink(temporary);
    errno = error;
    return fail_io(why, "write", temporary);
}

enum result file_replace(const char *path, const char *content, size_t size, struct failure *why) {
    char temporary[PATH_MAX];
    enum result result = write_temporary(path, content, size, temporary, why);
    if (result != RESULT_OK)
        return result;
    if (rename(temporary, path) < 0) {
        result = fail_io(why, "replace", path);
        unlink(temporary);
        return result;
    }
    if (!sync_directory_of(path))
        return fail_io(why, "sync the directory that holds", path);
    return RESULT_OK;
}

enum result file_create(const char *path, const char *content, size_t size, struct failure *why) {
    char temporary[PATH_MAX];
    enum result result = write_temporary(path, content, size, temporary, why);
    if (result != RESULT_OK)
        return result;
    if (link(temporary, path) < 0)
        result = errno == EEXIST ? fail(why, RESULT_CONFLICT, "FILE_EXISTS", "%s exists already.", path)
                                 : fail_io(why, "create", path);
    unlink(temporary);
    if (result == RESULT_OK && !sync_directory_of(path))
        return fail_io(why, "sync the directory that holds", path);
    return result;
}

static enum result read_descriptor(int descriptor, const char *path, char *out, size_t capacity,
                                   struct failure *why) {
    size_t size = 0;
    for (;;) {
        ssize_t count = read(descriptor, out + size, capacity - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_io(why, "read", path);
        if (count == 0)
            break;
        size += (size_t)count;
        if (size == capacity)
            return fail(why, RESULT_INVALID, "FILE_LONG", "%s is longer than such a file can be.", path);
    }
    out[size] = 0;
    return RESULT_OK;
}

enum result file_read(const char *path, bool secret, char *out, size_t capacity, struct failure *why) {
    out[0] = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 && errno == ENOENT)
        return fail(why, RESULT_NOT_FOUND, "FILE_MISSING", "There is no file %s.", path);
    if (descriptor < 0)
        return fail_io(why, "open", path);
    struct stat status;
    enum result result;
    if (fstat(descriptor, &status) < 0)
        result = fail_io(why, "look at", path);
    else if (!S_ISREG(status.st_mode))
        result = fail(why, RESULT_INVALID, "NO_FILE", "%s is no regular file.", path);
    else if (secret && status.st_mode & 077)
        result = fail(
            why, RESULT_INVALID, "KEY_FILE_OPEN",
            "The key file %s can be reached by others (mode %03o): run chmod 600 on it, and make a new key "
            "if somebody may have read it.",
            path, status.st_mode & 0777);
    else
        result = read_descriptor(descriptor, path, out, capacity, why);
    close(descriptor);
    if (result != RESULT_OK)
        out[0] = 0;
    return result;
}
