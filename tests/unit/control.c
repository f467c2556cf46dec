/* control.c - what enrollment answers to the operator's tools (services/enrollment/control.h): every request,
 * bad bytes, histories, refusals, and that devices are durable before they are answered. */
#include "control.pb-c.h"
#include "enrollment/control.h"
#include "enrollment_office.h"
#include "mutate.h"
#include "people.h"
#include "wire/wire_record.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct snapshotter snapshotter;
static struct pairings *pairings;
static bool staged;

static void set_up(void) {
    office_set_up(CITY_DIRECTORY);
    arena_init(&arena, 64u << 20);
    pairings = pairings_new();
}
static void tear_down(void) {
    pairings_destroy(&pairings);
    arena_free(&arena);
    office_tear_down();
}
TestSuite(control, .init = set_up, .fini = tear_down);

static enum result answer_bytes(const uint8_t *request, size_t size, Cakupan__ControlReply **out) {
    struct control control = {.intake = office.intake,
                              .registry = office.registry,
                              .journal = office.journal,
                              .snapshotter = &snapshotter,
                              .arena = &arena,
                              .pairings = pairings,
                              .time = office.time};
    uint8_t *reply = NULL;
    size_t reply_size = 0;
    struct failure why;
    staged = false;
    enum result result = control_answer(&control, request, size, &reply, &reply_size, &staged, &why);
    *out = result == RESULT_OK ? cakupan__control_reply__unpack(NULL, reply_size, reply) : NULL;
    free(reply);
    return result;
}

#define ASK(field, kind, message)                                                                            \
    ask((Cakupan__ControlRequest){.base = PROTOBUF_C_MESSAGE_INIT(&cakupan__control_request__descriptor),    \
                                  .version = 1,                                                              \
                                  .ask_case = CAKUPAN__CONTROL_REQUEST__ASK_##kind,                          \
                                  .field = message})

/* The caller frees what it gets. */
static Cakupan__ControlReply *ask(Cakupan__ControlRequest request) {
    uint8_t bytes[8192];
    Cakupan__ControlReply *reply;
    cr_assert_leq(cakupan__control_request__get_packed_size(&request), sizeof bytes);
    size_t size = cakupan__control_request__pack(&request, bytes);
    cr_assert_eq(answer_bytes(bytes, size, &reply), RESULT_OK);
    cr_assert_not_null(reply, "a reply can be read");
    return reply;
}

static void done(Cakupan__ControlReply *reply) {
    cakupan__control_reply__free_unpacked(reply, NULL);
}

/* Asks for something that is refused with this code, and stages nothing. */
static void is_refused(Cakupan__ControlReply *reply, const char *code) {
    cr_assert_str_eq(reply->code, code);
    cr_assert_neq(reply->refusal, 0);
    cr_assert_gt(strlen(reply->sentence), 20, "a sentence says what to do");
    cr_assert_not(staged);
    cr_assert(intake_is_empty(office.intake));
    done(reply);
}

static Cakupan__ControlReply *add_device(const char *name, const char *role, uint8_t key_byte,
                                         size_t key_size) {
    static uint8_t key[64];
    Cakupan__DeviceAdd add = CAKUPAN__DEVICE_ADD__INIT;
    memset(key, key_byte, sizeof key);
    add.name = (char *)name;
    add.role = (char *)role;
    add.area = 367101;
    add.public_key = (ProtobufCBinaryData){key_size, key};
    return ASK(device_add, DEVICE_ADD, &add);
}

static Cakupan__ControlReply *revoke_device(uint32_t id) {
    Cakupan__DeviceRevoke revoke = CAKUPAN__DEVICE_REVOKE__INIT;
    revoke.id = id;
    return ASK(device_revoke, DEVICE_REVOKE, &revoke);
}

static Cakupan__ControlReply *look_up(uint64_t nik, bool history) {
    Cakupan__MemberRequest member = CAKUPAN__MEMBER_REQUEST__INIT;
    member.nik = nik;
    member.history = history;
    member.reason = (char *)"claim 3671 at the counter";
    return ASK(member, MEMBER, &member);
}

static Cakupan__ControlReply *list_refusals(uint64_t before, uint32_t code, uint32_t limit) {
    Cakupan__RefusalsRequest refusals = CAKUPAN__REFUSALS_REQUEST__INIT;
    refusals.before_offset = before;
    refusals.refusal = code;
    refusals.limit = limit;
    return ASK(refusals, REFUSALS, &refusals);
}

