/* books_state.h - what the books hold in memory; shared by books*.c alone. */
#ifndef BILLING_BOOKS_STATE_H
#define BILLING_BOOKS_STATE_H

#include "books.h"
#include "domain/device_table.h"
#include "store/books_store.h"
#include "wire/wire_decision.h"

struct books {
    struct books_store *store;
    struct finance *finance;
    uint32_t partitions; /* 0: the state has not begun */
    month_t first_month;
    struct tariff first_tariff, tariff; /* as begun; in force */
    struct tariff coming;               /* of a RETARIFF that is not done */
    struct partition_order unfinished;  /* act 0: none */
    int64_t unfinished_time_ms;
    struct books_epoch epochs[LEDGER_PARTITIONS_MAX];
    uint32_t retariffs; /* done since the last invoice */
    uint32_t scaled;
    struct books_rebuilt { /* closes that were made anew; the last one of a partition and month counts */
        uint32_t partition;
        month_t month;
        uint64_t sequence;
        uint8_t hash[JOURNAL_HASH_SIZE];
    } * rebuilt;
    size_t rebuilt_count;
    struct device_table devices;
    uint64_t device_offset;
    day_t followed_day;
    struct failure stuck;   /* code "": the last decisions were stored */
    int64_t stuck_since_ms; /* business time */
    struct arena arena;     /* of the decision that is being read */
    uint8_t *invoice;       /* lent by books_invoice */
    size_t invoice_size;
};

/* books_fold.c: would the decision contradict what is known? Changes nothing. */
MUST_USE enum result books_check(const struct books *books, const struct decision *decision,
                                 struct failure *why);
/* Takes in a decision that was checked. */
void books_apply(struct books *books, const struct decision *decision);
/* BLAKE2b-256 of an invoice's bytes. */
void books_invoice_hash(const uint8_t *bytes, size_t size, uint8_t out[JOURNAL_HASH_SIZE]);

#endif
