/* billing_summary.h - what billing tells the live totals: projected bill, arrears, how far it is. Plain
 * values. */
#ifndef CAKUPAN_BILLING_SUMMARY_H
#define CAKUPAN_BILLING_SUMMARY_H

#include "cakupan/calendar.h"
#include "cakupan/tariff.h"

struct payer_sum {
    int64_t amount_rupiah;
    uint64_t people;
    int64_t corrections_rupiah;
};

struct billing_summary {
    uint64_t offset; /* every partition has counted at least up to it: read coverage's beside it */
    uint64_t head;   /* of the feed, as billing has heard */
    bool complete;   /* every partition has an owner that is ready */
    month_t open_month;
    /* What the open month and the one after cost as things stand; a layoff shows in the second at once. */
    struct payer_sum open[PAYER_COUNT], next[PAYER_COUNT];
    int64_t arrears_rupiah;
    uint32_t arrears_months;
    month_t invoiced_month; /* the last one closed; MONTH_NONE: none */
    day_t due_day;          /* of its invoice */
    int64_t owed_rupiah;    /* of it by the city, not paid yet */
    uint32_t failures;      /* parked */
    uint32_t workers, partitions_ready, partitions;
    uint64_t lag_records;
    uint32_t lag_ms; /* age of the oldest record not counted; 0 at the head */
};

/* Both budget lines of the city with their corrections: what the invoice would come to. */
int64_t billing_city_rupiah(const struct payer_sum sums[PAYER_COUNT]);

/* The summary as somebody else heard it last. All zero: never. */
struct billing_heard {
    bool known;
    bool running;     /* it was heard within the last seconds */
    int64_t as_of_ms; /* when it was heard last, at the time when something in here changed last */
    struct billing_summary summary;
};
/* Whether both tell the same; when it was heard is not part of it. */
bool billing_heard_same(const struct billing_heard *a, const struct billing_heard *b);

#endif
