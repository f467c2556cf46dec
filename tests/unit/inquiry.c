/* inquiry.c - tests services/billing/inquiry*.c: every question of tools over real books, closing and a
 * partition with its journal; who is refused what; and that bad bytes are answered, too. */
#include "billing/inquiry_internal.h"
#include "billing/paths.h"

#include "mutate.h"
#include "scratch.h"
#include "store/city.h"
#include "store/city_tariff.h"
#include "store/ledger_journal_files.h"
#include "wire/wire_decision.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE 3
#define NIK    UINT64_C(3671015506900001)

static struct city city;
static struct tariff tariff;
static struct payment_terms terms = {.count = 1,
                                     .rows = {{.due_day_of_month = 10, .due_month = 1, .due_moves = true}}};
static char state[SCRATCH_PATH], path[BILLING_PATH];
static struct books *books;
static struct closing *closing;
static struct roll *roll;
static struct inquiry *inquiry;
static struct partition *partition;
static struct ledger_journal *journal;
static struct failure why;
static month_t first;
static struct inquiry_time now;
static struct asker operator_here = {.operator_here = true}, finance_device, bpjs_device, reader_device;
static const struct asker *asker;

/* -- replies -- */

static struct arena arena;
static Cakupan__BillingReply *reply; /* the last one; NULL: none since the last request */
static uint32_t replies;
static struct inquiry_peer peer = {.size = 5, .id = "peer", .tcp = true};

static void take_reply(void *context, const struct inquiry_peer *to, const uint8_t *data, size_t size) {
    cr_assert_eq(context, &arena);
    cr_assert_eq(memcmp(to, &peer, sizeof peer), 0, "the reply goes to whom it is for");
    arena_reset(&arena);
    cr_assert_eq(wire_billing_reply_decode(data, size, &arena, &reply, &why), RESULT_OK, "%s", why.sentence);
    replies++;
}

static void pass_answer(void *context, const struct closing_answer *answer) {
    (void)context;
    inquiry_answer(inquiry, answer);
}

static bool send_orders(void *context, const struct worker_peer *to, const uint8_t *orders, size_t size) {
    (void)context, (void)to, (void)orders, (void)size;
    return true;
}

/* -- the office -- */

static void open_office(void) {
    struct books_config config = {.path = path, .terms = &terms, .policy = &city.policy};
    struct roll_config rolls = {.lease = {.partitions = 1, .lease_ms = 2000, .workers_max = 4},
                                .state = state,
                                .regions = &city.regions,
                                .heartbeat_ms = 500};
    struct inquiry_config inquiries = {
        .state = state, .regions = &city.regions, .city_tariff = tariff, .started_ms = 900};
    cr_assert_eq(books_open(&books, &config, &why), RESULT_OK, "%s", why.sentence);
    closing = closing_new(books, &city.regions, pass_answer, NULL);
    roll = roll_new(&rolls, books, closing, NULL, send_orders, NULL);
    inquiry = inquiry_new(&inquiries, books, roll, closing, take_reply, &arena);
}

static void begin(void) {
    uint8_t packed[TARIFF_PACKED_MAX];
    struct decision begun = {.kind = DECISION_BEGUN,
                             .month = first,
                             .count = 1,
                             .bytes = packed,
                             .size = tariff_pack(&tariff, packed)};
    cr_assert_eq(books_decide(books, &begun, 1, &why), RESULT_OK, "%s", why.sentence);
    struct partition_config config = {
        .count = 1, .first_month = first, .regions = &city.regions, .tariff = &tariff};
    char directory[BILLING_PATH];
    partition = partition_new(&config);
    billing_partition_path(directory, state, 0);
    struct ledger_journal_place place = {.directory = directory, .count = 1, .first_month = first};
    cr_assert_eq(ledger_journal_files_open(&journal, &place, 1, &why), RESULT_OK, "%s", why.sentence);
}

/* People whom the city pays for from the first month on. */
static void enrol(uint32_t people) {
    for (uint32_t id = 1; id <= people; id++) {
        struct record record = {.offset = id,
                                .member_id = id,
                                .kind = CHANGE_ENROL,
                                .effective_day = calendar_first_day(first),
                                .has_after = true,
                                .after = {.identity = NIK + id,
                                          .kelurahan = city.regions.kelurahan[0].code,
                                          .segment = SEGMENT_PBPU_PEMDA,
                                          .status = STATUS_ACTIVE,
                                          .care_class = 3,
                                          .payer_month = first}};
        cr_assert_eq(partition_step(partition, &record, &why), RESULT_OK, "%s", why.sentence);
        cr_assert_eq(partition_settle(partition, id, &why), RESULT_OK);
    }
}

