/* partition.c - the life of a partition: records in, entries out (partition.h). */
#include "partition_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct partition *partition_new(const struct partition_config *config) {
    assert(config->count > 0 && config->count <= LEDGER_PARTITIONS_MAX && config->number < config->count &&
           "a partition is one of the state's");
    struct partition *partition = calloc(1, sizeof *partition);
    assert(partition && "no memory for a partition");
    partition->number = config->number;
    partition->count = config->count;
    partition->first_month = config->first_month;
    partition->regions = config->regions;
    partition->first_tariff_digest = tariff_digest(config->tariff);
    partition->tariffs[0] = *config->tariff;
    partition->ledger = ledger_new(config->regions, &partition->tariffs[0], config->first_month);
    partition->corrections = charge_packer_new();
    return partition;
}

void partition_destroy(struct partition **partition) {
    if (!*partition)
        return;
    struct partition *old = *partition;
    struct recalled_queue *queue = &old->recalled;
    for (uint32_t i = 0; i < queue->count; i++)
        free(queue->entries[queue->first + i].tariff);
    free(queue->entries);
    ledger_destroy(&old->ledger);
    charge_packer_destroy(&old->corrections);
    pack_free(&old->pending.payload);
    pack_free(&old->closed.sums);
    free(old);
    *partition = NULL;
}

enum result partition_step(struct partition *partition, const struct record *record, struct failure *why) {
    assert(!partition->taken && !partition->pending.kind && "an entry waits for its commit");
    if (record_partition(record->member_id, partition->count) != partition->number)
        return fail(why, RESULT_CORRUPT, "PARTITION_FOREIGN",
                    "Record %" PRIu64 " is of another partition than %u: nothing was counted.",
                    record->offset, partition->number);
    if (record->offset <= partition->position)
        return RESULT_OK;
    enum result result = partition_reach(partition, record->offset - 1, why);
    if (result == RESULT_OK)
        result = ledger_step(partition->ledger, record, charge_packer_add, partition->corrections, why);
    if (result == RESULT_OK)
        partition->position = record->offset;
    return result;
}

enum result partition_settle(struct partition *partition, uint64_t offset, struct failure *why) {
    assert(!partition->taken && !partition->pending.kind && "an entry waits for its commit");
    if (offset < partition->position)
        return RESULT_OK;
    enum result result = partition_reach(partition, offset, why);
    if (result == RESULT_OK)
        partition->position = offset;
    return result;
}

/* While stored entries are still to be reached, the postings are theirs. */
uint64_t partition_waiting(const struct partition *partition) {
    return partition->recalled.count ? 0 : charge_packer_count(partition->corrections);
}

bool partition_take(struct partition *partition, int64_t time_ms, struct ledger_entry *entry) {
    const struct pending_order *pending = &partition->pending;
    *entry = (struct ledger_entry){.offset = partition->position, .time_ms = time_ms};
    if (partition_waiting(partition) > 0) {
        entry->kind = LEDGER_ENTRY_RECORDS;
        entry->payload = charge_packer_bytes(partition->corrections, &entry->size);
    } else if (pending->kind) {
        entry->kind = pending->kind;
        entry->month = pending->month;
        entry->time_ms = pending->time_ms;
        entry->payload = pending->payload.data;
        entry->size = pending->payload.size;
    } else {
        return false;
    }
    partition->taken = entry->kind;
    return true;
}

void partition_committed(struct partition *partition, const struct ledger_entry *entry) {
    assert(partition->taken && partition->taken == entry->kind && "an entry was taken before its commit");
    assert(entry->sequence == partition->sequence + 1 && "entries are committed in order");
    partition->sequence = entry->sequence;
    memcpy(partition->hash, entry->hash, sizeof partition->hash);
    if (partition->taken == LEDGER_ENTRY_RECORDS) {
        charge_packer_clear(partition->corrections);
    } else {
        pack_free(&partition->pending.payload); /* a close's has megabytes */
        partition->pending.kind = 0;
    }
    partition->taken = 0;
}

uint64_t partition_position(const struct partition *partition) {
    return partition->position;
}
const struct ledger *partition_ledger(const struct partition *partition) {
    return partition->ledger;
}
month_t partition_open_month(const struct partition *partition) {
    return ledger_open_month(partition->ledger);
}
uint64_t partition_tariff_digest(const struct partition *partition) {
    return partition->retariffed.known ? partition->retariffed.digest : partition->first_tariff_digest;
}
uint64_t partition_sequence(const struct partition *partition) {
    return partition->sequence;
}
const uint8_t *partition_hash(const struct partition *partition) {
    return partition->hash;
}
