/* journal_hash.c - the hash that chains a batch to the one before it (BLAKE2b-256, see cakupan/journal.h). */
#include "journal_hash.h"

#include <endian.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(JOURNAL_HASH_SIZE == crypto_generichash_BYTES, "BLAKE2b-256 gives the journal's hash");

#define HEADER_BYTES (8 + 4 + 8 + 2)

static void header_bytes(const struct batch_header *header, uint8_t out[HEADER_BYTES]) {
    uint64_t first_offset = htole64(header->first_offset);
    uint32_t count = htole32(header->count);
    uint64_t time_ms = htole64((uint64_t)header->time_ms);
    uint16_t day = htole16(header->day);
    memcpy(out, &first_offset, sizeof first_offset);
    memcpy(out + 8, &count, sizeof count);
    memcpy(out + 12, &time_ms, sizeof time_ms);
    memcpy(out + 20, &day, sizeof day);
}

void journal_hash_chain(const uint8_t previous[JOURNAL_HASH_SIZE], const uint8_t *header, size_t header_size,
                        const uint8_t *body, size_t body_size, uint8_t out[JOURNAL_HASH_SIZE]) {
    crypto_generichash_state state;
    if (sodium_init() < 0 || crypto_generichash_init(&state, NULL, 0, JOURNAL_HASH_SIZE) != 0 ||
        crypto_generichash_update(&state, previous, JOURNAL_HASH_SIZE) != 0 ||
        crypto_generichash_update(&state, header, header_size) != 0 ||
        crypto_generichash_update(&state, body, body_size) != 0 ||
        crypto_generichash_final(&state, out, JOURNAL_HASH_SIZE) != 0) {
        fprintf(stderr, "libsodium can't compute BLAKE2b: the journal's chain can't be kept.\n");
        abort();
    }
}

void journal_hash(const uint8_t previous[JOURNAL_HASH_SIZE], const struct batch_header *header,
                  const uint8_t *records, size_t size, uint8_t out[JOURNAL_HASH_SIZE]) {
    uint8_t bytes[HEADER_BYTES];
    header_bytes(header, bytes);
    journal_hash_chain(previous, bytes, sizeof bytes, records, size, out);
}
