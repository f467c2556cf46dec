/* static_files.c - reads the built web pages into memory (static_files.h). */
#include "static_files.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_TEXT 256

struct static_file {
    char path[PATH_TEXT]; /* as a browser asks for it */
    struct page *page;
};

struct static_files {
    size_t count, bytes;
    struct static_file files[STATIC_FILES_MAX];
};

static enum result invalid(struct failure *why, const char *directory, const char *what) {
    return fail(why, RESULT_INVALID, "WEB_INVALID",
                "The web pages in %.120s can't be served: %.120s. Build them again (deploy/up does).",
                directory, what);
}

/* All of the file; its bytes are malloc'ed. */
static bool bytes_read(const char *path, size_t most, char **out, size_t *size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    *out = NULL;
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (size_t)status.st_size > most) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    *size = (size_t)status.st_size;
    *out = malloc(*size + 1);
    if (!*out)
        abort();
    size_t done = 0;
    for (ssize_t got = 1; got > 0 && done<*size; done += got> 0 ? (size_t)got : 0)
        got = read(fd, *out + done, *size - done);
    close(fd);
    return done == *size;
}

/* Files lie below the directory: a name that leads out of it is none. */
static bool file_name_valid(const char *name) {
    return name && name[0] && name[0] != '/' && !strstr(name, "..") && strlen(name) < PATH_TEXT;
}

static enum result file_add(struct static_files *files, const char *directory, const json_t *entry,
                            struct failure *why) {
    const char *path = json_string_value(json_object_get(entry, "path"));
    const char *name = json_string_value(json_object_get(entry, "file"));
    const char *type = json_string_value(json_object_get(entry, "type"));
    const char *hash = json_string_value(json_object_get(entry, "hash"));
    char full[PATH_TEXT * 3], etag[PAGE_ETAG_MAX], *bytes;
    size_t size;
    if (!path || path[0] != '/' || strlen(path) >= PATH_TEXT || !file_name_valid(name) || !type || !hash)
        return invalid(why, directory, "index.json names a file without path, file, type or hash");
    if (files->count == STATIC_FILES_MAX)
        return invalid(why, directory, "there are too many files");
    snprintf(full, sizeof full, "%.500s/%s", directory, name);
    if (!bytes_read(full, STATIC_BYTES_MAX - files->bytes, &bytes, &size)) {
        free(bytes);
        return invalid(why, directory,
                       "a file that index.json names can't be read, or all are too big together");
    }
    snprintf(etag, sizeof etag, "W/\"%.32s\"", hash);
    bool lasts = json_is_true(json_object_get(entry, "immutable"));
    const struct page_plan plan = {.type = type,
                                   .etag = etag,
                                   .cache = lasts ? "public, max-age=31536000, immutable" : "no-cache",
                                   .compress = true};
    struct static_file *file = &files->files[files->count++];
    memcpy(file->path, path, strlen(path) + 1);
    file->page = page_new(&plan, bytes, size);
    files->bytes += size;
    free(bytes);
    return RESULT_OK;
}

enum result static_files_open(struct static_files **out, const char *directory, struct failure *why) {
    struct static_files *files = calloc(1, sizeof *files);
    if (!files)
        abort();
    *out = files;
    if (!directory[0])
        return RESULT_OK;
    char path[PATH_TEXT * 3];
    json_error_t error;
    snprintf(path, sizeof path, "%.500s/index.json", directory);
    json_t *index = json_load_file(path, 0, &error), *entry;
    if (!json_is_array(json_object_get(index, "files"))) {
        json_decref(index);
        return invalid(why, directory, "index.json is missing or has no list of files");
    }
    enum result result = RESULT_OK;
    for (size_t i = 0; result == RESULT_OK && (entry = json_array_get(json_object_get(index, "files"), i));
         i++)
        result = file_add(files, directory, entry, why);
    json_decref(index);
    return result;
}

void static_files_close(struct static_files **files) {
    if (!*files)
        return;
    for (size_t i = 0; i < (*files)->count; i++)
        page_release(&(*files)->files[i].page);
    free(*files);
    *files = NULL;
}

struct page *static_files_page(struct static_files *files, const char *path) {
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->files[i].path, path) == 0)
            return files->files[i].page;
    return NULL;
}
