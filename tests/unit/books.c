/* books.c - tests services/billing/books*.c: decisions are stored, then applied, and come back after a
 * restart; what contradicts or could not be read again is never stored. */
#include "billing/books.h"

#include "scratch.h"
#include "wire/wire_decision.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
static struct payment_terms terms = {.count = 1, .rows = {{.due_day_of_month = 10, .due_month = 1}}};
static struct policy policy = {.count = 1, .rows = {{.cut_off_day = 19}}};
static struct books *books;
static struct failure why;
static uint8_t packed[TARIFF_PACKED_MAX];
static size_t packed_size;
static month_t first;

static struct tariff tariff_of(uint32_t iuran) {
    struct tariff tariff = {.count = 1};
    tariff.rows[0] = (struct tariff_row){.segment = SEGMENT_PBPU_PEMDA, .care_class = 3};
    tariff.rows[0].share[PAYER_CITY_IURAN] = iuran;
    return tariff;
}

static void open_books(void) {
    struct books_config config = {.path = path, .terms = &terms, .policy = &policy};
    cr_assert_eq(books_open(&books, &config, &why), RESULT_OK, "%s", why.sentence);
}
static void reopen(void) {
    books_close(&books);
    cr_assert_null(books);
    open_books();
}
static void start(void) {
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/books.db", directory);
    first = calendar_month(calendar_day(2026, 11, 1));
    open_books();
}
static void stop(void) {
    books_close(&books);
    books_close(&books);
    scratch_remove(directory);
}
TestSuite(books, .init = start, .fini = stop);

static enum result decide(struct decision decision) {
    why = (struct failure){0};
    return books_decide(books, &decision, 1, &why);
}

static void must(struct decision decision) {
    cr_assert_eq(decide(decision), RESULT_OK, "%s", why.sentence);
}

static void must_not(struct decision decision, const char *code) {
    uint64_t before = books_sequence(books);
    cr_assert_neq(decide(decision), RESULT_OK);
    cr_assert_str_eq(why.code, code, "%s", why.sentence);
    cr_assert_eq(books_sequence(books), before, "nothing is stored");
}

static struct decision with_tariff(uint8_t kind, uint32_t iuran) {
    struct tariff tariff = tariff_of(iuran);
    packed_size = tariff_pack(&tariff, packed);
    return (struct decision){
        .kind = kind, .month = first, .count = 16, .offset = 1, .bytes = packed, .size = packed_size};
}

static void begin(void) {
    struct decision begun = with_tariff(DECISION_BEGUN, 35000);
    must(begun);
}

static struct decision closing(month_t month, uint64_t offset) {
    return (struct decision){.kind = DECISION_CLOSING, .month = month, .offset = offset, .time_ms = 1234};
}

static struct decision invoice(month_t month, uint64_t offset, const char *bytes) {
    return (struct decision){.kind = DECISION_INVOICE,
                             .month = month,
                             .offset = offset,
                             .due_day = 46000,
                             .amount_rupiah = {[PAYER_CITY_IURAN] = 35000},
                             .bytes = (const uint8_t *)bytes,
                             .size = strlen(bytes)};
}

static struct device device_of(uint32_t id, uint8_t key) {
    struct device device = {.id = id, .role = ROLE_FINANCE, .area = 3671, .public_key = {key, 1}};
    snprintf(device.name, sizeof device.name, "device %u", id);
    return device;
}

static struct decision device_decision(const struct device *device, uint64_t offset) {
    return (struct decision){.kind = DECISION_DEVICE, .offset = offset, .new_device = device};
}

Test(books, the_state_begins_once) {
    struct books_begun begun;
    cr_assert_not(books_begun(books, &begun));
    cr_assert_eq(begun.partitions, 0);
    must_not(closing(first, 5), "BOOKS_CONTRADICTS");
    must_not((struct decision){.kind = DECISION_EPOCH, .epoch = 1}, "BOOKS_CONTRADICTS");
    struct decision bad = with_tariff(DECISION_BEGUN, 35000);
    bad.count = 0;
    must_not(bad, "BOOKS_CONTRADICTS");
    bad.count = LEDGER_PARTITIONS_MAX + 1;
    must_not(bad, "BOOKS_CONTRADICTS");
    bad.count = 16;
    bad.size--;
    must_not(bad, "BOOKS_CONTRADICTS");
    bad.size++;
    bad.month = MONTH_NONE;
    must_not(bad, "FINANCE_CONTRADICTS");
    begin();
    must_not(with_tariff(DECISION_BEGUN, 35000), "FINANCE_CONTRADICTS");
    for (int again = 0; again < 2; again++, reopen()) {
        struct tariff tariff = tariff_of(35000);
        cr_assert(books_begun(books, &begun));
        cr_assert_eq(begun.partitions, 16);
        cr_assert_eq(begun.first_month, first);
        cr_assert_eq(tariff_digest(begun.first_tariff), tariff_digest(&tariff));
        cr_assert_eq(tariff_digest(books_tariff(books)), tariff_digest(&tariff));
        cr_assert_eq(finance_open_month(books_finance(books)), first);
        cr_assert_eq(books_device_offset(books), 1);
    }
}

