/* wire_billing.c - tests of what billing's workers and coordinator say to each other, as bytes: round trips,
 * every limit, foreign bytes. */
#include "wire/wire_billing.h"

#include "mutate.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static uint8_t buffer[1 << 20];
static struct failure why;

static void setup(void) {
    arena_init(&arena, 64 << 20);
}
static void teardown(void) {
    arena_free(&arena);
}
TestSuite(wire_billing, .init = setup, .fini = teardown);

static const uint8_t packed[] = {1, 2, 3, 4, 5};
static const struct wire_bytes_view sums[] = {{packed, 5}, {packed, 1}, {packed + 1, 3}};

static struct wire_held held_one(uint32_t partition) {
    struct wire_held held = {
        .partition = partition,
        .epoch = 7 + partition,
        .position = UINT64_C(1) << 40,
        .ready = true,
        .holding = 3,
        .answer_barrier = 3,
        .answer_months = 3,
        .answer_sums = sums,
        .answer_sequence = 12,
        .open_month = calendar_month(calendar_day(2026, 12, 1)),
        .tariff_digest = UINT64_MAX,
        .members = 121000,
        .code = "FENCED",
        .sentence = "A later epoch has taken over.",
    };
    memset(held.answer_hash, 0xab, sizeof held.answer_hash);
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        held.projected[payer] = (struct payer_sum){37800 * payer, payer, -(int64_t)payer};
        held.projected_next[payer] = (struct payer_sum){-5, UINT32_MAX, 14499588600};
    }
    return held;
}

static struct wire_worker_report report_of(const struct wire_held *held, uint32_t count) {
    return (struct wire_worker_report){
        .name = "billing-worker-3",
        .sequence = 9,
        .pid = 4711,
        .instance = 0xdeadbeef,
        .leaving = true,
        .head = 1000000,
        .resident_bytes = UINT64_C(140) << 20,
        .records = 77,
        .held_count = count,
        .held = held,
    };
}

/* Decodes a copy of exactly that size: reading past the end must show. */
static enum result decode_report(const uint8_t *data, size_t size, struct wire_worker_report *out) {
    uint8_t *exact = malloc(size + 1);
    memcpy(exact, data, size);
    arena_reset(&arena);
    enum result result = wire_worker_report_decode(exact, size, &arena, out, &why);
    free(exact);
    return result;
}

static enum result decode_orders(const uint8_t *data, size_t size, struct wire_worker_orders *out) {
    uint8_t *exact = malloc(size + 1);
    memcpy(exact, data, size);
    arena_reset(&arena);
    enum result result = wire_worker_orders_decode(exact, size, &arena, out, &why);
    free(exact);
    return result;
}

static void same_held(const struct wire_held *a, const struct wire_held *b) {
    cr_assert(a->partition == b->partition && a->epoch == b->epoch && a->position == b->position &&
              a->ready == b->ready && a->holding == b->holding && a->open_month == b->open_month &&
              a->tariff_digest == b->tariff_digest && a->members == b->members);
    cr_assert(a->answer_barrier == b->answer_barrier && a->answer_months == b->answer_months &&
              a->answer_sequence == b->answer_sequence);
    cr_assert_arr_eq(a->answer_hash, b->answer_hash, JOURNAL_HASH_SIZE);
    for (uint16_t month = 0; month < a->answer_months; month++) {
        cr_assert_eq(a->answer_sums[month].size, b->answer_sums[month].size);
        cr_assert_arr_eq(a->answer_sums[month].data, b->answer_sums[month].data, b->answer_sums[month].size);
    }
    cr_assert_arr_eq(a->projected, b->projected, sizeof a->projected);
    cr_assert_arr_eq(a->projected_next, b->projected_next, sizeof a->projected_next);
    cr_assert_str_eq(a->code, b->code);
    cr_assert_str_eq(a->sentence, b->sentence);
}

Test(wire_billing, a_report_comes_back_as_it_was) {
    struct wire_held held[] = {held_one(0), held_one(5), held_one(63)};
    held[1].answer_barrier = 0;
    held[1].answer_months = 0;
    held[1].open_month = MONTH_NONE;
    held[1].code = held[1].sentence = "";
    memset(held[1].answer_hash, 0, sizeof held[1].answer_hash);
    held[1].answer_sequence = 0;
    struct wire_worker_report report = report_of(held, 3), out;
    size_t size = wire_worker_report_encode(&report, buffer, sizeof buffer);
    cr_assert_gt(size, 0);
    cr_assert_eq(decode_report(buffer, size, &out), RESULT_OK, "%s", why.sentence);
    cr_assert_str_eq(out.name, report.name);
    cr_assert(out.sequence == 9 && out.pid == 4711 && out.instance == 0xdeadbeef && out.leaving &&
              out.head == 1000000 && out.resident_bytes == report.resident_bytes && out.records == 77);
    cr_assert_eq(out.held_count, 3);
    held[1].answer_sequence = 0;
    for (uint32_t index = 0; index < 3; index++)
        same_held(&out.held[index], &held[index]);
}

