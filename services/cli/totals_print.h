/* totals_print.h - a region's totals as tables for people and as JSON for programs. */
#ifndef CLI_TOTALS_PRINT_H
#define CLI_TOTALS_PRINT_H

#include "coverage_view.h"

#include <jansson.h>
#include <stdio.h>

/* Tables: the region and what lies directly below it, its segments, the day's flows, and one line of
 * judgement. */
void totals_print(FILE *out, const struct coverage_view *view, const struct coverage_region *region,
                  bool colour);
/* The same figures; the caller owns the object. */
json_t *totals_json(const struct coverage_view *view, const struct coverage_region *region);
/* ISO 8601 with Jakarta's offset; null for what is no time. */
json_t *json_instant(int64_t unix_ms);
/* Prints any JSON value: indented, or (for one line per update) compact. Takes the reference. */
void json_print(FILE *out, json_t *value, bool compact);

#endif
