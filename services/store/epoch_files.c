/* epoch_files.c - finds files by the epoch in their name (epoch_files.h). */
#include "epoch_files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_DIGITS 20u

enum result epoch_path(char out[EPOCH_PATH_BYTES], const char *directory, const char *prefix, uint64_t epoch,
                       struct failure *why) {
    int length = snprintf(out, EPOCH_PATH_BYTES, "%s/%s-%020" PRIu64, directory, prefix, epoch);
    if (length > 0 && length < EPOCH_PATH_BYTES)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "PATH_LONG", "The path of %.200s is too long: use a shorter one.",
                directory);
}

/* Exactly twenty digits behind the prefix and a dash; 0 is no epoch. */
static uint64_t epoch_of(const char *name, const char *prefix) {
    size_t size = strlen(prefix);
    if (strncmp(name, prefix, size) != 0 || name[size] != '-')
        return 0;
    const char *digits = name + size + 1;
    uint64_t epoch = 0;
    if (strlen(digits) != EPOCH_DIGITS || strspn(digits, "0123456789") != EPOCH_DIGITS)
        return 0;
    for (unsigned i = 0; i < EPOCH_DIGITS; i++)
        if (__builtin_mul_overflow(epoch, 10u, &epoch) ||
            __builtin_add_overflow(epoch, (unsigned)(digits[i] - '0'), &epoch))
            return 0;
    return epoch;
}

/* Calls `found` with each epoch. */
static enum result walk(const char *directory, const char *prefix,
                        void (*found)(void *context, uint64_t epoch), void *context, struct failure *why) {
    DIR *stream = opendir(directory);
    if (!stream)
        return fail(why, errno == ENOENT ? RESULT_NOT_FOUND : RESULT_IO, "DIRECTORY_UNREADABLE",
                    "Can't read the directory %s: %s.", directory, strerror(errno));
    struct dirent *entry;
    while ((errno = 0, entry = readdir(stream))) {
        uint64_t epoch = epoch_of(entry->d_name, prefix);
        if (epoch)
            found(context, epoch);
    }
    int error = errno;
    closedir(stream);
    return error == 0 ? RESULT_OK
                      : fail(why, RESULT_IO, "DIRECTORY_UNREADABLE", "Can't read the directory %s: %s.",
                             directory, strerror(error));
}

static void keep_newest(void *context, uint64_t epoch) {
    uint64_t *newest = context;
    if (epoch > *newest)
        *newest = epoch;
}

enum result epoch_files_newest(uint64_t *epoch, const char *directory, const char *prefix,
                               struct failure *why) {
    *epoch = 0;
    return walk(directory, prefix, keep_newest, epoch, why);
}

struct list {
    uint64_t *epochs;
    size_t count, capacity;
};

static void keep(void *context, uint64_t epoch) {
    struct list *list = context;
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 16;
        list->epochs = realloc(list->epochs, list->capacity * sizeof *list->epochs);
        if (!list->epochs) {
            fprintf(stderr, "No memory for a list of files.\n");
            abort();
        }
    }
    list->epochs[list->count++] = epoch;
}

static int descending(const void *a, const void *b) {
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one < other) - (one > other);
}

enum result epoch_files_list(uint64_t **out, size_t *count, const char *directory, const char *prefix,
                             struct failure *why) {
    struct list list = {0};
    enum result result = walk(directory, prefix, keep, &list, why);
    if (result != RESULT_OK) {
        free(list.epochs);
        list = (struct list){0};
    }
    if (list.count)
        qsort(list.epochs, list.count, sizeof *list.epochs, descending);
    *out = list.epochs;
    *count = list.count;
    return result;
}
