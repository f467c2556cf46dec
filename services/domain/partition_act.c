/* partition_act.c - carries out orders at a barrier: previews, closes, changes of tariff (partition.h). */
#include "partition_state.h"

#include "month_pack.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define PREVIEW_MONTHS_MAX 24u

static enum result another_offset(const struct partition *partition, uint64_t asked, uint64_t stored,
                                  struct failure *why) {
    char month[CALENDAR_TEXT];
    calendar_format_month(partition->closed.month, month);
    return fail(why, RESULT_CORRUPT, "PARTITION_CLOSED_ELSEWHERE",
                "Partition %u has closed %s at record %" PRIu64 ", not %" PRIu64
                ": the coordinator's books are of another state.",
                partition->number, month, stored, asked);
}

static enum result check_position(const struct partition *partition, const struct partition_order *order,
                                  struct failure *why) {
    assert(partition->position >= order->offset && "an order was carried out before its offset");
    bool ahead = order->act != PARTITION_PREVIEW && partition->recalled.count > 0;
    if (partition->position == order->offset && !ahead)
        return RESULT_OK;
    return fail(why, RESULT_CORRUPT, "PARTITION_BEYOND",
                "Partition %u or its journal is beyond record %" PRIu64 " (at %" PRIu64
                ") without having carried out what was ordered there.",
                partition->number, order->offset, partition->position);
}

static enum result preview(const struct partition *partition, const struct partition_order *order,
                           struct ledger_sums *sums, struct failure *why) {
    assert(order->months > 0 && order->months <= PREVIEW_MONTHS_MAX && "a preview is of 1 to 24 months");
    enum result result = check_position(partition, order, why);
    for (uint16_t i = 0; i < order->months && result == RESULT_OK; i++)
        result = ledger_preview(partition->ledger, (month_t)(order->month + i), &sums[i], NULL, NULL, why);
    return result;
}

static void begin_pending(struct partition *partition, uint8_t kind, month_t month, int64_t time_ms) {
    partition->pending.kind = kind;
    partition->pending.month = month;
    partition->pending.time_ms = time_ms;
}

static enum result close_month(struct partition *partition, const struct partition_order *order,
                               int64_t time_ms, struct ledger_sums *sums, struct failure *why) {
    if (partition->closed.month != MONTH_NONE && order->month == partition->closed.month) {
        if (order->offset != partition->closed.offset)
            return another_offset(partition, order->offset, partition->closed.offset, why);
        return ledger_sums_unpack(sums, partition->regions, partition->closed.sums.data,
                                  partition->closed.sums.size, why);
    }
    enum result result = check_position(partition, order, why);
    if (result == RESULT_OK)
        result = partition_do_close(partition, order->month, sums, &partition->pending.payload, why);
    if (result == RESULT_OK)
        begin_pending(partition, LEDGER_ENTRY_CLOSE, order->month, time_ms);
    return result;
}

static enum result change_tariff(struct partition *partition, const struct partition_order *order,
                                 int64_t time_ms, struct failure *why) {
    if (partition->retariffed.known && partition->retariffed.offset == order->offset &&
        partition->retariffed.digest == tariff_digest(order->tariff))
        return RESULT_OK;
    enum result result = check_position(partition, order, why);
    if (result != RESULT_OK)
        return result;
    partition_do_retariff(partition, order->tariff, order->offset, &partition->pending.payload);
    begin_pending(partition, LEDGER_ENTRY_RETARIFF, MONTH_NONE, time_ms);
    return RESULT_OK;
}

enum result partition_act(struct partition *partition, const struct partition_order *order, int64_t time_ms,
                          struct ledger_sums *sums, struct failure *why) {
    assert(!partition->taken && !partition->pending.kind && "an entry waits for its commit");
    enum result result = partition_reach(partition, partition->position, why);
    if (result != RESULT_OK)
        return result;
    switch (order->act) {
    case PARTITION_PREVIEW:
        return preview(partition, order, sums, why);
    case PARTITION_CLOSE:
        return close_month(partition, order, time_ms, sums, why);
    default:
        assert(order->act == PARTITION_RETARIFF && "an order is one of three");
        return change_tariff(partition, order, time_ms, why);
    }
}

/* The packed sums of a close are kept: a coordinator that crashed asks again. */
static void remember_close(struct partition *partition, month_t month, const struct ledger_sums *sums) {
    struct pack_out *packed = &partition->closed.sums;
    packed->size = 0;
    pack_reserve(packed, LEDGER_SUMS_PACKED_MAX);
    packed->size = ledger_sums_pack(sums, partition->regions, packed->data, packed->capacity);
    assert(packed->size > 0 && "all sums fit into their packed form");
    packed->data = realloc(packed->data, packed->size);
    assert(packed->data && "no memory for packed sums");
    packed->capacity = packed->size;
    partition->closed.month = month;
    partition->closed.offset = partition->position;
}

enum result partition_do_close(struct partition *partition, month_t month, struct ledger_sums *sums,
                               struct pack_out *payload, struct failure *why) {
    struct ledger *ledger = partition->ledger;
    if (month != ledger_open_month(ledger))
        return ledger_close(ledger, month, sums, NULL, NULL, why); /* which says why not */
    struct roster_packer *roster = roster_packer_new();
    struct charge_packer *charges = charge_packer_new();
    enum result result = month_pack_close(ledger, month, sums, charges, roster, why);
    assert(result == RESULT_OK && "the open month can be closed");
    remember_close(partition, month, sums);
    size_t charges_size, roster_size;
    const uint8_t *charge_bytes = charge_packer_bytes(charges, &charges_size);
    const uint8_t *roster_bytes = roster_packer_bytes(roster, &roster_size);
    payload->size = 0;
    pack_reserve(payload, PARTITION_CLOSE_HEAD + partition->closed.sums.size + charges_size + roster_size);
    pack_fixed(payload, PARTITION_PAYLOAD_VERSION, 4);
    pack_fixed(payload, partition->closed.sums.size, 4);
    pack_fixed(payload, charges_size, 4);
    pack_fixed(payload, roster_size, 4);
    pack_fixed(payload, partition_tariff_digest(partition), 8);
    pack_bytes(payload, partition->closed.sums.data, partition->closed.sums.size);
    pack_bytes(payload, charge_bytes, charges_size);
    pack_bytes(payload, roster_bytes, roster_size);
    charge_packer_destroy(&charges);
    roster_packer_destroy(&roster);
    return result;
}

void partition_do_retariff(struct partition *partition, const struct tariff *tariff, uint64_t offset,
                           struct pack_out *payload) {
    uint8_t packed[TARIFF_PACKED_MAX];
    struct charge_packer *charges = charge_packer_new();
    unsigned next = 1 - partition->tariff_in_force;
    partition->tariffs[next] = *tariff;
    ledger_retariff(partition->ledger, &partition->tariffs[next], offset, charge_packer_add, charges);
    partition->tariff_in_force = next;
    partition->retariffed.known = true;
    partition->retariffed.offset = offset;
    partition->retariffed.digest = tariff_digest(tariff);
    size_t tariff_size = tariff_pack(tariff, packed), charges_size;
    const uint8_t *charge_bytes = charge_packer_bytes(charges, &charges_size);
    payload->size = 0;
    pack_fixed(payload, PARTITION_PAYLOAD_VERSION, 4);
    pack_fixed(payload, tariff_size, 4);
    pack_fixed(payload, charges_size, 4);
    pack_bytes(payload, packed, tariff_size);
    pack_bytes(payload, charge_bytes, charges_size);
    charge_packer_destroy(&charges);
}
