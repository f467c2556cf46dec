/* reply.c - a TotalsReply from a picture (see reply.h). */
#include "reply.h"

struct wire_totals_reply reply_of(const struct totals_picture *picture, const struct region_table *regions) {
    return (struct wire_totals_reply){
        .offset = picture->offset,
        .as_of_ms = picture->as_of_ms,
        .day = picture->day,
        .population_as_of = regions->population_as_of,
        .population_source = regions->population_source,
        .uhc = picture->uhc,
        .billing = &picture->billing,
        .grace = picture->grace,
        .grace_count = TOTALS_GRACE_MONTHS,
    };
}

void reply_pick(const struct totals_picture *picture, uint32_t region, const bool wanted[TOTALS_LINES_MAX],
                struct reply_lines *out) {
    out->count = 0;
    for (uint32_t index = 0; index < picture->count; index++) {
        if ((!wanted || wanted[index]) && totals_within(picture->regions[index].code, region))
            out->lines[out->count++] = &picture->regions[index];
    }
}

size_t reply_encode(struct wire_totals_reply *reply, const struct reply_lines *lines, uint8_t *out,
                    size_t capacity) {
    reply->lines = lines->lines;
    reply->line_count = lines->count;
    return wire_totals_reply_encode(reply, out, capacity);
}
