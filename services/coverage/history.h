/* history.h - the figures of past days, as a TotalsReply. */
#ifndef COVERAGE_HISTORY_H
#define COVERAGE_HISTORY_H

#include "store/coverage_store.h"
#include "wire/wire_totals.h"

/* Serializes the days that `request` asks for (the last TOTALS_HISTORY_MAX_DAYS of them) into `out`.
 * RESULT_INVALID where there is no history of that region, RESULT_FULL where it does not fit: fewer days
 * would. */
MUST_USE enum result history_reply(struct coverage_store *store, const struct wire_totals_request *request,
                                   const struct totals_picture *picture, const struct region_table *regions,
                                   uint8_t *out, size_t capacity, size_t *size, struct failure *why);

#endif
