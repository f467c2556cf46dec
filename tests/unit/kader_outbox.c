/* kader_outbox.c - tests services/kader/kader_outbox.c: what was queued survives, what was told is gone. */
#include "kader/kader_outbox.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

static char directory[SCRATCH_PATH];
static char path[SCRATCH_PATH + 8];
static struct failure why;

static void set_up(void) {
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/outbox", directory);
}

static void tear_down(void) {
    scratch_remove(directory);
}

TestSuite(kader_outbox, .init = set_up, .fini = tear_down);

static struct outbox *open_it(void) {
    struct outbox *outbox = NULL;
    enum result result = outbox_open(&outbox, path, KEY, &why);
    cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
    return outbox;
}

static uint64_t append(struct outbox *outbox, const char *event) {
    uint64_t sequence = 0;
    enum result result = outbox_append(outbox, (const uint8_t *)event, strlen(event), &sequence, &why);
    cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
    return sequence;
}

static void expect_event(struct outbox *outbox, uint64_t sequence, const char *event) {
    uint8_t buffer[256];
    struct text_bytes bytes;
    uint32_t loaded;
    cr_assert_eq(outbox_read(outbox, sequence, 1, buffer, sizeof buffer, &bytes, &loaded, &why), RESULT_OK);
    cr_assert_eq(loaded, 1);
    cr_assert_eq(bytes.size, strlen(event));
    cr_assert_eq(memcmp(bytes.data, event, bytes.size), 0);
}

static void execute(const char *sql) {
    sqlite3 *database;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(database));
    sqlite3_close(database);
}

static void expect_refused(const char *key, enum result result, const char *code) {
    struct outbox *outbox = NULL;
    cr_assert_eq(outbox_open(&outbox, path, key, &why), result);
    cr_assert_str_eq(why.code, code, "%s", why.sentence);
    cr_assert_null(outbox);
}

Test(kader_outbox, begins_with_one_and_is_private) {
    struct outbox *outbox = open_it();
    cr_assert_eq(outbox_oldest(outbox), 1);
    cr_assert_eq(outbox_end(outbox), 1);
    cr_assert_eq(append(outbox, "a"), 1);
    const char *endings[] = {"", "-wal"};
    for (size_t i = 0; i < 2; i++) {
        char file[96];
        struct stat status;
        snprintf(file, sizeof file, "%s%s", path, endings[i]);
        cr_assert_eq(stat(file, &status), 0, "%s", file);
        cr_assert_eq(status.st_mode & 0777, 0600, "%s", file);
    }
    outbox_close(&outbox);
    cr_assert_null(outbox);
}

Test(kader_outbox, numbers_go_on_after_closing_and_after_all_is_forgotten) {
    struct outbox *outbox = open_it();
    append(outbox, "one");
    append(outbox, "two");
    append(outbox, "three");
    cr_assert_eq(outbox_forget(outbox, 3, &why), RESULT_OK);
    outbox_close(&outbox);
    outbox = open_it();
    cr_assert_eq(outbox_oldest(outbox), 3);
    cr_assert_eq(outbox_end(outbox), 4);
    expect_event(outbox, 3, "three");
    cr_assert_eq(outbox_forget(outbox, 4, &why), RESULT_OK);
    outbox_close(&outbox);
    outbox = open_it();
    cr_assert_eq(outbox_oldest(outbox), 4);
    cr_assert_eq(append(outbox, "four"), 4);
    outbox_close(&outbox);
}

Test(kader_outbox, a_batch_is_all_or_nothing) {
    struct outbox *outbox = open_it();
    cr_assert_eq(outbox_begin(outbox, &why), RESULT_OK);
    cr_assert_eq(append(outbox, "one"), 1);
    cr_assert_eq(append(outbox, "two"), 2);
    cr_assert_eq(outbox_end(outbox), 1, "nothing may be sent before it is durable");
    cr_assert(outbox_is_begun(outbox));
    cr_assert_eq(outbox_begin(outbox, &why), RESULT_CONFLICT);
    outbox_close(&outbox); /* as a crash: not committed */
    outbox = open_it();
    cr_assert_eq(outbox_end(outbox), 1);
    cr_assert_eq(outbox_begin(outbox, &why), RESULT_OK);
    append(outbox, "uno");
    append(outbox, "due");
    cr_assert_eq(outbox_commit(outbox, &why), RESULT_OK);
    cr_assert_eq(outbox_end(outbox), 3);
    cr_assert_eq(outbox_commit(outbox, &why), RESULT_CONFLICT);
    expect_event(outbox, 1, "uno");
    outbox_close(&outbox);
}

