/* billing_link.c - tests how coverage asks billing: with a coordinator played by this test, and time handed
 * in. */
#include "coverage/billing_link.h"

#include "runtime/router.h"
#include "scratch.h"
#include "wire/wire_billing.h"

#include <criterion/criterion.h>
#include <string.h>

#define TIME_MS INT64_C(1790000000000)

static char directory[SCRATCH_PATH];
static char endpoint[160];
static zsock_t *coordinator;
static struct billing_link *asker;
static struct billing_summary summary;
static struct router_message question;
static uint64_t question_id;
static struct failure why;

static void bind_coordinator(void) {
    struct socket_options options = {0};
    cr_assert_eq(socket_bind(&coordinator, ZMQ_ROUTER, endpoint, &options, &why), RESULT_OK, "%s",
                 why.sentence);
}

static void setup(void) {
    socket_setup();
    scratch_make(directory);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/billing.sock", directory);
    cr_assert_eq(billing_link_open(&asker, endpoint, &why), RESULT_OK, "%s", why.sentence);
    summary = (struct billing_summary){
        .offset = 10, .head = 10, .complete = true, .open_month = 1525, .partitions = 16};
}

static void teardown(void) {
    billing_link_close(&asker);
    billing_link_close(&asker);
    zsock_destroy(&coordinator);
    scratch_remove(directory);
}
TestSuite(billing_link, .init = setup, .fini = teardown, .timeout = 30);

/* Whether a question comes within some real milliseconds. */
static bool asked(void) {
    struct arena arena;
    zmq_pollitem_t item = {zsock_resolve(coordinator), 0, ZMQ_POLLIN, 0};
    zmq_poll(&item, 1, 200);
    if (!router_receive(zsock_resolve(coordinator), &question))
        return false;
    Cakupan__BillingRequest *request;
    arena_init(&arena, 1 << 20);
    cr_assert_not(question.malformed);
    cr_assert_eq(wire_billing_request_decode(zmq_msg_data(&question.body), zmq_msg_size(&question.body),
                                             &arena, &request, &why),
                 RESULT_OK, "%s", why.sentence);
    cr_assert_eq(request->ask_case, CAKUPAN__BILLING_REQUEST__ASK_SUMMARY);
    question_id = request->id;
    zmq_msg_close(&question.body);
    arena_free(&arena);
    return true;
}

static void send_bytes(const void *data, size_t size) {
    zmq_send(zsock_resolve(coordinator), question.peer, question.peer_size, ZMQ_SNDMORE);
    cr_assert_eq(zmq_send(zsock_resolve(coordinator), data, size, 0), (int)size);
    zmq_pollitem_t item = {billing_link_socket(asker), 0, ZMQ_POLLIN, 0};
    cr_assert_eq(zmq_poll(&item, 1, 2000), 1, "the answer arrives");
}

static void answer(uint64_t id, bool refused) {
    Cakupan__BillingSummary message;
    Cakupan__PayerSum sums[2 * PAYER_COUNT], *list[2 * PAYER_COUNT];
    Cakupan__BillingReply reply = CAKUPAN__BILLING_REPLY__INIT;
    uint8_t bytes[2048];
    wire_billing_summary_put(&summary, &message, sums, list);
    reply.id = id;
    reply.summary = refused ? NULL : &message;
    reply.refusal = refused ? 25 : 0;
    reply.code = (char *)(refused ? "BILLING_NOT_BEGUN" : "");
    send_bytes(bytes, cakupan__billing_reply__pack(&reply, bytes));
}

static void work(uint64_t offset, int64_t now_ms) {
    billing_link_work(asker, offset, now_ms, TIME_MS + now_ms);
}

/* Asks until the connection stands, which takes some real milliseconds; answers that. Returns the time. */
static int64_t connect_and_hear(void) {
    int64_t now_ms = 0;
    bind_coordinator();
    for (work(10, now_ms); !asked(); work(10, now_ms))
        now_ms += BILLING_ASK_REST_MS;
    answer(question_id, false);
    work(10, now_ms);
    return now_ms;
}

