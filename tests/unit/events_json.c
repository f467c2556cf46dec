/* events_json.c - batches of events as JSON (services/gateway/events_json.h): each member's way to the
 * wire, what enrollment refuses with which code, what is no batch, and that the same event gives the
 * same bytes. */
#include "gateway/events_json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct arena arena;
static struct failure why;

static void set_up(void) {
    arena_init(&arena, 64u << 20);
}
static void tear_down(void) {
    arena_free(&arena);
}
TestSuite(events_json, .init = set_up, .fini = tear_down);

static enum result read_bytes(const char *text, size_t size, struct wire_frame *frame) {
    struct text_bytes bytes;
    enum result result = events_json_frame((const uint8_t *)text, size, &arena, &bytes, &why);
    if (result == RESULT_OK)
        cr_assert_eq(wire_frame_decode(bytes.data, bytes.size, &arena, frame), RESULT_OK);
    return result;
}

static enum result read_batch(const char *text, struct wire_frame *frame) {
    return read_bytes(text, strlen(text), frame);
}

/* The one event of a batch, decoded as enrollment does. */
static struct event read_event(const char *json) {
    static char text[200000];
    struct wire_frame frame;
    struct event event;
    snprintf(text, sizeof text, "{\"first_sequence\":7,\"events\":[%s]}", json);
    cr_assert_eq(read_batch(text, &frame), RESULT_OK, "%s: %s", why.code, why.sentence);
    cr_assert_eq(frame.count, 1);
    wire_event_decode(frame.events[0].data, frame.events[0].size, 7, &arena, &event);
    return event;
}

static bool text_is(struct text text, const char *wanted) {
    return text.size == strlen(wanted) && memcmp(text.data, wanted, text.size) == 0;
}

Test(events_json, every_member_arrives) {
    struct event event = read_event(
        "{\"kind\":\"ENROL\",\"nik\":\"3671054107900001\",\"captured_at_ms\":1795332223154,\"author\":"
        "\"Siti\","
        "\"kk\":\"3671050101100001\",\"name\":\"Aminah\",\"birth_date\":\"1990-07-01\",\"sex\":\"female\","
        "\"kelurahan\":\"3671051004\",\"segment\":\"PBPU_PEMDA\",\"care_class\":3,\"wage_rupiah\":4294967295,"
        "\"employer\":17,\"date\":\"2026-11-22\",\"proof\":\"court\",\"disputed\":true,\"other_nik\":"
        "\"3671054107900002\",\"reason\":\"r\",\"approver\":\"a\",\"destination\":\"3173\",\"local_card\":"
        "true}");
    cr_assert_eq(event.malformed, REFUSAL_NONE);
    cr_assert_eq(event.kind, CHANGE_ENROL);
    cr_assert_eq(event.identity, 3671054107900001);
    cr_assert_eq(event.captured_at_ms, 1795332223154);
    cr_assert(text_is(event.author, "Siti") && text_is(event.name, "Aminah"));
    cr_assert(text_is(event.reason, "r") && text_is(event.approver, "a"));
    cr_assert_eq(event.family, 3671050101100001);
    cr_assert_eq(event.birth_day, calendar_day(1990, 7, 1));
    cr_assert_eq(event.day, calendar_day(2026, 11, 22));
    cr_assert_eq(event.sex, SEX_FEMALE);
    cr_assert_eq(event.kelurahan, 3671051004);
    cr_assert_eq(event.segment, SEGMENT_PBPU_PEMDA);
    cr_assert_eq(event.care_class, 3);
    cr_assert_eq(event.wage_rupiah, 4294967295);
    cr_assert_eq(event.employer, 17);
    cr_assert_eq(event.proof, PROOF_COURT_RULING);
    cr_assert(event.disputed && event.local_card);
    cr_assert_eq(event.other, 3671054107900002);
    cr_assert_eq(event.destination, 3173);
    event = read_event("{\"kind\":\"BIRTH\",\"temporary_id\":\"25769803793\",\"other_temporary_id\":\"9\","
                       "\"sex\":\"male\"}");
    cr_assert_eq(event.identity, IDENTITY_TEMPORARY | 25769803793);
    cr_assert_eq(event.other, IDENTITY_TEMPORARY | 9);
    cr_assert_eq(event.sex, SEX_MALE);
}

