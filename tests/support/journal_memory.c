/* journal_memory.c - a journal in memory with a disk that can fail (see journal_memory.h). */
#include "journal_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stored_run {
    struct journal_run run;
    uint64_t first_offset;
};

struct journal_disk {
    struct journal_batch *batches; /* each with its own copy of the records */
    struct stored_run *runs;
    struct journal_refusal *refusals;
    size_t batch_count, run_count, refusal_count;
    size_t synced_count; /* batches that survive a crash */
    enum journal_fault fault;
    bool drop_syncs;
    struct memory_journal *open;
};

struct memory_journal {
    struct journal journal; /* first */
    struct journal_disk *disk;
    uint8_t *lent; /* what `read` gave out: a copy, so that who keeps it too long is found out */
    bool broken;
};

static void *grown(void *array, size_t count, size_t size) {
    if ((count & (count - 1)) != 0 && count > 0)
        return array; /* room was made at the last power of two */
    void *larger = realloc(array, (count == 0 ? 1 : 2 * count) * size);
    if (!larger) {
        fprintf(stderr, "No memory for the journal's fake.\n");
        abort();
    }
    return larger;
}

static uint8_t *copy_of(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size);
    if (!copy) {
        fprintf(stderr, "No memory for the journal's fake.\n");
        abort();
    }
    return memcpy(copy, data, size);
}

static struct memory_journal *memory_of(struct journal *journal) {
    struct memory_journal *memory = (struct memory_journal *)journal;
    free(memory->lent);
    memory->lent = NULL;
    return memory;
}

static uint64_t batch_end(const struct journal_batch *batch) {
    return batch->header.first_offset + batch->header.count;
}

static const struct journal_batch *last_batch(const struct journal_disk *disk) {
    return disk->batch_count > 0 ? &disk->batches[disk->batch_count - 1] : NULL;
}

static enum result check_batch(const struct memory_journal *memory, const struct journal_batch *batch,
                               struct failure *why) {
    const struct journal_batch *last = last_batch(memory->disk);
    if (memory->broken)
        return fail(why, RESULT_IO, "JOURNAL_BROKEN", "An earlier write failed; start again and replay.");
    if (batch->header.first_offset != (last ? batch_end(last) : 1))
        return fail(why, RESULT_CONFLICT, "JOURNAL_OFFSET", "The batch does not begin with the next offset.");
    if (batch->header.count == 0 || batch->size == 0 || batch->size > JOURNAL_BATCH_MAX_BYTES)
        return fail(why, RESULT_INVALID, "JOURNAL_BATCH", "The batch is empty or too large.");
    if (last && (batch->header.time_ms < last->header.time_ms || batch->header.day < last->header.day))
        return fail(why, RESULT_INVALID, "JOURNAL_TIME", "The batch is dated before the one it follows.");
    return RESULT_OK;
}

static void store(struct journal_disk *disk, const struct journal_batch *batch,
                  const struct journal_run *runs, size_t run_count, const struct journal_refusal *refusals,
                  size_t refusal_count) {
    disk->batches = grown(disk->batches, disk->batch_count, sizeof *disk->batches);
    disk->batches[disk->batch_count] = *batch;
    disk->batches[disk->batch_count++].records = copy_of(batch->records, batch->size);
    for (size_t index = 0; index < run_count; index++) {
        disk->runs = grown(disk->runs, disk->run_count, sizeof *disk->runs);
        disk->runs[disk->run_count++] = (struct stored_run){runs[index], batch->header.first_offset};
    }
    for (size_t index = 0; index < refusal_count; index++) {
        disk->refusals = grown(disk->refusals, disk->refusal_count, sizeof *disk->refusals);
        disk->refusals[disk->refusal_count++] = refusals[index];
    }
    if (!disk->drop_syncs)
        disk->synced_count = disk->batch_count;
}

static enum result append(struct journal *journal, struct journal_batch *batch,
                          const struct journal_run *runs, size_t run_count,
                          const struct journal_refusal *refusals, size_t refusal_count, struct failure *why) {
    static const uint8_t none[JOURNAL_HASH_SIZE];
    struct memory_journal *memory = memory_of(journal);
    struct journal_disk *disk = memory->disk;
    enum result result = check_batch(memory, batch, why);
    if (result != RESULT_OK)
        return result;
    enum journal_fault fault = disk->fault;
    disk->fault = JOURNAL_FAULT_NONE;
    if (fault == JOURNAL_FAULT_FULL)
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk is full: make room.");
    const struct journal_batch *last = last_batch(disk);
    journal_hash(last ? last->hash : none, &batch->header, batch->records, batch->size, batch->hash);
    if (fault != JOURNAL_FAULT_IO_BEFORE)
        store(disk, batch, runs, run_count, refusals, refusal_count);
    if (fault == JOURNAL_FAULT_NONE)
        return RESULT_OK;
    memory->broken = true;
    return fail(why, RESULT_IO, "JOURNAL_IO", "The write failed: its outcome is unknown.");
}

