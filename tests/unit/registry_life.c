/* registry_life.c - tests of moves, deaths, suspension and switches of segment. */
#include "domain/member_rows.h"
#include "registry_fixture.h"

#include <criterion/criterion.h>

static struct city *city;

static void setup(void) {
    city = city_begin();
}
TestSuite(registry_life, .init = setup);

static enum refusal say(enum change kind, identity_t identity) {
    return city_send(city, KADER, (struct event){.kind = kind, .identity = identity});
}

static enum refusal move(uint32_t device, identity_t identity, uint32_t kelurahan) {
    struct event event = {.kind = CHANGE_MOVE_WITHIN, .identity = identity, .kelurahan = kelurahan};
    return city_send(city, device, event);
}

/* Either end of a move may report it. */
CITY_TEST(registry_life, moves_within_the_city) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    uint32_t benda = city_add_device(city, ROLE_KADER, 367102);
    uint32_t elsewhere = city_add_device(city, ROLE_KADER, JATIUWUNG);
    cr_assert_eq(move(KADER, nik(1), CIBODAS), REFUSAL_NOTHING_CHANGES);
    cr_assert_eq(move(KADER, nik(1), 3671019999u), REFUSAL_REGION_UNKNOWN);
    cr_assert_eq(move(elsewhere, nik(1), BENDA), REFUSAL_REGION_OUTSIDE_AREA);
    cr_assert_eq(move(KADER, nik(1), BENDA), REFUSAL_NONE); /* sent off */
    cr_assert_eq(city_member(city, nik(1))->kelurahan, BENDA);
    cr_assert_eq(move(KADER, nik(1), CIBODAS), REFUSAL_NONE); /* received */
    cr_assert_eq(move(benda, nik(1), JATIUWUNG), REFUSAL_REGION_OUTSIDE_AREA);
    struct event family = {.kind = CHANGE_MOVE_WITHIN,
                           .identity = nik(1),
                           .kelurahan = CIBODAS,
                           .family = UINT64_C(3671010101200001)};
    cr_assert_eq(city_send(city, KADER, family), REFUSAL_NONE);
    cr_assert_eq(city_send(city, KADER, family), REFUSAL_NOTHING_CHANGES);
}

/* After each end of a membership, every kind that makes no sense any more says why. */
CITY_TEST(registry_life, the_dead_and_the_departed) {
    static const struct {
        enum change end;
        enum refusal refusal;
    } ends[] = {{CHANGE_DEATH, REFUSAL_MEMBER_DECEASED}, {CHANGE_MOVE_OUT, REFUSAL_MEMBER_MOVED_OUT}};
    for (unsigned i = 0; i < 2; i++) {
        identity_t identity = nik(i + 1);
        city_enrol(city, identity, SEGMENT_PPU_BU);
        cr_assert_eq(say(ends[i].end, identity), REFUSAL_NONE);
        cr_assert_eq(city_member(city, identity)->kelurahan, CIBODAS); /* where the departure is counted */
        cr_assert_eq(say(CHANGE_DEATH, identity), ends[i].refusal);
        cr_assert_eq(say(CHANGE_MOVE_OUT, identity), ends[i].refusal);
        cr_assert_eq(say(CHANGE_SUSPEND, identity), ends[i].refusal);
        cr_assert_eq(say(CHANGE_RESUME, identity), ends[i].refusal);
        cr_assert_eq(move(KADER, identity, JATIUWUNG), ends[i].refusal);
        struct event event = {.kind = CHANGE_LAYOFF, .identity = identity};
        cr_assert_eq(city_send(city, LABOUR, event), ends[i].refusal);
        event = (struct event){.kind = CHANGE_REHIRE, .identity = identity, .employer = 1};
        cr_assert_eq(city_send(city, LABOUR, event), ends[i].refusal);
        event = (struct event){.kind = CHANGE_SWITCH_SEGMENT, .identity = identity, .segment = SEGMENT_BP};
        cr_assert_eq(city_send(city, BPJS, event), ends[i].refusal);
    }
    cr_assert_eq(city_send(city, BPJS, enrolment(nik(1), SEGMENT_PBPU)), REFUSAL_MEMBER_DECEASED);
    cr_assert_eq(city_send(city, BPJS, enrolment(nik(2), SEGMENT_PBPU)), REFUSAL_NONE);
}

CITY_TEST(registry_life, suspended_and_resumed) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    cr_assert_eq(say(CHANGE_RESUME, nik(1)), REFUSAL_NOT_SUSPENDED);
    cr_assert_eq(say(CHANGE_SUSPEND, nik(1)), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->status, STATUS_SUSPENDED);
    cr_assert_eq(say(CHANGE_SUSPEND, nik(1)), REFUSAL_ALREADY_SUSPENDED);
    cr_assert_eq(say(CHANGE_RESUME, nik(1)), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->status, STATUS_ACTIVE);
}

