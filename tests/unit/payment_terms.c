/* payment_terms.c - tests services/domain/payment_terms.c: working days, the 10th, holidays, the calendar's
 * end. */
#include "cakupan/payment_terms.h"

#include <criterion/criterion.h>
#include <signal.h>

static day_t day(const char *text) {
    day_t out = DAY_NONE;
    cr_assert(calendar_parse(text, 10, &out), "%s", text);
    return out;
}

static month_t month(const char *text) {
    month_t out = MONTH_NONE;
    cr_assert(calendar_parse_month(text, 7, &out), "%s", text);
    return out;
}

static struct payment_terms_row row_from(const char *valid_from, unsigned due_day, int due_month,
                                         bool moves) {
    return (struct payment_terms_row){.valid_from = day(valid_from),
                                      .due_day_of_month = (uint8_t)due_day,
                                      .due_month = (int8_t)due_month,
                                      .due_moves = moves};
}

/* Idulfitri 2026 and its shared leave, as SKB 3 Menteri 1497/2025, 2/2025, 5/2025 has them; Christmas. */
static struct payment_terms terms_2026(void) {
    static const char *const days[] = {"2026-03-18", "2026-03-19", "2026-03-20", "2026-03-21", "2026-03-22",
                                       "2026-03-23", "2026-03-24", "2026-12-24", "2026-12-25"};
    struct payment_terms terms = {.count = 1, .holidays_until = day("2026-12-31")};
    terms.rows[0] = row_from("2018-09-17", 10, 1, true);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        terms.holidays[terms.holiday_count++] = day(days[i]);
    return terms;
}

