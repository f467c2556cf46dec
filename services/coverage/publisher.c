/* publisher.c - pictures of the totals for watchers and Redis, at a pace (see publisher.h). */
#include "publisher.h"
#include "reply.h"

#include <assert.h>
#include <stdlib.h>

struct publisher {
    const struct region_table *regions;
    const struct policy *policy;
    struct watchers *watchers;
    struct totals_redis *redis;
    int64_t next_ms; /* no picture before */
    bool shown;      /* a first picture was made */
    struct billing_heard billing;
    struct totals_picture picture;
    uint8_t packed[PACKED_COUNT][TOTALS_REPLY_MAX_BYTES / 4];
};

struct publisher *publisher_new(const struct region_table *regions, const struct policy *policy,
                                struct watchers *watchers, struct totals_redis *redis) {
    struct publisher *publisher = calloc(1, sizeof *publisher);
    if (!publisher)
        abort();
    publisher->regions = regions;
    publisher->policy = policy;
    publisher->watchers = watchers;
    publisher->redis = redis;
    publisher->next_ms = INT64_MIN;
    return publisher;
}

void publisher_destroy(struct publisher **publisher) {
    free(*publisher);
    *publisher = NULL;
}

static enum totals_packed_level level_of(uint32_t code) {
    return code > 999999 ? PACKED_KELURAHAN : code > 9999 ? PACKED_KECAMATAN : PACKED_CITY;
}

static void to_redis(struct publisher *publisher, int64_t now_ms) {
    struct totals_packed packed[PACKED_COUNT];
    for (unsigned level = 0; level < PACKED_COUNT; level++) {
        bool wanted[TOTALS_LINES_MAX];
        for (uint32_t index = 0; index < publisher->picture.count; index++)
            wanted[index] = level == PACKED_ALL || level == level_of(publisher->picture.regions[index].code);
        struct reply_lines lines;
        struct wire_totals_reply reply = reply_of(&publisher->picture, publisher->regions);
        reply_pick(&publisher->picture, 0, wanted, &lines);
        size_t size = reply_encode(&reply, &lines, publisher->packed[level], sizeof publisher->packed[level]);
        assert(size > 0 && "the biggest picture fits");
        packed[level] = (struct totals_packed){publisher->packed[level], size};
    }
    totals_redis_publish(publisher->redis, &publisher->picture, packed, now_ms);
}

static bool is_new(const struct publisher *publisher, const struct totals *totals) {
    return !publisher->shown || totals->offset != publisher->picture.offset ||
           !billing_heard_same(&publisher->billing, &publisher->picture.billing);
}

void publisher_billing(struct publisher *publisher, const struct billing_heard *billing) {
    publisher->billing = *billing;
}

void publisher_work(struct publisher *publisher, const struct totals *totals, bool backlog, int64_t now_ms) {
    if (is_new(publisher, totals) && now_ms >= publisher->next_ms) {
        totals_picture(totals, publisher->regions, publisher->policy, &publisher->picture);
        publisher->picture.billing = publisher->billing;
        publisher->shown = true;
        publisher->next_ms = now_ms + (backlog ? PUBLISH_BACKLOG_EVERY_MS : PUBLISH_EVERY_MS);
        watchers_tell(publisher->watchers, &publisher->picture, now_ms);
    }
    if (totals_redis_wants(publisher->redis, &publisher->picture, now_ms))
        to_redis(publisher, now_ms);
}

int64_t publisher_wake_ms(const struct publisher *publisher, const struct totals *totals) {
    return is_new(publisher, totals) ? publisher->next_ms : INT64_MAX;
}
