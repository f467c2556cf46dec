/* registry_layoff.c - tests of layoffs and new work (Perpres 82/2018 art. 27, Perpres 59/2024, the city's
 * settings). */
#include "registry_fixture.h"

#include <criterion/criterion.h>

static struct city *city;

static void setup(void) {
    city = city_begin();
}
TestSuite(registry_layoff, .init = setup);

static struct event layoff(identity_t identity, day_t day) {
    return (struct event){.kind = CHANGE_LAYOFF,
                          .identity = identity,
                          .employer = 77,
                          .day = day,
                          .proof = PROOF_NOTICE_RECEIPT};
}

static struct event rehire(identity_t identity, uint32_t employer) {
    return (struct event){
        .kind = CHANGE_REHIRE, .identity = identity, .employer = employer, .wage_rupiah = 6000000};
}

static month_t month_of(int year, int month) {
    return calendar_month(calendar_day(year, month, 1));
}

/* The city pays by itself from the next month; a layoff is no submission, so the cut-off has no part in it.
 */
CITY_TEST(registry_layoff, city_pays_from_the_next_month) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_enrol(city, nik(2), SEGMENT_PPU_PN);
    city_today(city, 2025, 9, 30);
    for (unsigned serial = 1; serial <= 2; serial++) {
        cr_assert_eq(city_send(city, LABOUR, layoff(nik(serial), city->today)), REFUSAL_NONE);
        const struct member *member = city_member(city, nik(serial));
        cr_assert_eq(member->segment, SEGMENT_PBPU_PEMDA);
        cr_assert_eq(member->care_class, 3);
        cr_assert_eq(member->status, STATUS_ACTIVE);
        cr_assert_eq(member->flags, MEMBER_LAID_OFF);
        cr_assert_eq(member->payer_month, month_of(2025, 10));
        cr_assert_eq(member->segment_day, city->today);
        cr_assert_eq(member->employer, 77);
        cr_assert_eq(member->wage_rupiah, 0);
        cr_assert_eq(city->record.proof, PROOF_NOTICE_RECEIPT);
        cr_assert_eq(city->record.warning, 0);
    }
}

CITY_TEST(registry_layoff, late_report_is_a_warning) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(1), calendar_day(2025, 8, 31))), REFUSAL_NONE);
    cr_assert_eq(city->record.warning, WARNING_LATE_REPORT);
    cr_assert_eq(city_member(city, nik(1))->payer_month, month_of(2025, 9));
}

CITY_TEST(registry_layoff, city_pays_after_grace) {
    city->policy.rows[0].layoff_payer = LAYOFF_CITY_AFTER_GRACE;
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_today(city, 2025, 9, 15);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(1), city->today)), REFUSAL_NONE);
    const struct member *member = city_member(city, nik(1));
    cr_assert_eq(member->segment, SEGMENT_PPU_BU);
    cr_assert_eq(member->status, STATUS_GRACE);
    cr_assert_eq(member->due_day, calendar_day(2026, 3, 15));
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(1), city->today)), REFUSAL_ALREADY_LAID_OFF);
    cr_assert_eq(city_send(city, KADER, (struct event){.kind = CHANGE_SUSPEND, .identity = nik(1)}),
                 REFUSAL_SEGMENT_TRANSITION);
    city_today(city, 2026, 3, 14);
    cr_assert_eq(city_run_due(city), 0);
    city_today(city, 2026, 3, 16); /* a day late: nothing is lost */
    cr_assert_eq(city_run_due(city), 1);
    cr_assert_eq(city->record.kind, CHANGE_GRACE_ENDED);
    cr_assert_eq(city->record.effective_day, calendar_day(2026, 3, 15));
    cr_assert_eq(city->record.device, 0);
    cr_assert_eq(member->segment, SEGMENT_PBPU_PEMDA);
    cr_assert_eq(member->status, STATUS_ACTIVE);
    cr_assert_eq(member->flags, MEMBER_LAID_OFF);
    cr_assert_eq(member->due_day, DAY_NONE);
    cr_assert_eq(member->payer_month, month_of(2026, 4));
    cr_assert_eq(city_run_due(city), 0);
}

