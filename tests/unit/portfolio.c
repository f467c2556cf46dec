/* portfolio.c - a worker's partitions through grants, barriers, freezes, full disks and losses, on real
 * journals and snapshots, with the feed in memory. */
#include "ledger_history.h"
#include "portfolio_owner.h"
#include "scratch.h"

#include "billing/snapshots.h"
#include "store/city_tariff.h"
#include "store/ledger_journal_files.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define PARTITIONS 4
#define CLOSE_ID   71

static char state[SCRATCH_PATH];
static struct history *history;
static struct owner_feed feed;
static struct tariff tariff;
static month_t first_month;
static struct owner one, two;

static void begin(struct owner *owner) {
    owner_begin(owner, state, &history->regions, &tariff, PARTITIONS, first_month, &feed);
}

static void grant_all(struct owner *owner, uint64_t epoch) {
    for (uint32_t i = 0; i < PARTITIONS; i++)
        owner_grant(owner, i, epoch);
}

static void setup(void) {
    struct failure why;
    scratch_make(state);
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK);
    history = history_begin(20);
    while (history_go(history))
        ;
    first_month = calendar_month(calendar_day(2026, 11, 1));
    feed = (struct owner_feed){.records = history->records, .head = history->count};
    begin(&one);
    begin(&two);
}

static void teardown(void) {
    owner_end(&one);
    owner_end(&two);
    history_end(&history);
    scratch_remove(state);
}
TestSuite(portfolio, .init = setup, .fini = teardown);

static struct held *slot(struct owner *owner, uint32_t partition) {
    return &owner->portfolio->held[partition];
}

static uint64_t digest(struct owner *owner, uint32_t partition) {
    cr_assert_eq(slot(owner, partition)->state, HELD_READY);
    return ledger_digest(partition_ledger(slot(owner, partition)->partition));
}

static struct partition_order close_at(uint64_t offset) {
    return (struct partition_order){.act = PARTITION_CLOSE, .offset = offset, .month = first_month};
}

/* Holds, runs to the offset and closes; the answers are taken. */
static void close_all(struct owner *owner, uint64_t offset) {
    struct partition_order order = close_at(offset);
    owner_barrier(owner, CLOSE_ID, true, &order);
    owner_rest(owner);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(owner_held(owner, i)->answer_barrier, CLOSE_ID);
    owner_barrier(owner, 0, false, NULL);
    owner_rest(owner);
}

static unsigned count_files(uint32_t partition, const char *prefix) {
    char path[BILLING_PATH];
    unsigned count = 0;
    billing_partition_path(path, state, partition);
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    if (directory)
        closedir(directory);
    return count;
}

static struct ledger_journal *read_journal(uint32_t partition) {
    char path[BILLING_PATH];
    struct ledger_journal *journal = NULL;
    struct failure why = {0};
    billing_partition_path(path, state, partition);
    struct ledger_journal_place place = {path, partition, PARTITIONS, first_month};
    enum result result = ledger_journal_files_read(&journal, &place, &why);
    cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
    return journal;
}

static uint64_t stored(uint32_t partition) {
    struct ledger_journal *journal = read_journal(partition);
    struct ledger_entry head;
    cr_assert_eq(journal->operations->head(journal, &head, NULL), RESULT_OK);
    journal->operations->close(&journal);
    return head.sequence;
}

static unsigned count_closes(uint32_t partition) {
    struct ledger_journal *journal = read_journal(partition);
    struct ledger_entry entry;
    unsigned closes = 0;
    for (uint64_t sequence = 1; journal->operations->read(journal, sequence, &entry, NULL) == RESULT_OK;
         sequence++)
        closes += entry.kind == LEDGER_ENTRY_CLOSE;
    journal->operations->close(&journal);
    return closes;
}

Test(portfolio, opens_one_granted_partition_a_turn_and_reports_the_others_as_not_ready) {
    grant_all(&one, 1);
    owner_turn(&one, 0);
    cr_assert(owner_held(&one, 0)->ready);
    cr_assert(!owner_held(&one, 1)->ready);
    cr_assert_eq(owner_held(&one, 1)->epoch, 1);
    cr_assert(one.more);
    cr_assert_eq(one.next, 0, "what is opened in a row is followed together");
    for (unsigned i = 1; i < PARTITIONS; i++)
        owner_turn(&one, 0);
    cr_assert(owner_held(&one, 3)->ready);
    cr_assert(!one.more);
    cr_assert_eq(one.next, 1);
}

