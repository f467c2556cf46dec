/* heads.c - a short memory of the feed's head (heads.h). */
#include "heads.h"

/* Every second one goes, but for the oldest and the newest. */
static void thin_out(struct heads *heads) {
    uint32_t kept = 1;
    for (uint32_t i = 2; i < heads->count; i += 2)
        heads->kept[kept++] = heads->kept[i];
    heads->kept[kept++] = heads->kept[heads->count - 1];
    heads->count = kept;
}

void heads_note(struct heads *heads, uint64_t head, int64_t now_ms) {
    if (heads->count > 0 && head <= heads->kept[heads->count - 1].head)
        return;
    if (heads->count == HEADS_KEPT)
        thin_out(heads);
    heads->kept[heads->count].head = head;
    heads->kept[heads->count++].since_ms = now_ms;
}

int64_t heads_age_ms(const struct heads *heads, uint64_t offset, int64_t now_ms) {
    for (uint32_t i = 0; i < heads->count; i++) {
        if (heads->kept[i].head > offset)
            return now_ms - heads->kept[i].since_ms;
    }
    return 0;
}
