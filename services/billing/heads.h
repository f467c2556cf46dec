/* heads.h - since when the feed's head is above an offset: how old the oldest record not counted is. Pure. */
#ifndef BILLING_HEADS_H
#define BILLING_HEADS_H

#include <stdint.h>

#define HEADS_KEPT 64u

struct heads {
    uint32_t count;
    struct {
        uint64_t head;
        int64_t since_ms;
    } kept[HEADS_KEPT]; /* ascending; old ones ever further apart */
};

/* The head is now `head`. */
void heads_note(struct heads *heads, uint64_t head, int64_t now_ms);
/* For how long there has been something after `offset`; 0 where there is nothing. */
int64_t heads_age_ms(const struct heads *heads, uint64_t offset, int64_t now_ms);

#endif