Test(portfolio, what_waits_to_be_given_back_is_asked_nothing_at_a_barrier) {
    struct partition_order order = close_at(100);
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        owner_take_back(&one, i);
    owner_barrier(&one, CLOSE_ID, true, &order);
    for (unsigned turn = 0; turn < PARTITIONS; turn++) { /* one a turn is given back */
        owner_turn(&one, 10);
        (void)portfolio_work(one.portfolio, 400, one.now_ms, one.now_ms);
        for (uint32_t i = 0; i < PARTITIONS; i++)
            cr_assert_neq(slot(&one, i)->state, HELD_FAILED, "%s", slot(&one, i)->failure.sentence);
    }
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(slot(&one, i)->state, HELD_OVER);
}

Test(portfolio, counts_what_a_plain_ledger_counts_and_writes_nothing_for_it) {
    static struct ledger_sums sums;
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    uint64_t people = 0, expected = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        const struct wire_held *held = owner_held(&one, i);
        cr_assert_eq(held->position, feed.head);
        cr_assert_eq(held->open_month, first_month);
        cr_assert_eq(held->code[0], 0);
        for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
            people += held->projected[payer].people;
        cr_assert_eq(stored(i), 0, "no month is closed: nothing to correct");
    }
    struct ledger *plain = ledger_new(&history->regions, &tariff, first_month);
    for (uint32_t i = 0; i < feed.head; i++)
        cr_assert_eq(ledger_step(plain, &history->records[i], NULL, NULL, NULL), RESULT_OK);
    cr_assert_eq(ledger_preview(plain, first_month, &sums, NULL, NULL, NULL), RESULT_OK);
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
        expected += ledger_sums_total(&sums, (enum payer)payer).people;
    cr_assert_eq(people, expected);
    cr_assert_gt(people, 0);
    ledger_destroy(&plain);
}

Test(portfolio, the_same_orders_again_change_nothing) {
    grant_all(&one, 1);
    owner_rest(&one);
    unsigned segments = count_files(0, "segment-");
    for (unsigned i = 0; i < 50; i++)
        owner_turn(&one, UINT64_MAX);
    cr_assert_eq(count_files(0, "segment-"), segments);
    cr_assert_eq(one.next, feed.head + 1);
}

Test(portfolio, corrections_are_committed_after_a_moment_and_not_before) {
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    close_all(&one, 400);
    feed.head = history->count;
    owner_turn(&one, UINT64_MAX);
    owner_turn(&one, 0);
    uint64_t waiting = 0, before = 0, after = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        waiting += partition_waiting(slot(&one, i)->partition);
        before += stored(i);
    }
    cr_assert_gt(waiting, 0, "the history has late facts");
    one.now_ms += COMMIT_EVERY_MS + 1;
    owner_turn(&one, UINT64_MAX);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_eq(partition_waiting(slot(&one, i)->partition), 0);
        after += stored(i);
    }
    cr_assert_gt(after, before);
    cr_assert_leq(after, before + PARTITIONS, "one entry a partition holds all its corrections");
}

Test(portfolio, holds_where_it_is_and_runs_to_exactly_the_offset) {
    grant_all(&one, 1);
    for (unsigned i = 0; i < PARTITIONS; i++)
        owner_turn(&one, 0);
    owner_turn(&one, 300);
    owner_barrier(&one, CLOSE_ID, false, NULL);
    owner_turn(&one, 0); /* obeyed at its end */
    owner_turn(&one, UINT64_MAX);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_eq(owner_held(&one, i)->holding, CLOSE_ID);
        cr_assert_eq(owner_held(&one, i)->position, 300);
    }
    struct partition_order order = close_at(500);
    owner_barrier(&one, CLOSE_ID, true, &order);
    owner_turn(&one, 0);
    cr_assert_eq(owner_held(&one, 0)->holding, 0);
    for (unsigned i = 0; i < 2; i++) /* the first one acts; the feed waits for the others */
        owner_turn(&one, UINT64_MAX);
    cr_assert_eq(owner_held(&one, 0)->answer_barrier, CLOSE_ID);
    cr_assert_eq(owner_held(&one, PARTITIONS - 1)->answer_barrier, 0);
    cr_assert_eq(one.next, 501);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(partition_position(slot(&one, i)->partition), 500);
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        const struct wire_held *held = owner_held(&one, i);
        cr_assert_eq(held->position, feed.head, "it goes on by itself");
        cr_assert_eq(held->answer_months, 1);
        cr_assert_eq(held->open_month, first_month + 1);
        cr_assert_eq(held->answer_barrier, CLOSE_ID, "until orders show it as taken");
        one.orders.granted[i].answer_taken = true;
    }
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_eq(owner_held(&one, i)->answer_barrier, 0);
        cr_assert_eq(count_closes(i), 1);
    }
}

