/* door.c - what enrollment's door answers (services/enrollment/door.h): who may what, areas, pairing,
 * frames whose acks find their question, and bad bytes. */
#include "door.pb-c.h"
#include "enrollment/door.h"
#include "enrollment_office.h"
#include "mutate.h"
#include "people.h"
#include "wire/wire_door.h"
#include "wire/wire_record.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KADER = 1, BPJS = 2, LABOUR = 3, FINANCE = 4, READER = 5, OF_ONE_AREA = 6, LABOUR_OF_ONE_AREA = 7 };

static struct arena arena;
static struct snapshotter snapshotter;
static struct latency commit, ack;
static struct control control;
static bool staged;
static struct intake_peer last_peer;
static uint8_t last_ack[65536];
static size_t last_ack_size;

static struct event enrolment_of(uint64_t person) {
    static char name[PERSON_NAME_SIZE];
    struct event event;
    person_enrolment(person, &office.city.regions, OFFICE_CAPTURED_MS, name, &event);
    return event;
}
static uint32_t kelurahan_of(uint64_t person) {
    return enrolment_of(person).kelurahan;
}
static uint64_t nik_of(uint64_t person) {
    return enrolment_of(person).identity;
}

static void add_device(uint32_t id, enum role role, uint32_t area) {
    struct device device = {
        .id = id, .role = (uint8_t)role, .area = area, .next_sequence = 1, .public_key = {(uint8_t)id}};
    struct record record = {.kind = CHANGE_DEVICE_ADDED, .new_device = &device};
    struct failure why;
    snprintf(device.name, sizeof device.name, "device %u", id);
    cr_assert_eq(intake_record(office.intake, &record, &office.time, &why), RESULT_OK);
    office_commit();
}

static void set_up(void) {
    office_set_up(CITY_DIRECTORY);
    arena_init(&arena, 64u << 20);
    add_device(LABOUR, ROLE_LABOUR_OFFICE, 3671);
    add_device(FINANCE, ROLE_FINANCE, 3671);
    add_device(READER, ROLE_READER, 3671);
    office_send(BPJS, 1, 0, 40);
    office_commit();
    add_device(OF_ONE_AREA, ROLE_KADER, kelurahan_of(0));
    add_device(LABOUR_OF_ONE_AREA, ROLE_LABOUR_OFFICE, kelurahan_of(0));
    control = (struct control){.intake = office.intake,
                               .registry = office.registry,
                               .journal = office.journal,
                               .snapshotter = &snapshotter,
                               .arena = &arena,
                               .pairings = pairings_new(),
                               .commit = &commit,
                               .ack = &ack,
                               .time = office.time};
}
static void tear_down(void) {
    pairings_destroy(&control.pairings);
    arena_free(&arena);
    office_tear_down();
}
TestSuite(door, .init = set_up, .fini = tear_down);

static void keep_ack(void *context, const struct intake_peer *peer, const uint8_t *bytes, size_t size) {
    (void)context;
    cr_assert_leq(size, sizeof last_ack);
    last_peer = *peer;
    memcpy(last_ack, bytes, size);
    last_ack_size = size;
}

static void commit_now(void) {
    struct failure why;
    cr_assert_eq(intake_commit(office.intake, keep_ack, NULL, NULL, &why), RESULT_OK);
}

static Cakupan__DoorReply *answer_bytes(const uint8_t *bytes, size_t size) {
    uint8_t *out = NULL;
    size_t out_size = 0;
    struct failure why;
    staged = false;
    cr_assert_eq(door_answer(&control, bytes, size, &out, &out_size, &staged, &why), RESULT_OK);
    Cakupan__DoorReply *reply = cakupan__door_reply__unpack(NULL, out_size, out);
    cr_assert_not_null(reply);
    free(out);
    if (staged)
        commit_now();
    return reply;
}

static uint8_t key[DEVICE_KEY_SIZE];

