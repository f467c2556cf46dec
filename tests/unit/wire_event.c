/* wire_event.c - tests of frames, events and acks as bytes: round trips, protobuf-c as the judge, limits,
 * damage. */
#include "wire/wire_event.h"

#include "event.pb-c.h"
#include "mutate.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})

static struct arena arena;
static uint8_t buffer[2 * FRAME_MAX_BYTES];

static void setup(void) {
    arena_init(&arena, 16 << 20);
}
static void teardown(void) {
    arena_free(&arena);
}
TestSuite(wire_event, .init = setup, .fini = teardown);

/* Decodes from memory that ends where the bytes end, so that reading on shows. */
static struct event decode(const void *data, size_t size) {
    uint8_t *exact = malloc(size > 0 ? size : 1);
    struct event event;
    memcpy(exact, data, size);
    wire_event_decode(exact, size, 7, &arena, &event);
    free(exact); /* texts must not need it */
    return event;
}

static struct event full_event(void) {
    return (struct event){
        .kind = CHANGE_LAYOFF,
        .captured_at_ms = -1790000000123,
        .identity = 3671014505900001,
        .other = IDENTITY_TEMPORARY | UINT64_C(5) << 32 | 17,
        .family = 3671010101100001,
        .wage_rupiah = UINT32_MAX,
        .employer = 123456,
        .kelurahan = 3671011001,
        .destination = 9999,
        .birth_day = 1,
        .day = UINT16_MAX,
        .sex = SEX_MALE,
        .segment = SEGMENT_BP,
        .care_class = 3,
        .proof = PROOF_COURT_RULING,
        .disputed = true,
        .local_card = true,
        .author = TEXT("kader-7"),
        .name = TEXT("Siti Nurhaliza Wäyan \xe2\x82\xac \xf0\x9f\x98\x80"),
        .reason = TEXT("r"),
        .approver = TEXT("Kepala Dinas"),
    };
}

#define ALL_FIELDS ((FIELD_LOCAL_CARD << 1) - 1)

