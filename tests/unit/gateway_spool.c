/* gateway_spool.c - tests of the gateway's spool: bounds, modes, and that nothing stays. */
#include "gateway/spool.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static struct failure why;
static struct spool *spool;
static char state[SCRATCH_PATH];

static uint64_t disk_free_bytes;

int statvfs(const char *path, struct statvfs *out) {
    cr_assert(strstr(path, "spool"));
    *out = (struct statvfs){.f_frsize = 1, .f_bavail = disk_free_bytes};
    return 0;
}

static void setup(void) {
    disk_free_bytes = UINT64_C(1) << 40;
    scratch_make(state);
    cr_assert_eq(spool_open(&spool, state, &why), RESULT_OK, "%s", why.sentence);
}
static void teardown(void) {
    spool_close(&spool);
    scratch_remove(state);
}
TestSuite(gateway_spool, .init = setup, .fini = teardown);

static bool there(const char *path) {
    return access(path, F_OK) == 0;
}

Test(gateway_spool, a_file_is_private_and_counted) {
    char path[SPOOL_PATH];
    struct stat file;
    int fd;
    cr_assert_eq(spool_file(spool, 1000, path, &fd, &why), RESULT_OK);
    cr_assert_eq(spool_bytes(spool), 1000);
    cr_assert_eq(write(fd, "12345", 5), 5);
    cr_assert_eq(fstat(fd, &file), 0);
    cr_assert_eq(file.st_mode & 0777, 0600);
    close(fd);
    cr_assert_eq(spool_measure(spool, path), 5);
    cr_assert_eq(spool_bytes(spool), 5);
    spool_remove(spool, path);
    cr_assert_eq(spool_bytes(spool), 0);
    cr_assert(!there(path));
}

Test(gateway_spool, foreign_paths_are_nobodys) {
    char other[SCRATCH_PATH + 16];
    snprintf(other, sizeof other, "%s/other", state);
    FILE *file = fopen(other, "w");
    fclose(file);
    spool_remove(spool, other);
    spool_remove(spool, "");
    cr_assert(there(other));
    cr_assert_eq(spool_measure(spool, other), 0);
}

Test(gateway_spool, bytes_are_bounded) {
    char path[SPOOL_PATH], more[SPOOL_PATH];
    cr_assert_eq(spool_name(spool, SPOOL_BYTES - 10, path, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(spool_name(spool, 11, more, &why), RESULT_FULL);
    cr_assert_str_eq(why.code, "JOBS_FULL");
    cr_assert_eq(spool_name(spool, 10, more, &why), RESULT_OK);
    spool_remove(spool, path);
    cr_assert_eq(spool_name(spool, 11, path, &why), RESULT_OK);
    cr_assert_eq(spool_name(spool, UINT64_MAX, more, &why), RESULT_FULL, "no wrap around");
}

Test(gateway_spool, the_disk_keeps_what_others_were_promised) {
    char path[SPOOL_PATH], more[SPOOL_PATH];
    int fd;
    disk_free_bytes = SPOOL_FREE_MIN + 100;
    cr_assert_eq(spool_file(spool, 60, path, &fd, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(spool_name(spool, 41, more, &why), RESULT_FULL, "sixty of the hundred are promised");
    cr_assert_str_eq(why.code, "DISK_FULL");
    cr_assert_eq(write(fd, "12345", 5), 5);
    close(fd);
    disk_free_bytes -= spool_measure(spool, path);
    cr_assert_eq(spool_name(spool, 95, more, &why), RESULT_OK, "five were written, the rest is free");
    cr_assert_eq(spool_name(spool, 1, path, &why), RESULT_FULL);
}

Test(gateway_spool, files_are_bounded) {
    char path[SPOOL_PATH], first[SPOOL_PATH];
    cr_assert_eq(spool_name(spool, 0, first, &why), RESULT_OK);
    for (unsigned i = 1; i < SPOOL_FILES_MAX; i++)
        cr_assert_eq(spool_name(spool, 0, path, &why), RESULT_OK);
    cr_assert_eq(spool_name(spool, 0, path, &why), RESULT_FULL);
    spool_remove(spool, first);
    cr_assert_eq(spool_name(spool, 0, path, &why), RESULT_OK);
    cr_assert_str_neq(path, first, "a name is never used twice: who was told of it may look late");
}

Test(gateway_spool, what_an_earlier_run_left_is_gone) {
    char path[SPOOL_PATH], begun[SPOOL_PATH + 8];
    int fd;
    cr_assert_eq(spool_file(spool, 10, path, &fd, &why), RESULT_OK);
    close(fd);
    snprintf(begun, sizeof begun, "%s.new", path);
    fclose(fopen(begun, "w"));
    struct spool *next; /* the first one was killed: not closed */
    cr_assert_eq(spool_open(&next, state, &why), RESULT_OK);
    cr_assert(!there(path) && !there(begun));
    cr_assert_eq(spool_bytes(next), 0);
    spool_close(&next);
}
