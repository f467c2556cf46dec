/* totals_bill.h - how the bill stands and in which month whose grace ends: as tables and as JSON. Part of
 * `cakupan totals`. */
#ifndef CLI_TOTALS_BILL_H
#define CLI_TOTALS_BILL_H

#include "coverage_view.h"

#include <jansson.h>
#include <stdio.h>

/* Prints nothing where billing was never heard and nobody is in grace. */
void totals_bill_print(FILE *out, const struct coverage_view *view, bool colour);
/* null where billing was never heard. */
json_t *totals_bill_json(const struct billing_heard *billing);
json_t *totals_grace_json(const struct totals_grace grace[TOTALS_GRACE_MONTHS]);

#endif