Test(books, epochs_only_grow) {
    struct decision epoch = {.kind = DECISION_EPOCH, .partition = 15, .epoch = 3, .worker = 7, .local = true};
    epoch.author = (struct text){"billing-worker-7", 16};
    begin();
    must(epoch);
    must_not(epoch, "BOOKS_CONTRADICTS");
    epoch.epoch = 2;
    must_not(epoch, "BOOKS_CONTRADICTS");
    epoch.epoch = 9;
    epoch.partition = 16;
    must_not(epoch, "BOOKS_CONTRADICTS");
    epoch.partition = 15;
    epoch.author = (struct text){"a name of thirty-two characters..", 33};
    must_not(epoch, "BOOKS_CONTRADICTS");
    reopen();
    struct books_epoch known = books_epoch(books, 15);
    cr_assert(known.epoch == 3 && known.worker == 7 && known.local);
    cr_assert_str_eq(known.name, "billing-worker-7");
    cr_assert_eq(books_epoch(books, 14).epoch, 0, "never granted");
}

Test(books, many_decisions_go_in_together) {
    struct decision epochs[LEDGER_PARTITIONS_MAX];
    begin();
    for (uint32_t i = 0; i < 16; i++)
        epochs[i] = (struct decision){.kind = DECISION_EPOCH, .partition = i, .epoch = i + 1};
    cr_assert_eq(books_decide(books, epochs, 16, &why), RESULT_OK, "%s", why.sentence);
    for (uint32_t i = 0; i < 16; i++)
        cr_assert_eq(epochs[i].sequence, 2 + i);
    epochs[0].epoch = epochs[1].epoch = 40;
    epochs[2].epoch = 1; /* goes back: none of them is stored */
    cr_assert_eq(books_decide(books, epochs, 3, &why), RESULT_CORRUPT);
    cr_assert_eq(books_sequence(books), 17);
    cr_assert_eq(books_epoch(books, 0).epoch, 1);
    cr_assert_eq(books_decide(books, epochs, 0, &why), RESULT_OK);
}

Test(books, a_close_is_unfinished_until_its_invoice) {
    struct partition_order order;
    begin();
    cr_assert_not(books_unfinished(books, &order));
    must_not(closing(first + 1, 500), "BOOKS_CONTRADICTS");
    must_not(invoice(first, 500, "{}"), "BOOKS_CONTRADICTS");
    must(closing(first, 500));
    must_not(closing(first, 501), "BOOKS_CONTRADICTS");
    must_not(with_tariff(DECISION_RETARIFF, 36000), "BOOKS_CONTRADICTS");
    must_not((struct decision){.kind = DECISION_RETARIFFED, .offset = 500}, "BOOKS_CONTRADICTS");
    must_not(invoice(first, 501, "{}"), "BOOKS_CONTRADICTS");
    must_not(invoice(first, 500, ""), "BOOKS_CONTRADICTS");
    reopen();
    cr_assert(books_unfinished(books, &order));
    cr_assert(order.act == PARTITION_CLOSE && order.month == first && order.offset == 500 && !order.tariff);
    cr_assert_eq(books_unfinished_time_ms(books), 1234);
    must(invoice(first, 500, "{\"month\":1}"));
    cr_assert_not(books_unfinished(books, &order));
    cr_assert_eq(finance_open_month(books_finance(books)), first + 1);
    reopen();
    cr_assert_not(books_unfinished(books, &order));
}

Test(books, invoices_come_back_byte_for_byte) {
    const uint8_t *bytes;
    size_t size;
    begin();
    cr_assert_eq(books_invoice(books, first, &bytes, &size, &why), RESULT_NOT_FOUND);
    cr_assert_str_eq(why.code, "BILL_MONTH_NOT_CLOSED");
    must(closing(first, 500));
    must(invoice(first, 500, "{\"month\":1}"));
    must(closing(first + 1, 600));
    static char large[3 << 20];
    memset(large, 'x', sizeof large - 1);
    must(invoice(first + 1, 600, large));
    for (int again = 0; again < 2; again++, reopen()) {
        cr_assert_eq(books_invoice(books, first + 1, &bytes, &size, &why), RESULT_OK, "%s", why.sentence);
        cr_assert_eq(size, sizeof large - 1);
        cr_assert_eq(memcmp(bytes, large, size), 0);
        cr_assert_eq(books_invoice(books, first, &bytes, &size, &why), RESULT_OK);
        cr_assert(size == 11 && memcmp(bytes, "{\"month\":1}", 11) == 0);
        cr_assert_eq(books_invoice(books, first + 2, &bytes, &size, &why), RESULT_NOT_FOUND);
        cr_assert_eq(books_invoice(books, first - 1, &bytes, &size, &why), RESULT_NOT_FOUND);
    }
}

