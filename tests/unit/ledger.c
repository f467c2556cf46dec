/* ledger.c - tests services/domain/ledger*.c: every rule of ledger.h by a member's story, told in records
 * made by hand.
 *
 * The state is of November 2026; months are named by their distance from it. What is charged is compared
 * with a list of payer and amount per month, corrections by month and cause.
 */
#include "cakupan/ledger.h"

#include "store/city_tariff.h"

#include <criterion/criterion.h>
#include <string.h>

#define HOME   UINT32_C(3671011001) /* kecamatan 367101 */
#define BESIDE UINT32_C(3671011002) /* same kecamatan   */
#define AWAY   UINT32_C(3671021001) /* kecamatan 367102 */
#define NIK    UINT64_C(3671010101900001)

static struct tariff tariff;
static struct region_table regions;
static struct ledger *ledger;
static month_t november;
static struct member now; /* the member of the story, as last recorded */
static uint64_t offset, last_offset;
static struct charge charges[256];
static uint32_t charge_count;
static struct ledger_sums sums;
static struct failure why;

static void collect(void *context, const struct charge *charge) {
    (void)context;
    cr_assert_lt(charge_count, 256);
    charges[charge_count++] = *charge;
}

static void start(void) {
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    regions = (struct region_table){.city_code = 3671, .population = 3};
    cr_assert(region_table_add(&regions, HOME, "Sukarasa", "Tangerang", 1));
    cr_assert(region_table_add(&regions, BESIDE, "Sukajadi", "Tangerang", 1));
    cr_assert(region_table_add(&regions, AWAY, "Keroncong", "Jatiuwung", 1));
    november = calendar_month(calendar_day(2026, 11, 1));
    ledger = ledger_new(&regions, &tariff, november);
}

static void stop(void) {
    cr_assert_eq(ledger_trial_balance(ledger), 0);
    ledger_destroy(&ledger);
    cr_assert_null(ledger);
}

TestSuite(ledger, .init = start, .fini = stop);

/* The `day_of_month` of the month that is `months` after November. */
static day_t day(int months, int day_of_month) {
    return (day_t)(calendar_first_day((month_t)(november + months)) + day_of_month - 1);
}

static enum result take(struct record *record) {
    record->offset = ++offset;
    return ledger_step(ledger, record, collect, NULL, &why);
}

/* The member's first record: in a segment, owed from the month `months` after November. */
static void enrol(enum segment segment, uint8_t care_class, uint32_t wage, int months) {
    now = (struct member){.identity = NIK,
                          .wage_rupiah = wage,
                          .kelurahan = HOME,
                          .payer_month = (month_t)(november + months),
                          .segment = (uint8_t)segment,
                          .status = STATUS_ACTIVE,
                          .care_class = care_class & 3};
    struct record record = {.member_id = 1,
                            .kind = CHANGE_ENROL,
                            .effective_day = day(months, 1),
                            .has_after = true,
                            .after = now};
    cr_assert_eq(take(&record), RESULT_OK, "%s", why.sentence);
    last_offset = offset;
}

/* The member's next record. */
static void change(enum change kind, day_t effective_day, struct member after) {
    struct record record = {.member_id = 1,
                            .previous_offset = last_offset,
                            .kind = (uint8_t)kind,
                            .effective_day = effective_day,
                            .has_before = true,
                            .has_after = true,
                            .before = now,
                            .after = after};
    cr_assert_eq(take(&record), RESULT_OK, "%s", why.sentence);
    now = after;
    last_offset = offset;
}

static void set_status(enum change kind, day_t effective_day, enum status status) {
    struct member after = now;
    after.status = (uint8_t)status;
    change(kind, effective_day, after);
}

static struct member in_segment(enum segment segment, uint8_t care_class, uint32_t wage, int months) {
    struct member after = now;
    after.segment = (uint8_t)segment;
    after.care_class = care_class & 3;
    after.wage_rupiah = wage;
    after.payer_month = (month_t)(november + months);
    after.status = STATUS_ACTIVE;
    return after;
}

