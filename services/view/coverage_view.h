/* coverage_view.h - coverage's figures on our side: a whole picture, kept up to date, in which regions are
 * found. A plain value (some 80 kB), copied freely. Pure. */
#ifndef VIEW_COVERAGE_VIEW_H
#define VIEW_COVERAGE_VIEW_H

#include "cakupan/result.h"
#include "wire/wire_totals.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct coverage_region {
    uint32_t code; /* four, six or ten digits */
    char name[REGION_NAME_MAX + 1];
    struct totals_line line;
};

struct coverage_view {
    uint64_t offset, since_offset;
    int64_t as_of_ms;
    day_t day;
    enum uhc uhc; /* of the city */
    uint32_t population_as_of;
    char population_source[160];
    struct billing_heard billing; /* of the city */
    struct totals_grace grace[TOTALS_GRACE_MONTHS];
    size_t count;
    struct coverage_region regions[TOTALS_LINES_MAX]; /* the city, then kecamatan, then kelurahan */
};

void coverage_view_take(struct coverage_view *view, const struct wire_totals_reply *reply);
/* Whether the update tells anything new beside its lines: a day, UHC status, bill or months of grace. */
bool coverage_view_news(const struct coverage_view *view, const struct coverage_view *update);
/* Takes a watcher's update into the picture. False where it does not continue it: ask for a whole one. */
bool coverage_view_update(struct coverage_view *view, const struct coverage_view *update);

/* The region, by its code ("3671", "36.71.05", "3671051001") or name, whatever its case and spaces; a name
 * that is both a kecamatan's and a kelurahan's means the kecamatan, "Cipondoh/Gondrong" a kelurahan in it.
 * `text` NULL: the city. RESULT_NOT_FOUND, RESULT_CONFLICT (two kelurahan of one name). */
MUST_USE enum result coverage_view_find(const struct coverage_view *view, const char *text,
                                        const struct coverage_region **out, struct failure *why);
const struct coverage_region *coverage_view_region(const struct coverage_view *view, uint32_t code);
/* Whether `code` is a part directly below `parent`: a kecamatan of the city, a kelurahan of a kecamatan. */
bool region_is_below(uint32_t code, uint32_t parent);

#endif
