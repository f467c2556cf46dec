/* portfolio_owner.c - the loop of a worker, with arrays for sockets (portfolio_owner.h). */
#include "portfolio_owner.h"

#include <assert.h>
#include <string.h>

void owner_begin(struct owner *owner, const char *state, const struct region_table *regions,
                 const struct tariff *first_tariff, uint32_t partitions, month_t first_month,
                 const struct owner_feed *feed) {
    struct portfolio_config config = {.state = state, .regions = regions};
    *owner = (struct owner){.portfolio = portfolio_new(&config), .feed = feed, .now_ms = 1000};
    owner->orders.partition_count = partitions;
    owner->orders.first_month = first_month;
    owner->orders.first_tariff =
        (struct wire_bytes_view){owner->first_tariff, tariff_pack(first_tariff, owner->first_tariff)};
}

void owner_end(struct owner *owner) {
    portfolio_destroy(&owner->portfolio);
}

void owner_take_back(struct owner *owner, uint32_t partition) {
    struct wire_worker_orders *orders = &owner->orders;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < orders->granted_count; i++)
        if (orders->granted[i].partition != partition)
            orders->granted[kept++] = orders->granted[i];
    orders->granted_count = kept;
}

void owner_grant(struct owner *owner, uint32_t partition, uint64_t epoch) {
    struct wire_worker_orders *orders = &owner->orders;
    owner_take_back(owner, partition);
    uint32_t at = orders->granted_count++;
    for (; at > 0 && orders->granted[at - 1].partition > partition; at--)
        orders->granted[at] = orders->granted[at - 1];
    orders->granted[at] = (struct wire_granted){.partition = partition, .epoch = epoch};
}

void owner_barrier(struct owner *owner, uint64_t id, bool run, const struct partition_order *order) {
    owner->orders.barrier = id;
    owner->orders.run = run;
    owner->orders.order = order ? *order : (struct partition_order){0};
    owner->orders.order.tariff = NULL;
    if (order && order->tariff)
        owner->orders.order_tariff =
            (struct wire_bytes_view){owner->order_tariff, tariff_pack(order->tariff, owner->order_tariff)};
    for (uint32_t i = 0; i < owner->orders.granted_count; i++)
        owner->orders.granted[i].answer_taken = false;
}

static void follow(struct owner *owner) {
    uint32_t wanted[LEDGER_PARTITIONS_MAX];
    owner->next = portfolio_next(owner->portfolio);
    uint32_t count = portfolio_wanted(owner->portfolio, wanted, &owner->partition_count);
    memset(owner->wanted, 0, sizeof owner->wanted);
    for (uint32_t i = 0; i < count; i++)
        owner->wanted[wanted[i]] = true;
    if (count == 0)
        owner->next = 0;
}

static void deliver(struct owner *owner, uint64_t most) {
    static const struct batch_header batch;
    struct failure why = {0};
    uint64_t until = portfolio_until(owner->portfolio);
    uint64_t end = until < owner->feed->head ? until : owner->feed->head;
    assert(until == UINT64_MAX || until + 1 >= owner->next);
    for (uint64_t i = 0; i < most && owner->next <= end; i++, owner->next++) {
        const struct record *record = &owner->feed->records[owner->next - 1];
        if (!owner->wanted[record_partition(record->member_id, owner->partition_count)])
            continue;
        enum result result = portfolio_record(owner->portfolio, &batch, record, &why);
        assert(result == RESULT_OK);
        (void)result;
    }
}

void owner_turn(struct owner *owner, uint64_t records) {
    bool refollow;
    if (owner->next)
        deliver(owner, records);
    portfolio_work(owner->portfolio, owner->next ? owner->next - 1 : 0, owner->now_ms, owner->now_ms);
    portfolio_obey(owner->portfolio, &owner->orders, owner->now_ms, owner->now_ms, &owner->more, &refollow);
    if (refollow)
        follow(owner);
}

void owner_rest(struct owner *owner) {
    for (int turns = 0; turns < 1000; turns++) {
        uint64_t next = owner->next;
        owner_turn(owner, UINT64_MAX);
        bool fed = owner->next == 0 || owner->next > owner->feed->head ||
                   owner->next > portfolio_until(owner->portfolio);
        if (fed && owner->next == next && !owner->more && portfolio_wake_ms(owner->portfolio) > owner->now_ms)
            return;
        owner->now_ms += 10;
    }
    assert(!"an owner comes to rest");
}

const struct wire_held *owner_held(struct owner *owner, uint32_t partition) {
    uint32_t count;
    const struct wire_held *held = portfolio_report(owner->portfolio, &count);
    for (uint32_t i = 0; i < count; i++)
        if (held[i].partition == partition)
            return &held[i];
    return NULL;
}
