/* snapshots.c - tests of a partition's snapshots: the newest that belongs to the journal is used, and none
 * that a zombie left. */
#include "billing/snapshots.h"
#include "ledger_journal_memory.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct region_table regions;
static struct tariff tariff;
static struct partition_config config;
static struct ledger_disk *disk;
static char directory[SCRATCH_PATH];
static struct failure why;
static month_t november;

static void set_up(void) {
    november = calendar_month(calendar_day(2026, 11, 1));
    regions = (struct region_table){.city_code = 3671};
    region_table_add(&regions, 3671011001, "A", "Satu", 1);
    tariff = (struct tariff){
        .count = 1,
        .rows = {{.segment = SEGMENT_PBPU_PEMDA, .care_class = 3, .share = {[PAYER_CITY_IURAN] = 35000}}}};
    config = (struct partition_config){
        .count = 1, .first_month = november, .regions = &regions, .tariff = &tariff};
    disk = ledger_disk_new();
    scratch_make(directory);
}

static void tear_down(void) {
    ledger_disk_destroy(&disk);
    scratch_remove(directory);
}
TestSuite(snapshots, .init = set_up, .fini = tear_down);

/* Enrolments 1, 2, 3 ... of members of the same number: all the feed there is. */
static void step_to(struct partition *partition, uint64_t offset) {
    for (uint64_t i = partition_position(partition) + 1; i <= offset; i++) {
        struct record record = {.offset = i,
                                .member_id = (uint32_t)i,
                                .kind = CHANGE_ENROL,
                                .effective_day = calendar_day(2026, 11, 2),
                                .has_after = true,
                                .after = {.identity = UINT64_C(3671010101900000) + i,
                                          .kelurahan = 3671011001,
                                          .payer_month = (month_t)(november + 20),
                                          .segment = SEGMENT_PBPU_PEMDA,
                                          .status = STATUS_ACTIVE,
                                          .care_class = 3}};
        cr_assert_eq(partition_step(partition, &record, &why), RESULT_OK, "%s", why.sentence);
    }
}

struct owner {
    struct ledger_journal *journal;
    struct partition *partition;
    uint64_t epoch;
};

static struct owner take_over(uint64_t epoch, uint64_t position_max) {
    struct owner owner = {.epoch = epoch};
    cr_assert_eq(ledger_journal_memory_open(&owner.journal, disk, 0, epoch, &why), RESULT_OK);
    cr_assert_eq(
        snapshots_restore_until(&owner.partition, &config, directory, owner.journal, position_max, &why),
        RESULT_OK, "%s", why.sentence);
    return owner;
}

static void let_go(struct owner *owner) {
    partition_destroy(&owner->partition);
    owner->journal->operations->close(&owner->journal);
}

static void close_month(struct owner *owner, month_t month, uint64_t offset) {
    static struct ledger_sums sums;
    struct ledger_entry entry;
    struct partition_order order = {.act = PARTITION_CLOSE, .offset = offset, .month = month};
    cr_assert_eq(partition_act(owner->partition, &order, 1, &sums, &why), RESULT_OK, "%s", why.sentence);
    while (partition_take(owner->partition, 1, &entry)) {
        cr_assert_eq(owner->journal->operations->append(owner->journal, &entry, &why), RESULT_OK);
        partition_committed(owner->partition, &entry);
    }
}

static void write_one(const struct owner *owner) {
    cr_assert_eq(snapshots_write(owner->partition, directory, owner->epoch, &why), RESULT_OK, "%s",
                 why.sentence);
}

static unsigned count_files(const char *part) {
    unsigned count = 0;
    DIR *stream = opendir(directory);
    for (struct dirent *entry; (entry = readdir(stream));)
        count += strstr(entry->d_name, part) != NULL;
    closedir(stream);
    return count;
}

Test(snapshots, none_is_the_beginning) {
    struct owner first = take_over(1, UINT64_MAX);
    cr_assert_eq(partition_position(first.partition), 0);
    step_to(first.partition, 5);
    close_month(&first, november, 5);
    let_go(&first);
    struct owner second = take_over(2, UINT64_MAX);
    cr_assert_eq(partition_position(second.partition), 0);
    cr_assert_eq(partition_sequence(second.partition), 1, "its entry is recalled");
    step_to(second.partition, 6);
    cr_assert_eq(partition_open_month(second.partition), november + 1);
    let_go(&second);
}

Test(snapshots, the_newest_is_used_and_two_are_kept) {
    for (uint64_t epoch = 1; epoch <= 4; epoch++) {
        struct owner owner = take_over(epoch, UINT64_MAX);
        cr_assert_eq(partition_position(owner.partition), (epoch - 1) * 10);
        step_to(owner.partition, epoch * 10);
        if (epoch % 2)
            close_month(&owner, (month_t)(november + epoch / 2), epoch * 10);
        write_one(&owner);
        let_go(&owner);
    }
    cr_assert_eq(count_files("snapshot-"), 2);
    struct owner last = take_over(5, UINT64_MAX);
    cr_assert_eq(partition_position(last.partition), 40);
    cr_assert_eq(partition_sequence(last.partition), 2);
    write_one(&last);
    write_one(&last); /* over its own */
    cr_assert_eq(count_files("snapshot-"), 2);
    let_go(&last);
}