static void close_months(int count) {
    for (int i = 0; i < count; i++)
        cr_assert_eq(ledger_close(ledger, ledger_open_month(ledger), &sums, collect, NULL, &why), RESULT_OK);
}

/* One expected charge: months after November, cause, payer, amount. */
struct expected {
    int month;
    enum charge_cause cause;
    enum payer payer;
    int64_t amount;
};

static void check(unsigned line, const struct expected *expected, uint32_t count) {
    for (uint32_t i = 0; i < count && i < charge_count; i++) {
        const struct charge *c = &charges[i];
        const struct expected *e = &expected[i];
        cr_assert(c->month == november + e->month && c->cause == e->cause && c->payer == e->payer &&
                      c->amount_rupiah == e->amount,
                  "line %u, charge %u: month +%d %s %s %lld, not +%d %s %s %lld", line, i,
                  c->month - november, charge_cause_name(c->cause), payer_name(c->payer),
                  (long long)c->amount_rupiah, e->month, charge_cause_name(e->cause), payer_name(e->payer),
                  (long long)e->amount);
    }
    cr_assert_eq(charge_count, count, "line %u: %u charges, not %u", line, charge_count, count);
    charge_count = 0;
}
#define CHARGED(...)                                                                                         \
    check(__LINE__, (const struct expected[]){__VA_ARGS__},                                                  \
          sizeof((const struct expected[]){__VA_ARGS__}) / sizeof(struct expected))
#define NOTHING() check(__LINE__, NULL, 0)
#define CITY(month, cause, sign)                                                                             \
    {month, cause, PAYER_CENTRE, sign 4200}, {month, cause, PAYER_CITY_IURAN, sign 35000}, {                 \
        month, cause, PAYER_CITY_BANTUAN, sign 2800                                                          \
    }
#define WORK(month, cause, sign)                                                                             \
    {month, cause, PAYER_EMPLOYER, sign 320000}, {                                                           \
        month, cause, PAYER_WORKER, sign 80000                                                               \
    }

/* BPK audits of Bima 2023 and Sidoarjo 2023: two budget lines. Before the state's first month nothing is
 * charged. */
Test(ledger, a_member_is_charged_from_the_first_month_on) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, -13);
    NOTHING();
    close_months(2);
    CHARGED(CITY(0, CHARGE_MONTH, +), CITY(1, CHARGE_MONTH, +));
    cr_assert_eq(ledger_account(ledger, PAYER_CITY_IURAN), 70000);
    cr_assert_eq(ledger_account(ledger, PAYER_CITY_BANTUAN), 5600);
    cr_assert_eq(ledger_account(ledger, PAYER_CENTRE), 8400);
    cr_assert_eq(ledger_account(ledger, PAYER_MEMBER), 0);
}

/* Submission cut-off: enrollment decides the first month that is owed. */
Test(ledger, a_member_owes_from_the_payers_month_on) {
    enrol(SEGMENT_PBPU, 1, 0, 2);
    close_months(3);
    CHARGED({2, CHARGE_MONTH, PAYER_MEMBER, 150000});
}

/* Perpres 64/2020, PMK 78/2020: the subsidies of class III are for active members only. */
Test(ledger, suspension_ends_with_the_month_and_resumption_begins_with_the_next) {
    enrol(SEGMENT_PBPU, 3, 0, 0);
    set_status(CHANGE_SUSPEND, day(0, 20), STATUS_SUSPENDED);
    close_months(2);
    CHARGED({0, CHARGE_MONTH, PAYER_CENTRE, 4200}, {0, CHARGE_MONTH, PAYER_CITY_BANTUAN, 2800},
            {0, CHARGE_MONTH, PAYER_MEMBER, 35000});
    set_status(CHANGE_RESUME, day(2, 1), STATUS_ACTIVE);
    close_months(2);
    CHARGED({3, CHARGE_MONTH, PAYER_CENTRE, 4200}, {3, CHARGE_MONTH, PAYER_CITY_BANTUAN, 2800},
            {3, CHARGE_MONTH, PAYER_MEMBER, 35000});
}