Test(books, a_tariff_is_in_force_when_all_are_under_it) {
    struct partition_order order;
    struct tariff old = tariff_of(35000), new = tariff_of(36000);
    begin();
    struct decision intent = with_tariff(DECISION_RETARIFF, 36000);
    intent.offset = 700;
    must(intent);
    for (int again = 0; again < 2; again++, reopen()) {
        cr_assert(books_unfinished(books, &order));
        cr_assert_eq(order.act, PARTITION_RETARIFF);
        cr_assert_eq(order.offset, 700);
        cr_assert_eq(tariff_digest(order.tariff), tariff_digest(&new));
        cr_assert_eq(tariff_digest(books_tariff(books)), tariff_digest(&old));
    }
    must_not((struct decision){.kind = DECISION_RETARIFFED, .offset = 701}, "BOOKS_CONTRADICTS");
    must((struct decision){.kind = DECISION_RETARIFFED, .offset = 700});
    reopen();
    struct books_begun begun;
    cr_assert(books_begun(books, &begun));
    cr_assert_eq(tariff_digest(books_tariff(books)), tariff_digest(&new));
    cr_assert_eq(tariff_digest(begun.first_tariff), tariff_digest(&old), "the first one stays known");
    cr_assert_not(books_unfinished(books, &order));
}

Test(books, devices_are_as_the_journal_has_them) {
    struct device one = device_of(1, 11), two = device_of(2, 22), taken = device_of(3, 11);
    must_not(device_decision(&two, 5), "BOOKS_CONTRADICTS");
    must(device_decision(&one, 5));
    must(device_decision(&two, 6));
    must_not(device_decision(&taken, 7), "BOOKS_CONTRADICTS");
    must_not(device_decision(NULL, 7), "BOOKS_CONTRADICTS");
    must_not(device_decision(&one, 4), "BOOKS_CONTRADICTS");
    one.revoked = true;
    must(device_decision(&one, 9));
    two.public_key[0] = 11;
    must_not(device_decision(&two, 10), "BOOKS_CONTRADICTS");
    must((struct decision){.kind = DECISION_FOLLOWED, .offset = 20, .day = 46000});
    must_not((struct decision){.kind = DECISION_FOLLOWED, .offset = 19, .day = 46000}, "BOOKS_CONTRADICTS");
    for (int again = 0; again < 2; again++, reopen()) {
        const uint8_t key[DEVICE_KEY_SIZE] = {22, 1}, unknown[DEVICE_KEY_SIZE] = {33, 1};
        cr_assert(books_device(books, 1)->revoked);
        cr_assert_str_eq(books_device(books, 2)->name, "device 2");
        cr_assert_eq(books_device(books, 2)->role, ROLE_FINANCE);
        cr_assert_null(books_device(books, 0));
        cr_assert_null(books_device(books, 3));
        cr_assert_eq(books_device_by_key(books, key)->id, 2);
        cr_assert_null(books_device_by_key(books, unknown));
        cr_assert_eq(books_device_offset(books), 20);
        cr_assert_eq(books_followed_day(books), 46000);
    }
}

Test(books, without_devices_no_key_is_known) {
    const uint8_t key[DEVICE_KEY_SIZE] = {0};
    cr_assert_null(books_device_by_key(books, key));
    cr_assert_eq(books_followed_day(books), DAY_NONE);
    cr_assert_eq(books_device_offset(books), 0);
}

