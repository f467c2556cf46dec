/* live.h - the live totals as answers: made at most once a change for each region, level and audience, then
 * shared. */
#ifndef GATEWAY_LIVE_H
#define GATEWAY_LIVE_H

#include "coverage_link.h"
#include "page.h"
#include "request.h"
#include "view/totals_table.h"

struct live;

struct live *live_new(const struct coverage_link *link); /* borrowed */
void live_destroy(struct live **live);
/* The picture changed: pages are made anew when they are asked for. */
void live_changed(struct live *live);
/* Notices when coverage goes and comes back, which every answer says. True where it just did. */
bool live_work(struct live *live, int64_t now_ms);
/* When coverage was heard last (wall clock); 0 while it is heard. */
int64_t live_stale_since_ms(const struct live *live);
/* The page of a region that the picture has (coverage_view_find); a reference of the live's own. */
struct page *live_page(struct live *live, const struct coverage_region *region, enum totals_level level,
                       enum audience audience);
/* What the audience may not see of the picture; NULL: it sees all. Valid until the next change. */
const struct suppression *live_hidden(struct live *live, enum audience audience);
/* Adds what every answer with figures says: audience, suppressed_below, stale_since. */
void live_put(const struct live *live, json_t *body, enum audience audience);
/* A page of such a body; takes the reference. */
struct page *live_page_of(json_t *body, uint64_t offset);
struct page *live_page_of_text(const char *text, size_t size, uint64_t offset);
/* "OFFSET-HASH" of a text. */
#define LIVE_ID_MAX 32
void live_id(uint64_t offset, const char *text, size_t size, char out[LIVE_ID_MAX]);

#endif
