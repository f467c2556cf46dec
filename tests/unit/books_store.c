/* books_store.c - tests services/store/books_store*.c: decisions in order and for ever, the chain, one owner,
 * and a disk that is full. */
#include "store/books_store.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
static struct books_store *store;
static struct failure why;

static void open_store(void) {
    cr_assert_eq(books_store_open(&store, path, &why), RESULT_OK, "%s", why.sentence);
}
static void start(void) {
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/books.db", directory);
    open_store();
}
static void stop(void) {
    books_store_close(&store);
    cr_assert_null(store);
    books_store_close(&store);
    scratch_remove(directory);
}
TestSuite(books_store, .init = start, .fini = stop);

static struct books_row row_of(uint64_t sequence, const char *text) {
    return (struct books_row){.sequence = sequence,
                              .kind = (uint8_t)(sequence % 14 + 1),
                              .time_ms = 1000 + (int64_t)sequence,
                              .bytes = (const uint8_t *)text,
                              .size = strlen(text)};
}

static enum result append_one(uint64_t sequence, const char *text) {
    struct books_row row = row_of(sequence, text);
    return books_store_append(store, &row, 1, &why);
}

struct heard {
    uint64_t count, first, last;
    char text[64];
    uint64_t stop_at;
};

static enum result hear(void *context, const struct books_row *row, struct failure *reason) {
    struct heard *heard = context;
    heard->first = heard->count++ ? heard->first : row->sequence;
    heard->last = row->sequence;
    cr_assert_eq(row->time_ms, 1000 + (int64_t)row->sequence);
    cr_assert_eq(row->kind, row->sequence % 14 + 1);
    snprintf(heard->text, sizeof heard->text, "%.*s", (int)row->size, (const char *)row->bytes);
    return row->sequence == heard->stop_at ? fail(reason, RESULT_NOT_FOUND, "STOP", "Enough.") : RESULT_OK;
}

static enum result read_from(uint64_t from, uint64_t limit, struct heard *heard) {
    return books_store_read(store, from, limit, hear, heard, &why);
}

/* Changes the closed file by hand, as somebody who knows SQLite would. */
static void edit(const char *sql, bool succeeds) {
    sqlite3 *database;
    books_store_close(&store);
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    int code = sqlite3_exec(database, sql, NULL, NULL, NULL);
    cr_assert_eq(code == SQLITE_OK, succeeds, "%s: %s", sql, sqlite3_errmsg(database));
    sqlite3_close(database);
}

static void fill(uint64_t count) {
    for (uint64_t i = 1; i <= count; i++) {
        char text[32];
        snprintf(text, sizeof text, "decision %llu", (unsigned long long)i);
        cr_assert_eq(append_one(i, text), RESULT_OK, "%s", why.sentence);
    }
}

Test(books_store, what_is_stored_is_read_again_also_after_a_restart) {
    for (int again = 0; again < 2; again++) {
        struct heard heard = {0};
        if (again == 0)
            fill(100);
        cr_assert_eq(books_store_head(store), 100);
        cr_assert_eq(read_from(1, 0, &heard), RESULT_OK);
        cr_assert(heard.count == 100 && heard.first == 1 && heard.last == 100);
        cr_assert_str_eq(heard.text, "decision 100");
        books_store_close(&store);
        open_store();
    }
    cr_assert_eq(append_one(101, "x"), RESULT_OK, "and goes on");
}

Test(books_store, reading_begins_and_ends_where_it_is_told) {
    static const struct {
        uint64_t from, limit, stop_at, count, first;
    } expected[] = {
        {0, 0, 0, 10, 1},         {1, 3, 0, 3, 1},   {10, 0, 0, 1, 10}, {11, 0, 0, 0, 0},
        {UINT64_MAX, 5, 0, 0, 0}, {4, 100, 0, 7, 4}, {4, 0, 6, 3, 4},
    };
    fill(10);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct heard heard = {.stop_at = expected[i].stop_at};
        enum result result = read_from(expected[i].from, expected[i].limit, &heard);
        cr_assert_eq(result, expected[i].stop_at ? RESULT_NOT_FOUND : RESULT_OK, "case %zu", i);
        cr_assert_eq(heard.count, expected[i].count, "case %zu", i);
        cr_assert_eq(heard.first, expected[i].first, "case %zu", i);
    }
    struct heard heard = {0};
    cr_assert_eq(read_from(1, 0, &heard), RESULT_OK, "a reading that was ended is no obstacle");
    cr_assert_eq(append_one(11, "x"), RESULT_OK);
}