static Cakupan__DoorRequest request_of(uint32_t device) {
    Cakupan__DoorRequest request = CAKUPAN__DOOR_REQUEST__INIT;
    request.version = DOOR_VERSION;
    request.id = 77;
    memset(key, 0, sizeof key);
    key[0] = (uint8_t)device;
    if (device)
        request.token_hash = (ProtobufCBinaryData){sizeof key, key};
    return request;
}

/* The caller frees what it gets. */
static Cakupan__DoorReply *ask(Cakupan__DoorRequest *request) {
    static uint8_t bytes[1 << 17];
    cr_assert_leq(cakupan__door_request__get_packed_size(request), sizeof bytes);
    size_t size = cakupan__door_request__pack(request, bytes);
    Cakupan__DoorReply *reply = answer_bytes(bytes, size);
    cr_assert_eq(reply->id, 77, "an answer finds its question");
    return reply;
}

static void done(Cakupan__DoorReply *reply) {
    cakupan__door_reply__free_unpacked(reply, NULL);
}

static void is_refused(Cakupan__DoorReply *reply, const char *code) {
    cr_assert_str_eq(reply->code, code);
    cr_assert(reply->refusal != 0 && strlen(reply->sentence) > 20);
    cr_assert(!reply->member && !reply->refusals && !reply->status);
    done(reply);
}

static Cakupan__DoorReply *ask_who(uint32_t device) {
    Cakupan__DoorRequest request = request_of(device);
    Cakupan__WhoRequest who = CAKUPAN__WHO_REQUEST__INIT;
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_WHO;
    request.who = &who;
    return ask(&request);
}

static Cakupan__DoorReply *ask_member(uint32_t device, uint64_t nik, const char *reason) {
    Cakupan__DoorRequest request = request_of(device);
    Cakupan__MemberRequest member = CAKUPAN__MEMBER_REQUEST__INIT;
    member.nik = nik;
    member.reason = (char *)reason;
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_MEMBER;
    request.member = &member;
    return ask(&request);
}

static Cakupan__DoorReply *ask_refusals(uint32_t device, uint32_t of_device, uint64_t before,
                                        uint32_t limit) {
    Cakupan__DoorRequest request = request_of(device);
    Cakupan__RefusalsRequest refusals = CAKUPAN__REFUSALS_REQUEST__INIT;
    refusals.device = of_device;
    refusals.before_offset = before;
    refusals.limit = limit;
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_REFUSALS;
    request.refusals = &refusals;
    return ask(&request);
}

static Cakupan__DoorReply *ask_pair(uint8_t code, uint8_t token) {
    uint8_t code_hash[PAIRING_HASH_SIZE], token_hash[DEVICE_KEY_SIZE];
    Cakupan__DoorRequest request = request_of(0);
    Cakupan__PairRequest pair = CAKUPAN__PAIR_REQUEST__INIT;
    memset(code_hash, code, sizeof code_hash);
    memset(token_hash, token, sizeof token_hash);
    pair.code_hash = (ProtobufCBinaryData){sizeof code_hash, code_hash};
    pair.new_token_hash = (ProtobufCBinaryData){sizeof token_hash, token_hash};
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_PAIR;
    request.pair = &pair;
    return ask(&request);
}

static void revoke(uint32_t id) {
    struct device device = *registry_device(office.registry, id);
    device.revoked = true;
    struct record record = {.kind = CHANGE_DEVICE_REVOKED, .new_device = &device};
    struct failure why;
    cr_assert_eq(intake_record(office.intake, &record, &office.time, &why), RESULT_OK);
    commit_now();
}

/* A frame of enrolments through the door; what door_take made of it. */
static enum door_take send_frame(uint32_t device, uint64_t id, uint64_t sequence, uint64_t person,
                                 uint32_t count) {
    static uint8_t frame[1 << 16], bytes[1 << 17];
    struct intake_peer peer = {.size = 3, .id = {9, 8, 7}};
    Cakupan__DoorRequest request = request_of(device);
    request.id = id;
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_FRAME;
    request.frame =
        (ProtobufCBinaryData){office_make_frame(frame, sizeof frame, sequence, person, count, false), frame};
    last_ack_size = 0;
    return door_take(&control, peer, bytes, cakupan__door_request__pack(&request, bytes));
}

