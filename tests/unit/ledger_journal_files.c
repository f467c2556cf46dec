/* ledger_journal_files.c - what only files can show of a partition's journal: torn and damaged bytes,
 * claims that were never finished, zombies that write late, processes killed and owners that race (the
 * suite that all journals pass is contract/ledger_journal.c). */
#include "store/ledger_journal_files.h"
#include "store/ledger_segment.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAYLOAD 40 /* bytes of most entries */
#define ENTRY   (SEGMENT_ENTRY_BYTES + PAYLOAD)

static char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
static struct ledger_journal_place place;
static struct failure why;

static void set_up(void) {
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/partition-00", directory);
    place = (struct ledger_journal_place){path, 0, 16, 1523};
}

static void tear_down(void) {
    scratch_remove(directory);
}
TestSuite(ledger_segments, .init = set_up, .fini = tear_down);

static struct ledger_journal *owner(uint64_t epoch) {
    struct ledger_journal *journal;
    cr_assert_eq(ledger_journal_files_open(&journal, &place, epoch, &why), RESULT_OK, "%s", why.sentence);
    return journal;
}

static struct ledger_journal *reader(void) {
    struct ledger_journal *journal;
    cr_assert_eq(ledger_journal_files_read(&journal, &place, &why), RESULT_OK, "%s", why.sentence);
    return journal;
}

static enum result open_result(uint64_t epoch) {
    struct ledger_journal *journal;
    enum result result = ledger_journal_files_open(&journal, &place, epoch, &why);
    if (result == RESULT_OK)
        journal->operations->close(&journal);
    return result;
}

static enum result append(struct ledger_journal *journal, uint64_t mark, struct ledger_entry *entry) {
    static uint8_t payload[PAYLOAD];
    memset(payload, (int)mark, sizeof payload);
    *entry = (struct ledger_entry){
        .offset = mark, .kind = LEDGER_ENTRY_RECORDS, .payload = payload, .size = sizeof payload};
    return journal->operations->append(journal, entry, &why);
}

static void append_all(struct ledger_journal *journal, uint64_t first, uint64_t count) {
    struct ledger_entry entry;
    for (uint64_t i = 0; i < count; i++)
        cr_assert_eq(append(journal, first + i, &entry), RESULT_OK, "%s", why.sentence);
}

static void close_journal(struct ledger_journal *journal) {
    journal->operations->close(&journal);
}

/* Epoch by epoch, some entries each; all closed again. Marks are 1, 2, 3 ... */
static void make_segments(uint64_t epochs, uint64_t entries) {
    for (uint64_t epoch = 1; epoch <= epochs; epoch++) {
        struct ledger_journal *journal = owner(epoch);
        append_all(journal, 1 + (epoch - 1) * entries, entries);
        close_journal(journal);
    }
}

static uint64_t head_of(struct ledger_journal *journal) {
    struct ledger_entry entry;
    cr_assert_eq(journal->operations->head(journal, &entry, &why), RESULT_OK, "%s", why.sentence);
    return entry.sequence;
}

/* The mark of an entry, 0 where it can't be read; `result` says why. */
static uint64_t mark_of(struct ledger_journal *journal, uint64_t sequence, enum result *result) {
    struct ledger_entry entry;
    *result = journal->operations->read(journal, sequence, &entry, &why);
    return *result == RESULT_OK && entry.size == PAYLOAD && entry.payload[0] == (uint8_t)entry.offset
               ? entry.offset
               : 0;
}

static void cr_assert_marks(struct ledger_journal *journal, uint64_t count, const uint64_t *marks) {
    enum result result;
    cr_assert_eq(head_of(journal), count);
    for (uint64_t i = 1; i <= count; i++)
        cr_assert_eq(mark_of(journal, i, &result), marks[i - 1], "entry %llu", (unsigned long long)i);
}
#define MARKS(journal, ...)                                                                                  \
    cr_assert_marks(journal, sizeof(uint64_t[]){__VA_ARGS__} / sizeof(uint64_t), (uint64_t[]){__VA_ARGS__})

static const char *file_of(uint64_t epoch) {
    static char file[SCRATCH_PATH + 64];
    snprintf(file, sizeof file, "%s/segment-%020llu", path, (unsigned long long)epoch);
    return file;
}

static off_t size_of(uint64_t epoch) {
    struct stat status;
    return stat(file_of(epoch), &status) == 0 ? status.st_size : -1;
}

