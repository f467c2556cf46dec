/* journal.c - the suite that every journal must pass (cakupan/journal.h), run against the fake in memory
 * and against SQLite; then what only files can show: locks, foreign files, edited rows, processes killed in
 * the middle. */
#include "journal_memory.h"
#include "scratch.h"
#include "store/journal_sqlite.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECORD_BYTES      50 /* per offset; a journal does not look into them */
#define BATCH_OFFSETS_MAX 400000

/* Of the test that runs; what stop() did not take away because the test failed, clean() does. */
static char scratch[SCRATCH_PATH];

struct bench {
    enum { MEMORY, SQLITE } kind;
    struct journal *journal;
    struct journal_disk *disk;
    char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    uint8_t *bytes;
};

static enum result open_journal(struct bench *bench, struct failure *why) {
    return bench->kind == MEMORY ? journal_memory_open(&bench->journal, bench->disk, why)
                                 : journal_sqlite_open(&bench->journal, bench->path, why);
}

static void start(struct bench *bench, int kind) {
    *bench = (struct bench){.kind = kind};
    scratch_make(bench->directory);
    memcpy(scratch, bench->directory, sizeof scratch);
    snprintf(bench->path, sizeof bench->path, "%s/journal.db", bench->directory);
    bench->disk = journal_disk_new();
    bench->bytes = malloc((size_t)BATCH_OFFSETS_MAX * RECORD_BYTES);
    struct failure why = {0};
    cr_assert_eq(open_journal(bench, &why), RESULT_OK, "%s", why.sentence);
}

static void stop(struct bench *bench) {
    char path[128];
    if (bench->journal)
        bench->journal->operations->close(&bench->journal);
    cr_assert_null(bench->journal);
    journal_disk_destroy(&bench->disk);
    free(bench->bytes);
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t index = 0; index < 4; index++) {
        snprintf(path, sizeof path, "%s%s", bench->path, suffixes[index]);
        unlink(path);
    }
    cr_assert_eq(rmdir(bench->directory), 0, "%s: %s", bench->directory, strerror(errno));
    scratch[0] = '\0';
}

static void clean(void) {
    if (scratch[0])
        scratch_remove(scratch);
}

TestSuite(journal_memory, .fini = clean);
TestSuite(journal_sqlite, .fini = clean);

static void reopen(struct bench *bench) {
    struct failure why = {0};
    bench->journal->operations->close(&bench->journal);
    cr_assert_eq(open_journal(bench, &why), RESULT_OK, "%s", why.sentence);
}

/* Bytes that tell the offset they belong to. */
static void fill(uint8_t *bytes, uint64_t first_offset, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        uint64_t offset = first_offset + index;
        for (size_t at = 0; at < RECORD_BYTES; at++)
            bytes[index * RECORD_BYTES + at] = (uint8_t)((offset * 2654435761u >> (at % 24)) + at);
    }
}

static struct journal_batch batch_at(struct bench *bench, uint64_t first_offset, uint32_t count) {
    fill(bench->bytes, first_offset, count);
    return (struct journal_batch){
        .header = {first_offset, count, 1790000000000 + (int64_t)first_offset,
                   (day_t)(46000 + first_offset / 100)},
        .records = bench->bytes,
        .size = (size_t)count * RECORD_BYTES,
    };
}

static uint64_t last_offset(struct journal *journal) {
    struct journal_batch head;
    cr_assert_eq(journal->operations->head(journal, &head, NULL), RESULT_OK);
    return head.header.first_offset + head.header.count - (head.header.count > 0);
}

static enum result append_with(struct bench *bench, uint32_t count, const struct journal_run *runs,
                               size_t run_count, const struct journal_refusal *refusals, size_t refusal_count,
                               struct failure *why) {
    struct journal_batch batch = batch_at(bench, last_offset(bench->journal) + 1, count);
    return bench->journal->operations->append(bench->journal, &batch, runs, run_count, refusals,
                                              refusal_count, why);
}

static void append_one(struct bench *bench, uint32_t count) {
    struct failure why = {0};
    cr_assert_eq(append_with(bench, count, NULL, 0, NULL, 0, &why), RESULT_OK, "%s", why.sentence);
}

/* Reads everything: offsets without gaps, the bytes as appended, the chain unbroken. RESULT_OK, or what is
 * wrong. */
