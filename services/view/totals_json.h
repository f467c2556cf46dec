/* totals_json.h - a region's totals as JSON: what `cakupan totals --json` prints and the gateway answers. */
#ifndef VIEW_TOTALS_JSON_H
#define VIEW_TOTALS_JSON_H

#include "coverage_view.h"
#include "suppress.h"

#include <jansson.h>
#include <stdio.h>

/* The caller owns what each returns. */
json_t *totals_json(const struct coverage_view *view, const struct coverage_region *region);
/* The same for those who may not see what `hidden` names: null stands for it. NULL: all is shown. */
json_t *totals_json_hiding(const struct coverage_view *view, const struct coverage_region *region,
                           const struct suppression *hidden);
/* A region's own figures: code, name, population ... percentages. */
json_t *totals_figures_json(const struct coverage_view *view, const struct coverage_region *region,
                            const struct suppression *hidden);
json_t *totals_flows_json(const struct coverage_view *view, const struct coverage_region *region,
                          const struct suppression *hidden);
/* Adds what every answer says of the picture: offset, as_of, day, population_as_of, population_source,
 * city_uhc. */
void totals_header_put(json_t *object, const struct coverage_view *view);
/* How the bill stands; null where billing was never heard. */
json_t *totals_bill_json(const struct billing_heard *billing);
/* As the public may see it: without amounts reckoned from wages, which, as they change, tell one person's
 * wage; without corrections, which may be of one person, and what contains them (what is owed; `city` is told
 * without them); where `few`, without any people and amounts. Takes the reference, gives it back. */
json_t *totals_bill_public(json_t *bill, bool few);
/* Without those of the payers for PPU_PN and BP: where the two are withheld, members who pay less those of
 * PBPU are BP. */
json_t *totals_bill_without_pair(json_t *bill);
json_t *totals_grace_json(const struct totals_grace grace[TOTALS_GRACE_MONTHS]);
/* ISO 8601 with Jakarta's offset; null for what is no time. */
json_t *json_instant(int64_t unix_ms);

/* As text: indented, or compact. Digits of percentages alike everywhere. */
#define JSON_TEXT_FLAGS JSON_REAL_PRECISION(8)
/* Prints any JSON value: indented, or (for one line per update) compact. Takes the reference. */
void json_print(FILE *out, json_t *value, bool compact);

#endif
