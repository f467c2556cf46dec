/* closing.c - tests of what is asked at barriers: previews, closes, tariffs; heads, crashes, faults.
 *
 * Real books in a scratch directory; the partitions are this file's: they hold, run and answer when told.
 */
#include "billing/closing.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTITIONS 2u
#define HEAD       500u

static char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
static struct payment_terms terms = {.count = 1, .rows = {{.due_day_of_month = 10, .due_month = 1}}};
static struct policy policy = {.count = 1, .rows = {{.cut_off_day = 19}}};
static struct region_table regions;
static struct books *books;
static struct closing *closing;
static struct failure why;
static month_t first;
static day_t today;
static int64_t time_ms;

/* What was answered, oldest first. */
static struct told {
    char asker[8], code[32], sentence[320];
    uint64_t as_of_offset;
    uint16_t months;
    bool repeated;
    int64_t total_rupiah;
    char invoice[8192];
    size_t invoice_size;
} told[80];
static unsigned told_count;

static void on_answer(void *context, const struct closing_answer *answer) {
    struct told *now = &told[told_count++];
    cr_assert_null(context);
    *now = (struct told){
        .as_of_offset = answer->as_of_offset, .months = answer->months, .repeated = answer->repeated};
    memcpy(now->asker, answer->asker->id, answer->asker->size);
    if (answer->why) {
        snprintf(now->code, sizeof now->code, "%s", answer->why->code);
        snprintf(now->sentence, sizeof now->sentence, "%s", answer->why->sentence);
        return;
    }
    if (answer->sums)
        now->total_rupiah = ledger_sums_total(answer->sums[0], PAYER_CITY_IURAN).amount_rupiah;
    if (answer->invoices) {
        now->invoice_size = answer->invoices[0].size;
        cr_assert_lt(now->invoice_size, sizeof now->invoice);
        memcpy(now->invoice, answer->invoices[0].data, now->invoice_size);
    }
}

static struct tariff tariff_of(uint32_t iuran) {
    struct tariff tariff = {.count = 1};
    tariff.rows[0] = (struct tariff_row){.segment = SEGMENT_PBPU_PEMDA, .care_class = 3};
    tariff.rows[0].share[PAYER_CITY_IURAN] = iuran;
    return tariff;
}

static void open_all(void) {
    struct books_config config = {.path = path, .terms = &terms, .policy = &policy};
    cr_assert_eq(books_open(&books, &config, &why), RESULT_OK, "%s", why.sentence);
    closing = closing_new(books, &regions, on_answer, NULL);
}
static void close_all(void) {
    closing_destroy(&closing);
    books_close(&books);
}
/* A crash: what is in memory is lost. */
static void restart(void) {
    close_all();
    open_all();
    time_ms += 5000;
}
static void decide(struct decision decision) {
    cr_assert_eq(books_decide(books, &decision, 1, &why), RESULT_OK, "%s", why.sentence);
}
static void start(void) {
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/books.db", directory);
    regions = (struct region_table){.city_code = 3671};
    cr_assert(region_table_add(&regions, 3671011001, "Cibodas", "Cibodas", 1));
    first = calendar_month(calendar_day(2026, 11, 1));
    today = calendar_day(2026, 11, 25);
    time_ms = calendar_time_of_day(today);
    told_count = 0;
    open_all();
}
static void begin_state(void) {
    struct tariff tariff = tariff_of(35000);
    uint8_t packed[TARIFF_PACKED_MAX];
    decide((struct decision){.kind = DECISION_BEGUN,
                             .month = first,
                             .offset = 1,
                             .count = PARTITIONS,
                             .bytes = packed,
                             .size = tariff_pack(&tariff, packed)});
}
static void setup(void) {
    start();
    begin_state();
}
static void teardown(void) {
    close_all();
    scratch_remove(directory);
}
TestSuite(closing, .init = setup, .fini = teardown);

