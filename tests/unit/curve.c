/* curve.c - keys on disk: private, whole, never overwritten. */
#include "runtime/socket.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64], keys_directory[128];
static struct curve_keys keys, again;
static struct failure why;

static void make_place(void) {
    strcpy(directory, "/tmp/curve-test-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(keys_directory, sizeof keys_directory, "%s/keys", directory);
}

static void remove_place(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", directory);
    cr_assert_eq(system(command), 0);
}

static void path_of(const char *file, char path[256]) {
    snprintf(path, 256, "%s/%s", keys_directory, file);
}

static unsigned mode_of(const char *path) {
    struct stat status;
    cr_assert_eq(stat(path, &status), 0, "%s", path);
    return status.st_mode & 07777;
}

static void write_file(const char *file, const char *content, mode_t mode) {
    char path[256];
    path_of(file, path);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_geq(descriptor, 0);
    cr_assert_eq(write(descriptor, content, strlen(content)), (ssize_t)strlen(content));
    fchmod(descriptor, mode);
    close(descriptor);
}

Test(curve, a_key_is_made_once_and_stays_the_same) {
    char path[256], public_key[41];
    make_place();
    umask(0);
    cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(mode_of(keys_directory), 0700);
    path_of("enrollment.key", path);
    cr_assert_eq(mode_of(path), 0600);
    path_of("enrollment.pub", path);
    cr_assert_eq(mode_of(path), 0600);
    cr_assert_eq(strlen(keys.public_key), 40);
    cr_assert_eq(strlen(keys.secret_key), 40);
    cr_assert_eq(curve_keys_load(&again, keys_directory, "enrollment", &why), RESULT_OK);
    cr_assert_str_eq(again.secret_key, keys.secret_key);
    cr_assert_str_eq(again.public_key, keys.public_key);
    cr_assert_eq(curve_public_load(public_key, keys_directory, "enrollment", &why), RESULT_OK);
    cr_assert_str_eq(public_key, keys.public_key);
    cr_assert_eq(curve_keys_load(&again, keys_directory, "coverage", &why), RESULT_OK);
    cr_assert_str_neq(again.secret_key, keys.secret_key);
    remove_place();
}

Test(curve, a_key_file_that_others_can_read_is_refused) {
    char path[256];
    make_place();
    cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_OK);
    path_of("enrollment.key", path);
    const mode_t open_modes[] = {0644, 0640, 0604, 0620, 0601};
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        chmod(path, open_modes[i]);
        cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_INVALID);
        cr_assert_str_eq(why.code, "KEY_FILE_OPEN");
        cr_assert_not_null(strstr(why.sentence, path));
    }
    chmod(path, 0400);
    cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_OK);
    remove_place();
}

Test(curve, a_damaged_key_is_refused_and_never_replaced_or_shown) {
    static const char *const damaged[] = {
        "",
        "\n",
        "short",
        "0123456789012345678901234567890123456789x", /* 41 */
        "0123456789012345678901234567890123456789\n\n",
        "012345678901234567890123456789012345678\"", /* not Z85 */
        "012345678901234567890123456789012345678 \n",
    };
    char path[256], content[128];
    make_place();
    cr_assert_eq(mkdir(keys_directory, 0700), 0);
    path_of("enrollment.key", path);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        write_file("enrollment.key", damaged[i], 0600);
        cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_INVALID, "%zu", i);
        cr_assert_null(strstr(why.sentence, "01234567"));
        int descriptor = open(path, O_RDONLY);
        ssize_t size = read(descriptor, content, sizeof content - 1);
        close(descriptor);
        cr_assert_eq(size, (ssize_t)strlen(damaged[i]));
    }
    remove_place();
}

Test(curve, a_public_key_that_disagrees_is_written_anew) {
    char public_key[41];
    make_place();
    cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_OK);
    cr_assert_eq(curve_keys_load(&again, keys_directory, "other", &why), RESULT_OK);
    write_file("enrollment.pub", again.public_key, 0600);
    cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_OK);
    cr_assert_eq(curve_public_load(public_key, keys_directory, "enrollment", &why), RESULT_OK);
    cr_assert_str_eq(public_key, keys.public_key);
    remove_place();
}

/* Devices know the old one: they would be locked out, and nobody would be told. */
Test(curve, a_lost_secret_key_is_not_replaced_in_silence) {
    char path[256];
    make_place();
    cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_OK);
    path_of("enrollment.key", path);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(curve_keys_load(&again, keys_directory, "enrollment", &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "KEY_LOST");
    cr_assert_neq(access(path, F_OK), 0);
    path_of("enrollment.pub", path);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(curve_keys_load(&again, keys_directory, "enrollment", &why), RESULT_OK);
    remove_place();
}

Test(curve, a_missing_public_key_is_said_so) {
    char public_key[41];
    make_place();
    cr_assert_eq(curve_public_load(public_key, keys_directory, "enrollment", &why), RESULT_NOT_FOUND);
    cr_assert_not_null(strstr(why.sentence, "enrollment.pub"));
    remove_place();
}

Test(curve, a_place_that_is_no_directory_is_said_so) {
    make_place();
    int descriptor = open(keys_directory, O_WRONLY | O_CREAT, 0600);
    close(descriptor);
    cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "NO_DIRECTORY");
    remove_place();
}

Test(curve, of_many_processes_that_make_the_key_at_once_one_wins) {
    make_place();
    pid_t children[16];
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    for (int i = 0; i < 16; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct curve_keys mine = {0};
            bool loaded = curve_keys_load(&mine, keys_directory, "enrollment", &why) == RESULT_OK;
            while (!loaded || write(ends[1], mine.secret_key, 40) == 40)
                raise(SIGKILL); /* leaves without the parent's clean-up */
        }
    }
    close(ends[1]);
    for (int i = 0; i < 16; i++)
        cr_assert_eq(waitpid(children[i], NULL, 0), children[i]);
    cr_assert_eq(curve_keys_load(&keys, keys_directory, "enrollment", &why), RESULT_OK);
    for (int i = 0; i < 16; i++) {
        char theirs[41] = "";
        cr_assert_eq(read(ends[0], theirs, 40), 40);
        cr_assert_str_eq(theirs, keys.secret_key);
    }
    remove_place();
}
