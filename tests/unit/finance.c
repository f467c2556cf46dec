/* finance.c - tests services/domain/finance.c and finance_decide.c: months in order, the cut-off day,
 * payments once by their SP2D number, their reversals, arrears, ceilings, parked failures, and that nothing
 * contradictory is taken. */
#include "cakupan/finance.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define IURAN_RUPIAH   INT64_C(13425545000) /* 383,587 x 35,000 */
#define BANTUAN_RUPIAH INT64_C(1074043600)  /* 383,587 x  2,800 */

static struct payment_terms terms;
static struct policy policy;
static struct finance *finance;
static uint64_t sequence;
static struct failure why;

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

static void start(void) {
    terms = (struct payment_terms){.count = 1, .holidays_until = day("2026-12-31")};
    terms.rows[0] = (struct payment_terms_row){
        .valid_from = day("2018-09-17"), .due_day_of_month = 10, .due_month = 1, .due_moves = true};
    policy = (struct policy){.count = 1, .rows = {{.valid_from = 100, .cut_off_day = 19}}};
    finance = finance_new(&terms, &policy);
    sequence = 0;
}
static void stop(void) {
    finance_destroy(&finance);
    cr_assert_null(finance);
    finance_destroy(&finance);
}
TestSuite(finance, .init = start, .fini = stop);

static enum result apply(struct decision decision) {
    decision.sequence = ++sequence;
    why = (struct failure){0};
    return finance_apply(finance, &decision, &why);
}

static void begin(const char *first) {
    cr_assert_eq(apply((struct decision){.kind = DECISION_BEGUN, .month = month(first)}), RESULT_OK);
}

static enum result invoice(const char *text, int64_t iuran, int64_t bantuan) {
    return apply((struct decision){
        .kind = DECISION_INVOICE,
        .month = month(text),
        .offset = 1000 + sequence,
        .due_day = finance_due(finance, month(text), NULL),
        .amount_rupiah = {[PAYER_CENTRE] = 7, [PAYER_CITY_IURAN] = iuran, [PAYER_CITY_BANTUAN] = bantuan}});
}

/* November and December 2026 closed, as the baseline has them. */
static void two_months(void) {
    begin("2026-11");
    cr_assert_eq(invoice("2026-11", IURAN_RUPIAH, BANTUAN_RUPIAH), RESULT_OK);
    cr_assert_eq(invoice("2026-12", IURAN_RUPIAH, BANTUAN_RUPIAH), RESULT_OK);
}

static enum result decide_close(const char *text, const char *today, bool *closed) {
    why = (struct failure){0};
    return finance_decide_close(finance, month(text), day(today), closed, &why);
}

Test(finance, before_the_state_has_begun_there_is_nothing) {
    struct finance_month out;
    struct decision decision;
    bool flag;
    uint32_t months = 7;
    int64_t none[PAYER_COUNT] = {0};
    struct payment_ask ask = {.month = month("2026-11"), .whole_rupiah = 1, .sp2d = "1"};
    cr_assert_eq(finance_first_month(finance), MONTH_NONE);
    cr_assert_eq(finance_open_month(finance), MONTH_NONE);
    cr_assert_not(finance_month(finance, month("2026-11"), 1, &out));
    cr_assert_not(finance_month(finance, MONTH_NONE, 1, &out));
    cr_assert_eq(finance_arrears(finance, UINT16_MAX, &months), 0);
    cr_assert_eq(months, 0);
    cr_assert_eq(decide_close("2026-11", "2026-11-25", &flag), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "BILLING_NOT_BEGUN");
    cr_assert_eq(finance_decide_payment(finance, &ask, 60000, &decision, &flag, &why), RESULT_AGAIN);
    cr_assert_eq(finance_decide_budget(finance, 2026, none, &decision, &why), RESULT_AGAIN);
    cr_assert_eq(invoice("2026-11", 1, 1), RESULT_CORRUPT);
}

