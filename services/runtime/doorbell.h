/* doorbell.h - how soon followers of a feed hear of a new head (proto/feed.proto: Doorbell).
 *
 * The paces alone, without a socket or a clock. Two bells: who shows the city live hears the prompt one; who
 * need not be fresh hears the seldom one, and sleeps through the single events in between: each follower
 * that wakes takes a processor from the next commit.
 */
#ifndef RUNTIME_DOORBELL_H
#define RUNTIME_DOORBELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOORBELL_RING_SIZE    9
#define DOORBELL_PROMPT_MS    40
#define DOORBELL_SELDOM_MS    500
#define DOORBELL_MANY_RECORDS 5000u /* new since the last seldom ring: they do not wait for its pace */

enum doorbell_bell { DOORBELL_PROMPT, DOORBELL_SELDOM, DOORBELLS };

/* All zero: no bell was rung yet. */
struct doorbell {
    struct {
        uint64_t head;
        int64_t rung_us; /* monotonic; 0: never */
    } bells[DOORBELLS];
};

/* Whether this bell is to be rung for `head` now; then it counts as rung. Else `*wait_us` is lowered to when
 * to ask again, where there is something to ring for. A first ring after a quiet while waits for nothing. */
bool doorbell_due(struct doorbell *doorbell, enum doorbell_bell bell, uint64_t head, int64_t now_us,
                  int64_t *wait_us);
void doorbell_write(enum doorbell_bell bell, uint64_t head, uint8_t ring[DOORBELL_RING_SIZE]);
/* False: these bytes are no ring. */
bool doorbell_read(const uint8_t *ring, size_t size, uint64_t *head);
/* The first byte of this bell's rings: what a follower subscribes to. */
char doorbell_topic(enum doorbell_bell bell);

#endif
