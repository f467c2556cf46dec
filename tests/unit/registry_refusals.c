/* registry_refusals.c - every refusal that a decision can give is given once, with the value at fault; and
 * their order. */
#include "registry_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static struct city *city;

static void setup(void) {
    city = city_begin();
}
TestSuite(registry_refusals, .init = setup);

#define TEMPORARY (IDENTITY_TEMPORARY | UINT64_C(1) << 32 | 17)

/* One event each, from an enrolment in PBPU by a kader with one thing wrong. */
struct row {
    enum refusal refusal;
    const char *value;
    uint32_t device;
    struct event event;
};

#define ENROL(...)                                                                                           \
    {                                                                                                        \
        .kind = CHANGE_ENROL, .identity = UINT64_C(3671010101900100), .birth_day = 32873, .sex = SEX_MALE,   \
        .kelurahan = CIBODAS, .segment = SEGMENT_PBPU, .care_class = 2, __VA_ARGS__                          \
    }

/* A row overrides what is wrong in it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
/* nik(1) is PPU_BU at employer 77, nik(2) PBPU, nik(3) deceased, nik(4) moved out, nik(5) suspended PBPU,
 * nik(6) laid off today, nik(7) PBPU and a day older than nik(2). */
static const struct row rows[] = {
    {REFUSAL_EVENT_MALFORMED, "", KADER, ENROL(.malformed = REFUSAL_EVENT_MALFORMED)},
    {REFUSAL_TEXT_INVALID, "name", KADER,
     ENROL(.malformed = REFUSAL_TEXT_INVALID, .malformed_field = {"name", 4})},
    {REFUSAL_KIND_UNKNOWN, "0", KADER, {.kind = CHANGE_NONE}},
    {REFUSAL_KIND_UNKNOWN, "15", KADER, {.kind = CHANGE_DEVICE_COUNT}},
    {REFUSAL_KIND_UNKNOWN, "43", BPJS, {.kind = CHANGE_DEVICE_ADDED}},
    {REFUSAL_ROLE_NOT_ALLOWED, "ENROL", READER, ENROL(.care_class = 1)},
    {REFUSAL_ROLE_NOT_ALLOWED, "ENROL", LABOUR, ENROL(.care_class = 1)},
    {REFUSAL_ROLE_NOT_ALLOWED,
     "LAYOFF",
     BPJS,
     {.kind = CHANGE_LAYOFF, .identity = UINT64_C(3671010101900001)}},
    {REFUSAL_LAYOFF_REPORTED, "", KADER, {.kind = CHANGE_LAYOFF, .identity = UINT64_C(3671010101900001)}},
    {REFUSAL_IDENTITY_MISSING, "", KADER, ENROL(.identity = 0)},
    {REFUSAL_FIELD_MISSING, "birth_date", KADER, ENROL(.birth_day = 0)},
    {REFUSAL_FIELD_FOREIGN, "destination", KADER, ENROL(.destination = 3603)},
    {REFUSAL_VALUE_RANGE, "sex", KADER, ENROL(.sex = 3)},
    {REFUSAL_VALUE_RANGE, "segment", KADER, ENROL(.segment = SEGMENT_COUNT)},
    {REFUSAL_VALUE_RANGE, "care_class", KADER, ENROL(.care_class = 4)},
    {REFUSAL_VALUE_RANGE,
     "proof",
     LABOUR,
     {.kind = CHANGE_LAYOFF, .identity = UINT64_C(3671010101900001), .proof = 9}},
    {REFUSAL_VALUE_RANGE,
     "destination",
     KADER,
     {.kind = CHANGE_MOVE_OUT, .identity = UINT64_C(3671010101900002), .destination = 10000}},
    {REFUSAL_NIK_LENGTH, "***", KADER, ENROL(.identity = 367)},
    {REFUSAL_NIK_REGION, "4171**********01", KADER, ENROL(.identity = UINT64_C(4171010101900001))},
    {REFUSAL_NIK_DATE, "3671**********01", KADER, ENROL(.identity = UINT64_C(3671013202900001))},
    {REFUSAL_NIK_SEQUENCE, "3671**********00", KADER, ENROL(.identity = UINT64_C(3671010101900000))},
    {REFUSAL_KK_LENGTH, "***", KADER, ENROL(.family = 367)},
    {REFUSAL_KK_DATE, "3671**********01", KADER, ENROL(.family = UINT64_C(3671014101900001))},
    {REFUSAL_KK_SEQUENCE, "3671**********00", KADER, ENROL(.family = UINT64_C(3671010101900000))},
    {REFUSAL_DATE_FUTURE, "2025-09-11", KADER, ENROL(.day = 45910)},
    {REFUSAL_DATE_FUTURE, "2025-09-11", KADER, ENROL(.birth_day = 45910)},
    {REFUSAL_DATE_BEFORE_BIRTH, "1989-12-31", KADER, ENROL(.day = 32872)},
    {REFUSAL_CAPTURED_FUTURE, "2025-09-11", KADER, ENROL(.captured_at_ms = INT64_C(1757559600001))},
    {REFUSAL_TEMPORARY_NOT_ALLOWED, "T-1-17", KADER, ENROL(.identity = TEMPORARY)},
    {REFUSAL_REGION_UNKNOWN, "3671011003", KADER, ENROL(.kelurahan = CIBODAS + 2)},
    {REFUSAL_REGION_OUTSIDE_AREA, "3671021001", KADER, ENROL(.kelurahan = BENDA)},
    {REFUSAL_MEMBER_UNKNOWN,
     "3671**********90",
     KADER,
     {.kind = CHANGE_DEATH, .identity = UINT64_C(3671010101900090)}},
    {REFUSAL_MEMBER_DECEASED, "3671**********03", KADER, ENROL(.identity = UINT64_C(3671010101900003))},
    {REFUSAL_MEMBER_MOVED_OUT,
     "3671**********04",
     KADER,
     {.kind = CHANGE_DEATH, .identity = UINT64_C(3671010101900004)}},
    {REFUSAL_ALREADY_REGISTERED, "PBPU", KADER, ENROL(.identity = UINT64_C(3671010101900002))},
    {REFUSAL_COVERED_ELSEWHERE, "PPU_BU", KADER, ENROL(.identity = UINT64_C(3671010101900001))},
    {REFUSAL_SEGMENT_TRANSITION,
     "PPU_BU",
     BPJS,
     {.kind = CHANGE_SWITCH_SEGMENT, .identity = UINT64_C(3671010101900001), .segment = SEGMENT_PBI_JK}},
    {REFUSAL_NOT_ELIGIBLE_CARD, "local_card", KADER, ENROL(.segment = SEGMENT_PBPU_PEMDA, .care_class = 3)},
    {REFUSAL_CLASS_NOT_ALLOWED, "2", KADER, ENROL(.segment = SEGMENT_PBPU_PEMDA, .local_card = true)},
    {REFUSAL_NOT_EMPLOYED, "PBPU", LABOUR, {.kind = CHANGE_LAYOFF, .identity = UINT64_C(3671010101900002)}},
    {REFUSAL_EMPLOYER_DIFFERS,
     "78",
     LABOUR,
     {.kind = CHANGE_LAYOFF, .identity = UINT64_C(3671010101900001), .employer = 78}},
    {REFUSAL_ALREADY_LAID_OFF,
     "2025-09-10",
     LABOUR,
     {.kind = CHANGE_LAYOFF, .identity = UINT64_C(3671010101900006), .employer = 77}},
    {REFUSAL_OLDER_THAN_KNOWN,
     "2025-09-09 < 2025-09-10",
     LABOUR,
     {.kind = CHANGE_LAYOFF, .identity = UINT64_C(3671010101900006), .employer = 77, .day = 45908}},
    {REFUSAL_PROOF_MISSING, "proof", LABOUR, {.kind = CHANGE_LAYOFF, .identity = UINT64_C(3671010101900001)}},
    {REFUSAL_APPROVER_MISSING, "approver", KADER,
     ENROL(.kind = CHANGE_ENROL_VULNERABLE, .segment = 0, .care_class = 0, .reason = {"poor", 4})},
    {REFUSAL_MOTHER_UNKNOWN,
     "3671**********90",
     KADER,
     {.kind = CHANGE_BIRTH, .identity = TEMPORARY, .other = UINT64_C(3671010101900090), .birth_day = 45900}},
    {REFUSAL_NEWBORN_TOO_OLD,
     "2024-09-09",
     KADER,
     {.kind = CHANGE_BIRTH, .identity = TEMPORARY, .other = UINT64_C(3671010101900002), .birth_day = 45543}},
    {REFUSAL_SAME_MEMBER,
     "3671**********02",
     KADER,
     {.kind = CHANGE_MERGE, .identity = UINT64_C(3671010101900002), .other = UINT64_C(3671010101900002)}},
    {REFUSAL_DUPLICATE_DIFFERS,
     "3671**********07",
     KADER,
     {.kind = CHANGE_MERGE, .identity = UINT64_C(3671010101900002), .other = UINT64_C(3671010101900007)}},
    {REFUSAL_IDENTITY_TAKEN,
     "3671**********01",
     KADER,
     {.kind = CHANGE_CORRECT_IDENTITY,
      .identity = UINT64_C(3671010101900002),
      .other = UINT64_C(3671010101900001)}},
    {REFUSAL_NOT_SUSPENDED, "ACTIVE", KADER, {.kind = CHANGE_RESUME, .identity = UINT64_C(3671010101900002)}},
    {REFUSAL_ALREADY_SUSPENDED,
     "3671**********05",
     KADER,
     {.kind = CHANGE_SUSPEND, .identity = UINT64_C(3671010101900005)}},
    {REFUSAL_NOTHING_CHANGES,
     "3671011001",
     KADER,
     {.kind = CHANGE_MOVE_WITHIN, .identity = UINT64_C(3671010101900002), .kelurahan = CIBODAS}},
};
#pragma GCC diagnostic pop