Test(finance, months_close_in_order_each_from_its_cut_off_day_on) {
    static const struct {
        const char *month, *today;
        enum result result;
        const char *code;
    } expected[] = {
        {"2026-10", "2026-11-25", RESULT_INVALID, "BILL_MONTH_BEFORE_STATE"},
        {"2026-11", "2026-11-01", RESULT_CONFLICT, "BILL_TOO_EARLY"},
        {"2026-11", "2026-11-18", RESULT_CONFLICT, "BILL_TOO_EARLY"},
        {"2026-11", "2026-11-19", RESULT_OK, ""},
        {"2026-11", "2026-11-30", RESULT_OK, ""},
        {"2026-11", "2027-08-01", RESULT_OK, ""}, /* late is no reason */
        {"2026-12", "2026-12-25", RESULT_CONFLICT, "BILL_MONTH_NOT_OPEN"},
        {"2027-01", "2027-08-01", RESULT_CONFLICT, "BILL_MONTH_NOT_OPEN"},
    };
    begin("2026-11");
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        bool closed = true;
        cr_assert_eq(decide_close(expected[i].month, expected[i].today, &closed), expected[i].result, "%s %s",
                     expected[i].month, expected[i].today);
        cr_assert_str_eq(why.code, expected[i].code);
        cr_assert_not(closed);
    }
    bool closed = false;
    cr_assert_eq(invoice("2026-11", 1, 1), RESULT_OK);
    cr_assert_eq(decide_close("2026-11", "2026-11-01", &closed), RESULT_OK, "again, whatever the day");
    cr_assert(closed);
    cr_assert_eq(decide_close("2026-12", "2026-12-18", &closed), RESULT_CONFLICT);
    cr_assert_not(closed);
    cr_assert_not_null(strstr(why.sentence, "2026-12-19"), "the first day is named: %s", why.sentence);
    cr_assert_eq(decide_close("2026-12", "2026-12-25", &closed), RESULT_OK);
}

Test(finance, the_terms_may_name_another_day_to_close_from) {
    bool closed;
    terms.rows[0].close_from_day = 28;
    begin("2027-02");
    cr_assert_eq(decide_close("2027-02", "2027-02-27", &closed), RESULT_CONFLICT);
    cr_assert_eq(decide_close("2027-02", "2027-02-28", &closed), RESULT_OK);
}

Test(finance, the_policy_of_the_months_first_day_has_the_cut_off) {
    bool closed;
    policy.count = 2;
    policy.rows[1] = (struct policy_row){.valid_from = day("2026-11-02"), .cut_off_day = 5};
    begin("2026-11");
    cr_assert_eq(decide_close("2026-11", "2026-11-18", &closed), RESULT_CONFLICT);
    cr_assert_eq(invoice("2026-11", 1, 1), RESULT_OK);
    cr_assert_eq(decide_close("2026-12", "2026-12-04", &closed), RESULT_CONFLICT);
    cr_assert_eq(decide_close("2026-12", "2026-12-05", &closed), RESULT_OK);
}

