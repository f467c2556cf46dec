/* live.h - the live totals as answers: made at most once a change for each region and audience, then
 * shared. */
#ifndef GATEWAY_LIVE_H
#define GATEWAY_LIVE_H

#include "coverage_link.h"
#include "page.h"
#include "request.h"

struct live;

enum totals_level { LEVEL_TREE = 0, LEVEL_CITY, LEVEL_KECAMATAN, LEVEL_KELURAHAN, LEVEL_ALL, LEVEL_COUNT };

struct live *live_new(const struct coverage_link *link); /* borrowed */
void live_destroy(struct live **live);
/* The picture changed: pages are made anew when they are asked for. */
void live_changed(struct live *live);
/* The page of a region that the picture has (coverage_view_find); a reference of the live's own. */
struct page *live_page(struct live *live, const struct coverage_region *region, enum totals_level level,
                       enum audience audience);

#endif