Test(door, who_is_told_who_it_is) {
    Cakupan__DoorReply *reply = ask_who(OF_ONE_AREA);
    cr_assert_eq(reply->refusal, 0);
    cr_assert_eq(reply->device->id, OF_ONE_AREA);
    cr_assert_str_eq(reply->device->role, "kader");
    cr_assert_eq(reply->device->area, kelurahan_of(0));
    cr_assert_eq(reply->device->next_sequence, 1);
    cr_assert_eq(reply->device->public_key.len, 0, "the key opens the door: it is never told");
    cr_assert_eq(reply->day, calendar_to_number(office.time.today));
    done(reply);
    is_refused(ask_who(99), "TOKEN_UNKNOWN");
}

Test(door, a_revocation_works_on_the_next_question) {
    done(ask_who(KADER));
    revoke(KADER);
    is_refused(ask_who(KADER), "DEVICE_REVOKED");
    is_refused(ask_member(KADER, nik_of(0), "check"), "DEVICE_REVOKED");
    is_refused(ask_refusals(KADER, 0, 0, 10), "DEVICE_REVOKED");
    cr_assert_eq(send_frame(KADER, 5, 1, 100, 2), DOOR_STAGED, "told in an ack, in its frame's language");
    commit_now();
    struct wire_ack answer;
    cr_assert_eq(wire_ack_decode(last_ack, last_ack_size, &office.arena, &answer), RESULT_OK);
    cr_assert_eq(answer.refusal, REFUSAL_DEVICE_REVOKED);
}

Test(door, roles_that_send_nothing_see_nobody) {
    const uint32_t others[] = {FINANCE, READER};
    for (unsigned i = 0; i < 2; i++) {
        is_refused(ask_member(others[i], nik_of(0), "check"), "ROLE_NOT_ALLOWED");
        is_refused(ask_refusals(others[i], 0, 0, 10), "ROLE_NOT_ALLOWED");
        cr_assert_eq(send_frame(others[i], 5, 1, 100, 1), DOOR_ASKED);
        cr_assert(intake_is_empty(office.intake), "nothing of it is stored");
        done(ask_who(others[i]));
    }
    const uint32_t senders[] = {KADER, BPJS, LABOUR};
    for (unsigned i = 0; i < 3; i++) {
        Cakupan__DoorReply *reply = ask_member(senders[i], nik_of(0), "check");
        cr_assert_eq(reply->refusal, 0);
        cr_assert_eq(reply->device->id, senders[i]);
        done(reply);
    }
}

Test(door, a_member_is_told_with_a_reason) {
    struct member member;
    is_refused(ask_member(BPJS, nik_of(1), ""), "REASON_MISSING");
    is_refused(ask_member(BPJS, nik_of(1), "   "), "REASON_MISSING");
    is_refused(ask_member(BPJS, nik_of(4000), "check"), "MEMBER_UNKNOWN");
    Cakupan__DoorReply *reply = ask_member(BPJS, nik_of(1), "check");
    cr_assert_eq(reply->refusal, 0);
    cr_assert_eq(
        wire_member_decode(reply->member->state.data, reply->member->state.len, &office.arena, &member),
        RESULT_OK);
    cr_assert_eq(member.identity, nik_of(1));
    cr_assert_neq(reply->member->name[0], '\0');
    done(reply);
}

Test(door, a_kader_sees_the_people_of_its_area) {
    unsigned seen = 0, hidden = 0;
    for (uint64_t person = 0; person < 40; person++) {
        Cakupan__DoorReply *reply = ask_member(OF_ONE_AREA, nik_of(person), "check");
        bool own = kelurahan_of(person) == kelurahan_of(0);
        seen += own;
        hidden += !own;
        cr_assert_str_eq(reply->code, own ? "" : "REGION_OUTSIDE_AREA");
        cr_assert_eq(reply->member != NULL, own);
        done(reply);
    }
    cr_assert(seen > 0 && hidden > 0);
}