Test(wire_billing, a_report_at_rest_is_small) {
    struct wire_held held[16];
    for (uint32_t index = 0; index < 16; index++) {
        held[index] = held_one(index);
        held[index].answer_barrier = held[index].answer_months = 0;
        held[index].code = held[index].sentence = "";
    }
    struct wire_worker_report report = report_of(held, 16);
    size_t size = wire_worker_report_encode(&report, buffer, sizeof buffer);
    cr_assert(size > 0 && size < 8192, "%zu bytes every heartbeat", size);
}

Test(wire_billing, what_does_not_fit_is_not_half_written) {
    struct wire_held held[] = {held_one(1), held_one(2)};
    struct wire_worker_report report = report_of(held, 2);
    size_t size = wire_worker_report_encode(&report, buffer, sizeof buffer);
    for (size_t less = 0; less < size; less++) {
        uint8_t *exact = malloc(less + 1);
        cr_assert_eq(wire_worker_report_encode(&report, exact, less), 0);
        free(exact);
    }
    struct wire_worker_orders orders = {
        .instance = 1, .lease_ms = 2000, .heartbeat_ms = 500, .partition_count = 16};
    size = wire_worker_orders_encode(&orders, buffer, sizeof buffer);
    cr_assert_gt(size, 0);
    for (size_t less = 0; less < size; less++)
        cr_assert_eq(wire_worker_orders_encode(&orders, buffer, less), 0);
}

static void report_refused(const struct wire_worker_report *report, const char *about) {
    struct wire_worker_report out;
    size_t size = wire_worker_report_encode(report, buffer, sizeof buffer);
    cr_assert_gt(size, 0);
    cr_assert_eq(decode_report(buffer, size, &out), RESULT_INVALID, "%s was taken", about);
    cr_assert_str_eq(why.code, "REPORT_MALFORMED");
}

Test(wire_billing, reports_that_cannot_be_are_refused) {
    struct wire_held held[] = {held_one(1), held_one(2)};
    struct wire_worker_report good = report_of(held, 2), bad = good, out;
    cr_assert_eq(decode_report((const uint8_t *)"", 0, &out), RESULT_INVALID, "an empty frame is no report");
    memcpy(bad.name, "../x", 5);
    report_refused(&bad, "a name that is a path");
    memcpy(bad.name, "", 1);
    report_refused(&bad, "no name");
    bad = good, bad.sequence = 0;
    report_refused(&bad, "no sequence");
    bad = good, bad.instance = 0;
    report_refused(&bad, "no instance");
    held[1].partition = 1;
    report_refused(&good, "a partition twice");
    held[1].partition = 0;
    report_refused(&good, "partitions out of order");
    held[1].partition = LEDGER_PARTITIONS_MAX;
    report_refused(&good, "a partition that there is not");
    held[1] = held_one(2), held[1].epoch = 0;
    report_refused(&good, "epoch 0");
    held[1] = held_one(2), held[1].projected[1].amount_rupiah = INT64_MAX;
    report_refused(&good, "an amount that would overflow a sum");
    held[1] = held_one(2), held[1].projected_next[1].people = UINT64_MAX;
    report_refused(&good, "more people than members");
    held[1] = held_one(2), held[1].code = "A_CODE_OF_MORE_THAN_THIRTY_ONE_BYTES";
    report_refused(&good, "a long code");
    held[1] = held_one(2), held[1].sentence = "line\nbreak";
    report_refused(&good, "an unclean sentence");
    struct wire_bytes_view many[25];
    for (unsigned index = 0; index < 25; index++)
        many[index] = sums[0];
    held[1] = held_one(2), held[1].answer_sums = many, held[1].answer_months = 25;
    report_refused(&good, "more months than a preview has");
    held[1].answer_months = 24;
    size_t size = wire_worker_report_encode(&good, buffer, sizeof buffer);
    cr_assert_eq(decode_report(buffer, size, &out), RESULT_OK);
    cr_assert_eq(out.held[1].answer_months, 24);
}