/* Auditors find premiums paid for the dead: the months after the month of death are taken back. */
Test(ledger, a_death_learnt_late_is_reversed) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    close_months(3);
    charge_count = 0;
    set_status(CHANGE_DEATH, day(0, 30), STATUS_DECEASED);
    CHARGED(CITY(1, CHARGE_REVERSAL, -), CITY(2, CHARGE_REVERSAL, -));
    cr_assert_eq(charges[0].cause_offset, last_offset);
    cr_assert_eq(charges[0].invoice_month, november + 3);
    close_months(2);
    NOTHING();
    cr_assert_eq(ledger_account(ledger, PAYER_CITY_IURAN), 35000);
}

/* The same by a NIK that was not the dead person's: undone by new postings that name the undoing. */
Test(ledger, a_wrong_death_is_charged_again) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    close_months(3);
    set_status(CHANGE_DEATH, day(0, 30), STATUS_DECEASED);
    close_months(1);
    charge_count = 0;
    set_status(CHANGE_RESUME, day(0, 30), STATUS_ACTIVE);
    CHARGED(CITY(1, CHARGE_BACK, ), CITY(2, CHARGE_BACK, ), CITY(3, CHARGE_BACK, ));
    cr_assert_eq(charges[0].cause_offset, last_offset);
    cr_assert_eq(charges[0].invoice_month, november + 4);
    cr_assert_eq(ledger_account(ledger, PAYER_CITY_IURAN), 4 * 35000);
}

Test(ledger, who_moved_out_and_returns_is_charged_again) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    set_status(CHANGE_MOVE_OUT, day(0, 2), STATUS_MOVED_OUT);
    close_months(2);
    CHARGED(CITY(0, CHARGE_MONTH, +));
    change(CHANGE_MOVE_IN, day(2, 5), in_segment(SEGMENT_PBPU_PEMDA, 3, 0, 3));
    close_months(2);
    CHARGED(CITY(3, CHARGE_MONTH, +));
}

/* Seed article of 2024-05-29: the city pays automatically, by default from the next month. */
Test(ledger, a_layoff_learnt_late_moves_the_months_from_the_employer_to_the_city) {
    enrol(SEGMENT_PPU_BU, 1, 8000000, 0);
    close_months(2);
    CHARGED(WORK(0, CHARGE_MONTH, +), WORK(1, CHARGE_MONTH, +));
    change(CHANGE_LAYOFF, day(0, 10), in_segment(SEGMENT_PBPU_PEMDA, 3, 0, 1));
    CHARGED(WORK(1, CHARGE_REVERSAL, -), CITY(1, CHARGE_BACK, +));
    close_months(1);
    CHARGED(CITY(2, CHARGE_MONTH, +));
}

/* What a layoff of today will cost is seen today, in the month after the open one. */
Test(ledger, a_layoff_shows_in_the_next_months_sums_at_once) {
    enrol(SEGMENT_PPU_BU, 1, 8000000, 0);
    cr_assert_eq(ledger_sums_total(ledger_projected_next(ledger), PAYER_EMPLOYER).people, 1);
    change(CHANGE_LAYOFF, day(0, 10), in_segment(SEGMENT_PBPU_PEMDA, 3, 0, 1));
    cr_assert_eq(ledger_sums_total(ledger_projected(ledger), PAYER_EMPLOYER).people, 1);
    cr_assert_eq(ledger_sums_total(ledger_projected_next(ledger), PAYER_EMPLOYER).people, 0);
    cr_assert_eq(ledger_sums_total(ledger_projected_next(ledger), PAYER_CITY_IURAN).amount_rupiah, 35000);
    cr_assert_eq(ledger_sums_total(ledger_projected_next(ledger), PAYER_CITY_BANTUAN).amount_rupiah, 2800);
    close_months(1);
    CHARGED(WORK(0, CHARGE_MONTH, +));
    cr_assert_eq(ledger_sums_total(ledger_projected(ledger), PAYER_CITY_IURAN).amount_rupiah, 35000);
    cr_assert_eq(ledger_sums_total(ledger_projected_next(ledger), PAYER_CITY_IURAN).amount_rupiah, 35000);
    set_status(CHANGE_DEATH, day(1, 3), STATUS_DECEASED);
    cr_assert_eq(ledger_sums_total(ledger_projected_next(ledger), PAYER_CITY_IURAN).people, 0);
    cr_assert_eq(ledger_sums_total(ledger_projected(ledger), PAYER_CITY_IURAN).people, 1);
}