static enum result ask_as(const char *asker, struct partition_order order) {
    struct closing_ask ask = {.order = order, .author = {"Sri", 3}};
    ask.asker.size = (uint16_t)strlen(asker);
    memcpy(ask.asker.id, asker, ask.asker.size);
    why = (struct failure){0};
    return closing_ask(closing, &ask, today, &why);
}
static void ask(const char *asker, struct partition_order order) {
    cr_assert_eq(ask_as(asker, order), RESULT_OK, "%s", why.sentence);
}
static struct partition_order preview(void) {
    return (struct partition_order){.act = PARTITION_PREVIEW, .month = first, .months = 1};
}
static struct partition_order close_order(void) {
    return (struct partition_order){.act = PARTITION_CLOSE, .month = first};
}

static bool work_head(uint64_t head) {
    bool changed;
    cr_assert_eq(closing_work(closing, head, true, time_ms, today, &changed, &why), RESULT_OK, "%s",
                 why.sentence);
    return changed;
}
/* As the coordinator does: the head is asked for, and heard with the next turn. */
static void begin_barrier(void) {
    cr_assert(closing_wants_head(closing));
    work_head(0);
    work_head(HEAD);
}

static uint64_t barrier_now(bool *run, struct partition_order *order) {
    return closing_barrier(closing, run, order);
}
static void hold(uint32_t partition, uint64_t position) {
    bool run;
    struct partition_order order;
    struct wire_held held = {.partition = partition,
                             .ready = true,
                             .position = position,
                             .open_month = finance_open_month(books_finance(books)),
                             .tariff_digest = tariff_digest(books_tariff(books)),
                             .holding = barrier_now(&run, &order),
                             .code = "",
                             .sentence = ""};
    closing_report(closing, &held);
}
static void hold_all(void) {
    hold(0, 400);
    hold(1, 480);
}
static void answer_by(uint32_t partition, int64_t amount_rupiah, uint64_t people,
                      const struct tariff *tariff) {
    static uint8_t bytes[LEDGER_SUMS_PACKED_MAX];
    struct ledger_sums *sums = calloc(1, sizeof *sums);
    bool run;
    struct partition_order order;
    uint64_t id = barrier_now(&run, &order);
    struct wire_bytes_view views[24];
    sums->line[PAYER_CITY_IURAN][SEGMENT_PBPU_PEMDA][3][0] =
        (struct ledger_line){.people = people, .amount_rupiah = amount_rupiah};
    size_t size = ledger_sums_pack(sums, &regions, bytes, sizeof bytes);
    free(sums);
    for (int i = 0; i < 24; i++)
        views[i] = (struct wire_bytes_view){bytes, size};
    struct wire_held held = {.partition = partition,
                             .ready = true,
                             .position = order.offset + 7,
                             .answer_barrier = id,
                             .answer_months = order.act == PARTITION_RETARIFF  ? 0
                                              : order.act == PARTITION_PREVIEW ? order.months
                                                                               : 1,
                             .answer_sums = views,
                             .answer_sequence = 10 + partition,
                             .tariff_digest = tariff_digest(tariff),
                             .code = "",
                             .sentence = ""};
    memset(held.answer_hash, (int)partition + 1, sizeof held.answer_hash);
    closing_report(closing, &held);
}
static void answer_with(uint32_t partition, int64_t amount_rupiah, uint64_t people) {
    bool run;
    struct partition_order order = {0};
    (void)barrier_now(&run, &order);
    answer_by(partition, amount_rupiah, people, order.tariff ? order.tariff : books_tariff(books));
}
static void answer(uint32_t partition) {
    answer_with(partition, 35000 * (partition + 1), partition + 1);
}
static void answer_all(void) {
    answer(0);
    answer(1);
}
/* A whole close of the first month by one asker. */
static void close_month(const char *asker) {
    ask(asker, close_order());
    begin_barrier();
    hold_all();
    work_head(0);
    answer_all();
    work_head(0);
}

TestSuite(closing_before, .init = start, .fini = teardown);

Test(closing_before, nothing_is_asked_before_the_state_begins) {
    cr_assert_eq(ask_as("a", preview()), RESULT_AGAIN);
    cr_assert_str_eq(why.code, "BILLING_NOT_BEGUN");
    cr_assert_not(work_head(HEAD));
    bool run;
    struct partition_order order;
    cr_assert_eq(barrier_now(&run, &order), 0);
    cr_assert_not(closing_taken(closing, 0));
}

