/* output_file.c - a file that an office takes away (output_file.h). */
#include "output_file.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum result output_check(const char *path, struct failure *why) {
    char directory[OUTPUT_PATH];
    const char *slash = strrchr(path, '/');
    int size = slash ? (int)(slash - path) + 1 : 0;
    if (strlen(path) + sizeof ".new" > OUTPUT_PATH)
        return fail(why, RESULT_INVALID, "PATH_TOO_LONG", "The path of %.100s... is too long.", path);
    snprintf(directory, sizeof directory, "%.*s.", size, path);
    if (access(directory, W_OK | X_OK) == 0)
        return RESULT_OK;
    return fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written: %s.", path, strerror(errno));
}

enum result output_begin(const char *path, char begun[OUTPUT_PATH], struct failure *why) {
    if (snprintf(begun, OUTPUT_PATH, "%s.new", path) >= OUTPUT_PATH)
        return fail(why, RESULT_INVALID, "PATH_TOO_LONG", "The path of %.100s... is too long.", path);
    unlink(begun); /* of a run that was interrupted; its mode is not ours to trust */
    int fd = open(begun, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written: %s.", path, strerror(errno));
    close(fd);
    return RESULT_OK;
}

enum result output_end(const char *path, const char *begun, struct failure *why) {
    if (rename(begun, path) == 0)
        return RESULT_OK;
    enum result result =
        fail(why, RESULT_IO, "FILE_UNWRITABLE", "%.200s can't be written: %s.", path, strerror(errno));
    output_abandon(begun);
    return result;
}

void output_abandon(const char *begun) {
    unlink(begun);
}

static bool is_formula(const char *text) {
    return text[0] && strchr("=+-@\t\r", text[0]);
}

void output_csv_text(FILE *out, const char *text) {
    char guarded[1024];
    snprintf(guarded, sizeof guarded, "%s%s", is_formula(text) ? "'" : "", text);
    csv_fwrite(out, guarded, strlen(guarded)); /* what fails shows at the stream's end */
}

size_t output_csv_quote(const char *text, char *out, size_t capacity) {
    size_t size = 0;
    bool quoted = is_formula(text) || text[strcspn(text, "\",;\t\r\n")] != '\0';
    if (quoted)
        out[size++] = '"';
    if (is_formula(text))
        out[size++] = '\'';
    for (; *text && size + 3 <= capacity; text++) {
        if (*text == '"')
            out[size++] = '"';
        out[size++] = *text;
    }
    if (quoted)
        out[size++] = '"';
    return size;
}
