/* watchers.c - snapshots and changes for those who watch (see watchers.h; proto/totals.proto). */
#include "watchers.h"
#include "reply.h"

#include <stdlib.h>
#include <string.h>

struct watcher {
    struct watcher_peer peer;
    uint32_t region;
    uint64_t told_offset; /* of the reply sent last; 0: needs the whole picture */
    int64_t seen_ms;
};

/* The message made last: watchers of one region that were told alike get the same bytes. */
struct message {
    bool made;
    uint32_t region;
    uint64_t since_offset;
    size_t size; /* 0: nothing to tell */
    uint8_t bytes[TOTALS_REPLY_MAX_BYTES];
};

struct watchers {
    const struct region_table *regions;
    watchers_send *send;
    void *context;
    unsigned count;
    struct watcher list[WATCHERS_MAX];
    struct totals_picture picture;
    bool changed[TOTALS_LINES_MAX]; /* lines that differ from the picture before */
    bool header_changed;            /* a new day, another UHC status, bill or months of grace */
    struct message message;
};

struct watchers *watchers_new(const struct region_table *regions, watchers_send *send, void *context) {
    struct watchers *watchers = calloc(1, sizeof *watchers);
    if (!watchers)
        abort();
    watchers->regions = regions;
    watchers->send = send;
    watchers->context = context;
    return watchers;
}

void watchers_destroy(struct watchers **watchers) {
    free(*watchers);
    *watchers = NULL;
}

const struct totals_picture *watchers_picture(const struct watchers *watchers) {
    return &watchers->picture;
}
unsigned watchers_count(const struct watchers *watchers) {
    return watchers->count;
}

/* The last one takes the place of the one that goes. */
static void forget(struct watchers *watchers, struct watcher *watcher) {
    *watcher = watchers->list[--watchers->count];
}

static struct watcher *find(struct watchers *watchers, const struct watcher_peer *peer) {
    for (unsigned index = 0; index < watchers->count; index++) {
        struct watcher *watcher = &watchers->list[index];
        if (watcher->peer.size == peer->size && memcmp(watcher->peer.id, peer->id, peer->size) == 0)
            return watcher;
    }
    return NULL;
}

/* Makes what a watcher of `region` lacks who was told of `since_offset`; 0: everything. */
static void make_message(struct watchers *watchers, uint32_t region, uint64_t since_offset) {
    struct message *message = &watchers->message;
    struct reply_lines lines;
    if (message->made && message->region == region && message->since_offset == since_offset)
        return;
    reply_pick(&watchers->picture, region, since_offset == 0 ? NULL : watchers->changed, &lines);
    struct wire_totals_reply reply = reply_of(&watchers->picture, watchers->regions);
    reply.since_offset = since_offset;
    bool something = since_offset == 0 || lines.count > 0 || watchers->header_changed;
    message->made = true;
    message->region = region;
    message->since_offset = since_offset;
    message->size = something ? reply_encode(&reply, &lines, message->bytes, sizeof message->bytes) : 0;
}

/* False where the watcher is gone. */
static bool tell(struct watchers *watchers, struct watcher *watcher) {
    make_message(watchers, watcher->region, watcher->told_offset);
    if (watchers->message.size == 0)
        return true;
    enum watchers_sent sent =
        watchers->send(watchers->context, &watcher->peer, watchers->message.bytes, watchers->message.size);
    watcher->told_offset =
        sent == SENT ? watchers->picture.offset : 0; /* who missed one gets all at the next */
    return sent != SENT_TO_NOBODY;
}

static void compare(struct watchers *watchers, const struct totals_picture *next) {
    const struct totals_picture *last = &watchers->picture;
    watchers->header_changed = last->day != next->day || last->uhc != next->uhc ||
                               !billing_heard_same(&last->billing, &next->billing) ||
                               !totals_grace_same(last->grace, next->grace);
    for (uint32_t index = 0; index < next->count; index++)
        watchers->changed[index] =
            index >= last->count ||
            memcmp(&last->regions[index].line, &next->regions[index].line, sizeof(struct totals_line)) != 0;
}

void watchers_tell(struct watchers *watchers, const struct totals_picture *picture, int64_t now_ms) {
    compare(watchers, picture);
    watchers->picture = *picture;
    watchers->message.made = false;
    for (unsigned index = 0; index < watchers->count;) {
        struct watcher *watcher = &watchers->list[index];
        bool alive = now_ms - watcher->seen_ms < WATCHER_SILENCE_MS && tell(watchers, watcher);
        if (alive)
            index++;
        else
            forget(watchers, watcher);
    }
}

/* "Nothing changed for you up to now": a header alone, from the offset told last to the picture's. */
static void answer_alive(struct watchers *watchers, struct watcher *watcher) {
    struct reply_lines none = {.count = 0};
    struct wire_totals_reply reply = reply_of(&watchers->picture, watchers->regions);
    uint8_t bytes[REPLY_HEADER_MAX_BYTES];
    reply.since_offset = watcher->told_offset;
    size_t size = reply_encode(&reply, &none, bytes, sizeof bytes);
    enum watchers_sent sent = watchers->send(watchers->context, &watcher->peer, bytes, size);
    if (sent == SENT)
        watcher->told_offset = reply.offset;
    else if (sent == SENT_TO_NOBODY)
        forget(watchers, watcher);
}

static struct watcher *join(struct watchers *watchers, const struct watcher_peer *peer, int64_t now_ms) {
    for (unsigned index = 0; index < watchers->count && watchers->count == WATCHERS_MAX; index++) {
        if (now_ms - watchers->list[index].seen_ms >= WATCHER_SILENCE_MS)
            forget(watchers, &watchers->list[index]);
    }
    if (watchers->count == WATCHERS_MAX)
        return NULL;
    struct watcher *watcher = &watchers->list[watchers->count++];
    *watcher = (struct watcher){.peer = *peer};
    return watcher;
}

enum result watchers_watch(struct watchers *watchers, const struct watcher_peer *peer, uint32_t region,
                           uint64_t since_offset, int64_t now_ms, struct failure *why) {
    struct watcher *watcher = find(watchers, peer);
    bool known = watcher != NULL;
    if (!known)
        watcher = join(watchers, peer, now_ms);
    if (!watcher)
        return fail(
            why, RESULT_FULL, "WATCHERS_FULL",
            "%u watchers are served already, which is the limit: ask for the totals now and then instead.",
            WATCHERS_MAX);
    watcher->seen_ms = now_ms;
    /* An offset up to the one told last is only late: what was sent since is on its way. One above it is of
     * another life of this service. */
    if (known && watcher->region == region && since_offset != 0 && since_offset <= watcher->told_offset) {
        answer_alive(watchers, watcher);
        return RESULT_OK;
    }
    watcher->region = region;
    watcher->told_offset = 0;
    if (!tell(watchers, watcher))
        forget(watchers, watcher);
    return RESULT_OK;
}
