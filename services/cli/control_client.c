/* control_client.c - asks enrollment on its control socket (control_client.h). */
#include "control_client.h"

#include "exchange.h"
#include "runtime/clock.h"

#include <stdlib.h>

enum { CONTROL_VERSION = 1, CONTROL_TIMEOUT_MS = 15000 };

struct control_client {
    struct exchange *exchange;
};

enum result control_open(struct control_client **out, const char *state, struct failure *why) {
    struct exchange *exchange;
    *out = NULL;
    enum result result = exchange_open(&exchange, state, "enrollment-control", why);
    if (result != RESULT_OK)
        return result;
    struct control_client *client = calloc(1, sizeof *client);
    if (!client)
        abort();
    client->exchange = exchange;
    *out = client;
    return RESULT_OK;
}

void control_close(struct control_client **client) {
    if (!client || !*client)
        return;
    exchange_close(&(*client)->exchange);
    free(*client);
    *client = NULL;
}

static enum result request_send(struct control_client *client, Cakupan__ControlRequest *request,
                                struct failure *why) {
    request->version = CONTROL_VERSION;
    size_t size = cakupan__control_request__get_packed_size(request);
    uint8_t *packed = malloc(size);
    if (!packed)
        abort();
    cakupan__control_request__pack(request, packed);
    enum result result = exchange_send(client->exchange, packed, size, why);
    free(packed);
    return result;
}

enum result control_ask(struct control_client *client, Cakupan__ControlRequest *request,
                        Cakupan__ControlReply **reply, struct failure *why) {
    const uint8_t *data;
    size_t size;
    *reply = NULL;
    enum result result = request_send(client, request, why);
    if (result == RESULT_OK)
        result = exchange_receive(client->exchange, CONTROL_TIMEOUT_MS, &data, &size, why);
    if (result != RESULT_OK)
        return result;
    *reply = cakupan__control_reply__unpack(NULL, size, data);
    if (!*reply)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED",
                    "Enrollment answered in a form that this version does not know.");
    if ((*reply)->refusal == 0 && (*reply)->code[0] == '\0')
        return RESULT_OK;
    fail(why, RESULT_INVALID, (*reply)->code, "%s", (*reply)->sentence);
    control_reply_free(reply);
    return RESULT_INVALID;
}

enum result control_status(const char *state, Cakupan__ControlReply **reply, struct failure *why) {
    struct control_client *client;
    *reply = NULL;
    enum result result = control_open(&client, state, why);
    if (result != RESULT_OK)
        return result;
    Cakupan__StatusRequest status = CAKUPAN__STATUS_REQUEST__INIT;
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_STATUS;
    request.status = &status;
    result = control_ask(client, &request, reply, why);
    control_close(&client);
    if (result == RESULT_OK && !(*reply)->status) {
        control_reply_free(reply);
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Enrollment's answer holds no status.");
    }
    return result;
}

enum result control_clock(const char *state, struct failure *why) {
    Cakupan__ControlReply *reply;
    enum result result = control_status(state, &reply, why);
    if (result != RESULT_OK)
        return result;
    day_t day = calendar_from_number(reply->status->day);
    control_reply_free(&reply);
    if (day != DAY_NONE)
        clock_set_today(day);
    return RESULT_OK;
}

void control_reply_free(Cakupan__ControlReply **reply) {
    if (*reply)
        cakupan__control_reply__free_unpacked(*reply, NULL);
    *reply = NULL;
}
