/* kader_link.c - tests services/kader/kader_link.c: what goes out and what is told, whatever the network
 * does to it.
 *
 * The last tests are a simulation in virtual time: an enrollment that keeps its promises behind a network
 * that loses, doubles, delays and reorders, and a device that crashes. Each seed gives the same run again.
 */
#include "kader/kader_link.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define RESEND_US INT64_C(1000000)

static struct link *link_of(uint64_t oldest, uint64_t end, uint32_t frame, uint32_t window) {
    struct link_config config = {oldest, end, frame, window, RESEND_US};
    return link_new(&config);
}

static struct wire_ack_range one_range;

static struct wire_ack answer(uint64_t first, uint32_t count, uint64_t expected) {
    one_range = (struct wire_ack_range){.first_sequence = first, .count = count, .first_offset = 1};
    return (struct wire_ack){.expected_sequence = expected,
                             .first_sequence = first,
                             .count = count,
                             .ranges = &one_range,
                             .range_count = 1,
                             .sentence = ""};
}

static struct wire_ack refusal(enum refusal code, uint64_t first, uint32_t count, uint64_t expected) {
    return (struct wire_ack){.refusal = code,
                             .first_sequence = first,
                             .count = count,
                             .expected_sequence = expected,
                             .sentence = "Why."};
}

static struct wire_ack hello_answer(uint64_t number, uint64_t expected) {
    return (struct wire_ack){.first_sequence = number, .expected_sequence = expected, .sentence = ""};
}

static struct link_answer receive(struct link *link, struct wire_ack ack, int64_t now_us) {
    struct link_answer told;
    link_receive(link, &ack, now_us, &told);
    return told;
}

/* Sends what is next and checks what it was. */
static struct link_send send_next(struct link *link, enum link_what what, uint64_t first, uint32_t count,
                                  int64_t now_us) {
    struct link_send send = link_next(link, now_us);
    cr_assert_eq(send.what, what, "wanted %d, got %d", what, send.what);
    if (what == LINK_SEND_EVENTS) {
        cr_assert_eq(send.first_sequence, first, "%lu", send.first_sequence);
        cr_assert_eq(send.count, count, "%u", send.count);
    }
    if (what != LINK_SEND_NOTHING)
        link_sent(link, &send, send.count, now_us);
    return send;
}

static void open_link(struct link *link, uint64_t expected, int64_t now_us) {
    struct link_send hello = send_next(link, LINK_SEND_HELLO, 0, 0, now_us);
    (void)receive(link, hello_answer(hello.first_sequence, expected), now_us);
}

static void expect_failure(struct link *link, const char *code) {
    cr_assert(link_failure(link), "no failure, wanted %s", code);
    cr_assert_str_eq(link_failure(link)->code, code);
    cr_assert_gt(strlen(link_failure(link)->sentence), 3);
    cr_assert_eq(link_next(link, INT64_MAX / 2).what, LINK_SEND_NOTHING);
    cr_assert_eq(link_due_us(link, 0), INT64_MAX);
}

Test(kader_link, an_empty_outbox_stays_silent) {
    struct link *link = link_of(5, 5, 10, 20);
    cr_assert(link_is_idle(link));
    send_next(link, LINK_SEND_NOTHING, 0, 0, 0);
    cr_assert_eq(link_due_us(link, 0), INT64_MAX);
    link_extend(link, 6);
    cr_assert_not(link_is_idle(link));
    cr_assert_eq(link_due_us(link, 0), 0);
    open_link(link, 5, 0);
    send_next(link, LINK_SEND_EVENTS, 5, 1, 0);
    link_destroy(&link);
    cr_assert_null(link);
    link_destroy(&link);
}

Test(kader_link, nothing_goes_out_before_the_hello_is_answered) {
    struct link *link = link_of(1, 100, 10, 20);
    struct link_send hello = send_next(link, LINK_SEND_HELLO, 0, 0, 0);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 0);
    (void)receive(link, hello_answer(hello.first_sequence + 1, 1), 0); /* of another hello */
    send_next(link, LINK_SEND_NOTHING, 0, 0, 0);
    (void)receive(link, hello_answer(hello.first_sequence, 1), 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 0);
    link_destroy(&link);
}