static void assert_text(struct text left, struct text right) {
    cr_assert_eq(left.size, right.size);
    cr_assert(left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

static void assert_same(const struct event *left, const struct event *right) {
    cr_assert_eq(left->kind, right->kind);
    cr_assert_eq(left->captured_at_ms, right->captured_at_ms);
    cr_assert_eq(left->identity, right->identity);
    cr_assert_eq(left->other, right->other);
    cr_assert_eq(left->family, right->family);
    cr_assert_eq(left->wage_rupiah, right->wage_rupiah);
    cr_assert_eq(left->employer, right->employer);
    cr_assert_eq(left->kelurahan, right->kelurahan);
    cr_assert_eq(left->destination, right->destination);
    cr_assert_eq(left->birth_day, right->birth_day);
    cr_assert_eq(left->day, right->day);
    cr_assert_eq(left->sex, right->sex);
    cr_assert_eq(left->segment, right->segment);
    cr_assert_eq(left->care_class, right->care_class);
    cr_assert_eq(left->proof, right->proof);
    cr_assert_eq(left->disputed, right->disputed);
    cr_assert_eq(left->local_card, right->local_card);
    assert_text(left->author, right->author);
    assert_text(left->name, right->name);
    assert_text(left->reason, right->reason);
    assert_text(left->approver, right->approver);
}

Test(wire_event, an_event_comes_back_as_it_was) {
    struct event event = full_event();
    size_t size = wire_event_encode(&event, buffer, sizeof buffer);
    struct event back = decode(buffer, size);
    cr_assert_eq(back.malformed, REFUSAL_NONE, "%.*s", back.malformed_field.size, back.malformed_field.data);
    assert_same(&back, &event);
    cr_assert_eq(back.present, ALL_FIELDS);
    cr_assert_eq(back.sequence, 7);
    cr_assert_eq(back.content_hash, XXH3_64bits(buffer, size));
    event = (struct event){.kind = CHANGE_DEATH, .identity = IDENTITY_TEMPORARY | 1};
    size = wire_event_encode(&event, buffer, sizeof buffer);
    back = decode(buffer, size);
    assert_same(&back, &event);
    cr_assert_eq(back.present, FIELD_IDENTITY);
}

Test(wire_event, each_field_sets_its_own_bit) {
    const struct event all = full_event();
    const struct {
        uint32_t bit;
        size_t at, size;
    } fields[] = {
#define FIELD(bit, member) {bit, offsetof(struct event, member), sizeof all.member}
        FIELD(FIELD_IDENTITY, identity),
        FIELD(FIELD_FAMILY, family),
        FIELD(FIELD_NAME, name),
        FIELD(FIELD_BIRTH_DAY, birth_day),
        FIELD(FIELD_SEX, sex),
        FIELD(FIELD_KELURAHAN, kelurahan),
        FIELD(FIELD_SEGMENT, segment),
        FIELD(FIELD_CARE_CLASS, care_class),
        FIELD(FIELD_WAGE, wage_rupiah),
        FIELD(FIELD_EMPLOYER, employer),
        FIELD(FIELD_DAY, day),
        FIELD(FIELD_PROOF, proof),
        FIELD(FIELD_DISPUTED, disputed),
        FIELD(FIELD_OTHER, other),
        FIELD(FIELD_REASON, reason),
        FIELD(FIELD_APPROVER, approver),
        FIELD(FIELD_DESTINATION, destination),
        FIELD(FIELD_LOCAL_CARD, local_card),
#undef FIELD
    };
    uint32_t seen = 0;
    for (size_t index = 0; index < sizeof fields / sizeof *fields; index++) {
        struct event event = {.kind = CHANGE_ENROL};
        memcpy((char *)&event + fields[index].at, (const char *)&all + fields[index].at, fields[index].size);
        size_t size = wire_event_encode(&event, buffer, sizeof buffer);
        cr_assert_eq(decode(buffer, size).present, fields[index].bit);
        seen |= fields[index].bit;
    }
    cr_assert_eq(seen, ALL_FIELDS);
}

/* What protobuf-c makes of the same event. */
static size_t pack_by_protobuf(const struct event *event, uint8_t *out) {
    Cakupan__Event message = CAKUPAN__EVENT__INIT;
    char texts[4][TEXT_MAX + 1] = {0};
    memcpy(texts[0], event->author.data, event->author.size);
    memcpy(texts[1], event->name.data, event->name.size);
    memcpy(texts[2], event->reason.data, event->reason.size);
    memcpy(texts[3], event->approver.data, event->approver.size);
    message.kind = event->kind;
    message.nik = event->identity;
    message.captured_at_ms = event->captured_at_ms;
    message.author = texts[0];
    message.kk = event->family;
    message.name = texts[1];
    message.birth_date = calendar_to_number(event->birth_day);
    message.sex = event->sex;
    message.kelurahan = event->kelurahan;
    message.segment = event->segment;
    message.care_class = event->care_class;
    message.wage_rupiah = event->wage_rupiah;
    message.employer = event->employer;
    message.date = calendar_to_number(event->day);
    message.proof = event->proof;
    message.disputed = event->disputed;
    message.other_temporary_id = event->other & ~IDENTITY_TEMPORARY;
    message.reason = texts[2];
    message.approver = texts[3];
    message.destination = event->destination;
    message.local_card = event->local_card;
    return cakupan__event__pack(&message, out);
}

Test(wire_event, the_bytes_are_those_of_protobuf) {
    struct event event = full_event();
    uint8_t packed[1024];
    size_t size = wire_event_encode(&event, buffer, sizeof buffer);
    cr_assert_eq(size, pack_by_protobuf(&event, packed));
    cr_assert_arr_eq(buffer, packed, size);
}

Test(wire_event, an_event_fits_exactly_or_not_at_all) {
    struct event event = full_event();
    size_t size = wire_event_encode(&event, buffer, sizeof buffer);
    for (size_t capacity = 0; capacity < size + 20; capacity++) {
        uint8_t *exact = malloc(capacity > 0 ? capacity : 1);
        cr_assert_eq(wire_event_encode(&event, exact, capacity), capacity < size ? 0 : size);
        free(exact);
    }
}

static void assert_refused(const void *data, size_t size, enum refusal refusal, const char *field) {
    struct event event = decode(data, size);
    cr_assert_eq(event.malformed, refusal, "%d, not %d, for %s", event.malformed, refusal, field);
    cr_assert_eq(event.malformed_field.size, strlen(field), "%.*s, not %s", event.malformed_field.size,
                 event.malformed_field.data, field);
    cr_assert_eq(memcmp(event.malformed_field.data, field, strlen(field)), 0);
}

static void assert_message_refused(const Cakupan__Event *message, enum refusal refusal, const char *field) {
    size_t size = cakupan__event__pack(message, buffer);
    assert_refused(buffer, size, refusal, field);
}

Test(wire_event, numbers_outside_their_range_are_named) {
#define REFUSED(member, value, refusal)                                                                      \
    do {                                                                                                     \
        Cakupan__Event message = CAKUPAN__EVENT__INIT;                                                       \
        message.kind = CHANGE_ENROL;                                                                         \
        message.member = value;                                                                              \
        assert_message_refused(&message, refusal, #member);                                                  \
    } while (0)
    REFUSED(kind, 0, REFUSAL_KIND_UNKNOWN);
    REFUSED(kind, CHANGE_DEVICE_COUNT, REFUSAL_KIND_UNKNOWN);
    REFUSED(kind, CHANGE_DAY, REFUSAL_KIND_UNKNOWN);
    REFUSED(kind, 257, REFUSAL_KIND_UNKNOWN);
    REFUSED(sex, 3, REFUSAL_VALUE_RANGE);
    REFUSED(segment, SEGMENT_COUNT, REFUSAL_VALUE_RANGE);
    REFUSED(segment, 256 + SEGMENT_PPU_BU, REFUSAL_VALUE_RANGE);
    REFUSED(care_class, 4, REFUSAL_VALUE_RANGE);
    REFUSED(proof, PROOF_COUNT, REFUSAL_VALUE_RANGE);
    REFUSED(destination, 10000, REFUSAL_VALUE_RANGE);
    REFUSED(temporary_id, IDENTITY_TEMPORARY, REFUSAL_VALUE_RANGE);
    REFUSED(other_temporary_id, UINT64_MAX, REFUSAL_VALUE_RANGE);
    REFUSED(nik, UINT64_C(10000000000000000), REFUSAL_NIK_LENGTH);
    REFUSED(nik, IDENTITY_TEMPORARY | 1, REFUSAL_NIK_LENGTH);
    REFUSED(other_nik, UINT64_MAX, REFUSAL_NIK_LENGTH);
    REFUSED(birth_date, 20230229, REFUSAL_DATE_INVALID);
    REFUSED(birth_date, 1, REFUSAL_DATE_INVALID);
    REFUSED(birth_date, UINT32_MAX, REFUSAL_DATE_INVALID);
    REFUSED(date, 20261301, REFUSAL_DATE_INVALID);
    REFUSED(date, 18991231, REFUSAL_DATE_INVALID);
    REFUSED(date, 20790606, REFUSAL_DATE_INVALID);
    /* What protobuf-c would cut to 32 bits or to a truth. */
    assert_refused("\x08\x01\x68\x80\x80\x80\x80\x10", 8, REFUSAL_VALUE_RANGE, "wage_rupiah");
    assert_refused("\x08\x01\x50\x81\x80\x80\x80\x10", 8, REFUSAL_VALUE_RANGE, "kelurahan");
    assert_refused("\x08\x01\x88\x01\x02", 5, REFUSAL_VALUE_RANGE, "disputed");
    assert_refused("\x08\x81\x80\x80\x80\x10", 6, REFUSAL_KIND_UNKNOWN, "kind");
}

Test(wire_event, two_identities_for_one_person_are_refused) {
    Cakupan__Event message = CAKUPAN__EVENT__INIT;
    message.kind = CHANGE_ENROL;
    message.nik = 3671014505900001;
    message.temporary_id = 1;
    assert_message_refused(&message, REFUSAL_EVENT_MALFORMED, "temporary_id");
    message.temporary_id = 0;
    message.other_nik = 3671014505900002;
    message.other_temporary_id = 2;
    assert_message_refused(&message, REFUSAL_EVENT_MALFORMED, "other_temporary_id");
}

static struct event decode_text(const char *text, size_t size) {
    uint8_t bytes[512] = {0x08, 0x01, 0x3a}; /* kind 1; name */
    size_t at = 3;
    if (size >= 0x80)
        bytes[at++] = (uint8_t)(size | 0x80);
    bytes[at++] = (uint8_t)(size < 0x80 ? size : size >> 7);
    memcpy(bytes + at, text, size);
    return decode(bytes, at + size);
}

Test(wire_event, texts_are_clean_utf8_or_refused) {
    static const struct {
        const char *text;
        size_t size;
    } bad[] = {
        {"a\0b", 3},
        {"\n", 1},
        {"name\x7f", 5},
        {"12345678\x1f", 9},
        {"1234567\x7f"
         "9",
         9},
        {"\xc2\x80", 2},
        {"\xc2\x9f", 2},
        {"\xc0\x80", 2},
        {"\xc1\xbf", 2},
        {"\xe0\x9f\xbf", 3},
        {"\xed\xa0\x80", 3},
        {"\xed\xbf\xbf", 3},
        {"\xf0\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 4},
        {"\xf5\x80\x80\x80", 4},
        {"\xff", 1},
        {"\x80", 1},
        {"\xc3", 1},
        {"\xe2\x82", 2},
        {"\xf0\x9f\x98", 3},
        {"\xc3\x28", 2},
        {"\xe2\x28\xa1", 3},
        {"ok \xe2\x82 x", 6},
        {"1234567\0", 8},
    };
    static const char *const good[] = {"A",
                                       " ",
                                       "~",
                                       "12345678",
                                       "123456789",
                                       "\xc2\xa0",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        struct event event = decode_text(bad[index].text, bad[index].size);
        cr_assert_eq(event.malformed, REFUSAL_TEXT_INVALID, "bad text %zu", index);
        cr_assert_eq(event.name.size, 0, "what nobody may print does not travel on");
        cr_assert_eq(memcmp(event.malformed_field.data, "name", 4), 0);
    }
    for (size_t index = 0; index < sizeof good / sizeof *good; index++) {
        struct event event = decode_text(good[index], strlen(good[index]));
        cr_assert_eq(event.malformed, REFUSAL_NONE, "good text %zu", index);
        cr_assert_eq(event.name.size, strlen(good[index]));
    }
    char longest[TEXT_MAX + 1];
    memset(longest, 'x', sizeof longest);
    cr_assert_eq(decode_text(longest, TEXT_MAX).malformed, REFUSAL_NONE);
    cr_assert_eq(decode_text(longest, TEXT_MAX + 1).malformed, REFUSAL_TEXT_INVALID);
}

Test(wire_event, every_text_field_is_checked) {
    static const uint8_t tags[][2] = {{0x2a}, {0x3a}, {0xa2, 0x01}, {0xaa, 0x01}};
    static const char *const names[] = {"author", "name", "reason", "approver"};
    for (size_t index = 0; index < 4; index++) {
        uint8_t bytes[8] = {0x08, 0x01};
        size_t tag_size = tags[index][1] ? 2 : 1;
        memcpy(bytes + 2, tags[index], tag_size);
        bytes[2 + tag_size] = 1;
        bytes[3 + tag_size] = '\t';
        assert_refused(bytes, 4 + tag_size, REFUSAL_TEXT_INVALID, names[index]);
    }
}

Test(wire_event, what_is_no_event_is_malformed) {
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"\x08\x01\xc0\x01\x01", 5}, /* field 24 */
        {"\x08\x01\xfa\x01\x00", 5}, /* field 31 */
        {"\x08", 1},                 /* cut off */
        {"\x08\x01\x3a\x05"
         "ab",
         6}, /* a text longer than what is left */
        {"\x08\x01\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13},
        {"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", 11}, /* a number of 65 bits */
        {"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12},
        {"\x0d\x01\x00\x00\x00", 5}, /* kind of another type */
        {"\x3d\x01\x00\x00\x00", 5},
        {"\x0b\x0c", 2},                     /* a group */
        {"\x08\x01\x08\x01", 4},             /* a field twice */
        {"\x00\x00", 2},                     /* field 0 */
        {"\x88\x80\x80\x80\x80\x01\x01", 7}, /* a tag of more than 32 bits */
    };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        assert_refused(bad[index].bytes, bad[index].size, REFUSAL_EVENT_MALFORMED, "");
    assert_refused("", 0, REFUSAL_KIND_UNKNOWN, "kind");
    uint8_t *large = calloc(1, EVENT_MAX_BYTES + 1);
    assert_refused(large, EVENT_MAX_BYTES + 1, REFUSAL_EVENT_MALFORMED, "");
    free(large);
}

Test(wire_event, a_spent_arena_refuses_and_goes_on) {
    struct arena small;
    struct event event = full_event(), back;
    arena_init(&small, 64);
    size_t size = wire_event_encode(&event, buffer, sizeof buffer);
    cr_assert_not_null(arena_take(&small, 32));
    wire_event_decode(buffer, size, 1, &small, &back);
    cr_assert_eq(back.malformed, REFUSAL_EVENT_MALFORMED);
    cr_assert_null(back.name.data);
    arena_free(&small);
}

static size_t encode_frame(uint64_t first, uint32_t count, const struct text_bytes *events) {
    struct wire_frame frame = {
        .first_sequence = first, .language = LANGUAGE_ENGLISH, .count = count, .events = events};
    return wire_frame_encode(&frame, buffer, sizeof buffer);
}

Test(wire_event, a_frame_comes_back_as_it_was) {
    static const uint8_t bytes[] = {8, 1, 0};
    const struct text_bytes events[] = {{bytes, 2}, {bytes, 0}, {bytes, 3}};
    struct wire_frame back, frame = {9, LANGUAGE_ENGLISH, true, 3, events};
    size_t size = wire_frame_encode(&frame, buffer, sizeof buffer);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &back), RESULT_OK);
    cr_assert_eq(back.first_sequence, 9);
    cr_assert_eq(back.language, LANGUAGE_ENGLISH);
    cr_assert(back.check_only);
    cr_assert_eq(back.count, 3);
    for (uint32_t index = 0; index < 3; index++) {
        cr_assert_eq(back.events[index].size, events[index].size);
        cr_assert(back.events[index].data >= buffer && back.events[index].data < buffer + size, "not copied");
    }
    for (size_t capacity = 0; capacity < size; capacity++)
        cr_assert_eq(wire_frame_encode(&frame, buffer, capacity), 0);
    Cakupan__Frame *judge = cakupan__frame__unpack(NULL, wire_frame_encode(&frame, buffer, size), buffer);
    cr_assert_eq(judge->n_events, 3);
    cr_assert_eq(judge->events[2].len, 3);
    uint8_t packed[64];
    cr_assert_eq(cakupan__frame__pack(judge, packed), size);
    cr_assert_arr_eq(packed, buffer, size);
    cakupan__frame__free_unpacked(judge, NULL);
}

Test(wire_event, a_hello_has_no_events) {
    struct wire_frame frame;
    cr_assert_eq(wire_frame_decode((const uint8_t *)"", 0, &arena, &frame), RESULT_OK);
    cr_assert_eq(wire_frame_decode(NULL, 0, &arena, &frame), RESULT_OK, "as protobuf-c gives no bytes");
    cr_assert_eq(frame.count, 0);
    cr_assert_eq(frame.first_sequence, 0);
}

Test(wire_event, a_frame_over_a_limit_is_refused) {
    static struct text_bytes events[FRAME_MAX_EVENTS + 1];
    static uint8_t large[EVENT_MAX_BYTES + 1];
    struct wire_frame frame;
    for (uint32_t index = 0; index <= FRAME_MAX_EVENTS; index++)
        events[index] = (struct text_bytes){large, 2};
    size_t size = encode_frame(1, FRAME_MAX_EVENTS, events);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_OK);
    cr_assert_eq(frame.count, FRAME_MAX_EVENTS);
    size = encode_frame(1, FRAME_MAX_EVENTS + 1, events);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_INVALID);
    cr_assert_eq(frame.count, 0);
    events[0].size = EVENT_MAX_BYTES;
    size = encode_frame(1, 1, events);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_OK);
    events[0].size = EVENT_MAX_BYTES + 1;
    size = encode_frame(1, 1, events);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_INVALID);
    for (uint32_t index = 0; index < 17; index++)
        events[index].size = EVENT_MAX_BYTES - 100;
    size = encode_frame(1, 17, events);
    cr_assert_gt(size, FRAME_MAX_BYTES);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_INVALID);
    cr_assert_eq(wire_frame_decode(buffer, FRAME_MAX_BYTES + 1, &arena, &frame), RESULT_INVALID);
}