Test(portfolio, a_barrier_at_the_place_where_it_stands_is_acted_on) {
    grant_all(&one, 1);
    owner_rest(&one);
    owner_barrier(&one, 5, false, NULL);
    owner_rest(&one);
    struct partition_order order = {
        .act = PARTITION_PREVIEW, .offset = feed.head, .month = first_month, .months = 3};
    owner_barrier(&one, 5, true, &order);
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_eq(owner_held(&one, i)->answer_months, 3);
        cr_assert_eq(stored(i), 0, "a preview writes nothing");
    }
}

Test(portfolio, beyond_the_head_everything_waits_and_goes_on_when_it_comes) {
    feed.head = 100;
    grant_all(&one, 1);
    owner_rest(&one);
    struct partition_order order = close_at(150);
    owner_barrier(&one, CLOSE_ID, true, &order);
    owner_rest(&one);
    cr_assert_eq(owner_held(&one, 0)->answer_barrier, 0);
    feed.head = 200;
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_eq(owner_held(&one, i)->answer_barrier, CLOSE_ID);
        cr_assert_eq(owner_held(&one, i)->position, 200);
    }
}

Test(portfolio, what_is_given_back_goes_on_elsewhere_with_the_same_bytes) {
    uint64_t expected[PARTITIONS];
    feed.head = 600;
    grant_all(&one, 1);
    owner_rest(&one);
    close_all(&one, 600);
    feed.head = history->count;
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        expected[i] = digest(&one, i);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        owner_take_back(&one, i);
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_null(owner_held(&one, i));
    cr_assert_eq(one.next, 0, "nothing is followed for nobody");
    grant_all(&two, 2);
    owner_rest(&two);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(digest(&two, i), expected[i]);
}

Test(portfolio, an_epoch_that_was_held_before_needs_another) {
    owner_grant(&one, 1, 4);
    owner_rest(&one);
    owner_take_back(&one, 1);
    owner_rest(&one);
    owner_grant(&one, 1, 3); /* an old message: not even reported */
    owner_rest(&one);
    cr_assert_null(owner_held(&one, 1));
    owner_grant(&one, 1, 4);
    owner_rest(&one);
    cr_assert_str_eq(owner_held(&one, 1)->code, "FENCED");
    cr_assert(!owner_held(&one, 1)->ready);
    owner_grant(&one, 1, 5);
    owner_rest(&one);
    cr_assert(owner_held(&one, 1)->ready);
    cr_assert_eq(owner_held(&one, 1)->position, feed.head);
}

Test(portfolio, a_higher_epoch_for_what_it_holds_is_taken_over_from_itself) {
    grant_all(&one, 1);
    owner_rest(&one);
    uint64_t expected = digest(&one, 2);
    owner_grant(&one, 2, 9);
    owner_turn(&one, 0);
    cr_assert_eq(owner_held(&one, 2)->epoch, 9);
    owner_rest(&one);
    cr_assert_eq(digest(&one, 2), expected);
    cr_assert_eq(owner_held(&one, 1)->epoch, 1);
}

/* The worker was stopped at the barrier, the lease ended, another one closed the month; then it wakes. */
Test(portfolio, a_zombie_can_close_nothing) {
    struct partition_order order = close_at(400);
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    grant_all(&two, 2);
    owner_barrier(&two, CLOSE_ID, true, &order);
    owner_rest(&two);
    owner_barrier(&one, CLOSE_ID, true, &order);
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_str_eq(owner_held(&one, i)->code, "FENCED");
        cr_assert_eq(owner_held(&one, i)->answer_barrier, 0);
        cr_assert_eq(owner_held(&two, i)->answer_barrier, CLOSE_ID);
        cr_assert_eq(count_closes(i), 1);
    }
}

