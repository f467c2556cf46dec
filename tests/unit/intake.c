/* intake.c - enrollment without sockets (services/enrollment/intake.h) on a real journal: acks, repeats, gaps,
 * refusals, restarts. */
#include "enrollment/intake.h"
#include "enrollment/recovery.h"
#include "people.h"
#include "store/city.h"
#include "store/journal_sqlite.h"
#include "wire/wire_event.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW_MS      INT64_C(1795308000000) /* 2026-11-22 in Jakarta */
#define CAPTURED_MS (NOW_MS - 60000)
#define ACKS_MAX    64

/* A whole enrollment on a temporary directory, and the acks it gave. */
struct desk {
    char directory[64];
    char path[96], snapshot[96];
    struct city city;
    struct journal *journal;
    struct registry *registry;
    struct intake *intake;
    struct intake_time time;
    uint8_t acks[ACKS_MAX][65536];
    size_t ack_sizes[ACKS_MAX];
    unsigned ack_count;
    struct arena arena;
};

static struct desk desk;
static const struct doors_config doors = {.events_per_second = 10000, .bulk_events_per_second = 100000};
static const struct intake_peer peer = {5, {0, 1, 2, 3, 4}};

static void keep_ack(void *context, const struct intake_peer *to, const uint8_t *ack, size_t size) {
    (void)context;
    cr_assert_eq(to->size, peer.size);
    cr_assert_lt(desk.ack_count, ACKS_MAX);
    cr_assert_leq(size, sizeof desk.acks[0]);
    memcpy(desk.acks[desk.ack_count], ack, size);
    desk.ack_sizes[desk.ack_count++] = size;
}

static void open_desk(void) {
    struct failure why;
    cr_assert_eq(journal_sqlite_open(&desk.journal, desk.path, &why), RESULT_OK, "%s", why.sentence);
    struct recovery recovery;
    cr_assert_eq(
        recovery_run(&recovery, desk.journal, desk.snapshot, &desk.city.regions, &desk.city.policy, &why),
        RESULT_OK, "%s", why.sentence);
    desk.registry = recovery.registry;
    desk.intake = intake_new(desk.journal, desk.registry, &doors);
}

static void close_desk(void) {
    intake_destroy(&desk.intake);
    registry_destroy(&desk.registry);
    desk.journal->operations->close(&desk.journal);
}

static void commit(void) {
    struct failure why;
    desk.ack_count = 0;
    cr_assert_eq(intake_commit(desk.intake, keep_ack, NULL, NULL, &why), RESULT_OK, "%s", why.sentence);
}

static void add_device(uint32_t id, enum role role) {
    struct device device = {.id = id, .role = (uint8_t)role, .area = 3671, .next_sequence = 1};
    device.public_key[0] = (uint8_t)id;
    snprintf(device.name, sizeof device.name, "device %u", id);
    struct record record = {.kind = CHANGE_DEVICE_ADDED, .new_device = &device};
    struct failure why;
    cr_assert_eq(intake_record(desk.intake, &record, &desk.time, &why), RESULT_OK, "%s", why.sentence);
    commit();
}