Test(kader_link, hellos_are_repeated_ever_more_rarely) {
    struct link *link = link_of(1, 2, 1, 1);
    int64_t now_us = 0;
    int64_t waits[] = {1, 2, 4, 4, 4};
    struct link_send first = link_next(link, 0);
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(send_next(link, LINK_SEND_HELLO, 0, 0, now_us).first_sequence, first.first_sequence);
        cr_assert_eq(link_due_us(link, now_us), now_us + waits[i] * RESEND_US);
        now_us += waits[i] * RESEND_US;
        send_next(link, LINK_SEND_NOTHING, 0, 0, now_us - 1);
    }
    link_destroy(&link);
}

Test(kader_link, a_bulk_source_goes_on_from_what_is_expected) {
    struct link *link = link_of(0, 0, 10, 20);
    cr_assert_not(link_knows_sequence(link));
    cr_assert_not(link_is_idle(link));
    open_link(link, 4711, 0);
    cr_assert(link_knows_sequence(link));
    cr_assert(link_is_idle(link));
    cr_assert_eq(link_oldest(link), 4711);
    link_extend(link, 4713);
    send_next(link, LINK_SEND_EVENTS, 4711, 2, 0);
    link_destroy(&link);
}

Test(kader_link, the_window_bounds_what_is_on_the_way) {
    struct link *link = link_of(1, 100, 10, 25);
    open_link(link, 1, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 0);
    send_next(link, LINK_SEND_EVENTS, 11, 10, 0);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 0); /* 25 events are two frames of ten */
    cr_assert_eq(receive(link, answer(1, 10, 11), 0).count, 10);
    send_next(link, LINK_SEND_EVENTS, 21, 10, 0);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 0);
    cr_assert_eq(link_count(link)->sent, 30);
    link_destroy(&link);
}

Test(kader_link, a_frame_may_go_out_smaller_than_asked) {
    struct link *link = link_of(1, 100, 10, 20);
    open_link(link, 1, 0);
    struct link_send send = link_next(link, 0);
    link_sent(link, &send, 7, 0);
    send_next(link, LINK_SEND_EVENTS, 8, 10, 0);
    cr_assert_eq(receive(link, answer(1, 10, 11), 0).count, 0); /* no such frame went out */
    cr_assert_eq(receive(link, answer(1, 7, 8), 0).count, 7);
    link_destroy(&link);
}

Test(kader_link, double_and_late_acks_are_told_once) {
    struct link *link = link_of(1, 31, 10, 30);
    open_link(link, 1, 0);
    for (uint64_t first = 1; first <= 21; first += 10)
        send_next(link, LINK_SEND_EVENTS, first, 10, 5);
    struct link_answer told = receive(link, answer(1, 10, 11), 9);
    cr_assert_eq(told.first_sequence, 1);
    cr_assert_eq(told.count, 10);
    cr_assert_eq(told.sent_us, 5);
    cr_assert_eq(receive(link, answer(1, 10, 11), 9).count, 0);
    cr_assert_eq(receive(link, answer(11, 10, 21), 9).count, 10);
    cr_assert_eq(receive(link, answer(1, 10, 31), 9).count, 0);
    cr_assert_eq(receive(link, answer(11, 10, 31), 9).count, 0);
    cr_assert_eq(receive(link, answer(21, 10, 31), 9).count, 10);
    cr_assert(link_is_idle(link));
    send_next(link, LINK_SEND_NOTHING, 0, 0, 100 * RESEND_US);
    link_destroy(&link);
}

