/* billing_disk.c - the disks of the simulated billing: journals in a memory file system with faults around
 * them, and the coordinator's books in plain memory; and the clock that the services read.
 *
 * The linker hands the services' calls of ledger_journal_files_open and clock_monotonic_us to the functions
 * __wrap_... here (tests/CMakeLists.txt); the books' store is replaced whole. Before and after an append its
 * process may be stopped, killed, or find the disk full.
 */
#include "billing_world.h"

#include "store/books_store.h"
#include "store/ledger_journal_files.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define DIE_PERMILLE    15
#define FREEZE_PERMILLE 60
#define FULL_PERMILLE   6
#define LIE_PERMILLE    100
#define FREEZE_MAX_US   6000000u

static struct billing_world *the_world; /* of the seed that runs */
static struct worker_node *the_node;    /* whose code runs */

void billing_disk_run(struct billing_world *world, struct worker_node *node) {
    the_world = world;
    the_node = node;
}

int64_t __real_clock_monotonic_us(void);
int64_t __wrap_clock_monotonic_us(void);
int64_t __wrap_clock_monotonic_us(void) {
    return the_world ? billing_now_ms(the_world) * 1000 : __real_clock_monotonic_us();
}

struct faulty_journal {
    struct ledger_journal base;
    struct ledger_journal *inner;
    struct worker_node *node;
};

static enum result killed(struct failure *why) {
    return fail(why, RESULT_IO, "KILLED", "The process is dead.");
}

/* SIGSTOP: the others go on, and this one wakes up with all that it knew before. */
static void freeze(struct worker_node *node) {
    struct billing_world *world = the_world;
    if (world->network.calm || node->frozen || !dice_chance(&world->dice, FREEZE_PERMILLE))
        return;
    node->frozen = true;
    world->freezes++;
    billing_world_meanwhile(world, world->network.now_us + dice_roll(&world->dice, FREEZE_MAX_US));
    node->frozen = false;
    billing_disk_run(world, node);
}

static bool dies(struct worker_node *node) {
    if (!the_world->network.calm && dice_chance(&the_world->dice, DIE_PERMILLE))
        worker_node_kill(the_world, node);
    return node->dying;
}

/* Says that it is stored and stores nothing. */
static enum result lie(struct faulty_journal *journal, struct ledger_entry *entry, struct failure *why) {
    struct ledger_entry head;
    enum result result = journal->inner->operations->head(journal->inner, &head, why);
    entry->sequence = head.sequence + 1;
    entry->epoch = head.epoch;
    memset(entry->hash, 0x77, sizeof entry->hash);
    the_world->lied++;
    return result;
}

static enum result append(struct ledger_journal *base, struct ledger_entry *entry, struct failure *why) {
    struct faulty_journal *journal = (struct faulty_journal *)base;
    struct billing_world *world = the_world;
    if (!journal->node->dying)
        freeze(journal->node);
    if (dies(journal->node))
        return killed(why);
    if (!world->network.calm && dice_chance(&world->dice, FULL_PERMILLE))
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk is full.");
    if (world->lies && dice_chance(&world->dice, LIE_PERMILLE))
        return lie(journal, entry, why);
    enum result result = journal->inner->operations->append(journal->inner, entry, why);
    world->fenced += result == RESULT_CONFLICT;
    freeze(journal->node);
    return dies(journal->node) ? killed(why) : result;
}

static enum result read_entry(struct ledger_journal *base, uint64_t sequence, struct ledger_entry *entry,
                              struct failure *why) {
    struct ledger_journal *inner = ((struct faulty_journal *)base)->inner;
    return inner->operations->read(inner, sequence, entry, why);
}

static enum result head_entry(struct ledger_journal *base, struct ledger_entry *entry, struct failure *why) {
    struct ledger_journal *inner = ((struct faulty_journal *)base)->inner;
    return inner->operations->head(inner, entry, why);
}

