/* self_audit.c - tests services/domain/self_audit*.c: each finding, and what looks like one and is none.
 *
 * December 2026 is judged on 25 December, by records made by hand.
 */
#include "cakupan/self_audit.h"

#include <criterion/criterion.h>
#include <string.h>

#define NIK(serial) (UINT64_C(3671010101900000) + (serial))
#define FAMILY      UINT64_C(3671010101200001)
#define TODAY       calendar_day(2026, 12, 25)
#define DECEMBER    calendar_month(TODAY)

static const struct policy policy = {.count = 1, .rows = {{.newborn_nik_months = 3}}};
static struct self_audit *audit;
static struct member members[16]; /* by number, as last recorded */
static uint64_t offset;
static struct audit_finding findings[32];
static unsigned count;
static struct failure why;

static void start(void) {
    audit = self_audit_new(&policy);
}
static void stop(void) {
    self_audit_destroy(&audit);
    cr_assert_null(audit);
}
TestSuite(self_audit, .init = start, .fini = stop);

static struct text text_of(const char *words) {
    return (struct text){words, (uint16_t)strlen(words)};
}

static void take(struct record *record) {
    record->offset = ++offset;
    cr_assert_eq(self_audit_step(audit, record, &why), RESULT_OK, "%s", why.sentence);
    if (record->member_id)
        members[record->member_id] = record->after;
}

/* An adult of the city's, born on the day of the NIKs. */
static void enrol(uint32_t id, identity_t identity, const char *name) {
    struct record record = {.member_id = id,
                            .kind = CHANGE_ENROL,
                            .effective_day = calendar_day(2026, 11, 1),
                            .has_after = true,
                            .name = text_of(name),
                            .after = {.identity = identity,
                                      .family = FAMILY,
                                      .birth_day = calendar_day(1990, 1, 1),
                                      .sex = SEX_MALE,
                                      .segment = SEGMENT_PBPU_PEMDA,
                                      .status = STATUS_ACTIVE,
                                      .care_class = 3}};
    take(&record);
}

static struct record change_of(uint32_t id, enum change kind, day_t day) {
    return (struct record){.member_id = id,
                           .kind = (uint8_t)kind,
                           .effective_day = day,
                           .has_before = true,
                           .has_after = true,
                           .before = members[id],
                           .after = members[id]};
}

static void become(uint32_t id, enum change kind, day_t day, enum status status) {
    struct record record = change_of(id, kind, day);
    record.after.status = (uint8_t)status;
    take(&record);
}

static void enter(uint32_t id, bool vulnerable) {
    struct roster_entry entry = {.member_id = id,
                                 .identity = members[id].identity,
                                 .segment = SEGMENT_PBPU_PEMDA,
                                 .care_class = 3,
                                 .vulnerable = vulnerable,
                                 .amount_rupiah = 37800};
    self_audit_entry(audit, &entry);
}

static void on_finding(void *context, const struct audit_finding *finding) {
    (void)context;
    cr_assert_lt(count, 32);
    findings[count++] = *finding;
}

static void judge(void) {
    count = 0;
    self_audit_judge(audit, DECEMBER, TODAY, on_finding, NULL);
}

static void only(enum finding finding, uint32_t member_id, uint64_t cause_offset) {
    judge();
    cr_assert_eq(count, 1, "%u findings, the first: %s", count,
                 count ? finding_name(findings[0].finding) : "-");
    cr_assert_eq(findings[0].finding, finding, "%s", finding_name(findings[0].finding));
    cr_assert_eq(findings[0].entry.member_id, member_id);
    cr_assert_eq(findings[0].cause_offset, cause_offset);
}

static void nothing(void) {
    judge();
    cr_assert_eq(count, 0, "%s", finding_name(findings[0].finding));
}

Test(self_audit, a_clean_roster) {
    enrol(1, NIK(1), "BUDI");
    enter(1, false);
    nothing();
}