/* A mistyped day, or an old entry: months before the suspension are not its business. */
CITY_TEST(registry_life, nothing_resumes_before_it_is_suspended) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    struct event resume = {.kind = CHANGE_RESUME, .identity = nik(1), .day = calendar_day(2025, 9, 9)};
    cr_assert_eq(say(CHANGE_SUSPEND, nik(1)), REFUSAL_NONE);
    cr_assert_eq(city_send(city, KADER, resume), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_str_eq(city->value, "2025-09-09 < 2025-09-10");
    resume.day++;
    cr_assert_eq(city_send(city, KADER, resume), REFUSAL_NONE);
    const struct member *member = city_member(city, nik(1));
    cr_assert(member->due_day == DAY_NONE && !(member->flags & MEMBER_ENDED_DAY));
}

static enum refusal take_back(uint32_t device, identity_t identity, day_t day) {
    return city_send(city, device, (struct event){.kind = CHANGE_RESUME, .identity = identity, .day = day});
}

/* A death of the wrong NIK, a move that never was: an office that answers for the list takes it back, from
 * the day of the report and not from before. */
CITY_TEST(registry_life, a_wrong_end_is_taken_back) {
    static const struct {
        enum change end;
        enum refusal kader;
    } ends[] = {{CHANGE_DEATH, REFUSAL_MEMBER_DECEASED}, {CHANGE_MOVE_OUT, REFUSAL_MEMBER_MOVED_OUT}};
    day_t day = calendar_day(2025, 9, 10);
    for (unsigned i = 0; i < 2; i++) {
        identity_t identity = nik(i + 1);
        city_enrol(city, identity, SEGMENT_PBPU_PEMDA);
        const struct member before = *city_member(city, identity);
        cr_assert_eq(say(ends[i].end, identity), REFUSAL_NONE);
        cr_assert_eq(take_back(KADER, identity, day), ends[i].kader);
        cr_assert_eq(take_back(LABOUR, identity, day), REFUSAL_ROLE_NOT_ALLOWED);
        cr_assert_eq(take_back(HEALTH, identity, (day_t)(day - 1)), REFUSAL_OLDER_THAN_KNOWN);
        cr_assert_eq(take_back(i ? HEALTH : BPJS, identity, day), REFUSAL_NONE);
        cr_assert(member_equal(&city->record.after, &before), "as if it had never been reported");
        cr_assert_eq(take_back(HEALTH, identity, day), REFUSAL_NOT_SUSPENDED);
    }
    cr_assert_eq(say(CHANGE_DEATH, nik(1)), REFUSAL_NONE, "who lives may die");
}

/* Who comes back has no day of an end any more, and no months of grace that never were. */
CITY_TEST(registry_life, a_return_after_a_move) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    cr_assert_eq(say(CHANGE_MOVE_OUT, nik(1)), REFUSAL_NONE);
    struct event back = {.kind = CHANGE_MOVE_IN, .identity = nik(1), .kelurahan = CIBODAS};
    cr_assert_eq(city_send(city, KADER, back), REFUSAL_NONE);
    const struct member *member = city_member(city, nik(1));
    cr_assert(member->status == STATUS_ACTIVE && member->due_day == DAY_NONE);
    cr_assert_eq(member->flags & MEMBER_ENDED_DAY, 0);
}

/* Months of grace go on (Perpres 82/2018 art. 27), and end when they would have ended. */
CITY_TEST(registry_life, a_wrong_end_in_grace_is_taken_back) {
    city->policy.rows[0].layoff_payer = LAYOFF_CITY_AFTER_GRACE;
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    struct event layoff = {.kind = CHANGE_LAYOFF, .identity = nik(1), .proof = PROOF_COURT_RULING};
    cr_assert_eq(city_send(city, LABOUR, layoff), REFUSAL_NONE);
    const struct member before = *city_member(city, nik(1));
    cr_assert_eq(say(CHANGE_DEATH, nik(1)), REFUSAL_NONE);
    cr_assert_eq(take_back(HEALTH, nik(1), calendar_day(2025, 9, 9)), REFUSAL_OLDER_THAN_KNOWN);
    cr_assert_eq(take_back(HEALTH, nik(1), DAY_NONE), REFUSAL_NONE);
    cr_assert(member_equal(&city->record.after, &before));
    cr_assert_eq(say(CHANGE_DEATH, nik(1)), REFUSAL_NONE);
    city_today(city, 2026, 4, 1);
    cr_assert_eq(city_run_due(city), 0, "the dead fall due to nobody");
    cr_assert_eq(take_back(HEALTH, nik(1), DAY_NONE), REFUSAL_NONE);
    cr_assert_eq(city_run_due(city), 1);
    cr_assert_eq(city_member(city, nik(1))->segment, SEGMENT_PBPU_PEMDA);
}

/* A suspended member who was waiting for cover is not activated behind the back of whoever suspended. */
CITY_TEST(registry_life, suspension_ends_the_wait) {
    city->policy.rows[0].activation = ACTIVATION_NEXT_MONTH;
    cr_assert_eq(city_send(city, KADER, enrolment(nik(1), SEGMENT_PBPU)), REFUSAL_NONE);
    cr_assert_eq(say(CHANGE_SUSPEND, nik(1)), REFUSAL_NONE);
    city_today(city, 2025, 12, 1);
    cr_assert_eq(city_run_due(city), 0);
}