Test(closing, a_preview_holds_runs_and_is_answered_as_of_the_head) {
    bool run;
    struct partition_order order;
    ask("a", preview());
    begin_barrier();
    cr_assert_neq(barrier_now(&run, &order), 0);
    cr_assert_not(run);
    hold_all();
    cr_assert(work_head(0), "the order to run leaves at once, not with the next heartbeat");
    cr_assert_not(work_head(0));
    barrier_now(&run, &order);
    cr_assert(run);
    cr_assert_eq(order.offset, HEAD);
    answer(0);
    cr_assert(closing_taken(closing, 0));
    cr_assert_not(closing_taken(closing, 1));
    cr_assert_eq(told_count, 0);
    answer(1);
    cr_assert(work_head(0), "orders are without a barrier now");
    cr_assert_eq(told_count, 1);
    cr_assert_str_eq(told[0].asker, "a");
    cr_assert_eq(told[0].as_of_offset, HEAD);
    cr_assert_eq(told[0].total_rupiah, 105000);
    cr_assert(strstr(told[0].invoice, "\"frozen\":false"));
    cr_assert_eq(barrier_now(&run, &order), 0);
}

Test(closing, no_barrier_begins_from_a_head_that_is_older_than_the_question) {
    bool run;
    struct partition_order order;
    ask("a", preview());
    work_head(HEAD); /* nobody asked for it after the question */
    cr_assert_eq(barrier_now(&run, &order), 0);
    cr_assert(closing_wants_head(closing));
    cr_assert_not(closing_wants_head(closing), "once");
    ask("b", preview());
    work_head(HEAD); /* heard after a's question, perhaps before b's */
    cr_assert_neq(barrier_now(&run, &order), 0);
    hold_all();
    work_head(0);
    answer_all();
    work_head(0);
    cr_assert_eq(told_count, 1);
    cr_assert_str_eq(told[0].asker, "a");
    cr_assert(closing_wants_head(closing));
}

Test(closing, who_wants_the_same_preview_shares_a_barrier) {
    struct partition_order other = preview();
    other.months = 3;
    ask("a", preview());
    ask("b", preview());
    ask("c", other);
    begin_barrier();
    hold_all();
    work_head(0);
    answer_all();
    work_head(0);
    cr_assert_eq(told_count, 2);
    cr_assert_str_eq(told[1].asker, "b");
    begin_barrier();
    hold_all();
    work_head(0);
    answer_all();
    work_head(0);
    cr_assert_eq(told_count, 3);
    cr_assert_eq(told[2].months, 3);
}

Test(closing, a_close_is_frozen_and_given_again_byte_for_byte) {
    close_month("a");
    cr_assert_eq(told_count, 1);
    cr_assert_str_eq(told[0].code, "");
    cr_assert_not(told[0].repeated);
    cr_assert(strstr(told[0].invoice, "\"frozen\":true"));
    cr_assert_eq(finance_open_month(books_finance(books)), first + 1);
    ask("b", close_order());
    cr_assert_eq(told_count, 2, "answered within the call");
    cr_assert(told[1].repeated);
    cr_assert_eq(told[1].as_of_offset, HEAD);
    cr_assert_eq(told[1].invoice_size, told[0].invoice_size);
    cr_assert_arr_eq(told[1].invoice, told[0].invoice, told[0].invoice_size);
}

Test(closing, preview_and_close_at_the_same_offset_say_the_same_lines) {
    ask("a", preview());
    begin_barrier();
    hold_all();
    work_head(0);
    answer_all();
    work_head(0);
    close_month("b");
    char *before = strstr(told[0].invoice, "\"lines\""), *after = strstr(told[1].invoice, "\"lines\"");
    cr_assert(before && after);
    char *end = strstr(before, "\"totals\"");
    cr_assert_arr_eq(before, after, (size_t)(end - before));
}

