/* wire_door.c - the validators behind the door's generated messages (wire_door.h). */
#include "wire_door.h"

#include "cakupan/device.h"
#include "wire_bytes.h"
#include "wire_message.h"

#define REPLY_TEXT_MAX     319u
#define TEMPORARY_ID_LIMIT IDENTITY_TEMPORARY

enum { REQUEST_ID = 2, REPLY_ID = 1, REPLY_ACK = 6, REPLY_DISK_LOW = 11 };

static bool key_fine(const ProtobufCBinaryData *key) {
    return key->len == DEVICE_KEY_SIZE;
}

/* NULL where all is well, else what is wrong. */
static const char *problem_of(const Cakupan__DoorRequest *request) {
    bool of_nobody = request->ask_case == CAKUPAN__DOOR_REQUEST__ASK_PAIR ||
                     request->ask_case == CAKUPAN__DOOR_REQUEST__ASK_STATUS;
    if (of_nobody ? request->token_hash.len != 0 : !key_fine(&request->token_hash))
        return "says wrongly who asks";
    if (request->ask_case == CAKUPAN__DOOR_REQUEST__ASK_PAIR &&
        (!key_fine(&request->pair->code_hash) || !key_fine(&request->pair->new_token_hash)))
        return "pairs by a hash of another length";
    if (request->ask_case == CAKUPAN__DOOR_REQUEST__ASK_MEMBER &&
        (request->member->temporary_id >= TEMPORARY_ID_LIMIT || request->member->history))
        return "asks for a member as the door tells none";
    return NULL;
}

enum result wire_door_request_decode(const uint8_t *data, size_t size, struct arena *arena,
                                     Cakupan__DoorRequest **out, struct failure *why) {
    Cakupan__DoorRequest *request = NULL;
    const char *problem = "can't be read";
    if (size <= DOOR_REQUEST_MAX_BYTES)
        request = cakupan__door_request__unpack(&arena->allocator, size, data);
    if (request && wire_message_clean(&request->base, TEXT_MAX) &&
        wire_message_once(&cakupan__door_request__descriptor, data, size))
        problem = request->version == DOOR_VERSION ? problem_of(request) : "is of another version";
    *out = problem ? NULL : request;
    return problem ? fail(why, RESULT_INVALID, "REQUEST_MALFORMED",
                          "A request at enrollment's door %s: use programs of one release.", problem)
                   : RESULT_OK;
}

uint64_t wire_door_request_id(const uint8_t *data, size_t size) {
    struct wire_reader reader = {data, wire_past(data, size)};
    struct wire_field field;
    while (reader.at < reader.end && wire_read_field(&reader, &field))
        if (field.number == REQUEST_ID && field.type == WIRE_VARINT)
            return field.value.number;
    return 0;
}

enum result wire_door_reply_decode(const uint8_t *data, size_t size, struct arena *arena,
                                   Cakupan__DoorReply **out, struct failure *why) {
    Cakupan__DoorReply *reply =
        size <= DOOR_REPLY_MAX_BYTES ? cakupan__door_reply__unpack(&arena->allocator, size, data) : NULL;
    bool fine = reply && wire_message_clean(&reply->base, REPLY_TEXT_MAX) && reply->refusal <= UINT16_MAX &&
                (reply->refusal == 0) == (reply->code[0] == '\0');
    *out = fine ? reply : NULL;
    return fine ? RESULT_OK
                : fail(why, RESULT_INVALID, "ANSWER_MALFORMED",
                       "Enrollment's answer of %zu bytes can't be read: use programs of one release.", size);
}

size_t wire_door_ack_encode(uint64_t id, bool disk_low, const uint8_t *ack, size_t ack_size, uint8_t *out,
                            size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_number(&writer, REPLY_ID, id);
    wire_put_entry(&writer, REPLY_ACK, ack, ack_size);
    wire_put_number(&writer, REPLY_DISK_LOW, disk_low);
    return wire_written(&writer, out);
}