Test(wire_event, sequences_begin_with_one_and_end) {
    const struct text_bytes event = {(const uint8_t *)"\x08\x01", 2};
    struct wire_frame frame;
    size_t size = encode_frame(0, 1, &event);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_INVALID);
    size = encode_frame(UINT64_MAX, 1, &event);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_INVALID);
    size = encode_frame(UINT64_MAX - 1, 1, &event);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_OK);
    struct wire_frame trial = {.check_only = true, .count = 1, .events = &event};
    size = wire_frame_encode(&trial, buffer, sizeof buffer);
    cr_assert_eq(wire_frame_decode(buffer, size, &arena, &frame), RESULT_OK, "a dry run needs no sequence");
}

Test(wire_event, what_is_no_frame_is_refused) {
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"\x08\x01\x08\x01", 4}, {"\x28\x01", 2}, {"\x18\x02", 2},
        {"\x20\x02", 2},         {"\x12\x05", 2}, {"\x08", 1},
        {"\x10\x01", 2},         {"\x0a\x00", 2}, {"\x09\x01\0\0\0\0\0\0\0", 9},
        {"\xfa\x01\x00", 3},     {"garbage", 7},
    };
    struct wire_frame frame;
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        enum result result =
            wire_frame_decode((const uint8_t *)bad[index].bytes, bad[index].size, &arena, &frame);
        cr_assert_eq(result, RESULT_INVALID, "bad frame %zu", index);
    }
}