/* Perpres 82/2018 art. 27(1): months without premium; then the city. */
Test(ledger, grace_costs_nobody_anything) {
    enrol(SEGMENT_PPU_BU, 1, 8000000, 0);
    struct member after = now;
    after.status = STATUS_GRACE;
    after.due_day = day(3, 10);
    change(CHANGE_LAYOFF, day(0, 10), after);
    close_months(3);
    CHARGED(WORK(0, CHARGE_MONTH, +));
    cr_assert_eq(ledger_preview(ledger, (month_t)(november + 3), &sums, NULL, NULL, &why), RESULT_OK);
    cr_assert_eq(ledger_sums_total(&sums, PAYER_CITY_IURAN).people, 0);
    cr_assert_eq(ledger_preview(ledger, (month_t)(november + 4), &sums, NULL, NULL, &why), RESULT_OK);
    cr_assert_eq(ledger_sums_total(&sums, PAYER_CITY_IURAN).people, 1, "the forecast knows that grace ends");
    change(CHANGE_GRACE_ENDED, day(3, 10), in_segment(SEGMENT_PBPU_PEMDA, 3, 0, 4));
    close_months(2);
    CHARGED(CITY(4, CHARGE_MONTH, +));
}

/* Grace that ran out while the member lived elsewhere ends after the return: the months away stay free. */
Test(ledger, grace_that_ended_elsewhere_is_charged_from_the_return) {
    enrol(SEGMENT_PPU_BU, 1, 8000000, 0);
    struct member after = now;
    after.status = STATUS_GRACE;
    after.due_day = day(2, 10);
    change(CHANGE_LAYOFF, day(0, 10), after);
    set_status(CHANGE_MOVE_OUT, day(1, 10), STATUS_MOVED_OUT);
    close_months(5);
    CHARGED(WORK(0, CHARGE_MONTH, +));
    after = now;
    after.status = STATUS_GRACE;
    after.payer_month = (month_t)(november + 6);
    change(CHANGE_MOVE_IN, day(5, 1), after);
    change(CHANGE_GRACE_ENDED, day(2, 10), in_segment(SEGMENT_PBPU_PEMDA, 3, 0, 3));
    NOTHING();
    close_months(2);
    CHARGED(CITY(6, CHARGE_MONTH, +));
}

/* Perpres 82/2018 art. 27(4): both sides go on paying. */
Test(ledger, a_disputed_layoff_changes_nothing) {
    enrol(SEGMENT_PPU_BU, 1, 8000000, 0);
    struct member after = now;
    after.flags |= MEMBER_DISPUTED;
    uint64_t projected = (uint64_t)ledger_sums_total(ledger_projected(ledger), PAYER_EMPLOYER).amount_rupiah;
    change(CHANGE_LAYOFF, day(0, 10), after);
    cr_assert_eq((uint64_t)ledger_sums_total(ledger_projected(ledger), PAYER_EMPLOYER).amount_rupiah,
                 projected);
    close_months(2);
    CHARGED(WORK(0, CHARGE_MONTH, +), WORK(1, CHARGE_MONTH, +));
}

/* Labour office's need: the city stops paying when the worker is PPU again. */
Test(ledger, a_rehire_stops_the_citys_payment) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    close_months(2);
    charge_count = 0;
    change(CHANGE_REHIRE, day(0, 15), in_segment(SEGMENT_PPU_BU, 1, 8000000, 1));
    CHARGED(CITY(1, CHARGE_REVERSAL, -), WORK(1, CHARGE_BACK, +));
}

/* Perpres 82/2018 art. 16: registered after 28 days, the premium goes back to birth; never to before the
 * state. */
