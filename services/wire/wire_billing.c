/* wire_billing.c - reports of billing's workers and the coordinator's orders (wire_billing.h). */
#include "wire_billing.h"

#include "wire_billing_sums.h"
#include "wire_bytes.h"
#include "wire_message.h"

#include <string.h>

#define TEXT_BYTES_MAX    320u
#define CODE_BYTES_MAX    31u
#define LEASE_MS_MAX      600000u
#define ANSWER_MONTHS_MAX 24u

month_t wire_month(uint32_t yyyymm) {
    return yyyymm > 999999 ? MONTH_NONE : calendar_month(calendar_from_number(yyyymm * 100 + 1));
}

uint32_t wire_month_number(month_t month) {
    return calendar_to_number(calendar_first_day(month)) / 100;
}

/* -- reports ------------------------------------------------------------------------------------------- */

static void put_payer_sum(struct wire_writer *writer, uint32_t field, const struct payer_sum *sum) {
    uint8_t *begun = wire_begin(writer);
    wire_put_number(writer, 1, wire_zigzag(sum->amount_rupiah));
    wire_put_number(writer, 2, sum->people);
    wire_put_number(writer, 3, wire_zigzag(sum->corrections_rupiah));
    wire_end(writer, field, begun);
}

static void put_answer(struct wire_writer *writer, uint32_t field, const struct wire_held *held) {
    uint8_t *begun = wire_begin(writer);
    wire_put_number(writer, 1, held->answer_barrier);
    for (uint16_t index = 0; index < held->answer_months; index++)
        wire_put_entry(writer, 2, held->answer_sums[index].data, held->answer_sums[index].size);
    wire_put_number(writer, 3, held->answer_sequence);
    wire_put_entry(writer, 4, held->answer_hash, JOURNAL_HASH_SIZE);
    wire_end(writer, field, begun);
}

static void put_held(struct wire_writer *writer, uint32_t field, const struct wire_held *held) {
    uint8_t *begun = wire_begin(writer);
    wire_put_number(writer, 1, held->partition);
    wire_put_number(writer, 2, held->epoch);
    wire_put_number(writer, 3, held->position);
    wire_put_number(writer, 4, held->ready);
    wire_put_number(writer, 5, held->holding);
    if (held->answer_barrier)
        put_answer(writer, 6, held);
    wire_put_number(writer, 7, wire_month_number(held->open_month));
    wire_put_number(writer, 8, held->members);
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        put_payer_sum(writer, 9, &held->projected[payer]);
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        put_payer_sum(writer, 10, &held->projected_next[payer]);
    wire_put_string(writer, 11, held->code);
    wire_put_string(writer, 12, held->sentence);
    wire_put_number(writer, 13, held->tariff_digest);
    wire_end(writer, field, begun);
}

size_t wire_worker_report_encode(const struct wire_worker_report *report, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_number(&writer, 1, BILLING_VERSION);
    wire_put_string(&writer, 2, report->name);
    wire_put_number(&writer, 3, report->sequence);
    wire_put_number(&writer, 4, report->pid);
    wire_put_number(&writer, 5, report->leaving);
    for (uint32_t index = 0; index < report->held_count; index++)
        put_held(&writer, 6, &report->held[index]);
    wire_put_number(&writer, 7, report->head);
    wire_put_number(&writer, 8, report->resident_bytes);
    wire_put_number(&writer, 9, report->records);
    wire_put_number(&writer, 10, report->instance);
    return wire_written(&writer, out);
}

static enum result no_report(struct failure *why, const char *problem) {
    return fail(why, RESULT_INVALID, "REPORT_MALFORMED",
                "A worker's report %s; see proto/billing.proto, and use programs of one release.", problem);
}

static bool take_answer(const Cakupan__BarrierAnswer *answer, struct arena *arena, struct wire_held *out) {
    if (answer->barrier == 0 || answer->n_sums > ANSWER_MONTHS_MAX || answer->hash.len != JOURNAL_HASH_SIZE)
        return false;
    struct wire_bytes_view *sums = arena_take(arena, sizeof *sums * answer->n_sums);
    if (!sums)
        return false;
    for (size_t index = 0; index < answer->n_sums; index++) {
        if (answer->sums[index].len == 0 || answer->sums[index].len > LEDGER_SUMS_PACKED_MAX)
            return false;
        sums[index] = (struct wire_bytes_view){answer->sums[index].data, answer->sums[index].len};
    }
    out->answer_barrier = answer->barrier;
    out->answer_months = (uint16_t)answer->n_sums;
    out->answer_sums = sums;
    out->answer_sequence = answer->sequence;
    memcpy(out->answer_hash, answer->hash.data, JOURNAL_HASH_SIZE);
    return true;
}

