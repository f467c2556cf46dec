/* totals_table.h - the figures of many regions as JSON rows, and the whole state as one message of the
 * stream. */
#ifndef VIEW_TOTALS_TABLE_H
#define VIEW_TOTALS_TABLE_H

#include "totals_json.h"

enum totals_level { LEVEL_TREE = 0, LEVEL_CITY, LEVEL_KECAMATAN, LEVEL_KELURAHAN, LEVEL_ALL, LEVEL_COUNT };

/* "city" ... "all"; NULL for LEVEL_TREE, which is a region with its parts and no table. */
const char *totals_level_name(enum totals_level level);
enum totals_level totals_level_from_name(const char *name); /* LEVEL_COUNT: none of them */

/* All lines of the level that are `within` or lie in it, with all fields (TotalsTable of openapi.json). */
json_t *totals_table_json(const struct coverage_view *view, enum totals_level level, uint32_t within,
                          const struct suppression *hidden);
/* The city in full, kecamatan and kelurahan as rows (StreamTotals of openapi.json). */
json_t *totals_stream_json(const struct coverage_view *view, const struct suppression *hidden);

#endif