Test(wire_event, a_tiny_arena_refuses_a_frame) {
    struct arena small;
    const struct text_bytes events[] = {{buffer, 0}, {buffer, 0}};
    struct wire_frame frame;
    arena_init(&small, 16);
    size_t size = encode_frame(1, 2, events);
    cr_assert_eq(wire_frame_decode(buffer, size, &small, &frame), RESULT_INVALID);
    arena_free(&small);
}

static struct wire_ack an_ack(void) {
    static const struct wire_outcome outcomes[] = {
        {11, REFUSAL_NIK_DATE, 0, "Tanggal di NIK tidak ada.", "3671**"},
        {12, 0, WARNING_NEWBORN_LATE, NULL, NULL}};
    static const struct wire_ack_range ranges[] = {{10, 3, 500, outcomes, 2}, {13, 2, 9000, NULL, 0}};
    return (struct wire_ack){.expected_sequence = 15,
                             .first_sequence = 10,
                             .count = 5,
                             .check_only = true,
                             .ranges = ranges,
                             .range_count = 2};
}

Test(wire_event, an_ack_comes_back_as_it_was) {
    struct wire_ack back, ack = an_ack();
    size_t size = wire_ack_size(&ack, &arena);
    cr_assert_eq(arena.used, 0, "scratch memory is given back");
    cr_assert_eq(wire_ack_encode(&ack, &arena, buffer, size - 1), 0);
    cr_assert_eq(wire_ack_encode(&ack, &arena, buffer, size), size);
    cr_assert_eq(wire_ack_decode(buffer, size, &arena, &back), RESULT_OK);
    cr_assert_eq(back.expected_sequence, 15);
    cr_assert_eq(back.first_sequence, 10);
    cr_assert_eq(back.count, 5);
    cr_assert(back.check_only);
    cr_assert_eq(back.range_count, 2);
    cr_assert_eq(back.ranges[0].first_offset, 500);
    cr_assert_eq(back.ranges[0].outcome_count, 2);
    cr_assert_eq(back.ranges[0].outcomes[0].sequence, 11);
    cr_assert_eq(back.ranges[0].outcomes[0].refusal, REFUSAL_NIK_DATE);
    cr_assert_str_eq(back.ranges[0].outcomes[0].sentence, "Tanggal di NIK tidak ada.");
    cr_assert_str_eq(back.ranges[0].outcomes[0].value, "3671**");
    cr_assert_eq(back.ranges[0].outcomes[1].warning, WARNING_NEWBORN_LATE);
    cr_assert_str_eq(back.ranges[0].outcomes[1].sentence, "");
    cr_assert_eq(back.ranges[1].first_sequence, 13);
    cr_assert_eq(back.ranges[1].outcome_count, 0);
    struct wire_ack busy = {
        .refusal = REFUSAL_BUSY, .sentence = "Sibuk.", .retry_after_ms = 250, .expected_sequence = 1};
    size = wire_ack_encode(&busy, &arena, buffer, sizeof buffer);
    cr_assert_eq(wire_ack_decode(buffer, size, &arena, &back), RESULT_OK);
    cr_assert_eq(back.refusal, REFUSAL_BUSY);
    cr_assert_eq(back.retry_after_ms, 250);
    cr_assert_str_eq(back.sentence, "Sibuk.");
}

