/* inquiry_internal.h - what the files inquiry*.c share: one request on its way to its reply, and those that
 * wait for a barrier. */
#ifndef BILLING_INQUIRY_INTERNAL_H
#define BILLING_INQUIRY_INTERNAL_H

#include "inquiry.h"

/* Somebody who waits for a barrier: a preview, a budget, a close, a change of tariff. */
struct inquiry_waiting {
    uint64_t number; /* 0: free */
    uint64_t request_id;
    int ask; /* Cakupan__BillingRequest__AskCase */
    struct inquiry_peer peer;
    day_t today;
    month_t month; /* of the close; of the first forecast */
    uint16_t year; /* of a budget */
    uint32_t layoffs;
    bool what_if;
    struct tariff tariff; /* of what if */
};

/* The part of a partition's journal read last: a roster travels in pieces. */
struct inquiry_frozen {
    month_t month;
    uint32_t partition;
    bool roster, masked;
    uint8_t *bytes; /* NULL: none */
    size_t size;
};

struct inquiry {
    struct inquiry_config config;
    struct books *books;
    struct roll *roll;
    struct closing *closing;
    inquiry_send *send;
    void *context;
    struct arena arena; /* of the request and its reply */
    uint64_t numbers;   /* of those who have waited */
    struct inquiry_waiting waiting[CLOSING_WAITING_MAX];
    struct inquiry_frozen frozen;
};

struct inquiry_call {
    struct inquiry *inquiry;
    const struct inquiry_peer *peer;
    const struct asker *asker;
    const struct inquiry_time *time;
    const Cakupan__BillingRequest *request;
    Cakupan__BillingReply reply;
    bool later; /* the answer comes with a barrier's */
    bool stop;  /* what failed leaves the books' fate unknown */
    struct failure *why;
};
/* Handlers fill `call->reply`. Another result than RESULT_OK is told to the asker by `call->why`. */
typedef enum result inquiry_handler(struct inquiry_call *call);

/* inquiry.c: zeroed memory until the reply is sent. */
void *inquiry_take(struct inquiry *inquiry, size_t size);
void inquiry_reply(struct inquiry *inquiry, const struct inquiry_peer *peer, Cakupan__BillingReply *reply);
void inquiry_refuse(Cakupan__BillingReply *reply, const struct failure *why);
/* A decision by whom asks: completed with time, device and author, then stored. AUTHOR_MISSING. */
MUST_USE enum result inquiry_decide(struct inquiry_call *call, struct decision *decision);
MUST_USE enum result inquiry_begun(struct inquiry_call *call, struct books_begun *out);
/* RESULT_INVALID where the month is before the state's first one. */
MUST_USE enum result inquiry_in_state(struct inquiry_call *call, month_t month);

inquiry_handler inquiry_status, inquiry_summary;                                   /* inquiry_status.c */
inquiry_handler inquiry_invoice, inquiry_pay, inquiry_reverse, inquiry_budget_set; /* inquiry_money.c */
inquiry_handler inquiry_preview, inquiry_close, inquiry_budget, inquiry_retariff;  /* inquiry_barrier.c */
inquiry_handler inquiry_frozen;                                                    /* inquiry_frozen.c */

/* inquiry_money.c: what is owed and paid for a closed month. */
Cakupan__MonthReply *inquiry_month(struct inquiry *inquiry, month_t month, day_t today, bool repeated);
Cakupan__BudgetReply *inquiry_budget_reply(struct inquiry *inquiry, const struct budget *budget,
                                           uint64_t as_of_offset);

#endif
