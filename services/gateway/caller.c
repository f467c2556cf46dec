/* caller.c - asks enrollment whose a token is (door_link.h, caller.h). */
#include "door_link.h"
#include "gateway_internal.h"
#include "request.h"

#include <stdio.h>
#include <stdlib.h>

struct question {
    struct request *request;
    struct caller *caller;
    caller_known *next;
};

void caller_take(struct caller *caller, const Cakupan__DoorReply *reply) {
    const Cakupan__DeviceInfo *device = reply->device;
    caller->known = true;
    caller->device = device->id;
    caller->role = (uint8_t)role_from_name(device->role);
    caller->area = device->area;
    caller->next_sequence = device->next_sequence;
    caller->day = reply->day;
    snprintf(caller->name, sizeof caller->name, "%s", device->name);
}

static void answered(void *context, const Cakupan__DoorReply *reply, const struct failure *why) {
    struct question question = *(struct question *)context;
    free(context);
    if (!reply || reply->refusal || reply->code[0] || !reply->device) {
        door_problem(question.request, reply, why);
        return;
    }
    caller_take(question.caller, reply);
    question.next(question.request);
}

void caller_ask(struct request *request, struct caller *caller, caller_known *next) {
    struct gateway *gateway = request_gateway(request);
    struct question *question = malloc(sizeof *question);
    Cakupan__DoorRequest ask = CAKUPAN__DOOR_REQUEST__INIT;
    Cakupan__WhoRequest who = CAKUPAN__WHO_REQUEST__INIT;
    struct failure why;
    if (!question)
        abort();
    *question = (struct question){request, caller, next};
    ask.token_hash = (ProtobufCBinaryData){TOKEN_HASH_SIZE, caller->token_hash};
    ask.ask_case = CAKUPAN__DOOR_REQUEST__ASK_WHO;
    ask.who = &who;
    if (door_ask(gateway->door, &ask, gateway->now_ms, answered, question, &why) == RESULT_OK) {
        request_wait(request);
        return;
    }
    free(question);
    door_problem(request, NULL, &why);
}