static identity_t identity_of(uint64_t number) {
    char name[PERSON_NAME_SIZE];
    struct event event;
    person_enrolment(number, &office.city.regions, OFFICE_CAPTURED_MS, name, &event);
    return event.identity;
}

/* As device 2's next event. */
static void send(struct event event) {
    uint8_t bytes[512], frame[1024];
    event.captured_at_ms = OFFICE_CAPTURED_MS;
    event.author = (struct text){"kader", 5};
    struct text_bytes encoded = {bytes, wire_event_encode(&event, bytes, sizeof bytes)};
    struct wire_frame wire = {
        .first_sequence = registry_device(office.registry, 2)->next_sequence, .count = 1, .events = &encoded};
    size_t size = wire_frame_encode(&wire, frame, sizeof frame);
    intake_frame(office.intake, &office_peer, 2, frame, size, &office.time, false);
    office_commit();
    struct wire_ack_range range = office_ack(0).ranges[0];
    cr_assert(range.outcome_count == 0 || range.outcomes[0].refusal == 0, "it is accepted");
}

/* Of person `number` within the city. */
static void move(uint64_t number, uint32_t kelurahan) {
    send((struct event){.kind = CHANGE_MOVE_WITHIN, .identity = identity_of(number), .kelurahan = kelurahan});
}

Test(control, status_says_where_enrollment_stands) {
    office_send(2, 1, 100, 3);
    office_send(2, 4, 100, 1);
    office_commit();
    Cakupan__StatusRequest status = CAKUPAN__STATUS_REQUEST__INIT;
    Cakupan__ControlReply *reply = ASK(status, STATUS, &status);
    cr_assert_str_eq(reply->code, "");
    cr_assert_eq(reply->status->head, 6);
    cr_assert_eq(reply->status->members, 3);
    cr_assert_eq(reply->status->devices, 2);
    cr_assert_eq(reply->status->events_accepted, 3);
    cr_assert_eq(reply->status->events_refused, 1);
    cr_assert_gt(reply->status->resident_bytes, 0);
    done(reply);
}

Test(control, a_device_is_staged_then_durable_then_known_after_a_restart) {
    Cakupan__ControlReply *reply = add_device("Posyandu Melati 3", "kader", 9, DEVICE_KEY_SIZE);
    cr_assert(staged, "the answer has to wait for the commit");
    cr_assert_eq(reply->n_devices, 1);
    cr_assert_eq(reply->devices[0]->id, 3);
    cr_assert_eq(reply->devices[0]->next_sequence, 1);
    done(reply);
    office_close(); /* a crash before the commit: there is no such device */
    office_open();
    cr_assert_eq(registry_device_count(office.registry), 2);
    done(add_device("Posyandu Melati 3", "kader", 9, DEVICE_KEY_SIZE));
    office_commit();
    office_close();
    office_open();
    const struct device *device = registry_device(office.registry, 3);
    cr_assert_not_null(device);
    cr_assert_str_eq(device->name, "Posyandu Melati 3");
    cr_assert_eq(device->area, 367101);
}

Test(control, the_same_device_again_changes_nothing_and_another_with_its_key_is_refused) {
    done(add_device("Loket A", "kader", 9, DEVICE_KEY_SIZE));
    office_commit();
    Cakupan__ControlReply *reply = add_device("Loket A", "kader", 9, DEVICE_KEY_SIZE);
    cr_assert_not(staged);
    cr_assert_eq(reply->devices[0]->id, 3);
    done(reply);
    is_refused(add_device("Loket B", "kader", 9, DEVICE_KEY_SIZE), "DEVICE_KEY_TAKEN");
    is_refused(add_device("Loket A", "bpjs", 9, DEVICE_KEY_SIZE), "DEVICE_KEY_TAKEN");
    done(revoke_device(3));
    office_commit();
    is_refused(add_device("Loket A", "kader", 9, DEVICE_KEY_SIZE), "DEVICE_KEY_TAKEN");
}

