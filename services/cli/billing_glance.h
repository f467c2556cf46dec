/* billing_glance.h - billing in one line: how far it is, with how many workers, and what waits for a
 * person. */
#ifndef CLI_BILLING_GLANCE_H
#define CLI_BILLING_GLANCE_H

#include "cakupan/calendar.h"
#include "cakupan/result.h"

#include <stdint.h>

struct billing_glance {
    uint64_t offset; /* every partition has counted up to it */
    uint32_t workers, ready, partitions, failures;
    char failure[400];  /* the oldest of the failures, with its code; "": none */
    month_t open_month; /* MONTH_NONE: the journal is empty */
};

/* Asks once; RESULT_NOT_FOUND where billing does not run. */
MUST_USE enum result billing_glance(const char *state, struct billing_glance *out, struct failure *why);
/* "2 workers, 16 of 16 partitions ready, open month 2026-12" */
void billing_glance_text(const struct billing_glance *glance, char *out, size_t size);

#endif
