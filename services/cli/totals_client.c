/* totals_client.c - asks coverage for live totals and watches them (totals_client.h). */
#include "totals_client.h"

#include "exchange.h"

#include <stdlib.h>

enum { TOTALS_TIMEOUT_MS = 15000, TOTALS_ARENA_BYTES = 16 << 20 };

struct totals_client {
    struct exchange *exchange;
    struct arena arena;
};

enum result totals_client_open(struct totals_client **out, const char *state, struct failure *why) {
    struct exchange *exchange;
    *out = NULL;
    enum result result = exchange_open(&exchange, state, "coverage", why);
    if (result != RESULT_OK)
        return result;
    struct totals_client *client = calloc(1, sizeof *client);
    if (!client)
        abort();
    client->exchange = exchange;
    arena_init(&client->arena, TOTALS_ARENA_BYTES);
    *out = client;
    return RESULT_OK;
}

void totals_client_close(struct totals_client **client) {
    if (!client || !*client)
        return;
    exchange_close(&(*client)->exchange);
    arena_free(&(*client)->arena);
    free(*client);
    *client = NULL;
}

static enum result request_send(struct totals_client *client, uint32_t region, bool watch,
                                uint64_t since_offset, struct failure *why) {
    struct wire_totals_request request = {.region = region, .watch = watch, .since_offset = since_offset};
    uint8_t packed[TOTALS_REQUEST_MAX_BYTES];
    size_t size = wire_totals_request_encode(&request, packed, sizeof packed);
    if (size == 0)
        abort(); /* the bound holds every request */
    return exchange_send(client->exchange, packed, size, why);
}

enum result totals_client_next(struct totals_client *client, int timeout_ms, struct coverage_view *view,
                               struct failure *why) {
    const uint8_t *data;
    size_t size;
    struct wire_totals_reply reply;
    enum result result = exchange_receive(client->exchange, timeout_ms, &data, &size, why);
    if (result != RESULT_OK)
        return result;
    arena_reset(&client->arena);
    if (wire_totals_reply_decode(data, size, &client->arena, &reply) != RESULT_OK)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED",
                    "Coverage answered in a form that this version does not know.");
    if (reply.refusal != 0)
        return fail(why, RESULT_INVALID, reply.code, "%s", reply.sentence);
    coverage_view_take(view, &reply);
    return RESULT_OK;
}

enum result totals_client_alive(struct totals_client *client, uint32_t region, uint64_t since_offset,
                                struct failure *why) {
    return request_send(client, region, true, since_offset, why);
}

enum result totals_client_ask(struct totals_client *client, uint32_t region, bool watch,
                              uint64_t since_offset, struct coverage_view *view, struct failure *why) {
    enum result result = request_send(client, region, watch, since_offset, why);
    return result == RESULT_OK ? totals_client_next(client, TOTALS_TIMEOUT_MS, view, why) : result;
}

enum result totals_now(const char *state, struct coverage_view *view, struct failure *why) {
    struct totals_client *client;
    enum result result = totals_client_open(&client, state, why);
    if (result != RESULT_OK)
        return result;
    result = totals_client_ask(client, 0, false, 0, view, why);
    totals_client_close(&client);
    return result;
}