Test(ledger, a_late_newborn_owes_from_birth) {
    close_months(3);
    struct member baby = {.identity = IDENTITY_TEMPORARY | 7,
                          .kelurahan = HOME,
                          .payer_month = (month_t)(november + 1),
                          .segment = SEGMENT_PBI_JK,
                          .status = STATUS_ACTIVE,
                          .care_class = 3};
    struct record record = {
        .member_id = 9, .kind = CHANGE_BIRTH, .effective_day = day(1, 3), .has_after = true, .after = baby};
    cr_assert_eq(take(&record), RESULT_OK);
    CHARGED({1, CHARGE_BACK, PAYER_CENTRE, 42000}, {2, CHARGE_BACK, PAYER_CENTRE, 42000});
    record.member_id = 10;
    record.after.identity++;
    record.after.payer_month = (month_t)(november - 3);
    cr_assert_eq(take(&record), RESULT_OK);
    CHARGED({0, CHARGE_BACK, PAYER_CENTRE, 42000}, {1, CHARGE_BACK, PAYER_CENTRE, 42000},
            {2, CHARGE_BACK, PAYER_CENTRE, 42000});
}

/* Auditors' classic: the same person paid for twice. The duplicate never owed anything. */
Test(ledger, a_merged_duplicate_owes_nothing_from_the_beginning) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    close_months(2);
    charge_count = 0;
    set_status(CHANGE_MERGE, day(2, 9), STATUS_MERGED);
    CHARGED(CITY(0, CHARGE_REVERSAL, -), CITY(1, CHARGE_REVERSAL, -));
    cr_assert_eq(ledger_account(ledger, PAYER_CITY_IURAN), 0);
}

Test(ledger, a_move_counts_by_kecamatan_from_the_month_after) {
    enrol(SEGMENT_PBI_JK, 3, 0, 0);
    close_months(2);
    charge_count = 0;
    struct member after = now;
    after.kelurahan = BESIDE;
    change(CHANGE_MOVE_WITHIN, day(0, 5), after);
    NOTHING(); /* within one kecamatan no line of an invoice changes */
    after.kelurahan = AWAY;
    change(CHANGE_MOVE_WITHIN, day(0, 5), after);
    cr_assert_eq(charges[0].kecamatan, 367101);
    cr_assert_eq(charges[1].kecamatan, 367102);
    CHARGED({1, CHARGE_REVERSAL, PAYER_CENTRE, -42000}, {1, CHARGE_BACK, PAYER_CENTRE, 42000});
}

/* A move is no reason to forget the segment that begins next month. */
Test(ledger, a_move_leaves_a_coming_switch_alone) {
    enrol(SEGMENT_PBPU, 2, 0, 0);
    change(CHANGE_SWITCH_SEGMENT, day(0, 25), in_segment(SEGMENT_PBPU_PEMDA, 3, 0, 2));
    struct member after = now;
    after.kelurahan = AWAY;
    change(CHANGE_MOVE_WITHIN, day(0, 26), after);
    close_months(3);
    cr_assert_eq(charges[0].kecamatan, 367101);
    cr_assert_eq(charges[1].kecamatan, 367102);
    CHARGED({0, CHARGE_MONTH, PAYER_MEMBER, 100000}, {1, CHARGE_MONTH, PAYER_MEMBER, 100000},
            CITY(2, CHARGE_MONTH, +));
}

Test(ledger, a_corrected_identity_costs_nothing) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    close_months(1);
    charge_count = 0;
    struct member after = now;
    after.identity = NIK + 1;
    change(CHANGE_CORRECT_IDENTITY, day(0, 5), after);
    NOTHING();
}