Test(kader_link, reordered_acks_are_told_in_order) {
    struct link *link = link_of(1, 31, 10, 30);
    open_link(link, 1, 0);
    for (uint64_t first = 1; first <= 21; first += 10)
        send_next(link, LINK_SEND_EVENTS, first, 10, 5);
    cr_assert_eq(receive(link, answer(11, 10, 31), 6).count, 0);
    cr_assert_eq(receive(link, answer(21, 10, 31), 6).count, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 7); /* the ack of 1..10 seems lost */
    struct link_answer told = receive(link, answer(1, 10, 31), 8);
    cr_assert_eq(told.first_sequence, 1);
    cr_assert_eq(told.sent_us, 5, "the time counts from the first sending");
    send_next(link, LINK_SEND_EVENTS, 11, 10, 8);
    send_next(link, LINK_SEND_EVENTS, 21, 10, 8);
    cr_assert_eq(receive(link, answer(11, 10, 31), 9).count, 10);
    cr_assert_eq(receive(link, answer(21, 10, 31), 9).count, 10);
    cr_assert(link_is_idle(link));
    cr_assert_eq(link_count(link)->resent, 3);
    link_destroy(&link);
}

Test(kader_link, a_gap_rewinds_to_the_expected_sequence_once) {
    struct link *link = link_of(1, 41, 10, 40);
    open_link(link, 1, 0);
    for (uint64_t first = 1; first <= 31; first += 10)
        send_next(link, LINK_SEND_EVENTS, first, 10, 5);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 21, 10, 11), 6);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 31, 10, 11), 6);
    send_next(link, LINK_SEND_EVENTS, 11, 10, 7);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 31, 10, 11), 8); /* late news */
    send_next(link, LINK_SEND_EVENTS, 21, 10, 9);
    send_next(link, LINK_SEND_EVENTS, 31, 10, 9);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 9);
    cr_assert_eq(receive(link, answer(1, 10, 41), 9).count, 10);
    cr_assert_eq(link_count(link)->resent, 3);
    link_destroy(&link);
}

Test(kader_link, a_late_gap_leads_to_a_hello_and_no_alarm) {
    struct link *link = link_of(1, 31, 10, 30);
    open_link(link, 1, 0);
    for (uint64_t first = 1; first <= 21; first += 10)
        send_next(link, LINK_SEND_EVENTS, first, 10, 5);
    cr_assert_eq(receive(link, answer(1, 10, 11), 6).count, 10);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 11, 10, 1), 6); /* sent before 1..10 had come */
    struct link_send hello = send_next(link, LINK_SEND_HELLO, 0, 0, 6);
    cr_assert_eq(receive(link, answer(11, 10, 21), 7).count, 10, "answers are true in every state");
    (void)receive(link, hello_answer(hello.first_sequence, 11), 8); /* from before 11..20 had come: no loss */
    cr_assert_null(link_failure(link));
    send_next(link, LINK_SEND_EVENTS, 21, 10, 9);
    link_destroy(&link);
}

Test(kader_link, an_enrollment_that_lost_data_is_found_out) {
    struct link *link = link_of(1, 31, 10, 30);
    open_link(link, 1, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 5);
    send_next(link, LINK_SEND_EVENTS, 11, 10, 5);
    cr_assert_eq(receive(link, answer(1, 10, 11), 6).count, 10);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 11, 10, 1), 6);
    open_link(link, 1, 7);
    expect_failure(link, "ENROLLMENT_BEHIND");
    cr_assert(strstr(link_failure(link)->sentence, "before 11"));
    link_destroy(&link);
}

Test(kader_link, an_enrollment_that_lost_data_is_found_out_at_the_first_hello) {
    struct link *link = link_of(500, 501, 10, 30);
    open_link(link, 499, 0);
    expect_failure(link, "ENROLLMENT_BEHIND");
    link_destroy(&link);
}

Test(kader_link, a_lost_or_restored_outbox_is_found_out) {
    struct link *link = link_of(3, 8, 10, 30);
    open_link(link, 9, 0);
    expect_failure(link, "OUTBOX_BEHIND");
    link_destroy(&link);
    link = link_of(3, 8, 10, 30); /* all were answered, but not told: fine */
    open_link(link, 8, 0);
    cr_assert_null(link_failure(link));
    send_next(link, LINK_SEND_EVENTS, 3, 5, 0);
    (void)receive(link, answer(3, 5, 20), 1); /* another program sends with this pairing */
    expect_failure(link, "OUTBOX_BEHIND");
    link_destroy(&link);
}