Test(control, a_device_that_replay_would_refuse_is_never_stored) {
    is_refused(add_device("", "kader", 9, DEVICE_KEY_SIZE), "DEVICE_INVALID");
    is_refused(add_device("name\xff", "kader", 9, DEVICE_KEY_SIZE), "DEVICE_INVALID");
    is_refused(add_device("name\xc2\x85", "kader", 9, DEVICE_KEY_SIZE), "DEVICE_INVALID");
    is_refused(add_device("two\nlines", "kader", 9, DEVICE_KEY_SIZE), "DEVICE_INVALID");
    is_refused(add_device("exactly forty-eight bytes: that is one too many.", "kader", 9, DEVICE_KEY_SIZE),
               "DEVICE_INVALID");
    is_refused(add_device("Loket A", "king", 9, DEVICE_KEY_SIZE), "DEVICE_INVALID");
    is_refused(add_device("Loket A", "", 9, DEVICE_KEY_SIZE), "DEVICE_INVALID");
    is_refused(add_device("Loket A", "kader", 9, DEVICE_KEY_SIZE - 1), "DEVICE_INVALID");
    is_refused(add_device("Loket A", "kader", 9, DEVICE_KEY_SIZE + 1), "DEVICE_INVALID");
    done(add_device("Pos\xc3\xa9 forty-seven bytes: the longest name there", "kader", 9, DEVICE_KEY_SIZE));
    cr_assert(staged);
    office_commit();
    office_close();
    office_open();
    cr_assert_eq(registry_device_count(office.registry), 3);
}

Test(control, a_revocation_is_durable_before_it_is_answered_and_may_be_repeated) {
    Cakupan__ControlReply *reply = revoke_device(1);
    cr_assert(staged);
    cr_assert(reply->devices[0]->revoked);
    done(reply);
    office_commit();
    office_close();
    office_open();
    cr_assert(registry_device(office.registry, 1)->revoked);
    reply = revoke_device(1);
    cr_assert_not(staged);
    cr_assert(reply->devices[0]->revoked);
    done(reply);
    is_refused(revoke_device(0), "DEVICE_UNKNOWN");
    is_refused(revoke_device(77), "DEVICE_UNKNOWN");
}

Test(control, devices_are_listed_in_the_order_of_their_numbers) {
    Cakupan__DeviceList list = CAKUPAN__DEVICE_LIST__INIT;
    Cakupan__ControlReply *reply = ASK(device_list, DEVICE_LIST, &list);
    cr_assert_eq(reply->n_devices, 2);
    cr_assert_str_eq(reply->devices[0]->role, "kader");
    cr_assert_str_eq(reply->devices[1]->name, "device 2");
    cr_assert_eq(reply->devices[1]->public_key.data[0], 2);
    done(reply);
}

Test(control, a_history_goes_back_through_the_batches_to_the_first_record) {
    office_send(2, 1, 100, 3);
    office_commit();
    const struct member *member = registry_find(office.registry, identity_of(101), NULL);
    uint32_t first = member->kelurahan == 3671011001u ? 3671011002u : 3671011001u;
    for (uint32_t i = 0; i < 6; i++)
        move(101, i % 2 ? 3671011003u : first);
    Cakupan__ControlReply *reply = look_up(identity_of(101), true);
    cr_assert_eq(reply->member->member_id, 2);
    cr_assert_eq(reply->member->n_history, 7);
    cr_assert_gt(strlen(reply->member->name), 0, "the name stands in the first record");
    uint64_t previous = UINT64_MAX;
    for (size_t i = 0; i < reply->member->n_history; i++) {
        struct record record;
        const Cakupan__HistoryEntry *entry = reply->member->history[i];
        arena_reset(&arena);
        cr_assert_eq(wire_record_decode(entry->record.data, entry->record.len, &arena, &record), RESULT_OK);
        cr_assert_eq(record.member_id, 2);
        cr_assert_lt(record.offset, previous);
        cr_assert_eq(entry->time_ms, OFFICE_NOW_MS);
        cr_assert_eq(entry->day, 20261122);
        previous = record.offset;
    }
    done(reply);
    reply = look_up(identity_of(101), false);
    cr_assert_eq(reply->member->n_history, 0);
    cr_assert_gt(strlen(reply->member->name), 0);
    done(reply);
}

Test(control, nobody_is_found_under_an_unknown_number) {
    is_refused(look_up(identity_of(100), true), "MEMBER_UNKNOWN");
    is_refused(look_up(0, false), "MEMBER_UNKNOWN");
    is_refused(look_up(UINT64_MAX, false), "MEMBER_UNKNOWN");
}

static identity_t newborn(uint32_t counter) {
    return IDENTITY_TEMPORARY | UINT64_C(2) << 32 | counter;
}