CITY_TEST(registry_layoff, grace_that_ends_with_a_month) {
    city->policy.rows[0].layoff_payer = LAYOFF_CITY_AFTER_GRACE;
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(1), calendar_day(2025, 9, 1))), REFUSAL_NONE);
    city_today(city, 2026, 3, 1);
    cr_assert_eq(city_run_due(city), 1);
    cr_assert_eq(city_member(city, nik(1))->payer_month,
                 month_of(2026, 3)); /* September to February are six */
}

/* The policy of the day of the layoff holds, not that of the day of the report. */
CITY_TEST(registry_layoff, policy_of_the_day) {
    city->policy.rows[1] = city->policy.rows[0];
    city->policy.rows[1].valid_from = calendar_day(2025, 9, 5);
    city->policy.rows[1].layoff_payer = LAYOFF_CITY_AFTER_GRACE;
    city->policy.count = 2;
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_enrol(city, nik(2), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(1), calendar_day(2025, 9, 4))), REFUSAL_NONE);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(2), calendar_day(2025, 9, 5))), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->segment, SEGMENT_PBPU_PEMDA);
    cr_assert_eq(city_member(city, nik(2))->status, STATUS_GRACE);
}

/* Both sides go on paying until it is settled. */
CITY_TEST(registry_layoff, disputed_then_settled) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    struct event event = layoff(nik(1), calendar_day(2025, 9, 9));
    event.disputed = true;
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NONE);
    cr_assert_eq(city->record.warning, WARNING_LAYOFF_DISPUTED);
    cr_assert(city->record.disputed);
    const struct member *member = city_member(city, nik(1));
    cr_assert_eq(member->segment, SEGMENT_PPU_BU);
    cr_assert_eq(member->status, STATUS_ACTIVE);
    cr_assert_eq(member->flags, MEMBER_DISPUTED);
    cr_assert_eq(member->wage_rupiah, 5500000);
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_ALREADY_LAID_OFF);
    event.disputed = false;
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NONE);
    cr_assert_eq(member->segment, SEGMENT_PBPU_PEMDA);
    cr_assert_eq(member->flags, MEMBER_LAID_OFF);
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_ALREADY_LAID_OFF);
}

CITY_TEST(registry_layoff, dispute_ends_with_reinstatement) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    struct event event = layoff(nik(1), city->today);
    event.disputed = true;
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NONE);
    cr_assert_eq(city_send(city, LABOUR, rehire(nik(1), 77)), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->flags, MEMBER_REHIRED);
}

/* The list may be sent again: nothing changes. */
CITY_TEST(registry_layoff, same_list_again) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    struct event event = layoff(nik(1), city->today);
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NONE);
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_ALREADY_LAID_OFF);
    event.employer = 0; /* not given */
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_ALREADY_LAID_OFF);
    event.employer = 78;
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NOT_EMPLOYED);
    event = layoff(nik(1), (day_t)(city->today - 1));
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_OLDER_THAN_KNOWN);
}

static enum refusal lay_off(int month, int day_of_month) {
    return city_send(city, LABOUR, layoff(nik(1), calendar_day(2026, month, day_of_month)));
}

static enum refusal hire(uint32_t employer, int month, int day_of_month) {
    struct event event = rehire(nik(1), employer);
    event.day = calendar_day(2026, month, day_of_month);
    return city_send(city, LABOUR, event);
}

/* Laid off in June, recalled in September: June's list, sent again in November, undoes nothing, nor does
 * September's after a second layoff (Perpres 82/2018 art. 27: who works is paid for by the employer). */