static enum result walk(struct journal *journal, uint64_t *last) {
    uint8_t previous[JOURNAL_HASH_SIZE] = {0}, hash[JOURNAL_HASH_SIZE];
    struct journal_batch batch;
    uint64_t next = 1;
    enum result result;
    while ((result = journal->operations->read(journal, next, &batch, NULL)) == RESULT_OK) {
        cr_assert_eq(batch.header.first_offset, next);
        journal_hash(previous, &batch.header, batch.records, batch.size, hash);
        if (memcmp(hash, batch.hash, sizeof hash) != 0)
            return RESULT_CORRUPT;
        uint8_t expected[RECORD_BYTES];
        fill(expected, next, 1);
        cr_assert_arr_eq(batch.records, expected, RECORD_BYTES);
        memcpy(previous, hash, sizeof hash);
        next += batch.header.count;
    }
    *last = next - 1;
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static void cr_assert_whole(struct bench *bench, uint64_t expected_last) {
    uint64_t last = 0;
    cr_assert_eq(walk(bench->journal, &last), RESULT_OK);
    cr_assert_eq(last, expected_last);
}

/* Each of these runs against both. */
#define BOTH(name)                                                                                           \
    static void name(struct bench *bench);                                                                   \
    Test(journal_memory, name) {                                                                             \
        struct bench bench;                                                                                  \
        start(&bench, MEMORY);                                                                               \
        name(&bench);                                                                                        \
        stop(&bench);                                                                                        \
    }                                                                                                        \
    Test(journal_sqlite, name) {                                                                             \
        struct bench bench;                                                                                  \
        start(&bench, SQLITE);                                                                               \
        name(&bench);                                                                                        \
        stop(&bench);                                                                                        \
    }                                                                                                        \
    static void name(struct bench *bench)

BOTH(an_empty_journal_has_no_head) {
    struct journal_batch batch;
    uint64_t first_offset;
    size_t count = 99;
    struct journal_refusal refusal;
    const struct journal_operations *operations = bench->journal->operations;
    cr_assert_eq(operations->head(bench->journal, &batch, NULL), RESULT_OK);
    cr_assert_eq(batch.header.first_offset, 0);
    cr_assert_eq(batch.header.count, 0);
    cr_assert_eq(operations->read(bench->journal, 0, &batch, NULL), RESULT_NOT_FOUND);
    cr_assert_eq(operations->read(bench->journal, 1, &batch, NULL), RESULT_NOT_FOUND);
    cr_assert_eq(operations->find(bench->journal, 1, 1, &first_offset, NULL), RESULT_NOT_FOUND);
    cr_assert_eq(operations->refusals(bench->journal, 0, 0, 0, &refusal, 1, &count, NULL), RESULT_OK);
    cr_assert_eq(count, 0);
    cr_assert_eq(operations->idle(bench->journal, NULL), RESULT_OK);
}

BOTH(every_offset_is_read_from_its_batch) {
    static const uint32_t counts[] = {1, 3, 1, 1000, 2};
    uint64_t first = 1;
    for (size_t index = 0; index < 5; index++)
        append_one(bench, counts[index]);
    for (size_t index = 0; index < 5; first += counts[index++]) {
        for (uint64_t offset = first; offset < first + counts[index]; offset++) {
            struct journal_batch batch;
            cr_assert_eq(bench->journal->operations->read(bench->journal, offset, &batch, NULL), RESULT_OK);
            cr_assert_eq(batch.header.first_offset, first);
            cr_assert_eq(batch.header.count, counts[index]);
            cr_assert_eq(batch.header.time_ms, 1790000000000 + (int64_t)first);
            cr_assert_eq(batch.header.day, 46000 + first / 100);
            cr_assert_eq(batch.size, counts[index] * RECORD_BYTES);
        }
    }
    struct journal_batch batch;
    cr_assert_eq(bench->journal->operations->read(bench->journal, first, &batch, NULL), RESULT_NOT_FOUND);
    cr_assert_eq(bench->journal->operations->read(bench->journal, UINT64_MAX, &batch, NULL),
                 RESULT_NOT_FOUND);
    cr_assert_eq(bench->journal->operations->read(bench->journal, 0, &batch, NULL), RESULT_NOT_FOUND);
    cr_assert_whole(bench, first - 1);
}

BOTH(append_gives_the_hash_of_the_contract) {
    struct journal_batch batch = batch_at(bench, 1, 2);
    uint8_t previous[JOURNAL_HASH_SIZE] = {0}, expected[JOURNAL_HASH_SIZE];
    cr_assert_eq(bench->journal->operations->append(bench->journal, &batch, NULL, 0, NULL, 0, NULL),
                 RESULT_OK);
    journal_hash(previous, &batch.header, batch.records, batch.size, expected);
    cr_assert_arr_eq(batch.hash, expected, JOURNAL_HASH_SIZE);
    struct journal_batch head;
    cr_assert_eq(bench->journal->operations->head(bench->journal, &head, NULL), RESULT_OK);
    cr_assert_arr_eq(head.hash, expected, JOURNAL_HASH_SIZE);
    struct batch_header other = batch.header;
    other.day++;
    journal_hash(previous, &other, batch.records, batch.size, expected);
    cr_assert_neq(memcmp(batch.hash, expected, JOURNAL_HASH_SIZE), 0, "the day is part of the chain");
}

BOTH(gaps_repeats_and_bad_batches_are_refused) {
    const struct journal_operations *operations = bench->journal->operations;
    append_one(bench, 10);
    static const uint64_t wrong[] = {0, 1, 10, 12, UINT64_MAX};
    for (size_t index = 0; index < 5; index++) {
        struct journal_batch batch = batch_at(bench, wrong[index], 1);
        batch.header.time_ms = 1890000000000;
        batch.header.day = 60000;
        cr_assert_eq(operations->append(bench->journal, &batch, NULL, 0, NULL, 0, NULL), RESULT_CONFLICT);
    }
    struct journal_batch batch = batch_at(bench, 11, 1);
    batch.header.count = 0;
    cr_assert_eq(operations->append(bench->journal, &batch, NULL, 0, NULL, 0, NULL), RESULT_INVALID);
    batch = batch_at(bench, 11, 1);
    batch.size = 0;
    cr_assert_eq(operations->append(bench->journal, &batch, NULL, 0, NULL, 0, NULL), RESULT_INVALID);
    batch = batch_at(bench, 11, 1);
    batch.size = JOURNAL_BATCH_MAX_BYTES + 1;
    cr_assert_eq(operations->append(bench->journal, &batch, NULL, 0, NULL, 0, NULL), RESULT_INVALID);
    batch = batch_at(bench, 11, 1);
    batch.header.time_ms = 1790000000000; /* before the batch at offset 1 */
    cr_assert_eq(operations->append(bench->journal, &batch, NULL, 0, NULL, 0, NULL), RESULT_INVALID);
    batch = batch_at(bench, 11, 1);
    batch.header.day = 45999;
    cr_assert_eq(operations->append(bench->journal, &batch, NULL, 0, NULL, 0, NULL), RESULT_INVALID);
    append_one(bench, 1); /* none of that did harm */
    cr_assert_whole(bench, 11);
}

static void cr_assert_found(struct bench *bench, uint32_t device, uint64_t sequence, uint64_t expected) {
    uint64_t first_offset = 0;
    enum result result =
        bench->journal->operations->find(bench->journal, device, sequence, &first_offset, NULL);
    cr_assert_eq(result, expected ? RESULT_OK : RESULT_NOT_FOUND, "device %u sequence %llu", device,
                 (unsigned long long)sequence);
    cr_assert(!expected || first_offset == expected, "device %u sequence %llu is in batch %llu", device,
              (unsigned long long)sequence, (unsigned long long)first_offset);
}

static void check_runs(struct bench *bench) {
    cr_assert_found(bench, 1, 1, 1);
    cr_assert_found(bench, 1, 5, 1);
    cr_assert_found(bench, 1, 6, 11);
    cr_assert_found(bench, 1, 8, 11);
    cr_assert_found(bench, 1, 9, 0);
    cr_assert_found(bench, 1, 0, 0);
    cr_assert_found(bench, 2, 1, 1);
    cr_assert_found(bench, 2, 5, 1);
    cr_assert_found(bench, 2, 6, 0);
    cr_assert_found(bench, 3, 1, 0);
    cr_assert_found(bench, 0, 1, 0);
    cr_assert_found(bench, UINT32_MAX, 7, 11);
    cr_assert_found(bench, 1, UINT64_MAX, 0);
    cr_assert_found(bench, 1, (uint64_t)1 << 63, 0);
}

BOTH(a_sequence_finds_its_batch) {
    /* Device 2 sent twice within the first batch; its runs follow on each other. */
    const struct journal_run first[] = {{1, 1, 5}, {2, 1, 3}, {2, 4, 2}};
    const struct journal_run second[] = {{1, 6, 3}, {UINT32_MAX, 7, 1}};
    cr_assert_eq(append_with(bench, 10, first, 3, NULL, 0, NULL), RESULT_OK);
    cr_assert_eq(append_with(bench, 4, second, 2, NULL, 0, NULL), RESULT_OK);
    check_runs(bench);
    reopen(bench);
    check_runs(bench);
}

/* Long enough that an index which trails behind catches up in the middle, more than once. */
BOTH(a_sequence_finds_its_batch_among_thousands) {
    enum { BATCHES = 1500 };
    const struct journal_operations *operations = bench->journal->operations;
    for (uint64_t batch = 0; batch < BATCHES; batch++) {
        const struct journal_run runs[] = {{1, 1 + batch * 2, 2}, {1 + batch % 3 + 1, 1 + batch, 1}};
        cr_assert_eq(append_with(bench, 3, runs, 2, NULL, 0, NULL), RESULT_OK);
        if (batch % 701 == 700)
            cr_assert_eq(operations->idle(bench->journal, NULL), RESULT_OK);
        if (batch % 400 == 399)
            reopen(bench);
        cr_assert_found(bench, 1, 2 + batch * 2, 1 + batch * 3);
        cr_assert_found(bench, 1, 3 + batch * 2, 0);
    }
    for (uint64_t batch = 0; batch < BATCHES; batch++) {
        uint32_t device = (uint32_t)(1 + batch % 3 + 1);
        cr_assert_found(bench, 1, 1 + batch * 2, 1 + batch * 3);
        cr_assert_found(bench, device, 1 + batch, 1 + batch * 3);
        cr_assert_found(bench, device, 2 + batch, 0);
    }
}

BOTH(refusals_are_listed_newest_first_and_filtered) {
    struct journal_refusal refusals[100], out[200];
    size_t count;
    for (uint32_t index = 0; index < 100; index++)
        refusals[index] = (struct journal_refusal){index + 1, 1 + index % 3, (uint16_t)(40 + index % 2),
                                                   index % 5 ? 3671011001u : 0};
    cr_assert_eq(append_with(bench, 50, NULL, 0, refusals, 50, NULL), RESULT_OK);
    cr_assert_eq(append_with(bench, 50, NULL, 0, refusals + 50, 50, NULL), RESULT_OK);
    reopen(bench);
    const struct journal_operations *operations = bench->journal->operations;
    cr_assert_eq(operations->refusals(bench->journal, 0, 0, 0, out, 200, &count, NULL), RESULT_OK);
    cr_assert_eq(count, 100);
    for (size_t index = 0; index < count; index++) {
        const struct journal_refusal *expected = &refusals[99 - index];
        cr_assert(out[index].offset == expected->offset && out[index].device == expected->device &&
                  out[index].refusal == expected->refusal && out[index].kelurahan == expected->kelurahan);
    }
    cr_assert_eq(operations->refusals(bench->journal, 51, 0, 0, out, 200, &count, NULL), RESULT_OK);
    cr_assert_eq(count, 50);
    cr_assert_eq(out[0].offset, 50);
    cr_assert_eq(operations->refusals(bench->journal, 0, 41, 0, out, 200, &count, NULL), RESULT_OK);
    cr_assert_eq(count, 50);
    cr_assert_eq(operations->refusals(bench->journal, 0, 41, 2, out, 200, &count, NULL), RESULT_OK);
    for (size_t index = 0; index < count; index++)
        cr_assert(out[index].refusal == 41 && out[index].device == 2);
    cr_assert_eq(count, 17);
    cr_assert_eq(operations->refusals(bench->journal, 0, 0, 0, out, 7, &count, NULL), RESULT_OK);
    cr_assert_eq(count, 7);
    cr_assert_eq(operations->refusals(bench->journal, 1, 0, 0, out, 7, &count, NULL), RESULT_OK);
    cr_assert_eq(count, 0);
    cr_assert_eq(operations->refusals(bench->journal, 0, 0, 0, out, 0, &count, NULL), RESULT_OK);
    cr_assert_eq(count, 0);
    cr_assert_eq(operations->refusals(bench->journal, UINT64_MAX, 0, 0, out, 1, &count, NULL), RESULT_OK);
    cr_assert_eq(count, 1);
}

BOTH(the_head_is_there_after_reopening) {
    struct journal_batch before, after;
    append_one(bench, 3);
    append_one(bench, 5);
    cr_assert_eq(bench->journal->operations->head(bench->journal, &before, NULL), RESULT_OK);
    reopen(bench);
    cr_assert_eq(bench->journal->operations->head(bench->journal, &after, NULL), RESULT_OK);
    cr_assert_eq(after.header.first_offset, 4);
    cr_assert_eq(after.header.count, 5);
    cr_assert_eq(after.header.time_ms, before.header.time_ms);
    cr_assert_eq(after.header.day, before.header.day);
    cr_assert_arr_eq(after.hash, before.hash, JOURNAL_HASH_SIZE);
    append_one(bench, 1);
    reopen(bench);
    cr_assert_whole(bench, 9);
}

BOTH(idle_may_come_at_any_time) {
    for (uint32_t round = 0; round < 50; round++) {
        struct journal_batch batch;
        append_one(bench, 1 + round % 7);
        cr_assert_eq(bench->journal->operations->read(bench->journal, 1, &batch, NULL), RESULT_OK);
        cr_assert_eq(bench->journal->operations->idle(bench->journal, NULL), RESULT_OK);
    }
    reopen(bench);
    cr_assert_whole(bench, last_offset(bench->journal));
}

BOTH(a_batch_of_the_largest_size_is_whole) {
    struct journal_batch batch = batch_at(bench, 1, JOURNAL_BATCH_MAX_BYTES / RECORD_BYTES);
    batch.size = JOURNAL_BATCH_MAX_BYTES;
    cr_assert_eq(bench->journal->operations->append(bench->journal, &batch, NULL, 0, NULL, 0, NULL),
                 RESULT_OK);
    append_one(bench, 1);
    reopen(bench);
    cr_assert_whole(bench, JOURNAL_BATCH_MAX_BYTES / RECORD_BYTES + 1);
}

BOTH(a_second_opener_is_refused) {
    struct failure why = {0};
    struct journal *first = bench->journal;
    append_one(bench, 1);
    cr_assert_eq(open_journal(bench, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_IN_USE");
    cr_assert_null(bench->journal);
    bench->journal = first;
    append_one(bench, 1); /* and did no harm */
    cr_assert_whole(bench, 2);
}

/* The fake's faults, which the simulation counts on. */

Test(journal_memory, a_failed_append_may_or_may_not_be_there) {
    for (int fault = JOURNAL_FAULT_IO_BEFORE; fault <= JOURNAL_FAULT_IO_AFTER; fault++) {
        struct bench bench;
        start(&bench, MEMORY);
        append_one(&bench, 2);
        journal_disk_fault(bench.disk, fault);
        cr_assert_eq(append_with(&bench, 1, NULL, 0, NULL, 0, NULL), RESULT_IO);
        cr_assert_eq(append_with(&bench, 1, NULL, 0, NULL, 0, NULL), RESULT_IO, "it is broken");
        journal_disk_crash(bench.disk);
        cr_assert_eq(open_journal(&bench, NULL), RESULT_OK);
        cr_assert_whole(&bench, fault == JOURNAL_FAULT_IO_BEFORE ? 2 : 3);
        stop(&bench);
    }
}

Test(journal_memory, a_full_disk_stores_nothing_and_may_get_room) {
    struct bench bench;
    start(&bench, MEMORY);
    journal_disk_fault(bench.disk, JOURNAL_FAULT_FULL);
    cr_assert_eq(append_with(&bench, 1, NULL, 0, NULL, 0, NULL), RESULT_FULL);
    cr_assert_eq(last_offset(bench.journal), 0);
    append_one(&bench, 1);
    cr_assert_whole(&bench, 1);
    stop(&bench);
}

Test(journal_memory, dropped_syncs_lose_batches_runs_and_refusals_in_a_crash) {
    struct bench bench;
    start(&bench, MEMORY);
    const struct journal_run run = {1, 1, 1}, lost_run = {1, 2, 1};
    const struct journal_refusal refusal = {1, 1, 40, 0}, lost_refusal = {2, 1, 40, 0};
    cr_assert_eq(append_with(&bench, 1, &run, 1, &refusal, 1, NULL), RESULT_OK);
    journal_disk_drop_syncs(bench.disk, true);
    cr_assert_eq(append_with(&bench, 1, &lost_run, 1, &lost_refusal, 1, NULL), RESULT_OK);
    cr_assert_eq(journal_disk_durable(bench.disk), 1);
    cr_assert_eq(last_offset(bench.journal), 2);
    journal_disk_crash(bench.disk);
    cr_assert_eq(open_journal(&bench, NULL), RESULT_OK);
    cr_assert_whole(&bench, 1);
    cr_assert_found(&bench, 1, 1, 1);
    cr_assert_found(&bench, 1, 2, 0);
    struct journal_refusal out[2];
    size_t count;
    cr_assert_eq(bench.journal->operations->refusals(bench.journal, 0, 0, 0, out, 2, &count, NULL),
                 RESULT_OK);
    cr_assert_eq(count, 1);
    stop(&bench);
}

Test(journal_memory, a_torn_batch_breaks_the_chain) {
    struct bench bench;
    start(&bench, MEMORY);
    for (int round = 0; round < 5; round++)
        append_one(&bench, 2);
    cr_assert_not(journal_disk_tear(bench.disk, 11));
    cr_assert(journal_disk_tear(bench.disk, 6));
    uint64_t last;
    cr_assert_eq(walk(bench.journal, &last), RESULT_CORRUPT);
    stop(&bench);
}

/* What only a file can show. */

static void execute(const char *path, const char *sql) {
    sqlite3 *database;
    char *message = NULL;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, &message), SQLITE_OK, "%s", message);
    cr_assert_eq(sqlite3_close(database), SQLITE_OK);
}

Test(journal_sqlite, the_file_is_the_owners_alone) {
    struct bench bench;
    char log[128];
    struct stat status;
    start(&bench, SQLITE);
    append_one(&bench, 1);
    cr_assert_eq(stat(bench.path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    snprintf(log, sizeof log, "%s-wal", bench.path);
    cr_assert_eq(stat(log, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    snprintf(log, sizeof log, "%s-shm", bench.path);
    cr_assert_neq(stat(log, &status), 0, "one process alone needs no shared memory");
    stop(&bench);
}

/* A log that grows costs every commit a second write. 2,500 lone appends are more pages than it has. */
Test(journal_sqlite, lone_appends_overwrite_a_log_that_stands_already) {
    struct bench bench;
    char log[128];
    struct stat opened, used;
    uint64_t last;
    start(&bench, SQLITE);
    snprintf(log, sizeof log, "%s-wal", bench.path);
    cr_assert_eq(stat(log, &opened), 0);
    cr_assert_eq(opened.st_size, 16 << 20);
    cr_assert_geq(opened.st_blocks * 512, 16 << 20, "written, not only long");
    for (int round = 0; round < 2500; round++)
        append_one(&bench, 1);
    cr_assert_eq(stat(log, &used), 0);
    cr_assert_eq(used.st_size, opened.st_size);
    reopen(&bench);
    cr_assert_eq(walk(bench.journal, &last), RESULT_OK);
    cr_assert_eq(last, 2500);
    stop(&bench);
}

Test(journal_sqlite, an_edited_row_is_found) {
    static const char *const edits[] = {
        "UPDATE batch SET records = zeroblob(length(records)) WHERE first_offset = 3",
        "UPDATE batch SET time_ms = time_ms + 1 WHERE first_offset = 3",
        "UPDATE batch SET day = day + 1 WHERE first_offset = 3",
        "UPDATE batch SET hash = zeroblob(32) WHERE first_offset = 3",
        "UPDATE batch SET count = count + 1 WHERE first_offset = 3",
        "UPDATE batch SET count = count - 1 WHERE first_offset = 3",
        "UPDATE batch SET hash = x'00' WHERE first_offset = 3",
        "DELETE FROM batch WHERE first_offset = 3",
    };
    for (size_t index = 0; index < sizeof edits / sizeof *edits; index++) {
        struct bench bench;
        struct journal_batch batch;
        start(&bench, SQLITE);
        for (int round = 0; round < 5; round++)
            append_one(&bench, 2);
        bench.journal->operations->close(&bench.journal);
        execute(bench.path, edits[index]);
        cr_assert_eq(open_journal(&bench, NULL), RESULT_OK);
        uint8_t previous[JOURNAL_HASH_SIZE] = {0}, hash[JOURNAL_HASH_SIZE];
        uint64_t next = 1;
        enum result result = RESULT_OK;
        while (result == RESULT_OK && next <= 10) {
            result = bench.journal->operations->read(bench.journal, next, &batch, NULL);
            if (result != RESULT_OK)
                break;
            journal_hash(previous, &batch.header, batch.records, batch.size, hash);
            if (memcmp(hash, batch.hash, sizeof hash) != 0 || batch.header.first_offset != next)
                result = RESULT_CORRUPT;
            memcpy(previous, batch.hash, sizeof hash);
            next += batch.header.count;
        }
        cr_assert_eq(result, RESULT_CORRUPT, "not found: %s", edits[index]);
        stop(&bench);
    }
}

Test(journal_sqlite, an_edited_last_row_is_found_at_opening) {
    struct bench bench;
    struct failure why = {0};
    start(&bench, SQLITE);
    append_one(&bench, 2);
    append_one(&bench, 2);
    bench.journal->operations->close(&bench.journal);
    execute(bench.path, "UPDATE batch SET time_ms = time_ms + 1 WHERE first_offset = 3");
    cr_assert_eq(open_journal(&bench, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "JOURNAL_CHAIN");
    stop(&bench);
}

/* Made by the first release, before lists for one device or code had indexes. */
Test(journal_sqlite, an_older_layout_is_brought_up_to_date) {
    struct bench bench;
    struct failure why = {0};
    const struct journal_refusal refusal = {2, 7, 40, 3671011001u};
    struct journal_refusal out[4];
    size_t count;
    start(&bench, SQLITE);
    cr_assert_eq(append_with(&bench, 2, NULL, 0, &refusal, 1, NULL), RESULT_OK);
    bench.journal->operations->close(&bench.journal);
    execute(bench.path, "DROP INDEX refusal_of_code; DROP INDEX refusal_of_device; PRAGMA user_version=1");
    cr_assert_eq(open_journal(&bench, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(bench.journal->operations->refusals(bench.journal, 0, 0, 7, out, 4, &count, NULL),
                 RESULT_OK);
    cr_assert(count == 1 && out[0].offset == 2);
    bench.journal->operations->close(&bench.journal);
    /* Fails where the index is there no longer, or not yet. */
    execute(bench.path, "DROP INDEX refusal_of_code; DROP INDEX refusal_of_device");
    stop(&bench);
}

Test(journal_sqlite, files_of_others_are_left_alone) {
    struct bench bench;
    struct failure why = {0};
    start(&bench, SQLITE);
    bench.journal->operations->close(&bench.journal);
    execute(bench.path, "PRAGMA user_version=3");
    cr_assert_eq(open_journal(&bench, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_VERSION");
    execute(bench.path, "PRAGMA user_version=2; PRAGMA application_id=7");
    cr_assert_eq(open_journal(&bench, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_FOREIGN");
    cr_assert_eq(unlink(bench.path), 0);
    execute(bench.path, "CREATE TABLE notes(text)");
    cr_assert_eq(open_journal(&bench, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_FOREIGN");
    FILE *file = fopen(bench.path, "w");
    for (int line = 0; line < 100; line++)
        fprintf(file, "This is no database, and nobody may write to it.\n");
    fclose(file);
    cr_assert_eq(open_journal(&bench, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "JOURNAL_FOREIGN");
    struct stat status;
    cr_assert_eq(stat(bench.path, &status), 0);
    cr_assert_eq(status.st_size, 100 * 49, "the file is as it was");
    stop(&bench);
}

Test(journal_sqlite, a_path_that_cant_be_is_one_sentence) {
    struct journal *journal = (struct journal *)1;
    struct failure why = {0};
    char long_path[600];
    cr_assert_eq(journal_sqlite_open(&journal, "/nonexistent/journal.db", &why), RESULT_IO);
    cr_assert_null(journal);
    cr_assert(strstr(why.sentence, "/nonexistent/journal.db"));
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    cr_assert_eq(journal_sqlite_open(&journal, long_path, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "PATH_LONG");
}

/* SQLite's own file system, but that the journal's file fails as a worn disk does; its log does not. */
static struct {
    sqlite3_vfs vfs;
    const sqlite3_io_methods *sound;
    sqlite3_io_methods worn;
    int read_code, write_code; /* what it answers; SQLITE_OK: as it is */
} disk;

static int worn_read(sqlite3_file *file, void *out, int size, sqlite3_int64 at) {
    return disk.read_code != SQLITE_OK ? disk.read_code : disk.sound->xRead(file, out, size, at);
}

static int worn_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at) {
    return disk.write_code != SQLITE_OK ? disk.write_code : disk.sound->xWrite(file, data, size, at);
}

static int worn_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out) {
    sqlite3_vfs *sound = sqlite3_vfs_find("unix");
    (void)vfs;
    int code = sound->xOpen(sound, name, file, flags, flags_out);
    if (code != SQLITE_OK || !(flags & SQLITE_OPEN_MAIN_DB))
        return code;
    disk.sound = file->pMethods;
    disk.worn = *disk.sound;
    disk.worn.xRead = worn_read;
    disk.worn.xWrite = worn_write;
    file->pMethods = &disk.worn;
    return code;
}

static void start_on_worn_disk(struct bench *bench) {
    if (!sqlite3_vfs_find("worn")) {
        disk.vfs = *sqlite3_vfs_find("unix");
        disk.vfs.zName = "worn";
        disk.vfs.xOpen = worn_open;
        cr_assert_eq(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
    }
    start(bench, SQLITE);
}

/* More than the log gathers before an append moves it into the journal. */
static void append_four_mib(struct bench *bench) {
    for (int round = 0; round < 4; round++)
        append_one(bench, (1 << 20) / RECORD_BYTES);
}

Test(journal_sqlite, a_log_that_cant_be_moved_is_told_to_the_next_append) {
    struct bench bench;
    struct failure why = {0};
    start_on_worn_disk(&bench);
    disk.write_code = SQLITE_IOERR_WRITE;
    append_four_mib(&bench); /* durable in the log */
    uint64_t stored = last_offset(bench.journal);
    cr_assert_eq(append_with(&bench, 1, NULL, 0, NULL, 0, &why), RESULT_IO);
    cr_assert_str_eq(why.code, "JOURNAL_IO", "%s", why.sentence);
    cr_assert_eq(append_with(&bench, 1, NULL, 0, NULL, 0, &why), RESULT_IO, "until somebody looks");
    disk.write_code = SQLITE_OK;
    cr_assert_eq(bench.journal->operations->idle(bench.journal, &why), RESULT_OK);
    append_one(&bench, 1);
    reopen(&bench);
    cr_assert_whole(&bench, stored + 1);
    stop(&bench);
}

Test(journal_sqlite, a_log_that_finds_no_room_in_the_journal_is_no_reason_to_refuse) {
    struct bench bench;
    start_on_worn_disk(&bench);
    disk.write_code = SQLITE_FULL;
    append_four_mib(&bench);
    append_one(&bench, 1);
    cr_assert_eq(bench.journal->operations->idle(bench.journal, NULL), RESULT_FULL);
    append_one(&bench, 1);
    disk.write_code = SQLITE_OK;
    uint64_t stored = last_offset(bench.journal);
    reopen(&bench);
    cr_assert_whole(&bench, stored);
    stop(&bench);
}

/* What nobody can read is as lost as what is wrong; it is no reason to stop, and what is new is stored. */
Test(journal_sqlite, sectors_that_cant_be_read_are_corrupt_and_the_rest_goes_on) {
    static const int codes[] = {SQLITE_IOERR_READ, SQLITE_IOERR_CORRUPTFS};
    const struct journal_run run = {1, 1, 2};
    const struct journal_refusal refusal = {1, 1, 40, 0};
    struct journal_refusal refusals[1];
    struct journal_batch batch;
    size_t count;
    for (size_t index = 0; index < sizeof codes / sizeof *codes; index++) {
        struct bench bench;
        uint64_t first_offset;
        struct failure why = {0};
        start_on_worn_disk(&bench);
        cr_assert_eq(append_with(&bench, 2, &run, 1, &refusal, 1, NULL), RESULT_OK);
        for (int round = 0; round < 300; round++)
            append_one(&bench, 100);
        reopen(&bench); /* nothing but the head is in its memory then */
        const struct journal_operations *operations = bench.journal->operations;
        disk.read_code = codes[index];
        cr_assert_eq(operations->read(bench.journal, 1, &batch, &why), RESULT_CORRUPT, "%s", why.sentence);
        cr_assert_eq(operations->find(bench.journal, 1, 1, &first_offset, &why), RESULT_CORRUPT);
        cr_assert_eq(operations->refusals(bench.journal, 0, 0, 0, refusals, 1, &count, &why), RESULT_CORRUPT);
        cr_assert_str_eq(why.code, "JOURNAL_CORRUPT");
        disk.read_code = SQLITE_OK;
        append_one(&bench, 1);
        cr_assert_whole(&bench, 30003);
        stop(&bench);
    }
}

/* The child appends for ever and tells each offset once it is stored. */
static void append_for_ever(struct bench *bench, int report) {
    static uint8_t bytes[64 * RECORD_BYTES];
    bench->bytes = bytes;
    if (open_journal(bench, NULL) != RESULT_OK)
        _exit(1);
    for (uint32_t round = 0;; round++) {
        struct journal_batch head;
        if (bench->journal->operations->head(bench->journal, &head, NULL) != RESULT_OK)
            _exit(2);
        uint64_t next = head.header.first_offset + head.header.count + (head.header.count == 0);
        struct journal_batch batch = batch_at(bench, next, 1 + round % 64);
        struct journal_run run = {7, next, batch.header.count};
        if (bench->journal->operations->append(bench->journal, &batch, &run, 1, NULL, 0, NULL) != RESULT_OK)
            _exit(3);
        if (round % 300 == 299 && bench->journal->operations->idle(bench->journal, NULL) != RESULT_OK)
            _exit(4);
        uint64_t last = next + batch.header.count - 1;
        if (write(report, &last, sizeof last) != sizeof last)
            _exit(5);
    }
}

/* Lets a child append for some milliseconds, kills it, and returns the last offset it was told is stored. */
static uint64_t append_and_kill(struct bench *bench, useconds_t after_us, uint64_t before) {
    int ends[2];
    uint64_t stored = before, last;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        append_for_ever(bench, ends[1]);
    close(ends[1]);
    cr_assert_eq(read(ends[0], &stored, sizeof stored), (ssize_t)sizeof stored, "the child stored nothing");
    usleep(after_us);
    kill(child, SIGKILL);
    while (read(ends[0], &last, sizeof last) == (ssize_t)sizeof last)
        stored = last;
    close(ends[0]);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the child ended by itself: %d", status);
    return stored;
}

Test(journal_sqlite, a_killed_writer_leaves_an_exact_prefix) {
    struct bench bench;
    uint64_t stored = 0;
    start(&bench, SQLITE);
    for (useconds_t round = 0; round < 20; round++) {
        bench.journal->operations->close(&bench.journal);
        stored = append_and_kill(&bench, round * 3700 % 20000, stored);
        cr_assert_eq(open_journal(&bench, NULL), RESULT_OK);
        uint64_t last = last_offset(bench.journal);
        /* All that was said to be stored, and at most the one batch on the way. */
        cr_assert(last >= stored && last <= stored + 64, "stored %llu, found %llu",
                  (unsigned long long)stored, (unsigned long long)last);
        cr_assert_whole(&bench, last);
        struct journal_batch head;
        cr_assert_eq(bench.journal->operations->head(bench.journal, &head, NULL), RESULT_OK);
        cr_assert_found(&bench, 7, last, head.header.first_offset);
        cr_assert_found(&bench, 7, last + 1, 0);
        for (uint64_t sequence = 1 + round; sequence <= last; sequence += 97) {
            struct journal_batch batch;
            cr_assert_eq(bench.journal->operations->read(bench.journal, sequence, &batch, NULL), RESULT_OK);
            cr_assert_found(&bench, 7, sequence, batch.header.first_offset);
        }
    }
    stop(&bench);
}