Test(books_store, an_empty_one_has_nothing) {
    struct heard heard = {0};
    cr_assert_eq(books_store_head(store), 0);
    cr_assert_eq(read_from(1, 0, &heard), RESULT_OK);
    cr_assert_eq(heard.count, 0);
    cr_assert_eq(books_store_append(store, NULL, 0, &why), RESULT_OK);
}

Test(books_store, several_are_stored_all_or_none) {
    struct books_row rows[] = {row_of(1, "a"), row_of(2, "b"), row_of(4, "c")};
    cr_assert_eq(books_store_append(store, rows, 3, &why), RESULT_CONFLICT, "3 is missing");
    cr_assert_str_eq(why.code, "BOOKS_SEQUENCE");
    cr_assert_eq(books_store_head(store), 0);
    rows[2] = row_of(3, "");
    cr_assert_eq(books_store_append(store, rows, 3, &why), RESULT_INVALID, "a decision of no bytes");
    rows[2] = row_of(3, "c");
    cr_assert_eq(books_store_append(store, rows, 3, &why), RESULT_OK);
    cr_assert_eq(books_store_head(store), 3);
    cr_assert_eq(append_one(3, "c"), RESULT_CONFLICT, "stored already");
    cr_assert_eq(append_one(5, "e"), RESULT_CONFLICT);
    cr_assert_eq(append_one(4, "d"), RESULT_OK);
}

Test(books_store, the_chain_binds_order_and_content) {
    struct books_row one = row_of(1, "a"), two = row_of(2, "a");
    cr_assert_eq(books_store_append(store, &one, 1, &why), RESULT_OK);
    cr_assert_eq(books_store_append(store, &two, 1, &why), RESULT_OK);
    cr_assert_neq(memcmp(one.hash, two.hash, JOURNAL_HASH_SIZE), 0, "the same content, another place");
    /* BLAKE2b-256 of 32 zero bytes, 1 as eight bytes and "a", by another program (python's hashlib). */
    static const uint8_t expected[] = {0x5b, 0xe9, 0x64, 0xb2, 0xa4, 0x80, 0xd9, 0x8a, 0x87, 0x7e, 0x50,
                                       0x71, 0x72, 0x16, 0xc7, 0x91, 0x02, 0x0b, 0xd2, 0xc8, 0x13, 0x5f,
                                       0x1d, 0xa3, 0xd6, 0xdc, 0x0e, 0x93, 0x04, 0xe9, 0x6f, 0x57};
    cr_assert_eq(memcmp(one.hash, expected, sizeof expected), 0);
}

Test(books_store, nothing_is_changed_or_deleted_by_hand) {
    fill(3);
    edit("UPDATE decisions SET time_ms = 0 WHERE sequence = 2", false);
    edit("DELETE FROM decisions WHERE sequence = 3", false);
    open_store();
    struct heard heard = {0};
    cr_assert_eq(read_from(1, 0, &heard), RESULT_OK);
    cr_assert_eq(heard.count, 3);
}

Test(books_store, an_edit_past_the_triggers_is_found) {
    fill(5);
    edit("DROP TRIGGER decisions_stay; UPDATE decisions SET bytes = x'58' WHERE sequence = 3", true);
    open_store(); /* the last one is sound */
    struct heard heard = {0};
    cr_assert_eq(read_from(1, 0, &heard), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "BOOKS_CHAIN");
    cr_assert_eq(heard.count, 2, "nothing is told that is not sound");
    cr_assert_eq(read_from(4, 0, &heard), RESULT_OK, "its own hash was left: from there on the chain holds");
}

