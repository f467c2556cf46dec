/* enrollment_office.c - a whole enrollment without sockets (enrollment_office.h). */
#include "enrollment_office.h"

#include "people.h"
#include "runtime/require.h"
#include "scratch.h"
#include "store/journal_sqlite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define EVENTS_MAX 256

struct office office;
const struct intake_peer office_peer = {.size = 5, .id = {0, 1, 2, 3, 4}};
static const struct doors_config doors = {.events_per_second = 10000, .bulk_events_per_second = 100000};

static void keep_ack(void *context, const struct intake_peer *to, const uint8_t *ack, size_t size) {
    (void)context;
    require(to->size == office_peer.size, "an ack goes to somebody else");
    if (office.drop_acks)
        return;
    require(office.ack_count < OFFICE_ACKS_MAX && size <= sizeof office.acks[0],
            "more acks than the office can hold");
    memcpy(office.acks[office.ack_count], ack, size);
    office.ack_sizes[office.ack_count++] = size;
}

enum result office_open_result(struct failure *why) {
    struct recovery_config config = {.snapshot_path = office.snapshot,
                                     .regions = &office.city.regions,
                                     .policy = &office.city.policy,
                                     .accept_lost_end = office.accept_lost_end};
    office.recovery = (struct recovery){0};
    enum result result = journal_sqlite_open(&office.journal, office.path, why);
    if (result == RESULT_OK)
        result = recovery_run(&office.recovery, office.journal, &config, why);
    if (result != RESULT_OK)
        return result;
    office.registry = office.recovery.registry;
    office.intake = intake_new(office.journal, office.registry, &doors);
    return RESULT_OK;
}

void office_open(void) {
    struct failure why;
    require(office_open_result(&why) == RESULT_OK, "the office does not open");
}

void office_close(void) {
    intake_destroy(&office.intake);
    registry_destroy(&office.registry);
    if (office.journal)
        office.journal->operations->close(&office.journal);
}

void office_edit_journal(const char *statement) {
    sqlite3 *database;
    require(sqlite3_open(office.path, &database) == SQLITE_OK, "the journal's file does not open");
    require(sqlite3_exec(database, statement, NULL, NULL, NULL) == SQLITE_OK,
            "an edit of the journal failed");
    require(sqlite3_changes(database) == 1, "an edit of the journal changes one row");
    sqlite3_close(database);
}

enum result office_commit_result(struct failure *why) {
    return intake_commit(office.intake, keep_ack, NULL, NULL, why);
}

void office_commit(void) {
    struct failure why;
    office.ack_count = 0;
    require(office_commit_result(&why) == RESULT_OK, "a commit failed");
}

void office_add_device(uint32_t id, enum role role) {
    struct device device = {.id = id, .role = (uint8_t)role, .area = 3671, .next_sequence = 1};
    device.public_key[0] = (uint8_t)id;
    snprintf(device.name, sizeof device.name, "device %u", id);
    struct record record = {.kind = CHANGE_DEVICE_ADDED, .new_device = &device};
    struct failure why;
    require(intake_record(office.intake, &record, &office.time, &why) == RESULT_OK, "a device was not added");
    office_commit();
}

void office_set_up(const char *city_directory) {
    struct failure why;
    scratch_make(office.directory);
    snprintf(office.path, sizeof office.path, "%s/journal.db", office.directory);
    snprintf(office.snapshot, sizeof office.snapshot, "%s/snapshot", office.directory);
    require(city_load(&office.city, city_directory, &why) == RESULT_OK, "the city's data does not load");
    office.time = (struct intake_time){OFFICE_NOW_MS, calendar_day_of_time(OFFICE_NOW_MS), 1000};
    arena_init(&office.arena, 16u << 20);
    office_open();
    office_add_device(1, ROLE_KADER);
    office_add_device(2, ROLE_BPJS);
}

void office_tear_down(void) {
    office_close();
    arena_free(&office.arena);
    scratch_remove(office.directory);
}

size_t office_make_frame(uint8_t *out, size_t capacity, uint64_t first_sequence, uint64_t first_person,
                         uint32_t count, bool check_only) {
    static uint8_t bytes[EVENTS_MAX][512];
    struct text_bytes events[EVENTS_MAX];
    require(count <= EVENTS_MAX, "an office's frame has 256 events at most");
    for (uint32_t i = 0; i < count; i++) {
        char name[PERSON_NAME_SIZE];
        struct event event;
        person_enrolment(first_person + i, &office.city.regions, OFFICE_CAPTURED_MS, name, &event);
        events[i] = (struct text_bytes){bytes[i], wire_event_encode(&event, bytes[i], sizeof bytes[i])};
        require(events[i].size > 0, "an event does not fit");
    }
    struct wire_frame frame = {.first_sequence = first_sequence,
                               .language = LANGUAGE_ENGLISH,
                               .check_only = check_only,
                               .count = count,
                               .events = events};
    return wire_frame_encode(&frame, out, capacity);
}

void office_send(uint32_t device, uint64_t first_sequence, uint64_t first_person, uint32_t count) {
    static uint8_t frame[1u << 18];
    size_t size = office_make_frame(frame, sizeof frame, first_sequence, first_person, count, false);
    require(size > 0, "a frame does not fit");
    intake_frame(office.intake, &office_peer, device, frame, size, &office.time, false);
}

struct wire_ack office_ack(unsigned index) {
    struct wire_ack ack;
    require(index < office.ack_count, "there is no such ack");
    arena_reset(&office.arena);
    require(wire_ack_decode(office.acks[index], office.ack_sizes[index], &office.arena, &ack) == RESULT_OK,
            "an ack can't be decoded");
    return ack;
}