Test(finance, where_the_calendar_ends_nothing_can_be_closed) {
    bool closed;
    begin("2079-06"); /* it has five days */
    cr_assert_eq(decide_close("2079-06", "2079-06-05", &closed), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_TOO_EARLY");
}

Test(finance, a_parked_failure_of_the_month_or_of_none_stops_its_close) {
    static struct decision parked[FINANCE_FAILURES_MAX];
    struct decision failure = {.kind = DECISION_FAILED, .failure_id = 41, .code = "FEED_FOREIGN"};
    bool closed;
    begin("2026-11");
    snprintf(failure.sentence, sizeof failure.sentence, "The feed is another city's.");
    cr_assert_eq(apply(failure), RESULT_OK);
    cr_assert_eq(apply(failure), RESULT_CORRUPT, "one number, one failure");
    failure.failure_id = 42;
    failure.month = month("2026-12");
    cr_assert_eq(apply(failure), RESULT_OK);
    cr_assert_eq(decide_close("2026-11", "2026-11-25", &closed), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_FAILURE_PARKED");
    cr_assert_not_null(strstr(why.sentence, "41"));
    cr_assert_not_null(strstr(why.sentence, "another city's"));
    cr_assert_eq(finance_failures(finance, parked), 2);
    cr_assert_eq(parked[0].failure_id, 41);
    cr_assert_eq(parked[1].month, month("2026-12"));
    cr_assert_eq(apply((struct decision){.kind = DECISION_SETTLED, .failure_id = 41}), RESULT_OK);
    cr_assert_eq(decide_close("2026-11", "2026-11-25", &closed), RESULT_OK, "42 is of another month");
    cr_assert_null(finance_failure(finance, 41));
    cr_assert_eq(finance_failure(finance, 42)->failure_id, 42);
    cr_assert_eq(apply((struct decision){.kind = DECISION_SETTLED, .failure_id = 41}), RESULT_OK, "again");
    cr_assert_eq(finance_failures(finance, NULL), 1);
    cr_assert_eq(apply((struct decision){.kind = DECISION_FAILED}), RESULT_CORRUPT, "no number");
}

Test(finance, more_failures_than_are_shown_are_counted) {
    static struct decision parked[FINANCE_FAILURES_MAX];
    for (uint64_t id = 1; id <= FINANCE_FAILURES_MAX + 5; id++)
        cr_assert_eq(apply((struct decision){.kind = DECISION_FAILED, .failure_id = id}), RESULT_OK);
    cr_assert_eq(finance_failures(finance, parked), FINANCE_FAILURES_MAX + 5);
    cr_assert_eq(parked[0].failure_id, 1);
    cr_assert_eq(parked[FINANCE_FAILURES_MAX - 1].failure_id, FINANCE_FAILURES_MAX);
}

/* -- payments -- */

static struct decision decided;
static bool repeated;

static enum result pay_on(const char *text, int64_t whole, const char *sp2d, const char *date,
                          const char *today) {
    struct payment_ask ask = {
        .month = month(text), .whole_rupiah = whole, .sp2d = sp2d, .day = date ? day(date) : DAY_NONE};
    why = (struct failure){0};
    return finance_decide_payment(finance, &ask, day(today), &decided, &repeated, &why);
}

static enum result pay(const char *text, int64_t whole, const char *sp2d) {
    enum result result = pay_on(text, whole, sp2d, "2027-01-05", "2027-01-06");
    if (result == RESULT_OK && !repeated)
        cr_assert_eq(apply(decided), RESULT_OK, "what was decided can be applied");
    return result;
}

Test(finance, a_payment_is_divided_iuran_first) {
    struct finance_month out;
    two_months();
    cr_assert_eq(pay("2026-11", 1000, "001/SP2D/2027"), RESULT_OK);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_IURAN], 1000);
    cr_assert_eq(pay("2026-11", IURAN_RUPIAH, "002/SP2D/2027"), RESULT_OK);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_IURAN], IURAN_RUPIAH - 1000);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_BANTUAN], 1000);
    cr_assert_eq(pay("2026-11", BANTUAN_RUPIAH - 1000, "003"), RESULT_OK, "the rest, to the rupiah");
    cr_assert(finance_month(finance, month("2026-11"), day("2027-02-01"), &out));
    cr_assert_eq(out.paid_rupiah[PAYER_CITY_IURAN], IURAN_RUPIAH);
    cr_assert_eq(out.paid_rupiah[PAYER_CITY_BANTUAN], BANTUAN_RUPIAH);
    cr_assert_eq(out.paid_rupiah[PAYER_CENTRE], 0);
    cr_assert_eq(out.last_paid_day, day("2027-01-05"));
    cr_assert_not(out.overdue);
    cr_assert_eq(pay("2026-11", 1, "004"), RESULT_INVALID, "nothing is owed any more");
    cr_assert_str_eq(why.code, "PAYMENT_RANGE");
}

Test(finance, a_payment_may_name_its_lines) {
    two_months();
    struct payment_ask ask = {.month = month("2026-11"), .sp2d = "9", .day = day("2027-01-05")};
    ask.amount_rupiah[PAYER_CITY_BANTUAN] = BANTUAN_RUPIAH;
    cr_assert_eq(finance_decide_payment(finance, &ask, day("2027-01-06"), &decided, &repeated, &why),
                 RESULT_OK);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_BANTUAN], BANTUAN_RUPIAH);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_IURAN], 0);
    static const struct {
        int64_t whole, centre, iuran, bantuan;
    } refused[] = {
        {1, 0, 1, 0},                /* both a whole and a part */
        {0, 1, 0, 0},                /* the centre's is not ours to pay */
        {0, 0, IURAN_RUPIAH + 1, 0}, /* above the line, though not above both */
        {0, 0, 0, BANTUAN_RUPIAH + 1},
        {0, 0, -1, 2},
        {0, 0, 0, INT64_MAX},
        {0, 0, INT64_MAX, INT64_MAX},
        {0, 0, INT64_MIN, 0},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ask = (struct payment_ask){.month = month("2026-11"),
                                   .sp2d = "10",
                                   .day = day("2027-01-05"),
                                   .whole_rupiah = refused[i].whole};
        ask.amount_rupiah[PAYER_CENTRE] = refused[i].centre;
        ask.amount_rupiah[PAYER_CITY_IURAN] = refused[i].iuran;
        ask.amount_rupiah[PAYER_CITY_BANTUAN] = refused[i].bantuan;
        cr_assert_eq(finance_decide_payment(finance, &ask, day("2027-01-06"), &decided, &repeated, &why),
                     RESULT_INVALID, "case %zu", i);
        cr_assert_str_eq(why.code, "PAYMENT_RANGE");
    }
}