static struct wire_worker_orders good_orders(void) {
    struct wire_worker_orders orders = {
        .code = "",
        .sentence = "",
        .answers_sequence = 41,
        .instance = 5,
        .lease_ms = 2000,
        .heartbeat_ms = 500,
        .partition_count = 16,
        .first_month = calendar_month(calendar_day(2026, 11, 1)),
        .first_tariff = {packed, sizeof packed},
        .granted_count = 2,
        .granted = {{3, 9, true}, {0, 8, false}},
        .barrier = 6,
        .run = true,
        .order = {.act = PARTITION_PREVIEW,
                  .offset = UINT64_C(1) << 33,
                  .month = calendar_month(calendar_day(2027, 1, 1)),
                  .months = 24},
        .order_tariff = {packed, 2},
        .stop = true,
    };
    return orders;
}

Test(wire_billing, orders_come_back_as_they_were) {
    struct wire_worker_orders orders = good_orders(), out;
    size_t size = wire_worker_orders_encode(&orders, buffer, sizeof buffer);
    cr_assert_eq(decode_orders(buffer, size, &out), RESULT_OK, "%s", why.sentence);
    cr_assert(out.answers_sequence == 41 && out.instance == 5 && out.lease_ms == 2000 &&
              out.heartbeat_ms == 500 && out.partition_count == 16 && out.first_month == orders.first_month &&
              out.granted_count == 2 && out.barrier == 6 && out.run && out.stop && out.refusal == 0);
    cr_assert(out.granted[0].partition == 3 && out.granted[0].epoch == 9 && out.granted[0].answer_taken);
    cr_assert(out.granted[1].partition == 0 && out.granted[1].epoch == 8 && !out.granted[1].answer_taken);
    cr_assert(out.order.act == PARTITION_PREVIEW && out.order.offset == orders.order.offset &&
              out.order.month == orders.order.month && out.order.months == 24 && !out.order.tariff);
    cr_assert(out.first_tariff.size == 5 && memcmp(out.first_tariff.data, packed, 5) == 0);
    cr_assert(out.order_tariff.size == 2 && memcmp(out.order_tariff.data, packed, 2) == 0);
}