CITY_TEST(registry_layoff, old_lists_undo_nothing) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_today(city, 2026, 11, 22);
    cr_assert_eq(lay_off(6, 15), REFUSAL_NONE);
    cr_assert_eq(hire(77, 6, 14), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_eq(hire(77, 9, 10), REFUSAL_NONE);
    const struct member back = *city_member(city, nik(1));
    cr_assert_eq(lay_off(6, 15), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_str_eq(city->value, "2026-06-15 < 2026-09-10");
    cr_assert_eq(lay_off(9, 9), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_eq(hire(78, 9, 9), REFUSAL_OLDER_THAN_KNOWN, "at another one before");
    cr_assert_eq(city_member(city, nik(1))->payer_month, back.payer_month);
    cr_assert_eq(lay_off(9, 10), REFUSAL_NONE, "on the very day: perhaps after it");
    cr_assert_eq(hire(78, 9, 10), REFUSAL_NONE);
    cr_assert_eq(lay_off(10, 5), REFUSAL_EMPLOYER_DIFFERS);
    struct event event = layoff(nik(1), calendar_day(2026, 10, 5));
    event.employer = 78;
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NONE);
    cr_assert_eq(hire(78, 9, 10), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_eq(lay_off(6, 15), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_eq(city_member(city, nik(1))->segment, SEGMENT_PBPU_PEMDA);
}

/* The day of a class, or of an enrolment, says nothing about when the work began; a rehire's stays. */
CITY_TEST(registry_layoff, old_lists_after_another_class) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_today(city, 2026, 11, 22);
    struct event other_class = {
        .kind = CHANGE_SWITCH_SEGMENT, .identity = nik(1), .segment = SEGMENT_PPU_BU, .care_class = 1};
    cr_assert_eq(city_send(city, BPJS, other_class), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->segment_day, calendar_day(2025, 9, 10));
    cr_assert_eq(lay_off(6, 15), REFUSAL_NONE, "late, but nothing newer is known");
    cr_assert_eq(hire(77, 9, 10), REFUSAL_NONE);
    cr_assert_eq(city_send(city, BPJS, other_class), REFUSAL_NOTHING_CHANGES);
    other_class.care_class = 2;
    cr_assert_eq(city_send(city, BPJS, other_class), REFUSAL_NONE);
    cr_assert_eq(lay_off(6, 15), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_eq(lay_off(11, 10), REFUSAL_NONE);
}

/* In months of grace it is the day of the layoff that counts, and after them still. */
CITY_TEST(registry_layoff, old_lists_and_grace) {
    city->policy.rows[0].layoff_payer = LAYOFF_CITY_AFTER_GRACE;
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_today(city, 2026, 9, 20);
    cr_assert_eq(hire(90, 5, 4), REFUSAL_NONE);
    struct event event = layoff(nik(1), calendar_day(2026, 8, 31)); /* until 28 February */
    event.employer = 90;
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NONE);
    cr_assert_eq(hire(90, 5, 4), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_eq(lay_off(4, 1), REFUSAL_OLDER_THAN_KNOWN);
    city_today(city, 2027, 3, 1);
    cr_assert_eq(city_run_due(city), 1);
    cr_assert_eq(hire(90, 5, 4), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_eq(hire(90, 9, 1), REFUSAL_NONE, "in the months of grace, learnt after them");
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_OLDER_THAN_KNOWN);
}

CITY_TEST(registry_layoff, of_whom_and_by_whom) {
    for (int segment = SEGMENT_PBI_JK; segment < SEGMENT_COUNT; segment++) {
        bool employed = segment == SEGMENT_PPU_BU || segment == SEGMENT_PPU_PN;
        city_enrol(city, nik((unsigned)segment), (enum segment)segment);
        if (employed) {
            struct event event = layoff(nik((unsigned)segment), city->today);
            event.employer = 78;
            cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_EMPLOYER_DIFFERS);
            cr_assert_str_eq(city->value, "78");
        }
        cr_assert_eq(city_send(city, LABOUR, layoff(nik((unsigned)segment), city->today)),
                     employed ? REFUSAL_NONE : REFUSAL_NOT_EMPLOYED);
    }
    struct event unknown = enrolment(nik(100), SEGMENT_PPU_BU);
    unknown.employer = 0;
    cr_assert_eq(city_send(city, BPJS, unknown), REFUSAL_NONE);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(100), city->today)), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(100))->employer, 77); /* learned from the layoff */
}

CITY_TEST(registry_layoff, proof_where_the_policy_wants_one) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_enrol(city, nik(2), SEGMENT_PPU_BU);
    struct event event = layoff(nik(1), city->today);
    event.proof = PROOF_NONE;
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NONE);
    city->policy.rows[0].proof_required = true;
    event.identity = nik(2);
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_PROOF_MISSING);
    event.proof = PROOF_COURT_RULING;
    cr_assert_eq(city_send(city, LABOUR, event), REFUSAL_NONE);
}