Test(finance, amounts_out_of_range_are_refused) {
    static const int64_t refused[] = {0, -1, IURAN_RUPIAH + BANTUAN_RUPIAH + 1, INT64_MAX, INT64_MIN};
    two_months();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        cr_assert_eq(pay("2026-11", refused[i], "1"), RESULT_INVALID, "%zu", i);
        cr_assert_str_eq(why.code, "PAYMENT_RANGE");
    }
    cr_assert(strstr(why.sentence, "iuran Rp 13,425,545,000, bantuan iuran Rp 1,074,043,600."), "%s",
              why.sentence);
    cr_assert_eq(pay("2026-11", IURAN_RUPIAH + BANTUAN_RUPIAH, "1"), RESULT_OK, "all of it");
}

Test(finance, a_payment_is_of_a_closed_month_and_of_no_day_to_come) {
    two_months();
    cr_assert_eq(pay("2026-10", 1, "1"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "BILL_MONTH_BEFORE_STATE");
    cr_assert_eq(pay("2027-01", 1, "1"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "BILL_MONTH_NOT_CLOSED");
    cr_assert_eq(pay_on("2026-11", 1, "1", "2027-01-07", "2027-01-06"), RESULT_INVALID, "to come");
    cr_assert_str_eq(why.code, "PAYMENT_RANGE");
    cr_assert_eq(pay_on("2026-11", 1, "1", "2026-10-31", "2027-01-06"), RESULT_INVALID, "before the month");
    cr_assert_eq(pay_on("2026-11", 1, "1", "2026-11-01", "2027-01-06"), RESULT_OK);
    cr_assert_eq(pay_on("2026-11", 1, "1", "2027-01-06", "2027-01-06"), RESULT_OK);
    cr_assert_eq(pay_on("2026-11", 1, "1", NULL, "2027-01-06"), RESULT_OK);
    cr_assert_eq(decided.due_day, day("2027-01-06"), "today where no day is named");
}

Test(finance, an_sp2d_number_pays_once) {
    two_months();
    cr_assert_eq(pay("2026-11", 1000, "0042/SP2D-LS/2027"), RESULT_OK);
    cr_assert_not(repeated);
    cr_assert_eq(pay("2026-11", 1000, "0042/SP2D-LS/2027"), RESULT_OK, "the same again");
    cr_assert(repeated);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_IURAN], 1000);
    cr_assert_eq(pay("2026-11", 1000, "0042/sp2d-ls/2027"), RESULT_OK, "letters' size is none");
    cr_assert(repeated);
    cr_assert_eq(pay("2026-11", 1001, "0042/SP2D-LS/2027"), RESULT_CONFLICT, "another amount");
    cr_assert_str_eq(why.code, "SP2D_TAKEN");
    cr_assert_not_null(strstr(why.sentence, "has paid Rp 1,000 for"), "%s", why.sentence);
    cr_assert_eq(pay("2026-12", 1000, "0042/SP2D-LS/2027"), RESULT_CONFLICT, "another month");
    cr_assert_eq(pay_on("2026-11", 1000, "0042/SP2D-LS/2027", "2027-01-04", "2027-01-06"), RESULT_CONFLICT,
                 "another day");
    cr_assert_eq(pay_on("2026-11", 1000, "0042/SP2D-LS/2027", NULL, "2027-01-30"), RESULT_OK, "no day named");
    cr_assert_eq(pay("2026-11", 1000, "0042/SP2D-LS/2028"), RESULT_OK, "another number");
    cr_assert_not(repeated);
    cr_assert_eq(pay("2026-11", 1000, "0042/SP2D-LS/202"), RESULT_OK, "a beginning of one is another");
    cr_assert_not(repeated);
    struct finance_month out;
    cr_assert(finance_month(finance, month("2026-11"), 1, &out));
    cr_assert_eq(out.paid_rupiah[PAYER_CITY_IURAN], 3000);
}

Test(finance, a_paid_month_answers_the_same_payment_still) {
    two_months();
    cr_assert_eq(pay("2026-11", IURAN_RUPIAH + BANTUAN_RUPIAH, "all"), RESULT_OK);
    cr_assert_eq(pay("2026-11", IURAN_RUPIAH + BANTUAN_RUPIAH, "all"), RESULT_OK);
    cr_assert(repeated, "though nothing is owed any more");
}