/* It wakes with corrections that wait, and its snapshot is of its own ledger, which went another way. */
Test(portfolio, a_zombie_that_gives_back_disturbs_nobody) {
    feed.head = 300;
    grant_all(&one, 1);
    owner_rest(&one);
    close_all(&one, 300);
    feed.head = history->count;
    owner_turn(&one, UINT64_MAX); /* corrections wait */
    grant_all(&two, 2);
    owner_rest(&two);
    two.now_ms += COMMIT_EVERY_MS + 1;
    owner_rest(&two);
    uint64_t entries = stored(0), expected = digest(&two, 0);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        held_snapshot(slot(&two, i), two.now_ms);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        owner_take_back(&one, i);
    owner_rest(&one);
    cr_assert_eq(stored(0), entries);
    owner_end(&two);
    begin(&two);
    grant_all(&two, 3);
    owner_rest(&two);
    cr_assert_eq(digest(&two, 0), expected);
}

Test(portfolio, a_lapse_that_is_healed_costs_nothing_and_one_that_is_not_writes_nothing) {
    feed.head = 300;
    grant_all(&one, 1);
    owner_rest(&one);
    close_all(&one, 300);
    feed.head = history->count;
    owner_turn(&one, UINT64_MAX);
    uint64_t waiting = 0, entries[PARTITIONS];
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        waiting += partition_waiting(slot(&one, i)->partition);
        entries[i] = stored(i);
    }
    cr_assert_gt(waiting, 0);
    portfolio_lapse(one.portfolio);
    struct partition *same = slot(&one, 1)->partition;
    uint32_t lost = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++)
        if (partition_waiting(slot(&one, i)->partition))
            lost = i;
    owner_take_back(&one, lost);
    bool more, refollow;
    portfolio_obey(one.portfolio, &one.orders, one.now_ms, one.now_ms, &more, &refollow);
    cr_assert_null(owner_held(&one, lost));
    cr_assert_eq(stored(lost), entries[lost], "what it did not write is the next owner's business");
    cr_assert(lost == 1 || slot(&one, 1)->partition == same, "the others are as they were");
    one.now_ms += COMMIT_EVERY_MS + 1;
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        if (i != lost)
            cr_assert_eq(partition_waiting(slot(&one, i)->partition), 0);
}

/* A journal that answers as told before it asks the real one. */
struct faulty {
    struct ledger_journal journal;
    struct ledger_journal *real;
    enum result append_says;
    unsigned appends;
};
static enum result faulty_append(struct ledger_journal *journal, struct ledger_entry *entry,
                                 struct failure *why) {
    struct faulty *faulty = (struct faulty *)journal;
    faulty->appends++;
    if (faulty->append_says != RESULT_OK)
        return fail(why, faulty->append_says, "TEST_DISK", "The disk says %d.", faulty->append_says);
    return faulty->real->operations->append(faulty->real, entry, why);
}
static enum result faulty_read(struct ledger_journal *journal, uint64_t sequence, struct ledger_entry *entry,
                               struct failure *why) {
    struct faulty *faulty = (struct faulty *)journal;
    return faulty->real->operations->read(faulty->real, sequence, entry, why);
}
static enum result faulty_head(struct ledger_journal *journal, struct ledger_entry *entry,
                               struct failure *why) {
    struct faulty *faulty = (struct faulty *)journal;
    return faulty->real->operations->head(faulty->real, entry, why);
}
static void faulty_close(struct ledger_journal **journal) {
    struct faulty *faulty = (struct faulty *)*journal;
    faulty->real->operations->close(&faulty->real);
    *journal = NULL;
}
static const struct ledger_journal_operations faulty_operations = {
    .append = faulty_append, .read = faulty_read, .head = faulty_head, .close = faulty_close};
static struct faulty faulty;

static void make_faulty(struct held *held, enum result append_says) {
    faulty = (struct faulty){{&faulty_operations}, held->journal, append_says, 0};
    held->journal = &faulty.journal;
}

