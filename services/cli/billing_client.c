/* billing_client.c - asks billing's coordinator (billing_client.h). */
#include "billing_client.h"

#include "cakupan/charge_pack.h"
#include "cakupan/kader.h"
#include "exchange.h"
#include "instance_info.h"
#include "local_device.h"
#include "runtime/clock.h"
#include "runtime/socket.h"
#include "wire/wire_billing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ANSWER_TIMEOUT_MS = 60000, /* a close waits for the slowest partition */
    ASK_AGAIN_MS = 100,
    REPLY_MEMORY = 64 << 20, /* protobuf-c takes several times what came */
    PIECE_BYTES = 4 << 20    /* proto/billing.proto, FrozenRequest */
};

struct billing_client {
    struct exchange *exchange;
    struct arena arena;
    uint64_t id;
};

/* The finance office's own device on this machine: its key is its role. */
static enum result finance_open(struct exchange **out, const char *state, struct failure *why) {
    struct instance_info info;
    struct kader_pairing pairing;
    struct curve_keys keys;
    char path[INSTANCE_PATH], directory[INSTANCE_PATH], server_key[41];
    local_device_path(path, state, LOCAL_FINANCE);
    instance_path(directory, state, "keys");
    enum result result = instance_info_load(state, &info, why);
    if (result == RESULT_OK)
        result = kader_pairing_load(&pairing, path, why);
    if (result == RESULT_OK)
        result = curve_public_load(server_key, directory, "billing", why);
    if (result != RESULT_OK)
        return result;
    memcpy(keys.public_key, pairing.public_key, sizeof keys.public_key);
    memcpy(keys.secret_key, pairing.secret_key, sizeof keys.secret_key);
    result = exchange_open_remote(out, "billing", info.billing, &keys, server_key, why);
    explicit_bzero(&pairing, sizeof pairing);
    explicit_bzero(&keys, sizeof keys);
    return result;
}

enum result billing_open(struct billing_client **out, const char *state, bool finance, struct failure *why) {
    struct exchange *exchange;
    *out = NULL;
    enum result result =
        finance ? finance_open(&exchange, state, why) : exchange_open(&exchange, state, "billing", why);
    if (result == RESULT_OK && (result = exchange_watch(exchange, why)) != RESULT_OK)
        exchange_close(&exchange);
    if (result != RESULT_OK)
        return result;
    *out = calloc(1, sizeof **out);
    if (!*out)
        abort();
    (*out)->exchange = exchange;
    arena_init(&(*out)->arena, REPLY_MEMORY);
    return RESULT_OK;
}

void billing_close(struct billing_client **client) {
    if (!client || !*client)
        return;
    exchange_close(&(*client)->exchange);
    arena_free(&(*client)->arena);
    free(*client);
    *client = NULL;
}

static enum result request_send(struct billing_client *client, Cakupan__BillingRequest *request,
                                struct failure *why) {
    request->version = BILLING_VERSION;
    request->id = ++client->id;
    size_t size = cakupan__billing_request__get_packed_size(request);
    uint8_t *packed = malloc(size);
    if (!packed)
        abort();
    cakupan__billing_request__pack(request, packed);
    enum result result = exchange_send(client->exchange, packed, size, why);
    free(packed);
    return result;
}

/* The reply to the last request: those to requests that were given up are dropped. */
static enum result reply_wait(struct billing_client *client, const Cakupan__BillingReply **reply,
                              struct failure *why) {
    for (;;) {
        const uint8_t *data;
        size_t size;
        Cakupan__BillingReply *message;
        arena_reset(&client->arena);
        enum result result = exchange_receive(client->exchange, ANSWER_TIMEOUT_MS, &data, &size, why);
        if (result == RESULT_OK)
            result = wire_billing_reply_decode(data, size, &client->arena, &message, why);
        if (result != RESULT_OK)
            return result;
        if (message->id != client->id)
            continue;
        *reply = message;
        return RESULT_OK;
    }
}

static bool says_later(const Cakupan__BillingReply *reply) {
    return strcmp(reply->code, "BUSY") == 0 || strcmp(reply->code, "BILL_WAITS") == 0;
}

