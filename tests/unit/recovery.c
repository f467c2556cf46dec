/* recovery.c - starts of enrollment (services/enrollment/recovery.h): snapshot and tail, and what is wrong
 * with either. */
#include "enrollment/snapshotter.h"
#include "enrollment_office.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void set_up(void) {
    office_set_up(CITY_DIRECTORY);
}
TestSuite(recovery, .init = set_up, .fini = office_tear_down);

static uint64_t head(void) {
    return registry_next_offset(office.registry) - 1;
}

static void save_snapshot(void) {
    struct snapshotter snapshotter = {0};
    struct failure why;
    snprintf(snapshotter.path, sizeof snapshotter.path, "%s", office.snapshot);
    cr_assert_eq(snapshotter_final(&snapshotter, office.registry, office.journal, &why), RESULT_OK, "%s",
                 why.sentence);
}

/* Starts again and sees that nothing is different. */
static void restart_unchanged(void) {
    uint64_t digest = registry_digest(office.registry), offset = head();
    office_close();
    office_open();
    cr_assert_eq(registry_digest(office.registry), digest);
    cr_assert_eq(head(), offset);
}

static void copy_file(const char *from, const char *to) {
    char buffer[1 << 16];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(in >= 0 && out >= 0);
    for (ssize_t size; (size = read(in, buffer, sizeof buffer)) > 0;)
        cr_assert_eq(write(out, buffer, (size_t)size), size);
    close(in);
    close(out);
}

