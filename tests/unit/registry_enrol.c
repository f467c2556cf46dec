/* registry_enrol.c - tests of how people become members: enrolment, vulnerable, birth, moving in. */
#include "registry_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static struct city *city;

static void setup(void) {
    city = city_begin();
}
TestSuite(registry_enrol, .init = setup);

#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})

CITY_TEST(registry_enrol, row_and_record_say_the_same) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    const struct record *record = &city->record;
    cr_assert_eq(record->member_id, 1);
    cr_assert_eq(record->previous_offset, 0);
    cr_assert(record->has_after && !record->has_before);
    cr_assert_eq(record->effective_day, city->today);
    const struct member *member = city_member(city, nik(1));
    cr_assert_eq(member->identity, nik(1));
    cr_assert_eq(member->segment, SEGMENT_PPU_BU);
    cr_assert_eq(member->status, STATUS_ACTIVE);
    cr_assert_eq(member->kelurahan, CIBODAS);
    cr_assert_eq(member->employer, 77);
    cr_assert_eq(member->wage_rupiah, 5500000);
    cr_assert_eq(member->care_class, 2);
    cr_assert_eq(member->sex, SEX_MALE);
    cr_assert_eq(member->segment_day, city->today);
    cr_assert_eq(registry_last_offset(city->registry, 1), record->offset);
}

/* One person has one segment at a time (Perpres 82/2018 art. 2-4): every pair of segments. */
CITY_TEST(registry_enrol, nobody_is_covered_twice) {
    for (int has = SEGMENT_PBI_JK; has < SEGMENT_COUNT; has++) {
        city_enrol(city, nik((unsigned)has), (enum segment)has);
        for (int wants = SEGMENT_PBI_JK; wants < SEGMENT_COUNT; wants++) {
            enum refusal refusal = city_send(city, BPJS, enrolment(nik((unsigned)has), (enum segment)wants));
            cr_assert_eq(refusal, has == wants ? REFUSAL_ALREADY_REGISTERED : REFUSAL_COVERED_ELSEWHERE);
            cr_assert_str_eq(city->value, segment_name((enum segment)has));
            cr_assert_eq(city->record.member_id, 0);
            cr_assert_not(city->record.has_before || city->record.has_after);
        }
    }
}

/* Kader register city-paid and self-paying people; the rest is the centre's, an employer's, or BPJS's. */
CITY_TEST(registry_enrol, kader_has_three_segments) {
    for (int segment = SEGMENT_PBI_JK; segment < SEGMENT_COUNT; segment++) {
        bool own = segment == SEGMENT_PBPU_PEMDA || segment == SEGMENT_PBPU || segment == SEGMENT_BP;
        enum refusal refusal =
            city_send(city, KADER, enrolment(nik((unsigned)segment), (enum segment)segment));
        cr_assert_eq(refusal, own ? REFUSAL_NONE : REFUSAL_ROLE_NOT_ALLOWED, "segment %d", segment);
        refusal = city_send(city, HEALTH, enrolment(nik(100u + (unsigned)segment), (enum segment)segment));
        cr_assert_eq(refusal, REFUSAL_NONE, "segment %d", segment);
    }
}

/* City-paid needs the local card; city-paid and PBI are class III only (local press; Perpres 82/2018 art.
 * 51). */
CITY_TEST(registry_enrol, city_eligibility) {
    struct event event = enrolment(nik(1), SEGMENT_PBPU_PEMDA);
    event.local_card = false;
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NOT_ELIGIBLE_CARD);
    for (uint8_t care_class = 1; care_class <= 2; care_class++) {
        event = enrolment(nik(1), SEGMENT_PBPU_PEMDA);
        event.care_class = care_class;
        cr_assert_eq(city_send(city, KADER, event), REFUSAL_CLASS_NOT_ALLOWED);
        event = enrolment(nik(1), SEGMENT_PBI_JK);
        event.care_class = care_class;
        cr_assert_eq(city_send(city, BPJS, event), REFUSAL_CLASS_NOT_ALLOWED);
    }
    event = enrolment(nik(1), SEGMENT_PBPU_PEMDA);
    event.care_class = 0; /* not given: there is only one */
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->care_class, 3);
    cr_assert_eq(city_member(city, nik(1))->flags, MEMBER_LOCAL_CARD);
}