Test(snapshots, a_damaged_one_is_set_aside) {
    char path[SCRATCH_PATH + 64];
    for (uint64_t epoch = 1; epoch <= 2; epoch++) {
        struct owner owner = take_over(epoch, UINT64_MAX);
        step_to(owner.partition, epoch * 10);
        write_one(&owner);
        let_go(&owner);
    }
    snprintf(path, sizeof path, "%s/snapshot-00000000000000000002", directory);
    int descriptor = open(path, O_WRONLY);
    cr_assert_eq(pwrite(descriptor, "xxxx", 4, 300), 4);
    close(descriptor);
    struct owner third = take_over(3, UINT64_MAX);
    cr_assert_eq(partition_position(third.partition), 10, "the one before");
    cr_assert_eq(count_files(".bad"), 1);
    let_go(&third);
}

/* It has lost its lease, goes on beyond the close of its successor and leaves a snapshot there. */
Test(snapshots, a_zombies_is_not_used) {
    struct owner zombie = take_over(1, UINT64_MAX);
    step_to(zombie.partition, 10);
    write_one(&zombie);
    struct owner second = take_over(2, UINT64_MAX);
    step_to(second.partition, 20);
    close_month(&second, november, 20);
    let_go(&second);
    step_to(zombie.partition, 30);
    write_one(&zombie);
    let_go(&zombie);
    struct owner third = take_over(3, UINT64_MAX);
    cr_assert_eq(partition_position(third.partition), 0);
    step_to(third.partition, 25);
    cr_assert_eq(partition_open_month(third.partition), november + 1);
    let_go(&third);
}

/* The same while the close is not in the journal yet: only the barrier that runs tells. */
Test(snapshots, none_beyond_a_barrier_that_runs) {
    struct owner zombie = take_over(1, UINT64_MAX);
    step_to(zombie.partition, 30);
    write_one(&zombie);
    let_go(&zombie);
    struct owner second = take_over(2, 29);
    cr_assert_eq(partition_position(second.partition), 0);
    step_to(second.partition, 29);
    close_month(&second, november, 29);
    let_go(&second);
    struct owner third = take_over(3, UINT64_MAX);
    cr_assert_eq(partition_position(third.partition), 0, "now the journal tells, too");
    let_go(&third);
}

/* One that knows an entry that the journal has lost, as after a copy from yesterday. */
Test(snapshots, none_newer_than_the_journal) {
    struct owner first = take_over(1, UINT64_MAX);
    ledger_disk_drop_syncs(disk, true);
    step_to(first.partition, 10);
    close_month(&first, november, 10);
    write_one(&first);
    let_go(&first);
    ledger_disk_crash(disk);
    ledger_disk_drop_syncs(disk, false);
    struct owner second = take_over(2, UINT64_MAX);
    cr_assert_eq(partition_position(second.partition), 0);
    cr_assert_eq(partition_open_month(second.partition), november);
    step_to(second.partition, 12); /* another history: entry 1 is another one now */
    close_month(&second, november, 12);
    let_go(&second);
    struct owner third = take_over(3, UINT64_MAX);
    cr_assert_eq(partition_position(third.partition), 0);
    let_go(&third);
}

Test(snapshots, later_where_something_waits) {
    static struct ledger_sums sums;
    struct owner owner = take_over(1, UINT64_MAX);
    struct partition_order order = {.act = PARTITION_CLOSE, .offset = 3, .month = november};
    step_to(owner.partition, 3);
    cr_assert_eq(partition_act(owner.partition, &order, 1, &sums, &why), RESULT_OK);
    cr_assert_eq(snapshots_write(owner.partition, directory, 1, &why), RESULT_AGAIN);
    cr_assert_eq(count_files("snapshot-"), 0, "not even half of one");
    let_go(&owner);
}

Test(snapshots, what_the_disk_says_is_passed_on) {
    struct owner owner = take_over(1, UINT64_MAX);
    struct partition *none = NULL;
    cr_assert_eq(snapshots_write(owner.partition, "/nowhere/at/all", 1, &why), RESULT_IO);
    cr_assert_eq(snapshots_restore(&none, &config, "/nowhere/at/all", owner.journal, &why), RESULT_OK);
    partition_destroy(&none); /* no directory yet: nobody wrote one */
    step_to(owner.partition, 3);
    close_month(&owner, november, 3);
    cr_assert(ledger_disk_damage(disk, 0, 1));
    cr_assert_eq(snapshots_restore(&none, &config, directory, owner.journal, &why), RESULT_CORRUPT);
    cr_assert_null(none);
    let_go(&owner);
}
