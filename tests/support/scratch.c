/* scratch.c - a directory of their own and children for tests (scratch.h). */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void scratch_make(char directory[SCRATCH_PATH]) {
    strcpy(directory, "/tmp/cakupan.");
    memset(directory + strlen(directory), 'X', 6); /* the form that mkdtemp wants */
    directory[strlen("/tmp/cakupan.") + 6] = 0;
    if (!mkdtemp(directory)) {
        perror("scratch directory");
        abort();
    }
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void scratch_remove(const char *directory) {
    if (nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        perror(directory);
}

pid_t scratch_child(int (*work)(void *context), void *context) {
    pid_t child = fork();
    if (child < 0) {
        perror("child");
        abort();
    }
    if (child == 0)
        _exit(work(context));
    return child;
}
