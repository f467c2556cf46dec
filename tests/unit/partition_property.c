/* partition_property.c - a partition that is killed, taken over and started again at any moment, against
 * one that never was: 1,000 seeds.
 *
 * Each seed makes a history with closes and changes of tariff at random offsets. A partition that lives in
 * peace says what is right. Then owners come and go: they take records in pieces of any size, commit when
 * they like, die before, between and after the steps of a close, find a full or failing disk, leave
 * zombies that go on beyond barriers, try to write and write snapshots, and start from any snapshot that
 * fits or from none. Demanded: the same charges in the same order, the same closes byte for byte, the same
 * answers, the same ledger. PARTITION_SEED=n runs that one seed, PARTITION_SEEDS=n that many.
 */
#include "cakupan/partition.h"
#include "ledger_history.h"
#include "ledger_journal_memory.h"
#include "store/city_tariff.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BARRIERS_MAX  64
#define CHARGES_MAX   16384
#define SNAPSHOTS_MAX 4

struct barrier_point {
    struct partition_order order;
    struct ledger_sums *sums; /* of a close, in peace */
    uint8_t *payload;         /* its entry, in peace */
    size_t size;
};

struct owner {
    struct partition *partition;
    struct ledger_journal *journal;
    bool busy; /* an entry waits for its commit: nothing is stepped */
};

struct image {
    uint8_t *data;
    size_t size, at, capacity;
};

static struct world {
    uint64_t seed;
    struct history *history;
    struct partition_config config;
    struct ledger_disk *disk;
    struct owner owner, zombie;
    uint64_t epoch;
    uint32_t barrier_count, answered;
    struct barrier_point barriers[BARRIERS_MAX];
    struct image snapshots[SNAPSHOTS_MAX];
} world;

static struct charge_list {
    uint32_t count;
    struct charge at[CHARGES_MAX];
} right, got;

static struct seen {
    uint64_t charges, closes, retariffs, kills, from_snapshots, misfits, zombie_appends, zombie_snapshots,
        full, broken, answers_again, beyond;
} seen;

static struct tariff tariffs[2];
static struct ledger_sums answer;

#define check(condition) cr_assert(condition, "seed %llu: %s", (unsigned long long)world.seed, #condition)
#define check_ok(call)                                                                                       \
    do {                                                                                                     \
        struct failure why = {0};                                                                            \
        enum result result_ = (call);                                                                        \
        cr_assert_eq(result_, RESULT_OK, "seed %llu: %s: %s", (unsigned long long)world.seed, #call,         \
                     why.sentence);                                                                          \
    } while (0)

static uint32_t roll(uint32_t sides) {
    return history_roll(world.history, sides);
}

/* The history and its barriers. */

static void add_barrier(uint8_t act, month_t month) {
    struct barrier_point *barrier = &world.barriers[world.barrier_count++];
    *barrier = (struct barrier_point){.order = {.act = act, .offset = world.history->count, .month = month}};
    if (act == PARTITION_RETARIFF)
        barrier->order.tariff = &tariffs[roll(2)];
}

static void make_history(void) {
    month_t open = world.config.first_month;
    for (uint32_t i = 0; i < 25 + roll(45) && world.barrier_count < BARRIERS_MAX - 2; i++) {
        if (!history_go(world.history))
            break;
        if (open <= calendar_month(world.history->today) && roll(6) == 0)
            add_barrier(PARTITION_CLOSE, open++);
        if (roll(25) == 0)
            add_barrier(PARTITION_RETARIFF, MONTH_NONE);
    }
}

/* One after the other, each committed at once: what is right. */

static bool mine(const struct record *record) {
    return record_partition(record->member_id, world.config.count) == world.config.number;
}

static void keep_charge(void *context, const struct charge *charge) {
    struct charge_list *list = context;
    check(list->count < CHARGES_MAX);
    list->at[list->count++] = *charge;
}

