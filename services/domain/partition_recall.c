/* partition_recall.c - the journal's entries told again, and the proof that a replay comes to the same
 * (partition.h). */
#include "partition_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

uint64_t partition_digest(const uint8_t *data, size_t size) {
    uint64_t digest = size, word = 0;
    size_t at = 0;
    for (; size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, data + at, sizeof word);
        digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        digest ^= digest >> 29;
    }
    word = 0;
    if (size > at)
        memcpy(&word, data + at, size - at);
    return (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
}

static void push(struct recalled_queue *queue, const struct recalled *entry) {
    if (queue->first + queue->count == queue->capacity) {
        queue->capacity += queue->capacity / 2 + 32;
        queue->entries = realloc(queue->entries, queue->capacity * sizeof *queue->entries);
        assert(queue->entries && "no memory for entries recalled");
    }
    queue->entries[queue->first + queue->count++] = *entry;
}

static void pop(struct recalled_queue *queue) {
    free(queue->entries[queue->first].tariff);
    queue->first++;
    queue->count--;
    if (queue->count > 0)
        return;
    free(queue->entries);
    *queue = (struct recalled_queue){0};
}

/* Offset of the last thing known of the journal or the feed. */
static uint64_t last_offset(const struct partition *partition) {
    const struct recalled_queue *queue = &partition->recalled;
    return queue->count ? queue->entries[queue->first + queue->count - 1].offset : partition->position;
}

/* What to keep of the payload beside its digest, and whether it has the form of its kind. */
static enum result take_payload(const struct ledger_entry *entry, struct recalled *out, struct failure *why) {
    struct partition_close close;
    struct partition_retariff retariff;
    switch (entry->kind) {
    case LEDGER_ENTRY_RECORDS:
        return charges_unpack(entry->payload, entry->size, NULL, NULL, why);
    case LEDGER_ENTRY_CLOSE:
        return partition_close_read(entry, &close, why);
    case LEDGER_ENTRY_RETARIFF:
        break;
    default:
        return fail(why, RESULT_CORRUPT, "ENTRY_KIND", "Entry %" PRIu64 " is of the unknown kind %u.",
                    entry->sequence, entry->kind);
    }
    enum result result = partition_retariff_read(entry, &retariff, why);
    if (result != RESULT_OK)
        return result;
    out->tariff = malloc(sizeof *out->tariff);
    assert(out->tariff && "no memory for a tariff");
    return tariff_unpack(out->tariff, retariff.tariff, retariff.tariff_size, why);
}

enum result partition_recall(struct partition *partition, const struct ledger_entry *entry,
                             struct failure *why) {
    assert(!partition->taken && !partition->pending.kind && "an entry waits for its commit");
    if (entry->sequence != partition->sequence + 1 || entry->offset < last_offset(partition))
        return fail(why, RESULT_CORRUPT, "ENTRY_OUT_OF_ORDER",
                    "Entry %" PRIu64 " at record %" PRIu64 " does not follow entry %" PRIu64
                    " of partition %u at record %" PRIu64 ".",
                    entry->sequence, entry->offset, partition->sequence, partition->number,
                    last_offset(partition));
    struct recalled recalled = {.sequence = entry->sequence,
                                .offset = entry->offset,
                                .digest = partition_digest(entry->payload, entry->size),
                                .month = entry->month,
                                .kind = entry->kind};
    enum result result = take_payload(entry, &recalled, why);
    if (result != RESULT_OK) {
        free(recalled.tariff);
        return result;
    }
    push(&partition->recalled, &recalled);
    partition->sequence = entry->sequence;
    memcpy(partition->hash, entry->hash, sizeof partition->hash);
    return RESULT_OK;
}

static enum result differs(const struct partition *partition, const struct recalled *recalled,
                           struct failure *why) {
    return fail(why, RESULT_CORRUPT, "REPLAY_DIFFERS",
                "Partition %u: counting the records up to %" PRIu64
                " anew gives something else than entry %" PRIu64
                " of its journal has (kind %u). Nothing more is written; see bill audit.",
                partition->number, recalled->offset, recalled->sequence, recalled->kind);
}

/* The corrections since the entry before must be the entry's. */
static bool reach_records(struct partition *partition, const struct recalled *recalled) {
    size_t size;
    const uint8_t *bytes = charge_packer_bytes(partition->corrections, &size);
    bool same = partition_digest(bytes, size) == recalled->digest;
    charge_packer_clear(partition->corrections);
    return same;
}

static bool reach_close(struct partition *partition, const struct recalled *recalled) {
    struct pack_out payload = {0};
    struct ledger_sums *sums = calloc(1, sizeof *sums);
    assert(sums && "no memory for the sums of a month");
    enum result result = partition_do_close(partition, recalled->month, sums, &payload, NULL);
    bool same = result == RESULT_OK && partition_digest(payload.data, payload.size) == recalled->digest;
    pack_free(&payload);
    free(sums);
    return same;
}

static bool reach_retariff(struct partition *partition, const struct recalled *recalled) {
    struct pack_out payload = {0};
    partition_do_retariff(partition, recalled->tariff, recalled->offset, &payload);
    bool same = partition_digest(payload.data, payload.size) == recalled->digest;
    pack_free(&payload);
    return same;
}

enum result partition_reach(struct partition *partition, uint64_t offset, struct failure *why) {
    struct recalled_queue *queue = &partition->recalled;
    while (queue->count && queue->entries[queue->first].offset <= offset) {
        struct recalled *next = &queue->entries[queue->first];
        bool same;
        partition->position = next->offset;
        if (next->kind == LEDGER_ENTRY_RECORDS)
            same = reach_records(partition, next);
        else if (charge_packer_count(partition->corrections) > 0)
            same = false; /* an entry is missing: all that was posted before is stored before */
        else
            same = next->kind == LEDGER_ENTRY_CLOSE ? reach_close(partition, next)
                                                    : reach_retariff(partition, next);
        if (!same)
            return differs(partition, next, why);
        pop(queue);
    }
    return RESULT_OK;
}
