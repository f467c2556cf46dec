/* totals_print.h - a region's totals as tables for people. */
#ifndef CLI_TOTALS_PRINT_H
#define CLI_TOTALS_PRINT_H

#include "view/totals_json.h"

#include <stdio.h>

/* Tables: the region and what lies directly below it, its segments, the day's flows, and one line of
 * judgement. */
void totals_print(FILE *out, const struct coverage_view *view, const struct coverage_region *region,
                  bool colour);

#endif