CITY_TEST(registry_enrol, class_where_not_given) {
    struct event event = enrolment(nik(1), SEGMENT_PBPU);
    event.care_class = 0;
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_FIELD_MISSING);
    cr_assert_str_eq(city->value, "care_class");
    event = enrolment(nik(1), SEGMENT_PPU_BU); /* Perpres 82/2018 art. 51: class II up to 4 million */
    event.care_class = 0;
    event.wage_rupiah = 4000000;
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_NONE);
    event.identity = nik(2);
    event.wage_rupiah = 4000001;
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->care_class, 2);
    cr_assert_eq(city_member(city, nik(2))->care_class, 1);
}

CITY_TEST(registry_enrol, wage_and_employer_are_for_workers) {
    struct event event = enrolment(nik(1), SEGMENT_PBPU);
    event.wage_rupiah = 1;
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_FIELD_FOREIGN);
    cr_assert_str_eq(city->value, "wage_rupiah");
    event.wage_rupiah = 0;
    event.employer = 1;
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_FIELD_FOREIGN);
    cr_assert_str_eq(city->value, "employer");
}

/* Submission cut-off: through the 20th counts from the next month, later from the month after next. */
CITY_TEST(registry_enrol, first_month_paid_for) {
    static const struct {
        int month, day, payer_year, payer_month;
    } rows[] = {
        {9, 20, 2025, 10}, {9, 21, 2025, 11}, {11, 20, 2025, 12}, {11, 30, 2026, 1}, {12, 31, 2026, 2}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        city_today(city, 2025, rows[i].month, rows[i].day);
        cr_assert_eq(city_send(city, KADER, enrolment(nik(i + 1), SEGMENT_PBPU_PEMDA)), REFUSAL_NONE);
        month_t wanted = calendar_month(calendar_day(rows[i].payer_year, rows[i].payer_month, 1));
        cr_assert_eq(city_member(city, nik(i + 1))->payer_month, wanted, "row %u", i);
    }
}

/* UHC Prioritas: covered the same day; cut off: from the first month paid for. */
CITY_TEST(registry_enrol, activation_by_policy) {
    city->policy.rows[0].activation = ACTIVATION_NEXT_MONTH;
    cr_assert_eq(city_send(city, KADER, enrolment(nik(1), SEGMENT_PBPU_PEMDA)), REFUSAL_NONE);
    const struct member *member = city_member(city, nik(1));
    cr_assert_eq(member->status, STATUS_PENDING);
    cr_assert_eq(member->due_day, calendar_day(2025, 10, 1));
    cr_assert_eq(member->payer_month, calendar_month(member->due_day));
    city_enrol(city, nik(2), SEGMENT_PPU_BU); /* not the city's agreement */
    city_enrol(city, nik(3), SEGMENT_PBI_JK);
    cr_assert_eq(city_member(city, nik(2))->status, STATUS_ACTIVE);
    cr_assert_eq(city_member(city, nik(3))->status, STATUS_ACTIVE);
    struct event old = enrolment(nik(4), SEGMENT_PBPU_PEMDA);
    old.day = calendar_day(2024, 3, 1);
    cr_assert_eq(city_send(city, BPJS, old), REFUSAL_NONE); /* the master list: covered for long */
    cr_assert_eq(city_member(city, nik(4))->status, STATUS_ACTIVE);
    cr_assert_eq(city_member(city, nik(4))->payer_month, calendar_month(calendar_day(2024, 4, 1)));
    cr_assert_eq(city_run_due(city), 0);
    city_today(city, 2025, 9, 30);
    cr_assert_eq(city_run_due(city), 0);
    city_today(city, 2025, 10, 1);
    cr_assert_eq(city_run_due(city), 1);
    cr_assert_eq(city->record.kind, CHANGE_ACTIVATED);
    cr_assert_eq(city->record.effective_day, calendar_day(2025, 10, 1));
    cr_assert_eq(city_member(city, nik(1))->status, STATUS_ACTIVE);
    cr_assert_eq(city_member(city, nik(1))->due_day, DAY_NONE);
    cr_assert_eq(city_run_due(city), 0);
}

CITY_TEST(registry_enrol, nik_that_disagrees_is_a_warning) {
    struct event event = enrolment(nik(1), SEGMENT_PBPU);
    event.birth_day = calendar_day(1990, 1, 2);
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    cr_assert_eq(city->record.warning, WARNING_NIK_BIRTH_DIFFERS);
    event = enrolment(nik(2), SEGMENT_PBPU);
    event.sex = SEX_FEMALE;
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    cr_assert_eq(city->record.warning, WARNING_NIK_BIRTH_DIFFERS);
    cr_assert_eq(city_send(city, KADER, enrolment(nik(3), SEGMENT_PBPU)), REFUSAL_NONE);
    cr_assert_eq(city->record.warning, 0);
}

