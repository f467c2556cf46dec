/* intake.c - enrollment without sockets (services/enrollment/intake.h) on a real journal: acks, repeats,
 * gaps, refusals, restarts, and what floods it. */
#include "enrollment/intake_internal.h"
#include "enrollment_office.h"
#include "people.h"

#include <criterion/criterion.h>
#include <string.h>

static void set_up(void) {
    office_set_up(CITY_DIRECTORY);
}
TestSuite(intake, .init = set_up, .fini = office_tear_down);

Test(intake, events_get_offsets_in_order_and_one_ack_a_frame) {
    office_send(2, 1, 100, 3);
    office_send(2, 4, 103, 2);
    cr_assert_eq(office.ack_count, 0, "nothing is answered before the commit");
    office_commit();
    cr_assert_eq(office.ack_count, 2);
    struct wire_ack first = office_ack(0);
    cr_assert_eq(first.range_count, 1);
    cr_assert_eq(first.ranges[0].first_sequence, 1);
    cr_assert_eq(first.ranges[0].count, 3);
    cr_assert_eq(first.ranges[0].outcome_count, 0, "all accepted");
    uint64_t offset = first.ranges[0].first_offset;
    struct wire_ack second = office_ack(1);
    cr_assert_eq(second.ranges[0].first_offset, offset + 3);
    cr_assert_eq(second.expected_sequence, 6);
    cr_assert_eq(registry_member_count(office.registry), 5);
}

Test(intake, the_same_frame_gets_the_same_answer_and_changes_nothing_also_after_a_restart) {
    office_send(2, 1, 100, 4);
    office_send(1, 1, 100, 1); /* a duplicate person: refused, and that is an answer, too */
    office_commit();
    static uint8_t accepted[65536], refused[65536];
    size_t accepted_size = office.ack_sizes[0], refused_size = office.ack_sizes[1];
    memcpy(accepted, office.acks[0], accepted_size);
    memcpy(refused, office.acks[1], refused_size);
    cr_assert_eq(office_ack(1).ranges[0].outcome_count, 1);
    uint64_t digest = registry_digest(office.registry), next = registry_next_offset(office.registry);
    for (int restart = 0; restart < 2; restart++) {
        office_send(2, 1, 100, 4);
        office_send(1, 1, 100, 1);
        office_commit();
        cr_assert_eq(office.ack_sizes[0], accepted_size);
        cr_assert_arr_eq(office.acks[0], accepted, accepted_size);
        cr_assert_eq(office.ack_sizes[1], refused_size);
        cr_assert_arr_eq(office.acks[1], refused, refused_size);
        cr_assert_eq(registry_digest(office.registry), digest);
        cr_assert_eq(registry_next_offset(office.registry), next);
        office_close();
        office_open();
    }
}

Test(intake, a_frame_of_old_and_new_events_answers_all_of_them) {
    office_send(2, 1, 100, 3);
    office_commit();
    office_send(2, 2, 101, 4);
    office_commit();
    struct wire_ack ack = office_ack(0);
    uint32_t covered = 0;
    for (uint32_t i = 0; i < ack.range_count; i++) {
        cr_assert_eq(ack.ranges[i].first_sequence, 2 + covered);
        covered += ack.ranges[i].count;
    }
    cr_assert_eq(covered, 4);
    cr_assert_eq(registry_member_count(office.registry), 5);
}

Test(intake, the_same_id_with_another_content_is_refused_and_alarmed) {
    office_send(2, 1, 100, 3);
    office_commit();
    office_send(2, 1, 200, 1);
    office_commit();
    struct wire_ack ack = office_ack(0);
    cr_assert_eq(ack.ranges[0].outcome_count, 1);
    cr_assert_eq(ack.ranges[0].outcomes[0].refusal, REFUSAL_ID_REUSED);
    struct intake_counts counts;
    intake_count(office.intake, &counts);
    cr_assert_eq(counts.ids_reused, 1);
    cr_assert_eq(registry_member_count(office.registry), 3);
}

