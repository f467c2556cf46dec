/* spool.c - files on their way through the gateway (spool.h): a table of them, so that their sum is known. */
#include "spool.h"

#include "runtime/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct entry {
    uint64_t number; /* its name; 0: free */
    uint64_t bytes;
    bool measured; /* all of them are on the disk */
};
struct spool {
    char directory[SPOOL_PATH - 24];
    uint64_t numbers, bytes;
    struct entry entries[SPOOL_FILES_MAX];
};

static void path_of(const struct spool *spool, uint64_t number, char path[SPOOL_PATH]) {
    snprintf(path, SPOOL_PATH, "%s/%" PRIu64, spool->directory, number);
}

/* Of an earlier run, and what programs that were killed began beside their files. */
static void clean(const struct spool *spool) {
    DIR *directory = opendir(spool->directory);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory)
        closedir(directory);
}

enum result spool_open(struct spool **out, const char *state, struct failure *why) {
    struct spool *spool = calloc(1, sizeof *spool);
    char parent[SPOOL_PATH];
    if (!spool)
        abort();
    *out = NULL;
    snprintf(parent, sizeof parent, "%.150s/gateway", state);
    snprintf(spool->directory, sizeof spool->directory, "%.160s/spool", parent);
    enum result result = file_make_directory(parent, why);
    if (result == RESULT_OK)
        result = file_make_directory(spool->directory, why);
    if (result != RESULT_OK) {
        free(spool);
        return result;
    }
    clean(spool);
    *out = spool;
    return RESULT_OK;
}

void spool_close(struct spool **spool) {
    if (!*spool)
        return;
    clean(*spool);
    free(*spool);
    *spool = NULL;
}

/* What others were promised and may not have written yet. */
static uint64_t promised(const struct spool *spool) {
    uint64_t bytes = 0;
    for (unsigned i = 0; i < SPOOL_FILES_MAX; i++)
        bytes += spool->entries[i].measured ? 0 : spool->entries[i].bytes;
    return bytes;
}

static enum result disk_check(const struct spool *spool, uint64_t bytes, struct failure *why) {
    struct statvfs disk;
    if (statvfs(spool->directory, &disk) != 0)
        return fail(why, RESULT_IO, "DISK_FULL", "The disk can't be asked for room: %s.", strerror(errno));
    if ((uint64_t)disk.f_bavail * disk.f_frsize < SPOOL_FREE_MIN + promised(spool) + bytes)
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk has no room for it.");
    return RESULT_OK;
}

enum result spool_name(struct spool *spool, uint64_t bytes_expected, char path[SPOOL_PATH],
                       struct failure *why) {
    struct entry *free_entry = NULL;
    for (unsigned i = 0; i < SPOOL_FILES_MAX && !free_entry; i++)
        if (spool->entries[i].number == 0)
            free_entry = &spool->entries[i];
    if (!free_entry || bytes_expected > SPOOL_BYTES || spool->bytes > SPOOL_BYTES - bytes_expected)
        return fail(why, RESULT_FULL, "JOBS_FULL", "Too many files wait to be worked on.");
    enum result result = disk_check(spool, bytes_expected, why);
    if (result != RESULT_OK)
        return result;
    *free_entry = (struct entry){.number = ++spool->numbers, .bytes = bytes_expected};
    spool->bytes += bytes_expected;
    path_of(spool, free_entry->number, path);
    return RESULT_OK;
}

enum result spool_file(struct spool *spool, uint64_t bytes_expected, char path[SPOOL_PATH], int *fd,
                       struct failure *why) {
    enum result result = spool_name(spool, bytes_expected, path, why);
    if (result != RESULT_OK)
        return result;
    *fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*fd >= 0)
        return RESULT_OK;
    int error = errno;
    spool_remove(spool, path);
    return fail(why, RESULT_IO, "DISK_FULL", "A file can't be kept: %s.", strerror(error));
}

static struct entry *entry_of(struct spool *spool, const char *path) {
    char known[SPOOL_PATH];
    for (unsigned i = 0; i < SPOOL_FILES_MAX && path[0]; i++) {
        path_of(spool, spool->entries[i].number, known);
        if (spool->entries[i].number != 0 && strcmp(known, path) == 0)
            return &spool->entries[i];
    }
    return NULL;
}

uint64_t spool_measure(struct spool *spool, const char *path) {
    struct entry *entry = entry_of(spool, path);
    struct stat file;
    if (!entry)
        return 0;
    uint64_t size = stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
    spool->bytes += size - entry->bytes;
    entry->bytes = size;
    entry->measured = true;
    return size;
}

void spool_remove(struct spool *spool, const char *path) {
    struct entry *entry = entry_of(spool, path);
    char begun[SPOOL_PATH + 8];
    if (!entry)
        return;
    snprintf(begun, sizeof begun, "%s.new",
             path); /* of a program that was killed at it (cli/output_file.h) */
    unlink(begun);
    unlink(path);
    spool->bytes -= entry->bytes;
    *entry = (struct entry){0};
}

uint64_t spool_bytes(const struct spool *spool) {
    return spool->bytes;
}
