/* recovery.c - snapshot + tail of the journal = the state before the stop (recovery.h). */
#include "recovery.h"

#include "snapshotter.h"
#include "store/snapshot.h"
#include "wire/wire_record.h"

#include <stdio.h>
#include <string.h>

struct load {
    struct registry *registry;
    struct snapshot_head head;
    struct failure *why;
};

static bool read_snapshot(void *state, snapshot_read *read, void *context) {
    struct load *load = state;
    return read(context, &load->head, sizeof load->head) &&
           registry_load(load->registry, read, context, load->why) == RESULT_OK;
}

/* A snapshot is written only of what is durable: beside a journal that ends before it, it says that the
 * journal's end was lost. To go on would forget acknowledged events, or begin an empty city, in silence. */
static enum result check_end(struct recovery *out, struct journal *journal,
                             const struct recovery_config *config, const struct snapshot_head *head,
                             struct failure *why) {
    struct journal_batch last;
    enum result result = journal->operations->head(journal, &last, why);
    if (result != RESULT_OK)
        return result;
    uint64_t end = last.header.count > 0 ? last.header.first_offset + last.header.count - 1 : 0;
    out->snapshot_bad = head->offset <= end;
    if (out->snapshot_bad)
        return RESULT_OK;
    if (end == 0)
        return fail(why, RESULT_CORRUPT, "JOURNAL_LOST",
                    "The journal is empty, but was at offset %llu when %s was written: restore it from a "
                    "copy; or remove that file to begin an empty city.",
                    (unsigned long long)head->offset, config->snapshot_path);
    out->lost_offset = head->offset;
    if (config->accept_lost_end)
        return RESULT_OK;
    return fail(
        why, RESULT_CORRUPT, "JOURNAL_LOST_END",
        "The journal ends at offset %llu, but was at %llu when its snapshot was written: acknowledged "
        "events are lost. Restore journal.db with its -wal from a copy; or go on without them by "
        "`cakupan up --accept-lost-records`.",
        (unsigned long long)end, (unsigned long long)head->offset);
}

/* A snapshot ahead of the journal, or of another journal, is worth nothing: the journal decides. */
static bool snapshot_fits(struct journal *journal, const struct snapshot_head *head,
                          const struct registry *registry) {
    struct journal_batch batch;
    if (registry_next_offset(registry) != head->offset + 1)
        return false;
    if (head->offset == 0)
        return true;
    if (journal->operations->read(journal, head->offset, &batch, NULL) != RESULT_OK)
        return false;
    return batch.header.first_offset + batch.header.count == head->offset + 1 &&
           memcmp(batch.hash, head->chain, sizeof head->chain) == 0;
}

static enum result load_snapshot(struct recovery *out, struct journal *journal,
                                 const struct recovery_config *config, struct load *load) {
    enum result result = snapshot_load(config->snapshot_path, read_snapshot, load, load->why);
    enum result usable = RESULT_OK;
    out->snapshot_bad = result != RESULT_OK && result != RESULT_NOT_FOUND;
    if (result == RESULT_OK && snapshot_fits(journal, &load->head, load->registry)) {
        out->snapshot_offset = load->head.offset;
        return RESULT_OK;
    }
    if (result == RESULT_OK)
        usable = check_end(out, journal, config, &load->head, load->why);
    registry_destroy(&load->registry);
    load->registry = registry_new(config->regions, config->policy);
    load->head = (struct snapshot_head){0};
    return usable;
}

static enum result replay_batch(struct registry *registry, const struct journal_batch *batch,
                                struct arena *arena, struct failure *why) {
    size_t position = 0;
    struct wire_record_entry entry;
    enum result result;
    uint32_t count = 0;
    while ((result = wire_record_next(batch->records, batch->size, &position, &entry)) == RESULT_OK) {
        struct record record;
        arena_reset(arena);
        result = wire_record_decode(entry.data, entry.size, arena, &record);
        if (result == RESULT_OK)
            result = registry_apply(registry, &record, why);
        if (result != RESULT_OK)
            break;
        count++;
    }
    if (result == RESULT_NOT_FOUND && count == batch->header.count)
        return RESULT_OK;
    return fail(why, RESULT_CORRUPT, "JOURNAL_CORRUPT",
                "The journal's batch at offset %llu can't be replayed (record %u of %u): restore the journal "
                "from its "
                "copy.",
                (unsigned long long)batch->header.first_offset, count + 1, batch->header.count);
}

static enum result replay_tail(struct recovery *out, struct journal *journal,
                               uint8_t chain[JOURNAL_HASH_SIZE], struct arena *arena, struct failure *why) {
    for (;;) {
        struct journal_batch batch;
        uint64_t next = registry_next_offset(out->registry);
        enum result result = journal->operations->read(journal, next, &batch, why);
        if (result == RESULT_NOT_FOUND)
            return RESULT_OK;
        if (result != RESULT_OK)
            return result;
        uint8_t hash[JOURNAL_HASH_SIZE];
        journal_hash(chain, &batch.header, batch.records, batch.size, hash);
        if (batch.header.first_offset != next || memcmp(hash, batch.hash, sizeof hash) != 0)
            return fail(why, RESULT_CORRUPT, "JOURNAL_CHAIN_BROKEN",
                        "The journal's hash chain breaks at offset %llu: it was edited or damaged; restore "
                        "it from its "
                        "copy.",
                        (unsigned long long)next);
        result = replay_batch(out->registry, &batch, arena, why);
        if (result != RESULT_OK)
            return result;
        memcpy(chain, hash, sizeof hash);
        out->replayed += batch.header.count;
    }
}

/* The snapshot that was ahead would refuse every later start, until the journal has grown past it. */
static enum result replace_snapshot(const struct recovery *recovery, struct journal *journal,
                                    const char *path, struct failure *why) {
    struct snapshotter snapshotter = {0};
    snprintf(snapshotter.path, sizeof snapshotter.path, "%s", path);
    return snapshotter_final(&snapshotter, recovery->registry, journal, why);
}

enum result recovery_run(struct recovery *out, struct journal *journal, const struct recovery_config *config,
                         struct failure *why) {
    *out = (struct recovery){0};
    struct load load = {.registry = registry_new(config->regions, config->policy), .why = why};
    enum result result = load_snapshot(out, journal, config, &load);
    out->registry = load.registry;
    struct arena arena;
    arena_init(&arena, 4u << 20);
    if (result == RESULT_OK)
        result = replay_tail(out, journal, load.head.chain, &arena, why);
    arena_free(&arena);
    struct journal_batch head;
    if (result == RESULT_OK)
        result = journal->operations->head(journal, &head, why);
    if (result == RESULT_OK)
        out->head = head.header;
    if (result == RESULT_OK &&
        head.header.first_offset + head.header.count > registry_next_offset(out->registry))
        result = fail(why, RESULT_CORRUPT, "JOURNAL_GAP", "The journal has a gap after offset %llu.",
                      (unsigned long long)registry_next_offset(out->registry) - 1);
    if (result == RESULT_OK && out->lost_offset > 0)
        result = replace_snapshot(out, journal, config->snapshot_path, why);
    if (result != RESULT_OK)
        registry_destroy(&out->registry);
    return result;
}
