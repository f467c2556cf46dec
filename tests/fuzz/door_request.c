/* door_request.c - fuzzes what enrollment's door is asked, on a whole enrollment without sockets: a
 * frame is staged and gets its ack, all else an answer that the gateway can read. */
#include "examples.h"

#include "enrollment/door.h"
#include "enrollment_office.h"
#include "people.h"
#include "wire/wire_door.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PEOPLE      20
#define DEVICES_MAX 2000 /* then it begins anew: devices are never forgotten */

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static uint8_t frame[1 << 16];
    unsigned kind = seed >> 8;
    uint8_t key[DEVICE_KEY_SIZE] = {(uint8_t)(1 + kind % 3)}, hash[DEVICE_KEY_SIZE] = {(uint8_t)kind, 9};
    Cakupan__WhoRequest who = CAKUPAN__WHO_REQUEST__INIT;
    Cakupan__StatusRequest status = CAKUPAN__STATUS_REQUEST__INIT;
    Cakupan__MemberRequest member = CAKUPAN__MEMBER_REQUEST__INIT;
    member.nik = numbered_identity(kind % PEOPLE);
    member.reason = (char *)"complaint 17";
    Cakupan__RefusalsRequest refusals = CAKUPAN__REFUSALS_REQUEST__INIT;
    refusals.limit = kind % 50;
    Cakupan__PairRequest pair = CAKUPAN__PAIR_REQUEST__INIT;
    pair.code_hash = (ProtobufCBinaryData){sizeof key, key};
    pair.new_token_hash = (ProtobufCBinaryData){sizeof hash, hash};
    Cakupan__DoorRequest request = CAKUPAN__DOOR_REQUEST__INIT;
    request.version = DOOR_VERSION;
    request.id = seed;
    request.ask_case = (Cakupan__DoorRequest__AskCase)(4 + kind % 6); /* field numbers: door.proto */
    ProtobufCMessage *const asks[] = {&who.base,      NULL,       &member.base,
                                      &refusals.base, &pair.base, &status.base};
    request.who = (Cakupan__WhoRequest *)asks[kind % 6]; /* all asks share one union */
    if (!asks[kind % 6])
        request.frame = (ProtobufCBinaryData){
            office_make_frame(frame, sizeof frame, 1 + kind % 9, kind, 3, kind & 32), frame};
    if (kind % 6 < 4)
        request.token_hash = (ProtobufCBinaryData){sizeof key, key};
    size_t size = cakupan__door_request__get_packed_size(&request);
    return size <= capacity ? cakupan__door_request__pack(&request, out) : 0;
}
FUZZ_EXAMPLES(example)

static struct control control;
static struct arena arena;
static struct snapshotter snapshotter;
static struct latency latency;

static void begin(void) {
    const struct pairing pairing = {
        .code_hash = {1}, .name = "Siti", .role = ROLE_KADER, .until_ms = INT64_MAX};
    office_set_up(CITY_DIRECTORY);
    office_send(1, 1, 0, PEOPLE);
    office_commit();
    if (!arena.base)
        arena_init(&arena, 64u << 20);
    pairings_destroy(&control.pairings);
    control = (struct control){.intake = office.intake,
                               .registry = office.registry,
                               .journal = office.journal,
                               .snapshotter = &snapshotter,
                               .arena = &arena,
                               .pairings = pairings_new(),
                               .commit = &latency,
                               .ack = &latency,
                               .time = office.time};
    FUZZ_CHECK(pairings_open(control.pairings, &pairing, 0));
}

static void tear_down(void) {
    pairings_destroy(&control.pairings);
    office_tear_down();
}

static void check_answer(const uint8_t *data, size_t size) {
    static struct arena replies;
    uint8_t *bytes = NULL;
    size_t bytes_size = 0;
    bool staged = false;
    struct failure why;
    Cakupan__DoorReply *reply;
    if (!replies.base)
        arena_init(&replies, 32u << 20);
    arena_reset(&replies);
    FUZZ_CHECK(door_answer(&control, data, size, &bytes, &bytes_size, &staged, &why) == RESULT_OK);
    FUZZ_CHECK(wire_door_reply_decode(bytes, bytes_size, &replies, &reply, &why) == RESULT_OK);
    FUZZ_CHECK(reply->refusal == 0 || reply->sentence[0]);
    FUZZ_CHECK(reply->id == wire_door_request_id(data, size));
    FUZZ_CHECK(staged != intake_is_empty(office.intake));
    free(bytes);
    if (staged)
        office_commit();
}

static unsigned acks;

static void count_ack(void *context, const struct intake_peer *peer, const uint8_t *ack, size_t size) {
    (void)context;
    (void)ack;
    FUZZ_CHECK(peer->door && size > 0);
    acks++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct intake_peer peer = {.size = 1};
    Cakupan__DoorRequest *decoded;
    struct failure why;
    if (!control.intake) {
        begin();
        atexit(tear_down);
    } else if (registry_device_count(office.registry) > DEVICES_MAX) {
        office_tear_down();
        begin();
    }
    bool readable = wire_door_request_decode(data, size, &arena, &decoded, &why) == RESULT_OK;
    FUZZ_CHECK(!readable || decoded->token_hash.len == 0 || decoded->token_hash.len == DEVICE_KEY_SIZE);
    arena_reset(&arena);
    if (door_take(&control, peer, data, size) != DOOR_STAGED) {
        check_answer(data, size);
        return 0;
    }
    acks = 0;
    FUZZ_CHECK(intake_commit(office.intake, count_ack, NULL, NULL, &why) == RESULT_OK);
    FUZZ_CHECK(acks == 1);
    return 0;
}