static bool take_held(const Cakupan__HeldPartition *held, struct arena *arena, struct wire_held *out) {
    *out = (struct wire_held){
        .partition = held->partition,
        .epoch = held->epoch,
        .position = held->position,
        .ready = held->ready,
        .holding = held->holding,
        .open_month = wire_month(held->open_month),
        .tariff_digest = held->tariff_digest,
        .members = held->members,
        .code = held->code,
        .sentence = held->sentence,
    };
    return held->partition < LEDGER_PARTITIONS_MAX && held->epoch > 0 &&
           (held->open_month == 0 || out->open_month != MONTH_NONE) && strlen(held->code) <= CODE_BYTES_MAX &&
           wire_payer_sums_take(held->projected, held->n_projected, out->projected) &&
           wire_payer_sums_take(held->projected_next, held->n_projected_next, out->projected_next) &&
           (!held->answer || take_answer(held->answer, arena, out));
}

/* A name is that of a file in STATE/run, too. */
static bool name_fine(const char *name) {
    size_t size = strlen(name);
    return size > 0 && size <= WORKER_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

enum result wire_worker_report_decode(const uint8_t *data, size_t size, struct arena *arena,
                                      struct wire_worker_report *out, struct failure *why) {
    memset(out, 0, sizeof *out);
    Cakupan__WorkerReport *report = size <= WORKER_REPORT_MAX_BYTES
                                        ? cakupan__worker_report__unpack(&arena->allocator, size, data)
                                        : NULL;
    if (!report)
        return no_report(why, "is no such message");
    if (report->version != BILLING_VERSION)
        return no_report(why, "is of another version");
    if (!wire_message_clean(&report->base, TEXT_BYTES_MAX - 1))
        return no_report(why, "holds unknown fields or unclean texts");
    if (!name_fine(report->name) || report->sequence == 0 || report->instance == 0)
        return no_report(why, "lacks a name, a sequence or an instance");
    if (report->n_held > LEDGER_PARTITIONS_MAX)
        return no_report(why, "names too many partitions");
    struct wire_held *held = arena_take(arena, sizeof *held * report->n_held);
    if (!held)
        return no_report(why, "is too large");
    for (size_t index = 0; index < report->n_held; index++) {
        if (!take_held(report->held[index], arena, &held[index]))
            return no_report(why, "says of a partition what can't be");
        if (index > 0 && held[index].partition <= held[index - 1].partition)
            return no_report(why, "names partitions twice or out of order");
    }
    *out = (struct wire_worker_report){
        .sequence = report->sequence,
        .pid = report->pid,
        .instance = report->instance,
        .leaving = report->leaving,
        .head = report->head,
        .resident_bytes = report->resident_bytes,
        .records = report->records,
        .held_count = (uint32_t)report->n_held,
        .held = held,
    };
    memcpy(out->name, report->name, strlen(report->name) + 1);
    return RESULT_OK;
}

/* -- orders -------------------------------------------------------------------------------------------- */

static void put_granted(struct wire_writer *writer, uint32_t field, const struct wire_granted *granted) {
    uint8_t *begun = wire_begin(writer);
    wire_put_number(writer, 1, granted->partition);
    wire_put_number(writer, 2, granted->epoch);
    wire_put_number(writer, 3, granted->answer_taken);
    wire_end(writer, field, begun);
}

static void put_bytes(struct wire_writer *writer, uint32_t field, struct wire_bytes_view bytes) {
    if (bytes.size > 0)
        wire_put_entry(writer, field, bytes.data, bytes.size);
}

static void put_barrier(struct wire_writer *writer, uint32_t field, const struct wire_worker_orders *orders) {
    uint8_t *begun = wire_begin(writer);
    wire_put_number(writer, 1, orders->barrier);
    wire_put_number(writer, 2, orders->run);
    wire_put_number(writer, 3, orders->order.offset);
    wire_put_number(writer, 4, orders->order.act);
    wire_put_number(writer, 5, wire_month_number(orders->order.month));
    wire_put_number(writer, 6, orders->order.months);
    put_bytes(writer, 7, orders->order_tariff);
    wire_end(writer, field, begun);
}

size_t wire_worker_orders_encode(const struct wire_worker_orders *orders, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_number(&writer, 1, BILLING_VERSION);
    wire_put_number(&writer, 2, orders->refusal);
    wire_put_string(&writer, 3, orders->code);
    wire_put_string(&writer, 4, orders->sentence);
    wire_put_number(&writer, 5, orders->answers_sequence);
    wire_put_number(&writer, 6, orders->instance);
    wire_put_number(&writer, 7, orders->lease_ms);
    wire_put_number(&writer, 8, orders->heartbeat_ms);
    wire_put_number(&writer, 9, orders->partition_count);
    wire_put_number(&writer, 10, wire_month_number(orders->first_month));
    put_bytes(&writer, 11, orders->first_tariff);
    for (uint32_t index = 0; index < orders->granted_count; index++)
        put_granted(&writer, 12, &orders->granted[index]);
    if (orders->barrier)
        put_barrier(&writer, 13, orders);
    wire_put_number(&writer, 14, orders->stop);
    return wire_written(&writer, out);
}

static enum result no_orders(struct failure *why, const char *problem) {
    return fail(why, RESULT_INVALID, "ORDERS_MALFORMED",
                "The coordinator's orders %s; see proto/billing.proto, and use programs of one release.",
                problem);
}

static bool take_view(ProtobufCBinaryData bytes, size_t max, struct wire_bytes_view *out) {
    *out = (struct wire_bytes_view){bytes.data, bytes.len};
    return bytes.len <= max;
}

static bool take_barrier(const Cakupan__BarrierOrder *barrier, struct wire_worker_orders *out) {
    struct partition_order *order = &out->order;
    out->barrier = barrier->id;
    out->run = barrier->run;
    *order = (struct partition_order){.act = (uint8_t)barrier->act,
                                      .offset = barrier->offset,
                                      .month = wire_month(barrier->month),
                                      .months = (uint16_t)barrier->months};
    if (barrier->id == 0 || barrier->act > PARTITION_RETARIFF || barrier->months > ANSWER_MONTHS_MAX ||
        !take_view(barrier->tariff, TARIFF_PACKED_MAX, &out->order_tariff))
        return false;
    if (!barrier->run)
        return true;
    switch (order->act) {
    case PARTITION_PREVIEW:
        return order->month != MONTH_NONE && order->months > 0;
    case PARTITION_CLOSE:
        return order->month != MONTH_NONE;
    case PARTITION_RETARIFF:
        return out->order_tariff.size > 0;
    default:
        return false;
    }
}

static bool take_granted(const Cakupan__WorkerOrders *orders, struct wire_worker_orders *out) {
    uint64_t seen = 0;
    static_assert(LEDGER_PARTITIONS_MAX <= 64, "a bit a partition");
    if (orders->n_granted > orders->partition_count)
        return false;
    for (size_t index = 0; index < orders->n_granted; index++) {
        const Cakupan__GrantedPartition *granted = orders->granted[index];
        if (granted->partition >= orders->partition_count || granted->epoch == 0 ||
            (seen >> granted->partition & 1) != 0)
            return false;
        seen |= UINT64_C(1) << granted->partition;
        out->granted[index] =
            (struct wire_granted){granted->partition, granted->epoch, granted->answer_taken};
    }
    out->granted_count = (uint32_t)orders->n_granted;
    return true;
}

/* Orders that refuse say nothing else. Others must let a worker live: a heartbeat of 0 would be a loop. */
static const char *problem_of(const Cakupan__WorkerOrders *orders, struct wire_worker_orders *out) {
    if (orders->refusal > UINT16_MAX || strlen(orders->code) > CODE_BYTES_MAX)
        return "refuse with an unknown number";
    if (orders->refusal == 0 && (orders->heartbeat_ms == 0 || orders->heartbeat_ms > orders->lease_ms ||
                                 orders->lease_ms > LEASE_MS_MAX))
        return "have times that can't be kept";
    if (orders->partition_count > LEDGER_PARTITIONS_MAX || !take_granted(orders, out))
        return "grant what there is not, or twice";
    out->first_month = wire_month(orders->first_month);
    if (!take_view(orders->first_tariff, TARIFF_PACKED_MAX, &out->first_tariff) ||
        (orders->partition_count > 0 && (out->first_month == MONTH_NONE || out->first_tariff.size == 0)))
        return "lack the first month or its tariff";
    if (orders->barrier && !take_barrier(orders->barrier, out))
        return "hold a barrier that can't be";
    return NULL;
}

enum result wire_worker_orders_decode(const uint8_t *data, size_t size, struct arena *arena,
                                      struct wire_worker_orders *out, struct failure *why) {
    memset(out, 0, sizeof *out);
    Cakupan__WorkerOrders *orders = size <= WORKER_ORDERS_MAX_BYTES
                                        ? cakupan__worker_orders__unpack(&arena->allocator, size, data)
                                        : NULL;
    if (!orders)
        return no_orders(why, "are no such message");
    if (orders->version != BILLING_VERSION)
        return no_orders(why, "are of another version");
    if (!wire_message_clean(&orders->base, TEXT_BYTES_MAX - 1))
        return no_orders(why, "hold unknown fields or unclean texts");
    const char *problem = problem_of(orders, out);
    if (problem)
        return no_orders(why, problem);
    out->refusal = (uint16_t)orders->refusal;
    out->code = orders->code;
    out->sentence = orders->sentence;
    out->answers_sequence = orders->answers_sequence;
    out->instance = orders->instance;
    out->lease_ms = orders->lease_ms;
    out->heartbeat_ms = orders->heartbeat_ms;
    out->partition_count = orders->partition_count;
    out->stop = orders->stop;
    return RESULT_OK;
}