/* Undo of a wrong correction is again a posting. */
Test(ledger, a_correction_undone_is_posted_again) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    close_months(2);
    charge_count = 0;
    set_status(CHANGE_SUSPEND, day(0, 5), STATUS_SUSPENDED);
    CHARGED(CITY(1, CHARGE_REVERSAL, -));
    set_status(CHANGE_RESUME, day(0, 5), STATUS_ACTIVE);
    CHARGED(CITY(1, CHARGE_BACK, +));
    cr_assert_eq(ledger_sums_total(ledger_projected(ledger), PAYER_CITY_IURAN).corrections, 2);
    cr_assert_eq(ledger_sums_total(ledger_projected(ledger), PAYER_CITY_IURAN).corrections_rupiah, 0);
    close_months(1);
    cr_assert_eq(ledger_sums_total(&sums, PAYER_CITY_IURAN).corrections, 2);
    cr_assert_eq(ledger_sums_total(ledger_projected(ledger), PAYER_CITY_IURAN).corrections, 0);
}

/* Vulnerable people without the local card are on a budget of their own. */
Test(ledger, vulnerable_people_are_summed_apart) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    struct record record = {.member_id = 2,
                            .kind = CHANGE_ENROL_VULNERABLE,
                            .effective_day = day(0, 1),
                            .has_after = true,
                            .after = now};
    record.after.flags = MEMBER_VULNERABLE;
    record.after.identity++;
    cr_assert_eq(take(&record), RESULT_OK);
    close_months(1);
    cr_assert_eq(ledger_sums_total(&sums, PAYER_CITY_IURAN).amount_rupiah, 70000);
    cr_assert_eq(sums.vulnerable[PAYER_CITY_IURAN].amount_rupiah, 35000);
    cr_assert_eq(sums.vulnerable[PAYER_CITY_IURAN].people, 1);
    cr_assert(!charges[0].vulnerable && charges[3].vulnerable);
}

Test(ledger, a_tariff_changed_backwards_is_charged_by_difference) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    close_months(2);
    charge_count = 0;
    struct tariff dearer = tariff;
    for (uint16_t i = 0; i < dearer.count; i++)
        if (dearer.rows[i].segment == SEGMENT_PBPU_PEMDA && dearer.rows[i].valid_to == DAY_NONE) {
            dearer.rows[dearer.count] = dearer.rows[i];
            dearer.rows[dearer.count].valid_from = day(1, 1);
            dearer.rows[dearer.count++].share[PAYER_CITY_IURAN] = 36000;
            dearer.rows[i].valid_to = day(0, 30);
            break;
        }
    ledger_retariff(ledger, &dearer, 77, collect, NULL);
    cr_assert_eq(charges[0].cause_offset, 77);
    CHARGED({1, CHARGE_TARIFF, PAYER_CITY_IURAN, 1000});
    cr_assert_eq(ledger_sums_total(ledger_projected(ledger), PAYER_CITY_IURAN).amount_rupiah, 36000);
    ledger_retariff(ledger, &tariff, 78, collect, NULL);
    CHARGED({1, CHARGE_TARIFF, PAYER_CITY_IURAN, -1000});
}

