/* child_log.c - the log file of a process that we started (child_log.h). */
#include "child_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL_BYTES = 16384 };

enum result child_log_open(const char *path, int *fd, off_t *end, struct failure *why) {
    struct stat status;
    if (stat(path, &status) == 0 && status.st_size > CHILD_LOG_ROTATE_BYTES) {
        char older[512];
        snprintf(older, sizeof older, "%s.1", path);
        if (rename(path, older) != 0)
            return fail(why, RESULT_IO, "LOG_UNWRITABLE", "The log %s can't be rotated: %s.", path,
                        strerror(errno));
    }
    *fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (*fd < 0)
        return fail(why, RESULT_IO, errno == ENOSPC ? "DISK_FULL" : "LOG_UNWRITABLE",
                    "The log %s can't be written: %s.", path, strerror(errno));
    *end = lseek(*fd, 0, SEEK_END);
    return RESULT_OK;
}

bool child_log_line(const char *line, char code[32], char *sentence, size_t size) {
    const char *alarm = strstr(line, " ALARM ");
    if (!alarm)
        return false;
    const char *text = alarm + strlen(" ALARM ");
    size_t code_size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (code_size > 2 && code_size < 32 && strncmp(text + code_size, ": ", 2) == 0) {
        snprintf(code, 32, "%.*s", (int)code_size, text);
        text += code_size + 2;
    } else {
        snprintf(code, 32, "CANNOT_START");
    }
    snprintf(sentence, size, "%s", text);
    return true;
}

/* What stands behind `from`, the last TAIL_BYTES of it; NULL where there is nothing. */
static char *read_tail(const char *path, off_t from, char tail[TAIL_BYTES + 1]) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    off_t end = lseek(fd, 0, SEEK_END);
    if (end - from > TAIL_BYTES)
        from = end - TAIL_BYTES;
    ssize_t length = pread(fd, tail, TAIL_BYTES, from);
    close(fd);
    if (length <= 0)
        return NULL;
    tail[length] = '\0';
    return tail;
}

bool child_log_last_alarm(const char *path, off_t from, char code[32], char *sentence, size_t size) {
    char tail[TAIL_BYTES + 1], *rest = read_tail(path, from, tail);
    bool found = false;
    for (char *line; (line = strsep(&rest, "\n"));)
        found |= child_log_line(line, code, sentence, size);
    return found;
}

bool child_log_last_words(const char *path, off_t from, char code[32], char *sentence, size_t size) {
    char tail[TAIL_BYTES + 1], *rest = read_tail(path, from, tail);
    bool found = false;
    if (child_log_last_alarm(path, from, code, sentence, size))
        return true;
    snprintf(code, 32, "CANNOT_START");
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (!line[0])
            continue;
        snprintf(sentence, size, "%s", line);
        found = true;
    }
    return found;
}