Test(books, failures_get_a_number_and_clean_words) {
    static struct decision parked[FINANCE_FAILURES_MAX];
    struct decision failed = {.kind = DECISION_FAILED, .code = "FEED\nFOREIGN"};
    snprintf(failed.sentence, sizeof failed.sentence,
             "Stra\xc3\x9f"
             "e cut off: \xc3");
    begin();
    cr_assert_eq(books_decide(books, &failed, 1, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(failed.failure_id, failed.sequence);
    reopen();
    cr_assert_eq(finance_failures(books_finance(books), parked), 1);
    cr_assert_str_eq(parked[0].code, "FEED?FOREIGN");
    cr_assert_str_eq(parked[0].sentence, "Stra??e cut off: ?");
    must((struct decision){.kind = DECISION_SETTLED, .failure_id = failed.failure_id});
    must((struct decision){.kind = DECISION_SETTLED, .failure_id = 999});
    cr_assert_eq(finance_failures(books_finance(books), NULL), 0);
}

Test(books, what_could_not_be_read_again_is_not_stored) {
    static char long_name[TEXT_MAX + 2];
    memset(long_name, 'n', sizeof long_name - 1);
    struct decision scaled = {.kind = DECISION_SCALED, .count = 3};
    scaled.author = (struct text){"\xff\xfe", 2};
    must_not(scaled, "DECISION_MALFORMED");
    scaled.author = (struct text){long_name, TEXT_MAX + 1};
    must_not(scaled, "DECISION_MALFORMED");
    scaled.author = (struct text){long_name, TEXT_MAX};
    must(scaled);
    scaled.count = LEASE_WORKERS_MAX + 1;
    must_not(scaled, "BOOKS_CONTRADICTS");
    must_not((struct decision){.kind = 0}, "BOOKS_CONTRADICTS");
    must_not((struct decision){.kind = 200}, "BOOKS_CONTRADICTS");
    reopen();
    cr_assert_eq(books_scaled(books), 3);
}

struct listed {
    uint64_t count, last, enough;
    uint8_t kind;
};

static bool hear(void *context, uint64_t sequence, const uint8_t *bytes, size_t size) {
    struct listed *listed = context;
    struct arena arena;
    struct decision decision;
    arena_init(&arena, 1 << 16);
    cr_assert_eq(wire_decision_decode(bytes, size, &arena, &decision), RESULT_OK);
    cr_assert_eq(decision.sequence, sequence);
    listed->kind = decision.kind;
    arena_free(&arena);
    listed->last = sequence;
    return ++listed->count != listed->enough;
}

Test(books, decisions_are_listed_as_stored) {
    struct listed listed = {0};
    begin();
    for (uint32_t i = 0; i < 5; i++)
        must((struct decision){.kind = DECISION_SCALED, .count = i});
    cr_assert_eq(books_list(books, 1, hear, &listed, &why), RESULT_OK);
    cr_assert(listed.count == 6 && listed.last == 6 && listed.kind == DECISION_SCALED);
    listed = (struct listed){.enough = 2};
    cr_assert_eq(books_list(books, 3, hear, &listed, &why), RESULT_OK);
    cr_assert(listed.count == 2 && listed.last == 4);
    listed = (struct listed){0};
    cr_assert_eq(books_list(books, 7, hear, &listed, &why), RESULT_OK);
    cr_assert_eq(listed.count, 0);
}

/* A month that is closed, and the payment that was booked on it. */
static struct decision begin_and_pay(void) {
    struct decision payment = {.kind = DECISION_PAYMENT, .month = first, .sp2d = "1/SP2D", .due_day = 46000};
    payment.amount_rupiah[PAYER_CITY_IURAN] = 5000;
    begin();
    must(closing(first, 500));
    must(invoice(first, 500, "{}"));
    must(payment);
    return payment;
}

Test(books, payments_and_ceilings_come_back) {
    struct finance_month out;
    struct decision payment = begin_and_pay();
    must_not(payment, "FINANCE_CONTRADICTS");
    must((struct decision){.kind = DECISION_BUDGET, .year = 2026});
    must((struct decision){
        .kind = DECISION_AUDITED, .month = first, .bytes = (const uint8_t *)"12345678", .size = 8});
    reopen();
    cr_assert(finance_month(books_finance(books), first, 46000, &out));
    cr_assert_eq(out.paid_rupiah[PAYER_CITY_IURAN], 5000);
    cr_assert_eq(out.invoice_sequence, 3);
}

Test(books, reversals_come_back_and_free_the_number) {
    struct finance_month out;
    struct decision payment = begin_and_pay();
    struct decision reversal = {.kind = DECISION_PAYMENT_REVERSED,
                                .month = first,
                                .sp2d = "1/SP2D",
                                .reverses = books_sequence(books),
                                .reason = {"salah bulan \xc3\xa9", 14},
                                .author = {"Sri", 3}};
    must_not(reversal, "FINANCE_CONTRADICTS");
    reversal.amount_rupiah[PAYER_CITY_IURAN] = -5000;
    must(reversal);
    must_not(reversal, "FINANCE_CONTRADICTS");
    reopen();
    cr_assert(finance_month(books_finance(books), first, 46000, &out));
    cr_assert_eq(out.paid_rupiah[PAYER_CITY_IURAN], 0);
    cr_assert_eq(out.last_paid_day, DAY_NONE);
    struct reversal_ask ask = {.month = first, .sp2d = "1/SP2D", .reason = "salah bulan \xc3\xa9"};
    bool repeated = false;
    cr_assert_eq(finance_decide_reversal(books_finance(books), &ask, &reversal, &repeated, &why), RESULT_OK);
    cr_assert(repeated && reversal.author.size == 3, "replayed with its texts");
    must(payment);
}
