/* projector_partition.c - a partition's journal into audit.db, and back where a take-over has made entries
 * void (projector_internal.h). */
#include "projector_internal.h"

#include "cakupan/partition.h"
#include "paths.h"
#include "runtime/log.h"

#include <inttypes.h>
#include <string.h>

/* Charges of one entry on their way into the store. */
struct pouring {
    struct projector *projector;
    uint32_t partition;
    uint64_t entry, count;
    enum result result; /* the first failure's; the rest of the entry is passed over */
    struct failure *why;
};

static void pour(void *context, const struct charge *charge) {
    struct pouring *pouring = context;
    pouring->count++;
    if (pouring->result == RESULT_OK)
        pouring->result = audit_store_charge(pouring->projector->store, pouring->partition, pouring->entry,
                                             charge, pouring->why);
}

static enum result entry_charges(const struct ledger_entry *entry, const uint8_t **charges, size_t *size,
                                 struct failure *why) {
    struct partition_close close;
    struct partition_retariff retariff;
    enum result result = RESULT_OK;
    *charges = entry->payload;
    *size = entry->size;
    if (entry->kind == LEDGER_ENTRY_CLOSE) {
        result = partition_close_read(entry, &close, why);
        *charges = close.charges;
        *size = close.charges_size;
    } else if (entry->kind == LEDGER_ENTRY_RETARIFF) {
        result = partition_retariff_read(entry, &retariff, why);
        *charges = retariff.charges;
        *size = retariff.charges_size;
    }
    return result;
}

static enum result pour_entry(struct pouring *pouring, const struct ledger_entry *entry) {
    const uint8_t *charges = NULL;
    size_t size = 0;
    pouring->entry = entry->sequence;
    enum result result = entry_charges(entry, &charges, &size, pouring->why);
    if (result == RESULT_OK)
        result = charges_unpack(charges, size, pour, pouring, pouring->why);
    return pouring->result != RESULT_OK ? pouring->result : result;
}

static void close_journal(struct projected *projected) {
    if (projected->journal)
        projected->journal->operations->close(&projected->journal);
    projected->checked = false;
}

/* RESULT_NOT_FOUND: nobody ever owned the partition. */
static enum result open_journal(struct projector *projector, uint32_t partition, struct failure *why) {
    struct projected *projected = &projector->partitions[partition];
    char directory[BILLING_PATH];
    billing_partition_path(directory, projector->state, partition);
    struct ledger_journal_place place = {.directory = directory,
                                         .partition = partition,
                                         .count = projector->partition_count,
                                         .first_month = projector->first_month};
    enum result result = ledger_journal_files_read(&projected->journal, &place, why);
    if (result == RESULT_OK)
        result = audit_store_progress(projector->store, (int)partition, &projected->progress, why);
    return result;
}

static enum result is_in_journal(struct ledger_journal *journal, const struct audit_progress *progress,
                                 bool *in, struct failure *why) {
    struct ledger_entry entry;
    *in = progress->entry == 0;
    if (*in)
        return RESULT_OK;
    enum result result = journal->operations->read(journal, progress->entry, &entry, why);
    *in = result == RESULT_OK && memcmp(entry.hash, progress->hash, JOURNAL_HASH_SIZE) == 0;
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* Goes back along the commits to the newest one that the journal still has. */
static enum result go_back(struct projector *projector, uint32_t partition, struct failure *why) {
    struct projected *projected = &projector->partitions[partition];
    struct audit_progress to = projected->progress;
    bool in;
    enum result result = is_in_journal(projected->journal, &to, &in, why);
    while (result == RESULT_OK && !in) {
        result = audit_store_trail(projector->store, (int)partition, to.entry, &to, why);
        if (result == RESULT_OK)
            result = is_in_journal(projected->journal, &to, &in, why);
    }
    if (result != RESULT_OK)
        return result;
    projected->checked = true;
    if (to.entry == projected->progress.entry)
        return RESULT_OK;
    log_warning("partition %" PRIu32 ": entries %" PRIu64 " to %" PRIu64
                " were made void by a take-over: their rows are taken out",
                partition, to.entry + 1, projected->progress.entry);
    result = audit_store_back(projector->store, partition, &to, why);
    if (result == RESULT_OK)
        projected->progress = to;
    return result;
}

static enum result step(struct projector *projector, uint32_t partition, uint32_t charges_max, bool *more,
                        struct failure *why) {
    struct projected *projected = &projector->partitions[partition];
    struct ledger_journal *journal = projected->journal;
    struct pouring pouring = {.projector = projector, .partition = partition, .why = why};
    struct audit_progress progress = projected->progress;
    struct ledger_entry head, entry;
    enum result result = journal->operations->head(journal, &head, why);
    while (result == RESULT_OK && progress.entry < head.sequence && pouring.count < charges_max) {
        result = journal->operations->read(journal, progress.entry + 1, &entry, why);
        if (result != RESULT_OK)
            break;
        result = pour_entry(&pouring, &entry);
        progress.entry = entry.sequence;
        progress.offset = entry.offset;
        memcpy(progress.hash, entry.hash, JOURNAL_HASH_SIZE);
    }
    if (result != RESULT_OK || progress.entry == projected->progress.entry)
        return result;
    result = audit_store_commit(projector->store, (int)partition, &progress, why);
    projected->progress = progress;
    *more = progress.entry < head.sequence;
    return result;
}

enum result projector_partition(struct projector *projector, uint32_t partition, uint32_t charges_max,
                                bool *more, struct failure *why) {
    struct projected *projected = &projector->partitions[partition];
    enum result result = RESULT_OK;
    *more = false;
    if (!projected->journal)
        result = open_journal(projector, partition, why);
    if (result == RESULT_OK && !projected->checked)
        result = go_back(projector, partition, why);
    if (result == RESULT_OK)
        result = step(projector, partition, charges_max, more, why);
    if (result == RESULT_NOT_FOUND && !projected->journal)
        return RESULT_OK;
    if (result != RESULT_CONFLICT || strcmp(why->code, "JOURNAL_TURNED") != 0)
        return result;
    close_journal(projected); /* rows that were not committed are void with the rest */
    *more = true;
    return audit_store_undo(projector->store, why);
}
