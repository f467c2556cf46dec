/* door_reply.c - fuzzes what the gateway reads of enrollment's door: what is taken has a code exactly
 * where it says no, and only clean texts. */
#include "examples.h"
#include "wire/wire_bytes.h"
#include "wire/wire_door.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    Cakupan__DeviceInfo device = CAKUPAN__DEVICE_INFO__INIT;
    device.id = seed;
    device.name = (char *)"Siti, Gondrong";
    device.role = (char *)"kader";
    Cakupan__DoorReply reply = CAKUPAN__DOOR_REPLY__INIT;
    reply.id = seed;
    reply.day = 20261122;
    if (seed & 1) {
        reply.refusal = 80;
        reply.code = (char *)"MEMBER_UNKNOWN";
        reply.sentence = (char *)"Nobody is registered under this NIK.";
    } else {
        reply.device = &device;
    }
    if ((seed & 6) == 0)
        return capacity > DOOR_ACK_HEAD
                   ? wire_door_ack_encode(seed, seed & 8, (const uint8_t *)"\x08\x01", 2, out, capacity)
                   : 0;
    size_t size = cakupan__door_reply__get_packed_size(&reply);
    return size <= capacity ? cakupan__door_reply__pack(&reply, out) : 0;
}
FUZZ_EXAMPLES(example)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    Cakupan__DoorReply *reply;
    struct failure why;
    if (!arena.base)
        arena_init(&arena, 32u << 20);
    arena_reset(&arena);
    if (wire_door_reply_decode(data, size, &arena, &reply, &why) != RESULT_OK)
        return 0;
    FUZZ_CHECK((reply->refusal == 0) == (reply->code[0] == '\0'));
    FUZZ_CHECK(wire_text_clean((const uint8_t *)reply->sentence, strlen(reply->sentence)));
    return 0;
}