Test(kader_link, what_enrollment_has_is_compared_before_anything_new_goes_out) {
    struct link *link = link_of(3, 20, 2, 30);
    open_link(link, 6, 0);
    send_next(link, LINK_SEND_EVENTS, 3, 2, 0);
    send_next(link, LINK_SEND_EVENTS, 5, 1, 0); /* not with 6, which is new */
    send_next(link, LINK_SEND_NOTHING, 0, 0, 0);
    cr_assert_eq(receive(link, answer(3, 2, 6), 1).count, 2);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 1);
    cr_assert_eq(receive(link, answer(5, 1, 6), 1).count, 1);
    send_next(link, LINK_SEND_EVENTS, 6, 2, 1);
    open_link(link, 8, 2 * RESEND_US); /* a later greeting speaks of this life: nothing to compare */
    send_next(link, LINK_SEND_EVENTS, 6, 2, 2 * RESEND_US);
    send_next(link, LINK_SEND_EVENTS, 8, 2, 2 * RESEND_US);
    link_destroy(&link);
}

Test(kader_link, a_reused_id_is_final_in_both_forms) {
    struct link *link = link_of(1, 11, 10, 10);
    open_link(link, 1, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 0);
    struct wire_outcome outcome = {.sequence = 4, .refusal = REFUSAL_ID_REUSED};
    struct wire_ack ack = answer(1, 10, 11);
    one_range.outcomes = &outcome;
    one_range.outcome_count = 1;
    cr_assert_eq(receive(link, ack, 1).count, 0);
    expect_failure(link, "ID_REUSED");
    cr_assert(strstr(link_failure(link)->sentence, "Pair the device anew"));
    link_destroy(&link);
    link = link_of(1, 11, 10, 10);
    open_link(link, 1, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 0);
    (void)receive(link, refusal(REFUSAL_ID_REUSED, 1, 10, 11), 1);
    expect_failure(link, "ID_REUSED");
    link_destroy(&link);
}

Test(kader_link, a_revoked_device_stops) {
    struct link *link = link_of(1, 11, 10, 10);
    send_next(link, LINK_SEND_HELLO, 0, 0, 0);
    (void)receive(link, refusal(REFUSAL_DEVICE_REVOKED, 0, 0, 0), 1);
    expect_failure(link, "DEVICE_REVOKED");
    cr_assert_str_eq(link_failure(link)->sentence, "Why.");
    cr_assert_eq(receive(link, answer(1, 10, 11), 2).count, 0);
    link_destroy(&link);
}

Test(kader_link, an_unknown_refusal_without_a_sentence_is_final_too) {
    struct link *link = link_of(1, 11, 10, 10);
    struct wire_ack ack = refusal(999, 0, 0, 0);
    ack.sentence = NULL;
    (void)receive(link, ack, 1);
    expect_failure(link, "REFUSED");
    link_destroy(&link);
}

Test(kader_link, busy_pauses_and_one_frame_tries_first) {
    struct link *link = link_of(1, 41, 10, 40);
    open_link(link, 1, 0);
    for (uint64_t first = 1; first <= 31; first += 10)
        send_next(link, LINK_SEND_EVENTS, first, 10, 5);
    struct wire_ack busy = refusal(REFUSAL_BUSY, 11, 10, 11);
    busy.retry_after_ms = 300;
    cr_assert_eq(receive(link, answer(1, 10, 11), 6).count, 10);
    (void)receive(link, busy, 6);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 21, 10, 11), 6);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 31, 10, 11), 6);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 300005);
    cr_assert_eq(link_due_us(link, 100), 300006);
    send_next(link, LINK_SEND_EVENTS, 11, 10, 300006);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 300007);
    cr_assert_eq(receive(link, answer(11, 10, 21), 300008).count, 10);
    send_next(link, LINK_SEND_EVENTS, 21, 10, 300009);
    send_next(link, LINK_SEND_EVENTS, 31, 10, 300009);
    cr_assert_eq(link_count(link)->busy, 1);
    link_destroy(&link);
}