static struct event to_segment(identity_t identity, enum segment segment) {
    struct event event = enrolment(identity, segment);
    return (struct event){.kind = CHANGE_SWITCH_SEGMENT,
                          .identity = identity,
                          .segment = event.segment,
                          .care_class = event.care_class,
                          .employer = event.employer,
                          .wage_rupiah = event.wage_rupiah,
                          .local_card = event.local_card};
}

/* All 36 pairs. Wage workers come to the poor or the city-paid by a layoff alone (Perpres 82/2018 art. 27).
 */
CITY_TEST(registry_life, which_segment_may_follow_which) {
    static const char *const allowed[SEGMENT_COUNT] = {
        /* to:                  PBI PEMDA PN BU PBPU BP; '=': the same */
        [SEGMENT_PBI_JK] = " =yyyyy", [SEGMENT_PBPU_PEMDA] = " y=yyyy", [SEGMENT_PPU_PN] = " nn=yyy",
        [SEGMENT_PPU_BU] = " nny=yy", [SEGMENT_PBPU] = " yyyy=y",       [SEGMENT_BP] = " yyyyy=",
    };
    unsigned serial = 0;
    for (int from = SEGMENT_PBI_JK; from < SEGMENT_COUNT; from++)
        for (int to = SEGMENT_PBI_JK; to < SEGMENT_COUNT; to++) {
            identity_t identity = nik(++serial);
            city_enrol(city, identity, (enum segment)from);
            enum refusal wanted = allowed[from][to] == 'y'   ? REFUSAL_NONE
                                  : allowed[from][to] == '=' ? REFUSAL_NOTHING_CHANGES
                                                             : REFUSAL_SEGMENT_TRANSITION;
            enum refusal refusal = city_send(city, BPJS, to_segment(identity, (enum segment)to));
            cr_assert_eq(refusal, wanted, "from %d to %d", from, to);
            cr_assert_eq(city_member(city, identity)->segment, wanted ? from : to);
            cr_assert_eq(city_member(city, identity)->status, STATUS_ACTIVE);
        }
}

CITY_TEST(registry_life, switch_asks_for_what_the_segment_asks) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    struct event event = to_segment(nik(1), SEGMENT_PBPU_PEMDA);
    event.local_card = false;
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NOT_ELIGIBLE_CARD);
    event = to_segment(nik(1), SEGMENT_PBPU_PEMDA);
    event.care_class = 1;
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_CLASS_NOT_ALLOWED);
    cr_assert_eq(city_send(city, KADER, to_segment(nik(1), SEGMENT_PPU_BU)), REFUSAL_ROLE_NOT_ALLOWED);
    event = to_segment(nik(1), SEGMENT_PBPU);
    event.care_class = 1;
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE); /* another class */
    cr_assert_eq(city_member(city, nik(1))->care_class, 1);
    cr_assert_eq(city_send(city, KADER, to_segment(nik(1), SEGMENT_PBPU_PEMDA)), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->flags, MEMBER_LOCAL_CARD);
    event = to_segment(nik(1), SEGMENT_PBPU);
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
    event = to_segment(nik(1), SEGMENT_PBPU_PEMDA);
    event.local_card = false; /* the card is known by now */
    cr_assert_eq(city_send(city, KADER, event), REFUSAL_NONE);
}

/* Who is covered stays covered while the payer changes; who is not waits as a new member does. */
CITY_TEST(registry_life, switch_under_cut_off) {
    city_enrol(city, nik(1), SEGMENT_PBPU);
    city_enrol(city, nik(2), SEGMENT_PBPU);
    city->policy.rows[0].activation = ACTIVATION_NEXT_MONTH;
    cr_assert_eq(say(CHANGE_SUSPEND, nik(2)), REFUSAL_NONE);
    for (unsigned serial = 1; serial <= 2; serial++)
        cr_assert_eq(city_send(city, KADER, to_segment(nik(serial), SEGMENT_PBPU_PEMDA)), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->status, STATUS_ACTIVE);
    cr_assert_eq(city_member(city, nik(1))->payer_month, calendar_month(calendar_day(2025, 10, 1)));
    cr_assert_eq(city_member(city, nik(2))->status, STATUS_PENDING);
    cr_assert_eq(city_member(city, nik(2))->due_day, calendar_day(2025, 10, 1));
}

CITY_TEST(registry_life, class_of_a_worker_keeps_the_wage) {
    city_enrol(city, nik(1), SEGMENT_PPU_BU);
    struct event event = {
        .kind = CHANGE_SWITCH_SEGMENT, .identity = nik(1), .segment = SEGMENT_PPU_BU, .care_class = 1};
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->wage_rupiah, 5500000);
    event.care_class = 0;
    event.segment = SEGMENT_PPU_PN;
    cr_assert_eq(city_send(city, BPJS, event), REFUSAL_NONE);
    cr_assert_eq(city_member(city, nik(1))->wage_rupiah, 0); /* another employer's wage is not known */
}