Test(finance, sp2d_numbers_are_printed_ones) {
    static const char *const refused[] = {
        "", " ", "1 2", "a_b", "a\nb", "\xc3\xa9", "12345678901234567890123456789012345678901"};
    two_months();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        cr_assert_eq(pay("2026-11", 1, refused[i]), RESULT_INVALID, "'%s'", refused[i]);
        cr_assert_str_eq(why.code, "SP2D_INVALID");
    }
    cr_assert_eq(pay("2026-11", 1, NULL), RESULT_INVALID);
    cr_assert_eq(pay("2026-11", 1, "12345678901234567890123456789012345/.-aZ"), RESULT_OK, "forty");
}

struct heard {
    int count;
    int64_t iuran;
    char author[TEXT_MAX + 1];
};

static void hear(void *context, const struct decision *payment) {
    struct heard *heard = context;
    heard->count++;
    heard->iuran += payment->amount_rupiah[PAYER_CITY_IURAN];
    snprintf(heard->author, sizeof heard->author, "%.*s", payment->author.size, payment->author.data);
}

Test(finance, payments_are_told_with_their_author) {
    char author[] = "Sri Rahayu";
    two_months();
    for (int i = 0; i < 40; i++) { /* the list grows meanwhile: names stay */
        char sp2d[12];
        snprintf(sp2d, sizeof sp2d, "%d", i);
        cr_assert_eq(pay_on(i % 2 ? "2026-11" : "2026-12", 10, sp2d, NULL, "2027-01-06"), RESULT_OK);
        decided.author = (struct text){author, sizeof author - 1};
        cr_assert_eq(apply(decided), RESULT_OK);
    }
    memset(author, 'x', sizeof author - 1);
    struct heard heard = {0};
    finance_payments(finance, month("2026-11"), hear, &heard);
    cr_assert_eq(heard.count, 20);
    cr_assert_eq(heard.iuran, 200);
    cr_assert_str_eq(heard.author, "Sri Rahayu");
}

static enum result reverse(const char *text, const char *sp2d, const char *reason) {
    struct reversal_ask ask = {.month = month(text), .sp2d = sp2d, .reason = reason};
    why = (struct failure){0};
    enum result result = finance_decide_reversal(finance, &ask, &decided, &repeated, &why);
    decided.day = repeated ? decided.day : day("2027-01-20");
    if (result == RESULT_OK && !repeated)
        cr_assert_eq(apply(decided), RESULT_OK, "what was decided can be applied: %s", why.sentence);
    return result;
}

static void reverse_refused(const char *text, const char *sp2d, const char *reason, const char *code) {
    uint64_t before = sequence;
    cr_assert_neq(reverse(text, sp2d, reason), RESULT_OK, "%s %s", text, sp2d);
    cr_assert_str_eq(why.code, code);
    cr_assert_eq(sequence, before);
}

Test(finance, a_reversal_leaves_the_month_as_it_was_before_the_payment) {
    struct finance_month before, after;
    uint32_t months;
    two_months();
    cr_assert_eq(pay_on("2026-11", 1000, "1/SP2D", "2026-12-01", "2027-01-06"), RESULT_OK);
    cr_assert_eq(apply(decided), RESULT_OK);
    cr_assert(finance_month(finance, month("2026-11"), day("2027-02-01"), &before));
    int64_t arrears = finance_arrears(finance, day("2027-02-01"), &months);
    cr_assert_eq(pay("2026-11", IURAN_RUPIAH + BANTUAN_RUPIAH - 1000, "2/SP2D"), RESULT_OK, "on both lines");
    uint64_t payment = sequence;
    cr_assert_eq(reverse("2026-11", "2/sp2d", "it pays for December"), RESULT_OK, "%s", why.sentence);
    cr_assert_not(repeated);
    cr_assert_eq(decided.kind, DECISION_PAYMENT_REVERSED);
    cr_assert_eq(decided.reverses, payment);
    cr_assert_str_eq(decided.sp2d, "2/SP2D", "as it was booked");
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_IURAN], 1000 - IURAN_RUPIAH);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_BANTUAN], -BANTUAN_RUPIAH);
    cr_assert(finance_month(finance, month("2026-11"), day("2027-02-01"), &after));
    cr_assert_arr_eq(after.paid_rupiah, before.paid_rupiah, sizeof after.paid_rupiah);
    cr_assert_eq(after.last_paid_day, day("2026-12-01"));
    cr_assert(after.overdue);
    cr_assert_eq(finance_arrears(finance, day("2027-02-01"), &months), arrears);
    cr_assert_eq(reverse("2026-11", "1/SP2D", "it pays for December"), RESULT_OK);
    cr_assert(finance_month(finance, month("2026-11"), day("2027-02-01"), &after));
    cr_assert_eq(after.last_paid_day, DAY_NONE);
}