Test(wire_billing, orders_of_a_state_that_has_not_begun_and_refusals_are_orders) {
    struct wire_worker_orders orders = {.lease_ms = 2000, .heartbeat_ms = 500, .instance = 1}, out;
    size_t size = wire_worker_orders_encode(&orders, buffer, sizeof buffer);
    cr_assert_eq(decode_orders(buffer, size, &out), RESULT_OK, "%s", why.sentence);
    cr_assert(out.partition_count == 0 && out.barrier == 0 && out.granted_count == 0);
    orders = (struct wire_worker_orders){.refusal = 25, .code = "WORKER_NAME", .sentence = "Not wanted."};
    size = wire_worker_orders_encode(&orders, buffer, sizeof buffer);
    cr_assert_eq(decode_orders(buffer, size, &out), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(out.refusal, 25);
    cr_assert_str_eq(out.code, "WORKER_NAME");
    cr_assert_str_eq(out.sentence, "Not wanted.");
}

static void orders_refused(const struct wire_worker_orders *orders, const char *about) {
    struct wire_worker_orders out;
    size_t size = wire_worker_orders_encode(orders, buffer, sizeof buffer);
    cr_assert_gt(size, 0);
    cr_assert_eq(decode_orders(buffer, size, &out), RESULT_INVALID, "%s was taken", about);
    cr_assert_str_eq(why.code, "ORDERS_MALFORMED");
}

Test(wire_billing, orders_that_cannot_be_are_refused) {
    struct wire_worker_orders bad = good_orders(), out;
    cr_assert_eq(decode_orders((const uint8_t *)"", 0, &out), RESULT_INVALID);
    bad.heartbeat_ms = 0;
    orders_refused(&bad, "a heartbeat without pause");
    bad = good_orders(), bad.lease_ms = 499;
    orders_refused(&bad, "a lease shorter than the heartbeat");
    bad = good_orders(), bad.partition_count = LEDGER_PARTITIONS_MAX + 1;
    orders_refused(&bad, "too many partitions");
    bad = good_orders(), bad.granted[1].partition = 3;
    orders_refused(&bad, "a partition granted twice");
    bad = good_orders(), bad.granted[1].partition = 16;
    orders_refused(&bad, "a partition that there is not");
    bad = good_orders(), bad.granted[0].epoch = 0;
    orders_refused(&bad, "epoch 0");
    bad = good_orders(), bad.first_month = MONTH_NONE;
    orders_refused(&bad, "no first month");
    bad = good_orders(), bad.first_tariff.size = 0;
    orders_refused(&bad, "no tariff");
    bad = good_orders(), bad.order.act = 4;
    orders_refused(&bad, "an unknown act");
    bad = good_orders(), bad.order.months = 25;
    orders_refused(&bad, "too many months");
    bad = good_orders(), bad.order.month = MONTH_NONE;
    orders_refused(&bad, "a preview of no month");
    bad = good_orders(), bad.order = (struct partition_order){.act = PARTITION_RETARIFF};
    bad.order_tariff.size = 0;
    orders_refused(&bad, "a change of tariff without one");
    bad = good_orders(), bad.run = false, bad.order = (struct partition_order){0};
    size_t size = wire_worker_orders_encode(&bad, buffer, sizeof buffer);
    cr_assert_eq(decode_orders(buffer, size, &out), RESULT_OK, "to hold needs no act");
}

Test(wire_billing, unknown_fields_are_refused_also_within) {
    struct wire_held held = held_one(1);
    struct wire_worker_report report = report_of(&held, 1), out;
    size_t size = wire_worker_report_encode(&report, buffer, sizeof buffer);
    memcpy(buffer + size, "\xf8\x07\x01", 3); /* field 127 */
    cr_assert_eq(decode_report(buffer, size + 3, &out), RESULT_INVALID);
    memcpy(buffer + size, "\x32\x06\x08\x02\x10\x01\xf8\x07",
           8); /* a second partition, cut within field 127 */
    cr_assert_eq(decode_report(buffer, size + 8, &out), RESULT_INVALID);
    memcpy(buffer + size, "\x32\x07\x08\x02\x10\x01\xf8\x07\x01", 9); /* the same, whole */
    cr_assert_eq(decode_report(buffer, size + 9, &out), RESULT_INVALID);
    memcpy(buffer + size, "\x32\x04\x08\x02\x10\x01", 6); /* and without it */
    cr_assert_eq(decode_report(buffer, size + 6, &out), RESULT_OK, "%s", why.sentence);
}

Test(wire_billing, damaged_bytes_never_crash_and_never_break_a_limit) {
    struct wire_held held[] = {held_one(0), held_one(5)};
    struct wire_worker_report report = report_of(held, 2), out;
    struct wire_worker_orders orders = good_orders(), orders_out;
    static uint8_t damaged[16384];
    uint64_t seed = 4;
    uint32_t taken = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        size_t size = round % 2 ? wire_worker_report_encode(&report, damaged, 8192)
                                : wire_worker_orders_encode(&orders, damaged, 8192);
        size = mutate(damaged, size, sizeof damaged, &seed);
        if (round % 2 && decode_report(damaged, size, &out) == RESULT_OK) {
            taken++;
            cr_assert_leq(out.held_count, LEDGER_PARTITIONS_MAX);
            for (uint32_t index = 0; index < out.held_count; index++)
                cr_assert_lt(out.held[index].partition, LEDGER_PARTITIONS_MAX);
        }
        if (round % 2 == 0 && decode_orders(damaged, size, &orders_out) == RESULT_OK) {
            taken++;
            cr_assert_leq(orders_out.granted_count, orders_out.partition_count);
            cr_assert_leq(orders_out.partition_count, LEDGER_PARTITIONS_MAX);
        }
    }
    cr_assert_gt(taken, 100, "damage that nothing survives tests nothing");
}

Test(wire_billing, months_are_numbers_of_six_digits) {
    month_t december = calendar_month(calendar_day(2026, 12, 31));
    cr_assert_eq(wire_month_number(december), 202612);
    cr_assert_eq(wire_month(202612), december);
    cr_assert_eq(wire_month_number(MONTH_NONE), 0);
    const uint32_t none[] = {0, 202600, 202613, 1, 189912, 208001, 20261201, UINT32_MAX};
    for (size_t index = 0; index < sizeof none / sizeof *none; index++)
        cr_assert_eq(wire_month(none[index]), MONTH_NONE, "%u is no month", none[index]);
    for (month_t month = 1; calendar_first_day(month) != DAY_NONE; month++)
        cr_assert_eq(wire_month(wire_month_number(month)), month);
}