Test(payment_terms, work_is_from_monday_to_friday_but_for_holidays) {
    struct payment_terms terms = terms_2026();
    static const struct {
        const char *date;
        bool works;
    } expected[] = {
        {"1900-01-01", true}, /* the calendar's first day, a Monday */
        {"1900-01-06", false}, {"1900-01-07", false}, {"1900-01-08", true},
        {"2026-03-16", true},                         /* a Monday */
        {"2026-03-17", true},  {"2026-03-18", false}, /* shared leave before Nyepi: the list's first day */
        {"2026-03-24", false}, {"2026-03-25", true},  {"2026-12-19", false}, /* a Saturday */
        {"2026-12-20", false}, {"2026-12-23", true},  {"2026-12-24", false},
        {"2026-12-25", false}, /* the list's last day */
        {"2026-12-28", true},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_assert_eq(payment_working_day(&terms, day(expected[i].date)), expected[i].works, "%s",
                     expected[i].date);
    cr_assert_not(payment_working_day(&terms, DAY_NONE));
}

Test(payment_terms, without_holidays_only_week_ends_are_none_of_work) {
    struct payment_terms terms = {.count = 1};
    cr_assert(payment_working_day(&terms, day("2026-12-25")));
    cr_assert_not(payment_working_day(&terms, day("2026-12-26")));
}

/* Perpres 82/2018 art. 39: the 10th, or the next working day. */
Test(payment_terms, the_tenth_of_the_month_after_or_the_next_working_day) {
    struct payment_terms terms = terms_2026();
    static const struct {
        const char *billed, *due;
        unsigned due_day;
        bool provisional;
    } expected[] = {
        {"2026-08", "2026-09-10", 10, false}, /* a Thursday */
        {"2026-09", "2026-10-12", 10, false}, /* the 10th is a Saturday */
        {"2026-04", "2026-05-11", 10, false}, /* the 10th is a Sunday */
        {"2026-02", "2026-03-25", 18, false}, /* seven days none of work in a row, a week-end among them */
        {"2026-11", "2026-12-28", 24, false}, /* shared leave, Christmas, week-end */
        {"2026-12", "2027-01-11", 10, true},  /* a Sunday, in a year whose holidays are not known */
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        bool provisional = !expected[i].provisional;
        terms.rows[0].due_day_of_month = (uint8_t)expected[i].due_day;
        day_t due = payment_due(&terms, month(expected[i].billed), &provisional);
        cr_assert_eq(due, day(expected[i].due), "%s: %d", expected[i].billed, due);
        cr_assert_eq(provisional, expected[i].provisional, "%s", expected[i].billed);
        cr_assert_eq(payment_due(&terms, month(expected[i].billed), NULL), due);
    }
}

Test(payment_terms, a_due_day_is_certain_up_to_the_last_day_that_is_known) {
    struct payment_terms terms = terms_2026();
    bool provisional = true;
    terms.holidays_until = day("2026-09-10");
    cr_assert_eq(payment_due(&terms, month("2026-08"), &provisional), day("2026-09-10"));
    cr_assert_not(provisional);
    terms.holidays_until = day("2026-09-09");
    cr_assert_eq(payment_due(&terms, month("2026-08"), &provisional), day("2026-09-10"));
    cr_assert(provisional);
}

Test(payment_terms, a_day_that_does_not_move_stays_and_is_certain) {
    struct payment_terms terms = terms_2026();
    bool provisional = true;
    terms.rows[0] = row_from("2018-09-17", 10, 0, false);
    cr_assert_eq(payment_due(&terms, month("2026-10"), &provisional), day("2026-10-10"));
    cr_assert_not(provisional);
    cr_assert_eq(payment_due(&terms, month("2030-10"), &provisional), day("2030-10-10"));
    cr_assert_not(provisional, "holidays do not touch it");
}

Test(payment_terms, a_due_day_may_move_out_of_its_month_and_year) {
    struct payment_terms terms = terms_2026();
    terms.rows[0] = row_from("2018-09-17", 28, 0, true);
    terms.holidays[terms.holiday_count++] = day("2026-12-28");
    terms.holidays[terms.holiday_count++] = day("2026-12-29");
    terms.holidays[terms.holiday_count++] = day("2026-12-30");
    terms.holidays[terms.holiday_count++] = day("2026-12-31");
    terms.holidays[terms.holiday_count++] = day("2027-01-01");
    cr_assert_eq(payment_due(&terms, month("2026-12"), NULL), day("2027-01-04"));
}

Test(payment_terms, the_row_of_the_first_day_of_the_month_holds) {
    struct payment_terms terms = {.count = 3};
    terms.rows[0] = row_from("2018-09-17", 10, 1, false);
    terms.rows[1] = row_from("2026-11-01", 11, 1, false);
    terms.rows[2] = row_from("2026-12-02", 12, 1, false);
    cr_assert_eq(payment_terms_at(&terms, month("2026-10")), &terms.rows[0]);
    cr_assert_eq(payment_terms_at(&terms, month("2026-11")), &terms.rows[1]);
    cr_assert_eq(payment_terms_at(&terms, month("2026-12")), &terms.rows[1], "it began on the 2nd");
    cr_assert_eq(payment_terms_at(&terms, month("2027-01")), &terms.rows[2]);
    cr_assert_eq(payment_terms_at(&terms, month("1990-01")), &terms.rows[0],
                 "the first holds before it, too");
}

Test(payment_terms, where_the_calendar_ends_there_is_no_due_day) {
    struct payment_terms terms = {.count = 1};
    terms.rows[0] = row_from("2018-09-17", 10, 1, true);
    cr_assert_neq(payment_due(&terms, month("2079-04"), NULL), DAY_NONE);
    cr_assert_eq(payment_due(&terms, month("2079-05"), NULL), DAY_NONE, "10 June 2079 is past the last day");
    cr_assert_eq(payment_due(&terms, month("2079-06"), NULL), DAY_NONE);
}

Test(payment_terms, none_at_all_are_a_mistake_of_the_caller, .signal = SIGABRT) {
    struct payment_terms terms = {.count = 0};
    payment_terms_at(&terms, 1);
}
