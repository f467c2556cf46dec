/* control_request.c - fuzzes what enrollment answers to an operator's tool, on a whole enrollment without
 * sockets: every answer can be read, and what was staged for it can be committed. */
#include "examples.h"

#include "control.pb-c.h"
#include "enrollment/control.h"
#include "enrollment_office.h"
#include "people.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PEOPLE      20
#define DEVICES_MAX 2000 /* then it begins anew: devices are never forgotten */

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    unsigned kind = seed >> 8;
    uint8_t key[DEVICE_KEY_SIZE] = {1, 2, (uint8_t)(kind >> 3), (uint8_t)(kind >> 11)};
    Cakupan__DeviceAdd add = CAKUPAN__DEVICE_ADD__INIT;
    add.name = (char *)"Siti, Gondrong";
    add.role = (char *)"kader";
    add.area = 3671051003;
    add.public_key = (ProtobufCBinaryData){sizeof key, key};
    Cakupan__DeviceRevoke revoke = {PROTOBUF_C_MESSAGE_INIT(&cakupan__device_revoke__descriptor), kind % 9};
    Cakupan__MemberRequest member = CAKUPAN__MEMBER_REQUEST__INIT;
    member.nik = numbered_identity(kind % PEOPLE);
    member.reason = (char *)"complaint 17";
    member.history = kind & 8;
    Cakupan__RefusalsRequest refusals = CAKUPAN__REFUSALS_REQUEST__INIT;
    refusals.limit = kind % 50;
    Cakupan__RecordRequest record = {PROTOBUF_C_MESSAGE_INIT(&cakupan__record_request__descriptor),
                                     kind % 64};
    Cakupan__StatusRequest status = CAKUPAN__STATUS_REQUEST__INIT;
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.version = 1;
    request.ask_case = (Cakupan__ControlRequest__AskCase)(2 + kind % 9); /* field numbers: control.proto */
    Cakupan__PairingOpen opening = CAKUPAN__PAIRING_OPEN__INIT;
    opening.code_hash = (ProtobufCBinaryData){sizeof key, key};
    opening.name = add.name;
    opening.role = add.role;
    opening.valid_ms = 1 + kind;
    ProtobufCMessage *const asks[] = {&status.base,   &add.base,    &revoke.base, &status.base, &member.base,
                                      &refusals.base, &status.base, &record.base, &opening.base};
    request.status = (Cakupan__StatusRequest *)asks[kind % 9]; /* all asks share one union */
    size_t size = cakupan__control_request__get_packed_size(&request);
    return size <= capacity ? cakupan__control_request__pack(&request, out) : 0;
}
FUZZ_EXAMPLES(example)

static struct control control;
static struct arena arena;
static struct snapshotter snapshotter;
static struct pairings *pairings;
static struct latency latency;

static void begin(void) {
    office_set_up(CITY_DIRECTORY);
    office_send(1, 1, 0, PEOPLE);
    office_send(1, 1 + PEOPLE, 0, PEOPLE); /* all of them refused: enrolled already */
    office_commit();
    if (!arena.base)
        arena_init(&arena, 64u << 20);
    if (!pairings)
        pairings = pairings_new(); /* for all of this process */
    control = (struct control){.intake = office.intake,
                               .registry = office.registry,
                               .journal = office.journal,
                               .snapshotter = &snapshotter,
                               .arena = &arena,
                               .pairings = pairings,
                               .commit = &latency,
                               .ack = &latency,
                               .time = office.time};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *bytes = NULL;
    size_t bytes_size = 0;
    bool staged = false;
    struct failure why;
    if (!control.intake) {
        begin();
        atexit(office_tear_down);
    } else if (registry_device_count(office.registry) > DEVICES_MAX) {
        office_tear_down();
        begin();
    }
    FUZZ_CHECK(control_answer(&control, data, size, &bytes, &bytes_size, &staged, &why) == RESULT_OK);
    Cakupan__ControlReply *reply = cakupan__control_reply__unpack(NULL, bytes_size, bytes);
    FUZZ_CHECK(reply && (reply->refusal == 0 || (reply->code[0] && reply->sentence[0])));
    FUZZ_CHECK(staged != intake_is_empty(office.intake));
    FUZZ_CHECK(!staged || (reply->refusal == 0 && reply->n_devices == 1));
    cakupan__control_reply__free_unpacked(reply, NULL);
    free(bytes);
    if (staged)
        office_commit();
    return 0;
}