Test(intake, a_gap_is_answered_with_the_sequence_expected_and_stores_nothing) {
    office_send(2, 1, 100, 2);
    office_send(2, 5, 104, 2);
    office_commit();
    struct wire_ack ack = office_ack(1);
    cr_assert_eq(ack.refusal, REFUSAL_SEQUENCE_GAP);
    cr_assert_eq(ack.expected_sequence, 3);
    cr_assert_eq(ack.range_count, 0);
    office_send(2, 0, 104, 1);
    office_commit();
    cr_assert_eq(office_ack(0).refusal, REFUSAL_FRAME_MALFORMED, "sequences begin with 1");
    cr_assert_eq(registry_member_count(office.registry), 2);
}

Test(intake, an_event_that_cant_be_decoded_is_refused_alone) {
    uint8_t good[512], frame[2048];
    char name[PERSON_NAME_SIZE];
    struct event event;
    person_enrolment(100, &office.city.regions, OFFICE_CAPTURED_MS, name, &event);
    size_t size = wire_event_encode(&event, good, sizeof good);
    struct text_bytes events[3] = {{(const uint8_t *)"\xff\xff\xff", 3}, {good, size}, {NULL, 0}};
    struct wire_frame wire = {
        .first_sequence = 1, .language = LANGUAGE_ENGLISH, .count = 3, .events = events};
    size = wire_frame_encode(&wire, frame, sizeof frame);
    intake_frame(office.intake, &office_peer, 2, frame, size, &office.time, false);
    office_commit();
    struct wire_ack ack = office_ack(0);
    cr_assert_eq(ack.refusal, REFUSAL_NONE);
    cr_assert_eq(ack.ranges[0].count, 3);
    cr_assert_eq(ack.ranges[0].outcome_count, 2);
    cr_assert_eq(ack.ranges[0].outcomes[0].refusal, REFUSAL_EVENT_MALFORMED);
    cr_assert(strlen(ack.ranges[0].outcomes[0].sentence) > 10, "a sentence helps");
    cr_assert_eq(ack.ranges[0].outcomes[1].sequence, 3);
    cr_assert_eq(registry_member_count(office.registry), 1);
}

Test(intake, refused_events_are_kept_and_listed) {
    office_send(2, 1, 100, 1);
    office_send(2, 2, 100, 1);
    office_commit();
    struct journal_refusal list[4];
    size_t count = 0;
    struct failure why;
    cr_assert_eq(office.journal->operations->refusals(office.journal, 0, 0, 0, list, 4, &count, &why),
                 RESULT_OK);
    cr_assert_eq(count, 1);
    cr_assert_eq(list[0].refusal, REFUSAL_ALREADY_REGISTERED);
    cr_assert_eq(list[0].device, 2);
}

Test(intake, garbage_is_answered_and_ten_times_closes_the_door) {
    for (int i = 0; i < 11; i++)
        intake_frame(office.intake, &office_peer, 1, (const uint8_t *)"garbage", 7, &office.time, false);
    office_commit();
    cr_assert_eq(office.ack_count, 11);
    cr_assert_eq(office_ack(0).refusal, REFUSAL_FRAME_MALFORMED);
    cr_assert_eq(office_ack(10).refusal, REFUSAL_DOOR_CLOSED);
    cr_assert_gt(office_ack(10).retry_after_ms, 1000);
    office_send(2, 1, 100, 1);
    office_commit();
    cr_assert_eq(office_ack(0).refusal, REFUSAL_NONE, "others do not notice");
}

Test(intake, a_revoked_device_is_refused_on_its_open_connection) {
    office_send(1, 1, 100, 1);
    office_commit();
    struct device device = *registry_device(office.registry, 1);
    device.revoked = true;
    struct record record = {.kind = CHANGE_DEVICE_REVOKED, .new_device = &device};
    struct failure why;
    cr_assert_eq(intake_record(office.intake, &record, &office.time, &why), RESULT_OK, "%s", why.sentence);
    office_commit();
    office_send(1, 2, 101, 1);
    office_send(99, 1, 101, 1);
    office_commit();
    cr_assert_eq(office_ack(0).refusal, REFUSAL_DEVICE_REVOKED);
    cr_assert_eq(office_ack(1).refusal, REFUSAL_DEVICE_REVOKED, "a device nobody added");
    char english[256];
    refusal_sentence(REFUSAL_DEVICE_REVOKED, LANGUAGE_ENGLISH, "", english, sizeof english);
    cr_assert_str_eq(office_ack(0).sentence, english, "in the language of its frame");
}