Test(portfolio, a_full_disk_at_the_close_parks_one_partition_and_is_tried_again) {
    uint64_t expected[PARTITIONS];
    struct partition_order order = close_at(400);
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    make_faulty(slot(&one, 2), RESULT_FULL);
    owner_barrier(&one, CLOSE_ID, true, &order);
    owner_rest(&one);
    const struct wire_held *held = owner_held(&one, 2);
    cr_assert(held->ready);
    cr_assert_str_eq(held->code, "TEST_DISK");
    cr_assert_eq(held->answer_barrier, 0);
    cr_assert_eq(owner_held(&one, 1)->answer_barrier, CLOSE_ID);
    feed.head = history->count;
    owner_rest(&one);
    cr_assert_eq(owner_held(&one, 1)->position, feed.head, "the others go on");
    cr_assert_eq(owner_held(&one, 2)->position, 400);
    unsigned appends = faulty.appends;
    one.now_ms += RETRY_MS;
    owner_rest(&one);
    cr_assert_eq(faulty.appends, appends + 1, "once every %d ms", RETRY_MS);
    faulty.append_says = RESULT_OK;
    one.now_ms += RETRY_MS;
    owner_rest(&one);
    held = owner_held(&one, 2);
    cr_assert_eq(held->code[0], 0);
    cr_assert_eq(held->answer_barrier, CLOSE_ID);
    cr_assert_eq(held->position, feed.head);
    one.now_ms += COMMIT_EVERY_MS + 1;
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        expected[i] = digest(&one, i);
    grant_all(&two, 2);
    owner_rest(&two);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(digest(&two, i), expected[i]);
    cr_assert_eq(count_closes(2), 1);
}

Test(portfolio, a_stalled_partition_is_taken_away_and_closed_by_its_next_owner) {
    struct partition_order order = close_at(400);
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    make_faulty(slot(&one, 2), RESULT_FULL);
    owner_barrier(&one, CLOSE_ID, true, &order);
    owner_rest(&one);
    owner_take_back(&one, 2);
    owner_rest(&one);
    cr_assert_null(owner_held(&one, 2));
    owner_grant(&two, 2, 2);
    owner_barrier(&two, CLOSE_ID, true, &order);
    owner_rest(&two);
    cr_assert_eq(owner_held(&two, 2)->answer_barrier, CLOSE_ID);
    cr_assert_eq(count_closes(2), 1);
}

Test(portfolio, after_an_unknown_outcome_only_another_epoch_goes_on) {
    struct partition_order order = close_at(400);
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    make_faulty(slot(&one, 2), RESULT_IO);
    owner_barrier(&one, CLOSE_ID, true, &order);
    owner_rest(&one);
    const struct wire_held *held = owner_held(&one, 2);
    cr_assert(!held->ready);
    cr_assert_str_eq(held->code, "TEST_DISK");
    cr_assert_eq(held->position, 400);
    one.now_ms += 10 * RETRY_MS;
    owner_rest(&one);
    cr_assert_eq(faulty.appends, 1);
    owner_grant(&one, 2, 2);
    owner_rest(&one);
    cr_assert_eq(owner_held(&one, 2)->answer_barrier, CLOSE_ID);
    cr_assert_eq(count_closes(2), 1);
}

Test(portfolio, a_contradiction_stops_its_partition_alone) {
    grant_all(&one, 1);
    feed.head = 200;
    owner_rest(&one);
    uint32_t at = 200;
    while (!history->records[at].has_before || history->records[at].refusal)
        at++;
    history->records[at].before.wage_rupiah += 12345;
    uint32_t broken = record_partition(history->records[at].member_id, PARTITIONS);
    feed.head = history->count;
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        const struct wire_held *held = owner_held(&one, i);
        cr_assert_eq(held->ready, i != broken);
        cr_assert_str_eq(held->code, i == broken ? "LEDGER_CONTRADICTS" : "");
        cr_assert(i == broken ? held->position <= at : held->position == feed.head);
    }
    history->records[at].before.wage_rupiah -= 12345;
    owner_grant(&one, broken, 2);
    owner_rest(&one);
    cr_assert_eq(owner_held(&one, broken)->position, feed.head);
}

Test(portfolio, a_feed_that_fails_is_told_by_all_and_forgotten_when_it_is_back) {
    struct failure why;
    (void)fail(&why, RESULT_CONFLICT, "FEED_FOREIGN", "The feed was refused: it is another journal's.");
    grant_all(&one, 1);
    owner_rest(&one);
    portfolio_feed_failed(one.portfolio, &why);
    cr_assert_eq(portfolio_wake_ms(one.portfolio), 0, "it is reported at once");
    cr_assert_str_eq(owner_held(&one, 3)->code, "FEED_FOREIGN");
    cr_assert(owner_held(&one, 3)->ready);
    portfolio_feed_failed(one.portfolio, NULL);
    cr_assert_eq(owner_held(&one, 3)->code[0], 0);
}