static void set_up(void) {
    struct failure why;
    snprintf(desk.directory, sizeof desk.directory, "intake-test-XXXXXX");
    cr_assert_not_null(mkdtemp(desk.directory));
    snprintf(desk.path, sizeof desk.path, "%s/journal.db", desk.directory);
    snprintf(desk.snapshot, sizeof desk.snapshot, "%s/snapshot", desk.directory);
    cr_assert_eq(city_load(&desk.city, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    desk.time = (struct intake_time){NOW_MS, calendar_day_of_time(NOW_MS), 1000};
    arena_init(&desk.arena, 16u << 20);
    open_desk();
    add_device(1, ROLE_KADER);
    add_device(2, ROLE_BPJS);
}

static void tear_down(void) {
    close_desk();
    arena_free(&desk.arena);
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", desk.directory);
    cr_assert_eq(system(command), 0);
}

TestSuite(intake, .init = set_up, .fini = tear_down);

/* A frame of enrolments of persons `first_person` ...; returns its size. */
static size_t make_frame(uint8_t *out, size_t capacity, uint64_t first_sequence, uint64_t first_person,
                         uint32_t count, bool check_only) {
    static uint8_t bytes[256][512];
    struct text_bytes events[256];
    cr_assert_leq(count, 256);
    for (uint32_t i = 0; i < count; i++) {
        char name[PERSON_NAME_SIZE];
        struct event event;
        person_enrolment(first_person + i, &desk.city.regions, CAPTURED_MS, name, &event);
        events[i] = (struct text_bytes){bytes[i], wire_event_encode(&event, bytes[i], sizeof bytes[i])};
        cr_assert_gt(events[i].size, 0);
    }
    struct wire_frame frame = {.first_sequence = first_sequence,
                               .language = LANGUAGE_ENGLISH,
                               .check_only = check_only,
                               .count = count,
                               .events = events};
    return wire_frame_encode(&frame, out, capacity);
}

static void send_frame(uint32_t device, uint64_t first_sequence, uint64_t first_person, uint32_t count) {
    static uint8_t frame[1u << 18];
    size_t size = make_frame(frame, sizeof frame, first_sequence, first_person, count, false);
    cr_assert_gt(size, 0);
    intake_frame(desk.intake, &peer, device, frame, size, &desk.time, false);
}

static struct wire_ack ack_at(unsigned index) {
    struct wire_ack ack;
    cr_assert_lt(index, desk.ack_count);
    arena_reset(&desk.arena);
    cr_assert_eq(wire_ack_decode(desk.acks[index], desk.ack_sizes[index], &desk.arena, &ack), RESULT_OK);
    return ack;
}

Test(intake, events_get_offsets_in_order_and_one_ack_a_frame) {
    send_frame(2, 1, 100, 3);
    send_frame(2, 4, 103, 2);
    cr_assert_eq(desk.ack_count, 0, "nothing is answered before the commit");
    commit();
    cr_assert_eq(desk.ack_count, 2);
    struct wire_ack first = ack_at(0);
    cr_assert_eq(first.range_count, 1);
    cr_assert_eq(first.ranges[0].first_sequence, 1);
    cr_assert_eq(first.ranges[0].count, 3);
    cr_assert_eq(first.ranges[0].outcome_count, 0, "all accepted");
    uint64_t offset = first.ranges[0].first_offset;
    struct wire_ack second = ack_at(1);
    cr_assert_eq(second.ranges[0].first_offset, offset + 3);
    cr_assert_eq(second.expected_sequence, 6);
    cr_assert_eq(registry_member_count(desk.registry), 5);
}

Test(intake, the_same_frame_gets_the_same_answer_and_changes_nothing_also_after_a_restart) {
    send_frame(2, 1, 100, 4);
    send_frame(1, 1, 100, 1); /* a duplicate person: refused, and that is an answer, too */
    commit();
    static uint8_t accepted[65536], refused[65536];
    size_t accepted_size = desk.ack_sizes[0], refused_size = desk.ack_sizes[1];
    memcpy(accepted, desk.acks[0], accepted_size);
    memcpy(refused, desk.acks[1], refused_size);
    cr_assert_eq(ack_at(1).ranges[0].outcome_count, 1);
    uint64_t digest = registry_digest(desk.registry), next = registry_next_offset(desk.registry);
    for (int restart = 0; restart < 2; restart++) {
        send_frame(2, 1, 100, 4);
        send_frame(1, 1, 100, 1);
        commit();
        cr_assert_eq(desk.ack_sizes[0], accepted_size);
        cr_assert_arr_eq(desk.acks[0], accepted, accepted_size);
        cr_assert_eq(desk.ack_sizes[1], refused_size);
        cr_assert_arr_eq(desk.acks[1], refused, refused_size);
        cr_assert_eq(registry_digest(desk.registry), digest);
        cr_assert_eq(registry_next_offset(desk.registry), next);
        close_desk();
        open_desk();
    }
}

Test(intake, a_frame_of_old_and_new_events_answers_all_of_them) {
    send_frame(2, 1, 100, 3);
    commit();
    send_frame(2, 2, 101, 4);
    commit();
    struct wire_ack ack = ack_at(0);
    uint32_t covered = 0;
    for (uint32_t i = 0; i < ack.range_count; i++) {
        cr_assert_eq(ack.ranges[i].first_sequence, 2 + covered);
        covered += ack.ranges[i].count;
    }
    cr_assert_eq(covered, 4);
    cr_assert_eq(registry_member_count(desk.registry), 5);
}

Test(intake, the_same_id_with_another_content_is_refused_and_alarmed) {
    send_frame(2, 1, 100, 3);
    commit();
    send_frame(2, 1, 200, 1);
    commit();
    struct wire_ack ack = ack_at(0);
    cr_assert_eq(ack.ranges[0].outcome_count, 1);
    cr_assert_eq(ack.ranges[0].outcomes[0].refusal, REFUSAL_ID_REUSED);
    struct intake_counts counts;
    intake_count(desk.intake, &counts);
    cr_assert_eq(counts.ids_reused, 1);
    cr_assert_eq(registry_member_count(desk.registry), 3);
}

Test(intake, a_gap_is_answered_with_the_sequence_expected_and_stores_nothing) {
    send_frame(2, 1, 100, 2);
    send_frame(2, 5, 104, 2);
    commit();
    struct wire_ack ack = ack_at(1);
    cr_assert_eq(ack.refusal, REFUSAL_SEQUENCE_GAP);
    cr_assert_eq(ack.expected_sequence, 3);
    cr_assert_eq(ack.range_count, 0);
    send_frame(2, 0, 104, 1);
    commit();
    cr_assert_eq(ack_at(0).refusal, REFUSAL_FRAME_MALFORMED, "sequences begin with 1");
    cr_assert_eq(registry_member_count(desk.registry), 2);
}

Test(intake, an_event_that_cant_be_decoded_is_refused_alone) {
    uint8_t good[512], frame[2048];
    char name[PERSON_NAME_SIZE];
    struct event event;
    person_enrolment(100, &desk.city.regions, CAPTURED_MS, name, &event);
    size_t size = wire_event_encode(&event, good, sizeof good);
    struct text_bytes events[3] = {{(const uint8_t *)"\xff\xff\xff", 3}, {good, size}, {NULL, 0}};
    struct wire_frame wire = {
        .first_sequence = 1, .language = LANGUAGE_ENGLISH, .count = 3, .events = events};
    size = wire_frame_encode(&wire, frame, sizeof frame);
    intake_frame(desk.intake, &peer, 2, frame, size, &desk.time, false);
    commit();
    struct wire_ack ack = ack_at(0);
    cr_assert_eq(ack.refusal, REFUSAL_NONE);
    cr_assert_eq(ack.ranges[0].count, 3);
    cr_assert_eq(ack.ranges[0].outcome_count, 2);
    cr_assert_eq(ack.ranges[0].outcomes[0].refusal, REFUSAL_EVENT_MALFORMED);
    cr_assert(strlen(ack.ranges[0].outcomes[0].sentence) > 10, "a sentence helps");
    cr_assert_eq(ack.ranges[0].outcomes[1].sequence, 3);
    cr_assert_eq(registry_member_count(desk.registry), 1);
}

Test(intake, refused_events_are_kept_and_listed) {
    send_frame(2, 1, 100, 1);
    send_frame(2, 2, 100, 1);
    commit();
    struct journal_refusal list[4];
    size_t count = 0;
    struct failure why;
    cr_assert_eq(desk.journal->operations->refusals(desk.journal, 0, 0, 0, list, 4, &count, &why), RESULT_OK);
    cr_assert_eq(count, 1);
    cr_assert_eq(list[0].refusal, REFUSAL_ALREADY_REGISTERED);
    cr_assert_eq(list[0].device, 2);
}

Test(intake, garbage_is_answered_and_ten_times_closes_the_door) {
    for (int i = 0; i < 11; i++)
        intake_frame(desk.intake, &peer, 1, (const uint8_t *)"garbage", 7, &desk.time, false);
    commit();
    cr_assert_eq(desk.ack_count, 11);
    cr_assert_eq(ack_at(0).refusal, REFUSAL_FRAME_MALFORMED);
    cr_assert_eq(ack_at(10).refusal, REFUSAL_DOOR_CLOSED);
    cr_assert_gt(ack_at(10).retry_after_ms, 1000);
    send_frame(2, 1, 100, 1);
    commit();
    cr_assert_eq(ack_at(0).refusal, REFUSAL_NONE, "others do not notice");
}

Test(intake, a_revoked_device_is_refused_on_its_open_connection) {
    send_frame(1, 1, 100, 1);
    commit();
    struct device device = *registry_device(desk.registry, 1);
    device.revoked = true;
    struct record record = {.kind = CHANGE_DEVICE_REVOKED, .new_device = &device};
    struct failure why;
    cr_assert_eq(intake_record(desk.intake, &record, &desk.time, &why), RESULT_OK, "%s", why.sentence);
    commit();
    send_frame(1, 2, 101, 1);
    send_frame(99, 1, 101, 1);
    commit();
    cr_assert_eq(ack_at(0).refusal, REFUSAL_DEVICE_REVOKED);
    cr_assert_eq(ack_at(1).refusal, REFUSAL_DEVICE_REVOKED, "a device nobody added");
}

Test(intake, when_the_disk_is_nearly_full_events_are_answered_busy) {
    uint8_t frame[1024];
    size_t size = make_frame(frame, sizeof frame, 1, 100, 1, false);
    intake_frame(desk.intake, &peer, 2, frame, size, &desk.time, true);
    commit();
    cr_assert_eq(ack_at(0).refusal, REFUSAL_BUSY);
    cr_assert_gt(ack_at(0).retry_after_ms, 0);
    cr_assert_eq(registry_member_count(desk.registry), 0);
}

Test(intake, a_dry_run_answers_like_the_real_thing_and_stores_nothing) {
    send_frame(2, 1, 100, 1);
    commit();
    uint8_t frame[4096];
    uint64_t next = registry_next_offset(desk.registry);
    size_t size = make_frame(frame, sizeof frame, 7, 100, 2, true);
    intake_frame(desk.intake, &peer, 2, frame, size, &desk.time, false);
    commit();
    struct wire_ack ack = ack_at(0);
    cr_assert(ack.check_only);
    cr_assert_eq(ack.ranges[0].count, 2);
    cr_assert_eq(ack.ranges[0].outcome_count, 1);
    cr_assert_eq(ack.ranges[0].outcomes[0].sequence, 7);
    cr_assert_eq(ack.ranges[0].outcomes[0].refusal, REFUSAL_ALREADY_REGISTERED);
    cr_assert_eq(registry_next_offset(desk.registry), next);
    cr_assert_eq(registry_device(desk.registry, 2)->next_sequence, 2);
}

Test(intake, a_hello_is_told_the_sequence_expected) {
    send_frame(2, 1, 100, 3);
    send_frame(2, 0, 0, 0);
    commit();
    cr_assert_eq(ack_at(1).refusal, REFUSAL_NONE);
    cr_assert_eq(ack_at(1).expected_sequence, 4);
}

Test(intake, a_business_day_begins_once) {
    struct failure why;
    cr_assert_eq(intake_due(desk.intake, &desk.time, &why), RESULT_OK);
    commit();
    uint64_t next = registry_next_offset(desk.registry);
    cr_assert_eq(registry_day(desk.registry), desk.time.today);
    cr_assert_eq(intake_due(desk.intake, &desk.time, &why), RESULT_OK);
    commit();
    cr_assert_eq(registry_next_offset(desk.registry), next);
    desk.time.today++;
    cr_assert_eq(intake_due(desk.intake, &desk.time, &why), RESULT_OK);
    commit();
    cr_assert_eq(registry_next_offset(desk.registry), next + 1);
}

Test(intake, old_answers_are_found_among_many_batches_and_devices) {
    for (uint64_t i = 0; i < 40; i++) {
        send_frame(1, 1 + i * 3, 1000 + i * 3, 3);
        send_frame(2, 1 + i * 2, 5000 + i * 2, 2);
        if (i % 4 == 3)
            commit();
    }
    send_frame(1, 50, 1049, 60);
    commit();
    struct wire_ack ack = ack_at(0);
    uint64_t sequence = 50;
    for (uint32_t i = 0; i < ack.range_count; i++) {
        cr_assert_eq(ack.ranges[i].first_sequence, sequence);
        for (uint32_t k = 0; k < ack.ranges[i].outcome_count; k++)
            cr_assert_neq(ack.ranges[i].outcomes[k].refusal, REFUSAL_ID_REUSED);
        sequence += ack.ranges[i].count;
    }
    cr_assert_eq(sequence, 110);
}
