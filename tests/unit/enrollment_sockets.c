/* enrollment_sockets.c - tests services/enrollment/enrollment_sockets.c: what keeps the service from its
 * rest. */
#include "door.pb-c.h"
#include "enrollment/enrollment_internal.h"
#include "enrollment_office.h"
#include "wire/wire_door.h"

#include <criterion/criterion.h>
#include <string.h>

static struct enrollment enrollment;
static zsock_t *gateway;
static int64_t clock_ms;

static void set_up(void) {
    socket_setup();
    office_set_up(CITY_DIRECTORY);
    enrollment = (struct enrollment){.registry = office.registry, .intake = office.intake};
    enrollment.journal = office.journal;
    enrollment.pairings = pairings_new();
    arena_init(&enrollment.control_arena, 64u << 20);
    enrollment.door = zsock_new(ZMQ_ROUTER);
    gateway = zsock_new(ZMQ_DEALER);
    cr_assert_eq(zsock_bind(enrollment.door, "inproc://door"), 0);
    cr_assert_eq(zsock_connect(gateway, "inproc://door"), 0);
    clock_ms = office.time.monotonic_ms;
}
static void tear_down(void) {
    zsock_destroy(&gateway);
    zsock_destroy(&enrollment.door);
    pairings_destroy(&enrollment.pairings);
    arena_free(&enrollment.control_arena);
    office_tear_down();
}
TestSuite(enrollment_sockets, .init = set_up, .fini = tear_down);

static void send_bytes(const void *bytes, size_t size, int flags) {
    cr_assert_geq(zmq_send(zsock_resolve(gateway), bytes, size, flags), 0);
}

static void send_request(Cakupan__DoorRequest *request) {
    static uint8_t bytes[4096];
    uint8_t key[DEVICE_KEY_SIZE] = {2}; /* device 2's, see enrollment_office.c */
    request->version = DOOR_VERSION;
    if (request->ask_case != CAKUPAN__DOOR_REQUEST__ASK_STATUS)
        request->token_hash = (ProtobufCBinaryData){sizeof key, key};
    size_t size = cakupan__door_request__get_packed_size(request);
    cr_assert_leq(size, sizeof bytes);
    cakupan__door_request__pack(request, bytes);
    send_bytes(bytes, size, 0);
}

/* One turn, a second after the last; whether it was one of rest. */
static bool rests(void) {
    struct failure why;
    struct intake_time time = office.time;
    time.monotonic_ms = clock_ms += 1000;
    enrollment_take_door(&enrollment, &time);
    office_commit();
    cr_assert_eq(enrollment_answer_door(&enrollment, &time, &why), RESULT_OK);
    return enrollment.active_ms != time.monotonic_ms;
}

/* A gateway asks for the status once a second, for ever: snapshots and checkpoints wait for a rest. */
Test(enrollment_sockets, questions_at_the_door_leave_the_service_at_rest) {
    Cakupan__DoorRequest status = CAKUPAN__DOOR_REQUEST__INIT, who = CAKUPAN__DOOR_REQUEST__INIT;
    Cakupan__StatusRequest ask = CAKUPAN__STATUS_REQUEST__INIT;
    for (int second = 0; second < 3; second++) {
        status.ask_case = CAKUPAN__DOOR_REQUEST__ASK_STATUS;
        status.status = &ask;
        send_request(&status);
        cr_assert(rests());
    }
    send_request(&who);
    cr_assert(rests(), "a question of nothing");
    send_bytes("\377\377", 2, 0);
    cr_assert(rests(), "bytes that are no request");
    send_bytes("a", 1, ZMQ_SNDMORE);
    send_bytes("b", 1, 0);
    cr_assert(rests(), "no message");
}

Test(enrollment_sockets, a_frame_at_the_door_is_work) {
    static uint8_t frame[4096];
    Cakupan__DoorRequest request = CAKUPAN__DOOR_REQUEST__INIT;
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_FRAME;
    request.frame = (ProtobufCBinaryData){office_make_frame(frame, sizeof frame, 1, 100, 1, false), frame};
    send_request(&request);
    office.drop_acks = true; /* they go to the door, not to the office's peer */
    cr_assert_not(rests());
    cr_assert(rests(), "and then none again");
}
