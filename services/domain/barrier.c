/* barrier.c - all partitions to one offset, and what each answered there (barrier.h).
 *
 * Sums take some 200 KB a month and partition. Those of each partition are kept for orders of one month (a
 * close's control totals, and any preview of one month); of a forecast of many months only the total and a
 * fingerprint of each answer.
 */
#include "cakupan/barrier.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct barrier_place {
    bool held, answered;
    uint64_t position, sequence;
    uint64_t fingerprint; /* of the answered sums */
    uint8_t hash[JOURNAL_HASH_SIZE];
    struct ledger_sums *sums; /* of one month; NULL else */
};

struct barrier {
    uint32_t partitions, held, answered;
    const struct region_table *regions;
    enum barrier_phase phase;
    uint64_t id, head;
    struct partition_order order;
    struct tariff tariff; /* the order's own */
    struct ledger_sums *totals;
    struct barrier_place *places;
};

static void *zeroed(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

struct barrier *barrier_new(uint32_t partitions, const struct region_table *regions) {
    struct barrier *barrier = zeroed(1, sizeof *barrier);
    if (partitions == 0 || partitions > LEDGER_PARTITIONS_MAX)
        abort();
    barrier->partitions = partitions;
    barrier->regions = regions;
    barrier->places = zeroed(partitions, sizeof *barrier->places);
    return barrier;
}

static void forget(struct barrier *barrier) {
    for (uint32_t i = 0; i < barrier->partitions; i++)
        free(barrier->places[i].sums);
    memset(barrier->places, 0, barrier->partitions * sizeof *barrier->places);
    free(barrier->totals);
    barrier->totals = NULL;
    barrier->held = barrier->answered = 0;
}

void barrier_destroy(struct barrier **barrier) {
    if (!*barrier)
        return;
    forget(*barrier);
    free((*barrier)->places);
    free(*barrier);
    *barrier = NULL;
}

static uint16_t months_of(const struct partition_order *order) {
    return order->act == PARTITION_RETARIFF ? 0 : order->act == PARTITION_CLOSE ? 1 : order->months;
}

static void begin(struct barrier *barrier, uint64_t id, const struct partition_order *order) {
    if (barrier->phase != BARRIER_NONE || id == 0 || (order->act == PARTITION_RETARIFF) != !!order->tariff)
        abort();
    barrier->id = id;
    barrier->order = *order;
    if (order->tariff) {
        barrier->tariff = *order->tariff;
        barrier->order.tariff = &barrier->tariff;
    }
    barrier->totals = zeroed(months_of(order), sizeof *barrier->totals);
}

void barrier_begin(struct barrier *barrier, uint64_t id, const struct partition_order *order, uint64_t head) {
    begin(barrier, id, order);
    barrier->order.offset = 0;
    barrier->head = head;
    barrier->phase = BARRIER_HOLD;
}

void barrier_resume(struct barrier *barrier, uint64_t id, const struct partition_order *order) {
    begin(barrier, id, order);
    barrier->phase = BARRIER_RUN;
}

void barrier_decided(struct barrier *barrier) {
    if (barrier->phase != BARRIER_INTENT)
        abort();
    barrier->phase = BARRIER_RUN;
}

/* All stand still: S is the highest of their positions and the head. */
static void settle(struct barrier *barrier) {
    uint64_t offset = barrier->head;
    for (uint32_t i = 0; i < barrier->partitions; i++)
        offset = barrier->places[i].position > offset ? barrier->places[i].position : offset;
    barrier->order.offset = offset;
    barrier->phase = barrier->order.act == PARTITION_PREVIEW ? BARRIER_RUN : BARRIER_INTENT;
}

void barrier_held(struct barrier *barrier, uint32_t partition, uint64_t position) {
    if (barrier->phase != BARRIER_HOLD || partition >= barrier->partitions)
        return;
    struct barrier_place *place = &barrier->places[partition];
    barrier->held += !place->held;
    place->held = true;
    place->position = position;
    if (barrier->held == barrier->partitions)
        settle(barrier);
}

void barrier_lost(struct barrier *barrier, uint32_t partition) {
    if (barrier->phase != BARRIER_HOLD || partition >= barrier->partitions)
        return;
    barrier->held -= barrier->places[partition].held;
    barrier->places[partition].held = false;
}

/* Two answers with the same fingerprint say the same: FNV-1a over words, all fields of a line being words. */
static uint64_t fingerprint(const struct ledger_sums *sums, uint16_t months) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (uint16_t month = 0; month < months; month++) {
        for (size_t at = 0; at < sizeof *sums; at += sizeof(uint64_t)) {
            uint64_t word;
            memcpy(&word, (const uint8_t *)&sums[month] + at, sizeof word);
            hash = (hash ^ word) * UINT64_C(1099511628211);
        }
    }
    return hash;
}