Test(self_audit, records_come_without_gaps) {
    struct record record = {.offset = 2};
    cr_assert_eq(self_audit_step(audit, &record, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "JOURNAL_GAP");
    record.offset = 1;
    cr_assert_eq(self_audit_step(audit, &record, &why), RESULT_OK);
    cr_assert_eq(self_audit_step(audit, &record, &why), RESULT_CORRUPT, "not twice");
}

Test(self_audit, died_before_the_month) {
    enrol(1, NIK(1), "BUDI");
    become(1, CHANGE_DEATH, calendar_day(2026, 11, 30), STATUS_DECEASED);
    enter(1, false);
    only(FINDING_DECEASED, 1, 2);
    cr_assert_eq(findings[0].day, calendar_day(2026, 11, 30));
}

/* Whole months: the month begun is owed. */
Test(self_audit, died_in_the_month) {
    enrol(1, NIK(1), "BUDI");
    become(1, CHANGE_DEATH, calendar_day(2026, 12, 1), STATUS_DECEASED);
    enter(1, false);
    nothing();
}

Test(self_audit, moved_out_before_the_month) {
    enrol(1, NIK(1), "BUDI");
    become(1, CHANGE_MOVE_OUT, calendar_day(2026, 11, 3), STATUS_MOVED_OUT);
    enter(1, false);
    only(FINDING_MOVED_OUT, 1, 2);
}

Test(self_audit, moved_out_and_came_back) {
    enrol(1, NIK(1), "BUDI");
    become(1, CHANGE_MOVE_OUT, calendar_day(2026, 11, 3), STATUS_MOVED_OUT);
    become(1, CHANGE_MOVE_IN, calendar_day(2026, 11, 20), STATUS_ACTIVE);
    enter(1, false);
    nothing();
}

Test(self_audit, the_same_person_twice) {
    enrol(1, NIK(1), "Budi Santoso");
    enrol(2, NIK(2), "BUDI  SANTOSO");
    enter(1, false);
    enter(2, false);
    judge();
    cr_assert_eq(count, 2);
    cr_assert_eq(findings[0].finding, FINDING_CHARGED_TWICE);
    cr_assert_eq(findings[0].entry.member_id, 1);
    cr_assert_eq(findings[0].other_member_id, 2);
    cr_assert_eq(findings[1].entry.member_id, 2);
    cr_assert_eq(findings[1].other_member_id, 1);
}

/* One identity and alike, too: told once a pair and side. */
Test(self_audit, one_identity_twice) {
    enrol(1, NIK(1), "BUDI");
    enrol(2, NIK(1), "BUDI");
    enter(1, false);
    enter(2, false);
    judge();
    cr_assert_eq(count, 2);
    cr_assert_eq(findings[0].finding, FINDING_CHARGED_TWICE);
}

Test(self_audit, twins_are_two_people) {
    enrol(1, NIK(1), "HASAN");
    enrol(2, NIK(2), "HUSEIN");
    enter(1, false);
    enter(2, false);
    nothing();
}

Test(self_audit, what_is_not_known_is_not_alike) {
    enrol(1, NIK(1), "");
    enrol(2, NIK(2), "");
    enter(1, false);
    enter(2, false);
    nothing();
}

Test(self_audit, a_corrected_name_counts) {
    enrol(1, NIK(1), "BUDI");
    enrol(2, NIK(2), "BUDY");
    struct record record = change_of(2, CHANGE_CORRECT_IDENTITY, calendar_day(2026, 11, 5));
    record.name = text_of("Budi");
    take(&record);
    enter(1, false);
    enter(2, false);
    judge();
    cr_assert_eq(count, 2);
}

Test(self_audit, who_is_not_in_the_roster_is_not_charged_twice) {
    enrol(1, NIK(1), "BUDI");
    enrol(2, NIK(2), "BUDI");
    enter(1, false);
    nothing();
}

Test(self_audit, also_a_wage_worker) {
    enrol(1, NIK(1), "BUDI");
    enrol(2, NIK(2), "BUDI");
    struct record record = change_of(2, CHANGE_SWITCH_SEGMENT, calendar_day(2026, 11, 5));
    record.after.segment = SEGMENT_PPU_BU;
    take(&record);
    enter(1, false);
    judge();
    cr_assert_eq(count, 1);
    cr_assert_eq(findings[0].finding, FINDING_ALSO_PPU);
    cr_assert_eq(findings[0].other_member_id, 2);
    become(2, CHANGE_DEATH, calendar_day(2026, 11, 6), STATUS_DECEASED);
    enter(1, false);
    nothing();
}

Test(self_audit, a_nik_that_can_not_be) {
    enrol(1, NIK(0), "BUDI");
    enter(1, false);
    only(FINDING_NIK_INVALID, 1, 1);
}

Test(self_audit, a_roster_without_identities_is_judged_by_the_journals) {
    struct roster_entry entry = {.member_id = 1, .segment = SEGMENT_PBPU_PEMDA, .care_class = 3};
    enrol(1, NIK(1), "BUDI");
    self_audit_entry(audit, &entry);
    nothing();
}

/* BPJS regulation 6/2018: a NIK is needed after three months. */
static void newborn(day_t born) {
    struct record record = {.member_id = 1,
                            .kind = CHANGE_BIRTH,
                            .effective_day = born,
                            .has_after = true,
                            .after = {.identity = IDENTITY_TEMPORARY | UINT64_C(5) << 32 | 1,
                                      .birth_day = born,
                                      .segment = SEGMENT_PBPU_PEMDA,
                                      .status = STATUS_ACTIVE}};
    take(&record);
}

Test(self_audit, a_temporary_id_of_three_months) {
    newborn(calendar_day(2026, 9, 25));
    enter(1, false);
    nothing();
}

Test(self_audit, a_temporary_id_for_too_long) {
    newborn(calendar_day(2026, 9, 24));
    enter(1, false);
    only(FINDING_TEMPORARY_OLD, 1, 1);
}

Test(self_audit, a_temporary_id_that_became_a_nik) {
    newborn(calendar_day(2026, 1, 24));
    struct record record = change_of(1, CHANGE_CORRECT_IDENTITY, calendar_day(2026, 3, 1));
    record.after.identity = NIK(7);
    take(&record);
    enter(1, false);
    nothing();
}

static void vulnerable(const char *approver) {
    struct record record = {.member_id = 1,
                            .kind = CHANGE_ENROL_VULNERABLE,
                            .effective_day = calendar_day(2026, 11, 1),
                            .has_after = true,
                            .approver = text_of(approver),
                            .after = {.identity = NIK(1),
                                      .segment = SEGMENT_PBPU_PEMDA,
                                      .status = STATUS_ACTIVE,
                                      .flags = MEMBER_VULNERABLE}};
    take(&record);
    enter(1, true);
}

Test(self_audit, vulnerable_and_nobody_approved) {
    vulnerable("");
    only(FINDING_VULNERABLE_UNAPPROVED, 1, 1);
}

Test(self_audit, vulnerable_and_approved) {
    vulnerable("Kepala Dinas");
    nothing();
}

static void layoff(enum proof proof, bool disputed) {
    enrol(1, NIK(1), "BUDI");
    struct record record = change_of(1, CHANGE_LAYOFF, calendar_day(2026, 11, 10));
    record.proof = (uint8_t)proof;
    record.disputed = disputed;
    record.after.flags = MEMBER_LAID_OFF | (disputed ? MEMBER_DISPUTED : 0);
    take(&record);
    enter(1, false);
}

Test(self_audit, laid_off_with_a_proof) {
    layoff(PROOF_NOTICE_RECEIPT, false);
    nothing();
}

Test(self_audit, laid_off_without_a_proof) {
    layoff(PROOF_NONE, false);
    only(FINDING_LAYOFF_UNPROVED, 1, 2);
}

Test(self_audit, laid_off_in_dispute) {
    layoff(PROOF_COURT_RULING, true);
    only(FINDING_LAYOFF_DISPUTED, 1, 2);
}

/* The record that shows it is the layoff, whatever came after. */
Test(self_audit, the_cause_is_the_layoff) {
    layoff(PROOF_NONE, false);
    become(1, CHANGE_MOVE_WITHIN, calendar_day(2026, 11, 12), STATUS_ACTIVE);
    only(FINDING_LAYOFF_UNPROVED, 1, 2);
}

Test(self_audit, refused_records_count_for_nothing) {
    enrol(1, NIK(1), "BUDI");
    struct record record = change_of(1, CHANGE_DEATH, calendar_day(2026, 11, 2));
    record.after.status = STATUS_DECEASED;
    record.refusal = REFUSAL_NIK_LENGTH;
    record.offset = ++offset;
    cr_assert_eq(self_audit_step(audit, &record, &why), RESULT_OK);
    enter(1, false);
    nothing();
}

Test(self_audit, findings_by_kind_and_member_and_then_anew) {
    enrol(1, NIK(0), "BUDI");
    enrol(2, NIK(2), "SITI");
    enrol(3, NIK(3), "AGUS");
    become(3, CHANGE_DEATH, calendar_day(2026, 11, 2), STATUS_DECEASED);
    become(2, CHANGE_DEATH, calendar_day(2026, 11, 2), STATUS_DECEASED);
    enter(3, false);
    enter(1, false);
    enter(2, false);
    judge();
    cr_assert_eq(count, 3);
    cr_assert_eq(findings[0].finding, FINDING_DECEASED);
    cr_assert_eq(findings[0].entry.member_id, 2);
    cr_assert_eq(findings[1].entry.member_id, 3);
    cr_assert_eq(findings[2].finding, FINDING_NIK_INVALID);
    nothing();
    enter(2, false);
    only(FINDING_DECEASED, 2, 5);
}

Test(self_audit, names_are_public) {
    for (int i = 0; i < FINDING_COUNT; i++)
        cr_assert_not_null(finding_name((enum finding)i));
    cr_assert_null(finding_name(FINDING_COUNT));
}