static enum result decode_ack_like(const struct wire_ack_range *ranges, uint32_t range_count,
                                   uint32_t count) {
    struct wire_ack back,
        ack = {.first_sequence = 10, .count = count, .ranges = ranges, .range_count = range_count};
    size_t size = wire_ack_encode(&ack, &arena, buffer, sizeof buffer);
    return wire_ack_decode(buffer, size, &arena, &back);
}

Test(wire_event, an_ack_that_contradicts_itself_is_refused) {
    static const struct wire_outcome before = {9, 40, 0, NULL, NULL}, after = {13, 40, 0, NULL, NULL},
                                     doubled[] = {{11, 40, 0, NULL, NULL}, {11, 40, 0, NULL, NULL}};
    const struct wire_ack_range bad[] = {
        {10, 3, 1, &before, 1},
        {10, 3, 1, &after, 1},
        {10, 3, 1, doubled, 2},
        {10, 0, 1, NULL, 0},
        {10, FRAME_MAX_EVENTS + 1, 1, NULL, 0},
        {UINT64_MAX, 2, 1, NULL, 0},
    };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        cr_assert_eq(decode_ack_like(&bad[index], 1, 3), RESULT_INVALID, "bad range %zu", index);
    const struct wire_ack_range overlapping[] = {{10, 3, 1, NULL, 0}, {12, 3, 4, NULL, 0}};
    cr_assert_eq(decode_ack_like(overlapping, 2, 6), RESULT_INVALID);
    const struct wire_ack_range fine[] = {{10, 3, 1, NULL, 0}, {13, 3, 4, NULL, 0}};
    cr_assert_eq(decode_ack_like(fine, 2, 6), RESULT_OK);
    cr_assert_eq(decode_ack_like(fine, 2, FRAME_MAX_EVENTS + 1), RESULT_INVALID);
    cr_assert_eq(decode_ack_like(fine, 2, 1), RESULT_INVALID, "more ranges than events");
}