/* What an entry says, whatever its kind. */
static void keep_entry(struct charge_list *list, const struct ledger_entry *entry) {
    struct partition_close close;
    struct partition_retariff retariff;
    if (entry->kind == LEDGER_ENTRY_RECORDS) {
        check_ok(charges_unpack(entry->payload, entry->size, keep_charge, list, &why));
    } else if (entry->kind == LEDGER_ENTRY_CLOSE) {
        check_ok(partition_close_read(entry, &close, &why));
        check_ok(charges_unpack(close.charges, close.charges_size, keep_charge, list, &why));
        check_ok(roster_unpack(close.roster, close.roster_size, NULL, NULL, &why));
    } else {
        check_ok(partition_retariff_read(entry, &retariff, &why));
        check_ok(charges_unpack(retariff.charges, retariff.charges_size, keep_charge, list, &why));
    }
}

static void commit_in_peace(struct partition *partition, struct barrier_point *barrier) {
    struct ledger_entry entry;
    while (partition_take(partition, 1, &entry)) {
        entry.sequence = partition_sequence(partition) + 1;
        keep_entry(&right, &entry);
        if (entry.kind != LEDGER_ENTRY_RECORDS) {
            check(barrier && !barrier->payload && entry.offset == barrier->order.offset);
            barrier->payload = malloc(entry.size);
            memcpy(barrier->payload, entry.payload, entry.size);
            barrier->size = entry.size;
        }
        partition_committed(partition, &entry);
    }
}

static struct partition *live_in_peace(void) {
    struct partition *partition = partition_new(&world.config);
    uint32_t next = 0;
    right.count = 0;
    for (uint32_t i = 0; i <= world.history->count; i++) {
        for (; next < world.barrier_count && world.barriers[next].order.offset == i; next++) {
            struct barrier_point *barrier = &world.barriers[next];
            barrier->sums = calloc(1, sizeof *barrier->sums);
            check_ok(partition_settle(partition, i, &why));
            check_ok(partition_act(partition, &barrier->order, 1, barrier->sums, &why));
            commit_in_peace(partition, barrier);
        }
        if (i == world.history->count)
            break;
        if (mine(&world.history->records[i]))
            check_ok(partition_step(partition, &world.history->records[i], &why));
        commit_in_peace(partition, NULL);
    }
    check_ok(partition_settle(partition, world.history->count, &why));
    return partition;
}

/* Snapshots */

static bool write_image(void *context, const void *data, size_t size) {
    struct image *image = context;
    if (image->size + size > image->capacity) {
        image->capacity = (image->size + size) * 2;
        image->data = realloc(image->data, image->capacity);
    }
    memcpy(image->data + image->size, data, size);
    image->size += size;
    return true;
}

static bool read_image(void *context, void *data, size_t size) {
    struct image *image = context;
    if (size > image->size - image->at)
        return false;
    memcpy(data, image->data + image->at, size);
    image->at += size;
    return true;
}

static bool save(const struct partition *partition) {
    struct image *image = &world.snapshots[roll(SNAPSHOTS_MAX)];
    struct image fresh = {0};
    enum result result = partition_save(partition, write_image, &fresh);
    check(result == RESULT_OK || result == RESULT_AGAIN);
    if (result == RESULT_AGAIN)
        return false;
    free(image->data);
    *image = fresh;
    return true;
}

/* Owners */

static void bury(struct owner *owner) {
    partition_destroy(&owner->partition);
    if (owner->journal)
        owner->journal->operations->close(&owner->journal);
}

/* The barrier that runs bounds what a snapshot may have counted (billing/snapshots.h). */
static uint64_t bound(void) {
    return world.answered < world.barrier_count ? world.barriers[world.answered].order.offset : UINT64_MAX;
}

static bool fits(const struct partition *partition, struct ledger_journal *journal) {
    struct ledger_entry at = {0}, next;
    uint64_t sequence = partition_sequence(partition);
    if (sequence > 0 && journal->operations->read(journal, sequence, &at, NULL) != RESULT_OK)
        return false;
    bool more = journal->operations->read(journal, sequence + 1, &next, NULL) == RESULT_OK;
    return partition_fits(partition, &at, more ? &next : NULL);
}