static enum result check_again(const struct barrier *barrier, const struct barrier_answer *answer,
                               struct failure *why) {
    const struct barrier_place *place = &barrier->places[answer->partition];
    bool same = place->fingerprint == fingerprint(answer->sums, answer->months);
    if (barrier->order.act != PARTITION_PREVIEW)
        same = same && place->sequence == answer->sequence &&
               memcmp(place->hash, answer->hash, sizeof place->hash) == 0;
    if (same)
        return RESULT_OK;
    return fail(why, RESULT_CORRUPT, "BARRIER_ANSWER",
                "Partition %" PRIu32 " answered the same question at offset %" PRIu64
                " twice, with different sums: run `cakupan verify`.",
                answer->partition, barrier->order.offset);
}

enum result barrier_answer(struct barrier *barrier, const struct barrier_answer *answer,
                           struct failure *why) {
    uint16_t months = months_of(&barrier->order);
    bool expected = barrier->phase == BARRIER_RUN || barrier->phase == BARRIER_DONE;
    if (!expected || answer->partition >= barrier->partitions || answer->months != months)
        return fail(why, RESULT_INVALID, "BARRIER_UNASKED",
                    "Partition %" PRIu32 " answered with %u months what was not asked: it is ignored.",
                    answer->partition, (unsigned)answer->months);
    struct barrier_place *place = &barrier->places[answer->partition];
    if (place->answered)
        return check_again(barrier, answer, why);
    place->answered = true;
    place->sequence = answer->sequence;
    memcpy(place->hash, answer->hash, sizeof place->hash);
    place->fingerprint = fingerprint(answer->sums, months);
    for (uint16_t month = 0; month < months; month++)
        ledger_sums_add(&barrier->totals[month], &answer->sums[month]);
    if (months == 1) {
        place->sums = zeroed(1, sizeof *place->sums);
        *place->sums = *answer->sums;
    }
    if (++barrier->answered == barrier->partitions)
        barrier->phase = BARRIER_DONE;
    return RESULT_OK;
}

void barrier_end(struct barrier *barrier) {
    if (barrier->phase == BARRIER_RUN && barrier->order.act != PARTITION_PREVIEW)
        abort();
    forget(barrier);
    barrier->phase = BARRIER_NONE;
    barrier->id = 0;
}

enum barrier_phase barrier_phase(const struct barrier *barrier) {
    return barrier->phase;
}
uint64_t barrier_id(const struct barrier *barrier) {
    return barrier->id;
}
const struct partition_order *barrier_order(const struct barrier *barrier) {
    return &barrier->order;
}
bool barrier_answered(const struct barrier *barrier, uint32_t partition) {
    return partition < barrier->partitions && barrier->places[partition].answered;
}

const struct ledger_sums *barrier_sums(const struct barrier *barrier, uint16_t index) {
    if (barrier->phase != BARRIER_DONE || index >= months_of(&barrier->order))
        abort();
    return &barrier->totals[index];
}

const struct ledger_sums *barrier_partition_sums(const struct barrier *barrier, uint32_t partition,
                                                 uint16_t index, uint64_t *sequence, const uint8_t **hash) {
    if (barrier->phase != BARRIER_DONE || partition >= barrier->partitions || index != 0 ||
        months_of(&barrier->order) != 1)
        abort();
    *sequence = barrier->places[partition].sequence;
    *hash = barrier->places[partition].hash;
    return barrier->places[partition].sums;
}