static void send_accepted(uint32_t device, struct event event) {
    cr_assert_eq(city_send(city, device, event), REFUSAL_NONE);
}

static void populate(void) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    for (unsigned serial = 2; serial <= 5; serial++)
        city_enrol(city, nik(serial), SEGMENT_PBPU);
    send_accepted(KADER, (struct event){.kind = CHANGE_DEATH, .identity = nik(3)});
    send_accepted(KADER, (struct event){.kind = CHANGE_MOVE_OUT, .identity = nik(4)});
    send_accepted(KADER, (struct event){.kind = CHANGE_SUSPEND, .identity = nik(5)});
    city_enrol(city, nik(6), SEGMENT_PPU_BU);
    send_accepted(LABOUR,
                  (struct event){.kind = CHANGE_LAYOFF, .identity = nik(6), .proof = PROOF_COURT_RULING});
    struct event older = enrolment(nik(7), SEGMENT_PBPU);
    older.birth_day--;
    send_accepted(BPJS, older);
    city->policy.rows[0].proof_required = true;
}

/* Codes that no decision gives: they speak of frames (1..19), of what the decoder alone finds, or accept. */
static bool given_by_decisions(enum refusal code) {
    return code >= 20 && code < 200 && code != REFUSAL_DATE_INVALID;
}