Test(closing, the_intent_is_stored_before_anybody_runs) {
    struct partition_order order;
    bool run;
    ask("a", close_order());
    begin_barrier();
    cr_assert_not(books_unfinished(books, &order));
    hold_all();
    barrier_now(&run, &order);
    cr_assert_not(run);
    cr_assert(work_head(0));
    barrier_now(&run, &order);
    cr_assert(run);
    cr_assert(books_unfinished(books, &order));
    cr_assert_eq(order.offset, HEAD);
    cr_assert_eq(order.month, first);
}

/* The coordinator dies at each point of a close: what comes out is the same. */
static void close_with_crash_after(unsigned steps, char *bytes, size_t *size) {
    ask("a", close_order());
    begin_barrier();
    for (unsigned step = 0; step < 6; step++) {
        bool run;
        struct partition_order order;
        if (step == steps)
            restart();
        if (barrier_now(&run, &order) == 0 && !books_unfinished(books, &order) && told_count == 0 &&
            finance_open_month(books_finance(books)) == first) {
            ask("b", close_order());
            cr_assert(closing_wants_head(closing));
        }
        work_head(HEAD);
        if (barrier_now(&run, &order) != 0 && !run)
            hold_all();
        work_head(0);
        if (barrier_now(&run, &order) != 0 && run)
            answer(step % 2);
        work_head(0);
    }
    const uint8_t *stored;
    cr_assert_eq(books_invoice(books, first, &stored, size, &why), RESULT_OK, "after %u: %s", steps,
                 why.sentence);
    memcpy(bytes, stored, *size);
}

Test(closing, a_crash_at_any_point_gives_the_same_invoice) {
    static char whole[8192], bytes[8192];
    size_t whole_size, size;
    close_with_crash_after(99, whole, &whole_size);
    for (unsigned steps = 0; steps < 5; steps++) {
        teardown();
        setup();
        if (steps == 0) /* before the intent: another one, at the time of the second question */
            time_ms -= 5000;
        close_with_crash_after(steps, bytes, &size);
        cr_assert_eq(size, whole_size, "after %u", steps);
        cr_assert_arr_eq(bytes, whole, size, "after %u", steps);
    }
}

Test(closing, a_resumed_close_needs_nobody_who_waits) {
    struct partition_order order;
    bool run;
    ask("a", close_order());
    begin_barrier();
    hold_all();
    work_head(0);
    restart();
    cr_assert(work_head(0));
    cr_assert_neq(barrier_now(&run, &order), 0);
    cr_assert(run);
    cr_assert_eq(order.offset, HEAD);
    ask("c", close_order());
    answer_all();
    work_head(0);
    cr_assert_eq(finance_open_month(books_finance(books)), first + 1);
    cr_assert(closing_wants_head(closing));
    work_head(HEAD);
    cr_assert_eq(told_count, 1);
    cr_assert(told[0].repeated);
}

Test(closing, answers_to_a_barrier_of_an_earlier_life_are_nobodys) {
    bool run;
    struct partition_order order;
    ask("a", preview());
    begin_barrier();
    uint64_t before = barrier_now(&run, &order);
    restart();
    ask("a", preview());
    begin_barrier();
    cr_assert_gt(barrier_now(&run, &order), before);
    struct wire_held stale = {
        .partition = 0, .ready = true, .holding = before, .position = 9000, .code = "", .sentence = ""};
    closing_report(closing, &stale);
    hold_all();
    work_head(0);
    barrier_now(&run, &order);
    cr_assert_eq(order.offset, HEAD);
}

Test(closing, a_lost_partition_must_hold_again) {
    bool run;
    struct partition_order order;
    ask("a", preview());
    begin_barrier();
    hold(0, 400);
    closing_lost(closing, 0);
    hold(1, 480);
    work_head(0);
    barrier_now(&run, &order);
    cr_assert_not(run);
    hold(0, 300);
    work_head(0);
    barrier_now(&run, &order);
    cr_assert(run);
}