/* Sends whatever may go, from `first` on in frames of 10; returns how many frames went. */
static uint32_t send_all(struct link *link, uint64_t first, int64_t now_us) {
    uint32_t frames = 0;
    while (link_next(link, now_us).what == LINK_SEND_EVENTS)
        send_next(link, LINK_SEND_EVENTS, first + 10u * frames++, 10, now_us);
    return frames;
}

Test(kader_link, busy_halves_the_window_and_answers_widen_it_by_a_frame_per_window) {
    struct link *link = link_of(1, 100001, 10, 80);
    open_link(link, 1, 0);
    cr_assert_eq(send_all(link, 1, 0), 8);
    for (uint64_t first = 1; first <= 71; first += 10) /* enrollment refuses all that was on the way */
        (void)receive(link, refusal(REFUSAL_BUSY, first, 10, 1), 1);
    cr_assert_eq(send_all(link, 1, 200000), 1, "one frame tries the way");
    cr_assert_eq(receive(link, answer(1, 10, 11), 200001).count, 10);
    cr_assert_eq(send_all(link, 11, 200002), 4, "halved once, not once an ack");
    uint64_t next = 51; /* what goes out next; 11 is the oldest without an answer */
    for (uint64_t first = 11; first <= 41; first += 10) {
        cr_assert_eq(receive(link, answer(first, 10, first + 10), 200003).count, 10);
        next += 10u * send_all(link, next, 200003);
    }
    cr_assert_eq(next - 51, 50, "four answers, a frame for each and one more");
    (void)receive(link, refusal(REFUSAL_BUSY, 51, 10, 51), 200004);
    (void)receive(link, refusal(REFUSAL_BUSY, 51, 10, 51), 200004);
    send_next(link, LINK_SEND_EVENTS, 51, 10, 400000);
    (void)receive(link, refusal(REFUSAL_BUSY, 51, 10, 51), 400001);
    send_next(link, LINK_SEND_EVENTS, 51, 10, 600000);
    (void)receive(link, refusal(REFUSAL_BUSY, 51, 10, 51), 600001);
    send_next(link, LINK_SEND_EVENTS, 51, 10, 800000);
    cr_assert_eq(receive(link, answer(51, 10, 61), 800001).count, 10);
    cr_assert_eq(send_all(link, 61, 800002), 2, "never below one frame, and one answer has widened it");
    link_destroy(&link);
}

Test(kader_link, busy_without_a_time_pauses_and_a_huge_time_is_cut) {
    struct link *link = link_of(1, 11, 10, 10);
    open_link(link, 1, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 0);
    (void)receive(link, refusal(REFUSAL_BUSY, 1, 10, 1), 0);
    cr_assert_eq(link_due_us(link, 0), 100000);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 100000);
    struct wire_ack busy = refusal(REFUSAL_BUSY, 1, 10, 1);
    busy.retry_after_ms = UINT32_MAX;
    (void)receive(link, busy, 100000);
    cr_assert_eq(link_due_us(link, 100000), INT64_C(600100000));
    link_destroy(&link);
}

Test(kader_link, a_closed_door_ends_with_a_hello) {
    struct link *link = link_of(1, 21, 10, 20);
    open_link(link, 1, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 0);
    struct wire_ack closed = refusal(REFUSAL_DOOR_CLOSED, 0, 0, 0);
    closed.retry_after_ms = 50;
    (void)receive(link, closed, 0);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 49999);
    open_link(link, 1, 50000);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 50000);
    link_destroy(&link);
}

Test(kader_link, silence_leads_to_a_hello_and_all_unanswered_again) {
    struct link *link = link_of(1, 21, 10, 20);
    open_link(link, 1, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 10);
    send_next(link, LINK_SEND_EVENTS, 11, 10, 20);
    cr_assert_eq(link_due_us(link, 20), 10 + RESEND_US);
    send_next(link, LINK_SEND_NOTHING, 0, 0, 9 + RESEND_US);
    open_link(link, 21, 10 + RESEND_US);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 11 + RESEND_US);
    send_next(link, LINK_SEND_EVENTS, 11, 10, 11 + RESEND_US);
    link_destroy(&link);
}

