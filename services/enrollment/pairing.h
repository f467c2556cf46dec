/* pairing.h - codes that a web app may exchange for a token, until they are used or too old. In memory alone:
 * a restart forgets them, the operator makes another. Pure: time is an argument.
 */
#ifndef ENROLLMENT_PAIRING_H
#define ENROLLMENT_PAIRING_H

#include "cakupan/device.h"

#define PAIRINGS_MAX         64u
#define PAIRING_VALID_MS_MAX 3600000u
#define PAIRING_HASH_SIZE    32

struct pairings;

struct pairing {
    uint8_t code_hash[PAIRING_HASH_SIZE];
    char name[DEVICE_NAME_MAX + 1];
    uint8_t role; /* enum role */
    uint32_t area;
    int64_t until_ms; /* monotonic */
    bool used;
};

struct pairings *pairings_new(void);
void pairings_destroy(struct pairings **pairings);
/* Opens a pairing, copied; the same code again takes the place of the one before. False where PAIRINGS_MAX
 * wait to be used. */
bool pairings_open(struct pairings *pairings, const struct pairing *pairing, int64_t now_ms);
/* The pairing of this code, also one that was used or is too old, as long as it is remembered; NULL: there is
 * none. Valid until the next open. */
struct pairing *pairings_find(struct pairings *pairings, const uint8_t code_hash[PAIRING_HASH_SIZE]);

#endif
