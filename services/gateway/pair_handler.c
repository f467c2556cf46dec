/* pair_handler.c - POST /v1/pair: a pairing code becomes a token. */
#include "gateway_internal.h"
#include "routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pairing_request {
    struct request *request;
    char token[TOKEN_TEXT];
};

static json_t *reply_json(const char *token, const Cakupan__DeviceInfo *device) {
    char area[16];
    snprintf(area, sizeof area, "%" PRIu32, device->area);
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:I}", "token", token, "device", (json_int_t)device->id,
                     "name", device->name, "role", device->role, "area", area, "next_sequence",
                     (json_int_t)device->next_sequence);
}

static void pairing_end(struct pairing_request *pairing) {
    explicit_bzero(pairing->token, sizeof pairing->token);
    free(pairing);
}

static void answered(void *context, const Cakupan__DoorReply *reply, const struct failure *why) {
    struct pairing_request *pairing = context;
    if (!reply || reply->code[0])
        door_problem(pairing->request, reply, why);
    else if (!reply->device)
        request_problem(pairing->request, "INTERNAL", NULL);
    else
        request_json(pairing->request, 200, reply_json(pairing->token, reply->device));
    pairing_end(pairing);
}

/* NULL where all is well, else the member that is wrong. */
static const char *body_read(json_t *body, const char **code, const char **nonce) {
    *code = json_string_value(json_object_get(body, "code"));
    *nonce = json_string_value(json_object_get(body, "nonce"));
    if (!json_is_object(body) || json_object_size(body) != (size_t)(*code != NULL) + (*nonce != NULL))
        return "PairRequest";
    return !*code ? "code" : !*nonce ? "nonce" : NULL;
}

/* A code of another form is one that there is not: who mistypes it reads the same. */
static void pair(struct request *request, const char *code, const char *nonce) {
    struct gateway *gateway = request_gateway(request);
    struct pairing_request *pairing = calloc(1, sizeof *pairing);
    uint8_t code_hash[TOKEN_HASH_SIZE], token_hash[TOKEN_HASH_SIZE];
    struct failure why;
    if (!pairing)
        abort();
    pairing->request = request;
    if (!pairing_code_hash(code, code_hash)) {
        request_problem(request, "PAIRING_UNKNOWN", NULL);
        pairing_end(pairing);
        return;
    }
    if (!token_of_pairing(gateway->token_secret, code, nonce, pairing->token, token_hash)) {
        request_problem(request, "PARAMETER_INVALID", "nonce");
        pairing_end(pairing);
        return;
    }
    Cakupan__PairRequest wish = CAKUPAN__PAIR_REQUEST__INIT;
    wish.code_hash = (ProtobufCBinaryData){sizeof code_hash, code_hash};
    wish.new_token_hash = (ProtobufCBinaryData){sizeof token_hash, token_hash};
    Cakupan__DoorRequest ask = CAKUPAN__DOOR_REQUEST__INIT;
    ask.ask_case = CAKUPAN__DOOR_REQUEST__ASK_PAIR;
    ask.pair = &wish;
    if (door_ask(gateway->door, &ask, gateway->now_ms, answered, pairing, &why) == RESULT_OK) {
        request_wait(request);
        return;
    }
    door_problem(request, NULL, &why);
    pairing_end(pairing);
}

void handle_pair(struct request *request) {
    size_t size;
    json_error_t error;
    char place[48];
    const char *code, *nonce;
    const uint8_t *body = request_body(request, &size);
    json_t *read = json_loadb(size ? (const char *)body : "", size, JSON_REJECT_DUPLICATES, &error);
    if (!read) { /* the place alone: what stands there may be a code */
        snprintf(place, sizeof place, "line %d, column %d", error.line, error.column);
        request_problem(request, "JSON_INVALID", place);
        return;
    }
    const char *wrong = body_read(read, &code, &nonce);
    if (wrong)
        request_problem(request, "PARAMETER_INVALID", wrong);
    else
        pair(request, code, nonce);
    json_decref(read);
}