CITY_TEST(registry_refusals, each_is_given_and_none_is_forgotten) {
    bool given[256] = {false};
    populate();
    cr_assert_eq(calendar_day(1990, 1, 1), 32873); /* the days that the rows spell as numbers */
    cr_assert_eq(calendar_day(2025, 9, 11), 45910);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t digest_members = registry_member_count(city->registry);
        enum refusal refusal = city_send(city, rows[i].device, rows[i].event);
        cr_assert_eq(refusal, rows[i].refusal, "row %zu: %s %s instead of %s", i, refusal_name(refusal),
                     city->value, refusal_name(rows[i].refusal));
        cr_assert_str_eq(city->value, rows[i].value, "row %zu (%s)", i, refusal_name(refusal));
        cr_assert_eq(city->record.refused_value.size, strlen(rows[i].value));
        cr_assert_eq(city->record.warning, 0);
        cr_assert_eq(registry_member_count(city->registry), digest_members);
        given[refusal] = true;
    }
    for (size_t i = 0; refusal_at(i) != REFUSAL_NONE; i++)
        if (given_by_decisions(refusal_at(i)))
            cr_expect(given[refusal_at(i)], "%s is never given", refusal_name(refusal_at(i)));
}

CITY_TEST(registry_refusals, date_that_is_none) {
    struct event event = enrolment(nik(1), SEGMENT_PBPU);
    event.present =
        FIELD_IDENTITY | FIELD_BIRTH_DAY | FIELD_SEX | FIELD_KELURAHAN | FIELD_SEGMENT | FIELD_CARE_CLASS;
    event.captured_at_ms = INT64_MIN;
    cr_assert_eq(city_send_raw(city, KADER, event), REFUSAL_DATE_INVALID);
    cr_assert_str_eq(city->value, "captured_at_ms");
    event.captured_at_ms = INT64_MAX;
    cr_assert_eq(city_send_raw(city, KADER, event), REFUSAL_CAPTURED_FUTURE);
    event.captured_at_ms = city->now_ms;
    event.birth_day = DAY_NONE;
    cr_assert_eq(city_send_raw(city, KADER, event), REFUSAL_DATE_INVALID);
    event.birth_day = calendar_day(1990, 1, 1);
    event.present |= FIELD_DAY;
    cr_assert_eq(city_send_raw(city, KADER, event), REFUSAL_DATE_INVALID);
    event.present &= ~(uint32_t)FIELD_DAY;
    cr_assert_eq(city_send_raw(city, KADER, event), REFUSAL_NONE);
}

