/* disk.c - a journal in memory that outlives the simulated process, with faults on demand (disk.h). */
#include "disk.h"

#include "wire/wire_record.h"

#include <stdlib.h>
#include <string.h>

static void *grow(void *at, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return at;
    *capacity = *capacity ? *capacity * 2 : 64;
    at = realloc(at, *capacity * size);
    if (!at)
        abort();
    return at;
}

static void *copy(const void *data, size_t size) {
    void *copied = malloc(size ? size : 1);
    if (!copied)
        abort();
    if (size)
        memcpy(copied, data, size);
    return copied;
}

static void remember_records(struct disk *disk, const struct journal_batch *batch) {
    struct wire_record_entry entry;
    size_t position = 0;
    while (wire_record_next(batch->records, batch->size, &position, &entry) == RESULT_OK) {
        struct record record;
        arena_reset(&disk->arena);
        if (wire_record_decode(entry.data, entry.size, &disk->arena, &record) != RESULT_OK)
            abort();
        disk->records =
            grow(disk->records, disk->record_count, &disk->record_capacity, sizeof *disk->records);
        disk->records[disk->record_count++] = (struct disk_record){
            record.device, record.sequence, record.content_hash, record.refusal, record.warning};
    }
}

static void store(struct disk *disk, const struct journal_batch *batch, const struct journal_run *runs,
                  size_t run_count) {
    disk->batches = grow(disk->batches, disk->batch_count, &disk->batch_capacity, sizeof *disk->batches);
    struct disk_batch *stored = &disk->batches[disk->batch_count++];
    *stored = (struct disk_batch){*batch, copy(runs, run_count * sizeof *runs), run_count};
    stored->batch.records = copy(batch->records, batch->size);
    remember_records(disk, batch);
}

static enum result disk_append(struct journal *journal, struct journal_batch *batch,
                               const struct journal_run *runs, size_t run_count,
                               const struct journal_refusal *refusals, size_t refusal_count,
                               struct failure *why) {
    static const uint8_t nothing[JOURNAL_HASH_SIZE];
    struct disk *disk = (struct disk *)journal;
    enum disk_fault fault = disk->next_fault;
    (void)refusals;
    (void)refusal_count;
    disk->next_fault = DISK_FINE;
    if (batch->header.first_offset != disk->record_count + 1)
        return fail(why, RESULT_CONFLICT, "OFFSET", "Offset %llu is not the next one.",
                    (unsigned long long)batch->header.first_offset);
    journal_hash(disk->batch_count ? disk->batches[disk->batch_count - 1].batch.hash : nothing,
                 &batch->header, batch->records, batch->size, batch->hash);
    if (fault == DISK_FINE || fault == DISK_FAILS_WRITTEN)
        store(disk, batch, runs, run_count);
    if (fault == DISK_FINE)
        return RESULT_OK;
    return fault == DISK_FULL ? fail(why, RESULT_FULL, "DISK_FULL", "No space is left.")
                              : fail(why, RESULT_IO, "DISK_IO", "The disk failed.");
}

/* Lends a copy that the next call destroys. */
static void lend(struct disk *disk, const struct journal_batch *batch, struct journal_batch *out) {
    free(disk->lent);
    disk->lent = copy(batch->records, batch->size);
    *out = *batch;
    out->records = disk->lent;
}

static enum result disk_read(struct journal *journal, uint64_t offset, struct journal_batch *batch,
                             struct failure *why) {
    struct disk *disk = (struct disk *)journal;
    size_t low = 0, high = disk->batch_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct batch_header *header = &disk->batches[middle].batch.header;
        if (offset < header->first_offset)
            high = middle;
        else if (offset >= header->first_offset + header->count)
            low = middle + 1;
        else {
            lend(disk, &disk->batches[middle].batch, batch);
            return RESULT_OK;
        }
    }
    return fail(why, RESULT_NOT_FOUND, "OFFSET", "Offset %llu is not stored.", (unsigned long long)offset);
}

static enum result disk_find(struct journal *journal, uint32_t device, uint64_t sequence,
                             uint64_t *first_offset, struct failure *why) {
    const struct disk *disk = (const struct disk *)journal;
    for (size_t i = 0; i < disk->batch_count; i++) {
        for (size_t j = 0; j < disk->batches[i].run_count; j++) {
            const struct journal_run *run = &disk->batches[i].runs[j];
            if (run->device != device || sequence < run->first_sequence ||
                sequence >= run->first_sequence + run->count)
                continue;
            *first_offset = disk->batches[i].batch.header.first_offset;
            return RESULT_OK;
        }
    }
    return fail(why, RESULT_NOT_FOUND, "SEQUENCE", "Sequence %llu is not stored.",
                (unsigned long long)sequence);
}

static enum result disk_refusals(struct journal *journal, uint64_t before, uint16_t code, uint32_t device,
                                 struct journal_refusal *out, size_t capacity, size_t *count,
                                 struct failure *why) {
    (void)journal, (void)before, (void)code, (void)device, (void)out, (void)capacity, (void)why;
    *count = 0; /* lists for people are no part of the simulation */
    return RESULT_OK;
}

static enum result disk_head(struct journal *journal, struct journal_batch *batch, struct failure *why) {
    struct disk *disk = (struct disk *)journal;
    (void)why;
    *batch = (struct journal_batch){0};
    if (disk->batch_count)
        lend(disk, &disk->batches[disk->batch_count - 1].batch, batch);
    return RESULT_OK;
}

static enum result disk_idle(struct journal *journal, struct failure *why) {
    (void)journal, (void)why;
    return RESULT_OK;
}

static void disk_close(struct journal **journal) {
    *journal = NULL; /* the disk stays */
}

void disk_init(struct disk *disk) {
    static const struct journal_operations operations = {disk_append, disk_read, disk_find, disk_refusals,
                                                         disk_head,   disk_idle, disk_close};
    *disk = (struct disk){.journal.operations = &operations};
    arena_init(&disk->arena, 1u << 20);
}

static void free_batch(struct disk_batch *batch) {
    free((uint8_t *)batch->batch.records);
    free(batch->runs);
}

void disk_forget_last(struct disk *disk) {
    if (disk->batch_count == 0)
        return;
    struct disk_batch *last = &disk->batches[--disk->batch_count];
    disk->record_count -= last->batch.header.count;
    free_batch(last);
}

void disk_free(struct disk *disk) {
    for (size_t i = 0; i < disk->batch_count; i++)
        free_batch(&disk->batches[i]);
    free(disk->batches);
    free(disk->records);
    free(disk->lent);
    arena_free(&disk->arena);
}
