/* ledger_journal.c - the suite that every journal of a partition must pass (cakupan/ledger_journal.h), run
 * against the one in memory and the one on files; what only files can show is in
 * unit/ledger_journal_files.c. */
#include "ledger_journal_memory.h"
#include "scratch.h"
#include "store/ledger_journal_files.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTITION   3
#define OPEN_MAX    8
#define PAYLOAD_MAX (3u << 20)

static struct bench {
    enum { MEMORY, FILES } kind;
    struct ledger_disk *disk;
    char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    struct ledger_journal *open[OPEN_MAX];
    size_t open_count;
    uint8_t *payload;
} bench;

static struct ledger_journal_place place(void) {
    return (struct ledger_journal_place){bench.path, PARTITION, 16, 1523};
}

static enum result open_result(struct ledger_journal **out, uint64_t epoch, struct failure *why) {
    struct ledger_journal_place files = place();
    return bench.kind == MEMORY ? ledger_journal_memory_open(out, bench.disk, PARTITION, epoch, why)
                                : ledger_journal_files_open(out, &files, epoch, why);
}

static enum result read_result(struct ledger_journal **out, struct failure *why) {
    struct ledger_journal_place files = place();
    return bench.kind == MEMORY ? ledger_journal_memory_read(out, bench.disk, PARTITION, why)
                                : ledger_journal_files_read(out, &files, why);
}

