/* totals_bill.h - how the bill stands and in which month whose grace ends: as tables. Part of
 * `cakupan totals`. */
#ifndef CLI_TOTALS_BILL_H
#define CLI_TOTALS_BILL_H

#include "view/coverage_view.h"

#include <stdio.h>

/* Prints nothing where billing was never heard and nobody is in grace. */
void totals_bill_print(FILE *out, const struct coverage_view *view, bool colour);

#endif