Test(billing_link, without_billing_nothing_is_known_and_it_is_asked_for_now_and_then) {
    work(10, 0);
    cr_assert_eq(billing_link_wake_ms(asker, 10), BILLING_ASK_REST_MS);
    work(11, BILLING_ASK_REST_MS - 1);
    cr_assert_eq(billing_link_wake_ms(asker, 12), BILLING_ASK_REST_MS,
                 "figures that move don't hurry what is not there");
    work(12, BILLING_ASK_REST_MS);
    cr_assert_eq(billing_link_wake_ms(asker, 12), 2 * BILLING_ASK_REST_MS);
    cr_assert_not(billing_link_heard(asker)->known);
}

Test(billing_link, what_is_heard_is_told_and_asked_for_by_the_pace_of_what_moves) {
    int64_t now_ms = connect_and_hear();
    const struct billing_heard *heard = billing_link_heard(asker);
    cr_assert(heard->known && heard->running);
    cr_assert_eq(heard->summary.open_month, 1525);
    cr_assert_eq(heard->as_of_ms, TIME_MS + now_ms);
    cr_assert_eq(billing_link_wake_ms(asker, 10), now_ms + 250, "something new was heard");
    int64_t first_ms = now_ms;
    work(10, now_ms += 249);
    cr_assert_eq(billing_link_wake_ms(asker, 10), now_ms + 1);
    work(10, now_ms += 1);
    cr_assert(asked());
    answer(question_id, false);
    work(10, now_ms);
    cr_assert_eq(billing_link_wake_ms(asker, 10), now_ms + BILLING_ASK_REST_MS, "the same again: at rest");
    cr_assert_eq(heard->as_of_ms, TIME_MS + first_ms, "when nothing is new, nothing is told");
    cr_assert_eq(billing_link_wake_ms(asker, 11), now_ms + 250, "records were counted");
    work(11, now_ms += 250);
    cr_assert(asked());
    answer(question_id, false);
    work(11, now_ms);
    cr_assert_eq(billing_link_wake_ms(asker, 11), now_ms + 250, "billing is behind");
    summary.offset = 11;
    work(11, now_ms += 250);
    cr_assert(asked());
    answer(question_id, false);
    work(11, now_ms);
    cr_assert_eq(heard->summary.offset, 11);
}

Test(billing_link, silence_is_told_with_the_time_of_the_last_answer) {
    int64_t now_ms = connect_and_hear(), heard_ms = now_ms + 250;
    work(10, heard_ms);
    cr_assert(asked());
    answer(question_id, false);
    work(10, heard_ms);
    work(10, heard_ms + 2999);
    const struct billing_heard *heard = billing_link_heard(asker);
    cr_assert(heard->running);
    work(10, heard_ms + 3000);
    cr_assert(heard->known && !heard->running);
    cr_assert_eq(heard->as_of_ms, TIME_MS + heard_ms);
    cr_assert_eq(heard->summary.open_month, 1525, "the figures stay");
    now_ms = heard_ms + 3000;
    while (!asked())
        work(10, now_ms += BILLING_ASK_REST_MS);
    while (asked()) /* those asked meanwhile */
        ;
    answer(question_id, false);
    work(10, now_ms);
    cr_assert(heard->running, "back again");
    cr_assert_eq(heard->as_of_ms, TIME_MS + now_ms);
}

Test(billing_link, answers_that_are_none_change_nothing) {
    int64_t now_ms = connect_and_hear();
    const struct billing_heard *heard = billing_link_heard(asker);
    summary.open_month = 1600;
    work(10, now_ms += 250);
    cr_assert(asked());
    answer(question_id - 1, false);
    work(10, now_ms);
    send_bytes("\xff\xff\xff", 3);
    work(10, now_ms);
    answer(question_id, true);
    work(10, now_ms);
    cr_assert_eq(heard->summary.open_month, 1525);
    cr_assert(heard->running);
    work(10, now_ms += 3000);
    cr_assert_not(heard->running, "a refusal is no summary");
}