Test(kader_outbox, reads_stop_at_what_fits) {
    struct outbox *outbox = open_it();
    const char *events[] = {"aaaa", "bbbb", "cccc"};
    for (size_t i = 0; i < 3; i++)
        append(outbox, events[i]);
    uint8_t buffer[9];
    struct text_bytes bytes[3];
    uint32_t loaded;
    cr_assert_eq(outbox_read(outbox, 1, 3, buffer, sizeof buffer, bytes, &loaded, &why), RESULT_OK);
    cr_assert_eq(loaded, 2);
    cr_assert_eq(memcmp(bytes[1].data, "bbbb", 4), 0);
    cr_assert_eq(outbox_read(outbox, 2, 1, buffer, sizeof buffer, bytes, &loaded, &why), RESULT_OK);
    cr_assert_eq(loaded, 1);
    outbox_close(&outbox);
}

Test(kader_outbox, temporary_ids_never_come_twice) {
    struct outbox *outbox = open_it();
    uint32_t first, second, third;
    cr_assert_eq(outbox_temporary(outbox, &first, &why), RESULT_OK);
    outbox_close(&outbox);
    outbox = open_it();
    cr_assert_eq(outbox_begin(outbox, &why), RESULT_OK);
    cr_assert_eq(outbox_temporary(outbox, &second, &why), RESULT_OK);
    append(outbox, "born");
    cr_assert_eq(outbox_commit(outbox, &why), RESULT_OK);
    outbox_close(&outbox);
    outbox = open_it();
    cr_assert_eq(outbox_temporary(outbox, &third, &why), RESULT_OK);
    cr_assert(first == 1 && second == 2 && third == 3, "%u %u %u", first, second, third);
    outbox_close(&outbox);
    execute("UPDATE state SET temporary_ids = 4294967295");
    outbox = open_it();
    cr_assert_eq(outbox_temporary(outbox, &third, &why), RESULT_FULL);
    outbox_close(&outbox);
}

static int open_in_child(void *context) {
    (void)context;
    struct outbox *other = NULL;
    return outbox_open(&other, path, KEY, &why) == RESULT_CONFLICT ? 0 : 1;
}

Test(kader_outbox, belongs_to_one_program_at_a_time) {
    struct outbox *outbox = open_it();
    expect_refused(KEY, RESULT_CONFLICT, "OUTBOX_IN_USE");
    pid_t child = scratch_child(open_in_child, NULL);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    append(outbox, "still mine");
    outbox_close(&outbox);
}

Test(kader_outbox, belongs_to_one_device) {
    struct outbox *outbox = open_it();
    outbox_close(&outbox);
    expect_refused("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", RESULT_CONFLICT, "OUTBOX_OF_ANOTHER_DEVICE");
}

Test(kader_outbox, refuses_files_that_others_can_reach) {
    struct outbox *outbox = open_it();
    outbox_close(&outbox);
    const mode_t modes[] = {0640, 0604, 0660, 0610};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(chmod(path, modes[i]), 0);
        expect_refused(KEY, RESULT_INVALID, "OUTBOX_OPEN");
    }
    cr_assert_eq(chmod(path, 0600), 0);
    outbox = open_it();
    outbox_close(&outbox);
}

Test(kader_outbox, refuses_what_is_no_outbox) {
    FILE *file = fopen(path, "w");
    fputs(
        "this is a shopping list, and long enough that it can't be taken for an empty database file, surely "
        "longer than one hundred bytes",
        file);
    fclose(file);
    chmod(path, 0600);
    expect_refused(KEY, RESULT_CORRUPT, "OUTBOX_CORRUPT");
    unlink(path);
    execute("CREATE TABLE people(name TEXT)");
    chmod(path, 0600);
    expect_refused(KEY, RESULT_CONFLICT, "OUTBOX_VERSION");
    unlink(path);
    struct outbox *outbox = open_it();
    outbox_close(&outbox);
    execute("PRAGMA user_version = 2");
    expect_refused(KEY, RESULT_CONFLICT, "OUTBOX_VERSION");
    unlink(path);
    mkdir(path, 0700);
    expect_refused(KEY, RESULT_INVALID, "OUTBOX_NO_FILE");
    rmdir(path);
    struct outbox *none = NULL;
    cr_assert_eq(outbox_open(&none, "/nowhere/outbox", KEY, &why), RESULT_IO);
}

