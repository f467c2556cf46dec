/* ledger_runs.c - the lists of runs and their pool (ledger_runs.h). */
#include "ledger_runs.h"

#include <assert.h>
#include <stdlib.h>

void run_pool_clear(struct run_pool *pool) {
    free(pool->runs);
    *pool = (struct run_pool){0};
}

static void grow(struct run_pool *pool) {
    uint64_t capacity = pool->capacity ? pool->capacity + (uint64_t)pool->capacity / 2 : 64;
    assert(capacity <= UINT32_MAX && "more runs than numbers for them");
    pool->runs = realloc(pool->runs, (size_t)capacity * sizeof *pool->runs);
    assert(pool->runs && "no memory for runs");
    pool->capacity = (uint32_t)capacity;
    if (pool->used == 0)
        pool->used = 1;
}

static uint32_t take_slot(struct run_pool *pool) {
    uint32_t slot = pool->first_free;
    if (slot != 0) {
        pool->first_free = pool->runs[slot].older;
        return slot;
    }
    if (pool->used == pool->capacity)
        grow(pool);
    return pool->used++;
}

static void give_slot(struct run_pool *pool, uint32_t slot) {
    pool->runs[slot] = (struct run){.older = pool->first_free};
    pool->first_free = slot;
}

const struct run *run_older(const struct run_pool *pool, const struct run *run) {
    return run->older ? &pool->runs[run->older] : NULL;
}

const struct run *run_at_older(const struct run_pool *pool, const struct run *newest, month_t month) {
    const struct run *run = newest;
    while (run && run->from > month)
        run = run_older(pool, run);
    return run;
}

static void set_terms(struct run *run, const struct run *value) {
    run->segment = value->segment;
    run->care_class = value->care_class;
    run->wage_rupiah = value->wage_rupiah;
    run->flags = value->flags;
}

/* Equal in what holds; when it began and why may differ. */
static bool same(const struct run *a, const struct run *b) {
    return a->segment == b->segment && a->care_class == b->care_class && a->wage_rupiah == b->wage_rupiah &&
           a->flags == b->flags && a->kelurahan == b->kelurahan && a->state == b->state &&
           a->grace_end == b->grace_end;
}

struct run run_changed(const struct run *run, const struct run_change *change) {
    struct run changed = *run;
    if (change->only_in_grace && run->state != RUN_GRACE)
        return changed;
    if (change->tracks & TRACK_TERMS)
        set_terms(&changed, &change->value);
    if (change->tracks & TRACK_PLACE)
        changed.kelurahan = change->value.kelurahan;
    if (change->tracks & TRACK_STATE) {
        changed.state = change->value.state;
        changed.grace_end = change->value.grace_end;
    }
    if (!same(&changed, run))
        changed.cause_offset = change->value.cause_offset;
    return changed;
}

uint32_t run_append(struct run_pool *pool, struct run *newest, uint32_t last, const struct run *oldest) {
    uint32_t slot = take_slot(pool);
    pool->runs[slot] = *oldest;
    pool->runs[slot].older = 0;
    *(last ? &pool->runs[last].older : &newest->older) = slot;
    return slot;
}

/* A run that begins later becomes the newest one. */
static void push(struct run_pool *pool, struct run *newest, const struct run *later) {
    assert(later->from > newest->from && "runs are in order of their months");
    uint32_t slot = take_slot(pool);
    pool->runs[slot] = *newest;
    *newest = *later;
    newest->older = slot;
}

/* The oldest run that begins after `month`: the one before it holds there. */
static struct run *newer_of(struct run_pool *pool, struct run *newest, month_t month) {
    struct run *newer = newest;
    while (newer->older && pool->runs[newer->older].from > month)
        newer = &pool->runs[newer->older];
    return newer;
}

/* Puts a copy of the run that holds in `month` there. */
static void insert(struct run_pool *pool, struct run *newest, month_t month) {
    uint32_t slot = take_slot(pool); /* may move the pool: only then look for places */
    struct run *newer = newer_of(pool, newest, month);
    struct run cut = pool->runs[newer->older];
    cut.from = month;
    cut.older = newer->older;
    pool->runs[slot] = cut;
    newer->older = slot;
}

void runs_cut(struct run_pool *pool, struct run *newest, month_t month) {
    const struct run *holds = run_at(pool, newest, month);
    assert(holds && "a member's runs begin with the ledger's first month");
    if (holds->from == month)
        return;
    if (holds == newest) {
        struct run later = *newest;
        later.from = month;
        push(pool, newest, &later);
    } else {
        insert(pool, newest, month);
    }
}

/* Takes the newer of two neighbours out where they are equal: the record that began the older one is the
 * cause. */
static void join_equal(struct run_pool *pool, struct run *newest) {
    for (struct run *run = newest; run->older;) {
        struct run *older = &pool->runs[run->older];
        if (!same(run, older)) {
            run = older;
            continue;
        }
        uint32_t slot = run->older;
        *run = *older;
        give_slot(pool, slot);
    }
}

void runs_change(struct run_pool *pool, struct run *newest, const struct run_change *change) {
    for (struct run *run = newest; run && run->from >= change->from;
         run = run->older ? &pool->runs[run->older] : NULL)
        *run = run_changed(run, change);
    join_equal(pool, newest);
}
