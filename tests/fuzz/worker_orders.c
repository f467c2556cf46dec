/* worker_orders.c - fuzzes the orders of billing's coordinator. What is accepted keeps every limit and is
 * written back and read again. */
#include "examples.h"
#include "wire/wire_billing.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static const uint8_t tariff[] = {1, 2, 3};
    struct wire_worker_orders orders = {
        .refusal = seed % 16 == 0 ? 25 : 0,
        .code = "",
        .sentence = "",
        .answers_sequence = seed,
        .instance = seed,
        .lease_ms = 2000,
        .heartbeat_ms = 500,
        .partition_count = 16,
        .first_month = 1524,
        .first_tariff = {tariff, 3},
        .granted_count = 3,
        .granted = {{3, 1, false}, {0, 2 + seed, true}, {15, 9, false}},
        .barrier = seed & 7,
        .run = seed & 8,
        .order = {.act = (uint8_t)(seed % 4), .offset = seed, .month = 1525, .months = seed % 25},
        .order_tariff = {tariff, seed & 3},
        .stop = seed & 32,
    };
    return wire_worker_orders_encode(&orders, out, capacity);
}
FUZZ_EXAMPLES(example)

static bool same_granted(const struct wire_worker_orders *a, const struct wire_worker_orders *b) {
    bool same = a->granted_count == b->granted_count;
    for (uint32_t i = 0; i < a->granted_count && same; i++)
        same = a->granted[i].partition == b->granted[i].partition &&
               a->granted[i].epoch == b->granted[i].epoch &&
               a->granted[i].answer_taken == b->granted[i].answer_taken;
    return same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    static struct wire_worker_orders orders, again;
    static uint8_t written[WORKER_ORDERS_MAX_BYTES];
    struct failure why = {0};
    if (!arena.base)
        arena_init(&arena, 4 << 20);
    arena_reset(&arena);
    if (wire_worker_orders_decode(data, size, &arena, &orders, &why) != RESULT_OK) {
        FUZZ_CHECK(why.code[0] != '\0' && why.sentence[0] != '\0');
        return 0;
    }
    FUZZ_CHECK(orders.partition_count <= LEDGER_PARTITIONS_MAX &&
               orders.granted_count <= orders.partition_count &&
               (orders.refusal || (orders.heartbeat_ms > 0 && orders.heartbeat_ms <= orders.lease_ms)));
    size_t written_size = wire_worker_orders_encode(&orders, written, sizeof written);
    FUZZ_CHECK(written_size > 0 &&
               wire_worker_orders_decode(written, written_size, &arena, &again, &why) == RESULT_OK);
    FUZZ_CHECK(again.barrier == orders.barrier && again.run == orders.run && same_granted(&again, &orders) &&
               again.order.offset == orders.order.offset && again.order.act == orders.order.act &&
               again.order.month == orders.order.month && again.order.months == orders.order.months &&
               again.order_tariff.size == orders.order_tariff.size && again.stop == orders.stop);
    return 0;
}