/* Any snapshot that fits, or none. */
static struct partition *any_snapshot(struct ledger_journal *journal) {
    for (unsigned tries = roll(4); tries > 0; tries--) {
        struct image *image = &world.snapshots[roll(SNAPSHOTS_MAX)];
        if (image->size == 0)
            continue;
        struct partition *partition = partition_new(&world.config);
        image->at = 0;
        check_ok(partition_load(partition, read_image, image, &why));
        check(image->at == image->size);
        if (partition_position(partition) <= bound() && fits(partition, journal)) {
            seen.from_snapshots++;
            return partition;
        }
        seen.misfits++;
        partition_destroy(&partition);
    }
    return partition_new(&world.config);
}

static void take_over(void) {
    struct ledger_entry entry;
    enum result result;
    check_ok(ledger_journal_memory_open(&world.owner.journal, world.disk, 0, ++world.epoch, &why));
    struct partition *partition = any_snapshot(world.owner.journal);
    while ((result = world.owner.journal->operations->read(
                world.owner.journal, partition_sequence(partition) + 1, &entry, NULL)) == RESULT_OK)
        check_ok(partition_recall(partition, &entry, &why));
    check(result == RESULT_NOT_FOUND);
    world.owner.partition = partition;
}

/* The owner dies: its process ends, or it is stopped and will wake as a zombie. */
static void kill_owner(void) {
    seen.kills++;
    if (roll(3) == 0) {
        bury(&world.zombie);
        world.zombie = world.owner;
        world.owner = (struct owner){0};
    }
    bury(&world.owner);
    if (roll(4) == 0)
        ledger_disk_crash(world.disk); /* all was synced: nothing is lost */
    take_over();
}

/* False where the owner did not survive it. */
static bool commit(void) {
    struct ledger_entry entry;
    while (partition_take(world.owner.partition, 1, &entry)) {
        world.owner.busy = true;
        uint32_t trouble = roll(30);
        if (trouble < 3)
            ledger_disk_fault(world.disk, (enum ledger_fault)(LEDGER_FAULT_IO_BEFORE + trouble));
        enum result result = world.owner.journal->operations->append(world.owner.journal, &entry, NULL);
        ledger_disk_fault(world.disk, LEDGER_FAULT_NONE);
        if (result == RESULT_FULL) {
            seen.full++;
            continue; /* the same entry once more */
        }
        if (result != RESULT_OK) {
            check(result == RESULT_IO);
            seen.broken++;
            kill_owner();
            return false;
        }
        partition_committed(world.owner.partition, &entry);
        if (roll(12) == 0) { /* between two entries, or behind the last */
            kill_owner();
            return false;
        }
    }
    world.owner.busy = false;
    check(partition_waiting(world.owner.partition) == 0);
    return true;
}

/* It takes what it knows, hears of no barrier, tries to write, and leaves a snapshot. */
static void wake_zombie(void) {
    struct partition *partition = world.zombie.partition;
    struct ledger_entry entry;
    if (!partition)
        return;
    for (uint32_t i = (uint32_t)partition_position(partition), end = i + roll(20);
         i < end && i < world.history->count && !world.zombie.busy; i++)
        if (mine(&world.history->records[i]) &&
            partition_step(partition, &world.history->records[i], NULL) != RESULT_OK)
            break;
    seen.zombie_snapshots += save(partition);
    if (partition_take(partition, 1, &entry)) {
        if (roll(2))
            ledger_disk_fault(world.disk, LEDGER_FAULT_STOPPED);
        enum result result = world.zombie.journal->operations->append(world.zombie.journal, &entry, NULL);
        ledger_disk_fault(world.disk, LEDGER_FAULT_NONE);
        check(result == RESULT_CONFLICT || result == RESULT_IO);
        seen.zombie_appends++;
        bury(&world.zombie);
    }
}

