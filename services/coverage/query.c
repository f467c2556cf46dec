/* query.c - answers requests for totals, history and watching (see query.h). */
#include "query.h"
#include "history.h"
#include "reply.h"

#include <stdlib.h>

struct query {
    const struct region_table *regions;
    struct watchers *watchers;
    struct coverage_store *store;
    watchers_send *send;
    void *context;
    uint8_t bytes[TOTALS_REPLY_MAX_BYTES];
};

struct query *query_new(const struct region_table *regions, struct watchers *watchers,
                        struct coverage_store *store, watchers_send *send, void *context) {
    struct query *query = malloc(sizeof *query);
    if (!query)
        abort();
    query->regions = regions;
    query->watchers = watchers;
    query->store = store;
    query->send = send;
    query->context = context;
    return query;
}

void query_destroy(struct query **query) {
    free(*query);
    *query = NULL;
}

/* What can't be sent is dropped: the client asks again. */
static void send_bytes(struct query *query, const struct watcher_peer *peer, size_t size) {
    (void)query->send(query->context, peer, query->bytes, size);
}

static void refuse(struct query *query, const struct watcher_peer *peer, enum refusal refusal,
                   const struct failure *why) {
    struct wire_totals_reply reply = {
        .refusal = (uint16_t)refusal, .code = why->code, .sentence = why->sentence};
    send_bytes(query, peer, wire_totals_reply_encode(&reply, query->bytes, sizeof query->bytes));
}

static bool is_region(const struct query *query, uint32_t code) {
    const struct totals_picture *picture = watchers_picture(query->watchers);
    for (uint32_t index = 0; index < picture->count; index++) {
        if (picture->regions[index].code == code)
            return true;
    }
    return code == 0;
}

static void answer_totals(struct query *query, const struct watcher_peer *peer, uint32_t region) {
    const struct totals_picture *picture = watchers_picture(query->watchers);
    struct wire_totals_reply reply = reply_of(picture, query->regions);
    struct reply_lines lines;
    reply_pick(picture, region, NULL, &lines);
    send_bytes(query, peer, reply_encode(&reply, &lines, query->bytes, sizeof query->bytes));
}

static void answer_history(struct query *query, const struct watcher_peer *peer,
                           const struct wire_totals_request *request) {
    struct failure why;
    size_t size;
    enum result result = history_reply(query->store, request, watchers_picture(query->watchers),
                                       query->regions, query->bytes, sizeof query->bytes, &size, &why);
    if (result == RESULT_OK)
        send_bytes(query, peer, size);
    else
        refuse(query, peer, result == RESULT_INVALID ? REFUSAL_REGION_UNKNOWN : REFUSAL_BUSY, &why);
}

void query_answer(struct query *query, const struct watcher_peer *peer, const uint8_t *data, size_t size,
                  int64_t now_ms) {
    struct wire_totals_request request;
    struct failure why;
    enum result result =
        data ? wire_totals_request_decode(data, size, &request, &why)
             : fail(&why, RESULT_INVALID, "FRAME_MALFORMED", "A request is one frame, not several.");
    if (result != RESULT_OK) {
        refuse(query, peer, REFUSAL_FRAME_MALFORMED, &why);
        return;
    }
    if (!is_region(query, request.region)) {
        (void)fail(&why, RESULT_INVALID, "REGION_UNKNOWN",
                   "%u is no region of %s: give four, six or ten digits.", request.region,
                   query->regions->city_name);
        refuse(query, peer, REFUSAL_REGION_UNKNOWN, &why);
        return;
    }
    if (request.history)
        answer_history(query, peer, &request);
    else if (!request.watch)
        answer_totals(query, peer, request.region);
    else if (watchers_watch(query->watchers, peer, request.region, request.since_offset, now_ms, &why) !=
             RESULT_OK)
        refuse(query, peer, REFUSAL_BUSY, &why);
}
