/* file_input.h - what a fuzz target needs whose decoder reads a file: the input as a file of mode 0600 in
 * memory, and the files that we ship as examples. */
#ifndef FUZZ_FILE_INPUT_H
#define FUZZ_FILE_INPUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUZZ_PATH 256

/* The file's descriptor, empty; made at the first call and the same ever after. */
static inline int file_input_begin(void) {
    static int file = -1;
    if (file < 0)
        file = memfd_create("input", MFD_CLOEXEC);
    if (file < 0 || fchmod(file, 0600) != 0 || ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0)
        abort();
    return file;
}
static inline void file_input_add(int file, const void *data, size_t size) {
    if (size && write(file, data, size) != (ssize_t)size)
        abort();
}
/* Where a decoder can open it, from its beginning. */
static inline const char *file_input_path(int file) {
    static char path[FUZZ_PATH];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return path;
}

/* DIRECTORY/NAME as an example: its first `capacity` bytes. */
static inline size_t file_example(const char *directory, const char *name, uint8_t *out, size_t capacity) {
    char path[FUZZ_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    if (!file)
        abort();
    size_t size = fread(out, 1, capacity, file);
    fclose(file);
    return size;
}

#endif