/* The order of the barrier that runs, once or again; false where the owner died. */
static bool act(void) {
    struct barrier_point *barrier = &world.barriers[world.answered];
    struct partition *partition = world.owner.partition;
    bool close = barrier->order.act == PARTITION_CLOSE;
    check_ok(partition_act(partition, &barrier->order, 1, &answer, &why));
    if (close)
        check(memcmp(&answer, barrier->sums, sizeof answer) == 0);
    world.owner.busy = true;
    if (roll(8) == 0) {
        kill_owner();
        return false;
    }
    return commit();
}

/* As far as the barrier that runs; with `beyond`, some records further once it is in the journal. */
static void step_some(void) {
    struct partition *partition = world.owner.partition;
    uint64_t end = partition_position(partition) + 1 + roll(12);
    if (end > bound())
        end = bound();
    if (end > world.history->count)
        end = world.history->count;
    for (uint64_t offset = partition_position(partition) + 1; offset <= end; offset++)
        if (mine(&world.history->records[offset - 1]))
            check_ok(partition_step(partition, &world.history->records[offset - 1], &why));
    if (roll(2) || end == bound() || end == world.history->count)
        check_ok(partition_settle(partition, end, &why));
}

/* The coordinator did not hear the answer, and the partition goes on: the same order gives the same
 * answer. */
static void ask_again(void) {
    struct barrier_point *barrier = &world.barriers[world.answered];
    struct partition *partition = world.owner.partition;
    if (roll(3) == 0) {
        uint64_t next =
            world.answered + 1 < world.barrier_count ? barrier[1].order.offset : world.history->count;
        uint64_t beyond = barrier->order.offset + roll(10);
        for (uint64_t i = barrier->order.offset; i < beyond && i < next; i++)
            if (mine(&world.history->records[i]))
                check_ok(partition_step(partition, &world.history->records[i], &why));
        seen.beyond++;
    }
    uint64_t sequence = partition_sequence(partition);
    check_ok(partition_act(partition, &barrier->order, 2, &answer, &why));
    check(barrier->order.act != PARTITION_CLOSE || memcmp(&answer, barrier->sums, sizeof answer) == 0);
    check(partition_sequence(partition) == sequence);
    seen.answers_again++;
}

static void turn(void) {
    step_some();
    if (world.answered < world.barrier_count && partition_position(world.owner.partition) == bound()) {
        if (!act())
            return;
        if (roll(4) == 0)
            ask_again();
        world.answered++;
    }
    if (roll(3) == 0 && !commit())
        return;
    if (roll(4) == 0)
        save(world.owner.partition);
    if (roll(8) == 0)
        wake_zombie();
    if (roll(15) == 0)
        kill_owner();
}

static void live_in_trouble(void) {
    take_over();
    while (world.answered < world.barrier_count ||
           partition_position(world.owner.partition) < world.history->count)
        turn();
    while (!commit())
        while (partition_position(world.owner.partition) < world.history->count)
            step_some();
}

/* What the journal holds */

static bool same_charge(const struct charge *a, const struct charge *b) {
    return a->member_id == b->member_id && a->month == b->month && a->invoice_month == b->invoice_month &&
           a->payer == b->payer && a->cause == b->cause && a->segment == b->segment &&
           a->care_class == b->care_class && a->vulnerable == b->vulnerable && a->kecamatan == b->kecamatan &&
           a->amount_rupiah == b->amount_rupiah && a->cause_offset == b->cause_offset;
}