Test(finance, a_reversed_number_is_booked_again_for_the_right_month) {
    struct finance_month out;
    struct heard heard = {0};
    two_months();
    cr_assert_eq(pay("2026-11", 700, "1"), RESULT_OK);
    cr_assert_eq(pay("2026-12", 700, "1"), RESULT_CONFLICT);
    cr_assert_not_null(strstr(why.sentence, "`pay --reverse`"), "%s", why.sentence);
    cr_assert_eq(reverse("2026-11", "1", "December"), RESULT_OK);
    cr_assert_eq(pay("2026-12", 700, "1"), RESULT_OK, "%s", why.sentence);
    cr_assert_not(repeated);
    cr_assert_eq(reverse("2026-11", "1", "December"), RESULT_OK, "the answer was lost");
    cr_assert(repeated);
    cr_assert(finance_month(finance, month("2026-12"), 1, &out));
    cr_assert_eq(out.paid_rupiah[PAYER_CITY_IURAN], 700, "what was booked since stands");
    cr_assert_eq(pay("2026-12", 700, "1"), RESULT_OK);
    cr_assert(repeated);
    finance_payments(finance, month("2026-11"), hear, &heard);
    cr_assert_eq(heard.count, 2, "the payment is still there, and its reversal");
    cr_assert_eq(heard.iuran, 0);
    cr_assert_eq(reverse("2026-12", "1", "November after all"), RESULT_OK);
    cr_assert_eq(pay("2026-11", 700, "1"), RESULT_OK, "undone by postings of its own");
    cr_assert_not(repeated);
}

Test(finance, the_same_reversal_again_changes_nothing) {
    char author[] = "Sri Rahayu", reason[] = "wrong month";
    two_months();
    cr_assert_eq(pay("2026-11", 700, "1/SP2D"), RESULT_OK);
    struct reversal_ask ask = {.month = month("2026-11"), .sp2d = "1/SP2D", .reason = reason};
    cr_assert_eq(finance_decide_reversal(finance, &ask, &decided, &repeated, &why), RESULT_OK);
    decided.author = (struct text){author, sizeof author - 1};
    cr_assert_eq(apply(decided), RESULT_OK);
    memset(author, 'x', sizeof author - 1);
    memset(reason, 'x', sizeof reason - 1);
    cr_assert_eq(reverse("2026-11", "1/sp2d", "wrong month"), RESULT_OK);
    cr_assert(repeated);
    cr_assert_eq(decided.sequence, sequence, "as it was stored");
    cr_assert(decided.author.size == 10 && memcmp(decided.author.data, "Sri Rahayu", 10) == 0);
    cr_assert(decided.reason.size == 11 && memcmp(decided.reason.data, "wrong month", 11) == 0);
}

Test(finance, what_is_not_booked_so_is_not_reversed) {
    char long_reason[TEXT_MAX + 2];
    memset(long_reason, 'a', sizeof long_reason - 1);
    long_reason[TEXT_MAX + 1] = '\0';
    reverse_refused("2026-11", "1", "why", "SP2D_UNKNOWN");
    two_months();
    cr_assert_eq(pay("2026-11", 700, "1"), RESULT_OK);
    reverse_refused("2026-11", "2", "why", "SP2D_UNKNOWN");
    reverse_refused("2026-12", "1", "why", "SP2D_OTHER_MONTH");
    cr_assert_not_null(strstr(why.sentence, "booked for 2026-11, not for 2026-12"), "%s", why.sentence);
    reverse_refused("2026-10", "1", "why", "SP2D_OTHER_MONTH");
    reverse_refused("2027-01", "1", "why", "SP2D_OTHER_MONTH");
    reverse_refused("2026-11", "a b", "why", "SP2D_INVALID");
    reverse_refused("2026-11", "1", "", "REASON_MISSING");
    reverse_refused("2026-11", "1", "  ", "REASON_MISSING");
    reverse_refused("2026-11", "1", long_reason, "REASON_MISSING");
    cr_assert_eq(reverse("2026-11", "1", long_reason + 1), RESULT_OK, "120 bytes");
    reverse_refused("2026-11", "1", "why", "SP2D_REVERSED");
    reverse_refused("2026-12", "1", "why", "SP2D_UNKNOWN");
    cr_assert_eq(pay("2026-11", 800, "1"), RESULT_OK, "booked again for the same month");
    reverse_refused("2026-11", "1", long_reason + 1, "SP2D_REVERSED");
    cr_assert_not_null(strstr(why.sentence, "booked again since"), "%s", why.sentence);
    cr_assert_eq(reverse("2026-11", "1", "again wrong"), RESULT_OK);
}