Test(closing, a_preview_that_a_partition_has_passed_begins_anew) {
    bool run;
    struct partition_order order;
    ask("a", preview());
    begin_barrier();
    hold_all();
    work_head(0);
    uint64_t id = barrier_now(&run, &order);
    struct wire_held beyond = {
        .partition = 1, .ready = true, .position = HEAD + 100, .code = "", .sentence = ""};
    closing_report(closing, &beyond);
    cr_assert(work_head(0));
    cr_assert_eq(told_count, 0);
    cr_assert(closing_wants_head(closing));
    work_head(HEAD + 200);
    cr_assert_gt(barrier_now(&run, &order), id);
    hold_all();
    work_head(0);
    answer_all();
    work_head(0);
    cr_assert_eq(told_count, 1);
    cr_assert_eq(told[0].as_of_offset, HEAD + 200);
}

Test(closing, patience_ends_and_a_preview_is_given_up) {
    bool run, changed;
    struct partition_order order;
    ask("a", preview());
    begin_barrier();
    hold(0, 400);
    time_ms += CLOSING_PATIENCE_MS - 1;
    work_head(0);
    cr_assert_eq(told_count, 0);
    time_ms += 1;
    cr_assert_eq(closing_work(closing, 0, false, time_ms, today, &changed, &why), RESULT_OK);
    cr_assert(changed);
    cr_assert_str_eq(told[0].code, "BILL_WAITS");
    cr_assert_eq(barrier_now(&run, &order), 0);
}

/* All hold, but the turn that would decide it is the one in which its asker's patience ends. */
Test(closing, a_close_is_not_decided_when_its_asker_was_told_that_it_failed) {
    struct partition_order order;
    bool run;
    ask("a", close_order());
    begin_barrier();
    time_ms += CLOSING_PATIENCE_MS;
    hold_all();
    ask("b", preview());
    work_head(0);
    cr_assert_eq(told_count, 1);
    cr_assert_str_eq(told[0].asker, "a");
    cr_assert_str_eq(told[0].code, "BILL_WAITS");
    cr_assert_not(books_unfinished(books, &order));
    cr_assert_eq(barrier_now(&run, &order), 0);
    cr_assert(closing_wants_head(closing), "the next one's turn");
    work_head(HEAD);
    cr_assert_neq(barrier_now(&run, &order), 0);
    cr_assert_eq(order.act, PARTITION_PREVIEW);
}

/* The end of a journal was lost while the coordinator lived. */
Test(closing, a_partition_before_the_books_answers_nothing) {
    bool run;
    struct partition_order order;
    struct wire_held held = {
        .partition = 1, .ready = true, .position = 480, .open_month = first - 1, .code = "", .sentence = ""};
    ask("a", preview());
    begin_barrier();
    hold(0, 400);
    held.holding = barrier_now(&run, &order);
    closing_report(closing, &held);
    work_head(0);
    cr_assert_not(run);
    cr_assert_str_eq(told[0].code, "PARTITION_MONTH");
}

/* The end of the books was lost: what a partition would answer is no bill. */
Test(closing, a_partition_beyond_the_books_answers_nothing) {
    bool run;
    struct partition_order order;
    struct wire_held held = {.ready = true,
                             .position = 480,
                             .tariff_digest = tariff_digest(books_tariff(books)),
                             .code = "",
                             .sentence = ""};
    for (int asked = 0; asked < 2; asked++) {
        ask("a", asked ? close_order() : preview());
        begin_barrier();
        hold(0, 400);
        held.partition = 1;
        held.open_month = (month_t)(first + 1);
        held.holding = barrier_now(&run, &order);
        closing_report(closing, &held);
        work_head(0);
        cr_assert(!run);
        cr_assert_eq(told_count, 1, "a preview is told at once");
        cr_assert_str_eq(told[0].code, "PARTITION_MONTH");
    }
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1, "the close's failure waits for a person");
    time_ms += CLOSING_PATIENCE_MS;
    work_head(0);
    cr_assert_eq(barrier_now(&run, &order), 0, "and holds nobody up");
    cr_assert_eq(ask_as("b", close_order()), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_FAILURE_PARKED");
    held.open_month = first;
    ask("c", preview());
    begin_barrier();
    held.holding = barrier_now(&run, &order);
    closing_report(closing, &held);
    hold(0, 400);
    work_head(0);
    barrier_now(&run, &order);
    cr_assert(run, "brought back, it answers again");
}