Test(kader_link, acks_that_make_no_sense_change_nothing) {
    struct link *link = link_of(1, 101, 10, 50);
    open_link(link, 1, 0);
    send_next(link, LINK_SEND_EVENTS, 1, 10, 0);
    struct wire_ack ack = answer(1, 10, 11);
    one_range.count = 9; /* one event is not covered */
    cr_assert_eq(receive(link, ack, 0).count, 0);
    ack = answer(1, 10, 11);
    one_range.first_sequence = 2;
    cr_assert_eq(receive(link, ack, 0).count, 0);
    ack = answer(1, 10, 11);
    ack.range_count = 0;
    cr_assert_eq(receive(link, ack, 0).count, 0);
    cr_assert_eq(receive(link, answer(1, 9, 10), 0).count, 0);
    cr_assert_eq(receive(link, answer(2, 9, 11), 0).count, 0);
    cr_assert_eq(receive(link, answer(11, 10, 21), 0).count, 0);
    cr_assert_eq(receive(link, answer(UINT64_MAX, 10, 21), 0).count, 0);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 1, 10, 90), 0);
    (void)receive(link, refusal(REFUSAL_SEQUENCE_GAP, 1, 10, 0), 0);
    cr_assert_null(link_failure(link));
    cr_assert_eq(link_oldest(link), 1);
    link_destroy(&link);
}

/* ---- the simulation ---- */

#define EVENTS      400
#define MAIL_MAX    20000
#define FRAME       7
#define WINDOW      40
#define LATENCY_US  20000
#define END_OF_TIME (INT64_C(4000) * 1000000)

struct letter {
    int64_t due_us;
    bool to_server;
    uint32_t epoch; /* acks of a connection before the crash never arrive */
    uint64_t first;
    uint32_t count;
    struct wire_ack ack;
};

struct world {
    uint32_t random;
    uint32_t loss_percent;
    int64_t now_us;
    struct letter mail[MAIL_MAX];
    uint32_t mails;
    uint32_t epoch;
    struct link *link;
    uint64_t outbox_oldest, outbox_end; /* what is on disk */
    uint64_t server_expected;
    int64_t server_busy_until_us;
    uint32_t told[EVENTS + 2];
    uint32_t crashes_untold; /* crashes between telling and forgetting */
    uint64_t told_last;
    bool crashed;
};

static uint32_t dice(struct world *world, uint32_t sides) {
    world->random = world->random * 1664525u + 1013904223u;
    return (world->random >> 8) % sides;
}

static void post(struct world *world, struct letter letter) {
    uint32_t copies = dice(world, 100) < world->loss_percent ? 0 : 1 + (dice(world, 100) < 10);
    letter.epoch = world->epoch;
    for (uint32_t i = 0; i < copies; i++) {
        cr_assert_lt(world->mails, MAIL_MAX, "a storm of letters");
        letter.due_us = world->now_us + 1000 + dice(world, LATENCY_US);
        world->mail[world->mails++] = letter;
    }
}

static void serve(struct world *world, const struct letter *frame) {
    struct letter reply = {.first = frame->first, .count = frame->count};
    reply.ack = (struct wire_ack){.first_sequence = frame->first, .count = frame->count, .sentence = ""};
    if (frame->count > 0 && dice(world, 50) == 0)
        world->server_busy_until_us = world->now_us + 30000;
    if (world->now_us < world->server_busy_until_us) {
        reply.ack.refusal = REFUSAL_BUSY;
        reply.ack.retry_after_ms = 20;
    } else if (frame->count > 0 && frame->first > world->server_expected) {
        reply.ack.refusal = REFUSAL_SEQUENCE_GAP;
    } else if (frame->count > 0 && frame->first + frame->count > world->server_expected) {
        world->server_expected = frame->first + frame->count;
    }
    reply.ack.expected_sequence = world->server_expected;
    post(world, reply);
}

static void crash(struct world *world) {
    link_destroy(&world->link);
    world->link = link_of(world->outbox_oldest, world->outbox_end, FRAME, WINDOW);
    world->epoch++;
    world->told_last = world->outbox_oldest - 1;
}

