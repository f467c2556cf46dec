/* snapshots.c - finds the newest snapshot that belongs to a partition's journal, and writes new ones
 * (snapshots.h). */
#include "snapshots.h"

#include "store/epoch_files.h"
#include "store/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SNAPSHOT_PREFIX "snapshot"
#define SNAPSHOTS_KEPT  2u

static bool load_body(void *state, snapshot_read *read, void *context) {
    return partition_load(state, read, context, NULL) == RESULT_OK;
}

/* Entry `sequence` without its payload; sequence 0 is before the first one, and NOT_FOUND past the last. */
static enum result look_at(struct ledger_journal *journal, uint64_t sequence, struct ledger_entry *entry,
                           struct failure *why) {
    *entry = (struct ledger_entry){0};
    if (sequence == 0)
        return RESULT_OK;
    enum result result = journal->operations->read(journal, sequence, entry, why);
    entry->payload = NULL;
    return result;
}

/* RESULT_NOT_FOUND where the snapshot is of another history than the journal. */
static enum result check_fit(const struct partition *partition, struct ledger_journal *journal,
                             struct failure *why) {
    struct ledger_entry at, next;
    enum result result = look_at(journal, partition_sequence(partition), &at, why);
    if (result != RESULT_OK)
        return result;
    result = look_at(journal, partition_sequence(partition) + 1, &next, why);
    if (result != RESULT_OK && result != RESULT_NOT_FOUND)
        return result;
    return partition_fits(partition, &at, result == RESULT_OK ? &next : NULL) ? RESULT_OK : RESULT_NOT_FOUND;
}

/* RESULT_NOT_FOUND where that snapshot is not to be used: the journal has everything. */
static enum result try_snapshot(struct partition **out, const struct partition_config *config,
                                const char *path, uint64_t position_max, struct ledger_journal *journal,
                                struct failure *why) {
    enum result result = RESULT_NOT_FOUND;
    struct partition *partition = partition_new(config);
    if (snapshot_load(path, load_body, partition, why) == RESULT_OK &&
        partition_position(partition) <= position_max)
        result = check_fit(partition, journal, why);
    if (result != RESULT_OK)
        partition_destroy(&partition);
    *out = partition;
    return result;
}

static enum result recall_rest(struct partition *partition, struct ledger_journal *journal,
                               struct failure *why) {
    struct ledger_entry entry;
    enum result result;
    do {
        result = journal->operations->read(journal, partition_sequence(partition) + 1, &entry, why);
        if (result == RESULT_OK)
            result = partition_recall(partition, &entry, why);
    } while (result == RESULT_OK);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* RESULT_NOT_FOUND where no snapshot is to be used. */
static enum result from_snapshot(struct partition **out, const struct partition_config *config,
                                 const char *directory, uint64_t position_max, struct ledger_journal *journal,
                                 struct failure *why) {
    char path[EPOCH_PATH_BYTES];
    uint64_t *epochs;
    size_t count;
    enum result result = epoch_files_list(&epochs, &count, directory, SNAPSHOT_PREFIX, why);
    if (result == RESULT_OK)
        result = RESULT_NOT_FOUND;
    for (size_t i = 0; i < count && result == RESULT_NOT_FOUND; i++) {
        result = epoch_path(path, directory, SNAPSHOT_PREFIX, epochs[i], why);
        if (result == RESULT_OK)
            result = try_snapshot(out, config, path, position_max, journal, why);
    }
    free(epochs);
    return result;
}

enum result snapshots_restore_until(struct partition **out, const struct partition_config *config,
                                    const char *directory, struct ledger_journal *journal,
                                    uint64_t position_max, struct failure *why) {
    struct partition *partition = NULL;
    enum result result = from_snapshot(&partition, config, directory, position_max, journal, why);
    if (result == RESULT_NOT_FOUND) {
        partition = partition_new(config);
        result = RESULT_OK;
    }
    if (result == RESULT_OK)
        result = recall_rest(partition, journal, why);
    if (result == RESULT_OK)
        *out = partition;
    else
        partition_destroy(&partition);
    return result;
}

enum result snapshots_restore(struct partition **out, const struct partition_config *config,
                              const char *directory, struct ledger_journal *journal, struct failure *why) {
    return snapshots_restore_until(out, config, directory, journal, UINT64_MAX, why);
}

/* Where it fails a file too many stays. */
static void remove_older(const char *directory) {
    char path[EPOCH_PATH_BYTES];
    uint64_t *epochs;
    size_t count;
    if (epoch_files_list(&epochs, &count, directory, SNAPSHOT_PREFIX, NULL) != RESULT_OK)
        return;
    for (size_t i = SNAPSHOTS_KEPT; i < count; i++)
        if (epoch_path(path, directory, SNAPSHOT_PREFIX, epochs[i], NULL) == RESULT_OK)
            unlink(path);
    free(epochs);
}

struct saving {
    const struct partition *partition;
    enum result result;
};

static bool save_body(void *state, snapshot_write *write, void *context) {
    struct saving *saving = state;
    saving->result = partition_save(saving->partition, write, context);
    return saving->result == RESULT_OK;
}

enum result snapshots_write(const struct partition *partition, const char *directory, uint64_t epoch,
                            struct failure *why) {
    char path[EPOCH_PATH_BYTES];
    struct saving saving = {partition, RESULT_OK};
    enum result result = epoch_path(path, directory, SNAPSHOT_PREFIX, epoch, why);
    if (result == RESULT_OK)
        result = snapshot_save(path, save_body, &saving, why);
    if (saving.result == RESULT_AGAIN)
        return fail(why, RESULT_AGAIN, "SNAPSHOT_LATER",
                    "The partition is not at rest: its snapshot is written later.");
    if (result == RESULT_OK)
        remove_older(directory);
    return result;
}