Test(events_json, absent_null_and_empty_are_one) {
    struct event event = read_event(
        "{\"kind\":\"DEATH\",\"nik\":null,\"name\":\"\",\"date\":null,\"sex\":\"\",\"wage_rupiah\":0,"
        "\"proof\":\"none\",\"disputed\":false,\"destination\":\"0000\"}");
    cr_assert_eq(event.malformed, REFUSAL_NONE);
    cr_assert_eq(event.present, 0);
}

/* Values that are none are refused by enrollment, with the code and field that say so. */
Test(events_json, wrong_values_are_answered_with_their_codes) {
    static const struct {
        const char *json, *field;
        enum refusal refusal;
    } cases[] = {
        {"{\"kind\":\"ENROLL\"}", "kind", REFUSAL_KIND_UNKNOWN},
        {"{}", "kind", REFUSAL_KIND_UNKNOWN},
        {"{\"kind\":\"DAY\"}", "kind", REFUSAL_KIND_UNKNOWN}, /* the service's own */
        {"{\"kind\":\"DEATH\",\"nik\":\"36710541079000011\"}", "nik", REFUSAL_NIK_LENGTH},
        {"{\"kind\":\"DEATH\",\"nik\":\"367105410790000x\"}", "nik", REFUSAL_NIK_LENGTH},
        {"{\"kind\":\"DEATH\",\"nik\":\"0\"}", "nik", REFUSAL_NIK_LENGTH},
        {"{\"kind\":\"DEATH\",\"nik\":\"-671054107900001\"}", "nik", REFUSAL_NIK_LENGTH},
        {"{\"kind\":\"DEATH\",\"temporary_id\":\"9223372036854775808\"}", "temporary_id",
         REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"temporary_id\":\"T-1-2\"}", "temporary_id", REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"date\":\"2026-02-30\"}", "date", REFUSAL_DATE_INVALID},
        {"{\"kind\":\"DEATH\",\"birth_date\":\"0000-00-00\"}", "birth_date", REFUSAL_DATE_INVALID},
        {"{\"kind\":\"DEATH\",\"date\":\"20261122\"}", "date", REFUSAL_DATE_INVALID},
        {"{\"kind\":\"DEATH\",\"sex\":\"other\"}", "sex", REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"segment\":\"PBI\"}", "segment", REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"proof\":\"yes\"}", "proof", REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"care_class\":4}", "care_class", REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"care_class\":-1}", "care_class", REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"wage_rupiah\":4294967296}", "wage_rupiah", REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"destination\":\"31730\"}", "destination", REFUSAL_VALUE_RANGE},
        {"{\"kind\":\"DEATH\",\"author\":\"a\\u0000b\"}", "author", REFUSAL_TEXT_INVALID},
        {"{\"kind\":\"DEATH\",\"reason\":\"a\\nb\"}", "reason", REFUSAL_TEXT_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event event = read_event(cases[i].json);
        cr_assert_eq(event.malformed, cases[i].refusal, "%s: %d", cases[i].json, event.malformed);
        cr_assert(text_is(event.malformed_field, cases[i].field), "%s", cases[i].json);
    }
    cr_assert_eq(read_event("{\"kind\":\"DEATH\",\"kelurahan\":\"Gondrong\"}").kelurahan, UINT32_MAX,
                 "no region has it");
    cr_assert_eq(read_event("{\"kind\":\"DEATH\",\"kelurahan\":\"9999999999\"}").kelurahan, UINT32_MAX);
}

/* What has another type, or no field of the event, can't be decoded; its sequence is
 * answered all the same. */
Test(events_json, what_is_no_event_is_refused_alone) {
    static const char *const cases[] = {"3",
                                        "null",
                                        "[]",
                                        "\"x\"",
                                        "{\"nik\":3671054107900001}",
                                        "{\"kind\":1}",
                                        "{\"captured_at_ms\":\"1\"}",
                                        "{\"captured_at_ms\":1.5}",
                                        "{\"care_class\":\"3\"}",
                                        "{\"disputed\":1}",
                                        "{\"author\":5}",
                                        "{\"date\":20261122}",
                                        "{\"kind\":\"DEATH\",\"shoe_size\":44}",
                                        "{\"kind\":\"DEATH\",\"\":\"x\"}",
                                        "{\"sex\":2}",
                                        "{\"segment\":{}}",
                                        "{\"proof\":[]}",
                                        "{\"destination\":3173}",
                                        "{\"temporary_id\":5}",
                                        "{\"kelurahan\":3671051004}"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(read_event(cases[i]).malformed, REFUSAL_EVENT_MALFORMED, "%s", cases[i]);
    struct wire_frame frame;
    cr_assert_eq(
        read_batch("{\"first_sequence\":7,\"events\":[{\"kind\":\"DEATH\"},5,{\"kind\":\"MERGE\"}]}", &frame),
        RESULT_OK);
    cr_assert_eq(frame.count, 3);
    struct event event;
    wire_event_decode(frame.events[2].data, frame.events[2].size, 9, &arena, &event);
    cr_assert_eq(event.kind, CHANGE_MERGE, "the events around it stay what they are");
}

Test(events_json, a_text_too_long_for_any_frame_is_refused_alone) {
    static char json[100000];
    size_t size = (size_t)snprintf(json, sizeof json, "{\"kind\":\"DEATH\",\"reason\":\"");
    memset(json + size, 'x', 70000);
    strcpy(json + size + 70000, "\"}");
    cr_assert_eq(read_event(json).malformed, REFUSAL_EVENT_MALFORMED);
    strcpy(json + size + 121, "\"}");
    cr_assert_eq(read_event(json).malformed, REFUSAL_TEXT_INVALID);
    strcpy(json + size + 120, "\"}");
    cr_assert_eq(read_event(json).malformed, REFUSAL_NONE);
}

/* The id of an event is for ever: the same content must be the same bytes, another one others. */
Test(events_json, bytes_depend_on_the_content_alone) {
    uint64_t first =
        read_event("{\"kind\":\"DEATH\",\"nik\":\"3671054107900001\",\"author\":\"S\"}").content_hash;
    cr_assert_eq(
        first,
        read_event(
            "{ \"author\" : \"S\", \"nik\":\"3671054107900001\",\"name\":null, \"kind\":\"DE\\u0041TH\"}")
            .content_hash);
    cr_assert_neq(
        first, read_event("{\"kind\":\"DEATH\",\"nik\":\"3671054107900001\",\"author\":\"T\"}").content_hash);
    uint64_t wrong = read_event("{\"kind\":\"DEATH\",\"a\":1,\"b\":2}").content_hash;
    cr_assert_eq(wrong, read_event("{\"b\":2,\"a\":1,\"kind\":\"DEATH\"}").content_hash);
    cr_assert_neq(wrong, read_event("{\"kind\":\"DEATH\",\"a\":1,\"b\":3}").content_hash);
}

Test(events_json, a_batch_says_what_it_is) {
    struct wire_frame frame;
    cr_assert_eq(read_batch("{\"first_sequence\":9007199254740993,\"events\":[{}]}", &frame), RESULT_OK);
    cr_assert_eq(frame.first_sequence, 9007199254740993);
    cr_assert(frame.language == LANGUAGE_INDONESIAN && !frame.check_only);
    cr_assert_eq(
        read_batch("{\"first_sequence\":0,\"language\":\"en\",\"check_only\":true,\"events\":[{}]}", &frame),
        RESULT_OK);
    cr_assert(frame.language == LANGUAGE_ENGLISH && frame.check_only);
    cr_assert_eq(read_batch("{\"first_sequence\":0,\"events\":[]}", &frame), RESULT_OK, "a hello");
    cr_assert_eq(frame.count, 0);
}

Test(events_json, other_things_are_no_batches) {
    static const struct {
        const char *json, *code, *place;
    } cases[] = {
        {"", "JSON_INVALID", "line 1, column 0"},
        {"{\"first_sequence\":1,\n\"events\":3671054107900001 x", "JSON_INVALID", "line 2"},
        {"{\"first_sequence\":1,\"first_sequence\":2,\"events\":[]}", "JSON_INVALID", "line 1"},
        {"{\"first_sequence\":1,\"events\":[{\"kind\":\"DEATH\",\"kind\":\"DEATH\"}]}", "JSON_INVALID",
         "line 1"},
        {"{\"first_sequence\":99999999999999999999,\"events\":[]}", "JSON_INVALID", "line 1"},
        {"{\"first_sequence\":1,\"events\":[]}{}", "JSON_INVALID", "line 1"},
        {"[]", "PARAMETER_INVALID", "EventBatch"},
        {"{\"first_sequence\":1,\"events\":[],\"device\":1}", "PARAMETER_INVALID", "EventBatch"},
        {"{\"events\":[]}", "PARAMETER_INVALID", "first_sequence"},
        {"{\"first_sequence\":-1,\"events\":[]}", "PARAMETER_INVALID", "first_sequence"},
        {"{\"first_sequence\":0,\"events\":[{}]}", "PARAMETER_INVALID", "first_sequence"},
        {"{\"first_sequence\":\"1\",\"events\":[]}", "PARAMETER_INVALID", "first_sequence"},
        {"{\"first_sequence\":1}", "PARAMETER_INVALID", "events"},
        {"{\"first_sequence\":1,\"events\":{}}", "PARAMETER_INVALID", "events"},
        {"{\"first_sequence\":1,\"events\":[],\"language\":\"fr\"}", "PARAMETER_INVALID", "language"},
        {"{\"first_sequence\":1,\"events\":[],\"language\":null}", "PARAMETER_INVALID", "language"},
        {"{\"first_sequence\":1,\"events\":[],\"check_only\":0}", "PARAMETER_INVALID", "check_only"},
    };
    struct wire_frame frame;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(read_batch(cases[i].json, &frame), RESULT_INVALID, "%s", cases[i].json);
        cr_assert_str_eq(why.code, cases[i].code, "%s", cases[i].json);
        cr_assert_not_null(strstr(why.sentence, cases[i].place), "%s: %s", cases[i].json, why.sentence);
        cr_assert_null(strstr(why.sentence, "3671"), "what stood there may be a NIK");
    }
    cr_assert_eq(read_bytes("{\"first_sequence\":1,\"events\":[]}\xff", 34, &frame), RESULT_INVALID);
    cr_assert_eq(read_bytes(NULL, 0, &frame), RESULT_INVALID);
}

Test(events_json, as_many_events_as_a_frame_takes) {
    static char json[40000];
    struct wire_frame frame;
    for (unsigned count = FRAME_MAX_EVENTS; count <= FRAME_MAX_EVENTS + 1; count++) {
        size_t size = (size_t)snprintf(json, sizeof json, "{\"first_sequence\":1,\"events\":[");
        for (unsigned i = 0; i < count; i++)
            size += (size_t)snprintf(json + size, sizeof json - size, "%s{}", i ? "," : "");
        snprintf(json + size, sizeof json - size, "]}");
        cr_assert_eq(read_batch(json, &frame), count <= FRAME_MAX_EVENTS ? RESULT_OK : RESULT_INVALID);
    }
    cr_assert_str_eq(why.sentence, "events");
}

Test(events_json, an_answer_has_one_outcome_an_event) {
    const struct wire_outcome outcomes[] = {{11, REFUSAL_FIELD_MISSING, 0, "Kosong.", "birth_date"},
                                            {12, 0, WARNING_NIK_NEEDED, "Perlu NIK.", ""},
                                            {21, REFUSAL_NIK_DATE, 0, "Bukan tanggal.", "3671**********01"}};
    const struct wire_ack_range ranges[] = {{10, 3, 100, outcomes, 2}, {20, 2, 0, outcomes + 2, 1}};
    const struct wire_ack ack = {.first_sequence = 10,
                                 .count = 5,
                                 .expected_sequence = 22,
                                 .ranges = ranges,
                                 .range_count = 2,
                                 .sentence = ""};
    json_t *answer = events_json_answer(&ack);
    char *text = json_dumps(answer, JSON_COMPACT);
    cr_assert_str_eq(
        text,
        "{\"first_sequence\":10,\"count\":5,\"expected_sequence\":22,\"check_only\":false,\"outcomes\":["
        "{\"sequence\":10,\"outcome\":\"accepted\",\"offset\":100,\"code\":\"\",\"warning\":\"\",\"field\":"
        "\"\","
        "\"value\":\"\",\"sentence\":\"\"},"
        "{\"sequence\":11,\"outcome\":\"refused\",\"offset\":101,\"code\":\"FIELD_MISSING\",\"warning\":\"\","
        "\"field\":\"birth_date\",\"value\":\"birth_date\",\"sentence\":\"Kosong.\"},"
        "{\"sequence\":12,\"outcome\":\"accepted\",\"offset\":102,\"code\":\"\",\"warning\":\"NIK_NEEDED\","
        "\"field\":\"temporary_id\",\"value\":\"\",\"sentence\":\"Perlu NIK.\"},"
        "{\"sequence\":20,\"outcome\":\"accepted\",\"offset\":0,\"code\":\"\",\"warning\":\"\",\"field\":"
        "\"\","
        "\"value\":\"\",\"sentence\":\"\"},"
        "{\"sequence\":21,\"outcome\":\"refused\",\"offset\":0,\"code\":\"NIK_DATE\",\"warning\":\"\","
        "\"field\":\"nik\",\"value\":\"3671**********01\",\"sentence\":\"Bukan tanggal.\"}]}");
    free(text);
    json_decref(answer);
}