/* The answer was lost with its worker; the month is in the journal, and corrections after it. */
Test(portfolio, a_close_that_is_stored_is_answered_by_the_next_owner_with_the_same_bytes) {
    static uint8_t sums[PARTITIONS][LEDGER_SUMS_PACKED_MAX];
    struct wire_held first[PARTITIONS];
    struct partition_order order = close_at(400);
    grant_all(&one, 1);
    owner_barrier(&one, CLOSE_ID, true, &order);
    owner_rest(&one);
    one.now_ms += COMMIT_EVERY_MS + 1;
    owner_rest(&one);
    uint64_t later = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        first[i] = *owner_held(&one, i);
        cr_assert_eq(first[i].answer_barrier, CLOSE_ID);
        memcpy(sums[i], first[i].answer_sums[0].data, first[i].answer_sums[0].size);
        later += stored(i) - first[i].answer_sequence;
        held_snapshot(slot(&one, i), one.now_ms); /* beyond the barrier */
    }
    cr_assert_gt(later, 0);
    grant_all(&two, 2);
    owner_barrier(&two, CLOSE_ID, true, &order);
    owner_rest(&two);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        const struct wire_held *again = owner_held(&two, i);
        cr_assert_eq(again->answer_barrier, CLOSE_ID);
        cr_assert_eq(again->answer_sums[0].size, first[i].answer_sums[0].size);
        cr_assert_eq(memcmp(again->answer_sums[0].data, sums[i], first[i].answer_sums[0].size), 0);
        cr_assert_eq(again->answer_sequence, first[i].answer_sequence);
        cr_assert_eq(memcmp(again->answer_hash, first[i].answer_hash, JOURNAL_HASH_SIZE), 0);
        cr_assert_eq(count_closes(i), 1);
        cr_assert_eq(again->position, feed.head);
    }
}

Test(portfolio, a_close_asked_at_another_offset_than_the_stored_one_is_parked) {
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    close_all(&one, 400);
    feed.head = 450;
    struct partition_order order = close_at(450);
    owner_barrier(&one, CLOSE_ID + 1, true, &order);
    owner_rest(&one);
    cr_assert(!owner_held(&one, 0)->ready);
    cr_assert_neq(owner_held(&one, 0)->code[0], 0);
    cr_assert_eq(count_closes(0), 1);
}

Test(portfolio, a_tariff_changed_at_a_barrier_is_answered_once_and_holds_for_the_next_owner) {
    static struct tariff dearer;
    dearer = tariff;
    for (uint16_t i = 0; i < dearer.count; i++)
        if (!dearer.rows[i].per_mille)
            dearer.rows[i].share[PAYER_CITY_IURAN] += dearer.rows[i].share[PAYER_CITY_IURAN] ? 1000 : 0;
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    close_all(&one, 400);
    struct partition_order order = {.act = PARTITION_RETARIFF, .offset = 400, .tariff = &dearer};
    owner_barrier(&one, 80, true, &order);
    owner_rest(&one);
    struct wire_held answer = *owner_held(&one, 1);
    cr_assert_eq(answer.answer_barrier, 80);
    cr_assert_eq(answer.answer_months, 0);
    uint64_t expected = digest(&one, 1), entries = stored(1);
    grant_all(&two, 2);
    owner_barrier(&two, 80, true, &order); /* the answer was lost */
    owner_rest(&two);
    cr_assert_eq(digest(&two, 1), expected);
    cr_assert_eq(stored(1), entries);
    cr_assert_eq(owner_held(&two, 1)->answer_sequence, answer.answer_sequence);
    cr_assert_eq(memcmp(owner_held(&two, 1)->answer_hash, answer.answer_hash, JOURNAL_HASH_SIZE), 0);
}

/* No record between: of two changes at one offset the journal's last one alone says what is in force. */
Test(portfolio, a_tariff_that_was_replaced_is_carried_out_again_when_it_comes_back) {
    static struct tariff dearer;
    const struct tariff *tariffs[] = {&dearer, &tariff, &dearer};
    dearer = tariff;
    dearer.rows[0].share[PAYER_CITY_IURAN] += 1000;
    feed.head = 400;
    grant_all(&one, 1);
    owner_rest(&one);
    uint64_t entries = stored(1);
    for (unsigned change = 0; change < 3; change++) {
        struct partition_order order = {.act = PARTITION_RETARIFF, .offset = 400, .tariff = tariffs[change]};
        owner_barrier(&one, 80 + change, true, &order);
        owner_rest(&one);
        for (uint32_t i = 0; i < PARTITIONS; i++) {
            cr_assert_eq(owner_held(&one, i)->answer_barrier, 80 + change);
            cr_assert_eq(owner_held(&one, i)->tariff_digest, tariff_digest(tariffs[change]));
        }
        cr_assert_eq(stored(1), entries + change + 1, "each change has its entry");
        cr_assert_eq(owner_held(&one, 1)->answer_sequence, stored(1));
    }
    struct partition_order order = {.act = PARTITION_RETARIFF, .offset = 400, .tariff = &dearer};
    grant_all(&two, 2);
    owner_barrier(&two, 82, true, &order); /* the last one's answer was lost: it is done once */
    owner_rest(&two);
    cr_assert_eq(owner_held(&two, 1)->answer_barrier, 82);
    cr_assert_eq(stored(1), entries + 3);
}

