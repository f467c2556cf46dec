/* registry_identity.c - tests of corrections, duplicates, and of who is found by which identity afterwards.
 */
#include "registry_fixture.h"

#include <criterion/criterion.h>

static struct city *city;

static void setup(void) {
    city = city_begin();
}
TestSuite(registry_identity, .init = setup);

static const identity_t TEMPORARY = IDENTITY_TEMPORARY | UINT64_C(1) << 32 | 17;

static uint32_t found(identity_t identity) {
    uint32_t id = 99;
    registry_find(city->registry, identity, &id);
    return id;
}

static enum refusal correct(identity_t identity, identity_t other) {
    return city_send(city, KADER,
                     (struct event){.kind = CHANGE_CORRECT_IDENTITY, .identity = identity, .other = other});
}

static enum refusal merge(identity_t survivor, identity_t duplicate) {
    return city_send(city, KADER,
                     (struct event){.kind = CHANGE_MERGE, .identity = survivor, .other = duplicate});
}

static void bear(identity_t baby, identity_t mother) {
    struct event event = {
        .kind = CHANGE_BIRTH, .identity = baby, .other = mother, .birth_day = calendar_day(2025, 9, 1)};
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
}

CITY_TEST(registry_identity, newborn_gets_its_nik_and_keeps_the_old_id) {
    city_enrol(city, nik(1), SEGMENT_PBI_JK);
    bear(TEMPORARY, nik(1));
    cr_assert_eq(correct(TEMPORARY, baby_nik(1)), REFUSAL_NONE);
    cr_assert_eq(city->record.other, baby_nik(1));
    cr_assert_eq(city->record.other_member_id, 0);
    cr_assert_eq(found(baby_nik(1)), 2);
    cr_assert_eq(found(TEMPORARY), 2); /* devices that were offline still send it */
    struct event death = {.kind = CHANGE_DEATH, .identity = TEMPORARY};
    cr_assert_eq(city_send(city, KADER, death), REFUSAL_NONE);
    cr_assert_eq(city_member(city, baby_nik(1))->status, STATUS_DECEASED);
    cr_assert_eq(city->record.after.identity, baby_nik(1));
}

CITY_TEST(registry_identity, corrected_nik_is_free_for_its_owner) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    cr_assert_eq(correct(nik(1), nik(2)), REFUSAL_NONE);
    cr_assert_eq(found(nik(2)), 1);
    cr_assert_eq(found(nik(1)), 0);
    city_enrol(city, nik(1), SEGMENT_PBI_JK);
    cr_assert_eq(found(nik(1)), 2);
    cr_assert_eq(correct(nik(2), nik(1)), REFUSAL_IDENTITY_TAKEN);
    cr_assert_str_eq(city->value, "3671**********01");
    cr_assert_eq(correct(nik(2), nik(3)), REFUSAL_NONE); /* twice corrected */
    cr_assert_eq(found(nik(2)), 0);
    cr_assert_eq(found(nik(3)), 1);
}

CITY_TEST(registry_identity, what_may_be_corrected) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    cr_assert_eq(correct(nik(1), nik(1)), REFUSAL_NOTHING_CHANGES);
    cr_assert_eq(correct(nik(1), 0), REFUSAL_NOTHING_CHANGES);
    cr_assert_eq(correct(nik(1), TEMPORARY), REFUSAL_TEMPORARY_NOT_ALLOWED);
    cr_assert_eq(correct(nik(1), 123), REFUSAL_NIK_LENGTH);
    struct event event = {
        .kind = CHANGE_CORRECT_IDENTITY, .identity = nik(1), .birth_day = calendar_day(1990, 1, 1)};
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NOTHING_CHANGES);
    event.birth_day = calendar_day(1991, 1, 1);
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    cr_assert_eq(city->record.warning, WARNING_NIK_BIRTH_DIFFERS);
    cr_assert_eq(city_member(city, nik(1))->birth_day, calendar_day(1991, 1, 1));
    event = (struct event){.kind = CHANGE_CORRECT_IDENTITY, .identity = nik(1), .sex = SEX_FEMALE};
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    event = (struct event){
        .kind = CHANGE_CORRECT_IDENTITY, .identity = nik(1), .family = UINT64_C(3671010101200001)};
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    event = (struct event){.kind = CHANGE_CORRECT_IDENTITY, .identity = nik(1), .local_card = true};
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    event = (struct event){.kind = CHANGE_CORRECT_IDENTITY, .identity = nik(1), .name = {"Siti", 4}};
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE); /* names are in records only */
    const struct member *member = city_member(city, nik(1));
    cr_assert_eq(member->sex, SEX_FEMALE);
    cr_assert_eq(member->family, UINT64_C(3671010101200001));
    cr_assert_eq(member->flags, MEMBER_LOCAL_CARD);
}