static void refuses_to_start(const char *code) {
    struct failure why;
    office_close();
    cr_assert_eq(office_open_result(&why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, code);
    cr_assert_null(office.recovery.registry);
}

static void send_three_batches(void) {
    for (uint64_t i = 0; i < 3; i++) {
        office_send(2, 1 + i * 4, 100 + i * 4, 4);
        office_commit();
    }
}

Test(recovery, an_empty_journal_gives_an_empty_registry) {
    office_close();
    cr_assert_eq(unlink(office.path), 0);
    office_open();
    cr_assert_eq(head(), 0);
    cr_assert_eq(office.recovery.head.count, 0);
    cr_assert_eq(office.recovery.replayed, 0);
    cr_assert_not(office.recovery.snapshot_bad);
    save_snapshot();
    restart_unchanged();
    cr_assert_not(office.recovery.snapshot_bad, "a snapshot of nothing is none that failed");
}

Test(recovery, the_journal_alone_is_enough) {
    send_three_batches();
    restart_unchanged();
    cr_assert_eq(office.recovery.replayed, head());
    cr_assert_eq(office.recovery.snapshot_offset, 0);
    cr_assert_eq(office.recovery.head.time_ms, OFFICE_NOW_MS);
}

Test(recovery, a_snapshot_leaves_only_the_tail_to_replay) {
    send_three_batches();
    save_snapshot();
    uint64_t saved = head();
    restart_unchanged();
    cr_assert_eq(office.recovery.snapshot_offset, saved);
    cr_assert_eq(office.recovery.replayed, 0);
    office_send(2, 13, 300, 5);
    office_commit();
    restart_unchanged();
    cr_assert_eq(office.recovery.snapshot_offset, saved);
    cr_assert_eq(office.recovery.replayed, 5);
    office_send(2, 18, 305, 1); /* and it goes on from there */
    office_commit();
    cr_assert_eq(office_ack(0).refusal, REFUSAL_NONE);
}

Test(recovery, a_snapshot_with_a_wrong_byte_is_set_aside_and_the_journal_replayed) {
    send_three_batches();
    save_snapshot();
    int file = open(office.snapshot, O_RDWR);
    uint8_t byte;
    cr_assert_eq(pread(file, &byte, 1, 200), 1);
    byte ^= 0x10;
    cr_assert_eq(pwrite(file, &byte, 1, 200), 1);
    close(file);
    restart_unchanged();
    cr_assert(office.recovery.snapshot_bad);
    cr_assert_eq(office.recovery.replayed, head());
    char bad[128];
    snprintf(bad, sizeof bad, "%s.bad", office.snapshot);
    cr_assert_eq(access(bad, F_OK), 0, "kept for who wants to know why");
}

/* It was deleted, or its disk is not mounted: a start would begin an empty city in silence. */
Test(recovery, an_empty_journal_beside_a_snapshot_is_a_lost_one) {
    send_three_batches();
    save_snapshot();
    office_close();
    cr_assert_eq(unlink(office.path), 0);
    struct failure why;
    cr_assert_eq(office_open_result(&why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "JOURNAL_LOST");
    cr_assert_null(office.recovery.registry);
    cr_assert_eq(access(office.snapshot, F_OK), 0, "what is left is not touched");
    office_close();
    office.accept_lost_end = true;
    cr_assert_eq(office_open_result(&why), RESULT_CORRUPT, "a journal that lost all lost more than its end");
    cr_assert_str_eq(why.code, "JOURNAL_LOST");
    office_close();
    cr_assert_eq(unlink(office.snapshot), 0);
    office_open();
    cr_assert_eq(head(), 0, "as the sentence says");
}

Test(recovery, a_snapshot_of_another_journal_is_not_used) {
    char other[128];
    office_send(2, 1, 500, 8);
    office_commit();
    save_snapshot();
    snprintf(other, sizeof other, "%s.other", office.snapshot);
    copy_file(office.snapshot, other);
    office_close();
    cr_assert_eq(unlink(office.path), 0);
    cr_assert_eq(unlink(office.snapshot), 0);
    office_open();
    office_add_device(1, ROLE_KADER);
    office_add_device(2, ROLE_BPJS);
    office_send(2, 1, 100, 8); /* as many records, other people */
    office_commit();
    copy_file(other, office.snapshot);
    restart_unchanged();
    cr_assert(office.recovery.snapshot_bad);
    cr_assert_eq(office.recovery.snapshot_offset, 0);
}

Test(recovery, a_journal_that_ends_before_its_snapshot_has_lost_acknowledged_events) {
    struct failure why;
    char old[128];
    send_three_batches();
    uint64_t offset = head(), digest = registry_digest(office.registry);
    office_close();
    snprintf(old, sizeof old, "%s.old", office.path);
    copy_file(office.path, old);
    office_open();
    office_send(2, 13, 300, 5);
    office_commit();
    save_snapshot();
    office_close();
    copy_file(old, office.path); /* a copy from before was restored */
    cr_assert_eq(office_open_result(&why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "JOURNAL_LOST_END", "%s", why.sentence);
    cr_assert_not_null(strstr(why.sentence, "--accept-lost-records"), "%s", why.sentence);
    office_close();
    office.accept_lost_end = true;
    office_open();
    cr_assert_eq(office.recovery.lost_offset, offset + 5);
    cr_assert_not(office.recovery.snapshot_bad, "nothing is wrong with it but what it tells");
    cr_assert_eq(head(), offset);
    cr_assert_eq(registry_digest(office.registry), digest);
    office.accept_lost_end = false;
    office_send(2, 13, 400, 2);
    office_commit(); /* and the power fails */
    restart_unchanged();
    cr_assert_eq(office.recovery.lost_offset, 0, "the loss was accepted once, and is told no more");
    cr_assert_eq(office.recovery.snapshot_offset, offset);
    cr_assert_eq(office.recovery.replayed, 2);
    save_snapshot();
    office_close();
    copy_file(old, office.path);
    cr_assert_eq(office_open_result(&why), RESULT_CORRUPT, "a further loss is another one");
    cr_assert_str_eq(why.code, "JOURNAL_LOST_END", "%s", why.sentence);
}

Test(recovery, an_edited_record_breaks_the_chain_and_the_start_says_where) {
    send_three_batches();
    office_close();
    office_edit_journal(
        "UPDATE batch SET records = CAST(zeroblob(length(records)) AS BLOB) WHERE first_offset = 3");
    refuses_to_start("JOURNAL_CHAIN_BROKEN");
}

Test(recovery, an_edited_time_breaks_the_chain_as_well) {
    send_three_batches();
    office_close();
    office_edit_journal("UPDATE batch SET time_ms = time_ms - 1 WHERE first_offset = 3");
    refuses_to_start("JOURNAL_CHAIN_BROKEN");
}

Test(recovery, a_missing_batch_is_no_end_of_the_journal) {
    send_three_batches();
    office_close();
    office_edit_journal("DELETE FROM batch WHERE first_offset = 3");
    refuses_to_start("JOURNAL_CORRUPT");
}

Test(recovery, the_chain_is_checked_from_the_snapshot_on) {
    send_three_batches();
    save_snapshot();
    office_send(2, 13, 300, 5);
    office_commit();
    office_send(2, 18, 305, 5);
    office_commit();
    office_close();
    office_edit_journal("UPDATE batch SET day = day + 1 WHERE first_offset = 15");
    refuses_to_start("JOURNAL_CHAIN_BROKEN");
}

Test(recovery, a_child_writes_the_snapshot_while_the_service_goes_on) {
    struct snapshotter snapshotter = {0};
    snprintf(snapshotter.path, sizeof snapshotter.path, "%s", office.snapshot);
    uint64_t records = 0;
    for (uint64_t sequence = 1; records < SNAPSHOT_RECORDS_AT_REST; sequence += 200, records += 200) {
        office.time.monotonic_ms += 1000;
        office_send(2, sequence, 1000 + sequence, 200);
        office_commit();
    }
    uint64_t saved = head();
    office_send(2, records + 1, 900000, 1);
    snapshotter_work(&snapshotter, office.registry, office.journal, true, 1000);
    cr_assert_eq(snapshotter.child, 0, "not while the registry is ahead of the journal");
    office_commit();
    snapshotter_work(&snapshotter, office.registry, office.journal, false, 1000);
    cr_assert_eq(snapshotter.child, 0, "not yet while there is work");
    snapshotter_work(&snapshotter, office.registry, office.journal, true, 1000);
    cr_assert_gt(snapshotter.child, 0);
    office_send(2, records + 2, 900001, 1);
    office_commit();
    siginfo_t ended;
    cr_assert_eq(waitid(P_PID, (id_t)snapshotter.child, &ended, WEXITED | WNOWAIT), 0);
    snapshotter_work(&snapshotter, office.registry, office.journal, true, 2000);
    cr_assert_eq(snapshotter.child, 0);
    cr_assert_eq(snapshotter.done_offset, saved + 1);
    restart_unchanged();
    cr_assert_eq(office.recovery.snapshot_offset, saved + 1);
    cr_assert_eq(office.recovery.replayed, 1);
}

Test(recovery, a_snapshot_that_can_not_be_written_is_tried_again_later) {
    struct snapshotter snapshotter = {.path = "/proc/no/such/place"};
    uint64_t sequence = 1;
    for (; sequence <= SNAPSHOT_RECORDS_AT_REST; sequence += 200) {
        office.time.monotonic_ms += 1000;
        office_send(2, sequence, 1000 + sequence, 200);
        office_commit();
    }
    snapshotter_work(&snapshotter, office.registry, office.journal, true, 1000);
    cr_assert_gt(snapshotter.child, 0);
    siginfo_t ended;
    cr_assert_eq(waitid(P_PID, (id_t)snapshotter.child, &ended, WEXITED | WNOWAIT), 0);
    snapshotter_work(&snapshotter, office.registry, office.journal, true, 2000);
    cr_assert_eq(snapshotter.child, 0, "not at once");
    cr_assert_eq(snapshotter.done_offset, 0);
    snapshotter_work(&snapshotter, office.registry, office.journal, true, 2000 + 60000);
    cr_assert_gt(snapshotter.child, 0);
    cr_assert_eq(waitpid(snapshotter.child, NULL, 0), snapshotter.child);
}