static Cakupan__ControlReply *ask_newborns(uint64_t *temporary_ids, size_t count) {
    Cakupan__NewbornsRequest newborns = CAKUPAN__NEWBORNS_REQUEST__INIT;
    newborns.temporary_ids = temporary_ids;
    newborns.n_temporary_ids = count;
    newborns.reason = (char *)"bill reconcile";
    return ASK(newborns, NEWBORNS, &newborns);
}

Test(control, newborns_are_told_by_the_niks_they_got) {
    const identity_t nik = UINT64_C(3671011010260001);
    office_send(2, 1, 100, 3);
    office_commit();
    for (uint32_t child = 7; child <= 8; child++)
        send((struct event){.kind = CHANGE_BIRTH,
                            .present = FIELD_OTHER | FIELD_BIRTH_DAY | FIELD_SEX,
                            .identity = newborn(child),
                            .other = identity_of(101),
                            .birth_day = calendar_day(2026, 10, 10),
                            .sex = SEX_MALE});
    send((struct event){
        .kind = CHANGE_CORRECT_IDENTITY, .present = FIELD_OTHER, .identity = newborn(8), .other = nik});
    uint64_t asked[401] = {newborn(7) & ~IDENTITY_TEMPORARY, newborn(8) & ~IDENTITY_TEMPORARY,
                           newborn(9) & ~IDENTITY_TEMPORARY};
    Cakupan__ControlReply *reply = ask_newborns(asked, 3);
    cr_assert_eq(reply->newborns->n_niks, 3);
    cr_assert_eq(reply->newborns->niks[0], 0, "none yet");
    cr_assert_eq(reply->newborns->niks[1], nik);
    cr_assert_eq(reply->newborns->niks[2], 0, "nobody");
    done(reply);
    is_refused(ask_newborns(asked, 401), "NEWBORNS_TOO_MANY");
}

Test(control, a_thousand_refusals_of_the_largest_kind_are_listed_newest_first) {
    static uint8_t frame[FRAME_MAX_BYTES], broken[4096];
    static struct text_bytes events[200];
    memset(broken, 0xff, sizeof broken);
    for (size_t i = 0; i < 200; i++)
        events[i] = (struct text_bytes){broken, sizeof broken};
    office.drop_acks = true;
    for (uint64_t sequence = 1; sequence < 1200; sequence += 200) {
        struct wire_frame wire = {.first_sequence = sequence, .count = 200, .events = events};
        size_t size = wire_frame_encode(&wire, frame, sizeof frame);
        intake_frame(office.intake, &office_peer, 2, frame, size, &office.time, false);
    }
    office_commit();
    uint64_t head = registry_next_offset(office.registry) - 1;
    Cakupan__ControlReply *reply = list_refusals(0, 0, 0);
    cr_assert_eq(reply->refusals->n_refused, 1000);
    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(reply->refusals->refused[i]->offset, head - i);
    struct record record;
    arena_reset(&arena);
    ProtobufCBinaryData bytes = reply->refusals->refused[999]->record;
    cr_assert_eq(wire_record_decode(bytes.data, bytes.len, &arena, &record), RESULT_OK);
    cr_assert_eq(record.refused_event.size, sizeof broken, "the event as sent");
    done(reply);
    reply = list_refusals(head - 999, 0, UINT32_MAX);
    cr_assert_eq(reply->refusals->n_refused, 200, "the rest");
    done(reply);
    reply = list_refusals(0, REFUSAL_EVENT_MALFORMED, 7);
    cr_assert_eq(reply->refusals->n_refused, 7);
    done(reply);
    reply = list_refusals(0, REFUSAL_NIK_LENGTH, 7);
    cr_assert_eq(reply->refusals->n_refused, 0);
    done(reply);
}

Test(control, refusals_of_several_batches_come_with_their_own_times) {
    for (uint64_t i = 0; i < 3; i++) {
        office_send(2, 1 + i, 100, 1); /* the second and the third are registered already */
        office_commit();
        office.time.now_ms += 1000;
    }
    Cakupan__ControlReply *reply = list_refusals(0, 0, 0);
    cr_assert_eq(reply->refusals->n_refused, 2);
    cr_assert_eq(reply->refusals->refused[0]->time_ms, OFFICE_NOW_MS + 2000);
    cr_assert_eq(reply->refusals->refused[1]->time_ms, OFFICE_NOW_MS + 1000);
    done(reply);
}