static enum result read_batch(struct journal *journal, uint64_t offset, struct journal_batch *batch,
                              struct failure *why) {
    struct memory_journal *memory = memory_of(journal);
    size_t low = 0, high = memory->disk->batch_count;
    while (low < high) { /* the last batch that begins at `offset` or before */
        size_t middle = low + (high - low) / 2;
        if (memory->disk->batches[middle].header.first_offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || offset >= batch_end(&memory->disk->batches[low - 1]))
        return fail(why, RESULT_NOT_FOUND, "OFFSET_UNKNOWN", "The journal has no offset %llu.",
                    (unsigned long long)offset);
    *batch = memory->disk->batches[low - 1];
    batch->records = memory->lent = copy_of(batch->records, batch->size);
    return RESULT_OK;
}

static enum result find(struct journal *journal, uint32_t device, uint64_t sequence, uint64_t *first_offset,
                        struct failure *why) {
    const struct journal_disk *disk = memory_of(journal)->disk;
    for (size_t index = disk->run_count; index-- > 0;) {
        const struct stored_run *stored = &disk->runs[index];
        if (stored->run.device == device && sequence >= stored->run.first_sequence &&
            sequence - stored->run.first_sequence < stored->run.count) {
            *first_offset = stored->first_offset;
            return RESULT_OK;
        }
    }
    return fail(why, RESULT_NOT_FOUND, "SEQUENCE_UNKNOWN", "Device %u's sequence %llu is not stored.", device,
                (unsigned long long)sequence);
}

static enum result list_refusals(struct journal *journal, uint64_t before, uint16_t code, uint32_t device,
                                 struct journal_refusal *out, size_t capacity, size_t *count,
                                 struct failure *why) {
    const struct journal_disk *disk = memory_of(journal)->disk;
    (void)why;
    *count = 0;
    for (size_t index = disk->refusal_count; index-- > 0 && *count < capacity;) {
        const struct journal_refusal *refusal = &disk->refusals[index];
        if ((before == 0 || refusal->offset < before) && (code == 0 || refusal->refusal == code) &&
            (device == 0 || refusal->device == device))
            out[(*count)++] = *refusal;
    }
    return RESULT_OK;
}

static enum result head(struct journal *journal, struct journal_batch *batch, struct failure *why) {
    const struct journal_batch *last = last_batch(memory_of(journal)->disk);
    (void)why;
    *batch = last ? *last : (struct journal_batch){0};
    batch->records = NULL;
    batch->size = 0;
    return RESULT_OK;
}

static enum result idle(struct journal *journal, struct failure *why) {
    (void)memory_of(journal);
    (void)why;
    return RESULT_OK;
}

static void close_journal(struct journal **journal) {
    if (!*journal)
        return;
    struct memory_journal *memory = memory_of(*journal);
    memory->disk->open = NULL;
    free(memory);
    *journal = NULL;
}

static const struct journal_operations operations = {
    .append = append,
    .read = read_batch,
    .find = find,
    .refusals = list_refusals,
    .head = head,
    .idle = idle,
    .close = close_journal,
};

struct journal_disk *journal_disk_new(void) {
    struct journal_disk *disk = calloc(1, sizeof *disk);
    if (!disk)
        abort();
    return disk;
}

/* Cuts the disk back to its first `batch_count` batches. */
static void cut(struct journal_disk *disk, size_t batch_count) {
    uint64_t end = batch_count > 0 ? batch_end(&disk->batches[batch_count - 1]) : 1;
    while (disk->batch_count > batch_count)
        free((uint8_t *)disk->batches[--disk->batch_count].records);
    while (disk->run_count > 0 && disk->runs[disk->run_count - 1].first_offset >= end)
        disk->run_count--;
    while (disk->refusal_count > 0 && disk->refusals[disk->refusal_count - 1].offset >= end)
        disk->refusal_count--;
}

void journal_disk_destroy(struct journal_disk **disk) {
    if (!*disk)
        return;
    cut(*disk, 0);
    free((*disk)->batches);
    free((*disk)->runs);
    free((*disk)->refusals);
    free(*disk);
    *disk = NULL;
}

enum result journal_memory_open(struct journal **out, struct journal_disk *disk, struct failure *why) {
    *out = NULL;
    if (disk->open)
        return fail(why, RESULT_CONFLICT, "JOURNAL_IN_USE", "Another journal is open on this disk.");
    struct memory_journal *memory = calloc(1, sizeof *memory);
    if (!memory)
        abort();
    memory->journal.operations = &operations;
    memory->disk = disk;
    disk->open = memory;
    *out = &memory->journal;
    return RESULT_OK;
}

void journal_disk_fault(struct journal_disk *disk, enum journal_fault fault) {
    disk->fault = fault;
}

void journal_disk_drop_syncs(struct journal_disk *disk, bool drop) {
    disk->drop_syncs = drop;
}

void journal_disk_crash(struct journal_disk *disk) {
    struct journal *open = disk->open ? &disk->open->journal : NULL;
    if (open)
        close_journal(&open);
    cut(disk, disk->synced_count);
    disk->fault = JOURNAL_FAULT_NONE;
}

bool journal_disk_tear(struct journal_disk *disk, uint64_t offset) {
    for (size_t index = 0; index < disk->batch_count; index++) {
        struct journal_batch *batch = &disk->batches[index];
        if (offset - batch->header.first_offset >= batch->header.count)
            continue;
        ((uint8_t *)batch->records)[batch->size / 2] ^= 1;
        return true;
    }
    return false;
}

uint64_t journal_disk_durable(const struct journal_disk *disk) {
    return disk->synced_count > 0 ? batch_end(&disk->batches[disk->synced_count - 1]) - 1 : 0;
}