static void check_journal(void) {
    struct ledger_journal *journal = world.owner.journal;
    struct ledger_entry entry;
    uint32_t next = 0;
    got.count = 0;
    for (uint64_t i = 1; journal->operations->read(journal, i, &entry, NULL) == RESULT_OK; i++) {
        keep_entry(&got, &entry);
        if (entry.kind == LEDGER_ENTRY_RECORDS)
            continue;
        check(next < world.barrier_count);
        const struct barrier_point *barrier = &world.barriers[next++];
        check(entry.offset == barrier->order.offset && entry.size == barrier->size);
        check(memcmp(entry.payload, barrier->payload, entry.size) == 0);
        seen.closes += entry.kind == LEDGER_ENTRY_CLOSE;
        seen.retariffs += entry.kind == LEDGER_ENTRY_RETARIFF;
    }
    check(next == world.barrier_count);
    check(got.count == right.count);
    for (uint32_t i = 0; i < got.count; i++)
        check(same_charge(&got.at[i], &right.at[i]));
    seen.charges += got.count;
}

/* From the first record on, proved by the journal, it becomes the same, byte for byte. */
static void check_replay(void) {
    struct image lived = {0}, replayed = {0};
    struct partition *partition = partition_new(&world.config);
    struct ledger_journal *journal = world.owner.journal;
    struct ledger_entry entry;
    while (journal->operations->read(journal, partition_sequence(partition) + 1, &entry, NULL) == RESULT_OK)
        check_ok(partition_recall(partition, &entry, &why));
    for (uint32_t i = 0; i < world.history->count; i++)
        if (mine(&world.history->records[i]))
            check_ok(partition_step(partition, &world.history->records[i], &why));
    check_ok(partition_settle(partition, world.history->count, &why));
    check_ok(partition_settle(world.owner.partition, world.history->count, &why));
    check(partition_save(partition, write_image, &replayed) == RESULT_OK);
    check(partition_save(world.owner.partition, write_image, &lived) == RESULT_OK);
    check(lived.size == replayed.size && memcmp(lived.data, replayed.data, lived.size) == 0);
    free(lived.data);
    free(replayed.data);
    partition_destroy(&partition);
}

static void run_seed(uint64_t seed) {
    world = (struct world){.seed = seed, .history = history_begin(seed), .disk = ledger_disk_new()};
    world.config = (struct partition_config){.count = 1 + roll(2),
                                             .first_month = calendar_month(calendar_day(2026, 11, 1)),
                                             .regions = &world.history->regions,
                                             .tariff = &tariffs[0]};
    world.config.number = roll(world.config.count);
    make_history();
    struct partition *peaceful = live_in_peace();
    live_in_trouble();
    check(ledger_digest(partition_ledger(peaceful)) ==
          ledger_digest(partition_ledger(world.owner.partition)));
    check_journal();
    check_replay();
    partition_destroy(&peaceful);
    bury(&world.owner);
    bury(&world.zombie);
    for (uint32_t i = 0; i < world.barrier_count; i++) {
        free(world.barriers[i].sums);
        free(world.barriers[i].payload);
    }
    for (unsigned i = 0; i < SNAPSHOTS_MAX; i++)
        free(world.snapshots[i].data);
    ledger_disk_destroy(&world.disk);
    history_end(&world.history);
}

Test(partition_property, any_life_leaves_the_same_journal) {
    const char *one = getenv("PARTITION_SEED"), *many = getenv("PARTITION_SEEDS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : 1000;
    struct failure why = {0};
    cr_assert_eq(tariff_load(&tariffs[0], CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    tariffs[1] = tariffs[0];
    for (uint16_t i = 0; i < tariffs[1].count; i++) /* dearer by a tenth, since ever */
        for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
            tariffs[1].rows[i].share[payer] += tariffs[1].rows[i].share[payer] / 10;
    for (uint64_t seed = first; seed < first + count; seed++)
        run_seed(seed);
    const uint64_t *counts = &seen.charges;
    static const char *const names[] = {"charges",        "closes",  "retariffs",      "kills",
                                        "from snapshots", "misfits", "zombie appends", "zombie snapshots",
                                        "full",           "broken",  "answers again",  "beyond"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fprintf(stderr, "%s: %llu\n", names[i], (unsigned long long)counts[i]);
        cr_expect(one || counts[i] > count / 40, "lives without %s prove nothing of them", names[i]);
    }
}
