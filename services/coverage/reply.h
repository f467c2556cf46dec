/* reply.h - a TotalsReply from a picture: its header, and the lines that somebody wants. Pure. */
#ifndef COVERAGE_REPLY_H
#define COVERAGE_REPLY_H

#include "wire/wire_totals.h"

/* Lines picked from a picture; they borrow from it. */
struct reply_lines {
    uint32_t count;
    const struct totals_region *lines[TOTALS_LINES_MAX];
};

/* What a reply may have beside its lines, at most: the denominator's source, the bill and the months of
 * grace. */
#define REPLY_HEADER_MAX_BYTES 4096

/* Offset, time, day, denominator, UHC status, bill and grace of the picture; no lines yet. It borrows from
 * the picture. */
struct wire_totals_reply reply_of(const struct totals_picture *picture, const struct region_table *regions);
/* Picks the lines within `region` (0: all) for which `wanted` (NULL: all) is true. */
void reply_pick(const struct totals_picture *picture, uint32_t region, const bool wanted[TOTALS_LINES_MAX],
                struct reply_lines *out);
/* Serializes the reply with these lines; 0 where it does not fit. */
size_t reply_encode(struct wire_totals_reply *reply, const struct reply_lines *lines, uint8_t *out,
                    size_t capacity);

#endif
