/* decision.h - what the coordinator of billing decides: the lines of its journal, STATE/billing/books.db.
 *
 * The coordinator is a fold over these, as enrollment is over its records: closes, invoices, payments,
 * budgets, tariffs, epochs, parked failures. Numbers are stored: only add. Texts are borrowed. On disk and on
 * the wire a decision is the message Decision of proto/billing.proto (services/wire/wire_decision.h); the
 * store chains the bytes.
 */
#ifndef CAKUPAN_DECISION_H
#define CAKUPAN_DECISION_H

#include "cakupan/device.h"
#include "cakupan/event.h"
#include "cakupan/journal.h"
#include "cakupan/tariff.h"

#define SP2D_MAX 40

enum decision_kind {
    DECISION_BEGUN = 1,      /* the state: partitions, first month, first tariff                       */
    DECISION_EPOCH = 2,      /* a partition was granted                                                */
    DECISION_CLOSING = 3,    /* intent: month at offset S                                              */
    DECISION_INVOICE = 4,    /* frozen: the close of `month` is done                                   */
    DECISION_RETARIFF = 5,   /* intent: another tariff, at offset S                                    */
    DECISION_RETARIFFED = 6, /* all partitions are under it                                           */
    DECISION_PAYMENT = 7,
    DECISION_BUDGET = 8,
    DECISION_FAILED = 9,    /* something failed and waits for a person; `failure_id` names it         */
    DECISION_SETTLED = 10,  /* a failure is over: `failure_id`                                        */
    DECISION_DEVICE = 11,   /* a device as enrollment's journal has it, at `offset`                   */
    DECISION_AUDITED = 12,  /* a self-audit's counts, for the minutes                                 */
    DECISION_SCALED = 13,   /* `count` workers; 0: automatic                                          */
    DECISION_FOLLOWED = 14, /* enrollment's journal was read for devices up to `offset`, on `day`      */
    DECISION_REBUILT = 15,  /* `partition` was counted anew: its close of `month` is another entry now   */
    DECISION_PAYMENT_REVERSED = 16, /* a payment was booked wrongly: it counts no more                  */
    DECISION_COUNT
};

struct decision {
    uint64_t sequence; /* 1, 2, 3 ...; given by the store */
    uint8_t kind;      /* enum decision_kind */
    int64_t time_ms;   /* business time */
    day_t day;
    uint32_t device;    /* who asked, 0: the operator on this machine, or the coordinator itself */
    struct text author; /* a name, as given; EPOCH: the worker's */

    month_t month;      /* CLOSING, INVOICE, PAYMENT, PAYMENT_REVERSED, AUDITED; BEGUN: the first one */
    uint64_t offset;    /* CLOSING, INVOICE, RETARIFF: S; DEVICE, BEGUN: of the record */
    uint32_t partition; /* EPOCH */
    uint32_t count;     /* BEGUN: partitions; SCALED: workers */
    uint64_t epoch;     /* EPOCH */
    uint32_t worker;    /* EPOCH */
    bool local;         /* EPOCH: a worker that the coordinator started */

    int64_t amount_rupiah[PAYER_COUNT];      /* INVOICE: by payer; PAYMENT, BUDGET: by the city's two lines;
                                              PAYMENT_REVERSED: the payment's, below zero */
    day_t due_day;                           /* INVOICE; PAYMENT: day paid */
    char sp2d[SP2D_MAX + 1];                 /* PAYMENT, PAYMENT_REVERSED: letters, digits, ./- */
    uint16_t year;                           /* BUDGET */
    uint8_t invoice_hash[JOURNAL_HASH_SIZE]; /* INVOICE: BLAKE2b-256 of the bytes; REBUILT: the entry's */
    uint64_t entry;                          /* REBUILT: number of the entry in the partition's journal */

    const uint8_t *bytes; /* BEGUN, RETARIFF: tariff_pack; INVOICE: the frozen bytes; AUDITED: counts by
                           enum finding, little-endian 8 bytes each */
    size_t size;
    uint64_t reverses;  /* PAYMENT_REVERSED: the payment's decision */
    struct text reason; /* PAYMENT_REVERSED */
    uint64_t failure_id;
    char code[32]; /* FAILED */
    char sentence[320];
    const struct device *new_device; /* DEVICE */
};

const char *decision_name(unsigned kind); /* "CLOSING"; NULL for a number outside the enum */

#endif