/* Whatever a decoder accepts must make sense and read as protobuf-c reads it. */
static void check_decoded(const uint8_t *data, size_t size) {
    struct event event = decode(data, size);
    cr_assert(event.malformed || (event.kind > CHANGE_NONE && event.kind < CHANGE_DEVICE_COUNT));
    cr_assert(event.segment < SEGMENT_COUNT && event.proof < PROOF_COUNT && event.sex <= SEX_MALE);
    if (event.malformed)
        return;
    Cakupan__Event *judge = cakupan__event__unpack(NULL, size, data);
    cr_assert_not_null(judge);
    cr_assert_eq(judge->base.n_unknown_fields, 0);
    cr_assert_eq(judge->kind, event.kind);
    cr_assert_eq(judge->nik + judge->temporary_id, event.identity & ~IDENTITY_TEMPORARY);
    cr_assert_eq(judge->captured_at_ms, event.captured_at_ms);
    cr_assert_eq(judge->kelurahan, event.kelurahan);
    cr_assert_eq(judge->wage_rupiah, event.wage_rupiah);
    cr_assert_eq(strlen(judge->name), event.name.size, "no NUL inside");
    cr_assert_eq(memcmp(judge->name, event.name.data ? event.name.data : "", event.name.size), 0);
    cakupan__event__free_unpacked(judge, NULL);
}

