/* suppress.h - which counts the public may not see: cells of 1 to 4 people, and those from which they
 * could be reckoned. Pure. */
#ifndef GATEWAY_SUPPRESS_H
#define GATEWAY_SUPPRESS_H

#include "cakupan/totals.h"
#include "view/coverage_view.h"

#define SUPPRESS_BELOW 5u

/* A bit per field (totals_field) of each region of the view: withheld. */
struct suppression {
    uint64_t withheld[TOTALS_LINES_MAX];
};
/* Withholds every count of 1 to 4; then, until nothing changes: where exactly one cell of a sum is
 * withheld (the segments of a region, a field over the regions below one), the next smallest, too. */
void suppress_view(const struct coverage_view *view, struct suppression *out);

#endif
