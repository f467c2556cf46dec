/* snapshot.c - tests of snapshots: round trips over the buffer's edges, every byte damaged, writers that
 * fail. */
#include "store/snapshot.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64], path[96];

static void setup(void) {
    strcpy(directory, "/tmp/cakupan-snapshot-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/state", directory);
}
static void teardown(void) {
    static const char *const suffixes[] = {"", ".new", ".bad"};
    for (size_t index = 0; index < 3; index++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, suffixes[index]);
        unlink(name);
    }
    cr_assert_eq(rmdir(directory), 0, "%s", strerror(errno));
}
TestSuite(snapshot, .init = setup, .fini = teardown);

/* A state: bytes, written and read in pieces of its own size. */
struct state {
    uint8_t *bytes;
    size_t size, piece;
    bool fails;
};

static bool save_state(void *context, snapshot_write *write, void *stream) {
    struct state *state = context;
    for (size_t at = 0; at < state->size; at += state->piece) {
        size_t left = state->size - at;
        if (!write(stream, state->bytes + at, left < state->piece ? left : state->piece))
            return false;
    }
    return !state->fails;
}

static bool load_state(void *context, snapshot_read *read, void *stream) {
    struct state *state = context;
    for (size_t at = 0; at < state->size; at += state->piece) {
        size_t left = state->size - at;
        if (!read(stream, state->bytes + at, left < state->piece ? left : state->piece))
            return false;
    }
    return !state->fails;
}

static struct state new_state(size_t size, size_t piece) {
    struct state state = {malloc(size + 1), size, piece, false};
    for (size_t at = 0; at < size; at++)
        state.bytes[at] = (uint8_t)(at * 2654435761u >> 7);
    return state;
}

static void save(size_t size, size_t piece) {
    struct state state = new_state(size, piece);
    struct failure why = {0};
    cr_assert_eq(snapshot_save(path, save_state, &state, &why), RESULT_OK, "%s", why.sentence);
    free(state.bytes);
}

static enum result load(size_t size, size_t piece, struct failure *why) {
    struct state expected = new_state(size, piece), state = {calloc(1, size + 1), size, piece, false};
    enum result result = snapshot_load(path, load_state, &state, why);
    cr_assert(result != RESULT_OK || memcmp(state.bytes, expected.bytes, size) == 0);
    free(expected.bytes);
    free(state.bytes);
    return result;
}

static bool exists(const char *suffix) {
    char name[128];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

Test(snapshot, a_state_comes_back_as_it_was) {
    static const size_t sizes[] = {0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20};
    static const size_t pieces[] = {40, 4096, 1 << 20, (1 << 20) + 1, 7 << 20};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        for (size_t piece = 0; piece < sizeof pieces / sizeof *pieces; piece++) {
            struct failure why = {0};
            save(sizes[index], pieces[piece]);
            cr_assert_eq(load(sizes[index], pieces[4 - piece], &why), RESULT_OK, "%s", why.sentence);
        }
    }
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    cr_assert_eq(status.st_size, (5 << 20) + 40);
    cr_assert_not(exists(".new"));
}

Test(snapshot, none_is_none) {
    struct failure why = {0};
    cr_assert_eq(load(1, 1, &why), RESULT_NOT_FOUND);
    cr_assert_not(exists(".bad"));
}

static void damage(off_t at, uint8_t bit) {
    uint8_t byte;
    int file = open(path, O_RDWR);
    cr_assert_eq(pread(file, &byte, 1, at), 1);
    byte ^= bit;
    cr_assert_eq(pwrite(file, &byte, 1, at), 1);
    close(file);
}

Test(snapshot, every_damaged_byte_is_found_and_set_aside) {
    for (off_t at = 0; at < 40 + 64; at++) {
        if (at >= 12 && at < 16)
            continue; /* the header's four unused bytes mean nothing */
        struct failure why = {0};
        save(64, 16);
        damage(at, (uint8_t)(1 << at % 8));
        cr_assert_eq(load(64, 16, &why), RESULT_CORRUPT, "byte %d", (int)at);
        cr_assert_str_eq(why.code, "SNAPSHOT_DAMAGED");
        cr_assert(exists(".bad") && !exists(""));
        cr_assert_eq(load(64, 16, &why), RESULT_NOT_FOUND, "never used again");
    }
}

Test(snapshot, a_file_cut_off_or_too_long_is_set_aside) {
    static const off_t sizes[] = {0, 1, 39, 40, 103, 105};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        save(64, 16);
        cr_assert_eq(truncate(path, sizes[index]), 0);
        cr_assert_eq(load(64, 16, NULL), RESULT_CORRUPT, "%d bytes", (int)sizes[index]);
    }
}

Test(snapshot, a_body_that_reads_too_much_or_too_little_is_of_another_layout) {
    save(64, 16);
    cr_assert_eq(load(65, 16, NULL), RESULT_CORRUPT);
    save(64, 16);
    cr_assert_eq(load(63, 16, NULL), RESULT_CORRUPT);
    save(64, 16);
    struct state state = new_state(64, 16);
    state.fails = true; /* the fold found its own contents wrong */
    cr_assert_eq(snapshot_load(path, load_state, &state, NULL), RESULT_CORRUPT);
    free(state.bytes);
}

Test(snapshot, a_save_that_fails_leaves_the_old_one) {
    struct failure why = {0};
    save(64, 16);
    struct state state = new_state(3 << 20, 1000);
    state.fails = true;
    cr_assert_neq(snapshot_save(path, save_state, &state, &why), RESULT_OK);
    free(state.bytes);
    cr_assert_not(exists(".new"));
    cr_assert_eq(load(64, 16, &why), RESULT_OK);
    cr_assert_eq(snapshot_save("/nonexistent/state", save_state, &state, &why), RESULT_IO);
}

Test(snapshot, a_disk_without_room_is_told) {
    struct failure why = {0};
    struct state state = new_state(3 << 20, 1000);
    char full[128];
    snprintf(full, sizeof full, "%s.new", path);
    cr_assert_eq(symlink("/dev/full", full), 0); /* whatever is written to it finds no room */
    cr_assert_eq(snapshot_save(path, save_state, &state, &why), RESULT_FULL, "%s", why.sentence);
    cr_assert_not(exists(""));
    free(state.bytes);
}

Test(snapshot, a_forked_child_may_write_it) {
    struct state state = new_state(3 << 20, 40);
    pid_t child = fork();
    if (child == 0)
        _exit(snapshot_save(path, save_state, &state, NULL));
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == RESULT_OK);
    cr_assert_eq(load(3 << 20, 4096, NULL), RESULT_OK);
    free(state.bytes);
}
