/* wire_billing.h - billing's conversations: protobuf <-> plain structures; every limit of
 * proto/billing.proto is checked here.
 *
 * Reports and orders become structures of fixed size; requests and replies of tools stay generated messages
 * behind a validator, as proto/control.proto's do. Decoders read foreign bytes: unknown fields, wrong
 * versions, texts that are not clean and numbers out of range are RESULT_INVALID. What they hand out
 * borrows from the arena.
 */
#ifndef WIRE_WIRE_BILLING_H
#define WIRE_WIRE_BILLING_H

#include "arena.h"
#include "billing.pb-c.h"
#include "cakupan/billing_summary.h"
#include "cakupan/finance.h"
#include "cakupan/partition.h"

#define BILLING_VERSION           1u
#define BILLING_REQUEST_MAX_BYTES (64u << 10)
#define BILLING_REPLY_MAX_BYTES   (8u << 20)
#define WORKER_REPORT_MAX_BYTES   (16u << 20) /* a preview of 24 months by the owner of all partitions */
#define WORKER_ORDERS_MAX_BYTES   (64u << 10)
#define WORKER_NAME_MAX           31
#define BOOKED_PAYMENTS_MAX       1000u /* of a month in a reply: the newest */

struct wire_bytes_view {
    const uint8_t *data;
    size_t size;
};
struct wire_held {
    uint32_t partition;
    uint64_t epoch, position;
    bool ready;
    uint64_t holding;
    uint64_t answer_barrier; /* 0: no answer */
    uint16_t answer_months;
    const struct wire_bytes_view *answer_sums; /* packed */
    uint64_t answer_sequence;
    uint8_t answer_hash[JOURNAL_HASH_SIZE];
    month_t open_month;
    uint64_t tariff_digest; /* of the tariff in force; 0: not ready */
    uint32_t members;
    struct payer_sum projected[PAYER_COUNT], projected_next[PAYER_COUNT];
    const char *code, *sentence; /* "" where all is well */
};
struct wire_worker_report {
    char name[WORKER_NAME_MAX + 1];
    uint64_t sequence;
    uint32_t pid, instance;
    bool leaving;
    uint64_t head, resident_bytes, records;
    uint32_t held_count;
    const struct wire_held *held; /* ascending by partition, each once */
};
struct wire_granted {
    uint32_t partition;
    uint64_t epoch;
    bool answer_taken;
};
struct wire_worker_orders {
    uint16_t refusal;
    const char *code, *sentence;
    uint64_t answers_sequence;
    uint32_t instance, lease_ms, heartbeat_ms, partition_count;
    month_t first_month;
    struct wire_bytes_view first_tariff;
    uint32_t granted_count;
    struct wire_granted granted[LEDGER_PARTITIONS_MAX];
    uint64_t barrier; /* id, 0: none */
    bool run;
    struct partition_order order; /* its tariff is NULL: `order_tariff` has it packed */
    struct wire_bytes_view order_tariff;
    bool stop;
};

/* Encoders return the size; 0 where it does not fit. */
size_t wire_worker_report_encode(const struct wire_worker_report *report, uint8_t *out, size_t capacity);
MUST_USE enum result wire_worker_report_decode(const uint8_t *data, size_t size, struct arena *arena,
                                               struct wire_worker_report *out, struct failure *why);
size_t wire_worker_orders_encode(const struct wire_worker_orders *orders, uint8_t *out, size_t capacity);
MUST_USE enum result wire_worker_orders_decode(const uint8_t *data, size_t size, struct arena *arena,
                                               struct wire_worker_orders *out, struct failure *why);

/* Validated: version, exactly one ask, months and dates that exist, limits, texts clean and at most 120
 * bytes. `*out` lives in the arena. */
MUST_USE enum result wire_billing_request_decode(const uint8_t *data, size_t size, struct arena *arena,
                                                 Cakupan__BillingRequest **out, struct failure *why);
MUST_USE enum result wire_billing_reply_decode(const uint8_t *data, size_t size, struct arena *arena,
                                               Cakupan__BillingReply **out, struct failure *why);

/* YYYYMM <-> month_t; MONTH_NONE and 0 where there is no such month. */
month_t wire_month(uint32_t yyyymm);
uint32_t wire_month_number(month_t month);
/* Into a message; `sums` has room for 2 * PAYER_COUNT. Pointers are into `sums` and `list` (same count). */
void wire_billing_summary_put(const struct billing_summary *summary, Cakupan__BillingSummary *out,
                              Cakupan__PayerSum sums[2 * PAYER_COUNT],
                              Cakupan__PayerSum *list[2 * PAYER_COUNT]);
MUST_USE enum result wire_billing_summary_take(const Cakupan__BillingSummary *message,
                                               struct billing_summary *out, struct failure *why);

#endif