Test(ledger, months_are_closed_once_and_in_order) {
    enrol(SEGMENT_PBI_JK, 3, 0, 0);
    uint64_t digest = ledger_digest(ledger);
    cr_assert_eq(ledger_close(ledger, (month_t)(november + 1), &sums, NULL, NULL, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_MONTH_NOT_OPEN");
    cr_assert_not_null(strstr(why.sentence, "2026-12"));
    cr_assert_eq(ledger_close(ledger, (month_t)(november - 1), &sums, NULL, NULL, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_MONTH_BEFORE_STATE");
    cr_assert_eq(ledger_digest(ledger), digest);
    close_months(1);
    cr_assert_eq(ledger_close(ledger, november, &sums, NULL, NULL, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_MONTH_CLOSED");
    cr_assert_eq(ledger_preview(ledger, november, &sums, NULL, NULL, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_MONTH_CLOSED");
}

static void count_roster(void *context, const struct roster_entry *entry) {
    struct roster_entry *last = context;
    cr_assert_gt(entry->member_id, last->member_id);
    *last = *entry;
}

Test(ledger, the_roster_lists_whom_the_city_pays_for) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    struct roster_entry entry = {0};
    ledger_roster(ledger, november, count_roster, &entry);
    cr_assert(entry.member_id == 1 && entry.identity == NIK && entry.kelurahan == HOME);
    cr_assert(entry.amount_rupiah == 37800 && entry.cause_offset == 1 && !entry.vulnerable);
    change(CHANGE_SWITCH_SEGMENT, day(0, 3), in_segment(SEGMENT_PBPU, 3, 0, 1));
    entry = (struct roster_entry){0};
    ledger_roster(ledger, (month_t)(november + 1), count_roster, &entry);
    cr_assert(entry.amount_rupiah == 2800 && entry.segment == SEGMENT_PBPU && entry.cause_offset == 2);
    change(CHANGE_SWITCH_SEGMENT, day(0, 4), in_segment(SEGMENT_PBI_JK, 3, 0, 1));
    entry = (struct roster_entry){0};
    ledger_roster(ledger, (month_t)(november + 1), count_roster, &entry);
    cr_assert_eq(entry.member_id, 0);
}

/* A record that contradicts is refused whole. */
Test(ledger, a_contradiction_changes_nothing) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    const struct record good = {.offset = 5,
                                .member_id = 1,
                                .previous_offset = 1,
                                .kind = CHANGE_DEATH,
                                .effective_day = day(0, 5),
                                .has_before = true,
                                .has_after = true,
                                .before = now,
                                .after = now};
    struct record bad[14];
    for (size_t i = 0; i < 14; i++)
        bad[i] = good;
    bad[0].offset = 1;
    bad[1].member_id = 2;
    bad[2].previous_offset = 0;
    bad[3].before.identity++;
    bad[4].before.segment = SEGMENT_PBI_JK;
    bad[5].before.status = STATUS_SUSPENDED;
    bad[6].before.kelurahan = AWAY;
    bad[7].before.wage_rupiah = 1;
    bad[8].has_after = false;
    bad[9].after.segment = SEGMENT_COUNT;
    bad[10].after.status = STATUS_COUNT;
    bad[11].effective_day = DAY_NONE;
    bad[12].has_before = false; /* a new member with a known number */
    bad[13].has_before = false;
    bad[13].previous_offset = 0;
    bad[13].member_id = 2; /* nobody joins by dying */
    uint64_t digest = ledger_digest(ledger);
    for (size_t i = 0; i < 14; i++) {
        cr_assert_eq(ledger_step(ledger, &bad[i], collect, NULL, &why), RESULT_CORRUPT, "%zu", i);
        cr_assert_str_eq(why.code, "LEDGER_CONTRADICTS");
        cr_assert_eq(ledger_digest(ledger), digest, "%zu", i);
    }
    cr_assert_eq(ledger_step(ledger, &good, collect, NULL, &why), RESULT_OK, "%s", why.sentence);
}

Test(ledger, refused_records_and_days_change_nothing_but_the_offset) {
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    struct record refused = {.kind = CHANGE_DEATH, .member_id = 1, .refusal = REFUSAL_MEMBER_DECEASED};
    struct record today = {.kind = CHANGE_DAY, .effective_day = day(0, 9)};
    cr_assert_eq(take(&refused), RESULT_OK);
    cr_assert_eq(take(&today), RESULT_OK);
    cr_assert_eq(ledger_last_offset(ledger), 3);
    cr_assert_eq(ledger_sums_total(ledger_projected(ledger), PAYER_CITY_IURAN).people, 1);
    NOTHING();
}

/* Sums of partitions are added; amounts that would overflow stop the process. */
Test(ledger, sums_add_up) {
    static struct ledger_sums other;
    enrol(SEGMENT_PBPU_PEMDA, 3, 0, 0);
    close_months(1);
    ledger_sums_add(&other, &sums);
    ledger_sums_add(&other, &sums);
    cr_assert_eq(ledger_sums_total(&other, PAYER_CITY_IURAN).amount_rupiah, 70000);
    cr_assert_eq(ledger_sums_total(&other, PAYER_CITY_IURAN).people, 2);
}

Test(ledger, an_overflow_aborts, .signal = 6) {
    sums.line[1][1][1][1].amount_rupiah = INT64_MAX;
    static struct ledger_sums other;
    other.line[1][1][1][1].amount_rupiah = 1;
    ledger_sums_add(&other, &sums);
}