Test(kader_outbox, a_gap_in_the_numbers_is_damage) {
    struct outbox *outbox = open_it();
    append(outbox, "one");
    append(outbox, "two");
    append(outbox, "three");
    outbox_close(&outbox);
    execute("DELETE FROM event WHERE sequence = 2");
    expect_refused(KEY, RESULT_CORRUPT, "OUTBOX_CORRUPT");
    execute("DELETE FROM event; UPDATE state SET next_sequence = 0");
    expect_refused(KEY, RESULT_CORRUPT, "OUTBOX_CORRUPT");
}

/* A bound on the size of files acts like a full disk: SIGXFSZ ignored, write gives EFBIG. */
Test(kader_outbox, a_full_disk_loses_nothing_that_was_queued) {
    struct outbox *outbox = open_it();
    cr_assert_eq(append(outbox, "first"), 1);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {256 << 10, RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    uint8_t big[1000];
    memset(big, 'x', sizeof big);
    enum result result = RESULT_OK;
    uint64_t queued = 1, sequence;
    while (result == RESULT_OK && queued < 10000) {
        result = outbox_append(outbox, big, sizeof big, &sequence, &why);
        queued += result == RESULT_OK;
    }
    cr_assert(result == RESULT_FULL || result == RESULT_IO, "%d %s", result, why.sentence);
    cr_assert_eq(outbox_end(outbox), queued + 1);
    if (result == RESULT_IO) /* unknown: nothing more is taken until it is opened again */
        cr_assert_eq(outbox_append(outbox, big, 1, &sequence, &why), RESULT_IO);
    limit.rlim_cur = RLIM_INFINITY;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    outbox_close(&outbox);
    outbox = open_it();
    cr_assert(outbox_end(outbox) == queued + 1 || outbox_end(outbox) == queued + 2);
    expect_event(outbox, 1, "first");
    outbox_close(&outbox);
}

/* A child queues and reports each number after it is durable; killed, nothing reported is missing. */
static int queue_until_killed(void *context) {
    int report = *(int *)context;
    struct outbox *outbox = NULL;
    uint64_t sequence;
    if (outbox_open(&outbox, path, KEY, NULL) != RESULT_OK)
        return 1;
    for (;;) {
        uint64_t next = outbox_end(outbox);
        if (outbox_append(outbox, (const uint8_t *)&next, sizeof next, &sequence, NULL) != RESULT_OK)
            return 1;
        if (write(report, &sequence, sizeof sequence) != sizeof sequence)
            return 1;
        if (sequence % 7 == 0 && outbox_forget(outbox, sequence - 2, NULL) != RESULT_OK)
            return 1;
    }
}

/* Takes the next reported number: of those before it, at most the one that a kill left unreported is missing.
 * False where the child reports no more. */
static bool report_taken(int report, uint64_t *last) {
    uint64_t sequence;
    if (read(report, &sequence, sizeof sequence) != sizeof sequence)
        return false;
    cr_assert(sequence == *last + 1 || sequence == *last + 2, "%lu after %lu", sequence, *last);
    *last = sequence;
    return true;
}

/* Each round lives until its first two reports, however slow the machine is, and a little longer. */
Test(kader_outbox, what_was_queued_survives_kill) {
    uint64_t last = 0;
    for (unsigned round = 0; round < 20; round++) {
        int report[2];
        cr_assert_eq(pipe(report), 0);
        pid_t child = scratch_child(queue_until_killed, &report[1]);
        close(report[1]);
        cr_assert(report_taken(report[0], &last) && report_taken(report[0], &last));
        usleep(round * 700);
        kill(child, SIGKILL);
        while (report_taken(report[0], &last))
            continue;
        close(report[0]);
        waitpid(child, NULL, 0);
    }
    cr_assert_geq(last, 40);
    struct outbox *outbox = open_it();
    cr_assert(outbox_end(outbox) == last + 1 || outbox_end(outbox) == last + 2);
    for (uint64_t sequence = outbox_oldest(outbox); sequence < outbox_end(outbox); sequence++) {
        uint8_t buffer[8];
        struct text_bytes bytes;
        uint32_t loaded;
        uint64_t content;
        cr_assert_eq(outbox_read(outbox, sequence, 1, buffer, sizeof buffer, &bytes, &loaded, &why),
                     RESULT_OK);
        memcpy(&content, bytes.data, sizeof content);
        cr_assert_eq(content, sequence);
    }
    outbox_close(&outbox);
}