CITY_TEST(registry_identity, duplicate_leads_to_the_survivor) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    city_enrol(city, nik(2), SEGMENT_PBI_JK);
    cr_assert_eq(merge(nik(1), nik(2)), REFUSAL_NONE);
    cr_assert_eq(city->record.member_id, 2);
    cr_assert_eq(city->record.other_member_id, 1);
    cr_assert_eq(city->record.before.status, STATUS_ACTIVE);
    cr_assert_eq(city->record.after.status, STATUS_MERGED);
    cr_assert_eq(city->record.after.identity, nik(2));
    cr_assert_eq(found(nik(2)), 1);
    cr_assert_eq(registry_member(city->registry, 2)->status, STATUS_MERGED);
    cr_assert_eq(city_send(city, BPJS, enrolment(nik(2), SEGMENT_PBPU)), REFUSAL_ALREADY_REGISTERED);
    cr_assert_eq(merge(nik(1), nik(2)), REFUSAL_SAME_MEMBER);
    cr_assert_eq(merge(nik(2), nik(1)), REFUSAL_SAME_MEMBER);
    cr_assert_eq(merge(nik(1), nik(9)), REFUSAL_MEMBER_UNKNOWN);
    cr_assert_eq(merge(nik(9), nik(1)), REFUSAL_MEMBER_UNKNOWN);
    struct event suspend = {.kind = CHANGE_SUSPEND, .identity = nik(2)};
    cr_assert_eq(city_send(city, KADER, suspend), REFUSAL_NONE);
    cr_assert_eq(registry_member(city->registry, 1)->status, STATUS_SUSPENDED);
}

CITY_TEST(registry_identity, merges_in_a_row_are_followed_to_the_end) {
    for (unsigned serial = 1; serial <= 5; serial++)
        city_enrol(city, nik(serial), SEGMENT_PBPU);
    for (unsigned serial = 1; serial < 5; serial++)
        cr_assert_eq(merge(nik(serial + 1), nik(serial)), REFUSAL_NONE);
    for (unsigned serial = 1; serial <= 5; serial++)
        cr_assert_eq(found(nik(serial)), 5);
    cr_assert_eq(correct(nik(1), nik(7)), REFUSAL_NONE); /* by an old number, about the survivor */
    cr_assert_eq(found(nik(7)), 5);
    cr_assert_eq(found(nik(5)), 0);
    cr_assert_eq(found(nik(4)), 5);
}

CITY_TEST(registry_identity, temporary_duplicate) {
    city_enrol(city, nik(1), SEGMENT_PBI_JK);
    bear(TEMPORARY, nik(1));
    bear(baby_nik(1), nik(1));
    cr_assert_eq(correct(TEMPORARY, baby_nik(1)), REFUSAL_IDENTITY_TAKEN);
    cr_assert_eq(merge(baby_nik(1), TEMPORARY), REFUSAL_NONE);
    cr_assert_eq(found(TEMPORARY), 3);
}

/* The duplicate had the right number: the survivor takes it, and later loses it for good. */
CITY_TEST(registry_identity, survivor_takes_the_duplicates_number) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    city_enrol(city, nik(2), SEGMENT_PBPU);
    cr_assert_eq(merge(nik(1), nik(2)), REFUSAL_NONE);
    cr_assert_eq(correct(nik(1), nik(2)), REFUSAL_NONE);
    cr_assert_eq(found(nik(2)), 1);
    cr_assert_eq(found(nik(1)), 0);
    cr_assert_eq(correct(nik(2), nik(3)), REFUSAL_NONE);
    cr_assert_eq(found(nik(2)), 0);
    city_enrol(city, nik(2), SEGMENT_PBI_JK);
    cr_assert_eq(found(nik(2)), 3);
    cr_assert_eq(merge(nik(3), nik(2)), REFUSAL_NONE); /* the same number is a duplicate's a second time */
    cr_assert_eq(found(nik(2)), 1);
}

CITY_TEST(registry_identity, duplicates_are_the_same_person) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    struct event event = enrolment(nik(2), SEGMENT_PBPU);
    event.birth_day++;
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_NONE);
    cr_assert_eq(merge(nik(1), nik(2)), REFUSAL_DUPLICATE_DIFFERS);
    event = enrolment(nik(3), SEGMENT_PBPU);
    event.sex = SEX_FEMALE;
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_NONE);
    cr_assert_eq(merge(nik(1), nik(3)), REFUSAL_DUPLICATE_DIFFERS);
    bear(TEMPORARY, nik(3)); /* the sex is not known: no contradiction */
    bear(baby_nik(1), nik(3));
    cr_assert_eq(merge(baby_nik(1), TEMPORARY), REFUSAL_NONE);
}

/* Both are in the kader's area, or it is the health office's work. */
CITY_TEST(registry_identity, kader_merges_at_home) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    struct event event = enrolment(nik(2), SEGMENT_PBPU);
    event.kelurahan = BENDA;
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_NONE);
    cr_assert_eq(merge(nik(1), nik(2)), REFUSAL_REGION_OUTSIDE_AREA);
    cr_assert_eq(merge(nik(2), nik(1)), REFUSAL_REGION_OUTSIDE_AREA);
    event = (struct event){.kind = CHANGE_MERGE, .identity = nik(1), .other = nik(2)};
    cr_assert_eq(city_send(city, HEALTH, event), REFUSAL_NONE);
}

CITY_TEST(registry_identity, the_dead_can_be_corrected_and_merged) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    city_enrol(city, nik(2), SEGMENT_PBPU);
    cr_assert_eq(city_send(city, KADER, (struct event){.kind = CHANGE_DEATH, .identity = nik(1)}), 0);
    cr_assert_eq(correct(nik(1), nik(3)), REFUSAL_NONE);
    cr_assert_eq(merge(nik(3), nik(2)), REFUSAL_NONE);
}