Test(door, a_kader_sees_its_own_refusals_alone) {
    office_send(KADER, 1, 0, 3); /* enrolled already: refused */
    office_send(BPJS, 41, 0, 4);
    office_commit();
    Cakupan__DoorReply *reply = ask_refusals(KADER, BPJS, 0, 100);
    cr_assert_eq(reply->refusals->n_refused, 3);
    cr_assert_not(reply->refusals->more);
    done(reply);
    reply = ask_refusals(LABOUR, 0, 0, 5);
    cr_assert_eq(reply->refusals->n_refused, 5);
    cr_assert(reply->refusals->more);
    uint64_t last = reply->refusals->next_before;
    cr_assert_eq(last, reply->refusals->refused[4]->offset);
    done(reply);
    reply = ask_refusals(LABOUR, 0, last, 2);
    cr_assert_eq(reply->refusals->n_refused, 2);
    cr_assert_not(reply->refusals->more, "exactly as many as were left");
    cr_assert_lt(reply->refusals->refused[0]->offset, last);
    done(reply);
}

/* The next event of a device, alone in its frame; the offset that it got. */
static uint64_t send_event(uint32_t device, struct event event) {
    uint8_t bytes[512], frame[1024];
    struct wire_ack answer;
    uint64_t sequence = registry_device(office.registry, device)->next_sequence;
    event.captured_at_ms = OFFICE_CAPTURED_MS;
    event.author = (struct text){"Siti", 4};
    struct text_bytes encoded = {bytes, wire_event_encode(&event, bytes, sizeof bytes)};
    struct wire_frame wire = {.first_sequence = sequence, .count = 1, .events = &encoded};
    size_t size = wire_frame_encode(&wire, frame, sizeof frame);
    intake_frame(office.intake, &office_peer, device, frame, size, &office.time, false);
    commit_now();
    cr_assert_eq(wire_ack_decode(last_ack, last_ack_size, &office.arena, &answer), RESULT_OK);
    return answer.ranges[0].first_offset;
}

static Cakupan__DoorReply *ask_reports(uint32_t device, const char *reason) {
    Cakupan__DoorRequest request = request_of(device);
    Cakupan__RefusalsRequest refusals = CAKUPAN__REFUSALS_REQUEST__INIT;
    refusals.refusal = REFUSAL_LAYOFF_REPORTED;
    refusals.reason = (char *)reason;
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_REFUSALS;
    request.refusals = &refusals;
    return ask(&request);
}

/* Whether the only report is open, and that it says who, where and which employer. */
static bool report_is_open(const struct event *worker) {
    Cakupan__DoorReply *reply = ask_reports(LABOUR, "");
    cr_assert_eq(reply->refusals->n_refused, 1);
    const Cakupan__LayoffReport *report = reply->refusals->refused[0]->report;
    cr_assert_not_null(report);
    cr_assert_eq(strncmp(report->name, worker->name.data, worker->name.size), 0);
    cr_assert_eq(report->kelurahan, worker->kelurahan);
    cr_assert_eq(report->employer, 77);
    bool open = report->open;
    done(reply);
    return open;
}

Test(door, a_layoff_seen_at_a_door_is_the_labour_offices_work_until_it_is_accepted) {
    struct event worker = enrolment_of(300);
    char name[PERSON_NAME_SIZE];
    snprintf(name, sizeof name, "%.*s", (int)worker.name.size, worker.name.data);
    worker.name.data = name;
    worker.segment = SEGMENT_PPU_BU;
    worker.employer = 77;
    worker.care_class = 0;
    worker.wage_rupiah = 6000000;
    worker.local_card = false;
    send_event(BPJS, worker);
    struct event layoff = {.kind = CHANGE_LAYOFF, .identity = worker.identity};
    send_event(KADER, layoff);
    cr_assert(report_is_open(&worker));
    layoff.proof = PROOF_NOTICE_RECEIPT;
    layoff.employer = 77;
    send_event(LABOUR, layoff);
    cr_assert_not(report_is_open(&worker), "the labour office's layoff settles it");
    send_event(LABOUR, (struct event){.kind = CHANGE_REHIRE, .identity = worker.identity, .employer = 77});
    cr_assert_not(report_is_open(&worker), "a wage worker anew: it was settled all the same");
}