static void change_byte(uint64_t epoch, off_t at, uint8_t flip) {
    uint8_t byte;
    int descriptor = open(file_of(epoch), O_RDWR);
    cr_assert(pread(descriptor, &byte, 1, at) == 1);
    byte ^= flip;
    cr_assert(pwrite(descriptor, &byte, 1, at) == 1);
    close(descriptor);
}

static unsigned count_files(void) {
    unsigned count = 0;
    DIR *stream = opendir(path);
    for (struct dirent *entry; (entry = readdir(stream));)
        count += entry->d_name[0] != '.';
    closedir(stream);
    return count;
}

/* In place of libc's: a disk that says that it could not write. */
static bool sync_fails;
int fdatasync(int descriptor) {
    if (!sync_fails)
        return fsync(descriptor);
    errno = EIO;
    return -1;
}

/* Linux tells of a failed write once; the pages are clean then, and a second sync writes nothing. */
Test(ledger_segments, what_could_not_be_synced_is_written_again_before_anybody_goes_on_from_it) {
    const struct timespec long_ago[2] = {{1000, 0}, {1000, 0}};
    struct stat status;
    struct ledger_entry entry;
    struct ledger_journal *journal = owner(1);
    append_all(journal, 1, 2);
    sync_fails = true;
    cr_assert_eq(append(journal, 3, &entry), RESULT_IO);
    cr_assert_str_eq(why.code, "JOURNAL_SYNC");
    close_journal(journal);
    cr_assert_eq(open_result(2), RESULT_IO, "nor can the next one say what the disk has");
    cr_assert_str_eq(why.code, "JOURNAL_SYNC");
    sync_fails = false;
    cr_assert_eq(utimensat(AT_FDCWD, file_of(1), long_ago, 0), 0);
    off_t size = size_of(1);
    journal = owner(3);
    cr_assert_eq(stat(file_of(1), &status), 0);
    cr_assert_gt(status.st_mtim.tv_sec, 1000, "written, and not only synced");
    cr_assert_eq(status.st_size, size);
    append_all(journal, 4, 1);
    MARKS(journal, 1, 2, 3, 4);
    close_journal(journal);
}