Test(intake, when_the_disk_is_nearly_full_events_are_answered_busy) {
    uint8_t frame[1024];
    size_t size = office_make_frame(frame, sizeof frame, 1, 100, 1, false);
    intake_frame(office.intake, &office_peer, 2, frame, size, &office.time, true);
    office_commit();
    cr_assert_eq(office_ack(0).refusal, REFUSAL_BUSY);
    cr_assert_gt(office_ack(0).retry_after_ms, 0);
    cr_assert_eq(registry_member_count(office.registry), 0);
}

Test(intake, a_dry_run_answers_like_the_real_thing_and_stores_nothing) {
    office_send(2, 1, 100, 1);
    office_commit();
    uint8_t frame[4096];
    uint64_t next = registry_next_offset(office.registry);
    size_t size = office_make_frame(frame, sizeof frame, 7, 100, 2, true);
    intake_frame(office.intake, &office_peer, 2, frame, size, &office.time, false);
    office_commit();
    struct wire_ack ack = office_ack(0);
    cr_assert(ack.check_only);
    cr_assert_eq(ack.ranges[0].count, 2);
    cr_assert_eq(ack.ranges[0].outcome_count, 1);
    cr_assert_eq(ack.ranges[0].outcomes[0].sequence, 7);
    cr_assert_eq(ack.ranges[0].outcomes[0].refusal, REFUSAL_ALREADY_REGISTERED);
    cr_assert_eq(registry_next_offset(office.registry), next);
    cr_assert_eq(registry_device(office.registry, 2)->next_sequence, 2);
}

Test(intake, a_hello_is_told_the_sequence_expected) {
    office_send(2, 1, 100, 3);
    office_send(2, 0, 0, 0);
    office_commit();
    cr_assert_eq(office_ack(1).refusal, REFUSAL_NONE);
    cr_assert_eq(office_ack(1).expected_sequence, 4);
}

Test(intake, a_business_day_begins_once) {
    struct failure why;
    cr_assert_eq(intake_due(office.intake, &office.time, &why), RESULT_OK);
    office_commit();
    uint64_t next = registry_next_offset(office.registry);
    cr_assert_eq(registry_day(office.registry), office.time.today);
    cr_assert_eq(intake_due(office.intake, &office.time, &why), RESULT_OK);
    office_commit();
    cr_assert_eq(registry_next_offset(office.registry), next);
    office.time.today++;
    cr_assert_eq(intake_due(office.intake, &office.time, &why), RESULT_OK);
    office_commit();
    cr_assert_eq(registry_next_offset(office.registry), next + 1);
}

Test(intake, old_answers_are_found_among_many_batches_and_devices) {
    for (uint64_t i = 0; i < 40; i++) {
        office_send(1, 1 + i * 3, 1000 + i * 3, 3);
        office_send(2, 1 + i * 2, 5000 + i * 2, 2);
        if (i % 4 == 3)
            office_commit();
    }
    office_send(1, 50, 1049, 60);
    office_commit();
    struct wire_ack ack = office_ack(0);
    uint64_t sequence = 50;
    for (uint32_t i = 0; i < ack.range_count; i++) {
        cr_assert_eq(ack.ranges[i].first_sequence, sequence);
        for (uint32_t k = 0; k < ack.ranges[i].outcome_count; k++)
            cr_assert_neq(ack.ranges[i].outcomes[k].refusal, REFUSAL_ID_REUSED);
        sequence += ack.ranges[i].count;
    }
    cr_assert_eq(sequence, 110);
}

