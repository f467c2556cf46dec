/* wire_decision.c - tests of decisions as bytes: round trips of every kind, the bytes themselves, damage. */
#include "wire/wire_decision.h"

#include "billing.pb-c.h"
#include "mutate.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static uint8_t buffer[1 << 16];

static void setup(void) {
    arena_init(&arena, 16 << 20);
}
static void teardown(void) {
    arena_free(&arena);
}
TestSuite(wire_decision, .init = setup, .fini = teardown);

static struct device device = {.id = 4,
                               .role = ROLE_FINANCE,
                               .area = 3671,
                               .revoked = true,
                               .next_sequence = 1,
                               .public_key = {1, 2, 3},
                               .name = "BPKD, lantai 2"};

static struct decision full(void) {
    struct decision decision = {
        .sequence = UINT64_MAX,
        .kind = DECISION_INVOICE,
        .time_ms = -5,
        .day = 46000,
        .device = UINT32_MAX,
        .author = {"Rina \xc3\xa9", 7},
        .month = 1524,
        .offset = UINT64_C(1) << 50,
        .partition = 63,
        .count = 64,
        .epoch = 99,
        .worker = 101,
        .local = true,
        .amount_rupiah = {0, 1, -2, INT64_MAX, INT64_MIN, 5, 0},
        .due_day = 46010,
        .sp2d = "00123/SP2D/2027",
        .year = 2027,
        .invoice_hash = {9, 8, 7},
        .bytes = (const uint8_t *)"\x00\x01\xff",
        .size = 3,
        .failure_id = 12,
        .code = "BILL_FAILURE_PARKED",
        .sentence = "Partition 3 could not be closed.",
        .new_device = &device,
        .entry = 17,
        .reverses = UINT64_MAX - 1,
        .reason = {"salah bulan", 11},
    };
    return decision;
}

static void same(const struct decision *a, const struct decision *b) {
    cr_assert(a->sequence == b->sequence && a->kind == b->kind && a->time_ms == b->time_ms &&
              a->day == b->day && a->device == b->device && a->month == b->month && a->offset == b->offset &&
              a->partition == b->partition && a->count == b->count && a->epoch == b->epoch &&
              a->worker == b->worker && a->local == b->local && a->due_day == b->due_day &&
              a->year == b->year && a->failure_id == b->failure_id && a->entry == b->entry &&
              a->size == b->size && a->author.size == b->author.size && a->reverses == b->reverses &&
              a->reason.size == b->reason.size);
    cr_assert(a->reason.size == 0 || memcmp(a->reason.data, b->reason.data, a->reason.size) == 0);
    cr_assert(a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
    cr_assert(a->author.size == 0 || memcmp(a->author.data, b->author.data, a->author.size) == 0);
    cr_assert_arr_eq(a->amount_rupiah, b->amount_rupiah, sizeof a->amount_rupiah);
    cr_assert_arr_eq(a->invoice_hash, b->invoice_hash, JOURNAL_HASH_SIZE);
    cr_assert_str_eq(a->sp2d, b->sp2d);
    cr_assert_str_eq(a->code, b->code);
    cr_assert_str_eq(a->sentence, b->sentence);
    cr_assert_eq(!a->new_device, !b->new_device);
    if (a->new_device) {
        cr_assert(a->new_device->id == b->new_device->id && a->new_device->role == b->new_device->role &&
                  a->new_device->area == b->new_device->area &&
                  a->new_device->revoked == b->new_device->revoked);
        cr_assert_str_eq(a->new_device->name, b->new_device->name);
        cr_assert_arr_eq(a->new_device->public_key, b->new_device->public_key, DEVICE_KEY_SIZE);
    }
}

static enum result decode(const uint8_t *data, size_t size, struct decision *out) {
    static uint8_t *exact; /* the decision borrows from it */
    free(exact);
    exact = malloc(size + 1);
    memcpy(exact, data, size);
    arena_reset(&arena);
    return wire_decision_decode(exact, size, &arena, out);
}

Test(wire_decision, comes_back_as_it_was) {
    struct decision cases[DECISION_COUNT + 1] = {0}, out;
    for (unsigned kind = 1; kind < DECISION_COUNT; kind++)
        cases[kind] = (struct decision){.sequence = kind, .kind = (uint8_t)kind};
    cases[0] = full();
    cases[DECISION_COUNT] = full();
    cases[DECISION_COUNT].new_device = NULL;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        size_t size = wire_decision_encode(&cases[index], buffer, sizeof buffer);
        cr_assert_gt(size, 0);
        cr_assert_eq(decode(buffer, size, &out), RESULT_OK, "case %zu", index);
        same(&out, &cases[index]);
        for (size_t less = 0; less < size; less++)
            cr_assert_eq(wire_decision_encode(&cases[index], buffer, less), 0);
    }
}

