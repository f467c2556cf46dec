/* partition_state.h - what a partition of billing holds; shared by the files partition*.c alone. */
#ifndef DOMAIN_PARTITION_STATE_H
#define DOMAIN_PARTITION_STATE_H

#include "cakupan/partition.h"

#include "pack_bytes.h"

/* Payloads, little-endian. CLOSE: version 4, sizes of sums, charges and roster 4 each, digest of the
 * tariff 8, then the three. RETARIFF: version 4, sizes of tariff and charges 4 each, then both. */
#define PARTITION_PAYLOAD_VERSION 1u
#define PARTITION_CLOSE_HEAD      24u

/* A stored entry that the replay has not reached yet. */
struct recalled {
    uint64_t sequence, offset;
    uint64_t digest;       /* of its payload: what the replay makes must be the same */
    struct tariff *tariff; /* RETARIFF; owned */
    month_t month;
    uint8_t kind; /* enum ledger_entry_kind */
};

struct recalled_queue {
    struct recalled *entries;
    uint32_t first, count, capacity; /* `count` from `first` on are waiting */
};

/* A close or a change of tariff that was carried out and is not in the journal yet. */
struct pending_order {
    uint8_t kind; /* enum ledger_entry_kind; 0: none */
    month_t month;
    int64_t time_ms;
    struct pack_out payload;
};

struct partition {
    uint32_t number, count;
    month_t first_month;
    const struct region_table *regions; /* borrowed */
    uint64_t first_tariff_digest;
    struct tariff tariffs[2]; /* the one in force and, while it changes, the next one */
    unsigned tariff_in_force; /* index */
    struct ledger *ledger;
    uint64_t position;
    uint64_t sequence; /* of the last entry known: recalled or committed */
    uint8_t hash[JOURNAL_HASH_SIZE];
    struct recalled_queue recalled;
    /* Postings since the last entry reached: while stored ones are still to come, they are in these already,
     * and only compared. */
    struct charge_packer *corrections;
    struct pending_order pending;
    uint8_t taken; /* kind of the entry handed out, 0 none */
    struct {
        month_t month; /* MONTH_NONE: none */
        uint64_t offset;
        struct pack_out sums;
    } closed; /* the last close: its answer may be asked for again */
    struct {
        bool known;
        uint64_t offset, digest; /* of the tariff */
    } retariffed;                /* the last one */
};

static inline const struct tariff *partition_tariff(const struct partition *partition) {
    return &partition->tariffs[partition->tariff_in_force];
}

/* Applies the stored entries up to `offset`, all of whose records were taken. RESULT_CORRUPT where the replay
 * comes to something else than they hold. */
MUST_USE enum result partition_reach(struct partition *partition, uint64_t offset, struct failure *why);
/* Closes the open month, or changes the tariff, and makes the entry's payload; `payload` is emptied first.
 * RESULT_CONFLICT where `month` is not the open one. */
MUST_USE enum result partition_do_close(struct partition *partition, month_t month, struct ledger_sums *sums,
                                        struct pack_out *payload, struct failure *why);
void partition_do_retariff(struct partition *partition, const struct tariff *tariff, uint64_t offset,
                           struct pack_out *payload);
/* 64 bits over bytes: tells payloads apart that differ by mistake. */
uint64_t partition_digest(const uint8_t *data, size_t size);

#endif