Test(wire_event, damaged_events_never_pass_for_others, .timeout = 120) {
    uint8_t bytes[1024], valid[512];
    struct event event = full_event();
    size_t valid_size = wire_event_encode(&event, valid, sizeof valid);
    uint64_t seed = 20261122;
    for (int round = 0; round < 100000; round++) {
        memcpy(bytes, valid, valid_size);
        arena_reset(&arena);
        check_decoded(bytes, mutate(bytes, valid_size, sizeof bytes, &seed));
    }
}

Test(wire_event, damaged_frames_and_acks_never_harm, .timeout = 120) {
    uint8_t bytes[1024], frame_bytes[512], ack_bytes[512], event_bytes[256];
    struct event event = full_event();
    struct text_bytes events[2] = {{event_bytes, wire_event_encode(&event, event_bytes, sizeof event_bytes)},
                                   {event_bytes, 2}};
    struct wire_frame frame = {5, LANGUAGE_ENGLISH, false, 2, events};
    size_t frame_size = wire_frame_encode(&frame, frame_bytes, sizeof frame_bytes);
    struct wire_ack ack = an_ack();
    size_t ack_size = wire_ack_encode(&ack, &arena, ack_bytes, sizeof ack_bytes);
    uint64_t seed = 1;
    int accepted = 0;
    for (int round = 0; round < 100000; round++) {
        arena_reset(&arena);
        memcpy(bytes, frame_bytes, frame_size);
        size_t size = mutate(bytes, frame_size, sizeof bytes, &seed);
        uint8_t *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, bytes, size);
        if (wire_frame_decode(exact, size, &arena, &frame) == RESULT_OK) {
            for (uint32_t index = 0; index < frame.count; index++)
                wire_event_decode(frame.events[index].data, frame.events[index].size, 1, &arena, &event);
            accepted++;
        }
        free(exact);
        memcpy(bytes, ack_bytes, ack_size);
        size = mutate(bytes, ack_size, sizeof bytes, &seed);
        accepted += wire_ack_decode(bytes, size, &arena, &ack) == RESULT_OK;
    }
    cr_assert(accepted > 1000 && accepted < 199000, "%d accepted: the damage says nothing", accepted);
}
