/* journal_hash.h - BLAKE2b-256 over what chains an entry of any journal to the one before it. */
#ifndef STORE_JOURNAL_HASH_H
#define STORE_JOURNAL_HASH_H

#include "cakupan/journal.h"

#include <stddef.h>

/* Of the previous hash, then the header, then the body. Aborts where libsodium can't. */
void journal_hash_chain(const uint8_t previous[JOURNAL_HASH_SIZE], const uint8_t *header, size_t header_size,
                        const uint8_t *body, size_t body_size, uint8_t out[JOURNAL_HASH_SIZE]);

#endif