static struct event vulnerable(identity_t identity) {
    struct event event = enrolment(identity, SEGMENT_NONE);
    event.kind = CHANGE_ENROL_VULNERABLE;
    event.care_class = 0;
    event.reason = TEXT("homeless");
    event.approver = TEXT("lurah");
    return event;
}

/* Without the local card: a reason, an approver, a budget of its own. */
CITY_TEST(registry_enrol, vulnerable_needs_somebody_who_answers_for_it) {
    struct event event = vulnerable(nik(1));
    event.approver = (struct text){0};
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_APPROVER_MISSING);
    event = vulnerable(nik(1));
    event.reason = (struct text){0};
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_FIELD_MISSING);
    cr_assert_str_eq(city->value, "reason");
    cr_assert_eq(city_send(city, KADER, vulnerable(nik(1))), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->segment, SEGMENT_PBPU_PEMDA);
    cr_assert_eq(city_member(city, nik(1))->flags, MEMBER_VULNERABLE);
    cr_assert_eq(city->record.reason.size, 8);
    cr_assert_eq(city_send(city, KADER, vulnerable(nik(1))), REFUSAL_ALREADY_REGISTERED);
}

static struct event birth(identity_t baby, identity_t mother) {
    return (struct event){.kind = CHANGE_BIRTH,
                          .identity = baby,
                          .other = mother,
                          .birth_day = calendar_day(2025, 9, 1),
                          .sex = SEX_MALE};
}

/* Perpres 82/2018 art. 16: the baby goes with the mother; the baby of a PBI mother is PBI. */
CITY_TEST(registry_enrol, newborn_goes_with_the_mother) {
    for (int segment = SEGMENT_PBI_JK; segment < SEGMENT_COUNT; segment++) {
        unsigned serial = (unsigned)segment;
        struct event event = enrolment(nik(serial), (enum segment)segment);
        event.family = UINT64_C(3671010101200001);
        cr_assert_eq(city_send(city, BPJS, event), REFUSAL_NONE);
        cr_assert_eq(city_send(city, KADER, birth(baby_nik(serial), nik(serial))), REFUSAL_NONE);
        const struct member *baby = city_member(city, baby_nik(serial));
        const struct member *mother = city_member(city, nik(serial));
        cr_assert_eq(baby->segment, segment);
        cr_assert_eq(baby->care_class, mother->care_class);
        cr_assert_eq(baby->family, UINT64_C(3671010101200001));
        cr_assert_eq(baby->kelurahan, CIBODAS);
        cr_assert_eq(baby->employer, mother->employer);
        cr_assert_eq(baby->wage_rupiah, 0);
        cr_assert_eq(baby->status, STATUS_ACTIVE);
        cr_assert_eq(baby->segment_day, calendar_day(2025, 9, 1));
        cr_assert_eq(city->record.other_member_id, 2 * serial - 1);
        cr_assert_eq(city->record.warning, 0);
        cr_assert_eq(city->record.effective_day, calendar_day(2025, 9, 1));
    }
}

/* Within 28 days; later the premium goes back to birth; older than a year is no birth. */
CITY_TEST(registry_enrol, newborn_terms) {
    static const struct {
        int year, month, day;
        enum refusal refusal, warning;
    } rows[] = {{2025, 9, 29, REFUSAL_NONE, REFUSAL_NONE},
                {2025, 9, 30, REFUSAL_NONE, WARNING_NEWBORN_LATE},
                {2026, 9, 1, REFUSAL_NONE, WARNING_NEWBORN_LATE},
                {2026, 9, 2, REFUSAL_NEWBORN_TOO_OLD, REFUSAL_NONE}};
    city_enrol(city, nik(1), SEGMENT_PBPU);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        city_today(city, rows[i].year, rows[i].month, rows[i].day);
        cr_assert_eq(city_send(city, KADER, birth(baby_nik(i + 1), nik(1))), rows[i].refusal, "row %u", i);
        cr_assert_eq(city->record.warning, rows[i].warning, "row %u", i);
        month_t birth_month = calendar_month(calendar_day(2025, 9, 1));
        if (rows[i].warning)
            cr_assert_eq(city->record.after.payer_month, birth_month);
        else if (!rows[i].refusal)
            cr_assert_gt(city->record.after.payer_month, birth_month);
    }
}

