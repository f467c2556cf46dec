/* live.c - the live totals as answers (live.h). */
#include "live.h"

#include "runtime/require.h"
#include "view/totals_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct live {
    const struct coverage_link *link;
    struct page *pages[TOTALS_LINES_MAX][AUDIENCE_COUNT]; /* of regions, as trees */
};

struct live *live_new(const struct coverage_link *link) {
    struct live *live = calloc(1, sizeof *live);
    if (!live)
        abort();
    live->link = link;
    return live;
}

void live_destroy(struct live **live) {
    if (!*live)
        return;
    live_changed(*live);
    free(*live);
    *live = NULL;
}

void live_changed(struct live *live) {
    for (size_t i = 0; i < TOTALS_LINES_MAX; i++)
        for (unsigned audience = 0; audience < AUDIENCE_COUNT; audience++)
            page_release(&live->pages[i][audience]);
}

static struct page *page_of(json_t *body, uint64_t offset) {
    char etag[PAGE_ETAG_MAX];
    char *text = json_dumps(body, JSON_COMPACT | JSON_TEXT_FLAGS);
    json_decref(body);
    require(text, "a body of totals is JSON");
    size_t size = strlen(text);
    snprintf(etag, sizeof etag, "W/\"%" PRIu64 "-%08" PRIx32 "\"", offset, (uint32_t)XXH3_64bits(text, size));
    const struct page_plan plan = {
        .type = "application/json", .etag = etag, .cache = "no-cache", .compress = true};
    struct page *page = page_new(&plan, text, size);
    free(text);
    return page;
}

struct page *live_page(struct live *live, const struct coverage_region *region, enum totals_level level,
                       enum audience audience) {
    const struct coverage_view *view = coverage_link_view(live->link);
    size_t index = (size_t)(region - view->regions);
    require(index < view->count && level == LEVEL_TREE, "a page is of a region of the picture");
    struct page **page = &live->pages[index][audience];
    if (!*page) {
        json_t *body = totals_json(view, region);
        json_object_set_new(body, "audience",
                            json_string(audience == AUDIENCE_OFFICER ? "officer" : "public"));
        json_object_set_new(body, "suppressed_below", json_integer(0));
        *page = page_of(body, view->offset);
    }
    return *page;
}