/* What is chained must be what any protobuf reader reads, and the same from any writer. */
Test(wire_decision, is_the_message_of_the_contract) {
    struct decision decision = full();
    size_t size = wire_decision_encode(&decision, buffer, sizeof buffer);
    Cakupan__Decision *judge = cakupan__decision__unpack(NULL, size, buffer);
    cr_assert_not_null(judge);
    cr_assert_eq(judge->base.n_unknown_fields, 0);
    cr_assert(judge->sequence == UINT64_MAX && judge->kind == DECISION_INVOICE && judge->time_ms == -5 &&
              judge->epoch == 99 && judge->n_amount_rupiah == PAYER_COUNT &&
              judge->amount_rupiah[4] == INT64_MIN && judge->bytes.len == 3 && judge->new_device_id == 4);
    static uint8_t again[1 << 16];
    cr_assert_eq(cakupan__decision__pack(judge, again), size);
    cr_assert_arr_eq(again, buffer, size);
    cakupan__decision__free_unpacked(judge, NULL);
}

Test(wire_decision, what_cannot_be_is_corrupt) {
    struct decision decision = full(), out;
    cr_assert_eq(decode((const uint8_t *)"", 0, &out), RESULT_CORRUPT);
    decision.kind = DECISION_COUNT;
    cr_assert_eq(decode(buffer, wire_decision_encode(&decision, buffer, sizeof buffer), &out),
                 RESULT_CORRUPT);
    decision = full(), decision.reason = (struct text){"a\nb", 3};
    cr_assert_eq(decode(buffer, wire_decision_encode(&decision, buffer, sizeof buffer), &out),
                 RESULT_CORRUPT);
    decision = full(), decision.author = (struct text){"a\nb", 3};
    cr_assert_eq(decode(buffer, wire_decision_encode(&decision, buffer, sizeof buffer), &out),
                 RESULT_CORRUPT);
    struct device nobody = device;
    nobody.role = ROLE_NONE;
    decision = full(), decision.new_device = &nobody;
    cr_assert_eq(decode(buffer, wire_decision_encode(&decision, buffer, sizeof buffer), &out),
                 RESULT_CORRUPT);
    nobody = device, nobody.id = 0;
    cr_assert_eq(decode(buffer, wire_decision_encode(&decision, buffer, sizeof buffer), &out),
                 RESULT_CORRUPT);
    decision = full();
    size_t size = wire_decision_encode(&decision, buffer, sizeof buffer);
    for (size_t cut = 0; cut < size; cut++) /* what was cut at a field's end lacks it, but is read */
        cr_assert(decode(buffer, cut, &out) == RESULT_CORRUPT || out.new_device == NULL ||
                  out.new_device->name[0] == 0 || out.entry == 0 || out.reason.size == 0);
    memcpy(buffer + size, "\xf8\x03\x01", 3); /* field 63 */
    cr_assert_eq(decode(buffer, size + 3, &out), RESULT_CORRUPT);
    memcpy(buffer + size, "\x10\x04", 2); /* the kind again */
    cr_assert_eq(decode(buffer, size + 2, &out), RESULT_CORRUPT);
}

Test(wire_decision, damaged_bytes_never_crash_and_are_read_the_same_again) {
    struct decision decision = full(), out, again;
    static uint8_t damaged[4096], written[8192];
    uint64_t seed = 3;
    uint32_t taken = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        size_t size = wire_decision_encode(&decision, damaged, sizeof damaged);
        size = mutate(damaged, size, sizeof damaged, &seed);
        if (decode(damaged, size, &out) != RESULT_OK)
            continue;
        taken++;
        size_t written_size = wire_decision_encode(&out, written, sizeof written);
        cr_assert_gt(written_size, 0);
        cr_assert_eq(wire_decision_decode(written, written_size, &arena, &again), RESULT_OK);
        same(&again, &out);
    }
    cr_assert_gt(taken, 100, "damage that nothing survives tests nothing");
}