Test(portfolio, a_partition_granted_while_the_barrier_runs_acts_on_it) {
    struct partition_order order = close_at(500);
    grant_all(&two, 1);
    owner_turn(&two, 0);
    owner_end(&two);
    begin(&two);
    grant_all(&one, 2);
    owner_take_back(&one, 3);
    owner_barrier(&one, CLOSE_ID, true, &order);
    owner_rest(&one);
    cr_assert_eq(owner_held(&one, 0)->position, feed.head);
    owner_grant(&one, 3, 2);
    owner_rest(&one);
    cr_assert_eq(owner_held(&one, 3)->answer_barrier, CLOSE_ID);
    cr_assert_eq(owner_held(&one, 3)->position, feed.head);
    cr_assert_eq(count_closes(3), 1);
}

Test(portfolio, a_partition_whose_answer_was_taken_before_it_was_granted_passes_the_barrier) {
    struct partition_order order = {
        .act = PARTITION_PREVIEW, .offset = 300, .month = first_month, .months = 1};
    owner_grant(&one, 2, 2);
    owner_barrier(&one, 9, true, &order);
    one.orders.granted[0].answer_taken = true;
    owner_rest(&one);
    cr_assert_eq(owner_held(&one, 2)->position, feed.head);
    cr_assert_eq(owner_held(&one, 2)->answer_barrier, 0);
}

/* Offsets that are nobody's: the positions of all move, and a snapshot is made of it. */
static void settle_far(struct owner *owner, uint64_t offset) {
    owner->now_ms += SNAPSHOT_PAUSE_MS + 1;
    for (unsigned i = 0; i < 2 * PARTITIONS; i++)
        portfolio_work(owner->portfolio, offset, owner->now_ms, owner->now_ms);
}

Test(portfolio, snapshots_are_made_now_and_then_and_a_start_goes_on_from_there) {
    grant_all(&one, 1);
    owner_rest(&one);
    uint64_t expected = digest(&one, 1);
    settle_far(&one, SNAPSHOT_RECORDS - 1);
    cr_assert_eq(count_files(1, "snapshot-"), 0);
    portfolio_work(one.portfolio, SNAPSHOT_RECORDS, one.now_ms, one.now_ms);
    cr_assert_eq(count_files(0, "snapshot-"), 1);
    cr_assert_eq(count_files(1, "snapshot-"), 0, "one a call");
    settle_far(&one, SNAPSHOT_RECORDS);
    cr_assert_eq(count_files(1, "snapshot-"), 1);
    owner_end(&one);
    begin(&one);
    owner_grant(&one, 1, 2);
    owner_turn(&one, 0);
    cr_assert_eq(owner_held(&one, 1)->position, SNAPSHOT_RECORDS);
    cr_assert_eq(digest(&one, 1), expected);
}

Test(portfolio, no_snapshot_beyond_a_barrier_whose_answer_may_be_lost) {
    struct partition_order order = {
        .act = PARTITION_PREVIEW, .offset = feed.head, .month = first_month, .months = 1};
    grant_all(&one, 1);
    owner_barrier(&one, 9, true, &order);
    owner_rest(&one);
    settle_far(&one, 2 * SNAPSHOT_RECORDS);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        owner_take_back(&one, i);
    owner_rest(&one);
    grant_all(&two, 2);
    owner_barrier(&two, 9, true, &order);
    owner_rest(&two);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(owner_held(&two, i)->answer_barrier, 9);
}

/* A worker that never heard of the barrier at `offset` goes on without a lease; its snapshots are beyond. */
static void leave_snapshots_beyond(uint64_t offset) {
    feed.head = offset;
    grant_all(&one, 1);
    owner_rest(&one);
    feed.head = history->count;
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        held_snapshot(slot(&one, i), one.now_ms);
        cr_assert_eq(count_files(i, "snapshot-"), 1);
        cr_assert_gt(slot(&one, i)->snapshot_position, offset);
    }
}