Test(finance, reversals_that_contradict_are_refused_and_change_nothing) {
    struct finance_month out;
    two_months();
    cr_assert_eq(pay("2026-11", 700, "1"), RESULT_OK);
    struct decision good = {.kind = DECISION_PAYMENT_REVERSED,
                            .month = month("2026-11"),
                            .sp2d = "1",
                            .reverses = sequence,
                            .reason = {"x", 1},
                            .amount_rupiah = {[PAYER_CITY_IURAN] = -700}};
    struct decision bad[6];
    for (size_t i = 0; i < 6; i++)
        bad[i] = good;
    bad[0].reverses++;
    bad[1].month++;
    bad[2].sp2d[0] = '2';
    bad[3].amount_rupiah[PAYER_CITY_IURAN] = -701;
    bad[4].amount_rupiah[PAYER_CITY_BANTUAN] = -1;
    bad[5].reason.size = 0;
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(apply(bad[i]), RESULT_CORRUPT, "case %zu", i);
        cr_assert_str_eq(why.code, "FINANCE_CONTRADICTS");
    }
    cr_assert(finance_month(finance, month("2026-11"), 1, &out));
    cr_assert_eq(out.paid_rupiah[PAYER_CITY_IURAN], 700);
    cr_assert_eq(apply(good), RESULT_OK);
    cr_assert_eq(apply(good), RESULT_CORRUPT, "once");
}

Test(finance, a_month_is_late_from_the_day_after_it_was_due) {
    struct finance_month out;
    uint32_t months;
    two_months(); /* due on 10 December, and on 11 January, a Monday */
    cr_assert(finance_month(finance, month("2026-12"), day("2027-01-11"), &out));
    cr_assert_eq(out.due_day, day("2027-01-11"));
    cr_assert_not(out.overdue, "the day itself is in time");
    static const struct {
        const char *today;
        uint32_t months;
    } expected[] = {{"2026-12-10", 0}, {"2026-12-11", 1}, {"2027-01-11", 1}, {"2027-01-12", 2}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        int64_t arrears = finance_arrears(finance, day(expected[i].today), &months);
        cr_assert_eq(months, expected[i].months, "%s", expected[i].today);
        cr_assert_eq(arrears, (IURAN_RUPIAH + BANTUAN_RUPIAH) * expected[i].months);
    }
    cr_assert_eq(pay("2026-11", IURAN_RUPIAH, "1"), RESULT_OK);
    cr_assert_eq(finance_arrears(finance, day("2027-01-11"), &months), BANTUAN_RUPIAH, "what is left");
    cr_assert_eq(pay("2026-11", BANTUAN_RUPIAH, "2"), RESULT_OK);
    cr_assert_eq(finance_arrears(finance, day("2027-01-11"), &months), 0);
    cr_assert_eq(months, 0);
}

/* Corrections of many months can make a line negative: BPJS owes it then. */
Test(finance, a_line_below_zero_lessens_what_is_paid) {
    uint32_t months;
    begin("2026-11");
    cr_assert_eq(invoice("2026-11", 100, -30), RESULT_OK);
    cr_assert_eq(finance_arrears(finance, day("2027-01-01"), &months), 70);
    cr_assert_eq(pay("2026-11", 71, "1"), RESULT_INVALID);
    cr_assert_eq(pay("2026-11", 70, "1"), RESULT_OK);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_IURAN], 70);
    cr_assert_eq(finance_arrears(finance, day("2027-01-01"), &months), 0);
    cr_assert_eq(invoice("2026-12", -5, 20), RESULT_OK);
    cr_assert_eq(pay("2026-12", 15, "2"), RESULT_OK);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_IURAN], 0);
    cr_assert_eq(decided.amount_rupiah[PAYER_CITY_BANTUAN], 15);
    cr_assert_eq(invoice("2027-01", -5, -5), RESULT_OK);
    cr_assert_eq(finance_arrears(finance, day("2028-01-01"), &months), 0, "nothing is late that is not owed");
    cr_assert_eq(pay("2027-01", 1, "3"), RESULT_INVALID);
}

