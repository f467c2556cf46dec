/* roll_orders.c - what each worker is to have and to do, as one message (WorkerOrders). */
#include "roll_state.h"

#include "runtime/log.h"
#include "runtime/require.h"

/* An epoch that is not stored yet is not shown. */
static void fill_granted(const struct roll *roll, uint32_t number, struct wire_worker_orders *orders) {
    for (uint32_t i = 0; i < orders->partition_count; i++) {
        struct lease_partition is;
        lease_partition(roll->leases, i, &is);
        bool its = is.worker == number && (is.state == LEASE_GRANTED || is.state == LEASE_HELD);
        if (its && books_epoch(roll->books, i).epoch == is.epoch)
            orders->granted[orders->granted_count++] = (struct wire_granted){
                .partition = i, .epoch = is.epoch, .answer_taken = closing_taken(roll->closing, i)};
    }
}

void roll_order(struct roll *roll, const struct roll_member *member) {
    uint8_t first_tariff[TARIFF_PACKED_MAX], order_tariff[TARIFF_PACKED_MAX];
    struct books_begun begun;
    struct wire_worker_orders orders = {.code = "",
                                        .sentence = "",
                                        .answers_sequence = member->sequence,
                                        .instance = member->instance,
                                        .lease_ms = roll->config.lease.lease_ms,
                                        .heartbeat_ms = roll->config.heartbeat_ms,
                                        .stop = member->stop};
    if (books_begun(roll->books, &begun)) {
        orders.partition_count = begun.partitions;
        orders.first_month = begun.first_month;
        orders.first_tariff =
            (struct wire_bytes_view){first_tariff, tariff_pack(begun.first_tariff, first_tariff)};
        fill_granted(roll, member->number, &orders);
        orders.barrier = closing_barrier(roll->closing, &orders.run, &orders.order);
    }
    if (orders.barrier && orders.order.tariff) {
        orders.order_tariff =
            (struct wire_bytes_view){order_tariff, tariff_pack(orders.order.tariff, order_tariff)};
        orders.order.tariff = NULL;
    }
    size_t size = wire_worker_orders_encode(&orders, roll->bytes, sizeof roll->bytes);
    require(size > 0, "orders of 64 partitions and two tariffs fit their bound");
    /* Who can't be reached reports again, or its lease ends. */
    (void)roll->send(roll->context, &member->peer, roll->bytes, size);
}

void roll_order_all(struct roll *roll) {
    for (uint32_t i = 0; i < LEASE_WORKERS_MAX; i++) {
        if (roll->members[i].number != 0)
            roll_order(roll, &roll->members[i]);
    }
}