/* All that a test opens is closed at its end. */
static struct ledger_journal *owner(uint64_t epoch) {
    struct failure why = {0};
    struct ledger_journal *journal = NULL;
    cr_assert_eq(open_result(&journal, epoch, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_lt(bench.open_count, OPEN_MAX);
    return bench.open[bench.open_count++] = journal;
}

static struct ledger_journal *reader(void) {
    struct failure why = {0};
    struct ledger_journal *journal = NULL;
    cr_assert_eq(read_result(&journal, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_lt(bench.open_count, OPEN_MAX);
    return bench.open[bench.open_count++] = journal;
}

static void cr_assert_refused(uint64_t epoch, enum result expected, const char *code) {
    struct failure why = {0};
    struct ledger_journal *journal = NULL;
    cr_assert_eq(open_result(&journal, epoch, &why), expected, "%s", why.sentence);
    cr_assert_str_eq(why.code, code);
    cr_assert_null(journal);
}

static void start(int kind) {
    bench = (struct bench){.kind = kind, .disk = ledger_disk_new(), .payload = malloc(PAYLOAD_MAX)};
    scratch_make(bench.directory);
    snprintf(bench.path, sizeof bench.path, "%s/partition-03", bench.directory);
}

static void stop(void) {
    for (size_t i = 0; i < bench.open_count; i++) {
        bench.open[i]->operations->close(&bench.open[i]);
        cr_assert_null(bench.open[i]);
    }
    ledger_disk_destroy(&bench.disk);
    free(bench.payload);
    scratch_remove(bench.directory);
    bench.directory[0] = '\0';
}

/* An entry that tells by its bytes which one it is. */
static struct ledger_entry entry_of(uint64_t mark, size_t size) {
    for (size_t i = 0; i < size; i++)
        bench.payload[i] = (uint8_t)((mark * 2654435761u >> (i % 24)) + i);
    return (struct ledger_entry){.offset = 100 * mark,
                                 .time_ms = 1790000000000 + (int64_t)mark,
                                 .month = mark % 3 ? MONTH_NONE : (month_t)(1500 + mark),
                                 .kind = (uint8_t)(1 + mark % 3),
                                 .payload = bench.payload,
                                 .size = size};
}

static struct ledger_entry append(struct ledger_journal *journal, uint64_t mark, size_t size) {
    struct failure why = {0};
    struct ledger_entry entry = entry_of(mark, size);
    cr_assert_eq(journal->operations->append(journal, &entry, &why), RESULT_OK, "%s", why.sentence);
    return entry;
}

static enum result append_result(struct ledger_journal *journal, uint64_t mark, const char *code) {
    struct failure why = {0};
    struct ledger_entry entry = entry_of(mark, 10);
    enum result result = journal->operations->append(journal, &entry, &why);
    if (result != RESULT_OK) {
        cr_assert_str_eq(why.code, code, "%s", why.sentence);
        cr_assert_eq(entry.sequence, 0, "a refused entry is left as it was");
    }
    return result;
}

static struct ledger_entry head(struct ledger_journal *journal) {
    struct failure why = {0};
    struct ledger_entry entry;
    cr_assert_eq(journal->operations->head(journal, &entry, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_null(entry.payload);
    return entry;
}

/* The journal holds exactly these entries, by mark and size; its chain is recomputed here. */
static void cr_assert_holds(struct ledger_journal *journal, const uint64_t *marks, const size_t *sizes,
                            size_t count) {
    uint8_t previous[JOURNAL_HASH_SIZE] = {0}, hash[JOURNAL_HASH_SIZE];
    struct ledger_entry entry = {0};
    struct failure why = {0};
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(journal->operations->read(journal, i + 1, &entry, &why), RESULT_OK, "%s", why.sentence);
        struct ledger_entry expected = entry_of(marks[i], sizes[i]);
        cr_assert(entry.sequence == i + 1 && entry.offset == expected.offset &&
                  entry.time_ms == expected.time_ms && entry.month == expected.month &&
                  entry.kind == expected.kind && entry.size == expected.size);
        cr_assert_eq(memcmp(entry.payload, expected.payload, entry.size), 0, "entry %zu", i + 1);
        ledger_journal_hash(previous, &entry, hash);
        cr_assert_arr_eq(hash, entry.hash, sizeof hash);
        memcpy(previous, hash, sizeof hash);
    }
    cr_assert_eq(journal->operations->read(journal, count + 1, &entry, &why), RESULT_NOT_FOUND);
    cr_assert_eq(journal->operations->read(journal, 0, &entry, &why), RESULT_NOT_FOUND);
    struct ledger_entry last = head(journal);
    cr_assert_eq(last.sequence, count);
    cr_assert_arr_eq(last.hash, previous, sizeof previous);
}
#define HOLDS(journal, ...)                                                                                  \
    cr_assert_holds(journal, (uint64_t[]){__VA_ARGS__}, (size_t[]){10, 10, 10, 10, 10, 10, 10, 10, 10, 10},  \
                    sizeof(uint64_t[]){__VA_ARGS__} / sizeof(uint64_t))

/* Each of these runs against both. */
#define BOTH(name)                                                                                           \
    static void name(void);                                                                                  \
    Test(ledger_journal_memory, name) {                                                                      \
        start(MEMORY);                                                                                       \
        name();                                                                                              \
        stop();                                                                                              \
    }                                                                                                        \
    Test(ledger_journal_files, name) {                                                                       \
        start(FILES);                                                                                        \
        name();                                                                                              \
        stop();                                                                                              \
    }                                                                                                        \
    static void name(void)

static void clean(void) {
    if (bench.directory[0])
        scratch_remove(bench.directory);
}
TestSuite(ledger_journal_memory, .fini = clean);
TestSuite(ledger_journal_files, .fini = clean);

BOTH(nobody_owned_it_yet) {
    struct failure why = {0};
    struct ledger_journal *journal = NULL;
    cr_assert_eq(read_result(&journal, &why), RESULT_NOT_FOUND);
    cr_assert_null(journal);
}

BOTH(empty) {
    struct ledger_journal *journal = owner(1);
    cr_assert_holds(journal, NULL, NULL, 0);
    cr_assert_not(journal->operations->fenced(journal));
    cr_assert_holds(reader(), NULL, NULL, 0);
}

BOTH(entries_come_back) {
    static const uint64_t marks[] = {1, 2, 3, 4, 5};
    static const size_t sizes[] = {0, 1, PAYLOAD_MAX, 4096, 17};
    struct ledger_journal *journal = owner(7);
    for (size_t i = 0; i < 5; i++) {
        struct ledger_entry entry = append(journal, marks[i], sizes[i]);
        cr_assert_eq(entry.sequence, i + 1);
        cr_assert_eq(entry.epoch, 7);
        struct ledger_entry last = head(journal);
        cr_assert(last.offset == entry.offset && last.time_ms == entry.time_ms && last.epoch == 7 &&
                  last.month == entry.month && last.kind == entry.kind);
    }
    cr_assert_holds(journal, marks, sizes, 5);
    cr_assert_holds(reader(), marks, sizes, 5);
    cr_assert_holds(owner(8), marks, sizes, 5);
}

BOTH(any_order_of_reading) {
    struct ledger_entry entry;
    uint64_t at = 1;
    for (uint64_t epoch = 1; epoch <= 4; epoch++) {
        struct ledger_journal *journal = owner(epoch);
        for (uint64_t i = 0; i < 25; i++, at++)
            append(journal, at, 10 + at % 5);
    }
    struct ledger_journal *journal = bench.open[3];
    for (uint64_t i = 0; i < 300; i++) {
        uint64_t sequence = 1 + i * 37 % 100;
        cr_assert_eq(journal->operations->read(journal, sequence, &entry, NULL), RESULT_OK);
        struct ledger_entry expected = entry_of(sequence, 10 + sequence % 5);
        cr_assert_eq(entry.epoch, (sequence + 24) / 25);
        cr_assert_arr_eq(entry.payload, expected.payload, expected.size);
    }
}

BOTH(an_entry_has_a_limit) {
    struct ledger_journal *journal = owner(1);
    struct failure why = {0};
    struct ledger_entry entry = entry_of(1, 10);
    entry.size = LEDGER_ENTRY_MAX_BYTES + 1; /* refused before it is looked at */
    cr_assert_eq(journal->operations->append(journal, &entry, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "ENTRY_TOO_LARGE");
    append(journal, 2, 10);
    HOLDS(journal, 2);
}

BOTH(a_successor_goes_on) {
    struct ledger_journal *first = owner(1);
    append(first, 1, 10);
    append(first, 2, 10);
    struct ledger_journal *second = owner(5);
    HOLDS(second, 1, 2);
    append(second, 3, 10);
    struct ledger_journal *idle = owner(6); /* writes nothing */
    HOLDS(idle, 1, 2, 3);
    struct ledger_journal *last = owner(9);
    append(last, 4, 10);
    HOLDS(last, 1, 2, 3, 4);
    HOLDS(reader(), 1, 2, 3, 4);
    HOLDS(owner(10), 1, 2, 3, 4);
}

BOTH(an_epoch_has_one_owner) {
    owner(5);
    cr_assert_refused(5, RESULT_CONFLICT, "FENCED");
    cr_assert_refused(4, RESULT_CONFLICT, "FENCED");
    owner(6);
    cr_assert_refused(5, RESULT_CONFLICT, "FENCED");
}

BOTH(an_older_owner_is_fenced) {
    struct ledger_journal *zombie = owner(1);
    append(zombie, 1, 10);
    struct ledger_journal *successor = owner(2); /* that it exists is enough */
    cr_assert(zombie->operations->fenced(zombie));
    cr_assert_not(successor->operations->fenced(successor));
    cr_assert_eq(append_result(zombie, 2, "FENCED"), RESULT_CONFLICT);
    append(successor, 3, 10);
    cr_assert_eq(append_result(zombie, 4, "FENCED"), RESULT_CONFLICT);
    HOLDS(successor, 1, 3);
    HOLDS(owner(3), 1, 3);
    HOLDS(reader(), 1, 3);
}

BOTH(a_reader_sees_what_comes) {
    struct ledger_journal *first = owner(1);
    struct ledger_journal *watcher = reader();
    for (uint64_t mark = 1; mark <= 3; mark++) {
        append(first, mark, 10);
        cr_assert_eq(head(watcher).sequence, mark);
    }
    struct ledger_journal *second = owner(2);
    cr_assert_eq(head(watcher).sequence, 3);
    append(second, 4, 10);
    struct ledger_entry entry;
    cr_assert_eq(watcher->operations->read(watcher, 4, &entry, NULL), RESULT_NOT_FOUND, "before it looked");
    cr_assert_eq(head(watcher).sequence, 4);
    HOLDS(watcher, 1, 2, 3, 4);
    cr_assert_not(watcher->operations->fenced(watcher));
}

static void write_as_reader(int kind) {
    start(kind);
    owner(1);
    append(reader(), 1, 10);
}
Test(ledger_journal_memory, a_reader_does_not_write, .signal = SIGABRT) {
    write_as_reader(MEMORY);
}
Test(ledger_journal_files, a_reader_does_not_write, .signal = SIGABRT) {
    write_as_reader(FILES);
}

/* In memory: what a disk does in its bad moments */

Test(ledger_journal_memory, a_full_disk_stores_nothing) {
    start(MEMORY);
    struct ledger_journal *journal = owner(1);
    append(journal, 1, 10);
    ledger_disk_fault(bench.disk, LEDGER_FAULT_FULL);
    cr_assert_eq(append_result(journal, 2, "DISK_FULL"), RESULT_FULL);
    append(journal, 2, 10);
    HOLDS(journal, 1, 2);
    stop();
}

Test(ledger_journal_memory, after_an_io_error_nothing_more_is_written) {
    start(MEMORY);
    struct ledger_journal *journal = owner(1);
    ledger_disk_fault(bench.disk, LEDGER_FAULT_IO_BEFORE);
    cr_assert_eq(append_result(journal, 1, "JOURNAL_IO"), RESULT_IO);
    cr_assert_eq(append_result(journal, 1, "JOURNAL_BROKEN"), RESULT_IO);
    struct ledger_journal *second = owner(2);
    cr_assert_holds(second, NULL, NULL, 0);
    ledger_disk_fault(bench.disk, LEDGER_FAULT_IO_AFTER);
    cr_assert_eq(append_result(second, 1, "JOURNAL_IO"), RESULT_IO);
    HOLDS(owner(3), 1);
    stop();
}

Test(ledger_journal_memory, what_a_zombie_writes_is_void) {
    start(MEMORY);
    struct ledger_journal *zombie = owner(1);
    append(zombie, 1, 10);
    struct ledger_journal *successor = owner(2);
    ledger_disk_fault(bench.disk, LEDGER_FAULT_STOPPED);
    cr_assert_eq(append_result(zombie, 2, "FENCED"), RESULT_CONFLICT);
    cr_assert_eq(ledger_disk_void(bench.disk, PARTITION), 1);
    HOLDS(reader(), 1);
    append(successor, 3, 10);
    HOLDS(successor, 1, 3);
    HOLDS(owner(3), 1, 3);
    stop();
}

Test(ledger_journal_memory, unsynced_entries_do_not_survive_a_crash) {
    start(MEMORY);
    struct ledger_journal *journal = owner(1);
    append(journal, 1, 10);
    ledger_disk_drop_syncs(bench.disk, true);
    append(journal, 2, 10);
    struct ledger_journal *watcher = reader();
    HOLDS(watcher, 1, 2);
    ledger_disk_crash(bench.disk);
    ledger_disk_drop_syncs(bench.disk, false);
    cr_assert_eq(append_result(journal, 3, "JOURNAL_BROKEN"), RESULT_IO);
    struct ledger_journal *second = owner(2);
    HOLDS(second, 1);
    append(second, 4, 10);
    struct ledger_entry entry;
    struct failure why = {0};
    cr_assert_eq(watcher->operations->head(watcher, &entry, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_TURNED");
    HOLDS(reader(), 1, 4);
    stop();
}

Test(ledger_journal_memory, damage_is_found) {
    start(MEMORY);
    struct ledger_journal *journal = owner(1);
    struct ledger_entry entry;
    append(journal, 1, 10);
    append(journal, 2, 10);
    cr_assert_not(ledger_disk_damage(bench.disk, PARTITION, 3));
    cr_assert(ledger_disk_damage(bench.disk, PARTITION, 1));
    cr_assert_eq(journal->operations->read(journal, 1, &entry, NULL), RESULT_CORRUPT);
    cr_assert_eq(journal->operations->read(journal, 2, &entry, NULL), RESULT_OK);
    stop();
}