/* A partition that missed a change of tariff: an invoice would name one tariff over another one's amounts. */
Test(closing, amounts_of_another_tariff_than_the_books_are_never_frozen) {
    struct tariff other = tariff_of(42000);
    struct partition_order order;
    bool run;
    ask("a", close_order());
    begin_barrier();
    hold_all();
    work_head(0);
    answer(0);
    answer_by(1, 70000, 2, &other);
    work_head(0);
    cr_assert_not(closing_taken(closing, 1));
    cr_assert_eq(finance_open_month(books_finance(books)), first);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1, "it waits for a person");
    answer(1);
    cr_assert_neq(barrier_now(&run, &order), 0);
}

Test(closing, a_partition_of_another_tariff_is_seen_before_the_intent) {
    struct wire_held held = {
        .partition = 1, .ready = true, .position = 480, .open_month = first, .code = "", .sentence = ""};
    struct partition_order order;
    bool run;
    ask("a", preview());
    begin_barrier();
    hold(0, 400);
    held.holding = barrier_now(&run, &order);
    closing_report(closing, &held);
    work_head(0);
    cr_assert_not(run);
    cr_assert_str_eq(told[0].code, "PARTITION_TARIFF");
}

Test(closing, a_change_that_a_partition_did_not_carry_out_is_not_done) {
    struct tariff dearer = tariff_of(42000);
    ask("a", (struct partition_order){.act = PARTITION_RETARIFF, .tariff = &dearer});
    begin_barrier();
    hold_all();
    work_head(0);
    answer(0);
    answer_by(1, 0, 0, books_tariff(books)); /* it says that it is done, and counts as before */
    work_head(0);
    cr_assert_not(closing_taken(closing, 1));
    cr_assert_eq(books_retariffs(books), 0);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1);
}

Test(closing, who_waits_is_told_what_a_partition_can_not_do) {
    struct wire_held held = {.partition = 1,
                             .ready = true,
                             .position = 480,
                             .code = "DISK_FULL",
                             .sentence = "The disk of partition-01 is full: make room."};
    ask("a", close_order());
    begin_barrier();
    hold_all();
    work_head(0);
    closing_report(closing, &held);
    time_ms += CLOSING_PATIENCE_MS;
    work_head(0);
    cr_assert_str_eq(told[0].code, "BILL_WAITS");
    cr_assert_str_eq(told[0].sentence,
                     "Partition 1 can't go on (DISK_FULL): The disk of partition-01 is full: make room.");
    held.code = held.sentence = "";
    closing_report(closing, &held);
    ask("b", close_order());
    work_head(0);
    time_ms += CLOSING_PATIENCE_MS;
    work_head(0);
    cr_assert_eq(told_count, 2);
    cr_assert_null(strstr(told[1].sentence, "DISK_FULL"), "%s", told[1].sentence);
}

Test(closing, a_close_goes_on_when_patience_ends) {
    bool run;
    struct partition_order order;
    ask("a", close_order());
    begin_barrier();
    hold_all();
    work_head(0);
    time_ms += CLOSING_PATIENCE_MS;
    work_head(0);
    cr_assert_eq(told_count, 1);
    cr_assert_str_eq(told[0].code, "BILL_WAITS");
    cr_assert_neq(barrier_now(&run, &order), 0);
    answer_all();
    work_head(0);
    cr_assert_eq(finance_open_month(books_finance(books)), first + 1);
}

