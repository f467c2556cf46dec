/* pairing.c - the table of pairing codes (pairing.h). */
#include "pairing.h"

#include <stdlib.h>
#include <string.h>

struct pairings {
    uint32_t count;
    struct pairing at[PAIRINGS_MAX];
};

struct pairings *pairings_new(void) {
    struct pairings *pairings = calloc(1, sizeof *pairings);
    if (!pairings)
        abort();
    return pairings;
}

void pairings_destroy(struct pairings **pairings) {
    if (!*pairings)
        return;
    free(*pairings);
    *pairings = NULL;
}

struct pairing *pairings_find(struct pairings *pairings, const uint8_t code_hash[PAIRING_HASH_SIZE]) {
    for (uint32_t i = 0; i < pairings->count; i++)
        if (memcmp(pairings->at[i].code_hash, code_hash, PAIRING_HASH_SIZE) == 0)
            return &pairings->at[i];
    return NULL;
}

/* Of those that are used or too old, the one that ended first; NULL: all wait. */
static struct pairing *oldest_ended(struct pairings *pairings, int64_t now_ms) {
    struct pairing *oldest = NULL;
    for (uint32_t i = 0; i < pairings->count; i++) {
        struct pairing *pairing = &pairings->at[i];
        bool ended = pairing->used || pairing->until_ms <= now_ms;
        if (ended && (!oldest || pairing->until_ms < oldest->until_ms))
            oldest = pairing;
    }
    return oldest;
}

bool pairings_open(struct pairings *pairings, const struct pairing *pairing, int64_t now_ms) {
    struct pairing *place = pairings_find(pairings, pairing->code_hash);
    if (!place && pairings->count < PAIRINGS_MAX)
        place = &pairings->at[pairings->count++];
    if (!place)
        place = oldest_ended(pairings, now_ms);
    if (!place)
        return false;
    *place = *pairing;
    return true;
}
