/* kader_pairing.c - tests services/kader/kader_pairing.c: a pairing comes back whole, or is refused. */
#include "cakupan/kader.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[SCRATCH_PATH];
static char path[SCRATCH_PATH + 8];
static struct failure why;

static void set_up(void) {
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/device", directory);
}

static void tear_down(void) {
    scratch_remove(directory);
}

TestSuite(kader_pairing, .init = set_up, .fini = tear_down);

static struct kader_pairing sample(void) {
    struct kader_pairing pairing = {
        .device = 5, .name = "Siti, Cipondoh (RW 03)", .endpoint = "tcp://127.0.0.1:7001"};
    struct kader_pairing server;
    kader_pairing_keys(&server);
    strcpy(pairing.server_key, server.public_key);
    kader_pairing_keys(&pairing);
    return pairing;
}

static void save(const struct kader_pairing *pairing) {
    cr_assert_eq(kader_pairing_save(pairing, path, &why), RESULT_OK, "%s", why.sentence);
}

static void write_file(const char *text, size_t size) {
    unlink(path);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text, size), (ssize_t)size);
    close(file);
}

static void expect_load(enum result result, const char *part) {
    struct kader_pairing pairing;
    memset(&pairing, 'x', sizeof pairing);
    cr_assert_eq(kader_pairing_load(&pairing, path, &why), result);
    cr_assert(strstr(why.sentence, part), "'%s' does not say '%s'", why.sentence, part);
    struct kader_pairing nothing = {0};
    cr_assert_eq(memcmp(&pairing, &nothing, sizeof pairing), 0, "keys of a refused file stay in memory");
}

Test(kader_pairing, comes_back_as_it_was) {
    for (int round = 0; round < 200;
         round++) { /* Z85 has many odd characters: every pair of keys must survive */
        struct kader_pairing pairing = sample(), loaded;
        save(&pairing);
        cr_assert_eq(kader_pairing_load(&loaded, path, &why), RESULT_OK, "%s", why.sentence);
        cr_assert_eq(loaded.device, 5);
        cr_assert_str_eq(loaded.name, pairing.name);
        cr_assert_str_eq(loaded.endpoint, pairing.endpoint);
        cr_assert_str_eq(loaded.server_key, pairing.server_key);
        cr_assert_str_eq(loaded.public_key, pairing.public_key);
        cr_assert_str_eq(loaded.secret_key, pairing.secret_key);
        unlink(path);
    }
}

Test(kader_pairing, every_printable_name_comes_back) {
    const char *names[] = {"", "#5 = {x}", "O'Brien", "Ibu Ratna\xc3\xa9", " spaces ", "a/b\\c", "100%s %n"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct kader_pairing pairing = sample(), loaded;
        strcpy(pairing.name, names[i]);
        save(&pairing);
        cr_assert_eq(kader_pairing_load(&loaded, path, &why), RESULT_OK, "%s", why.sentence);
        cr_assert_str_eq(loaded.name, names[i]);
        unlink(path);
    }
}

Test(kader_pairing, is_private_from_the_first_instant_and_never_overwritten) {
    umask(0);
    struct kader_pairing pairing = sample();
    save(&pairing);
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    struct kader_pairing other = sample(), loaded;
    cr_assert_eq(kader_pairing_save(&other, path, &why), RESULT_CONFLICT);
    cr_assert_eq(kader_pairing_load(&loaded, path, &why), RESULT_OK);
    cr_assert_str_eq(loaded.secret_key, pairing.secret_key);
}

Test(kader_pairing, a_file_that_others_can_reach_is_refused) {
    struct kader_pairing pairing = sample();
    save(&pairing);
    const mode_t modes[] = {0644, 0640, 0604, 0620, 0601};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        cr_assert_eq(chmod(path, modes[i]), 0);
        expect_load(RESULT_INVALID, "chmod 600");
    }
}

Test(kader_pairing, missing_files_and_directories_are_refused) {
    expect_load(RESULT_NOT_FOUND, path);
    cr_assert_eq(mkdir(path, 0700), 0);
    expect_load(RESULT_INVALID, "regular file");
    rmdir(path);
}