static bool fenced(struct ledger_journal *base) {
    struct ledger_journal *inner = ((struct faulty_journal *)base)->inner;
    return inner->operations->fenced(inner);
}

static void close_both(struct ledger_journal **base) {
    struct faulty_journal *journal = (struct faulty_journal *)*base;
    journal->inner->operations->close(&journal->inner);
    free(journal);
    *base = NULL;
}

enum result __real_ledger_journal_files_open(struct ledger_journal **out,
                                             const struct ledger_journal_place *place, uint64_t epoch,
                                             struct failure *why);
enum result __wrap_ledger_journal_files_open(struct ledger_journal **out,
                                             const struct ledger_journal_place *place, uint64_t epoch,
                                             struct failure *why);
enum result __wrap_ledger_journal_files_open(struct ledger_journal **out,
                                             const struct ledger_journal_place *place, uint64_t epoch,
                                             struct failure *why) {
    static const struct ledger_journal_operations operations = {append, read_entry, head_entry, fenced,
                                                                close_both};
    struct worker_node *node = the_node;
    *out = NULL;
    freeze(node);
    if (dies(node))
        return killed(why);
    struct ledger_journal *inner;
    enum result result = __real_ledger_journal_files_open(&inner, place, epoch, why);
    if (result != RESULT_OK)
        return result;
    struct faulty_journal *journal = calloc(1, sizeof *journal);
    assert(journal && "no memory");
    *journal = (struct faulty_journal){.base.operations = &operations, .inner = inner, .node = node};
    *out = &journal->base;
    return RESULT_OK;
}

/* Books: rows in the world's memory, which outlive the coordinator. */
struct books_store {
    struct billing_world *world;
};

enum result books_store_open(struct books_store **out, const char *path, struct failure *why) {
    (void)path;
    (void)why;
    *out = calloc(1, sizeof **out);
    assert(*out && "no memory");
    (*out)->world = the_world;
    return RESULT_OK;
}

void books_store_close(struct books_store **store) {
    free(*store);
    *store = NULL;
}

uint64_t books_store_head(const struct books_store *store) {
    return store->world->row_count;
}

static bool coordinator_dies(struct billing_world *world) {
    struct coordinator_node *node = &world->coordinator;
    if (!world->network.calm && node->up && dice_chance(&world->dice, DIE_PERMILLE))
        node->dying = true;
    return node->dying;
}

enum result books_store_append(struct books_store *store, struct books_row *rows, size_t count,
                               struct failure *why) {
    struct billing_world *world = store->world;
    if (coordinator_dies(world))
        return killed(why);
    for (size_t i = 0; i < count; i++) {
        assert(world->row_count < BILLING_ROWS && "the books are full");
        struct books_row *kept = &world->rows[world->row_count++];
        *kept = rows[i];
        uint8_t *bytes = malloc(rows[i].size ? rows[i].size : 1);
        assert(bytes && "no memory");
        memcpy(bytes, rows[i].bytes, rows[i].size);
        kept->bytes = bytes;
        assert(kept->sequence == world->row_count && "decisions are numbered on");
    }
    return coordinator_dies(world) ? killed(why) : RESULT_OK;
}

enum result books_store_read(struct books_store *store, uint64_t from, uint64_t limit, books_on_row *on_row,
                             void *context, struct failure *why) {
    struct billing_world *world = store->world;
    uint64_t end = limit && from + limit <= world->row_count ? from + limit : world->row_count + 1;
    enum result result = RESULT_OK;
    for (uint64_t sequence = from; sequence < end && result == RESULT_OK; sequence++)
        result = on_row(context, &world->rows[sequence - 1], why);
    return result;
}

void billing_disk_clear(struct billing_world *world) {
    for (uint32_t i = 0; i < world->row_count; i++)
        free((void *)world->rows[i].bytes);
    world->row_count = 0;
    the_world = NULL;
    the_node = NULL;
}