static void tell(struct world *world, const struct letter *letter) {
    struct wire_ack ack = letter->ack;
    struct wire_ack_range range = {.first_sequence = letter->first, .count = letter->count};
    struct link_answer answer;
    ack.ranges = &range;
    ack.range_count = letter->count > 0 && ack.refusal == REFUSAL_NONE;
    link_receive(world->link, &ack, world->now_us, &answer);
    for (uint32_t i = 0; i < answer.count; i++) {
        uint64_t sequence = answer.first_sequence + i;
        cr_assert_eq(sequence, world->told_last + 1, "told out of order");
        cr_assert_lt(sequence, world->server_expected, "told before it was stored");
        world->told[world->told_last = sequence]++;
    }
    if (answer.count > 0 && dice(world, 40) == 0) {
        world->crashes_untold++;
        crash(world);
        return;
    }
    world->outbox_oldest = link_oldest(world->link);
}

static void deliver(struct world *world) {
    for (uint32_t i = 0; i < world->mails;) {
        if (world->mail[i].due_us > world->now_us) {
            i++;
            continue;
        }
        struct letter letter = world->mail[i];
        world->mail[i] = world->mail[--world->mails];
        if (letter.to_server)
            serve(world, &letter);
        else if (letter.epoch == world->epoch)
            tell(world, &letter);
    }
}

static void step_device(struct world *world) {
    if (world->outbox_end <= EVENTS && dice(world, 3) == 0) {
        uint64_t more = 1 + dice(world, 20);
        uint64_t end = world->outbox_end + more;
        world->outbox_end = end <= EVENTS + 1 ? end : EVENTS + 1;
        link_extend(world->link, world->outbox_end);
    }
    if (dice(world, 300) == 0)
        crash(world);
    for (;;) {
        struct link_send send = link_next(world->link, world->now_us);
        if (send.what == LINK_SEND_NOTHING)
            break;
        if (send.what == LINK_SEND_EVENTS) {
            cr_assert_geq(send.first_sequence, link_oldest(world->link));
            cr_assert_leq(send.first_sequence + send.count, link_oldest(world->link) + WINDOW, "window");
            cr_assert_leq(send.first_sequence + send.count, world->outbox_end);
        }
        uint32_t count = send.repeat || send.count < 2 ? send.count : 1 + dice(world, send.count);
        link_sent(world->link, &send, count, world->now_us);
        post(world, (struct letter){.to_server = true, .first = send.first_sequence, .count = count});
    }
}

static void simulate(uint32_t seed, uint32_t loss_percent) {
    struct world *world = calloc(1, sizeof *world);
    world->random = seed * 2654435761u + 1;
    world->loss_percent = loss_percent;
    world->outbox_oldest = world->outbox_end = world->server_expected = 1;
    world->link = link_of(1, 1, FRAME, WINDOW);
    while (world->outbox_end <= EVENTS || !link_is_idle(world->link)) {
        world->now_us += 2000;
        cr_assert_lt(world->now_us, END_OF_TIME, "seed %u does not come to an end", seed);
        deliver(world);
        step_device(world);
        cr_assert_null(link_failure(world->link), "seed %u: false alarm: %s", seed,
                       link_failure(world->link)->sentence);
    }
    uint32_t twice = 0;
    for (uint64_t sequence = 1; sequence <= EVENTS; sequence++) {
        cr_assert_geq(world->told[sequence], 1, "seed %u: event %lu was never told", seed, sequence);
        twice += world->told[sequence] - 1;
    }
    cr_assert_leq(twice, world->crashes_untold * FRAME, "seed %u: told twice without a crash", seed);
    cr_assert_eq(world->server_expected, EVENTS + 1);
    link_destroy(&world->link);
    free(world);
}

Test(kader_link, simulation_of_a_good_network) {
    for (uint32_t seed = 1; seed <= 300; seed++)
        simulate(seed, 0);
}

Test(kader_link, simulation_of_a_bad_network) {
    for (uint32_t seed = 1; seed <= 300; seed++)
        simulate(seed, 20);
}