Test(kader_pairing, values_that_can_not_be_are_not_saved) {
    struct kader_pairing pairing = sample();
    pairing.device = 0;
    cr_assert_eq(kader_pairing_save(&pairing, path, &why), RESULT_INVALID);
    pairing.device = 0x80000000; /* would collide with the mark of temporary ids */
    cr_assert_eq(kader_pairing_save(&pairing, path, &why), RESULT_INVALID);
    pairing = sample();
    strcpy(pairing.name, "a\"b");
    cr_assert_eq(kader_pairing_save(&pairing, path, &why), RESULT_INVALID);
    strcpy(pairing.name, "a\nb");
    cr_assert_eq(kader_pairing_save(&pairing, path, &why), RESULT_INVALID);
    pairing = sample();
    strcpy(pairing.endpoint, "http://x");
    cr_assert_eq(kader_pairing_save(&pairing, path, &why), RESULT_INVALID);
    pairing = sample();
    pairing.server_key[39] = 0;
    cr_assert_eq(kader_pairing_save(&pairing, path, &why), RESULT_INVALID);
    cr_assert_eq(access(path, F_OK), -1);
}

Test(kader_pairing, keys_of_two_devices_do_not_mix) {
    struct kader_pairing pairing = sample(), other = sample();
    strcpy(pairing.public_key, other.public_key);
    cr_assert_eq(kader_pairing_save(&pairing, path, &why), RESULT_INVALID);
    cr_assert(strstr(why.sentence, "public-key"));
    cr_assert_not(strstr(why.sentence, pairing.secret_key));
}

/* Replaces the first `from` in the saved file by `to`. */
static void edit(const char *from, const char *to) {
    struct kader_pairing pairing = sample();
    unlink(path);
    save(&pairing);
    char text[4096] = "", changed[8192];
    FILE *file = fopen(path, "r");
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = 0;
    char *at = strstr(text, from);
    cr_assert(at, "no '%s' in the file", from);
    int length = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    write_file(changed, (size_t)length);
}

Test(kader_pairing, edited_files_are_refused_by_field) {
    edit("device = \"5\"", "device = \"0\"");
    expect_load(RESULT_INVALID, "device");
    edit("device = \"5\"", "device = \"-5\"");
    expect_load(RESULT_INVALID, "device");
    edit("device = \"5\"", "device = \"5x\"");
    expect_load(RESULT_INVALID, "device");
    edit("device = \"5\"", "device = \"4294967301\"");
    expect_load(RESULT_INVALID, "device");
    edit("device = \"5\"", "device = \"99999999999999999999\"");
    expect_load(RESULT_INVALID, "length");
    edit("version = \"1\"", "version = \"2\"");
    expect_load(RESULT_INVALID, "version");
    edit("tcp://", "udp://");
    expect_load(RESULT_INVALID, "endpoint");
    edit("server-key", "server-kez");
    expect_load(RESULT_INVALID, "server-key");
    edit("secret-key", "secret-kez");
    expect_load(RESULT_INVALID, "public-key");
}

Test(kader_pairing, rubbish_is_refused_and_never_crashes) {
    write_file("", 0);
    expect_load(RESULT_INVALID, "anew");
    write_file("\0\0\0", 3);
    expect_load(RESULT_INVALID, "anew");
    char *big = malloc(100000);
    memset(big, 'a', 100000);
    write_file(big, 100000);
    expect_load(RESULT_INVALID, "longer");
    unsigned random = 7;
    for (int round = 0; round < 2000; round++) {
        size_t size = 1 + (size_t)(round % 300);
        for (size_t i = 0; i < size; i++) {
            random = random * 1664525u + 1013904223u;
            big[i] = "pairing\n \t=\"'#/:*x0\xff\x01"[(random >> 8) % 22];
        }
        write_file(big, size);
        struct kader_pairing pairing;
        cr_assert_eq(kader_pairing_load(&pairing, path, &why), RESULT_INVALID);
    }
    free(big);
}