/* A device's clock may be ahead by a day: what it captures then counts as today. */
CITY_TEST(registry_refusals, clock_ahead) {
    struct event event = enrolment(nik(1), SEGMENT_PBPU);
    event.captured_at_ms = city->now_ms + 86400000;
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    cr_assert_eq(city->record.effective_day, city->today);
    event = enrolment(nik(2), SEGMENT_PBPU);
    event.captured_at_ms = city->now_ms - INT64_C(3) * 86400000; /* captured offline */
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    cr_assert_eq(city->record.effective_day, city->today - 3);
    event.captured_at_ms = city->now_ms + 86400001;
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_CAPTURED_FUTURE);
}

CITY_TEST(registry_refusals, revoked_device) {
    struct device revoked = *registry_device(city->registry, KADER);
    struct record record = {.kind = CHANGE_DEVICE_REVOKED, .new_device = &revoked};
    city_apply(city, &record);
    cr_assert_eq(city_send(city, KADER, enrolment(nik(1), SEGMENT_PBPU)), REFUSAL_DEVICE_REVOKED);
    cr_assert_str_eq(city->value, "device 1");
}

/* A NIK of the city says nothing about its area: the kelurahan does; an area of nothing holds nothing. */
CITY_TEST(registry_refusals, areas) {
    static const struct {
        uint32_t area;
        bool cibodas, benda;
    } areas[] = {{3671, true, true},    {3672, false, false},   {367101, true, false},
                 {367102, false, true}, {CIBODAS, true, false}, {JATIUWUNG, false, false},
                 {0, false, false},     {36, false, false}};
    for (unsigned i = 0; i < sizeof areas / sizeof *areas; i++) {
        uint32_t device = city_add_device(city, ROLE_KADER, areas[i].area);
        struct event event = enrolment(nik(2 * i + 1), SEGMENT_PBPU);
        cr_assert_eq(city_send(city, device, event) == REFUSAL_NONE, areas[i].cibodas, "area %u",
                     areas[i].area);
        event = enrolment(nik(2 * i + 2), SEGMENT_PBPU);
        event.kelurahan = BENDA;
        cr_assert_eq(city_send(city, device, event) == REFUSAL_NONE, areas[i].benda, "area %u",
                     areas[i].area);
    }
    uint32_t office = city_add_device(city, ROLE_HEALTH_OFFICE, 0);
    cr_assert_eq(city_send(city, office, enrolment(nik(90), SEGMENT_PBPU)), REFUSAL_NONE);
}
