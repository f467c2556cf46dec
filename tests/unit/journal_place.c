/* journal_place.c - tests services/enrollment/journal_place.c: a journal that is gone is no state that
 * begins. */
#include "enrollment/journal_place.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char state[SCRATCH_PATH], directory[SCRATCH_PATH + 16], journal[SCRATCH_PATH + 32];
static char path[200];
static struct failure why;

static void set_up(void) {
    scratch_make(state);
    snprintf(directory, sizeof directory, "%s/journal", state);
    snprintf(journal, sizeof journal, "%s/journal.db", directory);
}
static void tear_down(void) {
    scratch_remove(state);
}
TestSuite(journal_place, .init = set_up, .fini = tear_down);

static enum result find(void) {
    return journal_place_find(state, path, sizeof path, &why);
}

static void make_file(const char *name) {
    int file = open(name, O_WRONLY | O_CREAT, 0600);
    cr_assert_geq(file, 0);
    close(file);
}

static void begin(void) {
    cr_assert_eq(find(), RESULT_OK, "%s", why.sentence);
    cr_assert_str_eq(path, journal);
    make_file(journal);
    cr_assert_eq(journal_place_mark(state, &why), RESULT_OK, "%s", why.sentence);
}

static void is_lost(void) {
    cr_assert_eq(find(), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "JOURNAL_LOST");
    cr_assert(strstr(why.sentence, state) && strstr(why.sentence, "remove journal.begun"), "%s",
              why.sentence);
}

Test(journal_place, a_state_begins_once_and_is_found_again) {
    struct stat status;
    begin();
    cr_assert_eq(stat(directory, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0700);
    begin();
}

Test(journal_place, a_start_that_came_to_nothing_is_no_loss) {
    cr_assert_eq(find(), RESULT_OK);
    cr_assert_eq(find(), RESULT_OK, "nothing was ever there: %s", why.sentence);
}

Test(journal_place, a_state_of_an_earlier_release_gets_its_mark) {
    cr_assert_eq(mkdir(directory, 0700), 0);
    make_file(journal);
    begin();
    cr_assert_eq(unlink(journal), 0);
    is_lost();
}

Test(journal_place, a_journal_that_is_gone_with_its_directory_is_lost) {
    char mark[SCRATCH_PATH + 16];
    begin();
    cr_assert_eq(unlink(journal), 0);
    is_lost();
    cr_assert_eq(rmdir(directory), 0);
    is_lost();
    cr_assert_neq(access(directory, F_OK), 0, "where a disk is not mounted nothing is made");
    snprintf(mark, sizeof mark, "%s/journal.begun", state);
    cr_assert_eq(unlink(mark), 0);
    cr_assert_eq(find(), RESULT_OK, "as the sentence says");
}

Test(journal_place, what_is_in_the_way_is_named) {
    make_file(directory);
    cr_assert_eq(find(), RESULT_INVALID);
    cr_assert_str_eq(why.code, "NO_DIRECTORY");
}