enum result billing_ask(struct billing_client *client, Cakupan__BillingRequest *request, int patience_ms,
                        const Cakupan__BillingReply **reply, struct failure *why) {
    int64_t until_us = clock_monotonic_us() + (int64_t)patience_ms * 1000;
    bool lost_before = false;
    for (;;) {
        enum result result = request_send(client, request, why);
        if (result == RESULT_OK)
            result = reply_wait(client, reply, why);
        bool lost = result == RESULT_AGAIN && strcmp(why->code, EXCHANGE_LOST) == 0;
        if (lost && clock_monotonic_us() < until_us) {
            /* Each ask may come twice: decisions are taken once, and what is frozen stays so. */
            lost_before = true;
            usleep(ASK_AGAIN_MS * 1000);
            continue;
        }
        if (result != RESULT_OK)
            return result;
        bool done_before = lost_before && strcmp((*reply)->code, "TARIFF_UNCHANGED") == 0; /* by us */
        if (done_before || ((*reply)->code[0] == '\0' && (*reply)->refusal == 0))
            return RESULT_OK;
        if (!says_later(*reply))
            return fail(why, RESULT_INVALID, (*reply)->code, "%s", (*reply)->sentence);
        if (clock_monotonic_us() >= until_us)
            return fail(why, RESULT_AGAIN, (*reply)->code, "%s", (*reply)->sentence);
        usleep(ASK_AGAIN_MS * 1000);
    }
}

/* One partition's frozen part, piece by piece into `bytes` (grown, the caller's). */
struct frozen {
    uint8_t *bytes;
    size_t size, capacity;
    uint32_t partitions;
};

static enum result piece_take(struct frozen *frozen, const Cakupan__FrozenReply *piece, bool *whole,
                              struct failure *why) {
    bool fits =
        piece && piece->size <= LEDGER_ENTRY_MAX_BYTES && piece->data.len <= piece->size - frozen->size;
    if (!fits || (piece->data.len == 0 && frozen->size < piece->size))
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Billing's answer holds no part of a roster.");
    if (piece->size > frozen->capacity) {
        frozen->bytes = realloc(frozen->bytes, piece->size);
        if (!frozen->bytes)
            abort();
        frozen->capacity = piece->size;
    }
    if (piece->data.len)
        memcpy(frozen->bytes + frozen->size, piece->data.data, piece->data.len);
    frozen->size += piece->data.len;
    frozen->partitions = piece->partitions;
    *whole = frozen->size == piece->size;
    return RESULT_OK;
}

static enum result frozen_read(struct billing_client *client, uint32_t month, uint32_t partition,
                               struct frozen *frozen, struct failure *why) {
    bool whole = false;
    frozen->size = 0;
    while (!whole) {
        Cakupan__FrozenRequest piece = CAKUPAN__FROZEN_REQUEST__INIT;
        Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
        const Cakupan__BillingReply *reply;
        piece.month = month;
        piece.partition = partition;
        piece.roster = true;
        piece.from = frozen->size;
        piece.max_bytes = PIECE_BYTES;
        request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_FROZEN;
        request.frozen = &piece;
        enum result result = billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, why);
        if (result == RESULT_OK)
            result = piece_take(frozen, reply->frozen, &whole, why);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

enum result billing_note_reading(struct billing_client *client, uint32_t month_number, struct failure *why) {
    Cakupan__FrozenRequest frozen = CAKUPAN__FROZEN_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    frozen.month = month_number;
    frozen.roster = frozen.note = true;
    frozen.max_bytes = 1;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_FROZEN;
    request.frozen = &frozen;
    return billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, why);
}

enum result billing_roster(struct billing_client *client, uint32_t month_number, ledger_on_roster *on_entry,
                           void *context, struct failure *why) {
    struct frozen frozen = {.partitions = 1};
    enum result result = RESULT_OK;
    for (uint32_t partition = 0; partition < frozen.partitions && result == RESULT_OK; partition++) {
        result = frozen_read(client, month_number, partition, &frozen, why);
        if (result == RESULT_OK)
            result = roster_unpack(frozen.bytes, frozen.size, on_entry, context, why);
    }
    free(frozen.bytes);
    return result;
}
