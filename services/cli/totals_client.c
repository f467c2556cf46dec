/* totals_client.c - asks coverage for live totals and watches them (totals_client.h). */
#include "totals_client.h"

#include "exchange.h"

#include <stdlib.h>

enum { TOTALS_VERSION = 1, TOTALS_TIMEOUT_MS = 15000, TOTALS_REQUEST_BYTES = 64 };

struct totals_client {
    struct exchange *exchange;
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
    *out = client;
    return RESULT_OK;
}

void totals_client_close(struct totals_client **client) {
    if (!client || !*client)
        return;
    exchange_close(&(*client)->exchange);
    free(*client);
    *client = NULL;
}

static enum result request_send(struct totals_client *client, uint32_t region, bool watch,
                                uint64_t since_offset, struct failure *why) {
    Cakupan__TotalsRequest request = CAKUPAN__TOTALS_REQUEST__INIT;
    request.version = TOTALS_VERSION;
    request.region = region;
    request.watch = watch;
    request.since_offset = since_offset;
    uint8_t packed[TOTALS_REQUEST_BYTES]; /* four small numbers */
    size_t size = cakupan__totals_request__get_packed_size(&request);
    if (size > sizeof packed)
        abort();
    cakupan__totals_request__pack(&request, packed);
    return exchange_send(client->exchange, packed, size, why);
}

enum result totals_client_next(struct totals_client *client, int timeout_ms, Cakupan__TotalsReply **reply,
                               struct failure *why) {
    const uint8_t *data;
    size_t size;
    *reply = NULL;
    enum result result = exchange_receive(client->exchange, timeout_ms, &data, &size, why);
    if (result != RESULT_OK)
        return result;
    *reply = cakupan__totals_reply__unpack(NULL, size, data);
    if (!*reply)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED",
                    "Coverage answered in a form that this version does not know.");
    if ((*reply)->refusal == 0)
        return RESULT_OK;
    fail(why, RESULT_INVALID, (*reply)->code, "%s", (*reply)->sentence);
    totals_reply_free(reply);
    return RESULT_INVALID;
}

enum result totals_client_alive(struct totals_client *client, uint32_t region, uint64_t since_offset,
                                struct failure *why) {
    return request_send(client, region, true, since_offset, why);
}

enum result totals_client_ask(struct totals_client *client, uint32_t region, bool watch,
                              uint64_t since_offset, Cakupan__TotalsReply **reply, struct failure *why) {
    *reply = NULL;
    enum result result = request_send(client, region, watch, since_offset, why);
    return result == RESULT_OK ? totals_client_next(client, TOTALS_TIMEOUT_MS, reply, why) : result;
}

void totals_reply_free(Cakupan__TotalsReply **reply) {
    if (*reply)
        cakupan__totals_reply__free_unpacked(*reply, NULL);
    *reply = NULL;
}

enum result totals_now(const char *state, Cakupan__TotalsReply **reply, struct failure *why) {
    struct totals_client *client;
    *reply = NULL;
    enum result result = totals_client_open(&client, state, why);
    if (result != RESULT_OK)
        return result;
    result = totals_client_ask(client, 0, false, 0, reply, why);
    totals_client_close(&client);
    return result;
}