Test(finance, contradictions_are_refused_and_change_nothing) {
    two_months();
    struct decision payment = {.kind = DECISION_PAYMENT, .month = month("2026-11"), .sp2d = "1"};
    payment.amount_rupiah[PAYER_CITY_IURAN] = 5;
    cr_assert_eq(apply(payment), RESULT_OK);
    static const struct {
        const char *month, *sp2d;
        int64_t iuran;
    } bad[] = {{"2026-11", "1", 5},
               {"2026-11", "", 5},
               {"2027-01", "2", 5},
               {"2026-11", "2", IURAN_RUPIAH},
               {"2026-11", "2", 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        payment.month = month(bad[i].month);
        snprintf(payment.sp2d, sizeof payment.sp2d, "%s", bad[i].sp2d);
        payment.amount_rupiah[PAYER_CITY_IURAN] = bad[i].iuran;
        cr_assert_eq(apply(payment), RESULT_CORRUPT, "case %zu", i);
        cr_assert_str_eq(why.code, "FINANCE_CONTRADICTS");
    }
    cr_assert_eq(invoice("2026-12", 1, 1), RESULT_CORRUPT, "twice");
    cr_assert_eq(invoice("2027-02", 1, 1), RESULT_CORRUPT, "a month left out");
    cr_assert_eq(invoice("2027-01", INT64_C(1000000000000001), 1), RESULT_CORRUPT, "beyond bounds");
    cr_assert_eq(apply((struct decision){.kind = DECISION_BEGUN, .month = 5}), RESULT_CORRUPT);
    cr_assert_eq(apply((struct decision){.kind = DECISION_BUDGET, .year = 1899}), RESULT_CORRUPT);
    cr_assert_eq(finance_open_month(finance), month("2027-01"));
    struct finance_month out;
    cr_assert(finance_month(finance, month("2026-11"), 1, &out));
    cr_assert_eq(out.paid_rupiah[PAYER_CITY_IURAN], 5);
}

Test(finance, decisions_of_others_change_nothing) {
    begin("2026-11");
    for (uint8_t kind = 0; kind < 30; kind++) {
        bool ours = kind == DECISION_BEGUN || kind == DECISION_INVOICE || kind == DECISION_PAYMENT ||
                    kind == DECISION_BUDGET || kind == DECISION_FAILED || kind == DECISION_PAYMENT_REVERSED;
        if (!ours)
            cr_assert_eq(apply((struct decision){.kind = kind, .month = month("2026-11")}), RESULT_OK);
    }
    cr_assert_eq(finance_open_month(finance), month("2026-11"));
}

Test(finance, ceilings_have_bounds) {
    static const struct {
        unsigned year;
        int64_t centre, iuran, bantuan;
        const char *code;
    } expected[] = {
        {2026, 0, 1, 1, ""},
        {2026, 0, 0, 0, ""}, /* taken away again */
        {2078, 0, INT64_C(1000000000000000), 0, ""},
        {2025, 0, 1, 1, "BUDGET_YEAR"}, /* before the state */
        {2079, 0, 1, 1, "BUDGET_YEAR"},
        {0, 0, 1, 1, "BUDGET_YEAR"},
        {2026, 0, -1, 1, "BUDGET_RANGE"},
        {2026, 0, INT64_C(1000000000000001), 1, "BUDGET_RANGE"},
        {2026, 0, 1, INT64_MIN, "BUDGET_RANGE"},
        {2026, 1, 1, 1, "BUDGET_RANGE"}, /* the centre's is not ours */
    };
    begin("2026-11");
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        int64_t ceiling[PAYER_COUNT] = {0};
        ceiling[PAYER_CENTRE] = expected[i].centre;
        ceiling[PAYER_CITY_IURAN] = expected[i].iuran;
        ceiling[PAYER_CITY_BANTUAN] = expected[i].bantuan;
        why = (struct failure){0};
        enum result result =
            finance_decide_budget(finance, (uint16_t)expected[i].year, ceiling, &decided, &why);
        cr_assert_str_eq(why.code, expected[i].code, "case %zu", i);
        cr_assert_eq(result == RESULT_OK, *expected[i].code == 0);
        if (result == RESULT_OK)
            cr_assert_eq(apply(decided), RESULT_OK);
    }
}