Test(ledger_segments, layout_stays) {
    make_segments(1, 2);
    cr_assert_eq(size_of(1), (off_t)(SEGMENT_HEAD_BYTES + 2 * ENTRY));
    static const uint8_t head[64] = {'C', 'A', 'K', 'U', 'L', 'E', 'D', 'G',  1, 0, 0, 0, 0,
                                     0,   0,   0,   16,  0,   0,   0,   0xf3, 5, 0, 0, 1};
    uint8_t bytes[64];
    int descriptor = open(file_of(1), O_RDONLY);
    cr_assert_eq(pread(descriptor, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    cr_assert_arr_eq(bytes, head, 48);
    cr_assert_eq(pread(descriptor, bytes, 16, SEGMENT_HEAD_BYTES), 16);
    cr_assert_arr_eq(bytes, ((uint8_t[]){'C', 'A', 'K', 'L', 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}), 16);
    close(descriptor);
    struct stat status;
    cr_assert(stat(path, &status) == 0 && (status.st_mode & 0777) == 0700);
    cr_assert(stat(file_of(1), &status) == 0 && (status.st_mode & 0777) == 0600);
}

/* A machine that lost its current while the last entry was written. */
Test(ledger_segments, a_torn_entry_is_no_entry) {
    make_segments(1, 3);
    for (off_t cut = 1; cut <= ENTRY; cut++) {
        cr_assert_eq(truncate(file_of(1), SEGMENT_HEAD_BYTES + 3 * ENTRY - cut), 0);
        struct ledger_journal *watcher = reader();
        MARKS(watcher, 1, 2);
        close_journal(watcher);
    }
    cr_assert_eq(truncate(file_of(1), SEGMENT_HEAD_BYTES + 3 * ENTRY), 0); /* its bytes are zeros now */
    struct ledger_journal *second = owner(2);
    append_all(second, 9, 1);
    MARKS(second, 1, 2, 9);
    close_journal(second);
}

Test(ledger_segments, every_byte_counts) {
    make_segments(1, 3);
    for (off_t at = 0; at < SEGMENT_HEAD_BYTES + 2 * ENTRY; at++) {
        change_byte(1, at, 0x10);
        enum result result = open_result(2);
        bool foreign = at >= 8 && at < 24 && result == RESULT_CONFLICT;
        cr_assert(result == RESULT_CORRUPT || foreign, "byte %d: %d", (int)at, result);
        cr_assert_eq(size_of(2), -1, "what fails leaves nothing behind");
        change_byte(1, at, 0x10);
    }
    cr_assert_eq(open_result(2), RESULT_OK, "%s", why.sentence);
}

/* Under an open journal, and in a segment that is history. */
Test(ledger_segments, damage_is_found_when_read) {
    enum result result;
    make_segments(2, 3);
    struct ledger_journal *journal = owner(3);
    for (uint64_t sequence = 1; sequence <= 6; sequence++) {
        uint64_t epoch = (sequence + 2) / 3;
        off_t at = SEGMENT_HEAD_BYTES + (off_t)((sequence - 1) % 3) * ENTRY + SEGMENT_ENTRY_BYTES + 5;
        change_byte(epoch, at, 1);
        cr_assert_eq(mark_of(journal, sequence, &result), 0);
        cr_assert_eq(result, RESULT_CORRUPT);
        change_byte(epoch, at, 1);
        cr_assert_eq(mark_of(journal, sequence, &result), sequence);
    }
    close_journal(journal);
}

/* Nobody believes a length, a chain or a neighbour more than the hashes. */
Test(ledger_segments, a_chain_cut_short_is_found) {
    enum result result;
    make_segments(3, 2);
    cr_assert_eq(truncate(file_of(1), SEGMENT_HEAD_BYTES + ENTRY), 0);
    struct ledger_journal *journal = owner(4);
    cr_assert_eq(mark_of(journal, 1, &result), 1);
    cr_assert_eq(mark_of(journal, 2, &result), 0);
    cr_assert_eq(result, RESULT_CORRUPT);
    cr_assert_eq(mark_of(journal, 3, &result), 3);
    close_journal(journal);
    cr_assert_eq(unlink(file_of(2)), 0);
    cr_assert_eq(open_result(5), RESULT_CORRUPT);
}

Test(ledger_segments, another_states_segments) {
    make_segments(1, 1);
    struct ledger_journal_place here = place;
    place.partition = 1;
    cr_assert_eq(open_result(2), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_FOREIGN");
    place = here;
    place.count = 32;
    cr_assert_eq(open_result(2), RESULT_CONFLICT);
    place = here;
    place.first_month++;
    cr_assert_eq(open_result(2), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_FOREIGN");
    place = here;
    cr_assert_eq(open_result(2), RESULT_OK);
}

/* An owner died between making its file and finishing the head. */
Test(ledger_segments, an_unfinished_claim_fences_and_says_nothing) {
    make_segments(1, 2);
    struct ledger_journal *second = owner(2);
    struct ledger_entry entry;
    static const off_t sizes[] = {0, 1, SEGMENT_HEAD_BYTES - 1, SEGMENT_HEAD_BYTES};
    for (size_t i = 0; i < 4; i++) {
        int descriptor = open(file_of(5), O_CREAT | O_WRONLY | O_TRUNC, 0600);
        cr_assert(ftruncate(descriptor, sizes[i]) == 0 && close(descriptor) == 0);
        struct ledger_journal *watcher = reader();
        MARKS(watcher, 1, 2);
        close_journal(watcher);
    }
    cr_assert(second->operations->fenced(second));
    cr_assert_eq(append(second, 3, &entry), RESULT_CONFLICT);
    close_journal(second);
    cr_assert_eq(open_result(5), RESULT_CONFLICT);
    struct ledger_journal *sixth = owner(6);
    cr_assert_eq(size_of(5), -1, "tidied away");
    append_all(sixth, 3, 1);
    MARKS(sixth, 1, 2, 3);
    close_journal(sixth);
}

Test(ledger_segments, files_that_are_none_of_it) {
    make_segments(1, 1);
    static const char *const names[] = {"segment-2",
                                        "segment-000000000000000000020",
                                        "segment-99999999999999999999",
                                        "segment-0000000000000000000x",
                                        "snapshot-00000000000000000009",
                                        "segment-00000000000000000000"};
    for (size_t i = 0; i < 6; i++) {
        char file[SCRATCH_PATH + 64];
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        int descriptor = open(file, O_CREAT | O_WRONLY, 0600);
        cr_assert(write(descriptor, "x", 1) == 1 && close(descriptor) == 0);
    }
    struct ledger_journal *journal = owner(2);
    MARKS(journal, 1);
    cr_assert_not(journal->operations->fenced(journal));
    close_journal(journal);
}

/* A lease under which nothing was written leaves no file. */
Test(ledger_segments, idle_leases_do_not_fill_the_directory) {
    make_segments(1, 1);
    for (uint64_t epoch = 2; epoch <= 60; epoch++)
        cr_assert_eq(open_result(epoch), RESULT_OK);
    cr_assert_eq(count_files(), 2);
    struct ledger_journal *journal = owner(61);
    MARKS(journal, 1);
    append_all(journal, 2, 1);
    close_journal(journal);
    cr_assert_eq(open_result(62), RESULT_OK);
    cr_assert_eq(count_files(), 3, "1, 61 and 62");
}

/* The zombie had passed its look when it was stopped: its bytes come into its segment after the take-over. */
Test(ledger_segments, late_bytes_are_void) {
    uint8_t late[ENTRY];
    make_segments(1, 2);
    int descriptor = open(file_of(1), O_RDWR);
    cr_assert_eq(pread(descriptor, late, sizeof late, SEGMENT_HEAD_BYTES + ENTRY), (ssize_t)sizeof late);
    cr_assert_eq(ftruncate(descriptor, SEGMENT_HEAD_BYTES + ENTRY), 0);
    struct ledger_journal *second = owner(2);
    cr_assert_eq(pwrite(descriptor, late, sizeof late, SEGMENT_HEAD_BYTES + ENTRY), (ssize_t)sizeof late);
    MARKS(second, 1);
    struct ledger_journal *watcher = reader();
    MARKS(watcher, 1);
    append_all(second, 7, 1);
    MARKS(watcher, 1, 7);
    close_journal(watcher);
    close_journal(second);
    struct ledger_journal *third = owner(3);
    MARKS(third, 1, 7);
    close_journal(third);
    close(descriptor);
}

/* A reader had seen an entry that a crash of the machine then took away. */
Test(ledger_segments, a_reader_learns_that_the_journal_turned) {
    struct ledger_entry entry;
    enum result result;
    make_segments(1, 2);
    struct ledger_journal *watcher = reader(), *behind = reader();
    MARKS(watcher, 1, 2);
    cr_assert_eq(mark_of(behind, 1, &result), 1);
    cr_assert_eq(truncate(file_of(1), SEGMENT_HEAD_BYTES + ENTRY), 0);
    struct ledger_journal *second = owner(2);
    append_all(second, 7, 1);
    cr_assert_eq(watcher->operations->head(watcher, &entry, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_TURNED");
    cr_assert_eq(watcher->operations->read(watcher, 1, &entry, &why), RESULT_CONFLICT, "for good");
    close_journal(watcher);
    watcher = reader();
    MARKS(watcher, 1, 7);
    close_journal(watcher);
    close_journal(behind);
    close_journal(second);
}

Test(ledger_segments, a_full_disk_stores_nothing) {
    struct ledger_entry entry;
    struct rlimit limit;
    make_segments(1, 1);
    struct ledger_journal *journal = owner(2);
    append_all(journal, 2, 1);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    struct rlimit small = {SEGMENT_HEAD_BYTES + ENTRY + 50, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    cr_assert_eq(append(journal, 3, &entry), RESULT_FULL);
    cr_assert_str_eq(why.code, "DISK_FULL");
    cr_assert_eq(append(journal, 3, &entry), RESULT_FULL, "as often as it is tried");
    small.rlim_cur = 50;
    setrlimit(RLIMIT_FSIZE, &small);
    cr_assert_eq(open_result(3), RESULT_FULL, "%s", why.sentence);
    setrlimit(RLIMIT_FSIZE, &limit);
    cr_assert_eq(size_of(2), (off_t)(SEGMENT_HEAD_BYTES + ENTRY));
    append_all(journal, 3, 1);
    MARKS(journal, 1, 2, 3);
    close_journal(journal);
    cr_assert_eq(open_result(3), RESULT_OK, "the same epoch once more");
}

Test(ledger_segments, a_directory_that_is_gone) {
    struct ledger_entry entry;
    struct ledger_journal *journal = owner(1);
    scratch_remove(path);
    cr_assert(journal->operations->fenced(journal));
    cr_assert_eq(append(journal, 1, &entry), RESULT_IO);
    close_journal(journal);
    struct ledger_journal *none;
    cr_assert_eq(ledger_journal_files_read(&none, &place, &why), RESULT_NOT_FOUND);
    char longer[600];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    place.directory = longer;
    cr_assert_eq(open_result(1), RESULT_INVALID);
}

/* Owners that race, in processes of their own: what was acknowledged stays, whoever takes over when. */

#define RACERS   4
#define ROUNDS   40
#define ACKS_MAX (RACERS * ROUNDS * 8)

static struct shared {
    _Atomic uint64_t epoch, acks, fenced, opened;
    struct {
        uint64_t mark;
        uint8_t hash[JOURNAL_HASH_SIZE];
    } acked[ACKS_MAX + 2]; /* by sequence */
} * shared;

static int race(void *context) {
    uint64_t racer = *(uint64_t *)context;
    struct ledger_journal *journal;
    struct ledger_entry entry;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        usleep((useconds_t)((racer * 7 + round * 13) % 11 * 2000)); /* some reign long, some collide */
        uint64_t epoch = atomic_fetch_add(&shared->epoch, 1) + 1;
        enum result result = ledger_journal_files_open(&journal, &place, epoch, &why);
        if (result == RESULT_CONFLICT)
            continue;
        if (result != RESULT_OK)
            return 1;
        shared->opened++;
        for (uint64_t i = 0; i < 1 + (racer + round) % 7; i++) {
            uint64_t mark = epoch * 10 + i;
            result = append(journal, mark, &entry);
            if (result == RESULT_CONFLICT) {
                shared->fenced++;
                break;
            }
            if (result != RESULT_OK || entry.sequence > ACKS_MAX || shared->acked[entry.sequence].mark)
                return 2;
            shared->acked[entry.sequence].mark = mark;
            memcpy(shared->acked[entry.sequence].hash, entry.hash, JOURNAL_HASH_SIZE);
            shared->acks++;
        }
        journal->operations->close(&journal);
    }
    return 0;
}

static void check_acked(void) {
    struct ledger_journal *journal = owner(UINT64_MAX - 1);
    struct ledger_entry entry;
    uint64_t last = head_of(journal), found = 0;
    for (uint64_t sequence = 1; sequence <= ACKS_MAX; sequence++) {
        if (!shared->acked[sequence].mark)
            continue;
        found++;
        cr_assert_leq(sequence, last);
        cr_assert_eq(journal->operations->read(journal, sequence, &entry, &why), RESULT_OK, "%s",
                     why.sentence);
        cr_assert_eq(entry.offset, shared->acked[sequence].mark);
        cr_assert_arr_eq(entry.hash, shared->acked[sequence].hash, JOURNAL_HASH_SIZE);
    }
    cr_assert_eq(found, shared->acks);
    close_journal(journal);
}

static void *share(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(memory, MAP_FAILED);
    return memory;
}

Test(ledger_segments, acknowledged_is_valid_whoever_races) {
    pid_t children[RACERS];
    shared = share(sizeof *shared);
    for (uint64_t i = 0; i < RACERS; i++)
        children[i] = scratch_child(race, &i);
    for (unsigned i = 0; i < RACERS; i++) {
        int status;
        waitpid(children[i], &status, 0);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "racer %u: %x", i, status);
    }
    cr_assert_gt(shared->opened, RACERS);
    cr_assert_gt(shared->acks, 0);
    check_acked();
    munmap(shared, sizeof *shared);
}

/* Killed at any instant: the next owner finds all that was acknowledged, and goes on. */
static int append_for_ever(void *context) {
    uint64_t epoch = *(uint64_t *)context;
    struct ledger_entry entry;
    struct ledger_journal *journal = NULL;
    if (ledger_journal_files_open(&journal, &place, epoch, &why) != RESULT_OK) {
        fprintf(stderr, "epoch %llu: %s\n", (unsigned long long)epoch, why.sentence);
        return 1;
    }
    while (append(journal, epoch, &entry) == RESULT_OK) {
        if (entry.sequence > ACKS_MAX)
            return 0;
        shared->acked[entry.sequence].mark = epoch;
        memcpy(shared->acked[entry.sequence].hash, entry.hash, JOURNAL_HASH_SIZE);
        shared->acks++;
    }
    return 2;
}

Test(ledger_segments, killed_at_any_instant) {
    shared = share(sizeof *shared);
    for (uint64_t epoch = 1; epoch <= 25; epoch++) {
        int status;
        pid_t child = scratch_child(append_for_ever, &epoch);
        uint64_t acks = shared->acks;
        for (unsigned i = 0; i < 500 && epoch % 4 != 0 && shared->acks < acks + epoch; i++)
            usleep(1000); /* every fourth one dies while it takes over */
        usleep((useconds_t)(epoch * 731 % 7000));
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "%x", status);
    }
    cr_assert_gt(shared->acks, 0);
    check_acked();
    munmap(shared, sizeof *shared);
}