static void check_all_act(const struct partition_order *order) {
    leave_snapshots_beyond(order->offset);
    grant_all(&two, 2);
    owner_barrier(&two, CLOSE_ID, true, order);
    owner_rest(&two);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_str_eq(owner_held(&two, i)->code, "");
        cr_assert_eq(owner_held(&two, i)->answer_barrier, CLOSE_ID);
        cr_assert_eq(owner_held(&two, i)->position, feed.head);
    }
}

Test(portfolio, a_snapshot_beyond_a_barrier_is_not_what_its_close_starts_from) {
    struct partition_order order = close_at(300);
    check_all_act(&order);
    cr_assert_eq(count_closes(2), 1);
}

Test(portfolio, a_snapshot_beyond_a_barrier_is_not_what_its_preview_starts_from) {
    struct partition_order order = {
        .act = PARTITION_PREVIEW, .offset = 300, .month = first_month, .months = 1};
    check_all_act(&order);
}

Test(portfolio, a_snapshot_beyond_a_barrier_is_not_what_its_change_of_tariff_starts_from) {
    static struct tariff dearer;
    dearer = tariff;
    dearer.rows[0].share[PAYER_CITY_IURAN] += 1000;
    struct partition_order order = {.act = PARTITION_RETARIFF, .offset = 300, .tariff = &dearer};
    check_all_act(&order);
}

Test(portfolio, a_barrier_that_holds_or_has_its_answer_lets_the_newest_snapshot_be_used) {
    leave_snapshots_beyond(300);
    owner_grant(&two, 1, 2);
    owner_barrier(&two, 8, false, NULL);
    owner_turn(&two, 0);
    cr_assert_eq(owner_held(&two, 1)->position, feed.head);
    owner_take_back(&two, 1);
    owner_grant(&two, 2, 2);
    struct partition_order order = close_at(300);
    owner_barrier(&two, 9, true, &order);
    two.orders.granted[0].answer_taken = true;
    owner_turn(&two, 0);
    cr_assert_eq(owner_held(&two, 2)->position, feed.head);
}

/* The feed rests where the month was closed: nothing comes later that would repeat the close. */
static void check_closed_and_holding(uint64_t epoch) {
    owner_end(&two);
    begin(&two);
    grant_all(&two, epoch);
    owner_barrier(&two, CLOSE_ID + 1, false, NULL);
    owner_rest(&two);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_eq(owner_held(&two, i)->holding, CLOSE_ID + 1);
        cr_assert_eq(owner_held(&two, i)->position, feed.head);
        cr_assert_eq(owner_held(&two, i)->open_month, first_month + 1);
    }
}

Test(portfolio, a_close_at_the_head_is_repeated_before_anybody_holds_there) {
    for (feed.head = 300; feed.head < 310; feed.head++) { /* the last record is now one's, now another's */
        struct partition_order order = close_at(feed.head);
        scratch_remove(state);
        scratch_make(state);
        owner_end(&one);
        begin(&one);
        grant_all(&one, 1);
        owner_rest(&one);
        close_all(&one, order.offset);
        check_closed_and_holding(2);
    }
}

Test(portfolio, a_close_where_the_snapshot_stands_is_repeated_before_anybody_holds_there) {
    feed.head = 300;
    grant_all(&one, 1);
    owner_rest(&one);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        held_snapshot(slot(&one, i), one.now_ms);
    close_all(&one, 300);
    check_closed_and_holding(2);
}

Test(portfolio, many_months_of_many_partitions_are_answered_in_more_than_one_report) {
    struct partition_order order = {
        .act = PARTITION_PREVIEW, .offset = 300, .month = first_month, .months = 24};
    grant_all(&one, 1);
    owner_barrier(&one, 9, true, &order);
    owner_rest(&one);
    slot(&one, 1)->answer.size = ANSWERS_MAX_BYTES; /* as if it were so big */
    cr_assert_eq(owner_held(&one, 0)->answer_barrier, 9);
    cr_assert_eq(owner_held(&one, 1)->answer_barrier, 0);
    cr_assert_eq(owner_held(&one, 2)->answer_barrier, 9);
    one.orders.granted[0].answer_taken = true;
    owner_turn(&one, 0);
    cr_assert_eq(owner_held(&one, 1)->answer_barrier, 9);
}