Test(control, the_digest_is_that_of_the_state_and_the_chain_that_of_the_journal) {
    struct journal_batch head;
    struct failure why;
    office_send(2, 1, 100, 3);
    office_commit();
    cr_assert_eq(office.journal->operations->head(office.journal, &head, &why), RESULT_OK);
    Cakupan__DigestRequest digest = CAKUPAN__DIGEST_REQUEST__INIT;
    Cakupan__ControlReply *reply = ASK(digest, DIGEST, &digest);
    cr_assert_eq(reply->digest->digest, registry_digest(office.registry));
    cr_assert_eq(reply->digest->offset, 5);
    cr_assert_eq(reply->digest->members, 3);
    cr_assert_eq(reply->digest->chain.len, JOURNAL_HASH_SIZE);
    cr_assert_arr_eq(reply->digest->chain.data, head.hash, JOURNAL_HASH_SIZE);
    done(reply);
}

Test(control, a_record_is_found_in_the_middle_of_its_batch_and_none_beyond_the_ends) {
    office_send(2, 1, 100, 9);
    office_commit();
    Cakupan__RecordRequest request = CAKUPAN__RECORD_REQUEST__INIT;
    request.offset = 7;
    Cakupan__ControlReply *reply = ASK(record, RECORD, &request);
    struct record record;
    arena_reset(&arena);
    cr_assert_eq(wire_record_decode(reply->record.data, reply->record.len, &arena, &record), RESULT_OK);
    cr_assert_eq(record.offset, 7);
    cr_assert_eq(record.sequence, 5);
    cr_assert_eq(reply->record_time_ms, OFFICE_NOW_MS);
    done(reply);
    static const uint64_t nowhere[] = {0, 12, UINT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        request.offset = nowhere[i];
        is_refused(ASK(record, RECORD, &request), "OFFSET_UNKNOWN");
    }
}

Test(control, what_is_no_request_is_refused) {
    static uint8_t many[1 << 20];
    Cakupan__ControlReply *reply;
    cr_assert_eq(answer_bytes((const uint8_t *)"\xff\xff\xff", 3, &reply), RESULT_OK);
    is_refused(reply, "REQUEST_MALFORMED");
    cr_assert_eq(answer_bytes(many, 0, &reply), RESULT_OK);
    is_refused(reply, "REQUEST_MALFORMED"); /* no version */
    cr_assert_eq(answer_bytes((const uint8_t *)"\x08\x02", 2, &reply), RESULT_OK);
    is_refused(reply, "REQUEST_MALFORMED"); /* version 2 */
    cr_assert_eq(answer_bytes((const uint8_t *)"\x08\x01", 2, &reply), RESULT_OK);
    is_refused(reply, "ASK_UNKNOWN");
    many[0] = 0x08;
    many[1] = 0x01;
    for (size_t i = 2; i < sizeof many; i += 2) /* half a million requests in one: {"status": {}} */
        many[i] = 0x12;
    cr_assert_eq(answer_bytes(many, sizeof many, &reply), RESULT_OK);
    is_refused(reply, "REQUEST_MALFORMED");
}

Test(control, damaged_requests_never_crash_it_and_whatever_they_stage_can_be_replayed) {
    uint64_t seed = 20261122;
    uint8_t key[DEVICE_KEY_SIZE] = {0};
    Cakupan__DeviceAdd add = CAKUPAN__DEVICE_ADD__INIT;
    add.name = (char *)"Pos\xc3\xa9";
    add.role = (char *)"kader";
    add.area = 3671;
    add.public_key = (ProtobufCBinaryData){sizeof key, key};
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.version = 1;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_DEVICE_ADD;
    request.device_add = &add;
    for (uint32_t i = 0; i < 3000; i++) {
        uint8_t bytes[256];
        Cakupan__ControlReply *reply;
        memcpy(key, &i, sizeof i);
        size_t size = cakupan__control_request__pack(&request, bytes);
        size = mutate(bytes, size, sizeof bytes, &seed);
        cr_assert_eq(answer_bytes(bytes, size, &reply), RESULT_OK);
        cr_assert_not_null(reply);
        done(reply);
        if (staged)
            office_commit();
    }
    uint64_t digest = registry_digest(office.registry);
    cr_assert_gt(registry_device_count(office.registry), 100, "some are still sound");
    office_close();
    office_open();
    cr_assert_eq(registry_digest(office.registry), digest);
}