/* `count` events of `size` bytes each that can't be decoded, as a frame of the office's memory. */
static size_t make_broken_frame(uint8_t *out, size_t capacity, uint64_t first_sequence, uint32_t count,
                                size_t size) {
    static uint8_t broken[8192];
    static struct text_bytes events[FRAME_MAX_EVENTS];
    memset(broken, 0xff, sizeof broken);
    for (uint32_t i = 0; i < count; i++)
        events[i] = (struct text_bytes){broken, size};
    struct wire_frame frame = {.first_sequence = first_sequence, .count = count, .events = events};
    return wire_frame_encode(&frame, out, capacity);
}

/* An enrolment by somebody who may not, with every text as long as it may be: its record repeats them. */
static size_t make_wordy_event(uint8_t *out, size_t capacity) {
    static char word[TEXT_MAX], name[PERSON_NAME_SIZE];
    struct event event;
    memset(word, 'x', sizeof word);
    person_enrolment(100, &office.city.regions, OFFICE_CAPTURED_MS, name, &event);
    event.author = event.name = event.reason = event.approver = (struct text){word, TEXT_MAX};
    return wire_event_encode(&event, out, capacity);
}

/* Sends the frame and sees that all of it was taken. */
static void take_frame(const uint8_t *frame, size_t size, uint64_t *sequence, uint32_t count) {
    cr_assert_gt(size, 0);
    office.time.monotonic_ms += 100000; /* a full allowance again */
    cr_assert(intake_has_room(office.intake));
    intake_frame(office.intake, &office_peer, 2, frame, size, &office.time, false);
    *sequence += count;
    cr_assert_eq(registry_device(office.registry, 2)->next_sequence, *sequence);
}

/* Fills the batch with refused events until but a few of them are missing. */
static void nearly_fill_batch(uint8_t *frame, size_t capacity, uint64_t *sequence) {
    while (office.intake->records_size + 50000 < INTAKE_BATCH_BYTES)
        take_frame(frame, make_broken_frame(frame, capacity, *sequence, 10, 4096), sequence, 10);
}

Test(intake, a_batch_that_is_nearly_full_has_room_for_the_largest_frame_of_any_kind) {
    static uint8_t frame[FRAME_MAX_BYTES], wordy[1024];
    static struct text_bytes events[FRAME_MAX_EVENTS];
    uint64_t sequence = 1;
    office.drop_acks = true;
    nearly_fill_batch(frame, sizeof frame, &sequence);
    take_frame(frame, make_broken_frame(frame, sizeof frame, sequence, 255, 4096), &sequence, 255);
    office_commit();
    nearly_fill_batch(frame, sizeof frame, &sequence);
    take_frame(frame, make_broken_frame(frame, sizeof frame, sequence, 4096, 252), &sequence, 4096);
    office_commit();
    nearly_fill_batch(frame, sizeof frame, &sequence);
    size_t wordy_size = make_wordy_event(wordy, sizeof wordy);
    struct wire_frame wire = {.first_sequence = sequence, .events = events};
    for (size_t used = 16; used + wordy_size + 3 < sizeof frame; used += wordy_size + 3)
        events[wire.count++] = (struct text_bytes){wordy, wordy_size};
    take_frame(frame, wire_frame_encode(&wire, frame, sizeof frame), &sequence, wire.count);
    office_commit();
    uint64_t digest = registry_digest(office.registry);
    office_close();
    office_open();
    cr_assert_eq(registry_digest(office.registry), digest);
}

Test(intake, dry_runs_fill_a_batch_like_events_so_that_they_hold_nobody_up) {
    static uint8_t frame[FRAME_MAX_BYTES];
    size_t size = office_make_frame(frame, sizeof frame, 1, 100, 200, true);
    unsigned frames = 0;
    for (office.time.monotonic_ms = 1; frames < 1000 && intake_has_room(office.intake); frames++)
        intake_frame(office.intake, &office_peer, 2, frame, size, &office.time, false);
    cr_assert_leq(frames * 200, INTAKE_BATCH_EVENTS + 200);
    office.drop_acks = true;
    office_commit();
    cr_assert(intake_has_room(office.intake));
}

