/* live.c - the live totals as answers (live.h). */
#include "live.h"

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct live {
    const struct coverage_link *link;
    bool judged; /* `hidden` is of the present picture */
    bool heard;  /* coverage was, before */
    int64_t stale_since_ms;
    struct suppression hidden;
    struct page *pages[TOTALS_LINES_MAX][LEVEL_COUNT][AUDIENCE_COUNT];
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
    struct page **pages = &live->pages[0][0][0];
    live->judged = false;
    for (size_t i = 0; i < sizeof live->pages / sizeof *pages; i++)
        if (pages[i])
            page_release(&pages[i]);
}

bool live_work(struct live *live, int64_t now_ms) {
    bool away = coverage_link_away(live->link, now_ms);
    bool was_away = live->stale_since_ms != 0;
    live->heard = live->heard || !away;
    if (!live->heard || away == was_away)
        return false;
    live->stale_since_ms = away ? clock_wall_ms() - (now_ms - coverage_link_heard_ms(live->link)) : 0;
    log_info(away ? "coverage does not answer: figures are stale" : "coverage answers: figures are live");
    live_changed(live);
    return true;
}

int64_t live_stale_since_ms(const struct live *live) {
    return live->stale_since_ms;
}

const struct suppression *live_hidden(struct live *live, enum audience audience) {
    if (audience == AUDIENCE_OFFICER)
        return NULL;
    if (!live->judged)
        suppress_view(coverage_link_view(live->link), &live->hidden);
    live->judged = true;
    return &live->hidden;
}

void live_put(const struct live *live, json_t *body, enum audience audience) {
    bool officer = audience == AUDIENCE_OFFICER;
    json_object_set_new(body, "audience", json_string(officer ? "officer" : "public"));
    json_object_set_new(body, "suppressed_below", json_integer(officer ? 0 : SUPPRESS_BELOW));
    json_object_set_new(body, "stale_since",
                        live->stale_since_ms ? json_instant(live->stale_since_ms) : json_null());
}

void live_id(uint64_t offset, const char *text, size_t size, char out[LIVE_ID_MAX]) {
    snprintf(out, LIVE_ID_MAX, "%" PRIu64 "-%08" PRIx32, offset, (uint32_t)XXH3_64bits(text, size));
}

struct page *live_page_of_text(const char *text, size_t size, uint64_t offset) {
    char id[LIVE_ID_MAX], etag[PAGE_ETAG_MAX];
    live_id(offset, text, size, id);
    snprintf(etag, sizeof etag, "W/\"%s\"", id);
    const struct page_plan plan = {
        .type = "application/json", .etag = etag, .cache = "no-cache", .compress = true};
    return page_new(&plan, text, size);
}

struct page *live_page_of(json_t *body, uint64_t offset) {
    char *text = json_dumps(body, JSON_COMPACT | JSON_TEXT_FLAGS);
    json_decref(body);
    require(text, "a body of totals is JSON");
    struct page *page = live_page_of_text(text, strlen(text), offset);
    free(text);
    return page;
}

struct page *live_page(struct live *live, const struct coverage_region *region, enum totals_level level,
                       enum audience audience) {
    const struct coverage_view *view = coverage_link_view(live->link);
    size_t index = (size_t)(region - view->regions);
    require(index < view->count, "a page is of a region of the picture");
    struct page **page = &live->pages[index][level][audience];
    if (!*page) {
        const struct suppression *hidden = live_hidden(live, audience);
        json_t *body = level == LEVEL_TREE ? totals_json_hiding(view, region, hidden)
                                           : totals_table_json(view, level, region->code, hidden);
        live_put(live, body, audience);
        *page = live_page_of(body, view->offset);
    }
    return *page;
}