static void start(void) {
    char directory[BILLING_PATH];
    scratch_make(state);
    cr_assert_eq(city_load(&city, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(billing_directory(directory, state, &why), RESULT_OK);
    billing_books_path(path, state);
    arena_init(&arena, 64u << 20);
    first = calendar_month(calendar_day(2026, 11, 1));
    now = (struct inquiry_time){
        .now_ms = 1000, .time_ms = 1764000000000, .today = calendar_day(2026, 12, 25), .head = 77};
    finance_device = (struct asker){.device = 4, .role = ROLE_FINANCE};
    bpjs_device = (struct asker){.device = 5, .role = ROLE_BPJS};
    reader_device = (struct asker){.device = 6, .role = ROLE_READER};
    asker = &operator_here;
    open_office();
}
static void stop(void) {
    inquiry_destroy(&inquiry);
    inquiry_destroy(&inquiry);
    roll_destroy(&roll);
    closing_destroy(&closing);
    books_close(&books);
    partition_destroy(&partition);
    if (journal)
        journal->operations->close(&journal);
    arena_free(&arena);
    scratch_remove(state);
}
TestSuite(inquiry, .init = start, .fini = stop);

/* What the one worker does when it is told to act. */
static void act(const struct partition_order *order, struct wire_held *held) {
    static uint8_t packed[24][1 << 16];
    static struct wire_bytes_view views[24];
    struct ledger_sums *sums = calloc(24, sizeof *sums);
    struct ledger_entry entry;
    cr_assert_eq(partition_settle(partition, order->offset, &why), RESULT_OK);
    cr_assert_eq(partition_act(partition, order, 5, sums, &why), RESULT_OK, "%s", why.sentence);
    while (partition_take(partition, 5, &entry)) {
        cr_assert_eq(journal->operations->append(journal, &entry, &why), RESULT_OK, "%s", why.sentence);
        partition_committed(partition, &entry);
    }
    held->answer_months = order->act == PARTITION_PREVIEW ? order->months : order->act == PARTITION_CLOSE;
    for (uint16_t i = 0; i < held->answer_months; i++)
        views[i] = (struct wire_bytes_view){
            packed[i], ledger_sums_pack(&sums[i], &city.regions, packed[i], sizeof packed[i])};
    held->answer_sums = views;
    held->answer_sequence = partition_sequence(partition);
    memcpy(held->answer_hash, partition_hash(partition), JOURNAL_HASH_SIZE);
    free(sums);
}

/* Turns of the coordinator until no barrier stands. */
static void work(void) {
    for (int turn = 0; turn < 20; turn++) {
        struct partition_order order;
        bool changed, run = false;
        (void)closing_wants_head(closing);
        cr_assert_eq(closing_work(closing, now.head, true, now.time_ms, now.today, &changed, &why),
                     RESULT_OK);
        uint64_t id = closing_barrier(closing, &run, &order);
        if (id == 0)
            return;
        struct wire_held held = {
            .epoch = 1, .position = partition_position(partition), .ready = true, .code = "", .sentence = ""};
        held.open_month = partition_open_month(partition);
        if (run && !closing_taken(closing, 0)) {
            held.answer_barrier = id;
            act(&order, &held);
        }
        held.tariff_digest = partition_tariff_digest(partition);
        held.holding = run ? 0 : id;
        closing_report(closing, &held);
    }
    cr_assert_fail("the barrier never ends");
}

/* -- questions -- */

static enum result send(Cakupan__BillingRequest *request) {
    static uint8_t bytes[BILLING_REQUEST_MAX_BYTES];
    size_t size = cakupan__billing_request__get_packed_size(request);
    cr_assert_leq(size, sizeof bytes);
    cakupan__billing_request__pack(request, bytes);
    reply = NULL;
    return inquiry_request(inquiry, &peer, asker, bytes, size, &now, &why);
}

#define ASK(field, kind, message)                                                                            \
    ask((Cakupan__BillingRequest){.base = PROTOBUF_C_MESSAGE_INIT(&cakupan__billing_request__descriptor),    \
                                  .version = 1,                                                              \
                                  .id = 42,                                                                  \
                                  .author = (char *)author,                                                  \
                                  .ask_case = CAKUPAN__BILLING_REQUEST__ASK_##kind,                          \
                                  .field = message})
static const char *author = "Sri Rahayu";

/* With the turns that a barrier takes. */
static const Cakupan__BillingReply *ask(Cakupan__BillingRequest request) {
    cr_assert_eq(send(&request), RESULT_OK, "%s", why.sentence);
    for (int barrier = 0; barrier < 3 && (!reply || reply->id != 42); barrier++)
        work();
    cr_assert_not_null(reply, "everybody is answered");
    cr_assert_eq(reply->id, 42);
    return reply;
}

static void is_refused(const Cakupan__BillingReply *said, const char *code) {
    cr_assert_str_eq(said->code, code, "%s", said->sentence);
    cr_assert_neq(said->refusal, 0);
    cr_assert_gt(strlen(said->sentence), 20, "a sentence says what to do");
    cr_assert(!said->invoice.len && !said->month && !said->budget && !said->status && !said->frozen);
}
static void is_fine(const Cakupan__BillingReply *said) {
    cr_assert_str_eq(said->code, "", "%s", said->sentence);
    cr_assert_eq(said->refusal, 0);
}

static const Cakupan__BillingReply *preview(uint32_t month, uint32_t months) {
    Cakupan__PreviewRequest message = CAKUPAN__PREVIEW_REQUEST__INIT;
    message.month = month;
    message.months = months;
    return ASK(preview, PREVIEW, &message);
}
static const Cakupan__BillingReply *close_month(uint32_t month) {
    Cakupan__CloseRequest message = CAKUPAN__CLOSE_REQUEST__INIT;
    message.month = month;
    return ASK(close, CLOSE, &message);
}
static const Cakupan__BillingReply *check_close(uint32_t month) {
    Cakupan__CloseRequest message = CAKUPAN__CLOSE_REQUEST__INIT;
    message.month = month;
    message.check = true;
    return ASK(close, CLOSE, &message);
}
static const Cakupan__BillingReply *show(uint32_t month) {
    Cakupan__InvoiceRequest message = CAKUPAN__INVOICE_REQUEST__INIT;
    message.month = month;
    return ASK(invoice, INVOICE, &message);
}
static const Cakupan__BillingReply *pay(uint32_t month, int64_t amount, const char *sp2d) {
    Cakupan__PayRequest message = CAKUPAN__PAY_REQUEST__INIT;
    message.month = month;
    message.amount_rupiah = amount;
    message.sp2d = (char *)sp2d;
    message.date = 20261224;
    return ASK(pay, PAY, &message);
}
static const Cakupan__BillingReply *reverse(uint32_t month, const char *sp2d, const char *reason) {
    Cakupan__ReverseRequest message = CAKUPAN__REVERSE_REQUEST__INIT;
    message.month = month;
    message.sp2d = (char *)sp2d;
    message.reason = (char *)reason;
    return ASK(reverse, REVERSE, &message);
}
static const Cakupan__BillingReply *budget(uint32_t year, const struct tariff *what_if, uint32_t layoffs) {
    static uint8_t packed[TARIFF_PACKED_MAX];
    Cakupan__BudgetRequest message = CAKUPAN__BUDGET_REQUEST__INIT;
    message.year = year;
    message.what_if_layoffs = layoffs;
    if (what_if)
        message.what_if_tariff = (ProtobufCBinaryData){tariff_pack(what_if, packed), packed};
    return ASK(budget, BUDGET, &message);
}
static const Cakupan__BillingReply *frozen(uint32_t month, uint32_t number, bool roster, uint64_t from,
                                           uint32_t max_bytes) {
    Cakupan__FrozenRequest message = CAKUPAN__FROZEN_REQUEST__INIT;
    message.month = month;
    message.partition = number;
    message.roster = roster;
    message.from = from;
    message.max_bytes = max_bytes;
    return ASK(frozen, FROZEN, &message);
}
static const Cakupan__BillingReply *retariff(const struct tariff *new) {
    static uint8_t packed[TARIFF_PACKED_MAX];
    Cakupan__RetariffRequest message = CAKUPAN__RETARIFF_REQUEST__INIT;
    message.tariff = (ProtobufCBinaryData){tariff_pack(new, packed), packed};
    return ASK(retariff, RETARIFF, &message);
}
static const Cakupan__BillingReply *status(void) {
    Cakupan__BillingStatusRequest message = CAKUPAN__BILLING_STATUS_REQUEST__INIT;
    return ASK(status, STATUS, &message);
}
static const Cakupan__BillingReply *summary(void) {
    Cakupan__BillingSummaryRequest message = CAKUPAN__BILLING_SUMMARY_REQUEST__INIT;
    return ASK(summary, SUMMARY, &message);
}

static bool holds(ProtobufCBinaryData bytes, const char *text) {
    return memmem(bytes.data, bytes.len, text, strlen(text)) != NULL;
}

Test(inquiry, before_the_state_has_begun) {
    is_refused(preview(202611, 1), "BILLING_NOT_BEGUN");
    is_refused(close_month(202611), "BILLING_NOT_BEGUN");
    is_refused(show(202611), "BILLING_NOT_BEGUN");
    is_refused(pay(202611, 1, "1"), "BILLING_NOT_BEGUN");
    is_refused(budget(0, NULL, 0), "BILLING_NOT_BEGUN");
    is_refused(frozen(202611, 0, true, 0, 100), "BILLING_NOT_BEGUN");
    is_refused(retariff(&tariff), "BILLING_NOT_BEGUN");
    is_fine(status());
    cr_assert_eq(reply->status->open_month, 0);
    cr_assert_eq(reply->status->n_partitions, 0);
    cr_assert_not(reply->status->tariff_differs);
    is_fine(summary());
    cr_assert_eq(reply->summary->open_month, 0);
}

Test(inquiry, a_preview_and_a_close_say_the_same) {
    begin();
    enrol(PEOPLE);
    is_fine(preview(202611, 0));
    cr_assert(holds(reply->invoice, "\"frozen\":false"));
    cr_assert(holds(reply->invoice, "\"people\":3,\"amount_rupiah\":105000"));
    cr_assert(holds(reply->invoice, "\"city_paid\":{\"amount_rupiah\":113400,"));
    cr_assert(holds(reply->invoice, "\"as_of_offset\":77"));
    cr_assert_eq(reply->n_forecast, 0);
    is_fine(close_month(202611));
    cr_assert(holds(reply->invoice, "\"frozen\":true"));
    cr_assert(holds(reply->invoice, "\"city_paid\":{\"amount_rupiah\":113400,"));
    cr_assert_eq(reply->month->owed_rupiah[PAYER_CITY_IURAN], 105000);
    cr_assert_eq(reply->month->owed_rupiah[PAYER_CITY_BANTUAN], 8400);
    cr_assert_eq(reply->month->due_date, 20261210);
    cr_assert(reply->month->overdue, "the 10th of December is over on the 25th");
    cr_assert_eq(reply->month->arrears_rupiah, 113400);
    cr_assert_eq(reply->month->as_of_offset, 77);
    cr_assert_not(reply->month->repeated_ask);
}

Test(inquiry, a_month_closed_again_gives_the_same_bytes) {
    begin();
    enrol(PEOPLE);
    close_month(202611);
    size_t size = reply->invoice.len;
    uint8_t *bytes = malloc(size);
    memcpy(bytes, reply->invoice.data, size);
    now.time_ms += 5000000;
    now.head = 99;
    is_fine(close_month(202611));
    cr_assert(reply->month->repeated_ask);
    cr_assert(reply->invoice.len == size && memcmp(reply->invoice.data, bytes, size) == 0);
    is_fine(show(202611));
    cr_assert(reply->invoice.len == size && memcmp(reply->invoice.data, bytes, size) == 0);
    asker = &reader_device;
    is_fine(show(202611));
    is_refused(show(202612), "BILL_MONTH_NOT_CLOSED");
    is_refused(show(202610), "BILL_MONTH_BEFORE_STATE");
    free(bytes);
}

Test(inquiry, months_that_can_not_be) {
    begin();
    is_refused(close_month(202612), "BILL_MONTH_NOT_OPEN");
    is_refused(close_month(202610), "BILL_MONTH_BEFORE_STATE");
    is_refused(preview(202610, 1), "BILL_MONTH_BEFORE_STATE");
    is_fine(preview(203611, 1));
    is_refused(preview(203612, 1), "BILL_MONTH_NOT_OPEN");
    is_refused(preview(207906, 24), "BILL_MONTH_NOT_OPEN");
    is_refused(preview(202613, 1), "REQUEST_MALFORMED");
    is_refused(preview(202611, 25), "REQUEST_MALFORMED");
    is_fine(close_month(202611));
    is_refused(preview(202611, 1), "BILL_MONTH_CLOSED");
    now.today = calendar_day(2026, 12, 18);
    is_refused(close_month(202612), "BILL_TOO_EARLY");
}

Test(inquiry, whether_a_month_can_be_closed_is_answered_without_closing_it) {
    begin();
    is_refused(check_close(202612), "BILL_MONTH_NOT_OPEN");
    uint64_t decisions = books_sequence(books);
    is_fine(check_close(202611));
    cr_assert(reply->month && reply->month->month == 202611 && !reply->month->repeated_ask);
    cr_assert_eq(books_sequence(books), decisions);
    is_refused(show(202611), "BILL_MONTH_NOT_CLOSED");
    is_fine(close_month(202611));
    is_fine(check_close(202611));
    cr_assert(reply->month->repeated_ask);
    now.today = calendar_day(2026, 12, 18);
    is_refused(check_close(202612), "BILL_TOO_EARLY");
}

Test(inquiry, a_forecast_has_a_paper_for_each_month) {
    begin();
    enrol(PEOPLE);
    is_fine(preview(202611, 14));
    cr_assert_eq(reply->n_forecast, 14);
    cr_assert(holds(reply->forecast[0], "\"month\":\"2026-11\""));
    cr_assert(holds(reply->forecast[13], "\"month\":\"2027-12\""));
    cr_assert(holds(reply->invoice, "\"month\":\"2026-11\""));
}

Test(inquiry, who_asks_while_another_waits_is_answered_later) {
    begin();
    enrol(PEOPLE);
    Cakupan__PreviewRequest message = CAKUPAN__PREVIEW_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    message.month = 202611;
    request.version = 1;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_PREVIEW;
    request.preview = &message;
    for (uint64_t id = 1; id <= CLOSING_WAITING_MAX + 2; id++) {
        request.id = id;
        cr_assert_eq(send(&request), RESULT_OK);
        cr_assert_eq(reply != NULL, id > CLOSING_WAITING_MAX);
        if (reply)
            is_refused(reply, "BUSY");
    }
    replies = 0;
    is_fine(status());
    work();
    cr_assert_eq(replies, 1 + CLOSING_WAITING_MAX, "each one gets an answer, once");
    is_fine(preview(202611, 1));
}

Test(inquiry, payments_are_taken_once) {
    begin();
    enrol(PEOPLE);
    is_refused(pay(202611, 1, "1"), "BILL_MONTH_NOT_CLOSED");
    close_month(202611);
    is_refused(pay(202611, 113401, "1"), "PAYMENT_RANGE");
    is_refused(pay(202611, 1, "a b"), "SP2D_INVALID");
    asker = &finance_device;
    is_fine(pay(202611, 105001, "01/SP2D"));
    cr_assert_eq(reply->month->paid_rupiah[PAYER_CITY_IURAN], 105000);
    cr_assert_eq(reply->month->paid_rupiah[PAYER_CITY_BANTUAN], 1);
    cr_assert_eq(reply->month->arrears_rupiah, 8399);
    uint64_t decisions = books_sequence(books);
    is_fine(pay(202611, 105001, "01/SP2D"));
    cr_assert(reply->month->repeated_ask);
    cr_assert_eq(books_sequence(books), decisions, "nothing is stored again");
    is_refused(pay(202611, 105002, "01/SP2D"), "SP2D_TAKEN");
    int64_t lines[PAYER_COUNT] = {[PAYER_CITY_BANTUAN] = 8399};
    Cakupan__PayRequest message = CAKUPAN__PAY_REQUEST__INIT;
    message.month = 202611;
    message.line_rupiah = lines;
    message.n_line_rupiah = PAYER_COUNT;
    message.sp2d = (char *)"02/SP2D";
    message.date = 20261225;
    is_fine(ASK(pay, PAY, &message));
    cr_assert_eq(reply->month->arrears_rupiah, 0);
    cr_assert_not(reply->month->overdue);
}

Test(inquiry, a_payment_is_reversed_once_and_booked_again) {
    begin();
    enrol(PEOPLE);
    close_month(202611);
    asker = &finance_device;
    is_fine(pay(202611, 105001, "01/SP2D"));
    uint64_t payment = books_sequence(books);
    is_refused(reverse(202612, "01/SP2D", "salah bulan"), "SP2D_OTHER_MONTH");
    is_refused(reverse(202611, "02/SP2D", "salah bulan"), "SP2D_UNKNOWN");
    is_refused(reverse(202611, "01/SP2D", ""), "REASON_MISSING");
    is_refused(reverse(202613, "01/SP2D", "salah bulan"), "REQUEST_MALFORMED");
    asker = &bpjs_device;
    is_refused(reverse(202611, "01/SP2D", "salah bulan"), "ROLE_NOT_ALLOWED");
    asker = &finance_device;
    for (int time = 0; time < 2; time++) {
        is_fine(reverse(202611, "01/SP2D", "salah bulan"));
        cr_assert_eq(reply->month->repeated_ask, time == 1);
        cr_assert_eq(reply->month->paid_rupiah[PAYER_CITY_IURAN], 0);
        cr_assert_eq(reply->month->arrears_rupiah, 113400);
        cr_assert_eq(books_sequence(books), payment + 1, "stored once");
    }
    is_fine(pay(202611, 105001, "01/SP2D"));
    cr_assert_not(reply->month->repeated_ask);
    cr_assert_eq(reply->month->n_payments, 3);
    const Cakupan__BookedPayment *reversal = reply->month->payments[1];
    cr_assert_eq(reversal->amount_rupiah[PAYER_CITY_IURAN], -105000);
    cr_assert_eq(reversal->amount_rupiah[PAYER_CITY_BANTUAN], -1);
    cr_assert_eq(reversal->reverses, payment);
    cr_assert_str_eq(reversal->reason, "salah bulan");
    cr_assert_str_eq(reversal->sp2d, "01/SP2D");
    cr_assert_eq(reversal->date, calendar_to_number(now.today));
    cr_assert_eq(reply->month->payments[0]->date, 20261224);
}

static void set_budget(uint32_t year, int64_t iuran, int64_t bantuan, const char *code) {
    int64_t ceiling[PAYER_COUNT] = {[PAYER_CITY_IURAN] = iuran, [PAYER_CITY_BANTUAN] = bantuan};
    Cakupan__BudgetSetRequest message = CAKUPAN__BUDGET_SET_REQUEST__INIT;
    message.year = year;
    message.ceiling_rupiah = ceiling;
    message.n_ceiling_rupiah = PAYER_COUNT;
    const Cakupan__BillingReply *said = ASK(budget_set, BUDGET_SET, &message);
    if (*code)
        is_refused(said, code);
    else
        is_fine(said);
}

Test(inquiry, the_budget_is_closed_months_and_a_forecast) {
    begin();
    enrol(PEOPLE);
    close_month(202611);
    set_budget(2026, 200000, 100000, "");
    set_budget(2025, 1, 1, "BUDGET_YEAR");
    set_budget(2026, -1, 1, "BUDGET_RANGE");
    is_fine(budget(0, NULL, 0));
    const Cakupan__BudgetReply *said = reply->budget;
    cr_assert_eq(said->year, 2026, "of the open month");
    cr_assert_eq(said->n_months, 2);
    cr_assert(said->months[0]->closed && !said->months[1]->closed);
    cr_assert_eq(said->months[1]->amount_rupiah[PAYER_CITY_IURAN], 105000);
    cr_assert_eq(said->n_lines, 3);
    cr_assert_eq(said->lines[0]->payer, PAYER_CITY_IURAN);
    cr_assert_eq(said->lines[0]->ceiling_rupiah, 200000);
    cr_assert_eq(said->lines[0]->committed_rupiah, 105000);
    cr_assert_eq(said->lines[0]->forecast_rupiah, 105000);
    cr_assert_eq(said->lines[0]->runs_out_month, 202612);
    cr_assert_eq(said->lines[0]->runs_out_date, 20261229); /* 95,000 of 105,000: 28 of 31 days */
    cr_assert_eq(said->lines[1]->runs_out_month, 0);
    cr_assert_eq(said->lines[2]->payer, 0, "both");
    cr_assert_eq(said->lines[2]->ceiling_rupiah, 300000);
    cr_assert_eq(said->as_of_offset, 77);
}

Test(inquiry, what_if) {
    struct tariff other = tariff;
    begin();
    enrol(PEOPLE);
    is_fine(budget(2027, NULL, 100));
    cr_assert_eq(reply->budget->n_months, 12);
    cr_assert_eq(reply->budget->months[11]->amount_rupiah[PAYER_CITY_IURAN], 103 * 35000);
    for (unsigned i = 0; i < other.count; i++)
        if (other.rows[i].segment == SEGMENT_PBPU_PEMDA)
            other.rows[i].share[PAYER_CITY_IURAN] = 50000;
    is_fine(budget(2027, &other, 100));
    cr_assert_eq(reply->budget->months[0]->amount_rupiah[PAYER_CITY_IURAN], 103 * 50000);
    is_fine(budget(2027, NULL, 0));
    cr_assert_eq(reply->budget->months[0]->amount_rupiah[PAYER_CITY_IURAN], 3 * 35000, "nothing has changed");
    is_refused(budget(2025, NULL, 0), "BUDGET_YEAR");
    is_refused(budget(2037, NULL, 0), "BILL_MONTH_NOT_OPEN");
    Cakupan__BudgetRequest message = CAKUPAN__BUDGET_REQUEST__INIT;
    message.what_if_tariff = (ProtobufCBinaryData){3, (uint8_t *)"abc"};
    is_refused(ASK(budget, BUDGET, &message), "TARIFF_INVALID");
}

Test(inquiry, a_budget_that_a_close_overtakes_is_asked_again) {
    Cakupan__CloseRequest close = CAKUPAN__CLOSE_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    begin();
    close.month = 202611;
    request.version = 1;
    request.author = (char *)author;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_CLOSE;
    request.close = &close;
    cr_assert_eq(send(&request), RESULT_OK);
    is_refused(budget(2026, NULL, 0), "BILL_WAITS");
    is_fine(budget(2026, NULL, 0));
    cr_assert(reply->budget->months[0]->closed);
}

Test(inquiry, a_closed_year_is_answered_at_once) {
    begin();
    close_month(202611);
    close_month(202612);
    Cakupan__BudgetRequest message = CAKUPAN__BUDGET_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    message.year = 2026;
    request.version = 1;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_BUDGET;
    request.budget = &message;
    cr_assert_eq(send(&request), RESULT_OK);
    cr_assert_not_null(reply, "no barrier is needed");
    cr_assert_eq(reply->budget->n_months, 2);
}

Test(inquiry, a_tariff_comes_into_force_at_a_barrier) {
    struct tariff other = tariff;
    begin();
    enrol(PEOPLE);
    is_refused(retariff(&tariff), "TARIFF_UNCHANGED");
    for (unsigned i = 0; i < other.count; i++)
        if (other.rows[i].segment == SEGMENT_PBPU_PEMDA)
            other.rows[i].share[PAYER_CITY_IURAN] = 50000;
    is_fine(retariff(&other));
    cr_assert_eq(tariff_digest(books_tariff(books)), tariff_digest(&other));
    is_fine(status());
    cr_assert(reply->status->tariff_differs, "the file has the old one still");
    is_fine(preview(202611, 1));
    cr_assert(holds(reply->invoice, "\"amount_rupiah\":150000"));
    Cakupan__RetariffRequest message = CAKUPAN__RETARIFF_REQUEST__INIT;
    message.tariff = (ProtobufCBinaryData){5, (uint8_t *)"abcde"};
    is_refused(ASK(retariff, RETARIFF, &message), "TARIFF_INVALID");
    asker = &finance_device;
    is_refused(retariff(&tariff), "ROLE_NOT_ALLOWED");
}

/* -- frozen parts -- */

struct seen {
    uint32_t count;
    identity_t last;
    int64_t amount;
};
static void see(void *context, const struct roster_entry *entry) {
    struct seen *seen = context;
    seen->count++;
    seen->last = entry->identity;
    seen->amount += entry->amount_rupiah;
}
static void see_charge(void *context, const struct charge *charge) {
    struct seen *seen = context;
    seen->count++;
    seen->amount += charge->amount_rupiah;
}

/* Reads it in pieces of `piece` bytes. */
static size_t read_whole(bool roster, uint32_t piece, uint8_t *out) {
    size_t size = 0;
    do {
        is_fine(frozen(202611, 0, roster, size, piece));
        cr_assert_eq(reply->frozen->partitions, 1);
        cr_assert_leq(reply->frozen->data.len, piece);
        memcpy(out + size, reply->frozen->data.data, reply->frozen->data.len);
        size += reply->frozen->data.len;
    } while (size < reply->frozen->size);
    return size;
}

Test(inquiry, niks_are_for_finance_alone) {
    static uint8_t bytes[1 << 16];
    static const struct {
        const struct asker *asker;
        identity_t last;
    } expected[] = {{&finance_device, NIK + PEOPLE},
                    {&operator_here, 0},
                    {&bpjs_device, 0},
                    {&finance_device, NIK + PEOPLE}};
    begin();
    enrol(PEOPLE);
    close_month(202611);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        for (uint32_t piece = 1; piece <= 1000; piece *= 10) {
            struct seen seen = {0};
            asker = expected[i].asker;
            size_t size = read_whole(true, piece, bytes);
            cr_assert_eq(roster_unpack(bytes, size, see, &seen, &why), RESULT_OK, "%s", why.sentence);
            cr_assert_eq(seen.count, PEOPLE);
            cr_assert_eq(seen.amount, PEOPLE * 37800);
            cr_assert_eq(seen.last, expected[i].last, "asker %zu", i);
        }
    asker = &reader_device;
    is_refused(frozen(202611, 0, true, 0, 100), "ROLE_NOT_ALLOWED");
}

Test(inquiry, charges_add_up_to_the_invoice) {
    static uint8_t bytes[1 << 16];
    struct seen seen = {0};
    begin();
    enrol(PEOPLE);
    close_month(202611);
    size_t size = read_whole(false, 4u << 20, bytes);
    cr_assert_eq(charges_unpack(bytes, size, see_charge, &seen, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(seen.count, 3 * PEOPLE, "the centre's and two lines of the city");
    cr_assert_eq(seen.amount, PEOPLE * 42000);
}

Test(inquiry, pieces_that_there_are_not) {
    begin();
    enrol(PEOPLE);
    is_refused(frozen(202611, 0, true, 0, 100), "BILL_MONTH_NOT_CLOSED");
    close_month(202611);
    is_refused(frozen(202610, 0, true, 0, 100), "BILL_MONTH_BEFORE_STATE");
    is_refused(frozen(202611, 1, true, 0, 100), "FROZEN_RANGE");
    is_refused(frozen(202611, 0, true, 1000000, 100), "FROZEN_RANGE");
    is_refused(frozen(202611, 0, true, 0, 0), "REQUEST_MALFORMED");
    is_refused(frozen(202611, 64, true, 0, 100), "REQUEST_MALFORMED");
    is_fine(frozen(202611, 0, true, 0, 1000));
    is_fine(frozen(202611, 0, true, reply->frozen->size, 1000));
    cr_assert_eq(reply->frozen->data.len, 0, "at the end there is nothing more");
}

static const Cakupan__BillingReply *note(uint32_t month) {
    Cakupan__FrozenRequest message = CAKUPAN__FROZEN_REQUEST__INIT;
    message.month = month;
    message.max_bytes = 1;
    message.roster = message.note = true;
    return ASK(frozen, FROZEN, &message);
}

/* The month is open: an audit takes the roster from the journal, and is the finance office's all the same. */
Test(inquiry, whole_niks_of_an_open_month_are_noted_for_finance_alone) {
    struct asker *const others[] = {&operator_here, &bpjs_device, &reader_device};
    begin();
    enrol(PEOPLE);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        asker = others[i];
        is_refused(note(202611), "ROLE_NOT_ALLOWED");
    }
    asker = &finance_device;
    is_fine(note(202611));
    cr_assert_eq(reply->frozen->data.len, 0);
    is_refused(note(202610), "BILL_MONTH_BEFORE_STATE");
}

Test(inquiry, a_journal_that_is_gone_is_said) {
    char directory[BILLING_PATH];
    begin();
    close_month(202611);
    billing_partition_path(directory, state, 0);
    scratch_remove(directory);
    const Cakupan__BillingReply *said = frozen(202611, 0, true, 0, 100);
    cr_assert_neq(said->refusal, 0);
    is_fine(status());
}

/* -- decided at once -- */

static const Cakupan__BillingReply *scale(uint32_t workers) {
    Cakupan__ScaleRequest message = CAKUPAN__SCALE_REQUEST__INIT;
    message.workers = workers;
    return ASK(scale, SCALE, &message);
}
static const Cakupan__BillingReply *settle(uint64_t id) {
    Cakupan__SettleRequest message = CAKUPAN__SETTLE_REQUEST__INIT;
    message.failure_id = id;
    return ASK(settle, SETTLE, &message);
}
static const Cakupan__BillingReply *audited(uint32_t month) {
    uint64_t counts[] = {5, 0, UINT64_MAX};
    Cakupan__AuditedRequest message = CAKUPAN__AUDITED_REQUEST__INIT;
    message.month = month;
    message.offset = 70;
    message.counts = counts;
    message.n_counts = 3;
    return ASK(audited, AUDITED, &message);
}

Test(inquiry, workers_are_scaled_and_failures_settled) {
    begin();
    is_fine(scale(3));
    cr_assert_eq(books_scaled(books), 3);
    is_refused(scale(LEASE_WORKERS_MAX + 1), "WORKERS_RANGE");
    cr_assert_eq(books_scaled(books), 3);
    is_fine(scale(0));
    struct decision failed = {
        .kind = DECISION_FAILED, .month = first, .code = "DISK_FULL", .sentence = "Full."};
    cr_assert_eq(books_decide(books, &failed, 1, &why), RESULT_OK);
    is_fine(status());
    cr_assert_eq(reply->status->n_failures, 1);
    cr_assert_eq(reply->status->failures[0]->month, 202611);
    cr_assert_str_eq(reply->status->failures[0]->code, "DISK_FULL");
    is_fine(summary());
    cr_assert_eq(reply->summary->failures, 1);
    is_refused(close_month(202611), "BILL_FAILURE_PARKED");
    is_refused(settle(failed.failure_id + 1), "FAILURE_UNKNOWN");
    is_fine(settle(failed.failure_id));
    is_refused(settle(failed.failure_id), "FAILURE_UNKNOWN");
    is_fine(close_month(202611));
}

Test(inquiry, what_decides_needs_an_author) {
    begin();
    close_month(202611);
    author = "";
    is_refused(scale(1), "AUTHOR_MISSING");
    is_refused(close_month(202612), "AUTHOR_MISSING");
    is_refused(audited(202612), "AUTHOR_MISSING");
    is_refused(retariff(&(struct tariff){.count = 0}), "AUTHOR_MISSING");
    set_budget(2026, 1, 1, "AUTHOR_MISSING");
    is_fine(preview(202612, 1));
    is_fine(show(202611));
    author = "Sri Rahayu";
    is_fine(close_month(202612));
}

struct last {
    struct decision decision;
    struct arena arena;
    char author[TEXT_MAX + 1];
    uint64_t counts[8];
};
static bool keep_last(void *context, uint64_t sequence, const uint8_t *bytes, size_t size) {
    struct last *last = context;
    (void)sequence;
    arena_reset(&last->arena);
    cr_assert_eq(wire_decision_decode(bytes, size, &last->arena, &last->decision), RESULT_OK);
    snprintf(last->author, sizeof last->author, "%.*s", last->decision.author.size,
             last->decision.author.data);
    memcpy(last->counts, last->decision.bytes,
           last->decision.size < sizeof last->counts ? last->decision.size : sizeof last->counts);
    return true;
}

Test(inquiry, a_decision_says_who_and_when) {
    struct last last = {0};
    arena_init(&last.arena, 1 << 16);
    begin();
    asker = &finance_device;
    is_fine(audited(202611));
    is_refused(audited(202610), "BILL_MONTH_BEFORE_STATE");
    cr_assert_eq(books_list(books, books_sequence(books), keep_last, &last, &why), RESULT_OK);
    cr_assert_eq(last.decision.kind, DECISION_AUDITED);
    cr_assert_eq(last.decision.device, 4);
    cr_assert_eq(last.decision.time_ms, now.time_ms);
    cr_assert_eq(last.decision.day, now.today);
    cr_assert(last.decision.month == first && last.decision.offset == 70 && last.decision.size == 24);
    cr_assert(last.counts[0] == 5 && last.counts[1] == 0 && last.counts[2] == UINT64_MAX);
    cr_assert_str_eq(last.author, "Sri Rahayu");
    arena_free(&last.arena);
}

Test(inquiry, an_audit_of_a_closed_month_is_not_put_into_its_minutes) {
    begin();
    is_fine(audited(202611));
    is_fine(close_month(202611));
    uint64_t before = books_sequence(books);
    is_refused(audited(202611), "BILL_MONTH_CLOSED");
    cr_assert_eq(books_sequence(books), before);
    is_fine(audited(202612));
}

Test(inquiry, decisions_are_read_a_page_at_a_time) {
    Cakupan__DecisionsRequest message = CAKUPAN__DECISIONS_REQUEST__INIT;
    begin();
    for (uint32_t i = 1; i <= 5; i++)
        is_fine(scale(i));
    message.from = 2;
    message.limit = 3;
    is_fine(ASK(decisions, DECISIONS, &message));
    cr_assert_eq(reply->n_decisions, 3);
    cr_assert_eq(reply->next_decision, 5);
    message.from = reply->next_decision;
    is_fine(ASK(decisions, DECISIONS, &message));
    cr_assert_eq(reply->n_decisions, 2);
    cr_assert_eq(reply->next_decision, 7);
    message.from = 7;
    is_fine(ASK(decisions, DECISIONS, &message));
    cr_assert_eq(reply->n_decisions, 0);
    cr_assert_eq(reply->next_decision, 7);
    asker = &finance_device;
    is_refused(ASK(decisions, DECISIONS, &message), "ROLE_NOT_ALLOWED");
}

Test(inquiry, status_and_summary_know_the_money) {
    begin();
    enrol(PEOPLE);
    close_month(202611);
    is_fine(status());
    cr_assert_str_eq(reply->status->version, CAKUPAN_VERSION);
    cr_assert_eq(reply->status->first_month, 202611);
    cr_assert_eq(reply->status->open_month, 202612);
    cr_assert_eq(reply->status->uptime_ms, 100);
    cr_assert_eq(reply->status->head, 77);
    cr_assert_eq(reply->status->n_partitions, 1);
    cr_assert_eq(reply->status->decisions, books_sequence(books));
    cr_assert_eq(reply->status->barrier, 0);
    cr_assert_not(reply->status->tariff_differs);
    is_fine(summary());
    cr_assert_eq(reply->summary->open_month, 202612);
    cr_assert_eq(reply->summary->invoiced_month, 202611);
    cr_assert_eq(reply->summary->due_date, 20261210);
    cr_assert_eq(reply->summary->owed_rupiah, 113400);
    cr_assert_eq(reply->summary->arrears_rupiah, 113400);
    cr_assert_eq(reply->summary->arrears_months, 1);
    pay(202611, 113400, "1");
    is_fine(summary());
    cr_assert_eq(reply->summary->owed_rupiah, 0);
    cr_assert_eq(reply->summary->arrears_months, 0);
}

Test(inquiry, a_barrier_is_seen_while_it_stands) {
    Cakupan__PreviewRequest message = CAKUPAN__PREVIEW_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    bool changed;
    begin();
    message.month = 202701;
    request.version = 1;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_PREVIEW;
    request.preview = &message;
    cr_assert_eq(send(&request), RESULT_OK);
    (void)closing_wants_head(closing);
    cr_assert_eq(closing_work(closing, 77, true, now.time_ms, now.today, &changed, &why), RESULT_OK);
    is_fine(status());
    cr_assert_neq(reply->status->barrier, 0);
    cr_assert_eq(reply->status->barrier_month, 202701);
    cr_assert_eq(reply->status->barrier_answers, 0);
}

Test(inquiry, an_answer_beyond_its_bound_is_said_to_be_so) {
    Cakupan__BillingReply long_reply = CAKUPAN__BILLING_REPLY__INIT;
    uint8_t *bytes = calloc(1, BILLING_REPLY_MAX_BYTES);
    long_reply.id = 42;
    long_reply.invoice = (ProtobufCBinaryData){BILLING_REPLY_MAX_BYTES - 100, bytes};
    inquiry_reply(inquiry, &peer, &long_reply);
    is_fine(reply);
    long_reply.invoice.len = BILLING_REPLY_MAX_BYTES;
    inquiry_reply(inquiry, &peer, &long_reply);
    is_refused(reply, "REPLY_LONG");
    cr_assert_eq(reply->id, 42);
    free(bytes);
}

/* -- bad bytes -- */

Test(inquiry, whatever_comes_is_answered) {
    uint8_t bytes[256];
    Cakupan__PayRequest message = CAKUPAN__PAY_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    begin();
    message.month = 202611;
    message.amount_rupiah = 5;
    message.sp2d = (char *)"1";
    message.date = 20261201;
    request.version = 1;
    request.author = (char *)author;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_PAY;
    request.pay = &message;
    size_t size = cakupan__billing_request__pack(&request, bytes);
    uint64_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        uint8_t damaged[512];
        memcpy(damaged, bytes, size);
        size_t damaged_size = mutate(damaged, size, sizeof damaged, &seed);
        replies = 0;
        cr_assert_eq(inquiry_request(inquiry, &peer, asker, damaged, damaged_size, &now, &why), RESULT_OK);
        if (replies == 0)
            work();
        cr_assert_eq(replies, 1, "round %d", round);
    }
    replies = 0;
    cr_assert_eq(inquiry_request(inquiry, &peer, asker, NULL, 0, &now, &why), RESULT_OK);
    cr_assert_eq(replies, 1);
    is_refused(reply, "REQUEST_MALFORMED");
}