Test(intake, asking_again_and_again_for_old_answers_uses_up_the_allowance_of_who_asks) {
    for (uint64_t i = 0; i < 200; i++) { /* a batch each: the dearest to look up */
        office_send(1, 1 + i, 1000 + i, 1);
        office_commit();
    }
    unsigned answered = 0;
    for (unsigned i = 0; i < 100; i++) {
        office_send(1, 1, 1000, 200);
        office_commit();
        answered += office_ack(0).refusal == REFUSAL_NONE;
    }
    cr_assert_leq(answered, 4);
    office_send(2, 1, 100, 1);
    office_commit();
    cr_assert_eq(office_ack(0).refusal, REFUSAL_NONE, "others do not notice");
    office.time.monotonic_ms += 5000;
    office_send(1, 1, 1000, 1);
    office_commit();
    cr_assert_eq(office_ack(0).refusal, REFUSAL_NONE, "and it is not for ever");
}

Test(intake, large_events_cost_their_bytes) {
    static uint8_t frame[FRAME_MAX_BYTES];
    unsigned taken = 0;
    for (uint64_t sequence = 1; taken < 50; taken++, sequence += 250) {
        size_t size = make_broken_frame(frame, sizeof frame, sequence, 250, 4096);
        intake_frame(office.intake, &office_peer, 1, frame, size, &office.time, false);
        office.drop_acks = true;
        office_commit();
        if (registry_device(office.registry, 1)->next_sequence == sequence)
            break;
    }
    cr_assert_leq(taken, 3, "10,000 events of 256 bytes a second are no 10,000 of 4,096");
}

Test(intake, who_can_not_be_answered_finds_the_door_closed_all_the_same) {
    struct intake_peer nobody = {0};
    for (int i = 0; i < DOOR_MALFORMED_MAX; i++)
        intake_malformed(office.intake, &nobody, 1, &office.time);
    cr_assert(intake_is_empty(office.intake), "there is nobody to answer");
    office_send(1, 1, 100, 1);
    office_commit();
    cr_assert_eq(office_ack(0).refusal, REFUSAL_DOOR_CLOSED);
}

Test(intake, a_commit_that_fails_lets_no_ack_out) {
    struct failure why;
    office_send(2, 1, 100, 3);
    office_send(2, 1, 100, 3);
    office.time.now_ms -= 86400000; /* a batch dated before the last is refused by the journal */
    office.ack_count = 0;
    struct record record = {.kind = CHANGE_DAY, .effective_day = office.time.today};
    cr_assert_eq(office_commit_result(&why), RESULT_OK);
    cr_assert_eq(office.ack_count, 2);
    cr_assert_eq(intake_record(office.intake, &record, &office.time, &why), RESULT_OK);
    office_send(2, 4, 103, 1);
    office.ack_count = 0;
    cr_assert_neq(office_commit_result(&why), RESULT_OK);
    cr_assert_eq(office.ack_count, 0);
    office_close();
    office_open();
    cr_assert_eq(registry_device(office.registry, 2)->next_sequence, 4,
                 "the restart knows what is on the disk");
    cr_assert_eq(registry_member_count(office.registry), 3);
}

/* The index of a device's sequences rotted: who asks again gets no answer, and everybody else goes on. */
Test(intake, an_index_that_leads_nowhere_leaves_one_frame_unanswered) {
    static const char *const edits[] = {"UPDATE run SET first_offset = 1000000 WHERE device = 2",
                                        "UPDATE run SET first_offset = 0 WHERE device = 2",
                                        "UPDATE run SET first_offset = 1 WHERE device = 2",
                                        "DELETE FROM run WHERE device = 2"};
    office_send(2, 1, 100, 3);
    office_commit();
    for (unsigned i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct intake_counts counts;
        office_close();
        office_edit_journal(edits[i]);
        office_open();
        office_send(2, 1, 100, 3);
        office_send(1, 1 + i, 200 + i, 1);
        office_commit();
        intake_count(office.intake, &counts);
        cr_assert_eq(counts.unanswerable, 1, "%s", edits[i]);
        cr_assert_eq(office.ack_count, 1);
        cr_assert_eq(office_ack(0).refusal, REFUSAL_NONE);
        cr_assert_eq(office_ack(0).ranges[0].first_sequence, 1 + i);
    }
}
