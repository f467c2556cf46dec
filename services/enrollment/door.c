/* door.c - answers the gateway on behalf of people with a token (door.h). */
#include "door.h"

#include "control_internal.h"
#include "runtime/log.h"
#include "wire/wire_door.h"
#include "wire/wire_event.h"

#include <stdlib.h>
#include <string.h>

/* What a look may read of the journal: each batch is up to 8 MiB, and events wait meanwhile. */
#define LOOK_BYTES_MAX (32u << 20)
#define LOOK_ROWS_MAX  200u

#define ROLE_BIT(role) (1u << (role))
/* Who may send, and see people and refusals. */
#define ROLES_SENDERS                                                                                        \
    (ROLE_BIT(ROLE_KADER) | ROLE_BIT(ROLE_LABOUR_OFFICE) | ROLE_BIT(ROLE_BPJS) | ROLE_BIT(ROLE_HEALTH_OFFICE))

static const struct device *device_of(const struct control *control, const Cakupan__DoorRequest *request) {
    return registry_device_by_key(control->registry, request->token_hash.data);
}

enum door_take door_take(struct control *control, struct intake_peer peer, const uint8_t *request,
                         size_t size) {
    struct failure why;
    Cakupan__DoorRequest *decoded;
    arena_reset(control->arena);
    if (wire_door_request_decode(request, size, control->arena, &decoded, &why) != RESULT_OK)
        return DOOR_ASKED;
    bool looks = decoded->ask_case == CAKUPAN__DOOR_REQUEST__ASK_MEMBER ||
                 decoded->ask_case == CAKUPAN__DOOR_REQUEST__ASK_REFUSALS;
    if (decoded->ask_case != CAKUPAN__DOOR_REQUEST__ASK_FRAME)
        return looks ? DOOR_LOOK : DOOR_ASKED;
    const struct device *device = device_of(control, decoded);
    if (!device || !(ROLE_BIT(device->role) & ROLES_SENDERS))
        return DOOR_ASKED;
    peer.door = true;
    peer.ask = decoded->id;
    if (decoded->frame.len > FRAME_MAX_BYTES)
        intake_malformed(control->intake, &peer, device->id, &control->time);
    else
        intake_frame(control->intake, &peer, device->id, decoded->frame.data, decoded->frame.len,
                     &control->time, control->busy);
    return DOOR_STAGED;
}

/* False where the device may ask for nothing, or not for this. */
static bool admit(struct control_call *call, const Cakupan__DoorRequest *request) {
    bool who = request->ask_case == CAKUPAN__DOOR_REQUEST__ASK_WHO;
    call->asker = device_of(call->control, request);
    if (!call->asker)
        control_refuse(call, REFUSAL_DEVICE_REVOKED, "TOKEN_UNKNOWN", "No device has this token.");
    else if (call->asker->revoked)
        control_refuse(call, REFUSAL_DEVICE_REVOKED, "DEVICE_REVOKED", "This device was revoked.");
    else if (!who && !(ROLE_BIT(call->asker->role) & ROLES_SENDERS))
        control_refuse(call, REFUSAL_ROLE_NOT_ALLOWED, "ROLE_NOT_ALLOWED",
                       "This device's role may not do this.");
    return call->reply.refusal == 0;
}

static enum result answer_member(struct control_call *call, const Cakupan__MemberRequest *ask) {
    if (ask->reason[strspn(ask->reason, " ")] == '\0') {
        control_refuse(call, REFUSAL_FIELD_MISSING, "REASON_MISSING", "Say why this person is looked up.");
        return RESULT_OK;
    }
    return control_member(call, ask);
}

static enum result answer_refusals(struct control_call *call, Cakupan__RefusalsRequest *ask) {
    if (call->asker->role == ROLE_KADER)
        ask->device = call->asker->id;
    if (ask->limit == 0 || ask->limit > LOOK_ROWS_MAX)
        ask->limit = LOOK_ROWS_MAX;
    return control_refusals(call, ask);
}

static enum result dispatch(struct control_call *call, const Cakupan__DoorRequest *request) {
    switch (request->ask_case) {
    case CAKUPAN__DOOR_REQUEST__ASK_STATUS:
        return control_status(call);
    case CAKUPAN__DOOR_REQUEST__ASK_PAIR:
        return control_pair(call, request->pair->code_hash.data, request->pair->new_token_hash.data);
    default:
        if (!admit(call, request))
            return RESULT_OK;
        control_list_devices(call, call->asker->id, 1); /* who asks, with every answer */
    }
    switch (request->ask_case) {
    case CAKUPAN__DOOR_REQUEST__ASK_WHO:
        return RESULT_OK;
    case CAKUPAN__DOOR_REQUEST__ASK_MEMBER:
        return answer_member(call, request->member);
    case CAKUPAN__DOOR_REQUEST__ASK_REFUSALS:
        return answer_refusals(call, request->refusals);
    default:
        control_refuse(call, REFUSAL_FRAME_MALFORMED, "ASK_UNKNOWN",
                       "Enrollment does not know this question: use programs of one release.");
        return RESULT_OK;
    }
}

static void reply_pack(const struct control_call *call, uint64_t id, uint8_t **out, size_t *out_size) {
    const Cakupan__ControlReply *from = &call->reply;
    Cakupan__DoorReply reply = CAKUPAN__DOOR_REPLY__INIT;
    reply.id = id;
    reply.refusal = from->refusal;
    reply.code = from->code;
    reply.sentence = from->sentence;
    reply.member = from->member;
    reply.refusals = from->refusals;
    reply.status = from->status;
    reply.day = calendar_to_number(call->control->time.today);
    if (from->n_devices == 1) {
        reply.device = from->devices[0];
        reply.device->public_key.len = 0; /* a key opens the door */
    }
    *out_size = cakupan__door_reply__get_packed_size(&reply);
    *out = malloc(*out_size + 1);
    if (!*out)
        abort();
    cakupan__door_reply__pack(&reply, *out);
}

enum result door_answer(struct control *control, const uint8_t *request, size_t size, uint8_t **out,
                        size_t *out_size, bool *staged, struct failure *why) {
    struct control_call call = {
        .control = control, .staged = staged, .why = why, .read_bytes_max = LOOK_BYTES_MAX};
    Cakupan__DoorRequest *decoded;
    arena_reset(control->arena);
    cakupan__control_reply__init(&call.reply);
    enum result result = wire_door_request_decode(request, size, control->arena, &decoded, why);
    if (result != RESULT_OK) {
        control_refuse(&call, REFUSAL_FRAME_MALFORMED, why->code, why->sentence);
        result = RESULT_OK;
    } else {
        result = dispatch(&call, decoded);
    }
    if (result == RESULT_CORRUPT && !*staged) { /* as in control.c: no reason to stop taking events */
        log_alarm("%s: %s", why->code, why->sentence);
        cakupan__control_reply__init(&call.reply);
        control_refuse(&call, REFUSAL_VALUE_RANGE, "INTERNAL", "What was asked for can't be read.");
        result = RESULT_OK;
    }
    if (result == RESULT_OK)
        reply_pack(&call, wire_door_request_id(request, size), out, out_size);
    return result;
}