Test(door, reports_show_whole_numbers_to_the_labour_office_with_a_reason) {
    struct event worker = enrolment_of(300);
    worker.segment = SEGMENT_PPU_BU;
    worker.employer = 77;
    worker.care_class = 0;
    worker.local_card = false;
    send_event(BPJS, worker);
    send_event(KADER, (struct event){.kind = CHANGE_LAYOFF, .identity = worker.identity});
    const struct {
        uint32_t device;
        const char *reason;
        bool unmasked;
    } rows[] = {{LABOUR, "", false}, {LABOUR, "proof asked", true}, {BPJS, "proof asked", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Cakupan__DoorReply *reply = ask_reports(rows[i].device, rows[i].reason);
        cr_assert_eq(reply->refusals->n_refused, 1);
        cr_assert_eq(reply->refusals->unmasked, rows[i].unmasked, "row %zu", i);
        done(reply);
    }
}

/* The people laid off, as a kader of the city reports them. */
static void report_layoff_of(uint64_t person) {
    struct event worker = enrolment_of(person);
    worker.segment = SEGMENT_PPU_BU;
    worker.employer = 77;
    worker.care_class = 0;
    worker.local_card = false;
    send_event(BPJS, worker);
    send_event(KADER, (struct event){.kind = CHANGE_LAYOFF, .identity = worker.identity});
}

/* The next person but `person` who does, or does not, live in the kelurahan of the office of one area. */
static uint64_t neighbour(uint64_t person, bool of_the_area) {
    do
        person++;
    while ((kelurahan_of(person) == kelurahan_of(0)) != of_the_area);
    return person;
}

Test(door, an_office_of_one_area_is_told_nothing_of_others_people) {
    uint64_t near = neighbour(300, true), far = neighbour(300, false);
    report_layoff_of(near);
    report_layoff_of(far);
    send_event(KADER, (struct event){.kind = CHANGE_DEATH, .identity = nik_of(4000)}); /* nobody */
    Cakupan__DoorReply *reply = ask_reports(LABOUR_OF_ONE_AREA, "proof asked");
    cr_assert_eq(reply->refusals->n_refused, 1, "not even masked");
    cr_assert(reply->refusals->unmasked && !reply->refusals->more);
    cr_assert_eq(reply->refusals->refused[0]->report->kelurahan, kelurahan_of(near));
    done(reply);
    reply = ask_refusals(LABOUR_OF_ONE_AREA, 0, 0, 10);
    cr_assert_eq(reply->refusals->n_refused, 1);
    done(reply);
    reply = ask_reports(LABOUR, "proof asked");
    cr_assert_eq(reply->refusals->n_refused, 2);
    done(reply);
}

Test(door, an_office_of_one_area_finds_places_of_its_area_and_what_it_sent) {
    struct event enrolment = enrolment_of(neighbour(300, true));
    enrolment.birth_day = DAY_NONE; /* refused, and nobody knows the person */
    enrolment.present &= ~(uint32_t)FIELD_BIRTH_DAY;
    uint64_t near = send_event(KADER, enrolment);
    enrolment.kelurahan = kelurahan_of(neighbour(300, false));
    send_event(KADER, enrolment);
    uint64_t own = send_event(LABOUR_OF_ONE_AREA, enrolment);
    Cakupan__DoorReply *reply = ask_refusals(LABOUR_OF_ONE_AREA, 0, 0, 10);
    cr_assert_eq(reply->refusals->n_refused, 2);
    cr_assert_eq(reply->refusals->refused[0]->offset, own);
    cr_assert_eq(reply->refusals->refused[1]->offset, near);
    done(reply);
}

Test(door, a_report_about_somebody_who_left_the_area_tells_no_more_than_was_sent) {
    struct event worker = enrolment_of(neighbour(300, true));
    report_layoff_of(neighbour(300, true));
    send_event(OF_ONE_AREA, (struct event){.kind = CHANGE_LAYOFF, .identity = worker.identity});
    send_event(KADER, (struct event){.kind = CHANGE_MOVE_WITHIN,
                                     .identity = worker.identity,
                                     .kelurahan = kelurahan_of(neighbour(300, false))});
    Cakupan__DoorReply *reply = ask_refusals(OF_ONE_AREA, 0, 0, 10);
    cr_assert_eq(reply->refusals->n_refused, 1, "it sent this one");
    cr_assert_null(reply->refusals->refused[0]->report);
    done(reply);
}

Test(door, a_page_that_found_nothing_says_where_to_go_on) {
    uint64_t before = 0;
    unsigned pages = 0, found = 0;
    office_send(KADER, 1, 0, 1); /* of the area; enrolled already, as those of other areas are */
    for (unsigned i = 0; i < 26; i++)
        office_send(KADER, 2 + i * 39, 1, 39);
    office_commit();
    do {
        Cakupan__DoorReply *reply = ask_refusals(LABOUR_OF_ONE_AREA, 0, before, 10);
        uint64_t next = reply->refusals->next_before;
        cr_assert_eq(next != 0, reply->refusals->more);
        cr_assert(before == 0 || next < before);
        found += (unsigned)reply->refusals->n_refused;
        before = next;
        pages++;
        done(reply);
    } while (before);
    cr_assert(found == 1 && pages > 1, "%u on %u pages", found, pages);
}

Test(door, an_ack_finds_its_question_after_the_commit) {
    struct wire_ack answer;
    cr_assert_eq(send_frame(KADER, 1234567890123, 1, 100, 3), DOOR_STAGED);
    cr_assert_eq(last_ack_size, 0, "nothing is said before it is durable");
    commit_now();
    cr_assert(last_peer.door && last_peer.ask == 1234567890123 && last_peer.size == 3 &&
              last_peer.id[0] == 9);
    cr_assert_eq(wire_ack_decode(last_ack, last_ack_size, &office.arena, &answer), RESULT_OK);
    cr_assert(answer.refusal == 0 && answer.count == 3 && answer.expected_sequence == 4);
    uint64_t offset = answer.ranges[0].first_offset;
    cr_assert_eq(send_frame(KADER, 8, 1, 100, 3), DOOR_STAGED);
    commit_now();
    cr_assert_eq(wire_ack_decode(last_ack, last_ack_size, &office.arena, &answer), RESULT_OK);
    cr_assert_eq(answer.ranges[0].first_offset, offset, "the same answer again");
    cr_assert_eq(last_peer.ask, 8);
    cr_assert_eq(send_frame(99, 8, 1, 200, 1), DOOR_ASKED);
    cr_assert(intake_is_empty(office.intake));
}

static void open_code(uint8_t code, int64_t valid_ms) {
    struct pairing pairing = {.name = "Siti",
                              .role = ROLE_KADER,
                              .area = 3671011001,
                              .until_ms = office.time.monotonic_ms + valid_ms};
    memset(pairing.code_hash, code, sizeof pairing.code_hash);
    cr_assert(pairings_open(control.pairings, &pairing, office.time.monotonic_ms));
}

Test(door, a_code_makes_one_device) {
    uint32_t devices = registry_device_count(office.registry);
    open_code(5, 1000);
    is_refused(ask_pair(6, 60), "PAIRING_UNKNOWN");
    Cakupan__DoorReply *reply = ask_pair(5, 60);
    cr_assert(staged);
    cr_assert_eq(reply->device->id, devices + 1);
    cr_assert_str_eq(reply->device->role, "kader");
    cr_assert_eq(reply->device->area, 3671011001);
    done(reply);
    reply = ask_pair(5, 60);
    cr_assert_not(staged, "the answer was lost: told again");
    cr_assert_eq(reply->device->id, devices + 1);
    done(reply);
    is_refused(ask_pair(5, 61), "PAIRING_USED");
    pairings_destroy(&control.pairings);
    control.pairings = pairings_new();
    reply = ask_pair(5, 60);
    cr_assert_eq(reply->device->id, devices + 1, "also after a restart");
    done(reply);
    is_refused(ask_pair(5, 61), "PAIRING_UNKNOWN");
    revoke(devices + 1);
    is_refused(ask_pair(5, 60), "DEVICE_REVOKED");
    cr_assert_eq(registry_device_count(office.registry), devices + 1);
}

Test(door, a_code_ends_with_its_time) {
    open_code(5, 1000);
    control.time.monotonic_ms += 1000;
    is_refused(ask_pair(5, 60), "PAIRING_EXPIRED");
    control.time.monotonic_ms -= 1;
    done(ask_pair(5, 60));
    cr_assert(staged);
}

Test(door, status_tells_times_and_refusals) {
    latency_add(&commit, 60, 2);
    latency_add(&ack, 5000000, 3);
    office_send(KADER, 1, 0, 3);
    office_commit();
    office_send(KADER, 9, 0, 2); /* a gap */
    office_commit();
    Cakupan__DoorRequest request = request_of(0);
    Cakupan__StatusRequest status = CAKUPAN__STATUS_REQUEST__INIT;
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_STATUS;
    request.status = &status;
    Cakupan__DoorReply *reply = ask(&request);
    const Cakupan__StatusReply *told = reply->status;
    cr_assert_eq(told->commit->n_counts, told->commit->n_bounds_us + 1);
    cr_assert_eq(told->commit->counts[1], 2);
    cr_assert_eq(told->commit->sum_us, 120);
    cr_assert_eq(told->ack->counts[told->ack->n_bounds_us], 3);
    cr_assert_eq(told->n_refusals, 2);
    cr_assert(told->refusals[0]->refusal == REFUSAL_SEQUENCE_GAP && told->refusals[0]->events == 2);
    cr_assert_eq(told->refusals[1]->events, 3);
    done(reply);
}

Test(door, bad_bytes_are_told_so) {
    uint8_t bytes[200];
    Cakupan__DoorRequest request = request_of(KADER);
    Cakupan__WhoRequest who = CAKUPAN__WHO_REQUEST__INIT;
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_WHO;
    request.who = &who;
    request.version = 2;
    is_refused(ask(&request), "REQUEST_MALFORMED");
    request.version = DOOR_VERSION;
    request.token_hash.len = 31;
    is_refused(ask(&request), "REQUEST_MALFORMED");
    request = request_of(0);
    is_refused(ask(&request), "REQUEST_MALFORMED");
    request = request_of(KADER);
    is_refused(ask(&request), "ASK_UNKNOWN");
    cr_assert_eq(wire_door_request_id((const uint8_t *)"", 0), 0);
    request = request_of(KADER);
    request.ask_case = CAKUPAN__DOOR_REQUEST__ASK_WHO;
    request.who = &who;
    size_t size = cakupan__door_request__pack(&request, bytes);
    for (size_t cut = 0; cut <= size; cut++) {
        struct intake_peer peer = {.size = 1};
        cr_assert_eq(door_take(&control, peer, bytes, cut), DOOR_ASKED);
        done(answer_bytes(bytes, cut));
    }
    uint64_t seed = 1;
    for (unsigned i = 0; i < 3000; i++) {
        uint8_t changed[200];
        memcpy(changed, bytes, size);
        done(answer_bytes(changed, mutate(changed, size, sizeof changed, &seed)));
    }
}
