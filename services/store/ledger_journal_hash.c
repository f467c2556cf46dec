/* ledger_journal_hash.c - the hash that chains a partition's entry to the one before it (BLAKE2b-256, see
 * cakupan/ledger_journal.h). */
#include "cakupan/ledger_journal.h"

#include "journal_hash.h"

#include <string.h>

#define HEADER_BYTES (5 * 8 + 2 + 1)

static uint8_t *put(uint8_t *out, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        *out++ = (uint8_t)(value >> (8 * i));
    return out;
}

void ledger_journal_hash(const uint8_t previous[JOURNAL_HASH_SIZE], const struct ledger_entry *entry,
                         uint8_t out[JOURNAL_HASH_SIZE]) {
    uint8_t header[HEADER_BYTES];
    uint8_t *next = put(header, entry->sequence, 8);
    next = put(next, entry->epoch, 8);
    next = put(next, entry->offset, 8);
    next = put(next, (uint64_t)entry->time_ms, 8);
    next = put(next, entry->size, 8);
    next = put(next, entry->month, 2);
    put(next, entry->kind, 1);
    journal_hash_chain(previous, header, sizeof header, entry->payload, entry->size, out);
}
