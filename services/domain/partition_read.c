/* partition_read.c - the parts of the payloads of closes and of changes of tariff, for all who read journals
 * (partition.h). */
#include "partition_state.h"

static enum result corrupt(const struct ledger_entry *entry, struct failure *why) {
    return fail(why, RESULT_CORRUPT, "ENTRY_CORRUPT",
                "Entry %llu of a partition's journal (kind %u, %zu bytes) does not hold what it should.",
                (unsigned long long)entry->sequence, entry->kind, entry->size);
}

enum result partition_close_read(const struct ledger_entry *entry, struct partition_close *out,
                                 struct failure *why) {
    struct pack_in in = pack_in_of(entry->payload, entry->size);
    uint64_t version = pack_take_fixed(&in, 4);
    out->sums_size = pack_take_fixed(&in, 4);
    out->charges_size = pack_take_fixed(&in, 4);
    out->roster_size = pack_take_fixed(&in, 4);
    out->tariff_digest = pack_take_fixed(&in, 8);
    out->sums = pack_take_bytes(&in, out->sums_size);
    out->charges = pack_take_bytes(&in, out->charges_size);
    out->roster = pack_take_bytes(&in, out->roster_size);
    bool whole = !in.failed && pack_left(&in) == 0 && version == PARTITION_PAYLOAD_VERSION;
    return whole && entry->kind == LEDGER_ENTRY_CLOSE ? RESULT_OK : corrupt(entry, why);
}

enum result partition_retariff_read(const struct ledger_entry *entry, struct partition_retariff *out,
                                    struct failure *why) {
    struct pack_in in = pack_in_of(entry->payload, entry->size);
    uint64_t version = pack_take_fixed(&in, 4);
    out->tariff_size = pack_take_fixed(&in, 4);
    out->charges_size = pack_take_fixed(&in, 4);
    out->tariff = pack_take_bytes(&in, out->tariff_size);
    out->charges = pack_take_bytes(&in, out->charges_size);
    bool whole = !in.failed && pack_left(&in) == 0 && version == PARTITION_PAYLOAD_VERSION;
    return whole && entry->kind == LEDGER_ENTRY_RETARIFF ? RESULT_OK : corrupt(entry, why);
}