/* Stop the city's payment when the worker is PPU again (labour office's need). */
CITY_TEST(registry_layoff, rehired) {
    for (int segment = SEGMENT_PBI_JK; segment < SEGMENT_COUNT; segment++) {
        city_enrol(city, nik((unsigned)segment), (enum segment)segment);
        cr_assert_eq(city_send(city, LABOUR, rehire(nik((unsigned)segment), 90)), REFUSAL_NONE);
        const struct member *member = city_member(city, nik((unsigned)segment));
        cr_assert_eq(member->segment, SEGMENT_PPU_BU);
        cr_assert_eq(member->employer, 90);
        cr_assert_eq(member->wage_rupiah, 6000000);
        cr_assert_eq(member->payer_month, month_of(2025, 10));
        cr_assert_eq(member->flags & ~MEMBER_LOCAL_CARD, MEMBER_REHIRED);
        cr_assert_eq(city_send(city, LABOUR, rehire(nik((unsigned)segment), 90)), REFUSAL_NOTHING_CHANGES);
    }
    cr_assert_eq(city_send(city, LABOUR, (struct event){.kind = CHANGE_REHIRE, .identity = nik(1)}),
                 REFUSAL_FIELD_MISSING);
}

CITY_TEST(registry_layoff, rehired_in_grace) {
    city->policy.rows[0].layoff_payer = LAYOFF_CITY_AFTER_GRACE;
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(1), city->today)), REFUSAL_NONE);
    cr_assert_eq(city_send(city, BPJS, rehire(nik(1), 77)), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->status, STATUS_ACTIVE);
    city_today(city, 2026, 6, 1);
    cr_assert_eq(city_run_due(city), 0);
}

/* The family shares the grace; who leaves the city keeps it for the return. */
CITY_TEST(registry_layoff, grace_of_families_and_of_travellers) {
    city->policy.rows[0].layoff_payer = LAYOFF_CITY_AFTER_GRACE;
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(1), city->today)), REFUSAL_NONE);
    struct event birth = {.kind = CHANGE_BIRTH,
                          .identity = baby_nik(1),
                          .other = nik(1),
                          .birth_day = calendar_day(2025, 9, 1)};
    cr_assert_eq(city_send(city, KADER, birth), REFUSAL_NONE);
    cr_assert_eq(city_member(city, baby_nik(1))->due_day, city_member(city, nik(1))->due_day);
    cr_assert_eq(city_send(city, KADER, (struct event){.kind = CHANGE_MOVE_OUT, .identity = nik(1)}), 0);
    city_today(city, 2026, 3, 10);
    cr_assert_eq(city_run_due(city), 1); /* the baby; who is away waits */
    cr_assert_eq(city_member(city, baby_nik(1))->segment, SEGMENT_PBPU_PEMDA);
    struct event back = {.kind = CHANGE_MOVE_IN, .identity = nik(1), .kelurahan = CIBODAS};
    cr_assert_eq(city_send(city, KADER, back), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->status, STATUS_GRACE);
    cr_assert_eq(city_run_due(city), 1);
    cr_assert_eq(city_member(city, nik(1))->segment, SEGMENT_PBPU_PEMDA);
}

/* A kader's report changes nobody, needs no proof, and leaves it to the labour office which employer it was;
 * what a kader can correct is said first. */
CITY_TEST(registry_layoff, seen_at_the_door) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    city_enrol(city, nik(2), SEGMENT_PBPU);
    const struct member before = *city_member(city, nik(1));
    struct event seen = {.kind = CHANGE_LAYOFF, .identity = nik(1), .day = calendar_day(2025, 9, 8)};
    cr_assert_eq(city_send(city, KADER, seen), REFUSAL_LAYOFF_REPORTED);
    seen.employer = 78;
    cr_assert_eq(city_send(city, KADER, seen), REFUSAL_LAYOFF_REPORTED);
    cr_assert(city->record.refusal == REFUSAL_LAYOFF_REPORTED && !city->record.has_after);
    const struct member *member = city_member(city, nik(1));
    cr_assert_eq(member->segment, before.segment);
    cr_assert_eq(member->status, before.status);
    cr_assert_eq(member->flags, before.flags);
    cr_assert_eq(member->employer, before.employer);
    seen.identity = nik(2);
    cr_assert_eq(city_send(city, KADER, seen), REFUSAL_NOT_EMPLOYED);
    seen.identity = nik(9);
    cr_assert_eq(city_send(city, KADER, seen), REFUSAL_MEMBER_UNKNOWN);
    cr_assert_eq(city_send(city, LABOUR, layoff(nik(1), calendar_day(2025, 9, 8))), REFUSAL_NONE);
    seen = layoff(nik(1), calendar_day(2025, 9, 8));
    cr_assert_eq(city_send(city, KADER, seen), REFUSAL_ALREADY_LAID_OFF);
}