Test(books_store, an_edit_of_the_last_one_is_found_at_the_start) {
    fill(5);
    edit("DROP TRIGGER decisions_stay; UPDATE decisions SET bytes = x'58' WHERE sequence = 5", true);
    cr_assert_eq(books_store_open(&store, path, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "BOOKS_CHAIN");
}

Test(books_store, a_missing_one_is_found) {
    fill(5);
    edit("DROP TRIGGER decisions_remain; DELETE FROM decisions WHERE sequence = 3", true);
    open_store();
    struct heard heard = {0};
    cr_assert_eq(read_from(1, 0, &heard), RESULT_CORRUPT);
    cr_assert_eq(heard.count, 2);
    cr_assert_eq(read_from(4, 0, &heard), RESULT_CORRUPT, "nobody vouches for the one before");
}

Test(books_store, strange_columns_are_found) {
    static const char *const edits[] = {"UPDATE decisions SET kind = 256 WHERE sequence = 2",
                                        "UPDATE decisions SET kind = 0 WHERE sequence = 2",
                                        "UPDATE decisions SET kind = 3, hash = x'00' WHERE sequence = 3",
                                        "UPDATE decisions SET bytes = x'' WHERE sequence = 2"};
    fill(6);
    edit("DROP TRIGGER decisions_stay", true);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct heard heard = {0};
        edit(edits[i], true);
        open_store();
        cr_assert_eq(read_from(1, 0, &heard), RESULT_CORRUPT, "%s", edits[i]);
        cr_assert_eq(heard.count, i == 2 ? 2 : 1, "%s", edits[i]);
        edit("UPDATE decisions SET kind = 3 WHERE sequence = 2", true);
        open_store();
    }
}

static enum result other_process(void) {
    struct books_store *second = NULL;
    enum result result = books_store_open(&second, path, &why);
    books_store_close(&second);
    return result;
}
static int try_to_open(void *context) {
    (void)context;
    return (int)other_process();
}

Test(books_store, one_process_has_them) {
    int status;
    pid_t child = scratch_child(try_to_open, NULL);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), RESULT_CONFLICT);
    fill(3);
    cr_assert_eq(books_store_head(store), 3);
}

Test(books_store, files_of_others_are_left_alone) {
    static const char *const edits[] = {"PRAGMA user_version=2", "PRAGMA application_id=77"};
    for (size_t i = 0; i < 2; i++) {
        edit(edits[i], true);
        cr_assert_eq(books_store_open(&store, path, &why), RESULT_CONFLICT, "%s", edits[i]);
        cr_assert_str_eq(why.code, "BOOKS_VERSION");
    }
    snprintf(path, sizeof path, "%s/text", directory);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    for (int i = 0; i < 4096; i++)
        fputs("no database ", file);
    fclose(file);
    cr_assert_eq(books_store_open(&store, path, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BOOKS_VERSION");
    snprintf(path, sizeof path, "%s/none/books.db", directory);
    cr_assert_eq(books_store_open(&store, path, &why), RESULT_IO);
}

Test(books_store, only_the_owner_may_read_the_file) {
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
}

/* A limit on the size of files stands for a full disk: the write fails, nothing is stored, and later it goes
 * on. */
Test(books_store, what_has_no_room_is_certainly_not_stored) {
    static char large[1 << 20];
    struct rlimit limit;
    fill(2);
    memset(large, 'x', sizeof large - 1);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {200 << 10, limit.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum result result = append_one(3, large);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert(result == RESULT_FULL || result == RESULT_IO);
    if (result == RESULT_IO) { /* the outcome is unknown: nothing more is written until it was looked at */
        cr_assert_eq(append_one(3, "y"), RESULT_IO);
        books_store_close(&store);
        open_store();
    }
    cr_assert_eq(books_store_head(store), 2);
    cr_assert_eq(append_one(3, "y"), RESULT_OK);
}

static int append_for_ever(void *context) {
    (void)context;
    open_store();
    for (uint64_t next = books_store_head(store) + 1;; next++) {
        struct books_row rows[] = {row_of(next, "one"), row_of(next + 1, "two")};
        if (books_store_append(store, rows, 2, &why) != RESULT_OK)
            return 1;
        next++;
    }
}

Test(books_store, a_kill_at_any_moment_leaves_whole_calls) {
    books_store_close(&store);
    uint64_t before = 0;
    for (int round = 0; round < 5; round++) {
        int status;
        pid_t child = scratch_child(append_for_ever, NULL);
        struct timespec pause = {0, 60000000 + round * 7000000};
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert(WIFSIGNALED(status));
        open_store();
        struct heard heard = {0};
        cr_assert_eq(books_store_head(store) % 2, 0, "two go in together");
        cr_assert_geq(books_store_head(store), before);
        cr_assert_eq(read_from(1, 0, &heard), RESULT_OK, "%s", why.sentence);
        before = books_store_head(store);
        books_store_close(&store);
    }
    cr_assert_gt(before, 0);
    open_store();
}