/* BPJS regulation 6/2018 art. 26, 29: a temporary id for three months, then a NIK. */
CITY_TEST(registry_enrol, newborn_without_nik) {
    identity_t temporary = IDENTITY_TEMPORARY | UINT64_C(1) << 32 | 17;
    city_enrol(city, nik(1), SEGMENT_PBI_JK);
    city_today(city, 2025, 12, 2);
    cr_assert_eq(city_send(city, KADER, birth(temporary, nik(1))), REFUSAL_TEMPORARY_NOT_ALLOWED);
    cr_assert_str_eq(city->value, "T-1-17");
    struct event event = birth(temporary, nik(1));
    event.birth_day = calendar_day(2025, 11, 20);
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    cr_assert_eq(city->record.warning, WARNING_NIK_NEEDED);
    event.identity++;
    event.birth_day = calendar_day(2025, 9, 2); /* three months to the day */
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    cr_assert_eq(city->record.warning, WARNING_NEWBORN_LATE);
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_ALREADY_REGISTERED);
    struct event death = {.kind = CHANGE_DEATH, .identity = temporary};
    cr_assert_eq(city_send(city, KADER, death), REFUSAL_NONE);
}

CITY_TEST(registry_enrol, newborn_of_whom) {
    cr_assert_eq(city_send(city, KADER, birth(baby_nik(1), nik(1))), REFUSAL_MOTHER_UNKNOWN);
    cr_assert_str_eq(city->value, "3671**********01");
    city_enrol(city, nik(1), SEGMENT_PBPU);
    struct event event = birth(baby_nik(1), nik(1));
    event.birth_day = calendar_day(1989, 12, 31);
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_DATE_BEFORE_BIRTH);
    cr_assert_eq(city_send(city, KADER, (struct event){.kind = CHANGE_MOVE_OUT, .identity = nik(1)}), 0);
    cr_assert_eq(city_send(city, KADER, birth(baby_nik(1), nik(1))), REFUSAL_MEMBER_MOVED_OUT);
    city_enrol(city, nik(2), SEGMENT_PBPU); /* a mother who died giving birth has a child all the same */
    cr_assert_eq(city_send(city, KADER, (struct event){.kind = CHANGE_DEATH, .identity = nik(2)}), 0);
    cr_assert_eq(city_send(city, KADER, birth(baby_nik(2), nik(2))), REFUSAL_NONE);
}

CITY_TEST(registry_enrol, moving_in_keeps_the_segment_and_the_row) {
    struct event in = {.kind = CHANGE_MOVE_IN, .identity = nik(1), .kelurahan = JATIUWUNG};
    cr_assert_eq(city_send(city, KADER, in), REFUSAL_FIELD_MISSING);
    cr_assert_str_eq(city->value, "segment");
    in.segment = SEGMENT_PBPU;
    in.care_class = 1;
    cr_assert_eq(city_send(city, KADER, in), REFUSAL_FIELD_MISSING);
    cr_assert_str_eq(city->value, "birth_date");
    in.birth_day = calendar_day(1990, 1, 1);
    cr_assert_eq(city_send(city, KADER, in), REFUSAL_NONE);
    cr_assert_eq(city_send(city, KADER, in), REFUSAL_ALREADY_REGISTERED);
    struct event back = {.kind = CHANGE_MOVE_IN, .identity = nik(1), .kelurahan = CIBODAS};
    cr_assert_eq(city_send(city, KADER, back), REFUSAL_ALREADY_REGISTERED);
    struct event out = {.kind = CHANGE_MOVE_OUT, .identity = nik(1), .destination = 3603};
    cr_assert_eq(city_send(city, KADER, out), REFUSAL_NONE);
    cr_assert_eq(city->record.destination, 3603);
    uint64_t left_at = city->record.offset;
    cr_assert_eq(city_send(city, KADER, back), REFUSAL_NONE);
    cr_assert_eq(city->record.member_id, 1);
    cr_assert_eq(city->record.previous_offset, left_at);
    cr_assert_eq(city_member(city, nik(1))->segment, SEGMENT_PBPU);
    cr_assert_eq(city_member(city, nik(1))->care_class, 1);
    cr_assert_eq(city_member(city, nik(1))->kelurahan, CIBODAS);
}

CITY_TEST(registry_enrol, who_moved_out_may_enrol_again) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, KADER, (struct event){.kind = CHANGE_MOVE_OUT, .identity = nik(1)}), 0);
    cr_assert_eq(city_send(city, KADER, enrolment(nik(1), SEGMENT_PBPU)), REFUSAL_NONE);
    cr_assert_eq(registry_member_count(city->registry), 1);
    cr_assert_eq(city_member(city, nik(1))->segment, SEGMENT_PBPU);
    cr_assert_eq(city_member(city, nik(1))->employer, 77); /* the last one stays known */
    cr_assert_eq(city_member(city, nik(1))->wage_rupiah, 0);
}