Test(closing, months_close_in_order_and_not_too_early) {
    struct partition_order next = close_order();
    next.month++;
    cr_assert_eq(ask_as("a", next), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_MONTH_NOT_OPEN");
    today = calendar_day(2026, 11, 2);
    cr_assert_eq(ask_as("a", close_order()), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_TOO_EARLY");
}

Test(closing, previews_of_months_that_can_not_be_are_refused) {
    struct partition_order order = preview();
    order.month--;
    cr_assert_eq(ask_as("a", order), RESULT_INVALID);
    cr_assert_str_eq(why.code, "BILL_MONTH_BEFORE_STATE");
    order = preview();
    order.months = 25;
    cr_assert_eq(ask_as("a", order), RESULT_INVALID);
    order.months = 0;
    cr_assert_eq(ask_as("a", order), RESULT_INVALID);
    close_month("a");
    cr_assert_eq(ask_as("a", preview()), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "BILL_MONTH_CLOSED");
}

Test(closing, what_became_impossible_while_it_waited_is_told_so) {
    ask("a", close_order());
    ask("b", preview());
    begin_barrier();
    hold_all();
    work_head(0);
    answer_all();
    work_head(0);
    cr_assert_eq(told_count, 1);
    cr_assert(closing_wants_head(closing));
    work_head(HEAD);
    cr_assert_eq(told_count, 2);
    cr_assert_str_eq(told[1].code, "BILL_MONTH_CLOSED");
}

Test(closing, the_queue_has_an_end) {
    for (unsigned i = 0; i < CLOSING_WAITING_MAX; i++)
        ask("a", preview());
    cr_assert_eq(ask_as("b", preview()), RESULT_FULL);
    cr_assert_str_eq(why.code, "BUSY");
}

Test(closing, a_tariff_is_changed_at_a_barrier) {
    struct tariff tariff = tariff_of(40000);
    struct partition_order order = {.act = PARTITION_RETARIFF, .tariff = &tariff};
    ask("a", order);
    tariff.rows[0].share[PAYER_CITY_IURAN] = 1; /* the ask has its own */
    begin_barrier();
    hold_all();
    work_head(0);
    cr_assert_eq(books_tariff(books)->rows[0].share[PAYER_CITY_IURAN], 35000);
    answer_all();
    work_head(0);
    cr_assert_eq(books_tariff(books)->rows[0].share[PAYER_CITY_IURAN], 40000);
    cr_assert_eq(told_count, 1);
    cr_assert_eq(told[0].as_of_offset, HEAD);
    tariff = tariff_of(40000);
    cr_assert_eq(ask_as("b", order), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "TARIFF_UNCHANGED");
}

Test(closing, a_tariff_is_resumed_after_a_crash) {
    struct tariff tariff = tariff_of(40000);
    ask("a", (struct partition_order){.act = PARTITION_RETARIFF, .tariff = &tariff});
    begin_barrier();
    hold_all();
    work_head(0);
    restart();
    work_head(0);
    answer_all();
    work_head(0);
    cr_assert_eq(books_tariff(books)->rows[0].share[PAYER_CITY_IURAN], 40000);
}

Test(closing, an_invoice_that_contradicts_itself_is_parked_and_tried_again_when_settled) {
    ask("a", close_order());
    begin_barrier();
    hold_all();
    work_head(0);
    answer_with(0, 35000, 0); /* money without people */
    answer_with(1, 70000, 0);
    work_head(0);
    cr_assert_eq(finance_open_month(books_finance(books)), first, "nothing is frozen");
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1);
    cr_assert_eq(told_count, 1);
    cr_assert_str_neq(told[0].code, "");
    time_ms += 60000;
    work_head(0);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1, "parked once");
    struct decision parked[FINANCE_FAILURES_MAX];
    finance_failures(books_finance(books), parked);
    decide((struct decision){.kind = DECISION_SETTLED, .failure_id = parked[0].failure_id});
    time_ms += 60000;
    work_head(0);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1, "it fails again");
}

Test(closing, answers_that_contradict_each_other_stop_a_close) {
    ask("a", close_order());
    begin_barrier();
    hold_all();
    work_head(0);
    answer(0);
    answer_with(0, 1, 1);
    work_head(0);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1);
    answer_with(0, 1, 1);
    work_head(0);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 1);
}

Test(closing, answers_that_contradict_each_other_end_a_preview) {
    bool run;
    struct partition_order order;
    ask("a", preview());
    begin_barrier();
    hold_all();
    work_head(0);
    answer(0);
    answer_with(0, 1, 1);
    cr_assert(work_head(0));
    cr_assert_eq(told_count, 1);
    cr_assert_str_eq(told[0].code, "BARRIER_ANSWER");
    cr_assert_eq(barrier_now(&run, &order), 0);
    cr_assert_eq(finance_failures(books_finance(books), NULL), 0);
}
