/* events_handler.c - POST /v1/events: a batch of a device's events, as JSON or protobuf, to enrollment. */
#include "events_json.h"
#include "gateway_internal.h"
#include "problem.h"
#include "routes.h"
#include "runtime/require.h"

#include <stdlib.h>
#include <string.h>

#define PROTOBUF              "application/x-protobuf"
#define EVENTS_FRAMES_A_TOKEN 4u /* on their way at once */

/* A batch on its way. */
struct batch {
    struct request *request;
    struct gateway *gateway;
    bool protobuf;
    struct failure malformed; /* of the JSON: said when enrollment knows whose it is, and has counted it */
    struct batch *next, **slot;
    uint8_t token_hash[TOKEN_HASH_SIZE];
};

static struct batch *batch_new(struct request *request) {
    struct batch *batch = calloc(1, sizeof *batch);
    const char *type = request_header(request, "Content-Type");
    if (!batch)
        abort();
    batch->request = request;
    batch->gateway = request_gateway(request);
    batch->protobuf = type && strncasecmp(type, PROTOBUF, strlen(PROTOBUF)) == 0;
    memcpy(batch->token_hash, request_caller(request)->token_hash, TOKEN_HASH_SIZE);
    batch->next = batch->gateway->batches;
    batch->slot = &batch->gateway->batches;
    if (batch->next)
        batch->next->slot = &batch->next;
    batch->gateway->batches = batch;
    return batch;
}

static void batch_end(struct batch *batch) {
    *batch->slot = batch->next;
    if (batch->next)
        batch->next->slot = batch->slot;
    free(batch);
}

/* One token must not fill the queue to enrollment. */
static bool too_many(const struct gateway *gateway, const struct caller *caller) {
    unsigned count = 0;
    for (const struct batch *batch = gateway->batches; batch; batch = batch->next)
        count += memcmp(batch->token_hash, caller->token_hash, TOKEN_HASH_SIZE) == 0;
    return count >= EVENTS_FRAMES_A_TOKEN;
}

/* A frame that was refused as a whole. BUSY means the city, or that this device sends faster than it may. */
static void refused(struct batch *batch, const struct wire_ack *ack, bool disk_low) {
    enum refusal refusal = (enum refusal)ack->refusal;
    const char *code = refusal_name(refusal);
    if (refusal == REFUSAL_BUSY && !disk_low)
        code = "RATE_LIMITED";
    if (refusal == REFUSAL_FRAME_MALFORMED && batch->malformed.code[0]) {
        request_problem(batch->request, batch->malformed.code, batch->malformed.sentence);
        return;
    }
    json_t *members = json_object();
    if (ack->expected_sequence)
        json_object_set_new(members, "expected_sequence", json_integer((json_int_t)ack->expected_sequence));
    if (ack->retry_after_ms)
        json_object_set_new(members, "retry_after_ms", json_integer((json_int_t)ack->retry_after_ms));
    request_problem_said(batch->request, code ? code : "INTERNAL", ack->sentence, members);
}

static void answer_protobuf(struct request *request, const ProtobufCBinaryData *ack) {
    char *copy = malloc(ack->len + 1);
    if (!copy)
        abort();
    memcpy(copy, ack->data, ack->len);
    request_bytes(request, 200, PROTOBUF, copy, ack->len);
}

static void answered(void *context, const Cakupan__DoorReply *reply, const struct failure *why) {
    struct batch *batch = context;
    struct arena *arena = &batch->gateway->arena;
    struct wire_ack ack;
    arena_reset(arena);
    if (!reply || reply->code[0])
        door_problem(batch->request, reply, why);
    else if (batch->protobuf)
        answer_protobuf(batch->request, &reply->ack);
    else if (wire_ack_decode(reply->ack.data, reply->ack.len, arena, &ack) != RESULT_OK)
        request_problem(batch->request, "INTERNAL", NULL);
    else if (ack.refusal != REFUSAL_NONE)
        refused(batch, &ack, reply->disk_low);
    else
        request_json(batch->request, 200, events_json_answer(&ack));
    batch_end(batch);
}

/* JSON that is no batch goes on as a frame that is none: enrollment checks the token, counts it, and closes
 * the door of who goes on sending such. */
static struct text_bytes frame_of(struct batch *batch) {
    static const uint8_t no_frame[] = {0xff};
    struct text_bytes frame;
    size_t size;
    const uint8_t *body = request_body(batch->request, &size);
    arena_reset(&batch->gateway->arena);
    if (batch->protobuf)
        return (struct text_bytes){body, size};
    if (events_json_frame(body, size, &batch->gateway->arena, &frame, &batch->malformed) == RESULT_OK)
        batch->malformed.code[0] = '\0';
    else
        frame = (struct text_bytes){no_frame, sizeof no_frame};
    return frame;
}

void handle_events(struct request *request) {
    struct gateway *gateway = request_gateway(request);
    const struct caller *caller = request_caller(request);
    struct failure why;
    if (too_many(gateway, caller)) {
        request_problem(request, "BUSY", NULL);
        return;
    }
    struct batch *batch = batch_new(request);
    struct text_bytes frame = frame_of(batch);
    Cakupan__DoorRequest ask = CAKUPAN__DOOR_REQUEST__INIT;
    ask.token_hash = (ProtobufCBinaryData){TOKEN_HASH_SIZE, batch->token_hash};
    ask.ask_case = CAKUPAN__DOOR_REQUEST__ASK_FRAME;
    ask.frame = (ProtobufCBinaryData){frame.size, (uint8_t *)frame.data};
    if (door_ask(gateway->door, &ask, gateway->now_ms, answered, batch, &why) == RESULT_OK) {
        request_wait(request);
        return;
    }
    door_problem(request, NULL, &why);
    batch_end(batch);
}
